"""The list of lanes in the inspector, and the numbers of the one selected."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from playground.experiments.optimizers_lane_spec import LaneSpec
from playground.experiments.optimizers_methods import (
    COURSE_METHODS,
    MAX_LANES,
    METHOD_HELP,
    METHOD_LABELS,
)
from playground.experiments.optimizers_spec import (
    OptimizerRaceSpec,
    with_common_start,
    with_lane_added,
    with_lane_duplicated,
    with_lane_moved,
    with_lane_removed,
)
from playground.experiments.spec import SpecError
from playground.panes.optimizers.lane_colours import lane_colour
from playground.panes.optimizers.schedule_curve import ScheduleCurve
from playground.ui.controls import ColourDot, IconButton
from playground.ui.form import SpecForm
from playground.ui.icons import themed_icon
from playground.ui.number_text import format_number
from playground.ui.switch import Switch
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Callable

HUES = ("orange", "sky", "green", "yellow", "blue", "vermilion", "purple", "ink")
COLOUR_NAMES: tuple[str, ...] = (*HUES, *(f"pale {name}" for name in HUES))
SWATCH_PX = 16


class LaneRow(QWidget):
    """One lane of the list: colour, name, rate, whether it takes part."""

    chosen = Signal()
    toggled = Signal(bool)
    recoloured = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = QToolButton()
        self._colour.setToolTip("Colour of the trail and its curves")
        self._colour.setAccessibleName("Colour")
        self._colour.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._colour.clicked.connect(self._open_colours)
        self._dot = ColourDot(lane_colour(0), "circle", size=12)
        # The dot must not take the click from the button below it.
        self._dot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        dot_row = QHBoxLayout(self._colour)
        dot_row.setContentsMargins(2, 2, 2, 2)
        dot_row.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignCenter)
        self._name = QPushButton()
        self._name.setProperty("flat", "true")
        self._name.setCheckable(True)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name.setToolTip("Select: its trail is loud, its numbers and settings are shown")
        self._name.clicked.connect(self._on_name_clicked)
        self._rate = QLabel()
        self._rate.setProperty("role", "muted")
        self._rate.setToolTip("Learning rate")
        self._switch = Switch("Takes part")
        self._switch.setToolTip("Off: kept in the list, but neither run nor drawn")
        self._switch.edited.connect(self.toggled)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._colour)
        self._row.addWidget(self._name, 1)
        self._row.addWidget(self._rate)
        self._row.addWidget(self._switch)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_lane(self, spec: LaneSpec, *, selected: bool) -> None:
        """Show a lane."""
        self._dot.set_colour(lane_colour(spec.colour))
        if self._name.text() != spec.title:
            self._name.setText(spec.title)
            self._name.setAccessibleName(f"Select {spec.title}")
        rate = f"η {format_number(spec.rate, 3, trim=True)}"
        if self._rate.text() != rate:
            self._rate.setText(rate)
        self._name.setChecked(selected)
        self._switch.set_value(spec.enabled)

    def _open_colours(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, name in enumerate(COLOUR_NAMES):
            picture = QPixmap(SWATCH_PX, SWATCH_PX)
            picture.fill(theme().colour(lane_colour(place)))
            action = QAction(QIcon(picture), name, menu)
            action.triggered.connect(functools.partial(self._recolour, place))
            menu.addAction(action)
        menu.popup(self._colour.mapToGlobal(self._colour.rect().bottomLeft()))

    def _recolour(self, place: int, _: bool = False) -> None:
        self.recoloured.emit(place)

    def _on_name_clicked(self) -> None:
        self._name.setChecked(True)
        self.chosen.emit()

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(4))
        self._colour.setFixedSize(px(26), px(26))
        # A style of its own: names in a list start at the left.
        self._name.setStyleSheet(
            f"QPushButton {{ text-align: left; padding: 0 {px(6)}px; }}"
            f"QPushButton:checked {{ background: {theme().tokens.hover}; }}"
        )


class LanesEditor(QWidget):
    """List of 1–32 lanes with the settings of the selected one below."""

    selected_changed = Signal(int)
    value_edited = Signal(object, object, bool)
    """Path in the whole spec, value, and whether the gesture is finished."""
    race_edited = Signal(object, str)
    """Another spec, and what was done, in words."""
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: OptimizerRaceSpec | None = None
        self._selected = 0
        self._rows: list[LaneRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._list = QVBoxLayout()
        self._column.addLayout(self._list)
        self._column.addLayout(self._build_buttons())
        self._method_words = QLabel()
        self._method_words.setWordWrap(True)
        self._method_words.setProperty("role", "muted")
        self._settings = SpecForm(LaneSpec, leave_out={("enabled",)})
        self._settings.edited.connect(self._on_setting_edited)
        self.curve = ScheduleCurve()
        self._settings.add_to_group("Schedule", self.curve)
        self._common = QPushButton("Start with the others")
        self._common.setProperty("flat", "true")
        self._common.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._common.setToolTip("This lane has a start of its own: give it up")
        themed_icon(self._common, "undo-2")
        self._common.clicked.connect(self._on_common_start)
        self._column.addWidget(self._method_words)
        self._column.addWidget(self._settings)
        self._column.addWidget(self._common)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def selected(self) -> int:
        """Place in the spec of the lane whose settings are shown."""
        return self._selected

    @property
    def rows(self) -> tuple[LaneRow, ...]:
        """The rows of the lanes there are."""
        return tuple(self._rows[: len(self._spec.lanes)] if self._spec else ())

    def set_spec(self, spec: OptimizerRaceSpec) -> None:
        """Show the lanes of a spec; emits nothing."""
        self._spec = spec
        self._selected = min(self._selected, len(spec.lanes) - 1)
        self._show()

    def show_round(self, rounds: int) -> None:
        """Tell the curve of the schedule where the race is."""
        self.curve.show_round(rounds)

    def select(self, index: int) -> None:
        """Show another lane's settings and tell of it."""
        count = len(self._spec.lanes) if self._spec else 1
        index = min(max(index, 0), count - 1)
        if index != self._selected:
            self._selected = index
            self._show()
            self.selected_changed.emit(index)

    def add(self, method: Any) -> None:
        """Add a lane of a method and select it."""
        if self._edit(lambda spec: with_lane_added(spec, method), "add a lane"):
            self.select(len(self._spec.lanes) - 1 if self._spec else 0)

    def duplicate(self) -> None:
        """Put a copy of the selected lane behind it."""
        chosen = self._selected
        if self._edit(lambda spec: with_lane_duplicated(spec, chosen), "duplicate a lane"):
            self.select(chosen + 1)

    def remove(self) -> None:
        """Take the selected lane out."""
        chosen = self._selected
        if self._edit(lambda spec: with_lane_removed(spec, chosen), "remove a lane"):
            self.selected_changed.emit(self._selected)

    def shift(self, by: int) -> None:
        """Move the selected lane up (−1) or down (+1) the list."""
        chosen = self._selected
        to = chosen + by
        if self._spec is None or not 0 <= to < len(self._spec.lanes):
            return
        if self._edit(lambda spec: with_lane_moved(spec, chosen, to), "reorder the lanes"):
            self.select(to)

    def _build_buttons(self) -> QHBoxLayout:
        self._add = QPushButton(" Add lane")
        self._add.setProperty("flat", "true")
        self._add.setToolTip("Another optimizer from the same start")
        themed_icon(self._add, "plus")
        self._methods = QMenu(self)
        self._methods.setToolTipsVisible(True)
        for method, words in METHOD_LABELS.items():
            if method not in COURSE_METHODS and method == "adamw":
                self._methods.addSeparator()
            action = self._methods.addAction(words)
            action.setToolTip(METHOD_HELP[method])
            action.triggered.connect(functools.partial(self._on_add, method))
        self._add.clicked.connect(self._open_methods)
        self._up = IconButton("chevron-up", "Move the selected lane up", size=16)
        self._down = IconButton("chevron-down", "Move the selected lane down", size=16)
        self._copy = IconButton("copy", "Duplicate the selected lane", size=16)
        self._remove = IconButton("trash-2", "Remove the selected lane", size=16)
        self._up.clicked.connect(lambda: self.shift(-1))
        self._down.clicked.connect(lambda: self.shift(1))
        self._copy.clicked.connect(self.duplicate)
        self._remove.clicked.connect(self.remove)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self._add)
        buttons.addStretch(1)
        for button in (self._up, self._down, self._copy, self._remove):
            buttons.addWidget(button)
        return buttons

    def _open_methods(self) -> None:
        self._methods.popup(self._add.mapToGlobal(self._add.rect().bottomLeft()))

    def _show(self) -> None:
        spec = self._spec
        if spec is None:
            return
        lanes = spec.lanes
        while len(self._rows) < len(lanes):
            self._rows.append(self._new_row(len(self._rows)))
        for index, row in enumerate(self._rows):
            there = index < len(lanes)
            row.setVisible(there)
            if there:
                row.show_lane(lanes[index], selected=index == self._selected)
        for button in (self._add, self._copy):
            button.setEnabled(len(lanes) < MAX_LANES)
        self._remove.setEnabled(len(lanes) > 1)
        self._up.setEnabled(self._selected > 0)
        self._down.setEnabled(self._selected < len(lanes) - 1)
        chosen = lanes[self._selected]
        self._settings.set_spec(chosen)
        self.curve.show_lane(chosen)
        self._method_words.setText(METHOD_HELP[chosen.method])
        self._common.setVisible(chosen.start is not None and spec.starts_count)

    def _new_row(self, index: int) -> LaneRow:
        row = LaneRow()
        row.chosen.connect(lambda: self._on_row_chosen(index))
        row.toggled.connect(lambda on: self._on_value((index, "enabled"), on))
        row.recoloured.connect(lambda colour: self._on_value((index, "colour"), colour))
        self._list.addWidget(row)
        return row

    def _edit(self, change: Callable[[OptimizerRaceSpec], OptimizerRaceSpec], words: str) -> bool:
        if self._spec is None:
            return False
        try:
            changed = change(self._spec)
        except SpecError as error:
            self.refused.emit(str(error))
            return False
        self._spec = changed
        self._selected = min(self._selected, len(changed.lanes) - 1)
        self._show()
        self.race_edited.emit(changed, words)
        return True

    def _on_row_chosen(self, index: int) -> None:
        self.select(index)
        self._show()

    def _on_value(self, path: tuple[Any, ...], value: object) -> None:
        self.value_edited.emit(("lanes", *path), value, True)
        # A refused switch goes back.
        self._show()

    def _on_setting_edited(self, path: tuple[str, ...], value: Any, finished: bool) -> None:
        self.value_edited.emit(("lanes", self._selected, *path), value, finished)

    def _on_add(self, method: str, _: bool = False) -> None:
        self.add(method)

    def _on_common_start(self) -> None:
        chosen = self._selected
        self._edit(lambda spec: with_common_start(spec, chosen), "start with the others")

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(8))
        self._list.setSpacing(px(1))
