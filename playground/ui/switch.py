"""An on/off switch whose knob slides, or jumps where motion is reduced."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget
from typing_extensions import override

from playground.ui.theme import px, qcolor, theme

WIDTH_PX, HEIGHT_PX = 34, 20
SLIDE_MS = 120


class Switch(QAbstractButton):
    """Two states, on or off; Space toggles.

    Signals
    -------
    edited(bool)
        A person switched it. Never emitted by :meth:`set_value`.
    """

    edited = Signal(bool)

    def __init__(
        self,
        name: str,
        value: bool = False,
        *,
        help: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(value)
        self.setAccessibleName(name)
        self.setToolTip(help or name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._place = float(value)
        self._slide = QVariantAnimation(self)
        self._slide.setDuration(SLIDE_MS)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.valueChanged.connect(self._on_slide_moved)
        self.toggled.connect(self._on_toggled)
        self.clicked.connect(self.edited)
        theme().changed.connect(self._on_theme_changed)

    @property
    def value(self) -> bool:
        """Whether it is on."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Show a state without emitting ``edited``."""
        self.setChecked(value)

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(WIDTH_PX) + 4, px(HEIGHT_PX) + 4)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = px(WIDTH_PX), px(HEIGHT_PX)
        track = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        if self.hasFocus():
            painter.setPen(QPen(qcolor("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = track.adjusted(-1, -1, 1, 1)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
            track = track.adjusted(1.5, 1.5, -1.5, -1.5)
        on = self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(self._track_token(on)))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        side = track.height() - 2 * px(3)
        x = track.left() + px(3) + self._place * (track.width() - side - 2 * px(3))
        painter.setBrush(qcolor("on_accent" if on else "bg" if self._is_light() else "text"))
        painter.drawEllipse(QRectF(x, track.top() + px(3), side, side))

    def _track_token(self, on: bool) -> str:
        if not self.isEnabled():
            return "line"
        return "accent" if on else "control"

    def _is_light(self) -> bool:
        return theme().tokens.name == "light"

    def _on_toggled(self, on: bool) -> None:
        self._slide.stop()
        if theme().reduced_motion or not self.isVisible():
            self._on_slide_moved(float(on))
            return
        self._slide.setStartValue(self._place)
        self._slide.setEndValue(float(on))
        self._slide.start()

    def _on_slide_moved(self, place: float) -> None:
        self._place = place
        self.update()

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
