"""One of several: side by side where they are few and short, a combo box otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent, QWheelEvent

MOST_SEGMENTS = 3
MOST_SEGMENT_LETTERS = 22
SHORTEST_COMBO_LETTERS = 8
MOST_VISIBLE_ITEMS = 16


class ChoiceBox(QWidget):
    """Shows the one chosen of some values.

    Parameters
    ----------
    name
        Accessible name and, without ``help``, the tooltip.
    choices
        ``(value, label)`` or ``(value, label, help)`` in the order shown; values are compared
        with ``==``.
    segmented
        Force the segments (True) or the combo box (False); None decides by number and length.

    Signals
    -------
    edited(object)
        A person chose another value. Never emitted by :meth:`set_value`.
    """

    edited = Signal(object)

    def __init__(
        self,
        name: str,
        choices: Sequence[tuple[Any, ...]],
        *,
        value: Any = None,
        help: str = "",
        segmented: bool | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._help = help or name
        self._segmented = segmented
        self._values: list[Any] = []
        self._chosen = -1
        self._combo: _Combo | None = None
        self._group: QButtonGroup | None = None
        self._inner: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setAccessibleName(name)
        self.set_choices(choices)
        self.set_value(value)
        theme().changed.connect(self._on_theme_changed)

    @property
    def value(self) -> Any:
        """The chosen value; None when none is."""
        return self._values[self._chosen] if self._chosen >= 0 else None

    @property
    def values(self) -> tuple[Any, ...]:
        """All values that may be chosen."""
        return tuple(self._values)

    def set_choices(self, choices: Sequence[tuple[Any, ...]]) -> None:
        """Offer other values; the choice stays where its value does."""
        before = self.value
        self._values = [choice[0] for choice in choices]
        if self._inner is not None:
            self._column.removeWidget(self._inner)
            self._inner.hide()
            self._inner.deleteLater()
        labels = [str(choice[1]) for choice in choices]
        helps = [str(choice[2]) if len(choice) > 2 else "" for choice in choices]
        self._combo = self._group = None
        if self._fits_segments(labels):
            self._inner = self._build_segments(labels, helps)
        else:
            self._inner = self._build_combo(labels, helps)
        self._column.addWidget(self._inner)
        if self._combo is not None:
            self.setFocusProxy(self._combo)
        self._chosen = -1
        self.set_value(before)

    def set_value(self, value: Any) -> None:
        """Show a value without emitting; one that is not offered shows as nothing chosen."""
        self._show(self._values.index(value) if value in self._values else -1)

    def is_segmented(self) -> bool:
        """Return True when the values stand side by side."""
        return self._group is not None

    def _fits_segments(self, labels: list[str]) -> bool:
        if self._segmented is not None:
            return self._segmented
        letters = sum(map(len, labels))
        return 2 <= len(labels) <= MOST_SEGMENTS and letters <= MOST_SEGMENT_LETTERS

    def _build_segments(self, labels: list[str], helps: list[str]) -> QWidget:
        tray = QFrame()
        tray.setProperty("tray", "true")
        row = QHBoxLayout(tray)
        row.setContentsMargins(px(2), px(2), px(2), px(2))
        row.setSpacing(px(2))
        group = QButtonGroup(tray)
        for place, (label, text) in enumerate(zip(labels, helps, strict=True)):
            button = QToolButton()
            button.setText(label)
            button.setCheckable(True)
            button.setToolTip(text or self._help)
            button.setAccessibleName(f"{self._name}: {label}")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            group.addButton(button, place)
            row.addWidget(button, 1)
        group.idClicked.connect(self._on_chosen)
        self._group = group
        return tray

    def _build_combo(self, labels: list[str], helps: list[str]) -> QWidget:
        combo = _Combo()
        combo.addItems(labels)
        for place, text in enumerate(helps):
            combo.setItemData(place, text or None, Qt.ItemDataRole.ToolTipRole)
        combo.setAccessibleName(self._name)
        combo.setToolTip(self._help)
        combo.activated.connect(self._on_chosen)
        self._combo = combo
        return combo

    def _on_chosen(self, place: int) -> None:
        if place != self._chosen:
            self._chosen = place
            self.edited.emit(self._values[place])

    def _show(self, place: int) -> None:
        self._chosen = place
        if self._combo is not None:
            self._combo.setCurrentIndex(place)
        if self._group is not None:
            chosen = self._group.button(place)
            # An exclusive group always keeps one button down.
            self._group.setExclusive(chosen is not None)
            for button in self._group.buttons():
                button.setChecked(button is chosen)
            self._group.setExclusive(True)

    def _on_theme_changed(self) -> None:
        layout = self._inner.layout() if self._inner is not None else None
        if layout is not None:
            layout.setContentsMargins(px(2), px(2), px(2), px(2))
            layout.setSpacing(px(2))


class _Combo(QComboBox):
    """Never wider than its place, and left alone by a wheel that only passes over it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaxVisibleItems(MOST_VISIBLE_ITEMS)
        self.setMinimumContentsLength(SHORTEST_COMBO_LETTERS)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        # Under a style sheet Qt cuts a long text off without a sign.
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        control, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(control, option, field, self).width()
        elide = Qt.TextElideMode.ElideRight
        option.currentText = self.fontMetrics().elidedText(self.currentText(), elide, room)
        painter.drawComplexControl(control, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    @override
    def showPopup(self) -> None:
        view = self.view()
        widest = view.sizeHintForColumn(0) + px(24)
        view.setMinimumWidth(max(self.width(), widest))
        super().showPopup()
