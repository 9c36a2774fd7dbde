"""The mouse on a plot, in the plot's own coordinates, for panes that draw, drag and paint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF, Qt


@dataclass(frozen=True, slots=True)
class PointerEvent:
    """One press, move or release.

    Attributes
    ----------
    x, y
        Place in data coordinates (not logarithms, even on a logarithmic axis).
    pixel
        Place in pixels of the plot widget.
    button
        The button pressed or released; ``NoButton`` while moving.
    buttons
        Buttons held.
    modifiers
        Keys held.
    inside
        True within the axes.
    """

    x: float
    y: float
    pixel: QPointF
    button: Qt.MouseButton
    buttons: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    inside: bool


class PointerTool(Protocol):
    """What a pane gives to :meth:`Plot.set_pointer_tool`.

    A press that returns True is the tool's until the release: no panning, no context menu.
    """

    def press(self, event: PointerEvent) -> bool:
        """Take the press, or leave it to panning and the menu."""

    def move(self, event: PointerEvent) -> None:
        """Follow the pointer, with or without buttons."""

    def release(self, event: PointerEvent) -> None:
        """End what a taken press began."""

    def double_click(self, event: PointerEvent) -> bool:
        """Take the double click, or leave it: then the view is fitted."""

    def leave(self) -> None:
        """Forget the pointer: it has left the plot."""
