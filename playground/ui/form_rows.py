"""One row of a form: the editor that fits a field of a spec, and the sentence below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from playground.ui.cards import IconLabel
from playground.ui.controls import (
    LARGEST_SEED,
    ChoiceBox,
    NumberField,
    NumberSlider,
    SeedField,
    Switch,
)
from playground.ui.elided_label import ElidedLabel
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.spec import SpecField

LABEL_SHARE, CONTROL_SHARE = 36, 64
LIVE_HINT = "Applies at once, also while it runs."
RESTART_HINT = "A change starts a new run."


class FormRow(QWidget):
    """Label, mark and editor of one field.

    Signals
    -------
    edited(object, object, bool)
        Path of the field, a person's value, and whether the gesture is complete.
    """

    edited = Signal(object, object, bool)

    def __init__(self, field: SpecField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        knob = field.knob
        hint = LIVE_HINT if knob.live else RESTART_HINT
        self._help = f"{knob.help}\n{hint}" if knob.help else hint
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.setProperty("role", "bad")
        self._problem.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._build())
        self._column.addWidget(self._problem)
        self._on_scaled()
        theme().changed.connect(self._on_scaled)

    @property
    def problem(self) -> str:
        """The sentence below the editor; empty when the value is good."""
        return self._problem.text()

    def show_value(self, value: Any) -> None:
        """Show a value without emitting and without disturbing an editor in use."""
        raise NotImplementedError

    def current_value(self) -> Any:
        """Return the last good value in the editor."""
        raise NotImplementedError

    def show_problem(self, sentence: str) -> None:
        """Write a sentence below the editor; an empty one takes it away."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def refuse(self, sentence: str, standing: Any) -> None:
        """Say that the last value is not allowed by the spec, where ``standing`` still holds."""
        self.show_value(standing)
        self.show_problem(sentence)

    def _build(self) -> QWidget:
        raise NotImplementedError

    def _emit(self, value: Any, finished: bool) -> None:
        self.edited.emit(self.field.path, value, finished)

    def _mark(self) -> QWidget | None:
        """Return the tiny mark of a live knob; the others start a new run, as their tips say."""
        if not self.field.knob.live:
            return None
        mark = IconLabel("zap", size=12, color="accent")
        mark.setToolTip(LIVE_HINT)
        mark.setAccessibleName(LIVE_HINT)
        return mark

    def _beside(self, control: QWidget) -> QWidget:
        """Return a line with the label at the left and the control at the right."""
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        head = self._head()
        if isinstance(control, Switch):
            row.addWidget(head, 1)
            row.addWidget(control)
            return line
        # Shares of the width, so that controls stand in a column at every width of the inspector.
        for widget, share in ((head, LABEL_SHARE), (control, CONTROL_SHARE)):
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())
            row.addWidget(widget, share)
        return line

    def _head(self) -> QWidget:
        """Return the label with the mark behind it."""
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(4))
        label = ElidedLabel(self.field.knob.label)
        label.setToolTip(f"{self.field.knob.label}\n{self._help}")
        row.addWidget(label)
        mark = self._mark()
        if mark is not None:
            row.addWidget(mark)
        row.addStretch(1)
        return head

    def _on_scaled(self) -> None:
        self._column.setSpacing(px(2))


class _SliderRow(FormRow):
    def _build(self) -> QWidget:
        field, knob = self.field, self.field.knob
        low, high = slider_ends(field) or (0.0, 1.0)
        self._slider = NumberSlider(
            knob.label,
            low,
            high,
            value=_inside(field.default, low, high),
            default=_inside(field.default, low, high),
            allowed=(field.minimum, field.maximum),
            log=knob.scale == "log",
            integer=field.kind == "int",
            step=knob.step,
            unit=knob.unit,
            help=self._help,
        )
        mark = self._mark()
        if mark is not None:
            self._slider.add_badge(mark)
        self._slider.edited.connect(self._on_edited)
        self._slider.editing_finished.connect(self._on_finished)
        self._slider.rejected.connect(self.show_problem)
        return self._slider

    def show_value(self, value: Any) -> None:
        if value is not None:
            self._slider.set_value(value)

    def current_value(self) -> Any:
        return self._slider.value

    def refuse(self, sentence: str, standing: Any) -> None:
        self._slider.field.refuse(sentence, standing)
        self.show_problem(sentence)

    def _on_edited(self) -> None:
        self._emit(self._slider.value, False)

    def _on_finished(self) -> None:
        self._emit(self._slider.value, True)


class _NumberRow(FormRow):
    def _build(self) -> QWidget:
        field = self.field
        self._number = NumberField(
            field.knob.label,
            value=field.default if field.default is not None else field.minimum or 0,
            minimum=field.minimum,
            maximum=field.maximum,
            integer=field.kind == "int",
            unit=field.knob.unit,
        )
        self._number.setToolTip(self._help)
        self._number.edited.connect(self._on_edited)
        self._number.rejected.connect(self.show_problem)
        return self._beside(self._number)

    def show_value(self, value: Any) -> None:
        if value is not None:
            self._number.set_value(value)

    def current_value(self) -> Any:
        return self._number.value

    def refuse(self, sentence: str, standing: Any) -> None:
        self._number.refuse(sentence, standing)
        self.show_problem(sentence)

    def _on_edited(self) -> None:
        self._emit(self._number.value, True)


class _SeedRow(FormRow):
    def _build(self) -> QWidget:
        self._seed = SeedField(
            self.field.knob.label,
            value=self.field.default or 0,
            maximum=LARGEST_SEED if self.field.maximum is None else int(self.field.maximum),
        )
        self._seed.field.setToolTip(self._help)
        self._seed.edited.connect(self._on_edited)
        self._seed.rejected.connect(self.show_problem)
        return self._beside(self._seed)

    def show_value(self, value: Any) -> None:
        if value is not None:
            self._seed.set_value(value)

    def current_value(self) -> Any:
        return self._seed.value

    def refuse(self, sentence: str, standing: Any) -> None:
        self._seed.field.refuse(sentence, standing)
        self.show_problem(sentence)

    def _on_edited(self, value: int) -> None:
        self._emit(value, True)


class _ChoiceRow(FormRow):
    def _build(self) -> QWidget:
        knob = self.field.knob
        choices: tuple[tuple[Any, str], ...] = self.field.choices
        if self.field.optional:
            choices = ((None, "none"), *choices)
        self._choice = ChoiceBox(knob.label, choices, value=self.field.default, help=self._help)
        self._choice.edited.connect(self._on_edited)
        if not self._choice.is_segmented():
            return self._beside(self._choice)
        stack = QWidget()
        column = QVBoxLayout(stack)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(4))
        column.addWidget(self._head())
        column.addWidget(self._choice)
        return stack

    def show_value(self, value: Any) -> None:
        self._choice.set_value(value)
        self.show_problem("")

    def current_value(self) -> Any:
        return self._choice.value

    def _on_edited(self, value: Any) -> None:
        self._emit(value, True)


class _SwitchRow(FormRow):
    def _build(self) -> QWidget:
        self._switch = Switch(self.field.knob.label, bool(self.field.default), help=self._help)
        self._switch.edited.connect(self._on_edited)
        return self._beside(self._switch)

    def show_value(self, value: Any) -> None:
        self._switch.set_value(bool(value))
        self.show_problem("")

    def current_value(self) -> Any:
        return self._switch.value

    def _on_edited(self, value: bool) -> None:
        self._emit(value, True)


class _TextRow(FormRow):
    def _build(self) -> QWidget:
        self._edit = QLineEdit(self.field.default or "")
        self._edit.setToolTip(self._help)
        self._edit.setAccessibleName(self.field.knob.label)
        self._edit.editingFinished.connect(self._on_finished)
        self._edit.textEdited.connect(self._on_typed)
        return self._beside(self._edit)

    def show_value(self, value: Any) -> None:
        if not self._edit.isModified() and not self.problem:
            self._edit.setText(value or "")

    def current_value(self) -> Any:
        return self._edit.text().strip()

    def _on_typed(self) -> None:
        self.show_problem("")

    def _on_finished(self) -> None:
        if self._edit.isModified():
            self._edit.setModified(False)
            self._emit(self._edit.text().strip(), True)


class _OptionalRow(FormRow):
    """A number that may be absent: a switch, and the editor while it is on."""

    def _build(self) -> QWidget:
        inner = _plain_row(self.field)
        self._inner = inner
        self._switch = Switch(f"{self.field.knob.label}: on", help=self._help)
        self._switch.edited.connect(self._on_switched)
        inner.edited.connect(self.edited)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        row.addWidget(self._switch)
        row.addWidget(inner, 1)
        inner.setEnabled(False)
        return holder

    def show_value(self, value: Any) -> None:
        self._switch.set_value(value is not None)
        self._inner.setEnabled(value is not None)
        self._inner.show_value(value)

    def current_value(self) -> Any:
        return self._inner.current_value() if self._switch.value else None

    def refuse(self, sentence: str, standing: Any) -> None:
        if standing is None:
            super().refuse(sentence, standing)
        else:
            self._inner.refuse(sentence, standing)

    def _on_switched(self, on: bool) -> None:
        self._inner.setEnabled(on)
        self._emit(self._inner.current_value() if on else None, True)


def make_row(field: SpecField) -> FormRow | None:
    """Return the row for a field, or None for what a view of its own edits."""
    if field.knob.hidden or field.kind in ("specs", "opaque"):
        return None
    if field.optional and field.kind in ("float", "int"):
        return _OptionalRow(field)
    return _plain_row(field)


def _plain_row(field: SpecField) -> FormRow:
    match field.kind:
        case "bool":
            return _SwitchRow(field)
        case "choice":
            return _ChoiceRow(field)
        case "text":
            return _TextRow(field)
    if field.kind == "int" and str(field.path[-1]).endswith("seed"):
        return _SeedRow(field)
    return _NumberRow(field) if slider_ends(field) is None else _SliderRow(field)


def slider_ends(field: SpecField) -> tuple[float, float] | None:
    """Return what the slider of a number spans; None where a bound or a positive one is missing."""
    knob = field.knob
    low = field.minimum if knob.soft_minimum is None else knob.soft_minimum
    high = field.maximum if knob.soft_maximum is None else knob.soft_maximum
    if low is None or high is None or not low < high:
        return None
    if knob.scale == "log" and low <= 0:
        return None
    return float(low), float(high)


def _inside(value: Any, low: float, high: float) -> float:
    return low if value is None else min(max(float(value), low), high)
