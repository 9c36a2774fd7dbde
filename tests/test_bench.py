from __future__ import annotations

import argparse
import json
import math
import sys
import types

import pytest

from playground.bench import figures, memory, pacing, pausing, report, run_bench, throughput
from playground.bench.figures import Effort, Figure
from playground.bench.workloads import Headless, perceptron_on
from playground.engine.commands import MAX_SPEED
from playground.experiments.perceptron import PerceptronExperiment
from tests.engine.toys import Walk, WalkSpec, create
from tests.ui.walk_pane import WALKS, WalkPane

TINY = Effort(
    starts=1,
    pacing_s=0.4,
    rounds=1,
    round_s=0.2,
    repeats=2,
    warm_up_s=0.1,
    memory_s=0.3,
    steps=20_000,
)


def options(**changes):
    return argparse.Namespace(
        **{"json": None, "quick": True, "only": None, "pane": None, **changes}
    )


@pytest.fixture
def measured(monkeypatch):
    """Put one measurement in place of all; its figures may be changed."""
    found = [Figure("speed", 12.0, "steps/s", 10.0, at_least=True, note="of 3")]
    efforts = []
    module = type(sys)("stand_in_measurement")
    module.measure = lambda effort: efforts.append(effort) or list(found)
    monkeypatch.setitem(sys.modules, "stand_in_measurement", module)
    monkeypatch.setattr(report, "MEASUREMENTS", {"speed": "stand_in_measurement:measure"})
    found_and_efforts = argparse.Namespace(found=found, efforts=efforts)
    return found_and_efforts


@pytest.mark.parametrize(
    ("value", "target", "at_least", "met"),
    [
        (9.0, 10.0, True, False),
        (10.0, 10.0, True, True),
        (10.0, 10.0, False, True),
        (11.0, 10.0, False, False),
        (math.nan, 10.0, False, False),
        (math.nan, 10.0, True, False),
        (5.0, None, False, None),
    ],
)
def test_a_figure_knows_whether_it_meets_its_target(value, target, at_least, met):
    assert Figure("x", value, "", target, at_least).met is met


def test_figures_survive_json():
    written = [Figure("a", 1.5, "ms", 2.0, note="n"), Figure("b", 3.0, ""), Figure("c", 0.0, "s")]
    assert report.figures_of(report.as_json(written)) == written
    (nan,) = report.figures_of(report.as_json([Figure("d", math.nan, "ms", 1.0)]))
    assert math.isnan(nan.value)
    assert nan.met is False


def test_the_table_says_what_is_missed():
    lines = report.table(
        [Figure("start", 2.5, "s", 1.0, note="of 5"), Figure("rate", 1234567.0, "steps/s")]
    ).splitlines()
    assert lines[1].split() == ["start", "2.5", "s", "≤", "1", "NO", "of", "5"]
    assert "1,234,567 steps/s" in lines[2]
    assert "NO" not in lines[2]


@pytest.mark.parametrize(("value", "status"), [(12.0, 0), (9.0, 1)])
def test_one_measurement_is_printed_and_written(tmp_path, capsys, measured, value, status):
    measured.found[:] = [Figure("speed", value, "steps/s", 10.0, at_least=True)]
    path = tmp_path / "figures.json"
    assert run_bench(options(only="speed", json=path)) == status
    assert "speed" in capsys.readouterr().out
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["figures"][0]["value"] == value
    assert data["figures"][0]["met"] is (status == 0)
    assert data["cores"] >= 1


def test_quick_makes_less_effort(measured, capsys):
    run_bench(options(only="speed", quick=True))
    run_bench(options(only="speed", quick=False))
    assert measured.efforts == [figures.QUICK, figures.FULL]


def test_one_pane_can_be_measured_alone(monkeypatch, capsys):
    seen = []

    def measure(effort, panes):
        seen.append([info.id for info in panes])
        return [Figure("x", 1.0, "")]

    module = types.SimpleNamespace(measure=measure)
    monkeypatch.setattr(report.importlib, "import_module", lambda name: module)
    run_bench(options(only="pacing", pane="init"))
    run_bench(options(only="pacing"))
    assert seen[0] == ["init"]
    assert "perceptron" in seen[1]
    assert "fourier" not in seen[1]


def test_all_measurements_run_in_processes_of_their_own(tmp_path, capsys, monkeypatch):
    commands = []

    def run(command, **_options):
        commands.append(command)
        name, path = command[command.index("--only") + 1], command[command.index("--json") + 1]
        if name != "pause":
            text = report.as_json([Figure(name, 1.0, "")])
            report.write_atomically(path, text)

    monkeypatch.setattr(report.subprocess, "run", run)
    path = tmp_path / "all.json"
    assert run_bench(options(json=path)) == 1
    captured = capsys.readouterr()
    assert "“pause” could not be measured" in captured.err
    names = [figure.name for figure in report.figures_of(path.read_text(encoding="utf-8"))]
    assert names == [name for name in report.MEASUREMENTS if name != "pause"]
    assert all("--quick" in command for command in commands)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"only": "speeed"}, "startup"),
        ({"json": "none/x.json"}, "none"),
        ({"pane": "perzeptron"}, "perceptron"),
    ],
)
def test_bad_input_is_one_sentence_before_anything_is_measured(
    tmp_path, capsys, monkeypatch, changes, word
):
    monkeypatch.setattr(report, "measure_all", lambda **_: pytest.fail("it has measured"))
    if "json" in changes:
        changes = {"json": tmp_path / changes["json"]}
    assert run_bench(options(**changes)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert word in captured.err


def test_every_measurement_exists():
    for name, where in report.MEASUREMENTS.items():
        module, _, function = where.partition(":")
        imported = __import__(module, fromlist=[function])
        assert callable(getattr(imported, function)), name


def test_headless_counts_the_steps_it_does():
    headless = Headless("walk", WalkSpec(steps=50), create=create)
    assert headless.rate(0.05) > 0
    assert 0 <= headless.run.step < 50


def test_the_perceptron_load_does_not_end():
    experiment = PerceptronExperiment(perceptron_on(80), 0)
    experiment.advance(100_000)
    assert experiment.status().running
    assert experiment.step_index == 100_000


def test_resident_memory_grows_with_what_is_held():
    before = memory.resident_bytes()
    held = bytearray(b"x" * (64 * 2**20))
    assert memory.resident_bytes() - before > 32 * 2**20
    assert len(held) == 64 * 2**20


class TestBesideTheWindow:
    @pytest.fixture(autouse=True)
    def _no_libraries(self, qapp, monkeypatch):
        monkeypatch.setattr("playground.bench.window.STAGES", ())
        monkeypatch.setattr("playground.bench.pacing.WARM_UP_S", 0.1)
        monkeypatch.setattr("playground.bench.pausing.PLAY_S", 0.05)

    def test_pacing_tells_percentiles_in_order(self):
        found = pacing.measure(TINY, WALKS[:1], create)
        p50, p95, p99, beat, longest = (figure.value for figure in found[:5])
        assert beat > 0.0
        assert 0.0 < p50 <= p95 <= p99 <= longest
        assert found[3].name.startswith("beat of")
        # At two frames a second or at thirty: the beat is what the window must keep.
        assert found[3].target == 42.0

    def test_runs_that_end_begin_anew(self, monkeypatch):
        monkeypatch.setattr(WalkPane, "default_spec", lambda self: WalkSpec(steps=300))
        monkeypatch.setattr(throughput, "PIECES", 1)
        found = throughput.measure(TINY, WALKS[:1], create)
        alone, beside, kept = (figure.value for figure in found)
        assert alone > 0
        assert beside > 0
        assert kept == pytest.approx(beside / alone)

    def test_a_pause_is_seen(self):
        median, longest = pausing.measure(TINY, WALKS[:1], create)
        assert 0.0 < median.value <= longest.value

    def test_memory_tells_growth_and_history(self):
        rest, process, history, checkpoints = memory.measure(TINY, WALKS[:1], create)
        assert rest.target == 5.0
        assert history.value > 0.0
        assert rest.value == pytest.approx(process.value - history.value - checkpoints.value)

    def test_full_speed_is_asked_for(self, monkeypatch):
        speeds = []
        step = Walk.step
        monkeypatch.setattr(Walk, "step", lambda self: (speeds.append(1), step(self)))
        found = throughput.measure(TINY, WALKS[:1], create)
        assert len(speeds) > 30 * TINY.round_s  # more than any paced speed of the first run
        assert math.isinf(MAX_SPEED)
        assert found


def test_a_share_is_taken_of_what_was_measured_before_and_after():
    assert throughput._share_kept([10.0, 20.0, 10.0], [9.0, 12.0]) == pytest.approx(0.7)
    assert throughput._share_kept([8.0, 8.0], [4.0]) == 0.5
