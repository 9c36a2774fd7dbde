"""The worlds of an agent's script: those of gymnasium, or the car of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from playground.experiments.agents_world_spec import WorldSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

_LANDER_REWARD: Final = (
    "distance",
    "speed",
    "angle",
    "leg",
    "main_fuel",
    "side_fuel",
    "crash",
    "landing",
)
_CAR_REWARD: Final = ("station", "crash", "approach", "retreat", "sight", "turn", "time")
_USUAL: Final = WorldSpec()
ONE_LINE: Final = 78


def world_imports(spec: WorldSpec) -> tuple[list[str], list[str]]:
    """Return the lines ``import …`` and ``from … import …`` that a world needs beside gymnasium."""
    if spec.kind == "headlight-car":
        named = ["from playground.environments.headlight_maps import HeadlightMap"]
        own = spec.car_map == "own"
        return ["import playground.environments  # adds the car to gymnasium"], named if own else []
    if spec.kind == "lunar-lander" and _engines(spec):
        return [], ["from gymnasium.envs.box2d import lunar_lander"]
    return [], []


def world_part(spec: WorldSpec) -> str:
    """Return the function that makes a world."""
    if spec.kind == "lunar-lander":
        return _lander(spec)
    if spec.kind == "headlight-car":
        return _car(spec)
    return _made(spec.environment_id, _time_limit(spec.environment_id), {})


def _made(name: str, limit: int, options: Mapping[str, Any], wrapper: str = "") -> str:
    lines = [f'"{name}"', f"max_episode_steps={limit}", "disable_env_checker=True"]
    lines += [f"{key}={value}" for key, value in options.items()]
    made = f"gym.make({', '.join(lines)})"
    if len(made) > ONE_LINE:
        made = "gym.make(\n        " + ",\n        ".join(lines) + ",\n    )"
    returned = f"{wrapper}({made})" if wrapper else made
    return f"\n\ndef make_world():\n    return {returned}\n"


def _time_limit(name: str) -> int:
    """Return the time limit that the run has; 1,000 where the world has none or is not there."""
    from playground.environments.discrete import DEFAULT_TIME_LIMIT, look_up
    from playground.environments.vector import WorldError

    try:
        return look_up(name).time_limit
    except WorldError:
        return DEFAULT_TIME_LIMIT


def _engines(spec: WorldSpec) -> dict[str, float]:
    """Return the powers of the engines that differ from gymnasium's, by its constants."""
    powers = {"MAIN_ENGINE_POWER": "main_engine_power", "SIDE_ENGINE_POWER": "side_engine_power"}
    return {
        constant: getattr(spec, name)
        for constant, name in powers.items()
        if getattr(spec, name) != getattr(_USUAL, name)
    }


def _lander(spec: WorldSpec) -> str:
    options: dict[str, Any] = {}
    if spec.gravity != _USUAL.gravity:
        options["gravity"] = repr(spec.gravity)
    if spec.wind:
        options |= {
            "enable_wind": True,
            "wind_power": repr(spec.wind_power),
            "turbulence_power": repr(spec.turbulence_power),
        }
    engines = "".join(
        f"\nlunar_lander.{name} = {power!r}" for name, power in _engines(spec).items()
    )
    weights = {name: getattr(spec, f"reward_{name}") for name in _LANDER_REWARD}
    usual = all(getattr(_USUAL, f"reward_{name}") == weight for name, weight in weights.items())
    reward = "" if usual else _REWARDED.format(**{k: repr(v) for k, v in weights.items()})
    made = _made("LunarLander-v3", spec.time_limit, options, "" if usual else "Rewarded")
    return f"{engines}{reward}{made}"


_REWARDED: Final = '''

def shaping(obs):
    x, y, vx, vy, angle, _, left, right = obs.tolist()
    return (
        -{distance} * math.hypot(x, y)
        - {speed} * math.hypot(vx, vy)
        - {angle} * abs(angle)
        + {leg} * (left + right)
    )


class Rewarded(gym.Wrapper):
    """The lander with weights of its own in the reward."""

    def reset(self, **options):
        obs, info = self.env.reset(**options)
        self.before = shaping(obs)
        return obs, info

    def step(self, action):
        obs, _, ended, cut_off, info = self.env.step(action)
        now = shaping(obs)
        reward, self.before = now - self.before, now
        reward -= {main_fuel} * (action == 2) + {side_fuel} * (action in (1, 3))
        if ended:
            reward = {crash} if self.env.unwrapped.lander.awake else {landing}
        return obs, reward, ended, cut_off, info
'''


def _car(spec: WorldSpec) -> str:
    options: dict[str, Any] = {"light": repr(spec.car_sensors)}
    if spec.car_map == "own":
        options["map"] = f"HeadlightMap.from_text({spec.car_own_map!r})"
    elif spec.car_map != "random":
        options["map"] = repr(spec.car_map)
    for name in ("shadow", "obstacles", "speed", "turn"):
        value = getattr(spec, f"car_{name}")
        if value != getattr(_USUAL, f"car_{name}"):
            options[name] = repr(value)
    rewards = {
        name: getattr(spec, f"car_reward_{name}")
        for name in _CAR_REWARD
        if getattr(spec, f"car_reward_{name}") != getattr(_USUAL, f"car_reward_{name}")
    }
    if rewards:
        options["rewards"] = repr(rewards)
    return _made("playground/HeadlightCar-v0", spec.car_time_limit, options)
