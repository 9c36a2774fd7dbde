"""The card of sizes: how large the result is, and how many weights it takes, shared or not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.panes.cnn.convolution_layout import small_words
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from playground.experiments.convolution_snapshot import ConvolutionSnapshot

FORMULA = "⌊(N + 2P − D·(F − 1) − 1) / S⌋ + 1"
LEGEND = "N input, P padding, D dilation, F kernel, S stride"


class SizesCard(QWidget):
    """The formula with its numbers, and two bars of weights."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawn_for: object = None
        self.formula = small_words("text")
        self.numbers = small_words("text")
        self.bars = _Bars()
        self.words = small_words()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.formula, self.numbers):
            self._column.addWidget(widget)
        self._column.addWidget(self.bars, 1)
        self._column.addWidget(self.words)
        self.formula.show_words(f"Size = {FORMULA}   ({LEGEND})")
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_snapshot(self, snapshot: ConvolutionSnapshot) -> None:
        """Show sizes and weights."""
        key = (snapshot.result, snapshot.problem)
        if key == self._drawn_for:
            return
        self._drawn_for = key
        self.numbers.show_words(snapshot.size_sentence)
        result = snapshot.result
        if result is None:
            self.bars.show_bars(())
            self.words.show_words("")
            return
        counts = result.counts
        self.bars.show_bars(
            (("shared by all windows", counts.shared), ("fully connected", counts.full))
        )
        self.words.show_words(count_words(snapshot))

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))


class _Bars(QWidget):
    """Two numbers as bars whose length counts digits."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: tuple[tuple[str, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("Weights, on a logarithmic scale")
        theme().changed.connect(self.update)

    def show_bars(self, bars: tuple[tuple[str, int], ...]) -> None:
        """Show other numbers."""
        self._bars = bars
        self.setAccessibleName("; ".join(f"{name}: {count:,}" for name, count in bars))
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(240), px(90))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), px(56))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = min(self.height() / len(self._bars), px(48))
        longest = max(math.log10(max(count, 1)) for _, count in self._bars) or 1.0
        room = self.width() * 0.7
        for place, (name, count) in enumerate(self._bars):
            top = place * high
            length = max(px(4), room * math.log10(max(count, 1)) / longest)
            bar = QRectF(0.0, top + px(16), length, max(px(8), high - px(22)))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("accent" if place == 0 else "control"))
            painter.drawRoundedRect(bar, px(3), px(3))
            painter.setPen(qcolor("muted"))
            painter.setFont(ui_font(px(11)))
            painter.drawText(QRectF(0.0, top, self.width(), px(15)), 0, name)
            painter.setPen(qcolor("text"))
            painter.setFont(number_font(px(13), Weight.DemiBold))
            # As high as the figures, however low the bar is.
            words = QRectF(bar.right() + px(8), bar.center().y() - px(9), self.width(), px(18))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, f"{count:,}")


def count_words(snapshot: ConvolutionSnapshot) -> str:
    """Return weights and products in words; empty without a result."""
    result = snapshot.result
    if result is None:
        return ""
    counts = result.counts
    height, width = snapshot.picture.shape
    out_height, out_width = result.geometry.output
    rows, cols = snapshot.laid.shape[1:]
    channels = len(snapshot.picture.values) if snapshot.spec.channels != "each" else 1
    depth = f" × {channels} channels" if channels > 1 else ""
    if snapshot.spec.is_signal:
        shared, full = f"{cols}", f"{width} × {out_width}"
    else:
        shared = f"{rows} × {cols}{depth}"
        full = f"{width} × {height}{depth} × {out_width} × {out_height}"
    return (
        f"Shared weights: {shared} = {counts.shared:,}. Fully connected: {full} = "
        f"{counts.full:,}. This result takes {counts.multiplications:,} products."
    )
