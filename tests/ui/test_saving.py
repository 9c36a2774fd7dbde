from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QLabel

from playground.core.atomic_files import SaveError
from playground.ui.saving import ask_and_save, widget_picture


@pytest.fixture
def label(qtbot, themed):
    made = QLabel("seven")
    qtbot.addWidget(made)
    made.resize(80, 30)
    return made


def answer(monkeypatch, path, kind="Table (*.csv)"):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), kind))


@pytest.mark.parametrize(("typed", "written"), [("rows", "rows.csv"), ("rows.txt", "rows.txt")])
def test_a_name_without_a_suffix_gets_that_of_its_kind(
    label, tmp_path, monkeypatch, typed, written
):
    answer(monkeypatch, tmp_path / typed)
    saved, told = [], []
    ask_and_save(label, "rows", "Table (*.csv)", saved.append, lambda *words: told.append(words))
    assert (saved, told) == ([tmp_path / written], [])


def test_nothing_is_saved_where_nobody_answers(label, monkeypatch):
    answer(monkeypatch, "")
    ask_and_save(label, "rows", "", pytest.fail, pytest.fail)


@pytest.mark.parametrize("error", [SaveError("The disk is full."), ValueError("The disk is full.")])
def test_a_problem_is_one_sentence(label, tmp_path, monkeypatch, error):
    answer(monkeypatch, tmp_path / "rows.csv")
    told = []

    def save(_path):
        raise error

    ask_and_save(label, "rows", "", save, lambda *words: told.append(words))
    assert told == [("The disk is full.", "")]


def test_a_widget_becomes_a_png_at_twice_its_size_or_an_svg(label, tmp_path):
    image = QImage.fromData(widget_picture(label, tmp_path / "a.png", "Seven"))
    assert (image.width(), image.height()) == (160, 60)
    assert len({image.pixel(x, 30) for x in range(160)}) > 1
    drawing = widget_picture(label, tmp_path / "a.SVG", "Seven").decode("utf-8")
    assert "<title>Seven</title>" in drawing
