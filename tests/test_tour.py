from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, qRgb

from playground import tour
from playground.ui.theme import theme
from tests.engine.toys import WalkSpec, create
from tests.ui.walk_pane import WALK, WALKS, WalkPane

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(autouse=True)
def _no_libraries(monkeypatch):
    """Torch is not needed for a walk, and takes seconds to import."""
    monkeypatch.setattr("playground.bench.window.STAGES", ())


def options(directory, **changes):
    given = {"size": (1024, 700), "theme": None, "seconds": 0.2, "scale": 1.0, **changes}
    return argparse.Namespace(directory=directory, **given)


class EmptyPane(WalkPane):
    """Draws nothing at all."""

    def __init__(self, context):
        super().__init__(context)
        self._plot.hide()

    def render_frame(self, frame):
        pass


class EndedPane(WalkPane):
    def default_spec(self):
        return WalkSpec(steps=0)


class ShortPane(WalkPane):
    def default_spec(self):
        return WalkSpec(steps=321)


class FailingPane(WalkPane):
    def default_spec(self):
        return WalkSpec(raise_at=50)


class RaisingPane(WalkPane):
    def render_slow(self, frame):
        raise KeyError("no such column")


def shown_by(name):
    return (replace(WALK, id=name.lower(), factory=f"tests.test_tour:{name}"),)


def test_every_pane_is_trained_painted_and_saved(tmp_path, capfd):
    folder = tmp_path / "new" / "pictures"
    assert tour.run_tour(options(folder), WALKS, create) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["walk", "other"]
    for line in lines:
        words = line.replace(",", "").split()
        assert int(words[words.index("steps") - 1]) > 0
        assert int(words[words.index("frames") - 1]) > 0
        assert "position" in line
    assert err == ""
    assert sorted(path.name for path in folder.iterdir()) == ["other.png", "walk.png"]
    picture = QImage(str(folder / "walk.png"))
    assert (picture.width(), picture.height()) == (1024, 700)
    assert not tour.is_uniform(picture)


def test_the_theme_is_the_one_asked_for_and_does_not_stay(tmp_path):
    before = theme().mode
    brightness = {}
    for mode in ("dark", "light"):
        assert tour.run_tour(options(tmp_path / mode, theme=mode), WALKS[:1], create) == 0
        picture = QImage(str(tmp_path / mode / "walk.png")).scaled(
            1, 1, mode=Qt.TransformationMode.SmoothTransformation
        )
        brightness[mode] = picture.pixelColor(0, 0).lightness()
    assert brightness["dark"] < 100 < brightness["light"]
    assert theme().mode == before


def test_a_run_that_ends_early_is_shown_at_its_end(tmp_path, capsys):
    told = options(tmp_path, seconds=60.0)
    assert tour.run_tour(told, shown_by("ShortPane"), create) == 0
    assert "321 steps" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("pane", "sentence"),
    [
        ("EndedPane", "It has not trained."),
        ("EmptyPane", "It has not painted."),
        ("FailingPane", "stopped after step 50"),
        ("RaisingPane", "no such column"),
    ],
)
def test_what_must_not_be_is_named_and_fails(tmp_path, capsys, pane, sentence):
    assert tour.run_tour(options(tmp_path), shown_by(pane), create) == 1
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out.count("\n") == 1
    assert (tmp_path / f"{pane.lower()}.png").exists()
    # Python keeps the last exception that a slot has raised, and with it the whole window.
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert tour.run_tour(options(tmp_path / "file"), WALKS, create) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_picture_that_cannot_be_written_ends_the_tour(tmp_path, capsys):
    (tmp_path / "walk.png").mkdir()
    assert tour.run_tour(options(tmp_path), WALKS, create) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_scale_is_that_of_the_screen(tmp_path, monkeypatch):
    monkeypatch.setenv("QT_SCALE_FACTOR", "1")
    tour.run_tour(options(tmp_path, scale=1.5), WALKS[:1], create)
    assert os.environ["QT_SCALE_FACTOR"] == "1.5"


def test_a_single_other_pixel_is_a_picture():
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    image.fill(qRgb(10, 20, 30))
    assert tour.is_uniform(image)
    image.setPixel(7, 7, qRgb(10, 20, 31))
    assert not tour.is_uniform(image)
    assert tour.is_uniform(QImage())
