"""A scene of the lander from observations alone, where the flight itself was not recorded.

Position and tilt follow from the observation exactly, and the ground, which the agent does not see,
from the seed of the episode; the legs are drawn as they hang in flight.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from playground.environments.episodes import record_episode
from playground.environments.lander import FRAME_WIDTH, WORLD_SIZE, LanderScene
from playground.environments.vector import WorldError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.environments.lander import LanderOptions

PAD = (8.0, 12.0, WORLD_SIZE[1] / 4.0)
LEG_DROP = 18.0 / 30.0
LEG_PLACE = (0.69, -0.52)
LEG_ANGLE = 0.4
LEVEL = np.array([[2.0 * k, PAD[2]] for k in range(11)], dtype=np.float32)
LEVEL.setflags(write=False)


@lru_cache(maxsize=256)
def ground_of(options: LanderOptions, seed: int) -> NDArray[np.float32]:
    """Return (11, 2) the surface of the moon of an episode; level where no world can be made."""
    try:
        scene = record_episode(options, seed).scene
    except WorldError:
        return LEVEL
    return scene.terrain if isinstance(scene, LanderScene) else LEVEL


def sketch_scene(
    observations: NDArray[np.floating], action: int, ground: NDArray[np.float32] = LEVEL
) -> LanderScene:
    """Return the scene of (n, 8) observations; ``action`` fires on the way to the later ones."""
    frames = np.zeros((len(observations), FRAME_WIDTH), dtype=np.float32)
    for row, (x, y, _, _, angle, _, left, right) in enumerate(observations.tolist()):
        body = (
            0.5 * WORLD_SIZE[0] * (1.0 + x),
            PAD[2] + LEG_DROP + 0.5 * WORLD_SIZE[1] * y,
            angle,
        )
        frames[row, :3] = body
        cos, sin = np.cos(angle), np.sin(angle)
        for leg, side in enumerate((-1.0, 1.0)):
            dx, dy = side * LEG_PLACE[0], LEG_PLACE[1]
            frames[row, 3 + 3 * leg : 6 + 3 * leg] = (
                body[0] + cos * dx - sin * dy,
                body[1] + sin * dx + cos * dy,
                angle + side * LEG_ANGLE,
            )
        frames[row, 9:11] = (left, right)
        if row and action:
            frames[row, 11] = float(action == 2)
            frames[row, 12] = 0.0 if action == 2 else float(action - 2)
    return LanderScene(ground, PAD, frames)
