"""Worlds for agents: stepped many at once, recorded as scenes, flown again from seed and actions.

Importing this package registers what it adds to gymnasium.
"""

from __future__ import annotations

import gymnasium

# The id again in full: its home would bring the whole car along.
gymnasium.register(
    id="playground/HeadlightCar-v0",
    entry_point="playground.environments.headlight_car_env:HeadlightCarEnv",
    max_episode_steps=400,
)
