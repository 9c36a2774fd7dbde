"""Controls of the inspector and the transport.

They share one rule: ``edited`` is emitted for what a person did, never for ``set_value``, so that
showing a state can never start a loop.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QToolButton,
    QWidget,
)
from typing_extensions import override

from playground.ui.choice_box import ChoiceBox
from playground.ui.icons import DEFAULT_SIZE, themed_icon
from playground.ui.number_field import NumberField
from playground.ui.number_slider import NumberSlider
from playground.ui.switch import Switch
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ChoiceBox",
    "ColourDot",
    "IconButton",
    "NumberField",
    "NumberSlider",
    "SeedField",
    "Switch",
]

# Short seeds can be said across a lecture hall and typed again.
LARGEST_DRAWN_SEED = 9999
LARGEST_SEED = 2**63 - 1


class IconButton(QToolButton):
    """A button that is only an icon; its tooltip says what it does and is its accessible name.

    ``primary`` fills it with the accent: one such button a screen.
    """

    def __init__(
        self,
        icon_name: str,
        tooltip: str,
        *,
        checkable: bool = False,
        primary: bool = False,
        size: int = DEFAULT_SIZE,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._side = size
        self._primary = primary
        self.setProperty("primary", "true" if primary else "false")
        self.setCheckable(checkable)
        self.set_icon(icon_name)
        self.set_tooltip(tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_icon(self, name: str) -> None:
        """Show another icon (play becomes pause)."""
        if self._primary:
            themed_icon(self, name, color="on_accent")
        else:
            themed_icon(self, name, on="accent")

    def set_tooltip(self, tooltip: str) -> None:
        """Change what the button says it does."""
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip.partition("\n")[0])

    def _on_theme_changed(self) -> None:
        side = px(self._side)
        size = self.iconSize()
        size.setWidth(side)
        size.setHeight(side)
        self.setIconSize(size)


class ColourDot(QWidget):
    """A small mark in a colour and a shape: the key between a name and what is drawn."""

    def __init__(
        self,
        colour: str,
        shape: Literal["circle", "square", "line"] = "circle",
        *,
        size: int = 10,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._colour = colour
        self._shape = shape
        self._side = size
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_colour(self, colour: str) -> None:
        """Change the colour: a token or ``#rrggbb``."""
        self._colour = colour
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(self._colour))
        if self._shape == "circle":
            painter.drawEllipse(self.rect())
        elif self._shape == "square":
            painter.drawRoundedRect(self.rect(), px(2), px(2))
        else:
            thick = px(3)
            painter.drawRoundedRect(
                0, (self.height() - thick) // 2, self.width(), thick, thick / 2, thick / 2
            )

    def _on_theme_changed(self) -> None:
        wide = 1.8 if self._shape == "line" else 1.0
        self.setFixedSize(px(self._side * wide), px(self._side))
        self.update()


class SeedField(QWidget):
    """A whole number that starts the random streams, and a die that draws another.

    Signals
    -------
    edited(object)
        A person typed or drew a seed (an int up to 2⁶³ − 1, which a Qt integer cannot carry).
    rejected(str)
        Sentence about a refused text; empty when the field is good again.
    """

    edited = Signal(object)
    rejected = Signal(str)

    def __init__(
        self,
        name: str = "seed",
        *,
        value: int = 0,
        maximum: int = LARGEST_SEED,
        draw: Callable[[], int] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._draw = draw or _drawn_seed
        self._maximum = maximum
        self._field = NumberField(name, value=value, minimum=0, maximum=maximum, integer=True)
        self._field.setToolTip("Runs with the same seed and settings are the same run.")
        self._dice = IconButton("dices", "Draw another seed", size=16)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._field, 1)
        self._row.addWidget(self._dice)
        self._field.edited.connect(self._on_field_edited)
        self._field.rejected.connect(self.rejected)
        self._dice.clicked.connect(self._on_dice_clicked)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def value(self) -> int:
        """The seed in force."""
        return int(self._field.value)

    @property
    def field(self) -> NumberField:
        """The typed part."""
        return self._field

    def set_value(self, value: int) -> None:
        """Show a seed without emitting."""
        self._field.set_value(value)

    def is_in_use(self) -> bool:
        """Return True while a text is being typed."""
        return self._field.is_in_use()

    def _on_field_edited(self) -> None:
        self.edited.emit(self.value)

    def _on_dice_clicked(self) -> None:
        before = self.value
        drawn = self._draw() % (self._maximum + 1)
        self._field.restore()
        self._field.set_value(drawn)
        if drawn != before:
            self.edited.emit(drawn)

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(4))


def _drawn_seed() -> int:
    # The system's own randomness: drawing a seed must not disturb any stream of a run.
    return secrets.randbelow(LARGEST_DRAWN_SEED + 1)
