"""Icons from ``assets/icons``, drawn crisp at every size and in the colours of the theme.

An icon asks the theme for its colour each time it is painted, so a change of theme needs no more
than a repaint; the pictures themselves are cached by name, colour and size.
"""

from __future__ import annotations

import functools
from typing import Protocol

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from typing_extensions import override

from playground.assets_path import asset
from playground.ui.theme import qcolor

DEFAULT_SIZE = 18
CACHED_PIXMAPS = 1024


class _HasIcon(Protocol):
    def setIcon(self, icon: QIcon, /) -> None: ...


def icon(name: str, *, color: str | None = None, on: str | None = None) -> QIcon:
    """Return the icon of a file in ``assets/icons``, without its extension.

    Parameters
    ----------
    name
        ``"play"``, ``"pane-perceptron"``, …
    color
        Token or ``#rrggbb``; the text colour where left out. Disabled icons are faint.
    on
        Token or ``#rrggbb`` for the checked state, where it differs.

    Raises
    ------
    FileNotFoundError
        If there is no such icon.
    """
    if name not in _known_names():
        _source(name)
    return QIcon(_SvgIconEngine(name, color or "text", on or color or "text"))


def themed_icon(
    target: _HasIcon, name: str, *, color: str | None = None, on: str | None = None
) -> None:
    """Give a button or action an icon that follows the theme."""
    target.setIcon(icon(name, color=color, on=on))


def icon_pixmap(name: str, size: int, color: str = "text", ratio: float = 1.0) -> QPixmap:
    """Return a square picture of ``size`` logical pixels at a device pixel ratio, cached."""
    return _pixmap(name, qcolor(color).name(), _pixels(size, ratio), ratio)


def icon_names() -> tuple[str, ...]:
    """Return the names of all icons, sorted."""
    return tuple(sorted(path.stem for path in asset("icons").glob("*.svg")))


class _SvgIconEngine(QIconEngine):
    """Renders one SVG at exactly the pixels asked for; colours are tokens, resolved late."""

    def __init__(self, name: str, color: str, on: str) -> None:
        super().__init__()
        self._name = name
        self._color = color
        self._on = on

    @override
    def clone(self) -> QIconEngine:
        return _SvgIconEngine(self._name, self._color, self._on)

    @override
    def key(self) -> str:
        return "playground-svg"

    @override
    def isNull(self) -> bool:
        return False

    @override
    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        device = painter.device()
        ratio = device.devicePixelRatio() if device is not None else 1.0
        picture = self._picture(rect.size(), mode, state, ratio)
        side = picture.deviceIndependentSize()
        corner = QPoint(
            rect.x() + round((rect.width() - side.width()) / 2),
            rect.y() + round((rect.height() - side.height()) / 2),
        )
        painter.drawPixmap(corner, picture)

    @override
    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._picture(size, mode, state, 1.0)

    @override
    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        return self._picture(size, mode, state, scale)

    def _picture(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, ratio: float) -> QPixmap:
        token = self._on if state == QIcon.State.On else self._color
        if mode == QIcon.Mode.Disabled:
            token = "faint"
        side = max(1, min(size.width(), size.height()))
        return _pixmap(self._name, qcolor(token).name(), _pixels(side, ratio), ratio)


def _pixels(side: int, ratio: float) -> int:
    # Halves upwards, as Qt rounds: with one pixel less it would stretch the picture.
    return int(side * ratio + 0.5)


@functools.lru_cache(maxsize=CACHED_PIXMAPS)
def _pixmap(name: str, colour: str, pixels: int, ratio: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", colour.encode())))
    picture = QPixmap(max(1, pixels), max(1, pixels))
    picture.fill(QColor(Qt.GlobalColor.transparent))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0.0, 0.0, float(pixels), float(pixels)))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@functools.cache
def _known_names() -> frozenset[str]:
    # One look into the folder; the files are read when they are painted, most of them never.
    return frozenset(icon_names())


@functools.cache
def _source(name: str) -> bytes:
    return asset("icons", f"{name}.svg").read_bytes()
