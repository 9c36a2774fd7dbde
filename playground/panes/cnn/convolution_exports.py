"""Everything that leaves the laboratory as a file: pictures and numbers."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImageWriter

from playground.core.atomic_files import write_atomically
from playground.panes.cnn.convolution_drawing import themed_pixels
from playground.panes.cnn.convolution_kernel import kernel_text
from playground.panes.cnn.convolution_result import stage_map
from playground.panes.cnn.convolution_script import as_torch_script
from playground.ui.image_input import as_qimage
from playground.ui.saving import ask_and_save, widget_picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QMenu

    from playground.experiments.convolution_snapshot import ConvolutionSnapshot, DrawnMap
    from playground.panes.cnn.convolution_lab import ConvolutionLab

PICTURES = "PNG (*.png);;SVG (*.svg)"
PIXELS = "PNG (*.png)"
TABLES = "CSV (*.csv)"


class LabExports:
    """Asks for file names and writes what is on screen."""

    def __init__(self, lab: ConvolutionLab) -> None:
        self._lab = lab

    def fill(self, menu: QMenu) -> None:
        """Add one entry for everything that can be saved now."""
        snapshot = self._lab.snapshot
        there, result = snapshot is not None, snapshot is not None and snapshot.result is not None
        entries: tuple[tuple[str, str, str, Callable[[Path], object], bool], ...] = (
            ("Stage as picture…", "convolution.png", PICTURES, self.save_stage, there),
            ("Arithmetic as picture…", "arithmetic.png", PICTURES, self.save_card, there),
            ("Result, pixel by pixel…", "result.png", PIXELS, self.save_result, result),
            ("Picture, pixel by pixel…", "picture.png", PIXELS, self.save_input, there),
            ("Result as CSV…", "result.csv", TABLES, self.save_numbers, result),
            ("Kernel as CSV…", "kernel.csv", TABLES, self.save_kernel, there),
            ("As PyTorch script…", "convolution.py", "Python (*.py)", self.save_script, result),
        )
        for words, name, kinds, save, enabled in entries:
            action = menu.addAction(words)
            action.setEnabled(enabled)
            action.triggered.connect(
                lambda _=False, name=name, kinds=kinds, save=save: self._ask(name, kinds, save)
            )

    def save_stage(self, path: Path) -> None:
        """Write picture, kernel and result as PNG, or as SVG where the name ends in ``.svg``."""
        write_atomically(path, widget_picture(self._lab.stage, path, "Convolution"))

    def save_card(self, path: Path) -> None:
        """Write the arithmetic of the pixel that is looked at."""
        write_atomically(path, widget_picture(self._lab.card, path, "Arithmetic of one pixel"))

    def save_result(self, path: Path) -> None:
        """Write the result with one pixel of the file for each of its numbers."""
        write_atomically(path, pixel_picture(self._map()))

    def save_input(self, path: Path) -> None:
        """Write the picture without its border, pixel by pixel."""
        write_atomically(path, pixel_picture(self._snapshot().picture))

    def save_numbers(self, path: Path) -> None:
        """Write every number of the result with its channel, row and column."""
        write_atomically(path, numbers_csv(self._map()))

    def save_kernel(self, path: Path) -> None:
        """Write the cells of the kernel, one line a row."""
        write_atomically(path, kernel_text(self._lab.stage.kernel.kernel.array))

    def save_script(self, path: Path) -> None:
        """Write the result as a program that needs torch only."""
        write_atomically(path, as_torch_script(self._snapshot()))

    def _map(self) -> DrawnMap:
        result = self._snapshot().result
        if result is None:
            raise ValueError("There is no result to save: the kernel does not fit the picture.")
        return stage_map(result, self._lab.stage.result.stage)

    def _snapshot(self) -> ConvolutionSnapshot:
        snapshot = self._lab.snapshot
        if snapshot is None:
            raise ValueError("There is nothing to save yet.")
        return snapshot

    def _ask(self, name: str, kinds: str, save: Callable[[Path], object]) -> None:
        ask_and_save(self._lab, name, kinds, save, self._lab.context.report)


def pixel_picture(drawn: DrawnMap) -> bytes:
    """Return a map as PNG, one pixel for each of its numbers."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(as_qimage(themed_pixels(drawn)))
    buffer.close()
    return bytes(data.data())


def numbers_csv(drawn: DrawnMap) -> str:
    """Return one line for every number of a map."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("channel", "row", "column", "value"))
    for channel, plane in enumerate(drawn.values.tolist()):
        for row, numbers in enumerate(plane):
            writer.writerows((channel, row, col, value) for col, value in enumerate(numbers))
    return text.getvalue()
