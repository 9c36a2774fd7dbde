"""The button that names the surface and opens pictures of all others."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget
from typing_extensions import override

from playground.experiments.optimizers_surface_spec import (
    SURFACE_LABELS,
    SurfaceSpec,
    build_surface,
)
from playground.panes.optimizers.map_place import height_scale
from playground.ui.icons import icon_pixmap, themed_icon
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

PICTURE_PX = 30
PICTURE_GRID = 40
FIRST_LEARNED = "slow neuron"


class SurfacePicker(QPushButton):
    """Shows the present surface; its menu has a small map of each one."""

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = ""
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self._actions: dict[str, QAction] = {}
        self.setProperty("flat", "true")
        self.setToolTip("Choose another loss surface; this starts a new race")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        themed_icon(self, "mountain", color="muted")
        self.clicked.connect(self._open)
        for kind, words in SURFACE_LABELS.items():
            if kind == FIRST_LEARNED:
                self._menu.addSeparator()
            action = self._menu.addAction(_capital(words))
            action.setCheckable(True)
            action.triggered.connect(functools.partial(self._pick, kind))
            self._actions[kind] = action

    def show_kind(self, kind: str) -> None:
        """Name the surface on the map."""
        if kind != self._kind:
            self._kind = kind
            self.setText(f" {_capital(SURFACE_LABELS[kind])}")
            self.setAccessibleName(f"Surface: {SURFACE_LABELS[kind]}")

    @override
    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width() + px(16), hint.height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _paint_chevron(self)

    def _open(self) -> None:
        self._menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _fill(self) -> None:
        for kind, action in self._actions.items():
            action.setChecked(kind == self._kind)
            picture = surface_picture(kind, theme().tokens.name)
            if picture is not None:
                action.setIcon(QIcon(picture))

    def _pick(self, kind: str, _: bool = False) -> None:
        self.picked.emit(kind)


@functools.lru_cache(maxsize=64)
def surface_picture(kind: str, theme_name: str) -> QPixmap | None:  # noqa: ARG001 - part of the key
    """Return a small map of a surface with its usual numbers; None where that would take long."""
    spec = SurfaceSpec.model_validate({"kind": kind})
    if spec.has_samples:
        return None
    surface = build_surface(spec)
    shares = height_scale(surface, surface.log_colour).share(
        surface.grid(PICTURE_GRID, PICTURE_GRID)[2]
    )
    # Bands instead of a smooth run: at this size contour lines would be noise.
    steps = np.rint(np.nan_to_num(np.floor(shares * 10.0) / 9.0, nan=0.0) * 255.0)
    table = theme().tokens.scalar_map
    colours = np.ascontiguousarray(table[np.clip(steps, 0, 255).astype(np.uint8)][::-1])
    image = QImage(
        colours.tobytes(),
        PICTURE_GRID,
        PICTURE_GRID,
        4 * PICTURE_GRID,
        QImage.Format.Format_RGBA8888,
    )
    side = px(PICTURE_PX)
    smooth = Qt.TransformationMode.SmoothTransformation
    return QPixmap.fromImage(image.scaled(side, side, mode=smooth))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _paint_chevron(button: QPushButton) -> None:
    side = px(14)
    painter = QPainter(button)
    picture = icon_pixmap("chevron-down", side, "muted", button.devicePixelRatioF())
    painter.drawPixmap(button.width() - side - px(4), (button.height() - side) // 2, picture)
    painter.end()
