"""Everything that leaves the laboratory as a file: pictures of the view, pixels, numbers."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice

from playground.core.atomic_files import write_atomically
from playground.experiments.fourier_snapshot import FourierSnapshot
from playground.panes.cnn.fourier_picture import coloured
from playground.ui.image_input import as_qimage
from playground.ui.saving import PNG_SCALE, ask_and_save, widget_picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QMenu

    from playground.panes.cnn.fourier_lab import FourierLab

PICTURES = "PNG (*.png);;SVG (*.svg)"
PIXELS = "PNG (*.png)"
TABLES = "CSV (*.csv)"


class LabExports:
    """Asks for file names and writes what is on screen."""

    def __init__(self, lab: FourierLab) -> None:
        self._lab = lab

    def fill(self, menu: QMenu) -> None:
        """Add one entry for everything that can be saved now."""
        there = self._lab.channel.last_frame is not None
        entries: tuple[tuple[str, str, str, Callable[[Path], object]], ...] = (
            ("View as picture…", "fourier.png", PICTURES, self.save_view),
            ("What passes, pixel by pixel…", "filtered.png", PIXELS, self.save_result),
            ("Spectrum, pixel by pixel…", "spectrum.png", PIXELS, self.save_spectrum),
            ("Energy curves as picture…", "energy.png", PICTURES, self.save_energy),
            ("Spectrum as CSV…", "spectrum.csv", TABLES, self.save_table),
            ("Energy of waves as CSV…", "energy.csv", TABLES, self.save_energy_table),
        )
        for words, name, kinds, save in entries:
            self._add(menu, words, name, kinds, save, there)

    def save_view(self, path: Path) -> None:
        """Write the view in front as PNG, or as SVG where the name ends in ``.svg``."""
        write_atomically(path, widget_picture(self._lab.front_view, path, "Fourier laboratory"))

    def save_result(self, path: Path) -> None:
        """Write what passes the mask, one pixel for one."""
        part = self._snapshot().filtered
        if part is None:
            raise ValueError("Show the view “Filter” first: what passes is not computed yet.")
        write_atomically(path, _png(coloured(part.result.pixels, part.result.colours)))

    def save_spectrum(self, path: Path) -> None:
        """Write the logarithmic magnitudes in the colours on screen."""
        write_atomically(path, _png(coloured(self._snapshot().spectrum.magnitude, "scalar")))

    def save_energy(self, path: Path) -> None:
        """Write both energy curves as a picture."""
        plot = self._lab.energy.plot
        if path.suffix.lower() == ".svg":
            plot.export_svg(path)
        else:
            plot.export_png(path, PNG_SCALE)

    def save_table(self, path: Path) -> None:
        """Write magnitude and phase of every frequency."""
        write_atomically(path, spectrum_csv(self._snapshot()))

    def save_energy_table(self, path: Path) -> None:
        """Write share and error after every step of the chosen order."""
        write_atomically(path, energy_csv(self._snapshot()))

    def _add(
        self,
        menu: QMenu,
        words: str,
        name: str,
        kinds: str,
        save: Callable[[Path], object],
        enabled: bool,
    ) -> None:
        action = menu.addAction(words)
        action.setEnabled(enabled)
        action.triggered.connect(lambda: self._ask(name, kinds, save))

    def _ask(self, name: str, kinds: str, save: Callable[[Path], object]) -> None:
        ask_and_save(self._lab, name, kinds, save, self._lab.context.report)

    def _snapshot(self) -> FourierSnapshot:
        frame = self._lab.channel.last_frame
        if frame is None or not isinstance(frame.snapshot, FourierSnapshot):
            raise ValueError("There is nothing to save yet.")
        return frame.snapshot


def spectrum_csv(snapshot: FourierSnapshot) -> str:
    """Return one row for every frequency, in cycles over the whole picture."""
    values = snapshot.spectrum.values
    height, width = values.shape
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("down", "right", "magnitude", "phase_radians", "mask"))
    magnitudes, phases = np.abs(values).tolist(), np.angle(values).tolist()
    mask = snapshot.mask.tolist()
    for row in range(height):
        writer.writerows(
            (row - height // 2, column - width // 2, magnitude, phases[row][column], passes)
            for column, (magnitude, passes) in enumerate(
                zip(magnitudes[row], mask[row], strict=True)
            )
        )
    return text.getvalue()


def energy_csv(snapshot: FourierSnapshot) -> str:
    """Return one row for every step of the order in force."""
    plan = snapshot.plan
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("step", "coefficients", "energy_share", "rms_error"))
    columns = (plan.counts.tolist(), plan.shares.tolist(), plan.errors.tolist())
    writer.writerows((step, *row) for step, row in enumerate(zip(*columns, strict=True)))
    return text.getvalue()


def _png(pixels: np.ndarray) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    as_qimage(pixels).save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    return bytes(data.data())
