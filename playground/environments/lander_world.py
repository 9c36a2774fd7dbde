"""The world of Lunar Lander without what learning does not need.

gymnasium's own class, of which the reset is used as it is. The step is written anew: no wrappers,
no assertions, no particles, no NumPy scalars, and two plain draws of the generator instead of two
calls of its `uniform`. Every number of it is the same to the last bit: a test flies both side by
side.

Source: gymnasium, envs/box2d/lunar_lander.py (O. Klimov).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.envs.box2d.lunar_lander import (
    FPS,
    LEG_DOWN,
    MAIN_ENGINE_Y_LOCATION,
    SCALE,
    SIDE_ENGINE_AWAY,
    SIDE_ENGINE_HEIGHT,
    VIEWPORT_H,
    VIEWPORT_W,
    LunarLander,
)

from playground.environments.lander import LanderScene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.environments.lander import LanderOptions

HALF_WIDTH = VIEWPORT_W / SCALE / 2
HALF_HEIGHT = VIEWPORT_H / SCALE / 2
# Kept apart from SIDE_ENGINE_HEIGHT as in the original: the torque depends on the angle there.
SIDE_ENGINE_DROP = 17 / SCALE


class LanderWorld(LunarLander):
    """One lander above one moon; see :class:`playground.environments.vector.World`."""

    def __init__(self, options: LanderOptions) -> None:
        super().__init__(
            gravity=options.gravity,
            enable_wind=options.wind,
            wind_power=options.wind_power,
            turbulence_power=options.turbulence_power,
        )
        self.options = options
        self._weights = options.rewards
        self._fired = (0.0, 0.0)
        self._wind = 0.0
        self._body: Any = None
        self._last_shaping = 0.0

    def start(self, seed: int) -> Sequence[float]:
        """Begin the episode of a seed; return the eight numbers after gymnasium's first step."""
        super().reset(seed=seed)
        self._uniform = self.np_random.random
        self._body = self.lander
        self._fired, self._wind = (0.0, 0.0), 0.0
        state = self._observe()
        self._last_shaping = self._shaping(state)
        return state

    def move(self, action: int) -> tuple[Sequence[float], float, bool]:
        """Do one step of 1/50 s; return observation, reward and whether the episode is over."""
        lander = self._body
        if self.enable_wind:
            self._blow(lander)
        # uniform(−1, 1) is −1 + 2·random() to the last bit, at a tenth of the cost.
        spread_along = (-1.0 + 2.0 * self._uniform()) / SCALE
        spread_across = (-1.0 + 2.0 * self._uniform()) / SCALE
        weights = self._weights
        main = side = 0.0
        if action == 2:
            main = 1.0
            self._fire_main(lander, spread_along, spread_across)
        elif action != 0:
            side = 1.0
            self._fire_side(lander, action - 2, spread_along, spread_across)
        self._fired = (main, side * (action - 2))
        self.world.Step(1.0 / FPS, 6 * 30, 2 * 30)

        state = self._observe()
        shaping = self._shaping(state)
        reward = shaping - self._last_shaping
        self._last_shaping = shaping
        reward -= main * weights.main_fuel
        reward -= side * weights.side_fuel
        if not lander.awake:
            return state, weights.landing, True
        if self.game_over or abs(state[0]) >= 1.0:
            return state, weights.crash, True
        return state, reward, False

    @property
    def end(self) -> str:
        """How the episode ended: landed, crashed or flew off."""
        if not self._body.awake:
            return "landed"
        return "crashed" if self.game_over else "flew off"

    def frame(self) -> Sequence[float]:
        """Return the numbers of :class:`playground.environments.lander.LanderScene`."""
        row: list[float] = []
        for body in (self._body, *self.legs):
            row += [body.position.x, body.position.y, body.angle]
        row += [float(leg.ground_contact) for leg in self.legs]
        return [*row, *self._fired, self._wind]

    def scene(self, frames: Sequence[Sequence[float]]) -> LanderScene:
        """Return the scene of the present moon and these frames."""
        surface = [corners[0] for corners in self.sky_polys] + [self.sky_polys[-1][1]]
        terrain = np.array(surface, dtype=np.float32)
        rows = np.array(frames, dtype=np.float32)
        terrain.setflags(write=False)
        rows.setflags(write=False)
        return LanderScene(terrain, (self.helipad_x1, self.helipad_x2, self.helipad_y), rows)

    def _observe(self) -> list[float]:
        lander = self._body
        x, y = lander.position
        vx, vy = lander.linearVelocity
        left, right = self.legs
        return [
            (x - HALF_WIDTH) / HALF_WIDTH,
            (y - (self.helipad_y + LEG_DOWN / SCALE)) / HALF_HEIGHT,
            vx * HALF_WIDTH / FPS,
            vy * HALF_HEIGHT / FPS,
            lander.angle,
            20.0 * lander.angularVelocity / FPS,
            1.0 if left.ground_contact else 0.0,
            1.0 if right.ground_contact else 0.0,
        ]

    def _shaping(self, state: Sequence[float]) -> float:
        x, y, vx, vy, angle, _, left, right = state
        weights = self._weights
        return (
            -weights.distance * math.sqrt(x * x + y * y)
            - weights.speed * math.sqrt(vx * vx + vy * vy)
            - weights.angle * abs(angle)
            + weights.leg * left
            + weights.leg * right
        )

    def _blow(self, lander: Any) -> None:
        self._wind = 0.0
        if self.legs[0].ground_contact or self.legs[1].ground_contact:
            return
        self._wind = _gust(int(self.wind_idx)) * self.wind_power
        self.wind_idx += 1
        lander.ApplyForceToCenter((self._wind, 0.0), True)
        lander.ApplyTorque(_gust(int(self.torque_idx)) * self.turbulence_power, True)
        self.torque_idx += 1

    def _fire_main(self, lander: Any, spread_along: float, spread_across: float) -> None:
        sin, cos = math.sin(lander.angle), math.cos(lander.angle)
        lever = MAIN_ENGINE_Y_LOCATION / SCALE + 2 * spread_along
        across, down = sin * lever + -cos * spread_across, -cos * lever - sin * spread_across
        power = self.options.main_engine_power
        x, y = lander.position
        lander.ApplyLinearImpulse((-across * power, -down * power), (x + across, y + down), True)

    def _fire_side(
        self, lander: Any, direction: int, spread_along: float, spread_across: float
    ) -> None:
        sin, cos = math.sin(lander.angle), math.cos(lander.angle)
        lever = 3 * spread_across + direction * SIDE_ENGINE_AWAY / SCALE
        across, down = sin * spread_along + -cos * lever, -cos * spread_along - sin * lever
        power = self.options.side_engine_power
        x, y = lander.position
        place = (
            x + across - sin * SIDE_ENGINE_DROP,
            y + down + cos * SIDE_ENGINE_HEIGHT / SCALE,
        )
        lander.ApplyLinearImpulse((-across * power, -down * power), place, True)


def _gust(index: int) -> float:
    """Return the wind at an index in −1…1: never periodic, smooth from step to step."""
    return math.tanh(math.sin(0.02 * index) + math.sin(math.pi * 0.01 * index))
