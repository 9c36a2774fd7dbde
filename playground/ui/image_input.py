"""Pictures from files, from the clipboard and from whatever is dropped, as small arrays.

A file is believed by its contents, not by its name, and never takes more memory than Qt's
allocation limit: formats that can are read at a smaller scale, of the others the size in the
header is looked at first. Whatever had to be changed on the way (scaled, first frame only, laid on
white) is said in one sentence each.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader, QPainter

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_SIDE = 512
"""Pixels that the longer side of a picture keeps unless told otherwise."""
FORMATS = {
    "png": "PNG",
    "jpeg": "JPEG",
    "jpg": "JPEG",
    "jfif": "JPEG",
    "bmp": "BMP",
    "webp": "WebP",
    "gif": "GIF",
    "tif": "TIFF",
    "tiff": "TIFF",
    "ppm": "PPM",
    "pgm": "PGM",
    "pbm": "PBM",
    "ico": "ICO",
}
"""Formats that are read, by Qt's name or a file's suffix, and what people call them."""
IMAGE_SUFFIXES = tuple(f".{name}" for name in FORMATS)
IMAGE_FILTER = f"Pictures ({' '.join(f'*{suffix}' for suffix in IMAGE_SUFFIXES)});;All files (*)"
WELL_KNOWN = "PNG, JPEG, BMP, WebP, GIF or TIFF"
CLIPBOARD_NAME = "the picture"
JPEG_END = b"\xff\xd9"
TAIL_BYTES = 65_536
OPAQUE = 255


class ImageError(ValueError):
    """Says in one sentence why something cannot be taken as a picture."""


class LoadedImage(NamedTuple):
    """A picture that was read.

    Attributes
    ----------
    pixels
        uint8 of shape (height, width, channels); one channel where red, green and blue are equal.
    notes
        One sentence for everything that was changed on the way.
    name
        What to call it.
    """

    pixels: NDArray[np.uint8]
    notes: tuple[str, ...]
    name: str = CLIPBOARD_NAME


def read_image_file(path: str | Path, longest: int = LONGEST_SIDE) -> LoadedImage:
    """Return the picture of a file, no side longer than ``longest`` pixels.

    Raises
    ------
    ImageError
        If there is no such file, or it is no picture, damaged, or too large to be read.
    """
    source = Path(path)
    if source.is_dir():
        raise ImageError(f"“{source.name}” is a folder; choose one picture ({WELL_KNOWN}).")
    if not source.is_file():
        raise ImageError(f"There is no file “{source.name}”.")
    reader = QImageReader(str(source))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    known = _format_of(reader, source.name)
    size = reader.size()
    _check_memory(reader, size, source.name, known)
    notes: list[str] = []
    claimed = FORMATS.get(source.suffix.lower().lstrip("."))
    if claimed is not None and claimed != known:
        notes.append(f"“{source.name}” is in truth a {known} picture and was read as one.")
    if reader.supportsAnimation():
        count = reader.imageCount()
        which = f"the first of {count:,} frames" if count > 1 else "the first frame"
        notes.append(f"“{source.name}” is animated; {which} is shown.")
    if size.isValid() and reader.supportsOption(QImageIOHandler.ImageOption.ScaledSize):
        reader.setScaledSize(_fitting(size, longest))
    image = reader.read()
    if image.isNull():
        raise ImageError(f"“{source.name}” is damaged or cut off: its {known} data end too early.")
    if known == "JPEG" and JPEG_END not in _tail(source):
        notes.append(f"“{source.name}” is cut off; what is missing is grey.")
    return _loaded(image, size, longest, source.name, notes)


def read_qimage(
    image: QImage, longest: int = LONGEST_SIDE, name: str = CLIPBOARD_NAME
) -> LoadedImage:
    """Return a picture that Qt holds already, such as the clipboard's.

    Raises
    ------
    ImageError
        If it is empty.
    """
    if image.isNull():
        raise ImageError(f"There is no picture in {name}.")
    return _loaded(image, image.size(), longest, name, [])


def image_path(mime: QMimeData) -> Path | None:
    """Return the first local file of a drop that may be a picture, None where there is none."""
    for url in mime.urls():
        path = Path(url.toLocalFile())
        # Run files are the window's own business.
        if url.isLocalFile() and path.suffix.lower() != ".playrun":
            return path
    return None


def has_image(mime: QMimeData) -> bool:
    """Tell whether a drop or the clipboard may hold a picture."""
    return mime.hasImage() or image_path(mime) is not None


def read_image_mime(mime: QMimeData, longest: int = LONGEST_SIDE) -> LoadedImage:
    """Return the picture of a drop or of the clipboard: a local file's, else the pixels in it.

    Raises
    ------
    ImageError
        If there is none, or it cannot be read.
    """
    path = image_path(mime)
    if path is not None:
        return read_image_file(path, longest)
    image = mime.imageData() if mime.hasImage() else None
    if isinstance(image, QImage) and not image.isNull():
        return read_qimage(image, longest)
    raise ImageError(f"There is no picture there; copy one, or a file ({WELL_KNOWN}).")


def as_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """Return a picture for Qt from uint8 (h, w), (h, w, 1), (h, w, 3) or RGBA (h, w, 4) pixels."""
    data = np.ascontiguousarray(pixels if pixels.ndim == 3 else pixels[:, :, None])
    height, width, channels = data.shape
    kinds = {
        1: QImage.Format.Format_Grayscale8,
        3: QImage.Format.Format_RGB888,
        4: QImage.Format.Format_RGBA8888,
    }
    image = QImage(data.data, width, height, width * channels, kinds[channels])
    # The buffer belongs to the array: without a copy the picture would outlive its pixels.
    return image.copy()


def _format_of(reader: QImageReader, name: str) -> str:
    known = FORMATS.get(bytes(reader.format().data()).decode("ascii", "replace"))
    if not reader.canRead() or known is None:
        raise ImageError(f"“{name}” is no picture that can be read here; allowed are {WELL_KNOWN}.")
    return known


def _check_memory(reader: QImageReader, size: QSize, name: str, known: str) -> None:
    """Refuse what Qt would refuse, in words, before anything is allocated."""
    limit = QImageReader.allocationLimit() * 2**20
    if (
        not limit
        or not size.isValid()
        or reader.supportsOption(QImageIOHandler.ImageOption.ScaledSize)
    ):
        return
    kind = reader.imageFormat()
    bits = 32
    if kind != QImage.Format.Format_Invalid:
        bits = QImage.toPixelFormat(kind).bitsPerPixel()
    if size.width() * size.height() * bits // 8 > limit:
        side = int((limit * 8 / bits) ** 0.5) // 100 * 100
        raise ImageError(
            f"“{name}” has {size.width():,} × {size.height():,} pixels, too many to unpack a "
            f"{known} picture; allowed are about {side:,} × {side:,} (a JPEG may be larger)."
        )


def _fitting(size: QSize, longest: int) -> QSize:
    """Return the size scaled down, never up, so that the longer side fits; no side vanishes."""
    if max(size.width(), size.height()) <= longest:
        return size
    fitting = size.scaled(longest, longest, Qt.AspectRatioMode.KeepAspectRatio)
    return fitting.expandedTo(QSize(1, 1))


def _loaded(image: QImage, size: QSize, longest: int, name: str, notes: list[str]) -> LoadedImage:
    notes += _depth_notes(image)
    fitting = _fitting(image.size(), longest)
    if fitting != image.size():
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(fitting, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    before = max(size.width(), size.height())
    if before > longest:
        notes.append(
            f"It was scaled from {size.width():,} × {size.height():,} "
            f"to {image.width():,} × {image.height():,} pixels."
        )
    image, was_transparent = _on_white(image)
    if was_transparent:
        notes.append("Its transparent parts were laid on white.")
    return LoadedImage(_pixels(image), tuple(notes), name)


def _depth_notes(image: QImage) -> list[str]:
    formats = QImage.Format
    if image.format() == formats.Format_CMYK8888:
        return ["Its CMYK colours were turned into red, green and blue."]
    if image.format() in (
        formats.Format_Grayscale16,
        formats.Format_RGBX64,
        formats.Format_RGBA64,
        formats.Format_RGBA64_Premultiplied,
    ):
        return ["Its 16 bits a channel were rounded to 8."]
    return []


def _on_white(image: QImage) -> tuple[QImage, bool]:
    """Return an opaque picture, and whether anything could be seen through before."""
    if not image.hasAlphaChannel():
        return image, False
    straight = image.convertToFormat(QImage.Format.Format_RGBA8888)
    alpha = _rows(straight, 4)[:, :, 3]
    if int(alpha.min()) == OPAQUE:
        return straight, False
    laid = QImage(straight.size(), QImage.Format.Format_RGB888)
    laid.fill(Qt.GlobalColor.white)
    painter = QPainter(laid)
    painter.drawImage(0, 0, straight)
    painter.end()
    return laid, True


def _pixels(image: QImage) -> NDArray[np.uint8]:
    rgb = _rows(image.convertToFormat(QImage.Format.Format_RGB888), 3)
    grey = bool(np.array_equal(rgb[:, :, 0], rgb[:, :, 1])) and bool(
        np.array_equal(rgb[:, :, 0], rgb[:, :, 2])
    )
    return rgb[:, :, :1].copy() if grey else rgb


def _rows(image: QImage, channels: int) -> NDArray[np.uint8]:
    """Return a copy of the pixels; lines in Qt end on multiples of four bytes."""
    height, width = image.height(), image.width()
    flat = np.frombuffer(image.constBits(), np.uint8, image.sizeInBytes())
    lines = flat.reshape(height, image.bytesPerLine())[:, : width * channels]
    return lines.reshape(height, width, channels).copy()


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - TAIL_BYTES))
        return file.read()
