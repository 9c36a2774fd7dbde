"""``playground/HeadlightCar-v0``: the headlight car as an environment of gymnasium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete

from playground.environments.headlight_car import (
    ACTION_NAMES,
    CarRewardWeights,
    HeadlightCarOptions,
)
from playground.environments.headlight_car_light import RAYS
from playground.environments.headlight_car_presets import preset
from playground.environments.vector import MAX_EPISODE_SEED, WorldError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from playground.environments.headlight_car_light import LightKind
    from playground.environments.headlight_maps import HeadlightMap


class HeadlightCarEnv(gymnasium.Env["NDArray[np.float32]", np.int64]):
    """A car finds a gas station among obstacles by what falls into its headlights.

    ## Description
    A car drives at constant speed over a square field of 100 × 100 units with round obstacles and
    a gas station. It neither knows the map nor where it is: all it has is its headlights. Twenty
    rays fan out over the 180° before it, each cut into ten cells of 3 units. A cell is +1 where the
    ray meets the station, −1 where it meets an obstacle, a wall or the outside of the field, else
    0. Obstacles cast a shadow: on each ray all cells behind the first −1 are −1 as well.

    ## Action Space
    The action has shape `()` in `{0, 1, 2}`:

    - 0: turn left by 20° and drive on
    - 1: drive straight on
    - 2: turn right by 20° and drive on

    Every action drives the car 2 units forward, after turning.

    ## Observation Space
    A `Box(-1, 1, (20,), float32)`: for each ray the sum of its ten cells, divided by 10.

    | Num | Observation           | Min | Max | Unit            |
    |-----|-----------------------|-----|-----|-----------------|
    | 0   | ray 90° to the left   | -1  | 1   | cells / 10      |
    | ... | every 9.47°           | -1  | 1   | cells / 10      |
    | 19  | ray 90° to the right  | -1  | 1   | cells / 10      |

    With `light="rectangle"` the numbers are the columns of a grid of 20 × 10 cells of 2 × 2 units
    before the car, from left to right. With `light="sensors"` they are 20 distances d over 180° up
    to D = 30 units, as 1 − d/D for the station and −(1 − d/D) for anything else, 0 for nothing.

    ## Rewards
    - +1 for the step that reaches the station
    - −1 for the step that crashes or leaves the field
    - +0.02 for every 2 units by which the station has come nearer, −0.02 for as much farther

    `rewards` sets these weights and others (`sight`, `turn`, `time`), see
    `playground.environments.headlight_car.CarRewardWeights`.

    ## Starting State
    A new map in every episode: the station, of radius 5, anywhere in 10…90 on both axes; the car in
    20…80, more than 35 units from the station, with any heading; 8 obstacles of radius 3…6, at
    least 12 units from the car and 11 units from the middle of the station. With `map`, the field
    is always the same, and so is the start where the map has one.

    ## Episode Termination
    The episode terminates when

    1. the middle of the car is within the radius of the station (`info["end"] == "station"`),
    2. it is less than 1 unit from an obstacle or a wall (`"crash"`),
    3. it is outside the field (`"left the field"`).

    It is truncated after 400 steps by the wrapper that `gymnasium.make` adds.

    ## Information
    `reset` and `step` return the `distance` to the middle of the station; the last step also the
    `end` in words.

    ## Arguments
    ```python
    >>> import gymnasium as gym
    >>> import playground.environments
    >>> env = gym.make("playground/HeadlightCar-v0", light="fan", shadow=True, map=None,
    ...                obstacles=8, speed=2.0, turn=20.0, rewards=None)
    ```

    - `light`: `"fan"`, `"rectangle"` or `"sensors"`.
    - `shadow`: whether obstacles stop the light.
    - `map`: a `HeadlightMap`, the name of a preset (`"slalom"`, `"maze"` …), or `None` for a new
      random map in every episode.
    - `obstacles`: how many a random map has, 0…20.
    - `speed`: units per step, 0.5…3.
    - `turn`: degrees per step, 1…90.
    - `rewards`: `CarRewardWeights` or a dictionary of some of its fields.
    - `render_mode`: `None` or `"rgb_array"`, a picture of 500 × 500 pixels.

    A seed given to `reset` is the seed of the episode: with the same arguments and actions the
    vectorised environment of this package runs through the same states.

    ## Version History
    - v0: Initial version
    """

    # Declared as gymnasium declares it, which is not as a class variable.
    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012

    def __init__(
        self,
        render_mode: str | None = None,
        *,
        light: LightKind = "fan",
        shadow: bool = True,
        map: HeadlightMap | str | None = None,
        obstacles: int = 8,
        speed: float = 2.0,
        turn: float = 20.0,
        rewards: CarRewardWeights | Mapping[str, float] | None = None,
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise WorldError(f"The render mode must be None or “rgb_array”, not “{render_mode}”.")
        self.render_mode = render_mode
        self.options = HeadlightCarOptions(
            light=light,
            shadow=shadow,
            map=preset(map) if isinstance(map, str) else map,
            obstacles=obstacles,
            speed=speed,
            turn=turn,
            rewards=_weights(rewards),
        )
        self.action_space = Discrete(len(ACTION_NAMES))
        self.observation_space = Box(-1.0, 1.0, (RAYS,), np.float32)
        self._world = self.options.make()
        self._frames: list[Sequence[float]] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin the episode of a seed, or one of a fresh seed; `options` are not used."""
        super().reset(seed=seed, options=options)
        episode = int(self.np_random.integers(MAX_EPISODE_SEED)) if seed is None else seed
        observation = self._world.start(episode)
        self._frames = [self._world.frame()]
        return observation, {"distance": self._world.distance}

    def step(
        self, action: np.int64
    ) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Turn and drive on; return observation, reward, terminated, truncated and information."""
        if not self.action_space.contains(action):
            raise WorldError(f"The action must be 0…{len(ACTION_NAMES) - 1}, not {action!r}.")
        if not self._frames:
            raise WorldError("The environment must be reset before its first step.")
        observation, reward, over = self._world.move(int(action))
        self._frames.append(self._world.frame())
        information: dict[str, Any] = {"distance": self._world.distance}
        if over:
            information["end"] = self._world.end
        return observation, reward, over, False, information

    def render(self) -> NDArray[np.uint8] | None:
        """Return (500, 500, 3) uint8: the field, or None without a render mode."""
        if self.render_mode is None:
            gymnasium.logger.warn("render() needs render_mode='rgb_array' given to make().")
            return None
        if not self._frames:
            raise WorldError("The environment must be reset before it is painted.")
        from playground.environments.headlight_car_picture import picture

        return picture(self._world.scene(self._frames))


def _weights(rewards: CarRewardWeights | Mapping[str, float] | None) -> CarRewardWeights:
    if isinstance(rewards, CarRewardWeights):
        return rewards
    try:
        return CarRewardWeights(**(rewards or {}))
    except TypeError:
        names = ", ".join(CarRewardWeights.__dataclass_fields__)
        raise WorldError(f"The reward is made of {names}, each a number.") from None
