"""Any environment of gymnasium with discrete actions and a flat observation, by its id.

What fits: an action space ``Discrete(k)`` and an observation space ``Box`` of shape (d,). Whatever
does not fit, or is not there, is answered in one sentence by :func:`look_up`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from playground.environments.vector import Quantity, WorldError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from playground.environments.vector import World

PRESETS: Final = ("CartPole-v1", "Acrobot-v1", "MountainCar-v0")
DEFAULT_TIME_LIMIT: Final = 1000
"""For environments that name none: an episode has to end."""
MAX_ACTIONS: Final = 256
MAX_NUMBERS: Final = 4096

# A colon would import the module before it, from wherever the id was read.
_ID = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?")
_KNOWN: Final[dict[str, tuple[tuple[Quantity, ...], tuple[str, ...]]]] = {
    "CartPole": (
        (
            Quantity("cart position", "m", -2.4, 2.4),
            Quantity("cart velocity", "m/s", -3.0, 3.0),
            Quantity("pole angle", "rad", -0.21, 0.21),
            Quantity("pole velocity", "rad/s", -3.0, 3.0),
        ),
        ("push left", "push right"),
    ),
    "Acrobot": (
        (
            Quantity("cos θ₁"),
            Quantity("sin θ₁"),
            Quantity("cos θ₂"),
            Quantity("sin θ₂"),
            Quantity("velocity of θ₁", "rad/s", -12.6, 12.6),
            Quantity("velocity of θ₂", "rad/s", -28.3, 28.3),
        ),
        ("torque −1", "no torque", "torque +1"),
    ),
    "MountainCar": (
        (Quantity("position", "", -1.2, 0.6), Quantity("velocity", "", -0.07, 0.07)),
        ("push left", "nothing", "push right"),
    ),
}


@dataclass(frozen=True, slots=True)
class DiscreteOptions:
    """An environment of gymnasium; make one with :func:`look_up`, which checks that it fits.

    Parameters
    ----------
    environment_id
        Such as ``"CartPole-v1"``.
    quantities, action_names
        What the observation and the actions are.
    time_limit
        Steps after which an episode is cut off.
    """

    environment_id: str
    quantities: tuple[Quantity, ...] = field(repr=False)
    action_names: tuple[str, ...] = field(repr=False)
    time_limit: int

    def make(self) -> World:
        """Return a new world; raise :class:`WorldError` where this is not possible."""
        return DiscreteWorld(_make(self.environment_id), self.environment_id)


def look_up(environment_id: str) -> DiscreteOptions:
    """Return the options of an environment by its id.

    Raises
    ------
    WorldError
        When there is no such environment, a library of it is missing, or its spaces do not fit;
        the sentence says which.
    """
    import gymnasium

    environment = _make(environment_id)
    try:
        size, actions = _check_spaces(environment, environment_id)
        box = environment.observation_space
    finally:
        environment.close()
    limit = gymnasium.spec(environment_id).max_episode_steps
    known = _KNOWN.get(environment_id.partition("-")[0])
    if known is not None and (len(known[0]), len(known[1])) == (size, actions):
        quantities, names = known
    else:
        quantities = tuple(_quantity(index, box) for index in range(size))
        names = tuple(f"action {index}" for index in range(actions))
    return DiscreteOptions(environment_id, quantities, names, limit or DEFAULT_TIME_LIMIT)


class DiscreteWorld:
    """One environment of gymnasium; see :class:`playground.environments.vector.World`."""

    def __init__(self, environment: Any, environment_id: str) -> None:
        self._environment = environment
        self._id = environment_id
        # Gymnasium's own spaces may number the actions from elsewhere than 0.
        self._first = int(environment.action_space.start)
        self._cut_off = False

    def start(self, seed: int) -> NDArray[Any]:
        """Begin the episode of a seed."""
        observation, _ = self._environment.reset(seed=seed)
        return np.asarray(observation, dtype=np.float32)

    def move(self, action: int) -> tuple[NDArray[Any], float, bool]:
        """Do one step; an inner time limit counts as an end, since the outer one is shorter."""
        observation, reward, terminated, truncated, _ = self._environment.step(action + self._first)
        self._cut_off = bool(truncated) and not terminated
        return np.asarray(observation, dtype=np.float32), float(reward), terminated or truncated

    @property
    def end(self) -> str:
        """How the episode ended: fell, arrived, cut off or ended."""
        if self._cut_off:
            return "cut off"
        name = self._id.partition("-")[0]
        return {"CartPole": "fell", "Acrobot": "arrived", "MountainCar": "arrived"}.get(
            name, "ended"
        )

    def frame(self) -> Sequence[float]:
        """Return nothing: these worlds are drawn from their observations."""
        return ()

    def scene(self, frames: Sequence[Sequence[float]]) -> None:  # noqa: ARG002 - the protocol's
        """Return None: these worlds are drawn from their observations."""
        return


def _make(environment_id: str) -> Any:
    import gymnasium
    from gymnasium import error as errors

    if not _ID.fullmatch(environment_id):
        raise WorldError(
            f"“{environment_id[:60]}” is no id of an environment; "
            "ids look like CartPole-v1 or namespace/Name-v0."
        )
    try:
        # Without the wrapper for time: the vector has a limit of its own.
        return gymnasium.make(environment_id, max_episode_steps=-1, disable_env_checker=True)
    except errors.UnregisteredEnv:
        raise WorldError(
            f"gymnasium knows no environment “{environment_id}”; there are for example "
            f"{', '.join(PRESETS)}."
        ) from None
    except errors.DeprecatedEnv as error:
        raise WorldError(f"“{environment_id}” is out of date: {_first_line(error)}") from None
    except (errors.DependencyNotInstalled, ImportError) as error:
        raise WorldError(
            f"“{environment_id}” needs a library that is not installed: {_first_line(error)}"
        ) from error
    except Exception as error:  # what a stranger's environment may raise is not known
        raise WorldError(f"“{environment_id}” cannot be made: {_first_line(error)}") from error


def _check_spaces(environment: Any, environment_id: str) -> tuple[int, int]:
    """Return the sizes of observation and action; raise a sentence where they do not fit."""
    from gymnasium.spaces import Box, Discrete

    actions, numbers = environment.action_space, environment.observation_space
    if not isinstance(actions, Discrete):
        raise WorldError(
            f"The actions of “{environment_id}” are {_words(actions)}; "
            "these agents need a choice among single actions (Discrete)."
        )
    if not isinstance(numbers, Box) or len(numbers.shape) != 1:
        raise WorldError(
            f"The observation of “{environment_id}” is {_words(numbers)}; "
            "these agents need a flat row of numbers (Box of one dimension)."
        )
    size, count = int(numbers.shape[0]), int(actions.n)
    if not (1 <= size <= MAX_NUMBERS and 2 <= count <= MAX_ACTIONS):
        raise WorldError(
            f"“{environment_id}” has {size} numbers and {count} actions; "
            f"at most {MAX_NUMBERS} numbers and 2…{MAX_ACTIONS} actions are allowed."
        )
    return size, count


def _words(space: Any) -> str:
    shape = getattr(space, "shape", None)
    return type(space).__name__ + (f" of shape {tuple(shape)}" if shape else "")


def _quantity(index: int, box: Any) -> Quantity:
    low, high = float(box.low[index]), float(box.high[index])
    usual = math.isfinite(low) and math.isfinite(high) and high - low < 1e6
    return Quantity(f"number {index}", "", *((low, high) if usual else (-1.0, 1.0)))


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
