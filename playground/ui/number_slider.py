"""A slider with a label and a typed field: the control for one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSlider, QWidget
from typing_extensions import override

from playground.ui.elided_label import ElidedLabel
from playground.ui.number_field import STEP_KEYS, NumberField
from playground.ui.slider_scale import POSITIONS, SliderScale
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

FIELD_WIDTH_PX = 84
HANDLE_PX = 14


class _Slider(QSlider):
    """Jumps to where it is pressed; the wheel counts only with the focus."""

    stepped = Signal(int)
    end_asked = Signal(int)
    reset_asked = Signal()

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, POSITIONS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._grip = 0.0

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        centre = self._room() * self.sliderPosition() / POSITIONS + px(HANDLE_PX) / 2
        away = event.position().x() - centre
        # Held by the handle it follows the hand from where it was; elsewhere it jumps there.
        self._grip = away if abs(away) <= px(HANDLE_PX) / 2 else 0.0
        self.setSliderDown(True)
        self.setSliderPosition(self._position_at(event.position().x()))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderPosition(self._position_at(event.position().x()))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderDown(False)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_asked.emit()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus() or not event.angleDelta().y():
            event.ignore()
            return
        self.stepped.emit(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(key, STEP_KEYS.get(key, 0))
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.end_asked.emit(0 if key == Qt.Key.Key_Home else POSITIONS)
        elif steps:
            self.stepped.emit(steps)
        else:
            event.ignore()

    def _position_at(self, x: float) -> int:
        return round((x - self._grip - px(HANDLE_PX) / 2) / self._room() * POSITIONS)

    def _room(self) -> int:
        return max(1, self.width() - px(HANDLE_PX))


class NumberSlider(QWidget):
    """A label, a slider and a typed field for one number.

    Parameters
    ----------
    label
        Name in front of the number.
    minimum, maximum
        What the slider spans; logarithmic scales need ``minimum > 0``.
    value, default
        What is shown at first; what a double click brings back (``value`` where left out).
    allowed
        Bounds of what may be typed, None for unbounded; the slider's where left out.
    log, integer, step, unit
        See :class:`~playground.ui.slider_scale.SliderScale`; the unit is written behind the number.
    inline
        Label, slider and field in one row (transport) instead of two (inspector).

    Signals
    -------
    edited(float)
        A person is changing the value; emitted while the slider moves.
    editing_finished(float)
        The change is complete: released, Enter, field left, one key or wheel step.
    rejected(str)
        Sentence about a refused text; empty when the field is good again.
    """

    edited = Signal(float)
    editing_finished = Signal(float)
    rejected = Signal(str)

    def __init__(
        self,
        label: str,
        minimum: float,
        maximum: float,
        *,
        value: float | None = None,
        default: float | None = None,
        allowed: tuple[float | None, float | None] | None = None,
        log: bool = False,
        integer: bool = False,
        step: float | None = None,
        unit: str = "",
        help: str = "",
        inline: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._scale = SliderScale(minimum, maximum, log=log, integer=integer, step=step)
        start = minimum if value is None else value
        self._default = start if default is None else default
        low, high = allowed if allowed is not None else (minimum, maximum)
        self._label = ElidedLabel(label)
        self._slider = _Slider()
        self._field = NumberField(
            label,
            value=start,
            minimum=low,
            maximum=high,
            integer=integer,
            unit=unit,
            stepper=self._stepped_inside,
        )
        self._field.setProperty("quiet", "true")
        self._slider.setAccessibleName(label)
        self._label.setBuddy(self._field)
        self._build(inline)
        self.set_help(help)
        self._slider.sliderMoved.connect(self._on_slider_moved)
        self._slider.sliderReleased.connect(self._on_slider_released)
        self._slider.stepped.connect(self._on_stepped)
        self._slider.end_asked.connect(self._on_end_asked)
        self._slider.reset_asked.connect(self._on_reset_asked)
        self._field.edited.connect(self._on_field_edited)
        self._field.rejected.connect(self.rejected)
        self._moved = False
        self._show_position()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def value(self) -> float:
        """The value in force; an int where the control holds whole numbers."""
        return self._field.value

    @property
    def field(self) -> NumberField:
        """The typed part."""
        return self._field

    @property
    def label(self) -> ElidedLabel:
        """The words in front."""
        return self._label

    def set_value(self, value: float) -> None:
        """Show a value without emitting and without disturbing a hand on the control."""
        if self.is_in_use():
            return
        self._field.set_value(value)
        self._show_position()

    def set_help(self, text: str) -> None:
        """Change the tooltip; how to get the default back is added to it."""
        hint = "Double click brings the default back."
        tip = f"{text}\n{hint}" if text else hint
        self._slider.setToolTip(tip)
        self._field.setToolTip(text or self._label.text())
        self._label.setToolTip(text)

    def is_in_use(self) -> bool:
        """Return True while the slider is held or a text is being typed."""
        return self._slider.isSliderDown() or self._field.is_in_use()

    def add_badge(self, widget: QWidget) -> None:
        """Put a small mark behind the label."""
        self._badges.insertWidget(self._badges.indexOf(self._label) + 1, widget)

    def _build(self, inline: bool) -> None:
        head = QWidget()
        self._badges = QHBoxLayout(head)
        self._badges.setContentsMargins(0, 0, 0, 0)
        self._badges.addWidget(self._label)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(head, 0, 0)
        if inline:
            self._grid.addWidget(self._slider, 0, 1)
            self._grid.addWidget(self._field, 0, 2)
            self._grid.setColumnStretch(1, 1)
        else:
            self._badges.addStretch(1)
            self._grid.addWidget(self._field, 0, 1)
            self._grid.addWidget(self._slider, 1, 0, 1, 2)
            self._grid.setColumnStretch(0, 1)

    def _stepped_inside(self, value: float, steps: int) -> float:
        """Step along the slider's scale, but never jump back from a value typed beyond it."""
        moved = self._scale.stepped(value, steps)
        if (moved - value) * steps < 0:
            return value
        return moved

    def _on_slider_moved(self, position: int) -> None:
        value = self._scale.value(position)
        if value == self._field.value:
            return
        self._moved = True
        self._field.restore()
        self._field.set_value(value)
        self.edited.emit(value)

    def _on_slider_released(self) -> None:
        if self._moved:
            self._moved = False
            if not self._field.problem:
                self.editing_finished.emit(self._field.value)
        self._show_position()

    def _on_stepped(self, steps: int) -> None:
        self._give(self._stepped_inside(self._field.value, steps))

    def _on_end_asked(self, position: int) -> None:
        self._give(self._scale.value(position))

    def _on_reset_asked(self) -> None:
        self._give(self._default)

    def _on_field_edited(self, value: float) -> None:
        self._show_position()
        self.edited.emit(value)
        # Who heard it may have refused it: then nothing is complete.
        if not self._field.problem:
            self.editing_finished.emit(value)
        self._show_position()

    def _give(self, value: float) -> None:
        if value == self._field.value:
            return
        self._field.restore()
        self._field.set_value(value)
        self._on_field_edited(value)

    def _show_position(self) -> None:
        self._slider.setValue(self._scale.position(self._field.value))

    def _on_theme_changed(self) -> None:
        self._field.setFixedWidth(px(FIELD_WIDTH_PX))
        self._badges.setSpacing(px(4))
        self._grid.setHorizontalSpacing(px(8))
        self._grid.setVerticalSpacing(px(2))
