"""How paper, tools, the network's picture and the bars of the drawing pad share the room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QGridLayout, QWidget
from typing_extensions import override

from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

WIDE_FROM: Final = 1.25
"""From this ratio of width to height on, everything stands side by side."""
HYSTERESIS: Final = 0.1
GAP_PX: Final = 8


class PadLayout(QWidget):
    """Bars below the paper where the room is high, beside it where it is wide.

    Parameters
    ----------
    paper, tools, seen, bars
        What is arranged.
    """

    def __init__(
        self,
        paper: QWidget,
        tools: QWidget,
        seen: QWidget,
        bars: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts = (paper, tools, seen, bars)
        self._wide: bool | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._arrange(wide=False)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def is_wide(self) -> bool:
        """Tell whether the bars are beside the paper."""
        return bool(self._wide)

    @override
    def minimumSizeHint(self) -> QSize:
        # The least of both arrangements: else one of them could never be left.
        paper, tools, seen, bars = (part.minimumSizeHint() for part in self._parts)
        gap = px(GAP_PX)
        return QSize(
            max(paper.width() + gap + seen.width(), tools.width(), bars.width()),
            max(paper.height() + gap + tools.height(), bars.height()),
        )

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        ratio = self.width() / max(1, self.height())
        self._arrange(wide=ratio >= WIDE_FROM - (HYSTERESIS if self._wide else 0.0))

    def _arrange(self, *, wide: bool) -> None:
        if wide == self._wide:
            return
        self._wide = wide
        paper, tools, seen, bars = self._parts
        for part in self._parts:
            self._grid.removeWidget(part)
        if wide:
            self._grid.addWidget(paper, 0, 0)
            self._grid.addWidget(tools, 1, 0, 1, 2)
            self._grid.addWidget(seen, 0, 1)
            self._grid.addWidget(bars, 0, 2, 2, 1)
        else:
            self._grid.addWidget(paper, 0, 0)
            self._grid.addWidget(seen, 0, 1)
            self._grid.addWidget(tools, 1, 0, 1, 2)
            self._grid.addWidget(bars, 2, 0, 1, 2)
        for column, stretch in enumerate((5, 3, 5) if wide else (2, 1, 0)):
            self._grid.setColumnStretch(column, stretch)
        for row, stretch in enumerate((1, 0, 0) if wide else (5, 0, 4)):
            self._grid.setRowStretch(row, stretch)
        self.updateGeometry()

    def _on_theme_changed(self) -> None:
        self._grid.setHorizontalSpacing(px(GAP_PX))
        self._grid.setVerticalSpacing(px(GAP_PX))
