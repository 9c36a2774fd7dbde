import json
import subprocess
import sys
from typing import get_args

import pytest

from playground.core.datasets import PRESETS
from playground.core.metrics import METRICS
from playground.core.points import SPLITS, PointSet
from playground.experiments.perceptron import PerceptronExperiment
from playground.experiments.perceptron_spec import (
    KIND_LABELS,
    METRIC_LABELS,
    PRESET_LABELS,
    SCHEDULE_LABELS,
    STOP_LABELS,
    DataSpec,
    Kind,
    LearnerSpec,
    MetricName,
    PerceptronSpec,
    Preset,
    Schedule,
    Split,
    StopRule,
    StopSpec,
)
from playground.experiments.spec import (
    SpecError,
    describe,
    parse_assignments,
    replace_at,
    validate,
)


def test_choices_are_those_of_the_core():
    assert get_args(Preset) == (*(preset.name for preset in PRESETS), "own")
    assert get_args(Split) == tuple(split.name for split in SPLITS)
    assert set(get_args(MetricName)) == {metric.name for metric in METRICS}


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Kind, KIND_LABELS),
        (Schedule, SCHEDULE_LABELS),
        (StopRule, STOP_LABELS),
        (MetricName, METRIC_LABELS),
        (Preset, PRESET_LABELS),
    ],
)
def test_every_choice_has_words(choice, words):
    assert set(get_args(choice)) == set(words)


def test_every_setting_is_labelled_and_explained():
    for fields in (describe(PerceptronSpec), describe(LearnerSpec)):
        for field in fields:
            assert field.knob.label
            assert field.knob.help.endswith((".", "β."))
            if field.knob.scale == "log":
                assert field.minimum > 0
    groups = [field.knob.group for field in describe(PerceptronSpec)]
    assert list(dict.fromkeys(groups)) == ["Data", "Models", "Order", "Start", "Stop"]


def test_live_settings_are_the_rate_and_the_stop_rule():
    live = {field.path for field in describe(PerceptronSpec) if field.knob.live}
    assert live == {("stop", name) for name in StopSpec.model_fields}
    assert {f.path for f in describe(LearnerSpec) if f.knob.live} == {("rate",)}


def test_the_default_is_worth_watching():
    experiment = PerceptronExperiment(PerceptronSpec(), 0)
    experiment.advance(20)
    assert experiment.status().running
    experiment.advance(10**6)
    view = experiment.snapshot(frozenset()).learners[0]
    assert view.verdict.tone == "ok"
    assert 3 <= view.epochs_done <= 30


@pytest.mark.parametrize("preset", [preset.name for preset in PRESETS])
def test_every_preset_runs_with_its_usual_numbers(preset):
    usual = next(p for p in PRESETS if p.name == preset)
    spec = PerceptronSpec(data=DataSpec.of_preset(preset))
    experiment = PerceptronExperiment(spec, 0)
    assert len(experiment.snapshot(frozenset()).points) == usual.default_count
    assert experiment.advance(5) == 5
    by_form = replace_at(PerceptronSpec(), ("data", "preset"), preset)
    by_command = parse_assignments(PerceptronSpec(), [f"data.preset={preset}"])
    expected = (usual.default_count, usual.default_noise)
    assert (by_form.data.count, by_form.data.noise) == expected
    assert by_command == by_form


def test_choosing_own_points_keeps_those_on_the_plane():
    before = PerceptronExperiment(PerceptronSpec(), 0).snapshot(frozenset()).points
    spec = replace_at(PerceptronSpec(), ("data", "preset"), "own")
    assert spec.data.points.equals(before)
    assert replace_at(spec, ("data", "preset"), "xor").data.points is None


def test_specs_with_points_survive_json():
    points = PointSet.of([[1 / 3, 2], [3, 4e-300]], [1, -1], names=("a", "b"))
    spec = PerceptronSpec(
        data=DataSpec(preset="own", points=points), learners=(LearnerSpec(), LearnerSpec(name="x"))
    )
    text = spec.model_dump_json()
    again = validate(PerceptronSpec, json.loads(text))
    assert again.data.points.equals(points)
    assert again.model_dump_json() == text


@pytest.mark.parametrize(
    "data",
    [
        {"data": {"preset": "own", "points": {"x": 1}}},
        {"data": {"preset": "own", "points": 5}},
        {"data": {"preset": "xor", "points": {"count": 0}}},
        {"data": {"count": 100_001}},
        {"data": {"count": 1}},
        {"start": {"w1": float("nan")}},
        {"start": {"w1": 1e300}},
        {"learners": []},
        {"learners": [{}] * 9},
        {"learners": [{"enabled": False}]},
        {"learners": [{"rate": 0}]},
        {"learners": [{"kind": "oracle"}]},
        {"stop": {"epochs": 0}},
        {"stop": {"epochs": 1_000_001}},
        {"surprise": 1},
    ],
)
def test_what_cannot_be_run_is_refused(data):
    with pytest.raises(SpecError) as refused:
        validate(PerceptronSpec, data)
    assert str(refused.value).count("\n") == 0


def test_too_many_own_points_are_refused():
    points = PointSet.of([[0.0, 0.0]] * 100_001, [1] * 100_001)
    with pytest.raises(ValueError, match="at most 100,000 points"):
        DataSpec(preset="own", points=points)


def test_hostile_numbers_of_points_are_refused():
    points = PointSet([[0.0, 1.0]], [1], [2**50], 2**60)
    with pytest.raises(ValueError, match="numbered up to 4,000,000"):
        DataSpec(preset="own", points=points)


def test_nothing_heavy_is_imported():
    code = (
        "import sys, playground.experiments.perceptron, playground.experiments.perceptron_script;"
        "print([m for m in ('torch', 'sklearn', 'scipy', 'PySide6') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
