"""From the form of a world to the world itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.environments.vector import WorldError
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    import numpy as np

    from playground.environments.headlight_maps import HeadlightMap
    from playground.environments.vector import VectorEnvironment, WorldOptions
    from playground.experiments.agents_world_spec import WorldSpec


def world_options(spec: WorldSpec) -> WorldOptions:
    """Return the options of the world that a form describes.

    Raises
    ------
    SpecError
        When there is no such environment, its spaces do not fit, or the map is none.
    """
    try:
        if spec.kind == "lunar-lander":
            return _lander_options(spec)
        if spec.kind == "headlight-car":
            return _car_options(spec)
        from playground.environments.discrete import look_up

        return look_up(spec.environment_id)
    except WorldError as error:
        raise SpecError(str(error)) from None


def make_vector(options: WorldOptions, count: int, seeds: np.random.Generator) -> VectorEnvironment:
    """Return some worlds that are stepped together.

    Parameters
    ----------
    options
        What they are.
    count
        How many.
    seeds
        Where the seeds of episodes come from; it belongs to the worlds from now on.

    Raises
    ------
    SpecError
        When no such world can be made here, because a library is missing for example.
    """
    from playground.environments.headlight_car import HeadlightCarOptions
    from playground.environments.world_vector import WorldVector

    try:
        if isinstance(options, HeadlightCarOptions):
            return options.make_vector(count, seeds)
        return WorldVector(options, count, seeds)
    except WorldError as error:
        raise SpecError(str(error)) from None


def _lander_options(spec: WorldSpec) -> WorldOptions:
    from playground.environments.lander import LanderOptions, RewardWeights

    weights = RewardWeights(
        distance=spec.reward_distance,
        speed=spec.reward_speed,
        angle=spec.reward_angle,
        leg=spec.reward_leg,
        main_fuel=spec.reward_main_fuel,
        side_fuel=spec.reward_side_fuel,
        crash=spec.reward_crash,
        landing=spec.reward_landing,
    )
    return LanderOptions(
        gravity=spec.gravity,
        wind=spec.wind,
        wind_power=spec.wind_power,
        turbulence_power=spec.turbulence_power,
        main_engine_power=spec.main_engine_power,
        side_engine_power=spec.side_engine_power,
        rewards=weights,
        time_limit=spec.time_limit,
    )


def _car_options(spec: WorldSpec) -> WorldOptions:
    from playground.environments.headlight_car import CarRewardWeights, HeadlightCarOptions

    weights = CarRewardWeights(
        station=spec.car_reward_station,
        crash=spec.car_reward_crash,
        approach=spec.car_reward_approach,
        retreat=spec.car_reward_retreat,
        sight=spec.car_reward_sight,
        turn=spec.car_reward_turn,
        time=spec.car_reward_time,
    )
    return HeadlightCarOptions(
        light=spec.car_sensors,
        shadow=spec.car_shadow,
        map=_car_map(spec),
        obstacles=spec.car_obstacles,
        speed=spec.car_speed,
        turn=spec.car_turn,
        rewards=weights,
        time_limit=spec.car_time_limit,
    )


def _car_map(spec: WorldSpec) -> HeadlightMap | None:
    from playground.environments.headlight_car_presets import preset
    from playground.environments.headlight_maps import HeadlightMap

    if spec.car_map == "random":
        return None
    if spec.car_map == "own":
        return HeadlightMap.from_text(spec.car_own_map)
    return preset(spec.car_map)
