"""Everything that leaves the pane as a file: pictures, trails and code."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from playground.core.atomic_files import write_atomically
from playground.experiments.optimizers_script import as_torch_script
from playground.experiments.optimizers_snapshot import (
    SERIES_COLUMNS,
    OptimizerRaceSnapshot,
    lane_series,
)
from playground.panes.optimizers.animation import AnimationDialog
from playground.ui.saving import PNG_SCALE, ask_and_save

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.panes.optimizers.pane import OptimizerRacePane
    from playground.ui.plots import Plot

PICTURES = "PNG (*.png);;SVG (*.svg)"


class Exports:
    """Asks for file names and writes what is on screen."""

    def __init__(self, pane: OptimizerRacePane) -> None:
        self._pane = pane

    def fill(self, menu: QMenu) -> None:
        """Add one entry for everything that can be saved now."""
        there = self._pane.channel.last_frame is not None
        entries: tuple[tuple[str, str, str, Callable[[Path], object]], ...] = (
            ("Map as picture…", "race.png", PICTURES, self.save_map),
            ("Curves as picture…", "curves.png", PICTURES, self.save_curves),
            ("Trails as CSV…", "trails.csv", "CSV (*.csv)", self.save_trails),
            ("3-D view as picture…", "surface.png", "PNG (*.png)", self.save_solid),
            ("As PyTorch script…", "race.py", "Python (*.py)", self.save_script),
        )
        for words, name, kinds, save in entries:
            action = menu.addAction(words)
            action.setEnabled(there)
            action.triggered.connect(lambda _=False, n=name, k=kinds, s=save: self.ask(n, k, s))
        action = menu.addAction("Race as animated picture…")
        action.setEnabled(there)
        action.triggered.connect(self._film)
        if self._pane.laboratories.csv():
            action = menu.addAction("Laboratory as CSV…")
            action.triggered.connect(
                lambda: self.ask("laboratory.csv", "CSV (*.csv)", self.save_laboratory)
            )

    def save_map(self, path: Path) -> None:
        """Write the map as PNG, or as SVG where the name ends in ``.svg``."""
        _save_plot(self._pane.map.plot, path)

    def save_solid(self, path: Path) -> None:
        """Write the view in three dimensions as PNG; it must have been opened before."""
        if self._pane.solid is None:
            raise ValueError("Open the 3-D view first; then it can be saved.")
        self._pane.solid.export_png(path)

    def save_curves(self, path: Path) -> None:
        """Write the curves as a picture."""
        _save_plot(self._pane.curves.plot, path)

    def save_trails(self, path: Path) -> None:
        """Write every round of every lane as one table."""
        write_atomically(path, trails_csv(self._frame()))

    def save_laboratory(self, path: Path) -> None:
        """Write the result of the laboratory in front."""
        write_atomically(path, self._pane.laboratories.csv())

    def save_script(self, path: Path) -> None:
        """Write the race as a file that needs torch only."""
        frame = self._frame()
        write_atomically(path, as_torch_script(_race(frame), frame.seed))

    def ask(self, name: str, kinds: str, save: Callable[[Path], object]) -> None:
        """Ask for a file name and save; a problem is told in one sentence."""
        ask_and_save(self._pane, name, kinds, save, self._pane.context.report)

    def _film(self) -> None:
        dialog = AnimationDialog(self._pane.channel, self._pane.selected_lane(), self._pane)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _frame(self) -> Frame:
        frame = self._pane.channel.last_frame
        if frame is None:
            raise ValueError("There is no race to save yet.")
        return frame


def trails_csv(frame: Frame) -> str:
    """Return one row for every round of every lane that takes part."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("lane", "method", "round", *SERIES_COLUMNS))
    for view in _race(frame).lanes:
        rows = frame.history.series(lane_series(view.index)).rows()
        writer.writerows((view.title, view.method, *row) for row in rows)
    return text.getvalue()


def _race(frame: Frame) -> OptimizerRaceSnapshot:
    snapshot = frame.snapshot
    if not isinstance(snapshot, OptimizerRaceSnapshot):
        raise TypeError(f"not an optimizer race: {type(snapshot).__name__}")
    return snapshot


def _save_plot(plot: Plot, path: Path) -> None:
    if path.suffix.lower() == ".svg":
        plot.export_svg(path)
    else:
        plot.export_png(path, PNG_SCALE)
