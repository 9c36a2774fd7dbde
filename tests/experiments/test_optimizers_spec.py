from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.core.points import PointSet
from playground.core.surfaces.surface import SurfaceError
from playground.experiments import optimizers_spec as spec_module
from playground.experiments.optimizers_lane_spec import LaneSpec
from playground.experiments.optimizers_methods import HYPER_FIELDS, METHOD_HELP, METHOD_LABELS
from playground.experiments.optimizers_spec import (
    DEFAULT_RATES,
    GRADIENT_RATES,
    MAX_LANES,
    OptimizerRaceSpec,
    new_lane,
    with_common_start,
    with_lane_added,
    with_lane_duplicated,
    with_lane_moved,
    with_lane_removed,
    with_start,
)
from playground.experiments.optimizers_surface_spec import (
    SURFACE_LABELS,
    SurfaceSpec,
    build_surface,
)
from playground.experiments.spec import (
    SpecError,
    describe,
    field_at,
    parse_assignments,
    replace_at,
    validate,
)

RACE = OptimizerRaceSpec()


def test_the_race_of_the_course_has_nine_lanes_in_colours_of_their_own():
    assert [lane.title for lane in RACE.lanes] == [
        "SGD", "Momentum", "Nesterov", "Rprop", "AdaGrad", "RMSprop", "AdaDelta", "Adam", "Nadam",
    ]  # fmt: skip
    assert len({lane.colour for lane in RACE.lanes}) == 9


def test_every_method_is_described_once_everywhere():
    assert set(METHOD_LABELS) == set(METHOD_HELP) == set(HYPER_FIELDS) == set(DEFAULT_RATES)
    for method in METHOD_LABELS:
        lane = new_lane(method)
        assert all(value is not None for value in lane.hyper.values())
        for field in describe(LaneSpec):
            shown = field.knob.shown_when
            if shown and shown[0] == "method" and field.path[0] in {
                name for _, name in HYPER_FIELDS[method]
            }:  # fmt: skip
                assert method in shown[1], (method, field.path)


def test_knobs_are_shown_for_the_methods_that_use_them_and_no_other():
    for field in describe(LaneSpec):
        shown = field.knob.shown_when
        if shown and shown[0] == "method":
            users = {
                method
                for method, names in HYPER_FIELDS.items()
                if field.path[0] in {name for _, name in names}
            }
            assert set(shown[1]) == users, field.path


@pytest.mark.parametrize("name", ["rate", "momentum", "beta2", "eps", "schedule", "name", "colour"])
def test_numbers_of_a_lane_are_live(name):
    assert field_at(OptimizerRaceSpec, ("lanes", 0, name)).knob.live


def test_it_goes_through_json_unchanged():
    spec = with_start(RACE, 1.0, -1.0, lane=3)
    assert validate(OptimizerRaceSpec, json.loads(spec.model_dump_json())) == spec
    own = SurfaceSpec(
        kind="neuron", preset="own", points=PointSet.of([[0.0, 1.0], [1.0, 0.0]], [1, -1])
    )
    again = validate(SurfaceSpec, json.loads(own.model_dump_json()))
    assert again.points.equals(own.points)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("lanes", 0, "rate"), 0.0, "at least 1e-08"),
        (("lanes", 0, "rate"), 1e7, "at most 1000000"),
        (("lanes", 0, "rate"), float("nan"), "finite"),
        (("lanes", 0, "rate"), float("inf"), "at most|finite"),
        (("lanes", 0, "method"), "adamax", "one of"),
        (("lanes",), (), "at least 1"),
        (("lanes",), tuple(new_lane("sgd") for _ in range(33)), "at most 32"),
        (("start",), (99.0, 0.0), r"The start \(99, 0\) lies outside the map of “Beale”"),
        (("start",), (float("nan"), 0.0), "finite"),
        (("surface", "formula"), "x + foo", "foo"),
        (("surface", "formula"), "x" * 10_000, "at most 2,000"),
        (("surface", "formula"), "1/0", "not a finite number"),
        (("surface", "formula"), "log(-1 - x**2)", "no finite value"),
        (("surface", "x_min"), 7.0, "must rise"),
        (("surface", "points"), PointSet.of([[0.0, 1.0]], [1]), "own"),
        (("noise", "std"), -1.0, "at least 0"),
        (("finish", "tolerance"), 0.0, "at least"),
        (("finish", "rounds"), 0, "at least 1"),
    ],
)
def test_bad_values_are_refused_in_a_sentence(path, value, words):
    with pytest.raises(SpecError, match=words):
        replace_at(RACE, path, value)


def test_a_race_needs_a_lane_that_takes_part():
    with pytest.raises(SpecError, match="At least one lane"):
        validate(OptimizerRaceSpec, {"lanes": [{"enabled": False}]})


def test_the_command_line_can_set_a_start_and_a_rate():
    spec = parse_assignments(RACE, ["start=[1, 2]", "lanes.0.rate=0.5", "surface.kind=himmelblau"])
    assert spec.start_of(0, (0.0, 0.0)) == (1.0, 2.0)
    assert spec.lanes[0].rate == 0.5


def test_a_start_belongs_to_the_surface_it_was_set_on():
    spec = with_start(RACE, 4.0, 4.0)
    assert spec.start_of(0, (7.0, 7.0)) == (4.0, 4.0)
    other = replace_at(spec, ("surface", "kind"), "monkey")
    assert other.start_of(0, (7.0, 7.0)) == (7.0, 7.0)
    # A lane's start on the new surface does not bring the old common start back.
    one = with_start(other, 1.0, 1.0, lane=2)
    assert one.start_of(2, (7.0, 7.0)) == (1.0, 1.0)
    assert one.start_of(0, (7.0, 7.0)) == (7.0, 7.0)
    assert with_common_start(one, 2).start_of(2, (7.0, 7.0)) == (7.0, 7.0)
    with pytest.raises(SpecError, match="outside the map"):
        with_start(RACE, 0.0, 5.0)


def test_another_surface_brings_its_start_and_its_default_rates():
    mine = replace_at(with_start(RACE, 1.0, 1.0), ("lanes", 1, "rate"), 0.007)
    other = replace_at(mine, ("surface", "kind"), "rosenbrock")
    assert other.start is None
    assert other.surface.kind == "rosenbrock"
    assert other.lanes[0].rate == GRADIENT_RATES["rosenbrock"]
    assert other.lanes[1].rate == 0.007
    assert other.lanes[7].rate == mine.lanes[7].rate
    assert replace_at(other, ("surface", "kind"), "beale").lanes == mine.lanes
    assert with_lane_added(other, "sgd").lanes[-1].rate == GRADIENT_RATES["rosenbrock"]


def test_lanes_can_be_added_copied_moved_and_removed():
    more = with_lane_added(RACE, "lbfgs")
    assert more.lanes[-1].method == "lbfgs"
    assert more.lanes[-1].colour not in {lane.colour for lane in RACE.lanes}
    twice = with_lane_duplicated(more, 3)
    assert twice.lanes[4].method == twice.lanes[3].method == "rprop"
    assert twice.lanes[4].colour != twice.lanes[3].colour
    assert with_lane_removed(twice, 4) == more
    moved = with_lane_moved(RACE, 0, 2)
    assert [lane.method for lane in moved.lanes[:3]] == ["momentum", "nesterov", "sgd"]
    assert with_lane_moved(moved, 2, 0) == RACE
    with pytest.raises(SpecError):
        with_lane_removed(OptimizerRaceSpec(lanes=(LaneSpec(),)), 0)
    full = OptimizerRaceSpec(lanes=tuple(new_lane("sgd", colour) for colour in range(MAX_LANES)))
    with pytest.raises(SpecError, match="at most 32"):
        with_lane_added(full, "adam")


@pytest.mark.parametrize("kind", SURFACE_LABELS)
def test_every_surface_can_be_built_and_knows_its_domain_beforehand(kind):
    spec = SurfaceSpec(kind=kind)
    surface = build_surface(spec)
    assert surface.domain == spec.domain
    assert (surface.samples > 1) == spec.has_samples


def test_a_cost_without_points_cannot_be_built():
    with pytest.raises(SurfaceError, match="points"):
        build_surface(SurfaceSpec(kind="neuron", preset="own"))


@given(st.lists(st.sampled_from(sorted(METHOD_LABELS)), min_size=1, max_size=8))
def test_removing_what_was_added_gives_the_race_back(methods):
    spec = RACE
    for method in methods:
        spec = with_lane_added(spec, method)
    for _ in methods:
        spec = with_lane_removed(spec, len(spec.lanes) - 1)
    assert spec == RACE


def test_the_form_can_be_made_without_torch():
    code = (
        f"import sys; import {spec_module.__name__}; "
        "assert not {'torch', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
