from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from playground.core.atomic_files import SaveError
from playground.ui.plots import Bounds, ScalarImage
from playground.ui.theme import DARK


def holds(image, colour):
    """Return True when a pixel of an image has exactly this colour."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), -1)
    return bool(((raw & 0xFFFFFF) == int(colour[1:], 16)).any())


@pytest.fixture
def filled(plot):
    plot.add_curve("loss", "lane:0").set_data(np.arange(20), np.arange(20) ** 2)
    image = ScalarImage()
    plot.add(image)
    image.set_data(np.eye(4), extent=Bounds(0, 4, 0, 100))
    QApplication.processEvents()
    return plot


def test_png_is_a_picture_at_the_scale_asked_for(filled, tmp_path):
    path = filled.export_png(tmp_path / "plot.png", scale=2.0)
    image = QImage(str(path))
    assert image.width() == pytest.approx(2 * filled.item.sceneBoundingRect().width(), abs=2)
    assert image.pixelColor(2, 2) == QColor(DARK.raised)
    assert holds(image, DARK.lanes[0])


def test_svg_is_well_formed_and_holds_the_words(filled, tmp_path):
    path = filled.export_svg(tmp_path / "plot.svg")
    root = ET.fromstring(path.read_bytes())
    assert root.tag.endswith("svg")
    assert "epoch" in "".join(root.itertext())
    # What is drawn can be drawn: Qt reads it back, lines, ground and all.
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    image = QImage(renderer.defaultSize(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    assert image.pixelColor(2, 2).name() == DARK.raised
    assert holds(image, DARK.lanes[0])


def test_svg_clips_the_curves_to_the_axes(filled, tmp_path):
    svg = "{http://www.w3.org/2000/svg}"
    root = ET.fromstring(filled.export_svg(tmp_path / "plot.svg").read_bytes())
    clips = {clip.get("id"): clip[0].get("d") for clip in root.iter(f"{svg}clipPath")}
    box = filled.box.sceneBoundingRect()
    clipped = [
        clips[group.get("clip-path")[5:-1]]
        for group in root.iter(f"{svg}g")
        if group.get("clip-path")
        and any(inner.get("stroke") == DARK.lanes[0] for inner in group.iter(f"{svg}g"))
    ]
    assert clipped
    for path in clipped:
        numbers = [float(text) for text in re.findall(r"[-\d.]+", path)]
        xs, ys = numbers[0::2], numbers[1::2]
        assert min(xs) == pytest.approx(box.left(), abs=2)
        assert max(xs) == pytest.approx(box.right(), abs=2)
        assert min(ys) == pytest.approx(box.top(), abs=2)
        assert max(ys) == pytest.approx(box.bottom(), abs=2)


def test_lines_keep_their_thickness_at_every_resolution(filled, tmp_path):
    curve = filled.curves[0]
    curve.set_data([0, 19], [50, 50])
    before = curve.past.opts["pen"].widthF()
    counts = []
    for scale in (1.0, 3.0):
        image = QImage(str(filled.export_png(tmp_path / f"{scale}.png", scale)))
        x = round(image.width() * 0.6)
        column = [image.pixelColor(x, y).name() for y in range(image.height())]
        counts.append(column.count(DARK.lanes[0]))
    assert counts[1] == pytest.approx(3 * counts[0], abs=2)
    assert curve.past.opts["pen"].widthF() == before


def test_a_name_without_ending_becomes_a_png(filled, tmp_path):
    assert filled.export_png(tmp_path / "plot").name == "plot.png"


def test_a_picture_that_cannot_be_saved_is_a_sentence(filled, tmp_path):
    with pytest.raises(SaveError):
        filled.export_png(tmp_path / "missing" / "plot.png")


def test_saving_from_the_menu_tells_a_failure_in_one_sentence(filled, qtbot, monkeypatch, tmp_path):
    from playground.ui.plots import pictures

    answers = iter([("", ""), (str(tmp_path / "missing" / "a.svg"), ""), (str(tmp_path / "b"), "")])
    monkeypatch.setattr(pictures.QFileDialog, "getSaveFileName", lambda *_: next(answers))
    said = []
    filled.picture_failed.connect(said.append)
    filled.pictures.save_action.trigger()
    assert said == []
    filled.pictures.save_action.trigger()
    assert len(said) == 1
    assert said[0].endswith(".")
    filled.pictures.save_action.trigger()
    assert (tmp_path / "b.png").exists()


def test_copy_puts_the_picture_on_the_clipboard(filled):
    filled.pictures.copy_action.trigger()
    assert QGuiApplication.clipboard().image().width() > 400
