"""The hidden neurons at one moment: a row of cells for every layer of every network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.ui.fonts import ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

ROW_PX = 15
WORDS_PX = 62


class ActivationStrip(QWidget):
    """Cells from orange (−) over neutral to blue (+)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, NDArray[np.floating]]] = []
        self._signed = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Outputs of the hidden neurons at this frame: blue is +, orange is −.")
        theme().changed.connect(self._on_theme_changed)

    def set_layers(
        self, layers: Mapping[str, Sequence[NDArray[np.floating]]], *, signed: bool = True
    ) -> None:
        """Show the outputs (neurons,) of the hidden layers of every network."""
        rows = [
            (f"{name} {place + 1}", values)
            for name, found in layers.items()
            for place, values in enumerate(found)
        ]
        if len(rows) != len(self._rows):
            self._rows = rows
            self.updateGeometry()
        self._rows, self._signed = rows, signed
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(200), max(1, len(self._rows)) * px(ROW_PX))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(ui_font(px(11)))
        table = theme().tokens.diverging_map
        left = px(WORDS_PX)
        for place, (name, values) in enumerate(self._rows):
            y = place * px(ROW_PX)
            painter.setPen(qcolor("muted"))
            box = QRectF(0, y, left, px(ROW_PX))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
            reach = 1.0 if self._signed else max(float(np.abs(values).max(initial=0.0)), 1e-9)
            codes = np.clip(127.5 * (1.0 + values / reach), 0, 255).astype(np.uint8)
            pixels = np.ascontiguousarray(table[codes])
            image = QImage(
                pixels.tobytes(), len(values), 1, 4 * len(values), QImage.Format.Format_RGBA8888
            )
            painter.drawImage(QRectF(left, y + 1, self.width() - left, px(ROW_PX) - 2), image)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
