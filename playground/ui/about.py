"""What this program is, which version, and what it stands on."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QMessageBox

from playground import __version__

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def about_text() -> str:
    """Return the words of the box as simple rich text."""
    return (
        f"<h3>Playground {__version__}</h3>"
        "<p>Play with neural networks: every run is live, can be rewound, branched, saved and "
        "opened again.</p>"
        f"<p>Python {platform.python_version()}, Qt {qVersion()}, PySide6 {pyside_version}.</p>"
        "<p>Icons: Lucide (ISC). Typefaces: Inter and JetBrains Mono (SIL Open Font License).</p>"
    )


def show_about(window: QWidget) -> None:
    """Open the box without blocking the window."""
    box = QMessageBox(window)
    box.setWindowTitle("About the playground")
    box.setText(about_text())
    box.setStandardButtons(QMessageBox.StandardButton.Close)
    box.open()
