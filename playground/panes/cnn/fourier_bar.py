"""The bar above the views: which one, phases or magnitudes, and pictures of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from playground.experiments.fourier_pictures import PHASE_HUES
from playground.panes.cnn.fourier_commands import VIEWS as VIEW_WORDS
from playground.ui.controls import ChoiceBox, IconButton
from playground.ui.fonts import number_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

KEY_FONT_PX, KEY_BAR_PX = 11, 64
STOPS = 17


class PhaseKey(QWidget):
    """Which hue stands for which angle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setToolTip("Hues of the phases, from −180° over 0° to 180°")
        self.setAccessibleName("Key of the phases")
        theme().changed.connect(self.updateGeometry)

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(number_font(px(KEY_FONT_PX)))
        wide = 2 * metrics.horizontalAdvance("−180°") + px(KEY_BAR_PX + 12)
        return QSize(wide, metrics.height() + px(4))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(KEY_BAR_PX // 2), self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(number_font(px(KEY_FONT_PX)))
        # Where room is short the words go first: the tooltip says them too.
        worded = self.width() >= self.sizeHint().width()
        side = painter.fontMetrics().horizontalAdvance("−180°") + px(4) if worded else 0
        bar = QRectF(side, 0, self.width() - 2 * side, px(8))
        bar.moveTop((self.height() - bar.height()) / 2)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for stop in range(STOPS):
            share = stop / (STOPS - 1)
            red, green, blue = PHASE_HUES[round(share * 255)].tolist()
            gradient.setColorAt(share, QColor(int(red), int(green), int(blue)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, px(2), px(2))
        if not worded:
            return
        painter.setPen(qcolor("muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        ends = QRectF(0, 0, self.width() - px(2), self.height())
        painter.drawText(ends, middle | Qt.AlignmentFlag.AlignLeft, "−180°")
        painter.drawText(ends, middle | Qt.AlignmentFlag.AlignRight, "180°")


class LabBar(QWidget):
    """Which view, phases or magnitudes, and pictures of one's own.

    Signals
    -------
    view_chosen(object)
        Key of a view.
    """

    view_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.view = ChoiceBox(
            "View", tuple((key, words, tip) for key, words, tip, _, _ in VIEW_WORDS), segmented=True
        )
        self.phase = IconButton(
            "palette", "Phases\nHues stand for angles; bright where |F| is large.",
            checkable=True, size=16,
        )  # fmt: skip
        self.open = IconButton("folder-open", "Open a picture (or drop one here)", size=16)
        self.paste = IconButton("clipboard-paste", "Paste a picture", size=16)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.view)
        self._row.addStretch(1)
        self.key = PhaseKey()
        self._row.addWidget(self.key)
        for widget in (self.phase, self.open, self.paste):
            self._row.addWidget(widget)
        self.view.edited.connect(self.view_chosen)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(4))
