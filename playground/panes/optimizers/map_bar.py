"""The row above the map: which surface, how its trails and colours are drawn, which arrows."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget
from typing_extensions import override

from playground.panes.optimizers.map_marks import ARROWS
from playground.panes.optimizers.surface_picker import SurfacePicker
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.icons import themed_icon
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from playground.panes.optimizers.map_view import MapView

FADES = (
    ("time", "paler with age", "Trails are paler the older they are"),
    ("loss", "paler with height", "Trails are paler the higher they run"),
    ("none", "plain", "Trails in the full colour of their lane"),
)
TIPS = {
    "gradient": "Arrow downhill, against the gradient, at the selected head",
    "velocity": "Arrow of the remembered motion: where momentum alone would carry the lane",
    "look_ahead": "The weight of Nesterov's method, whose look-ahead point the head is",
    "step": "Arrow of the last step Δw: the gradient after the method has adapted it",
}
WIDE_PX = 470
"""A narrower bar keeps the arrows in its menu."""


class MapBar(QWidget):
    """Surface at the left, what is drawn at the right."""

    options_changed = Signal()
    stage_chosen = Signal(object)
    """``"map"`` or ``"3d"``."""

    def __init__(self, view: MapView, *, solid: bool, parent: QWidget | None = None) -> None:
        """Serve a map; ``solid`` offers the view in three dimensions."""
        super().__init__(parent)
        self._view = view
        self.picker = SurfacePicker()
        self.stage: ChoiceBox | None = None
        if solid:
            self.stage = ChoiceBox(
                "View of the surface",
                (("map", "Map", "Seen from above"), ("3d", "3-D", "A landscape; drag turns it")),
                value="map",
                segmented=True,
            )
            self.stage.edited.connect(self.stage_chosen)
        self.arrows: dict[str, IconButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.picker)
        self._row.addStretch(1)
        if self.stage is not None:
            self._row.addWidget(self.stage)
        self._fill_tools()
        self._actions: dict[str, QAction] = {}
        self._menu = self._build_menu()
        self.refresh()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_stage(self, name: str) -> None:
        """Show which view of the surface is on the stage."""
        if self.stage is not None:
            self.stage.set_value(name)
        # The landscape has tools of its own.
        for button in (*self.arrows.values(), self.log, self.more, self._fit):
            button.setEnabled(name == "map")

    def refresh(self) -> None:
        """Show which options are in force."""
        options = self._view.options
        self.log.setChecked(self._view.log)
        for name, button in self.arrows.items():
            on = bool(getattr(options, name))
            button.setChecked(on)
            self._actions[name].setChecked(on)
        self._actions[options.fade].setChecked(True)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), super().minimumSizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_tools()

    def _fill_tools(self) -> None:
        for name, icon, _, _ in ARROWS:
            button = self._tool(icon, TIPS[name], checkable=True)
            button.clicked.connect(functools.partial(self._set, name))
            self.arrows[name] = button
        self.log = self._tool(
            "contrast", "Colours over decades: a valley shows its floor (C)", checkable=True
        )
        self.log.clicked.connect(self._view.set_log)
        self.more = self._tool("sliders-horizontal", "How trails fade, and which arrows are shown")
        self.more.clicked.connect(self._open_menu)
        self._fit = self._tool("maximize", "Show the whole map (F)")
        self._fit.clicked.connect(self._view.fit)

    def _tool(self, icon: str, tip: str, *, checkable: bool = False) -> IconButton:
        button = IconButton(icon, tip, checkable=checkable, size=16)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(button)
        return button

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addSection("Trails")
        fades = QActionGroup(menu)
        for name, words, tip in FADES:
            action = self._entry(menu, f"Trails {words}", tip)
            fades.addAction(action)
            action.triggered.connect(functools.partial(self._set_fade, name))
            self._actions[name] = action
        menu.addSection("Arrows of the selected lane")
        for name, icon, words, _ in ARROWS:
            action = self._entry(menu, words[:1].upper() + words[1:], TIPS[name])
            themed_icon(action, icon)
            action.triggered.connect(functools.partial(self._set, name))
            self._actions[name] = action
        return menu

    @staticmethod
    def _entry(menu: QMenu, words: str, tip: str) -> QAction:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setToolTip(tip)
        return action

    def _open_menu(self) -> None:
        self._menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _set_fade(self, value: str, _: bool = False) -> None:
        self._set("fade", value)

    def _set(self, name: str, value: object) -> None:
        self._view.set_option(name, value)
        self.refresh()
        self.options_changed.emit()

    def _fit_tools(self) -> None:
        wide = self.width() >= px(WIDE_PX)
        for button in self.arrows.values():
            button.setVisible(wide)

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(3))
        self._fit_tools()
