"""Everything that leaves the pane as a file: pictures, numbers and code."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from playground.core.atomic_files import write_atomically
from playground.experiments.init_script import as_torch_script
from playground.experiments.init_snapshot import (
    LAYER_SERIES,
    QUANTITIES,
    SERIES_LOSS,
    InitSnapshot,
)
from playground.ui.saving import PNG_SCALE, ask_and_save, widget_picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.panes.init.pane import InitPane
    from playground.ui.plots import Plot

PICTURES = "PNG (*.png);;SVG (*.svg)"
TABLES = "CSV (*.csv)"


class Exports:
    """Asks for file names and writes what is on screen."""

    def __init__(self, pane: InitPane) -> None:
        self._pane = pane

    def fill(self, menu: QMenu) -> None:
        """Add one entry for everything that can be saved now."""
        there = self._pane.channel.last_frame is not None
        entries: tuple[tuple[str, str, str, Callable[[Path], object]], ...] = (
            ("Histograms as picture…", "histograms.png", PICTURES, self.save_strip),
            ("Depth curves as picture…", "depth.png", PICTURES, self.save_depth),
            ("Curves over time as picture…", "curves.png", PICTURES, self.save_time),
            ("Heat map as picture…", "heat-map.png", PICTURES, self.save_heat),
            ("Layers as CSV…", "layers.csv", TABLES, self.save_layers),
            ("Histograms as CSV…", "histograms.csv", TABLES, self.save_histograms),
            ("History as CSV…", "history.csv", TABLES, self.save_history),
            ("As PyTorch script…", "initialisation.py", "Python (*.py)", self.save_script),
        )
        for words, name, kinds, save in entries:
            self._add(menu, words, name, kinds, save).setEnabled(there)
        for view, words, name in (
            (self._pane.matrix, "Matrix as CSV…", "matrix.csv"),
            (self._pane.schemes, "All schemes as CSV…", "schemes.csv"),
        ):
            if table := view.csv():
                self._add(menu, words, name, TABLES, _writer(table))

    def save_strip(self, path: Path) -> None:
        """Write the histograms as PNG, or as SVG where the name ends in ``.svg``."""
        write_atomically(path, widget_picture(self._pane.strip, path, "Weight initialisation"))

    def save_heat(self, path: Path) -> None:
        """Write both heat maps with their key."""
        write_atomically(path, widget_picture(self._pane.heat, path, "Weight initialisation"))

    def save_depth(self, path: Path) -> None:
        """Write the depth curves as a picture."""
        _save_plot(self._pane.curves.plot, path)

    def save_time(self, path: Path) -> None:
        """Write the curves over time as a picture."""
        _save_plot(self._pane.time.plot, path)

    def save_layers(self, path: Path) -> None:
        """Write mean and standard deviation of every quantity of every layer."""
        write_atomically(path, layers_csv(self._snapshot()))

    def save_histograms(self, path: Path) -> None:
        """Write every bar of every histogram on screen."""
        write_atomically(path, histograms_csv(self._snapshot()))

    def save_history(self, path: Path) -> None:
        """Write loss and accuracy of every step with what was recorded of the layers then."""
        write_atomically(path, history_csv(self._frame()))

    def save_script(self, path: Path) -> None:
        """Write the run as a file that needs torch only."""
        frame = self._frame()
        write_atomically(path, as_torch_script(self._snapshot().spec, frame.seed))

    def _add(
        self, menu: QMenu, words: str, name: str, kinds: str, save: Callable[[Path], object]
    ) -> QAction:
        action = menu.addAction(words)
        action.triggered.connect(lambda: self._ask(name, kinds, save))
        return action

    def _ask(self, name: str, kinds: str, save: Callable[[Path], object]) -> None:
        ask_and_save(self._pane, name, kinds, save, self._pane.context.report)

    def _frame(self) -> Frame:
        frame = self._pane.channel.last_frame
        if frame is None:
            raise ValueError("There is no run to save yet.")
        return frame

    def _snapshot(self) -> InitSnapshot:
        snapshot = self._frame().snapshot
        if not isinstance(snapshot, InitSnapshot):
            raise TypeError(f"the pane cannot show a {type(snapshot).__name__}")
        return snapshot


def layers_csv(snapshot: InitSnapshot) -> str:
    """Return one row for every quantity of every layer."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("step", "layer", "neurons", "quantity", "mean", "std", "theory_std"))
    for layer in snapshot.layers:
        for quantity in QUANTITIES:
            if not (layer.is_output and quantity in ("a", "da")):
                row = (snapshot.step, layer.name, layer.size, quantity, *layer.spreads[quantity])
                writer.writerow(row)
    return text.getvalue()


def histograms_csv(snapshot: InitSnapshot) -> str:
    """Return one row for every bar of every histogram."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("step", "layer", "quantity", "from", "to", "count", "counted", "outside"))
    for layer in snapshot.layers:
        for quantity, histogram in layer.histograms.items():
            ends = histogram.edges.tolist()
            bars = zip(ends, ends[1:], histogram.counts.tolist(), strict=False)
            writer.writerows(
                (snapshot.step, layer.name, quantity, *bar, histogram.counted, histogram.outside)
                for bar in bars
            )
    return text.getvalue()


def history_csv(frame: Frame) -> str:
    """Return one row a step; the columns of layers are empty at steps that were not recorded."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    by_step: dict[int, list[float]] = {}
    names: list[str] = []
    for name in LAYER_SERIES:
        series = frame.history.series(name)
        names += [f"{name}_{column}" for column in series.columns]
        for step, *values in series.rows():
            by_step.setdefault(int(step), []).extend(values)
    batches = frame.history.series(SERIES_LOSS)
    writer.writerow(("step", *batches.columns, *names))
    writer.writerows((*row, *by_step.get(int(row[0]), ())) for row in batches.rows())
    return text.getvalue()


def _writer(table: str) -> Callable[[Path], object]:
    def save(path: Path) -> None:
        write_atomically(path, table)

    return save


def _save_plot(plot: Plot, path: Path) -> None:
    if path.suffix.lower() == ".svg":
        plot.export_svg(path)
    else:
        plot.export_png(path, PNG_SCALE)
