"""A card's inner part that scrolls where room is short, on the surface of the card."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolled(inner: QWidget) -> QScrollArea:
    """Return an area that scrolls a widget up and down and lets the card shine through."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    # Qt lets a scroll area paint the ground of its viewport and of its widget.
    area.viewport().setAutoFillBackground(False)
    inner.setAutoFillBackground(False)
    return area
