"""Saving what a pane exports: the question for a file name, and pictures of widgets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QWidget

from playground.core.atomic_files import SaveError
from playground.ui.theme import qcolor

if TYPE_CHECKING:
    from collections.abc import Callable

PNG_SCALE = 2.0
"""Pixels of a saved picture for each one on the screen."""


def ask_and_save(
    parent: QWidget,
    name: str,
    kinds: str,
    save: Callable[[Path], object],
    report: Callable[[str, str], object],
) -> None:
    """Ask for a file name and save; a problem is reported in one sentence.

    Parameters
    ----------
    name, kinds
        The name that is offered, and the kinds of files as `QFileDialog` writes them; a name
        without a suffix gets that of the kind.
    save
        Writes the file; its :class:`SaveError` or ValueError is what is reported.
    report
        Takes the sentence and details.
    """
    path, chosen = QFileDialog.getSaveFileName(parent, "Save", name, kinds)
    if not path:
        return
    target = Path(path)
    if not target.suffix:
        target = target.with_suffix(f".{chosen.rpartition('*.')[2].rstrip(')')}")
    try:
        save(target)
    except (SaveError, ValueError) as error:
        report(str(error), "")


def widget_picture(widget: QWidget, path: Path, title: str) -> bytes:
    """Return a picture of a widget: an SVG where the name says so, else a PNG at twice its size."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    flags = QWidget.RenderFlag.DrawChildren
    if path.suffix.lower() == ".svg":
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(widget.size())
        generator.setViewBox(QRect(0, 0, widget.width(), widget.height()))
        generator.setTitle(title)
        painter = QPainter(generator)
        painter.fillRect(widget.rect(), qcolor("raised"))
        widget.render(painter, QPoint(), renderFlags=flags)
        painter.end()
    else:
        image = QImage(widget.size() * PNG_SCALE, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(PNG_SCALE)
        image.fill(qcolor("raised"))
        painter = QPainter(image)
        widget.render(painter, QPoint(), renderFlags=flags)
        painter.end()
        QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    buffer.close()
    return bytes(data.data())
