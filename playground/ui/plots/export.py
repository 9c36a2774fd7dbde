"""Pictures of a plot as PNG and SVG.

The scene is rendered by Qt itself: a PNG as on a screen of higher resolution, so that lines and
type keep their proportions, an SVG with clip paths, which needs version 1.1 of the format.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from playground.core.atomic_files import write_atomically

if TYPE_CHECKING:
    import pyqtgraph as pg
    from PySide6.QtGui import QColor, QPaintDevice

SMALLEST_SCALE, LARGEST_SCALE = 0.25, 8.0
SCREEN_DPI = 96
TITLE = "Plot of the neural-network playground"


def plot_image(item: pg.PlotItem, ground: QColor, scale: float = 2.0) -> QImage:
    """Return a picture of a plot at ``scale`` times its size on screen, 0.25 … 8."""
    factor = min(max(scale, SMALLEST_SCALE), LARGEST_SCALE)
    size = item.sceneBoundingRect().size()
    image = QImage(
        max(1, round(size.width() * factor)),
        max(1, round(size.height() * factor)),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.setDevicePixelRatio(factor)
    image.fill(ground)
    _render(item, image)
    return image


def png_bytes(item: pg.PlotItem, ground: QColor, scale: float = 2.0) -> bytes:
    """Return a plot as a PNG file."""
    data, buffer = _buffer()
    QImageWriter(buffer, QByteArray(b"PNG")).write(plot_image(item, ground, scale))
    buffer.close()
    return bytes(data.data())


def svg_bytes(item: pg.PlotItem, ground: QColor) -> bytes:
    """Return a plot as an SVG file, UTF-8."""
    data, buffer = _buffer()
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    size = item.sceneBoundingRect().size().toSize()
    # The axes draw from stored pictures, which Qt scales by the ratio of two resolutions: at this
    # one, the screen's, it leaves them alone.
    generator.setResolution(SCREEN_DPI)
    generator.setSize(size)
    generator.setViewBox(QRectF(0.0, 0.0, size.width(), size.height()))
    generator.setTitle(TITLE)
    _render(item, generator, ground)
    buffer.close()
    return bytes(data.data())


def save_picture(item: pg.PlotItem, ground: QColor, path: str | Path, scale: float = 2.0) -> Path:
    """Write a plot as PNG or, where the name ends in ``.svg``, as SVG; return where it went.

    Raises
    ------
    playground.core.atomic_files.SaveError
        If it could not be written; what stood there before is untouched.
    """
    target = Path(path)
    if target.suffix.lower() not in (".png", ".svg"):
        target = target.with_name(f"{target.name}.png")
    if target.suffix.lower() == ".svg":
        write_atomically(target, svg_bytes(item, ground))
    else:
        write_atomically(target, png_bytes(item, ground, scale))
    return target


def _render(item: pg.PlotItem, device: QPaintDevice, ground: QColor | None = None) -> None:
    source = item.sceneBoundingRect()
    target = QRectF(0.0, 0.0, source.width(), source.height())
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if ground is not None:
        painter.fillRect(target, ground)
    item.scene().render(painter, target, source)
    painter.end()


def _buffer() -> tuple[QByteArray, QBuffer]:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return data, buffer
