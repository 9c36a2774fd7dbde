from __future__ import annotations

import pytest

from playground.agents.actor_critic import COURSE_LANDER
from playground.agents.dqn import COURSE_CAR, DqnConfig
from playground.agents.ppo import A2C, PpoConfig
from playground.agents.q_actor_critic import QActorCriticConfig
from playground.agents.reinforce import ReinforceConfig
from playground.environments.headlight_car import HeadlightCarOptions
from playground.environments.headlight_car_presets import PRESETS, preset
from playground.environments.lander import LanderOptions
from playground.experiments.agents_learner import config_of
from playground.experiments.agents_spec import (
    ALGORITHM_LABELS,
    WORLD_LABELS,
    AgentSpec,
    agent_spec,
)
from playground.experiments.agents_worlds import world_options
from playground.experiments.spec import (
    SpecError,
    describe,
    parse_assignments,
    replace_at,
    validate,
    value_at,
)


def test_a_world_brings_the_algorithm_that_learns_it_best():
    spec = replace_at(AgentSpec(), ("world", "kind"), "headlight-car")
    learner = spec.learner
    assert (learner.algorithm, learner.hidden, learner.optimizer) == ("dqn", "150", "rmsprop")
    assert (learner.discount, learner.batch, learner.target) == (0.97, 100, "hard")
    assert spec.end.threshold == 1.0
    back = replace_at(spec, ("world", "kind"), "lunar-lander")
    assert back == AgentSpec()


def test_an_algorithm_brings_its_measured_numbers_for_the_world():
    spec = replace_at(AgentSpec(), ("learner", "algorithm"), "dqn")
    learner = spec.learner
    assert (learner.hidden, learner.reward_scale, learner.max_gradient) == ("128-128", 0.05, 10.0)
    assert learner.double
    assert learner.target == "soft"


def test_the_courses_program_brings_its_time_limit_and_rule_and_takes_them_away_again():
    course = replace_at(AgentSpec(), ("learner", "algorithm"), "course-a2c")
    assert (course.world.time_limit, course.end.rule, course.learner.penalty) == (
        2000,
        "course",
        True,
    )
    assert (course.learner.rate, course.learner.critic_rate, course.learner.discount) == (
        1e-3,
        1e-3,
        0.99,
    )
    ppo = replace_at(course, ("learner", "algorithm"), "ppo")
    assert (ppo.world.time_limit, ppo.end.rule) == (1000, "never")


def test_mini_batch_follows_worlds_and_steps():
    spec = parse_assignments(AgentSpec(), ("learner.worlds=3", "learner.steps=100"))
    assert spec.learner.minibatch == 150
    spec = parse_assignments(spec, ("learner.minibatch=60", "learner.steps=7"))
    assert spec.learner.minibatch == 21


def test_own_choices_outlive_a_new_algorithm():
    spec = parse_assignments(
        AgentSpec(), ("world.time_limit=300", "end.rule=mean", "show.every=0", "world.gravity=-5")
    )
    spec = replace_at(spec, ("learner", "algorithm"), "dqn")
    assert (spec.world.time_limit, spec.world.gravity) == (300, -5.0)
    assert (spec.end.rule, spec.show.every) == ("mean", 0)


@pytest.mark.parametrize("algorithm", ALGORITHM_LABELS)
@pytest.mark.parametrize("world", WORLD_LABELS)
def test_every_algorithm_can_be_chosen_in_every_world(world, algorithm):
    spec = agent_spec(world, algorithm)
    assert validate(AgentSpec, spec.model_dump(mode="json")) == spec
    assert spec.title


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        (("world.kind=moon",), "must be one of"),
        (("learner.algorithm=sarsa",), "must be one of"),
        (("learner.hidden=64-x",), "Widths must be"),
        (("learner.hidden=8-8-8-8-8-8-8",), "At most 6 hidden layers"),
        (("learner.minibatch=100",), "no multiple of the mini-batch"),
        (("learner.worlds=256", "learner.steps=8192", "learner.minibatch=1"), "must not exceed"),
        (("world.kind=headlight-car", "world.car_map=own"), "There is no map yet"),
        (("world.gravity=0",), "less than 0"),
        (("learner.discount=1.5",), "at most 1"),
        (("learner.rate=NaN",), "finite"),
        (
            ("learner.algorithm=actor-critic", "world.kind=gymnasium", "learner.penalty=true",
             "learner.algorithm=course-a2c", "learner.penalty=true"),
            "is for the lander",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(settings, word):
    with pytest.raises(SpecError, match=word) as refused:
        parse_assignments(AgentSpec(), settings)
    assert str(refused.value).count("\n") == 0


def test_maps_by_hand_are_checked():
    spec = replace_at(AgentSpec(), ("world", "kind"), "headlight-car")
    for text in ("{}", "[1, 2", '{"format": "headlight map", "version": 1}'):
        with pytest.raises(SpecError):
            parse_assignments(spec, (f"world.car_own_map={text}", "world.car_map=own"))


@pytest.mark.parametrize("name", PRESETS)
def test_every_map_that_comes_along_can_be_chosen_or_edited(name):
    spec = replace_at(AgentSpec(), ("world", "kind"), "headlight-car")
    chosen = parse_assignments(spec, (f"world.car_map={name}",))
    assert world_options(chosen.world).map == preset(name)
    own = spec.world.model_copy(update={"car_map": "own", "car_own_map": preset(name).to_text()})
    assert world_options(own).map == preset(name)


def test_every_condition_names_something_of_its_form():
    spec = AgentSpec()
    for field in describe(AgentSpec):
        if field.knob.shown_when is not None:
            name, allowed = field.knob.shown_when
            assert allowed
            value_at(spec, (*field.path[:-1], name))


@pytest.mark.parametrize(
    ("world", "algorithm", "config"),
    [
        ("lunar-lander", "ppo", PpoConfig()),
        ("lunar-lander", "a2c", A2C),
        ("lunar-lander", "dqn", DqnConfig()),
        ("lunar-lander", "reinforce", ReinforceConfig()),
        ("lunar-lander", "q-actor-critic", QActorCriticConfig()),
        ("lunar-lander", "course-a2c", COURSE_LANDER),
        ("headlight-car", "dqn", COURSE_CAR),
    ],
)
def test_usual_numbers_are_those_of_the_algorithms(world, algorithm, config):
    assert config_of(agent_spec(world, algorithm).learner) == config


@pytest.mark.parametrize("kind", ["lunar-lander", "headlight-car"])
def test_usual_worlds_are_those_of_the_environments(kind):
    options = {"lunar-lander": LanderOptions(), "headlight-car": HeadlightCarOptions()}[kind]
    assert world_options(agent_spec(kind).world) == options
