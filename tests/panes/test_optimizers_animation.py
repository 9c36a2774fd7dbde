"""Saving the race as an animation: what is painted, what is written, and cancelling it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import Image

from playground.engine.frames import Frame, Phase, Transport
from playground.engine.history import History
from playground.experiments.jobs import JobError, JobStopped
from playground.experiments.optimizers import OptimizerRaceExperiment
from playground.experiments.optimizers_spec import OptimizerRaceSpec, new_lane
from playground.experiments.optimizers_surface_spec import SurfaceSpec


@pytest.fixture
def frame():
    lanes = (new_lane("sgd", 0), new_lane("rprop", 1))
    spec = OptimizerRaceSpec(surface=SurfaceSpec(kind="himmelblau"), lanes=lanes)
    experiment = OptimizerRaceExperiment(spec, 7)
    experiment.advance(25)
    history = History(experiment.series)
    history.append(experiment.drain_records())
    transport = Transport(Phase.PAUSED, 25, 25, 30.0)
    return Frame(
        "optimizers",
        1,
        "optimizers",
        7,
        experiment.snapshot(frozenset()),
        history.view(),
        transport,
    )


class Channel:
    """A channel whose jobs run when the test says so."""

    def __init__(self, frame):
        self.last_frame = frame
        self.jobs = []

    def start_job(self, job, on_progress=None, on_done=None, on_failed=None):
        self.jobs.append((job, on_done, on_failed))
        return self

    def cancel(self):
        self.jobs.clear()

    def work(self):
        job, on_done, on_failed = self.jobs.pop()
        try:
            done = job.run(lambda fraction, message="": None)
        except JobError as error:
            on_failed(str(error))
        else:
            on_done(done)


@pytest.mark.parametrize(("last", "pictures"), [(0, 2), (5, 40), (39, 40), (5000, 160), (7, 3)])
def test_a_film_goes_from_the_start_to_the_last_round(themed, last, pictures):
    from playground.panes.optimizers.animation_film import rounds_of_film

    rounds = rounds_of_film(last, pictures)
    assert rounds[0] == 0
    assert rounds[-1] == last
    assert len(rounds) <= pictures
    assert all(a < b for a, b in itertools.pairwise(rounds))


def test_a_picture_has_its_size_and_the_trails_grow(themed, frame):
    from playground.panes.optimizers.animation_film import RaceFilm
    from playground.ui.theme import lane, qcolor

    film = RaceFilm(frame, 301, 240, selected=0)
    colour = np.array(qcolor(lane(0)).getRgb()[:3])
    pictures = []
    for round_ in (0, 3, film.last):
        data = film.rgb(round_)
        assert len(data) == 301 * 240 * 3
        pictures.append(np.frombuffer(data, np.uint8).reshape(240, 301, 3).astype(int))
    # What was not there after the round before: trails and heads, not the whole picture.
    for before, after in itertools.pairwise(pictures):
        changed = (before != after).any(axis=2).sum()
        assert 60 < changed < 0.2 * 301 * 240
    assert tuple(colour) in film.accents()


def test_the_file_is_an_animation_with_every_picture(themed, frame, tmp_path, qtbot):
    from playground.panes.optimizers.animation import LAST_PICTURE_MS, AnimationDialog
    from playground.ui.theme import lane, qcolor

    channel = Channel(frame)
    dialog = AnimationDialog(channel, 0)
    qtbot.addWidget(dialog)
    dialog.size_box.set_value((480, 400))
    with qtbot.waitSignal(dialog.saved, timeout=20_000) as told:
        dialog.save(tmp_path / "race")
        assert dialog.running
        qtbot.waitUntil(lambda: bool(channel.jobs), timeout=20_000)
        channel.work()
    path = tmp_path / "race.gif"
    assert told.args == [str(path)]
    assert not dialog.running
    assert "Saved as “race.gif”" in dialog.verdict.text
    with Image.open(path) as picture:
        assert picture.size == (480, 400)
        assert picture.n_frames == 26
        assert picture.info["loop"] == 0
        picture.seek(25)
        assert picture.info["duration"] == LAST_PICTURE_MS
        last = np.asarray(picture.convert("RGB")).astype(int)
    colour = np.array(qcolor(lane(0)).getRgb()[:3])
    # Lanes keep their colours although they cover few pixels.
    assert (np.abs(last - colour).sum(axis=2) == 0).sum() > 20


def test_cancelling_writes_nothing(themed, frame, tmp_path, qtbot):
    from playground.panes.optimizers.animation import AnimationDialog

    dialog = AnimationDialog(Channel(frame), 0)
    qtbot.addWidget(dialog)
    dialog.save(tmp_path / "race.gif")
    assert dialog.close_button.text() == "Cancel"
    dialog.cancel()
    assert not dialog.running
    assert "no file was written" in dialog.verdict.text
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(themed, frame, tmp_path, qtbot):
    from playground.panes.optimizers.animation import AnimationDialog

    channel = Channel(frame)
    dialog = AnimationDialog(channel, 0)
    qtbot.addWidget(dialog)
    dialog.save(tmp_path / "no such folder" / "race.gif")
    qtbot.waitUntil(lambda: bool(channel.jobs), timeout=20_000)
    channel.work()
    assert dialog.verdict.kind == "warn"
    assert not dialog.running


def test_a_race_at_its_start_has_nothing_to_animate(themed, qtbot, tmp_path):
    from playground.panes.optimizers.animation import AnimationDialog

    dialog = AnimationDialog(Channel(None), 0)
    qtbot.addWidget(dialog)
    assert "Let the race run" in dialog.verdict.text
    dialog.save(tmp_path / "race.gif")
    assert not dialog.running


def test_the_writer_stops_when_it_is_asked_to(themed, tmp_path):
    from playground.panes.optimizers.animation_file import WriteGif

    calls = []

    def report(fraction, message=""):
        calls.append(fraction)
        if len(calls) == 2:
            raise JobStopped

    job = WriteGif(tmp_path / "a.gif", (2, 2), [bytes(12)] * 5, [20] * 5)
    with pytest.raises(JobStopped):
        job.run(report)
    with pytest.raises(JobError, match="nothing to animate"):
        WriteGif(tmp_path / "a.gif", (2, 2), [], []).run(report)
    assert list(tmp_path.iterdir()) == []
