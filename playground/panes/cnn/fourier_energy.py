"""How much of a picture a few waves are: energy against their number, in both orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from playground.ui.controls import ColourDot
from playground.ui.elided_label import ElidedLabel
from playground.ui.number_text import format_number
from playground.ui.plots import Bounds, NowLine, Plot
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.core.spectral_rebuild import Rebuild
    from playground.experiments.fourier_snapshot import FourierSnapshot

CURVES = (("low", "low first", "lane:1"), ("strong", "strongest first", "lane:0"))


class EnergyCard(QWidget):
    """Two curves that are known from the start, and the line where the run stands."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = Plot("coefficients", "energy", y_unit="%")
        self.plot.setMinimumHeight(px(96))
        self.plot.set_log(x=True)
        self.plot.set_hold(False)
        self._curves = {key: self.plot.add_curve(name, colour) for key, name, colour in CURVES}
        self.now = NowLine()
        self.plot.item.addItem(self.now, ignoreBounds=True)
        self._shown: tuple[Rebuild, Rebuild] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._head_row = QHBoxLayout()
        for _key, name, colour in CURVES:
            label = ElidedLabel(name)
            label.setProperty("role", "muted")
            self._head_row.addWidget(ColourDot(colour, "line", size=9))
            self._head_row.addWidget(label)
        self._head_row.addStretch(1)
        self._column.addLayout(self._head_row)
        self._column.addWidget(self.plot, 1)
        self.plot.set_read_out(self._read)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def plans(self) -> tuple[Rebuild, Rebuild] | None:
        """What is drawn: low frequencies first, strongest first."""
        return self._shown

    def show_snapshot(self, snapshot: FourierSnapshot) -> None:
        """Draw the curves of a picture, and where it stands."""
        part = snapshot.filtered
        if part is None:
            return
        shown = self._shown
        if shown is None or part.low is not shown[0] or part.strong is not shown[1]:
            self._draw(part.low, part.strong)
        count = int(snapshot.plan.counts[snapshot.place])
        self.now.set_now(float(np.log10(count)) if count else None)

    def _draw(self, low: Rebuild, strong: Rebuild) -> None:
        self._shown = low, strong
        for curve, plan in zip(self._curves.values(), self._shown, strict=True):
            curve.set_data(plan.counts[1:], 100.0 * plan.shares[1:])
        most = float(np.log10(max(2, int(low.counts[-1]))))
        self.plot.set_range(Bounds(0.0, most, 0.0, 104.0))

    def _read(self, x: float, _: float) -> str:
        if self._shown is None:
            return ""
        lines = [f"{format_number(max(1, round(x)))} coefficients"]
        for (_key, name, _colour), plan in zip(CURVES, self._shown, strict=True):
            place = int(np.searchsorted(plan.counts, x, side="right")) - 1
            lines.append(f"{name} {100.0 * float(plan.shares[max(0, place)]):.3g} %")
        return "\n".join(lines)

    def _on_theme_changed(self) -> None:
        self.now.apply_theme()
        self._column.setSpacing(px(2))
        self._head_row.setSpacing(px(6))
