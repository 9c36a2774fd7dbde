"""Several seeds and the axis of seconds in the pane."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace

import numpy as np
import pytest

from playground.engine.frames import Phase, RunInfo, Transport
from playground.experiments.base import RUNNING
from playground.panes.agents.curves import SECONDS, STEPS
from playground.panes.agents.seed_graphs import RANGE, SPREAD
from playground.panes.agents.seeds import QUESTION
from playground.panes.agents.stopwatch import Stopwatch
from playground.ui.theme import theme
from tests.panes.agents_bench import agents_bench, tiny


def frame_of(run_id, frontier, *, speed=0.0, share=0.0, phase=Phase.PLAYING, parents=()):
    infos = [RunInfo(run_id, "", 0, frontier, "", RUNNING)]
    infos += [RunInfo(own, "", 0, 0, "", RUNNING, parent, step) for own, parent, step in parents]
    transport = Transport(phase, frontier, frontier, 1e9, speed, training_share=share)
    known = {info.run_id: info for info in infos}
    return SimpleNamespace(run_id=run_id, transport=transport, runs=tuple(known.values()))


def test_steps_cost_what_the_engine_measured():
    watch = Stopwatch()
    steps = np.array([0, 50, 100, 150, 200])
    assert np.isnan(watch.seconds(1, steps)).all()
    watch.take(frame_of(1, 100, speed=50.0, share=0.5))
    watch.take(frame_of(1, 200, speed=25.0, share=0.5))
    assert watch.seconds(1, steps) == pytest.approx([0.0, 0.5, 1.0, 2.0, 3.0])
    # Standing still costs nothing; what comes after the last frame costs what it did then.
    watch.take(frame_of(1, 200, phase=Phase.PAUSED))
    assert watch.seconds(1, np.array([200, 300])) == pytest.approx([3.0, 5.0])


def test_steps_nobody_measured_cost_what_the_next_ones_do():
    watch = Stopwatch()
    watch.take(frame_of(1, 100, phase=Phase.PAUSED))
    assert np.isnan(watch.seconds(1, np.array([10]))).all()
    watch.take(frame_of(1, 200, speed=100.0, share=1.0))
    assert watch.seconds(1, np.array([100, 200])) == pytest.approx([1.0, 2.0])


def test_a_branch_goes_on_from_the_time_of_its_parent():
    watch = Stopwatch()
    watch.take(frame_of(1, 100, speed=100.0, share=1.0))
    branch = frame_of(2, 60, speed=10.0, share=1.0, parents=((1, None, None),))
    branch.runs = (*branch.runs[1:], RunInfo(2, "", 0, 50, "", RUNNING, 1, 50))
    watch.take(branch)
    assert watch.seconds(2, np.array([50, 60])) == pytest.approx([0.5, 1.5])
    assert watch.seconds(1, np.array([60])) == pytest.approx([0.6])


@pytest.fixture(scope="module")
def made(qapp):
    """Return the pane on a small agent that balances a pole."""
    manager = theme()
    manager.set_mode("dark")
    manager.install(qapp)
    bench = agents_bench(tiny("gymnasium", "ppo"))
    yield bench
    bench.pane.close()
    bench.pane.inspector().deleteLater()
    bench.pane.deleteLater()
    bench.channel._send = None


@pytest.fixture
def opened(made):
    """Return that pane with no results, at two seeds of 1,500 steps."""
    view = made.pane.seeds
    view.forget_results()
    view.restore_state({"seeds": 2, "steps": 1500, "band": SPREAD, "axis": STEPS})
    return made


def study(bench):
    bench.pane.seeds.run_button.click()
    assert bench.pane.seeds.running
    bench.pump_until(lambda: not bench.pane.seeds.running)


def test_a_study_shows_each_seed_the_mean_and_the_band(opened, tmp_path):
    pane, view = opened.pane, opened.pane.seeds
    assert pane.show_view("seeds")
    assert view.empty.isVisible()
    study(opened)
    assert len(view.kept) == 1
    result = view.kept[0]
    assert [curve.seed for curve in result.curves] == [7, 8]
    shown = view._shown[0]
    for graph, curve in zip(shown.each, result.curves, strict=True):
        assert (graph.data[1] == curve.mean).all()
    band = result.band()
    assert (shown.mean.data[1] == band.mean).all()
    assert shown.band.data[1] == pytest.approx(band.mean - band.spread)
    assert view.key.keys[-1][0] == "mean ± std of 2 seeds"
    view.band.set_value(RANGE)
    view.band.edited.emit(RANGE)
    assert shown.band.data[2] == pytest.approx(band.high)
    assert view.key.keys[-1][0] == "mean, min–max of 2 seeds"
    view.axis.set_value(SECONDS)
    view.axis.edited.emit(SECONDS)
    assert shown.mean.data[0][-1] == pytest.approx(result.band("seconds").x[-1])
    assert view.verdict.text == result.words
    rows = list(csv.DictReader(io.StringIO(view.csv())))
    assert len(rows) == sum(len(curve.returns) for curve in result.curves)
    pane.exports.save_seeds(tmp_path / "seeds.csv")
    pane.exports.save_seeds_picture(tmp_path / "seeds.png")
    assert (tmp_path / "seeds.csv").read_text(encoding="utf-8") == view.csv()


def test_results_stay_beside_each_other_until_they_are_forgotten(qtbot, themed):
    # A bench of its own: the form of another algorithm is another form.
    opened = agents_bench(tiny("gymnasium", "ppo"))
    qtbot.addWidget(opened.pane)
    qtbot.addWidget(opened.pane.inspector())
    view = opened.pane.seeds
    view.restore_state({"seeds": 2, "steps": 1500})
    study(opened)
    study(opened)
    assert len(view.kept) == 1, "the same settings give the same curves"
    before = opened.channel.run_id
    opened.channel.open(tiny("gymnasium", "a2c"), 7)
    opened.pump_until(lambda: opened.channel.run_id != before)
    opened.pump_until(lambda: opened.channel.last_frame.run_id != before)
    study(opened)
    assert [words for words, _ in view.key.keys[:2]] == [
        "PPO 8",
        "A2C, many worlds 8",
    ]
    assert len({color for _, color in view.key.keys}) == 3
    view.forget.click()
    assert not view.kept
    assert view.empty.accessibleName() == QUESTION
    assert not view.plot.curves


def test_a_cancelled_study_keeps_what_it_has(opened):
    view = opened.pane.seeds
    view.steps.set_value(10_000_000)
    view.run_button.click()
    opened.pump_until(lambda: view.results and view.results[0].band() is not None)
    view.run_button.click()
    assert not view.running
    assert view.verdict.text.startswith("Stopped.")
    assert 0 < view.kept[0].env_steps < 1_000_000
    opened.pump(3)
    assert len(view.kept) == 1


def test_a_study_that_fails_is_one_sentence_and_loses_nothing(opened):
    view = opened.pane.seeds
    study(opened)
    view._on_failed("Box2D is missing.")
    assert view.verdict.kind == "warn"
    assert len(view.kept) == 1


def test_settings_come_back_and_nonsense_is_survived(opened):
    view = opened.pane.seeds
    state = {"seeds": 4, "steps": 20_000, "band": RANGE, "axis": SECONDS}
    view.restore_state(state)
    assert view.save_state() == state
    for nonsense in (None, {"seeds": 99, "steps": "x", "band": 3, "axis": []}):
        view.restore_state(nonsense)
    assert view.save_state() == state
    view.restore_state({"band": SPREAD})
    assert view.save_state()["band"] == SPREAD


def test_curves_against_seconds(opened):
    pane = opened.pane
    pane.show_view("curves")
    pane.curves.axis.set_value(SECONDS)
    pane.curves.axis.edited.emit(SECONDS)
    opened.channel.play()
    opened.pump_until(lambda: opened.snapshot.episodes > 20)
    opened.channel.pause()
    opened.pump(4)
    x, y = pane.curves._single.data
    assert len(x) == opened.snapshot.episodes == len(y)
    assert x[0] > 0
    assert (np.diff(x) >= 0).all()
    pane.curves.keep_curve()
    assert (pane.curves.kept[0].seconds == x).all()
    assert pane.show_view("rate")
    assert np.isfinite(pane.curves._mean.data[0]).all()
    assert len(pane.curves._mean.data[0])


def test_the_script_is_offered(opened, tmp_path):
    opened.pane.exports.save_script(tmp_path / "agent.py")
    script = (tmp_path / "agent.py").read_text(encoding="utf-8")
    compile(script, "agent.py", "exec")
    assert "SEED = 7" in script
