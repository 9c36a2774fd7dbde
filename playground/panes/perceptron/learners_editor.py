"""The list of models in the inspector, and the settings of the one selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from playground.experiments.perceptron_spec import KIND_LABELS, MAX_LEARNERS, LearnerSpec
from playground.ui.controls import ColourDot, IconButton
from playground.ui.form import SpecForm
from playground.ui.icons import themed_icon
from playground.ui.switch import Switch
from playground.ui.theme import lane, px, theme

if TYPE_CHECKING:
    from playground.experiments.perceptron_spec import PerceptronSpec

LANE_ORDER = (7, 2, 3, 6, 5, 0, 1, 4)
"""Lanes in the order learners get them: those least like the colours of the classes first."""


def free_colour(learners: tuple[LearnerSpec, ...]) -> int:
    """Return the first lane that no learner has."""
    taken = {learner.colour for learner in learners}
    return next((place for place in LANE_ORDER if place not in taken), LANE_ORDER[0])


def next_learner(learners: tuple[LearnerSpec, ...]) -> LearnerSpec:
    """Return a new learner of the first kind that is not there yet."""
    kinds = {learner.kind for learner in learners}
    kind: Any = next((kind for kind in KIND_LABELS if kind not in kinds), "perceptron")
    # Least squares and cross-entropy descend smoothly in batches; the perceptron learns online.
    smooth = kind in ("adaline", "logistic")
    return LearnerSpec(
        kind=kind,
        schedule="batch" if smooth else "online",
        rate=0.1 if smooth else 0.02,
        colour=free_colour(learners),
    )


class LearnerRow(QWidget):
    """One model of the list: colour, name, whether it takes part."""

    chosen = Signal()
    toggled = Signal(bool)
    recoloured = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = QToolButton()
        self._colour.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._colour.setToolTip("Colour of the line and its curves")
        self._colour.setAccessibleName("Colour")
        self._dot = ColourDot(lane(7), "line", size=14)
        dot_row = QHBoxLayout(self._colour)
        dot_row.setContentsMargins(2, 2, 2, 2)
        dot_row.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignCenter)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._colour.setMenu(self._menu)
        self._name = QPushButton()
        self._name.setProperty("flat", "true")
        self._name.setCheckable(True)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name.setToolTip("Select: its line is loud, its numbers and settings are shown")
        self._name.clicked.connect(self._on_name_clicked)
        self._switch = Switch("Takes part")
        self._switch.setToolTip("Off: kept in the list, but neither trained nor drawn")
        self._switch.edited.connect(self.toggled)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._colour)
        self._row.addWidget(self._name, 1)
        self._row.addWidget(self._switch)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_learner(self, learner: LearnerSpec, *, selected: bool) -> None:
        """Show a learner."""
        self._dot.set_colour(lane(learner.colour))
        if self._name.text() != learner.title:
            self._name.setText(learner.title)
        self._name.setChecked(selected)
        self._switch.set_value(learner.enabled)

    def _fill_menu(self) -> None:
        # Anew each time: the theme may have changed since.
        self._menu.clear()
        for place in LANE_ORDER:
            self._menu.addAction(self._colour_action(place))

    def _colour_action(self, place: int) -> QAction:
        picture = QPixmap(16, 16)
        picture.fill(theme().colour(lane(place)))
        action = QAction(QIcon(picture), f"Colour {LANE_ORDER.index(place) + 1}", self._menu)
        action.triggered.connect(lambda: self.recoloured.emit(place))
        return action

    def _on_name_clicked(self) -> None:
        self._name.setChecked(True)
        self.chosen.emit()

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(6))
        self._colour.setFixedSize(px(26), px(26))
        # A style of its own: names in a list start at the left.
        chosen = theme().tokens.hover
        self._name.setStyleSheet(
            f"QPushButton {{ text-align: left; padding: 0 {px(8)}px; }}"
            f"QPushButton:checked {{ background: {chosen}; }}"
        )


class LearnersEditor(QWidget):
    """List of 1–8 models with the settings of the selected one below."""

    selected_changed = Signal(int)
    value_edited = Signal(object, object, bool)
    """Path in the whole spec, value, and whether the gesture is finished."""
    learners_edited = Signal(object, str)
    """Another tuple of learners, and what was done, in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._learners: tuple[LearnerSpec, ...] = ()
        self._selected = 0
        self._rows: list[LearnerRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._list = QVBoxLayout()
        self._column.addLayout(self._list)
        self._column.addLayout(self._build_buttons())
        self._settings = SpecForm(LearnerSpec, leave_out={("enabled",)})
        self._settings.edited.connect(self._on_setting_edited)
        self._column.addWidget(self._settings)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def selected(self) -> int:
        """Index of the learner whose settings are shown."""
        return self._selected

    def set_spec(self, spec: PerceptronSpec) -> None:
        """Show the learners of a spec; emits nothing."""
        self._learners = spec.learners
        self._selected = min(self._selected, len(self._learners) - 1)
        self._show()

    def select(self, index: int) -> None:
        """Show another learner's settings and tell of it."""
        index = min(max(index, 0), max(len(self._learners) - 1, 0))
        if index != self._selected:
            self._selected = index
            self._show()
            self.selected_changed.emit(index)

    def _build_buttons(self) -> QHBoxLayout:
        self._add = QPushButton("Add a model")
        self._add.setProperty("flat", "true")
        self._add.setToolTip("Train another model on the same samples, side by side")
        themed_icon(self._add, "plus")
        self._copy = IconButton("copy", "Duplicate the selected model", size=16)
        self._remove = IconButton("trash-2", "Remove the selected model", size=16)
        self._add.clicked.connect(self._on_add)
        self._copy.clicked.connect(self._on_copy)
        self._remove.clicked.connect(self._on_remove)
        buttons = QHBoxLayout()
        buttons.addWidget(self._add)
        buttons.addStretch(1)
        buttons.addWidget(self._copy)
        buttons.addWidget(self._remove)
        return buttons

    def _show(self) -> None:
        while len(self._rows) < len(self._learners):
            self._rows.append(self._new_row(len(self._rows)))
        for index, row in enumerate(self._rows):
            there = index < len(self._learners)
            row.setVisible(there)
            if there:
                row.show_learner(self._learners[index], selected=index == self._selected)
        self._add.setEnabled(len(self._learners) < MAX_LEARNERS)
        self._copy.setEnabled(len(self._learners) < MAX_LEARNERS)
        self._remove.setEnabled(len(self._learners) > 1)
        if not self._learners:
            return
        self._settings.set_spec(self._learners[self._selected])

    def _new_row(self, index: int) -> LearnerRow:
        row = LearnerRow()
        row.chosen.connect(lambda: self._on_row_chosen(index))
        row.toggled.connect(lambda on: self._on_row_toggled(index, on))
        row.recoloured.connect(
            lambda colour: self._replace(index, "recolour the model", colour=colour)
        )
        self._list.addWidget(row)
        return row

    def _on_row_chosen(self, index: int) -> None:
        self.select(index)
        self._show()

    def _on_row_toggled(self, index: int, on: bool) -> None:
        others = any(it.enabled for i, it in enumerate(self._learners) if i != index)
        if not on and not others:
            # Somebody must take part; the switch goes back.
            self._show()
            return
        self._replace(index, "switch the model on" if on else "switch the model off", enabled=on)

    def _on_add(self) -> None:
        added = (*self._learners, next_learner(self._learners))
        self._learners, self._selected = added, len(added) - 1
        self.learners_edited.emit(added, "add a model")
        self.selected_changed.emit(self._selected)

    def _on_copy(self) -> None:
        twin = self._learners[self._selected].model_copy(
            update={"colour": free_colour(self._learners), "name": ""}
        )
        added = (*self._learners, twin)
        self._learners, self._selected = added, len(added) - 1
        self.learners_edited.emit(added, "duplicate a model")
        self.selected_changed.emit(self._selected)

    def _on_remove(self) -> None:
        left = tuple(it for i, it in enumerate(self._learners) if i != self._selected)
        if not any(learner.enabled for learner in left):
            left = (left[0].model_copy(update={"enabled": True}), *left[1:])
        self._learners, self._selected = left, min(self._selected, len(left) - 1)
        self.learners_edited.emit(left, "remove a model")
        self.selected_changed.emit(self._selected)

    def _on_setting_edited(self, path: tuple[str, ...], value: Any, finished: bool) -> None:
        self.value_edited.emit(("learners", self._selected, *path), value, finished)

    def _replace(self, index: int, words: str, **values: Any) -> None:
        changed = self._learners[index].model_copy(update=values)
        learners = (*self._learners[:index], changed, *self._learners[index + 1 :])
        self.learners_edited.emit(learners, words)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(8))
        self._list.setSpacing(px(2))
