from __future__ import annotations

import argparse
import signal
import threading

import pytest

from playground import training
from playground.engine.runfile import load
from playground.experiments.perceptron import PerceptronExperiment
from tests.engine.toys import KINDS, Walk, WalkSpec, create


def options(tmp_path, experiment="walk", **changes):
    given = {"set": [], "steps": 100, "seed": 3, "out": tmp_path / "run.playrun"}
    given |= {"algo": None, "until_solved": False, **changes}
    return argparse.Namespace(experiment=experiment, **given)


def fresh_headline(steps, seed=3, **spec):
    walk = Walk(WalkSpec(**spec), seed)
    walk.advance(steps)
    return walk.headline()


def test_trains_as_told_and_saves_what_the_window_can_open(tmp_path, capsys):
    told = options(tmp_path, set=[("rate", "0.5"), ("start", "2")], steps=1234)
    assert training.run_train(told, create) == 0
    out = capsys.readouterr().out
    assert "1,234 steps" in out
    assert fresh_headline(1234, rate=0.5, start=2.0) in out
    document = load(told.out, create)
    assert (document.kind, document.seed, document.step, document.frontier) == (
        "walk",
        3,
        1234,
        1234,
    )
    assert document.typed_spec(Walk) == WalkSpec(rate=0.5, start=2.0)


def test_without_a_number_of_steps_it_trains_to_the_end(tmp_path, capsys):
    told = options(tmp_path, set=[("steps", "77")], steps=None)
    assert training.run_train(told, create) == 0
    assert "77 steps" in capsys.readouterr().out
    assert load(told.out, create).frontier == 77


def test_a_run_that_ends_early_says_why(tmp_path, capsys):
    assert training.run_train(options(tmp_path, set=[("steps", "5")]), create) == 0
    out = capsys.readouterr().out
    assert "5 steps" in out
    assert "finished: all 5 steps are done" in out


def test_divergence_is_a_result_with_its_reason(tmp_path, capsys):
    told = options(tmp_path, set=[("start", "1e7")])
    assert training.run_train(told, create) == 0
    assert "diverged: the walker has left the map" in capsys.readouterr().out


def test_the_progress_goes_to_stderr_and_the_result_to_stdout(tmp_path, capsys):
    training.run_train(options(tmp_path, out=None), create)
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    assert "100/100" in captured.err


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"experiment": "no such"}, "There is no experiment"),
        ({"set": [("no_such", "1")]}, "There is no setting"),
        ({"set": [("rate", "-1")]}, "rate must be greater than 0"),
        ({"set": [("rate", "NaN")]}, "rate"),
        ({"set": [("rate", "fast")]}, "rate must be a number"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(tmp_path, capsys, changes, word):
    told = options(tmp_path, **changes)
    assert training.run_train(told, create) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert word in captured.err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_refused_before_training(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(training, "train", lambda *_: pytest.fail("it has trained"))
    for place in (tmp_path, tmp_path / "none" / "run.playrun"):
        assert training.run_train(options(tmp_path, out=place), create) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_an_old_file_survives_a_failed_save(tmp_path, capsys, monkeypatch):
    told = options(tmp_path)
    told.out.write_text("old", encoding="utf-8")
    monkeypatch.setattr("playground.engine.runfile.MAX_BYTES", 1)
    assert training.run_train(told, create) == 2
    assert told.out.read_text(encoding="utf-8") == "old"
    assert "larger than" in capsys.readouterr().err


def test_a_step_that_raises_keeps_the_steps_before_it(tmp_path, capsys):
    told = options(tmp_path, set=[("raise_at", "60")])
    assert training.run_train(told, create) == 1
    assert "after step 60: shapes (3,4)" in capsys.readouterr().err
    assert load(told.out, create).frontier == 60


class Interrupted(Walk):
    """Presses Ctrl+C in the middle of a step."""

    kind = "interrupted"
    presses = 1

    def step(self):
        if self.step_index == 40:
            for _ in range(self.presses):
                signal.raise_signal(signal.SIGINT)
        super().step()


@pytest.fixture
def interrupted(monkeypatch):
    monkeypatch.setitem(KINDS, "interrupted", Interrupted)
    return Interrupted


def test_ctrl_c_stops_between_two_steps_and_saves(tmp_path, capsys, interrupted):
    told = options(tmp_path, "interrupted", steps=10**9)
    handler = signal.getsignal(signal.SIGINT)
    assert training.run_train(told, create) == 130
    assert signal.getsignal(signal.SIGINT) is handler
    step = load(told.out, create).frontier
    assert 40 < step < 10**9
    assert f"{step:,} steps" in capsys.readouterr().out


def test_a_second_ctrl_c_ends_at_once(tmp_path, interrupted, monkeypatch):
    monkeypatch.setattr(interrupted, "presses", 2)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        training.run_train(options(tmp_path, "interrupted", steps=10**9), create)
    assert signal.getsignal(signal.SIGINT) is handler


def test_outside_the_main_thread_the_signal_is_left_alone(tmp_path, capsys):
    statuses = []
    told = options(tmp_path)
    thread = threading.Thread(target=lambda: statuses.append(training.run_train(told, create)))
    thread.start()
    thread.join()
    assert statuses == [0]


def test_the_perceptron_trains_to_the_same_end_as_its_experiment(tmp_path, capsys):
    told = options(tmp_path, "perceptron", set=[("data.preset", "and")], steps=None, seed=0)
    assert training.run_train(told) == 0
    document = load(told.out)
    experiment = PerceptronExperiment(document.typed_spec(PerceptronExperiment), 0)
    while experiment.status().running:
        experiment.step()
    assert document.frontier == experiment.step_index > 0
    assert document.spec["data"]["preset"] == "and"
    assert experiment.status().reason in capsys.readouterr().out
