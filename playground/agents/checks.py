"""Checks of hyper-parameters; each of them answers a bad value in one sentence."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from playground.agents.base import AgentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.environments.vector import VectorEnvironment

Bounds = tuple[float, float]
SHARE: Bounds = (0.0, 1.0)
RATE: Bounds = (0.0, 10.0)
COUNT: Bounds = (1, 10_000_000)
POSITIVE: Bounds = (1e-12, 1e12)


def check_numbers(config: Any, bounds: Mapping[str, Bounds]) -> None:
    """Raise :class:`AgentError` where a field of a config lies outside its bounds.

    Parameters
    ----------
    config
        A dataclass.
    bounds
        Name of the field → smallest and largest value, both allowed. Fields that are None or are
        not named are not looked at.
    """
    for item in fields(config):
        value = getattr(config, item.name)
        if item.name not in bounds or value is None:
            continue
        low, high = bounds[item.name]
        if not (math.isfinite(value) and low <= value <= high):
            raise AgentError(
                f"“{item.name.replace('_', ' ')}” must lie in {low:g}…{high:g}, "
                f"but it is {value:g}."
            )


def one_world(env: VectorEnvironment, algorithm: str) -> None:
    """Raise :class:`AgentError` unless the environment is a single world."""
    if env.count != 1:
        raise AgentError(f"{algorithm} learns from one world at a time, not from {env.count}.")
