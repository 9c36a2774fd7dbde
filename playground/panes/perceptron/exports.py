"""Everything that leaves the pane as a file: pictures, numbers, points and code."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtSvg import QSvgGenerator

from playground.core.atomic_files import write_atomically
from playground.core.point_files import write_points
from playground.experiments.perceptron_script import as_torch_script
from playground.experiments.perceptron_snapshot import PerceptronSnapshot
from playground.ui.saving import PNG_SCALE, ask_and_save

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.panes.perceptron.pane import PerceptronPane
    from playground.panes.perceptron.plane import PlaneView

POINT_FILTER = "CSV (*.csv);;Tab-separated (*.tsv);;Text (*.txt);;NumPy (*.npy);;NumPy (*.npz)"


class Exports:
    """Asks for file names and writes what is on screen."""

    def __init__(self, pane: PerceptronPane) -> None:
        self._pane = pane

    def fill(self, menu: QMenu) -> None:
        """Add one entry for everything that can be saved now."""
        frame = self._pane.channel.last_frame
        entries: tuple[tuple[str, str, str, Callable[[Path], object]], ...] = (
            ("Plane as picture…", "plane.png", "PNG (*.png);;SVG (*.svg)", self.save_plane),
            ("Curves as picture…", "curves.png", "PNG (*.png);;SVG (*.svg)", self.save_curves),
            (
                "Weight space as picture…",
                "weights.png",
                "PNG (*.png);;SVG (*.svg)",
                self.save_weights,
            ),
            ("History as CSV…", "history.csv", "CSV (*.csv)", self.save_history),
            ("Points…", "points.csv", POINT_FILTER, self.save_points),
            ("As PyTorch script…", "perceptron.py", "Python (*.py)", self.save_script),
        )
        for words, name, kinds, save in entries:
            action = menu.addAction(words)
            action.setEnabled(frame is not None)
            action.triggered.connect(lambda _=False, n=name, k=kinds, s=save: self._ask(n, k, s))
        if self._pane.cards.studies.csv():
            action = menu.addAction("Study as CSV…")
            action.triggered.connect(lambda: self._ask("study.csv", "CSV (*.csv)", self.save_study))

    def save_plane(self, path: Path) -> None:
        """Write the plane as PNG, or as SVG where the name ends in ``.svg``."""
        vector = path.suffix.lower() == ".svg"
        write_atomically(
            path, plane_svg(self._pane.plane) if vector else plane_png(self._pane.plane)
        )

    def save_curves(self, path: Path) -> None:
        """Write the curves as a picture."""
        plot = self._pane.cards.curves.plot
        plot.export_svg(path) if path.suffix.lower() == ".svg" else plot.export_png(path, PNG_SCALE)

    def save_weights(self, path: Path) -> None:
        """Write the weight space as a picture."""
        plot = self._pane.cards.weights.plot
        plot.export_svg(path) if path.suffix.lower() == ".svg" else plot.export_png(path, PNG_SCALE)

    def save_history(self, path: Path) -> None:
        """Write the epochs of all models as one table."""
        write_atomically(path, history_csv(self._frame()))

    def save_points(self, path: Path) -> None:
        """Write the points in the format that the name asks for."""
        write_points(path, self._snapshot().points)

    def save_script(self, path: Path) -> None:
        """Write the selected model's run as a PyTorch script; many points go beside it."""
        frame, snapshot = self._frame(), self._snapshot()
        learner = self._pane.selected_learner()
        script = as_torch_script(snapshot.spec, frame.seed, snapshot.points, learner)
        write_atomically(path, script)
        beside = path.with_name("points.csv")
        if beside.name in script:
            write_points(beside, snapshot.points)

    def save_study(self, path: Path) -> None:
        """Write the last order study or cross-validation."""
        write_atomically(path, self._pane.cards.studies.csv())

    def _ask(self, name: str, kinds: str, save: Callable[[Path], object]) -> None:
        ask_and_save(self._pane, name, kinds, save, self._pane.context.report)

    def _frame(self) -> Frame:
        frame = self._pane.channel.last_frame
        if frame is None:
            raise ValueError("There is no run to save yet.")
        return frame

    def _snapshot(self) -> PerceptronSnapshot:
        snapshot = self._frame().snapshot
        if not isinstance(snapshot, PerceptronSnapshot):
            raise TypeError(f"the pane cannot show a {type(snapshot).__name__}")
        return snapshot


def plane_png(plane: PlaneView) -> bytes:
    """Return a picture of the plane at twice its size on screen."""
    size = plane.size() * PNG_SCALE
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(PNG_SCALE)
    plane.draw(image, PNG_SCALE)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    buffer.close()
    return bytes(data.data())


def plane_svg(plane: PlaneView) -> bytes:
    """Return a drawing of the plane; beyond some thousand points they are a picture in it."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(plane.size())
    generator.setViewBox(QRect(0, 0, plane.width(), plane.height()))
    generator.setTitle("Perceptron")
    plane.draw(generator, PNG_SCALE, vector=True)
    buffer.close()
    return bytes(data.data())


def history_csv(frame: Frame) -> str:
    """Return one row for every epoch of every model."""
    snapshot = frame.snapshot
    if not isinstance(snapshot, PerceptronSnapshot):
        raise TypeError(f"not a perceptron run: {type(snapshot).__name__}")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = True
    for view in snapshot.learners:
        series = frame.history.series(f"epoch/{view.index}")
        if head:
            writer.writerow(("model", "step", *series.columns))
            head = False
        writer.writerows((view.name, *row) for row in series.rows())
    return text.getvalue()
