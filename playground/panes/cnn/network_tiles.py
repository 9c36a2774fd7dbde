"""Where the tiles of a mosaic lie, and the one picture that all tiles of a layer are on."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from playground.panes.cnn.network_pictures import (
    Scale,
    colour_table,
    levels_of,
    pixel_colours,
    table_places,
)
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEAST_CELL_PX = 2.0
CRISP_FROM_PX = 3.0
GAP_PX, INNER_GAP_PX = 6, 1
HEAD_ROOM_PX, CAPTION_ROOM_PX = 18, 15
SECTION_GAP_PX, ASIDE_GAP_PX, MARGIN_PX = 8, 16, 3
EMPTY = np.uint32(0)


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One layer's tiles under a line of words.

    Parameters
    ----------
    key
        Which layer; handed out with clicks.
    title
        The words above the tiles.
    values
        (tiles, channels, rows, columns) numbers, or uint8 pixels where ``scale`` is None: then the
        channels of a tile are grey, or red, green and blue of one picture.
    scale
        Which colours; None for pixels.
    levels
        Values at the ends of the colours; where left out, those of the section.
    own_range
        Every tile has the range of its own values instead of one for the section.
    captions
        A short text under each tile; empty for none.
    largest
        Pixels at scale 1 that a tile has at most; None for as large as it fits.
    is_matrix
        The only tile is a matrix whose rows are what can be chosen.
    aside
        The next section stands at the right of this one instead of below it.
    """

    key: int
    title: str
    values: NDArray[np.float32] | NDArray[np.uint8]
    scale: Scale | None = "diverging"
    levels: tuple[float, float] | None = None
    own_range: bool = False
    captions: tuple[str, ...] = ()
    largest: int | None = None
    is_matrix: bool = False
    aside: bool = False

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return int(self.values.shape[0])

    @property
    def parts(self) -> int:
        """How many pictures a tile is made of."""
        return 1 if self.scale is None else int(self.values.shape[1])

    @property
    def choices(self) -> int:
        """How many things can be chosen: tiles, or rows of a matrix."""
        return int(self.values.shape[2]) if self.is_matrix else self.tiles


class TilePlace(NamedTuple):
    """What is under a point: section and tile, then channel, row and column within the tile."""

    section: int
    tile: int
    channel: int
    row: int
    column: int


class Grid(NamedTuple):
    """Where the tiles of one section lie, in whole pixels of the canvas.

    ``part_width`` and ``part_height`` are the size of one picture, ``across`` how many of them
    stand side by side in a tile; ``width`` and ``height`` are the size of a tile, ``columns`` how
    many tiles stand side by side, and ``step`` the distance of their lines.
    """

    left: int
    top: int
    part_width: int
    part_height: int
    across: int
    columns: int
    width: int
    height: int
    step: int

    def tile_rect(self, tile: int) -> QRectF:
        """Return where a tile lies."""
        line, place = divmod(tile, self.columns)
        left = self.left + place * (self.width + px(GAP_PX))
        return QRectF(left, self.top + line * self.step, self.width, self.height)

    def part_rect(self, tile: QRectF, part: int) -> QRectF:
        """Return where one channel of a tile lies."""
        down, across = divmod(part, self.across)
        inner = px(INNER_GAP_PX)
        left = tile.left() + across * (self.part_width + inner)
        top = tile.top() + down * (self.part_height + inner)
        return QRectF(left, top, self.part_width, self.part_height)

    def row_rect(self, section: Section, row: int) -> QRectF:
        """Return where a row of a matrix lies."""
        tile = self.tile_rect(0)
        high = self.part_height / section.values.shape[2]
        return QRectF(tile.left(), tile.top() + row * high, self.part_width, high)

    def place_at(self, section: Section, index: int, x: float, y: float) -> TilePlace | None:
        """Return what lies under a point; None beside the tiles."""
        column = int((x - self.left) // (self.width + px(GAP_PX)))
        line = int((y - self.top) // self.step)
        if column < 0 or line < 0 or column >= self.columns:
            return None
        tile = line * self.columns + column
        if tile >= section.tiles:
            return None
        rect = self.tile_rect(tile)
        rows, columns = section.values.shape[-2:]
        for part in range(section.parts):
            cells = self.part_rect(rect, part)
            if cells.contains(x, y):
                row = min(int((y - cells.top()) / self.part_height * rows), rows - 1)
                across = min(int((x - cells.left()) / self.part_width * columns), columns - 1)
                return TilePlace(index, tile, part, row, across)
        return None


class Sheet:
    """All pictures of a section in their places as one image: hundreds would take too long.

    Parameters
    ----------
    section
        What is shown; its colours are those of the theme in force.
    """

    def __init__(self, section: Section) -> None:
        # (tiles, parts, rows, columns) colours as Qt counts them.
        self._colours = colours_of(section)
        self._made: tuple[Grid, int, QImage] | None = None
        self._pixels: NDArray[np.uint32] | None = None

    def image(self, grid: Grid, ratio: int) -> QImage:
        """Return the tiles as they lie from the first corner on, transparent in between.

        Parameters
        ----------
        ratio
            Pixels of the image per pixel of the canvas.
        """
        if self._made is None or self._made[:2] != (grid, ratio):
            self._made = (grid, ratio, self._composed(grid, ratio))
        return self._made[2]

    def _composed(self, grid: Grid, ratio: int) -> QImage:
        places = _pixel_sources(self._colours.shape, grid, ratio, px(INNER_GAP_PX), px(GAP_PX))
        # The image looks at this memory. Every pixel is opaque or empty, which needs no mixing.
        data = self._pixels = np.append(self._colours, EMPTY).take(places)
        size = (data.shape[1], data.shape[0])
        premultiplied = QImage.Format.Format_ARGB32_Premultiplied
        image = QImage(data.data, *size, 4 * size[0], premultiplied)
        image.setDevicePixelRatio(ratio)
        return image


@functools.lru_cache(maxsize=8)
def _pixel_sources(
    shape: tuple[int, int, int, int], grid: Grid, ratio: int, inner_gap: int, outer_gap: int
) -> NDArray[np.intp]:
    """Return for every pixel of a sheet which number of the section it shows, (height, width).

    The numbers are counted in their order in memory; between the tiles it is the one after the
    last. The same picture after picture, so that a new one takes a single look-up.
    """
    tiles, parts, rows, columns = shape
    wide, high = grid.part_width * ratio, grid.part_height * ratio
    down, across = -(-parts // grid.across), grid.across
    inner, gap = inner_gap * ratio, outer_gap * ratio
    # The nearest pixel of the picture for every pixel on screen.
    from_row = np.arange(high) * rows // high
    from_column = np.arange(wide) * columns // wide
    numbers = np.arange(math.prod(shape)).reshape(shape)
    empty = numbers.size
    cells = np.full((tiles, down * across, high + inner, wide + inner), empty)
    cells[:, :parts, :high, :wide] = numbers[:, :, from_row[:, None], from_column]
    whole = cells.reshape(tiles, down, across, high + inner, wide + inner).swapaxes(2, 3)
    tile = whole.reshape(tiles, down * (high + inner), across * (wide + inner))
    step, stride = grid.step * ratio, grid.width * ratio + gap
    tall, broad = grid.height * ratio, grid.width * ratio
    lines = -(-tiles // grid.columns)
    sheet = np.full((lines * grid.columns, step, stride), empty)
    sheet[:tiles, :tall, :broad] = tile[:, :tall, :broad]
    in_lines = sheet.reshape(lines, grid.columns, step, stride).swapaxes(1, 2)
    return np.ascontiguousarray(in_lines.reshape(lines * step, grid.columns * stride))


def colours_of(section: Section) -> NDArray[np.uint32]:
    """Return (tiles, parts, rows, columns) colours, 0xAARRGGBB."""
    values, scale = section.values, section.scale
    if scale is None:
        return pixel_colours(np.asarray(values, dtype=np.uint8))[:, None]
    if section.own_range:
        places = np.stack([table_places(tile, levels_of(tile, scale)) for tile in values])
    else:
        places = table_places(values, section.levels or levels_of(values, scale))
    return colour_table(scale, theme().tokens.name)[places]


def grids_for(
    sections: Sequence[Section], width: float, tile_px: float
) -> tuple[list[Grid], float]:
    """Return where the tiles of every section lie at some size, and the height of it all."""
    grids: list[Grid] = []
    margin, gap, inner = px(MARGIN_PX), px(GAP_PX), px(INNER_GAP_PX)
    left, y, lowest = margin, margin, 0
    for section in sections:
        room = int(width) - left - margin
        across, part_width, part_height = _parts(section, room, tile_px)
        down = -(-section.parts // across)
        tile_width = across * (part_width + inner) - inner
        tile_height = down * (part_height + inner) - inner
        step = tile_height + gap + (px(CAPTION_ROOM_PX) if section.captions else 0)
        per_line = min(max(1, (room + gap) // (tile_width + gap)), section.tiles)
        lines = -(-section.tiles // per_line)
        top = y + (px(HEAD_ROOM_PX) if section.title else 0)
        size = (tile_width, tile_height)
        grids.append(Grid(left, top, part_width, part_height, across, per_line, *size, step))
        lowest = max(lowest, top + lines * step - gap)
        if section.aside:
            left += per_line * (tile_width + gap) - gap + px(ASIDE_GAP_PX)
        else:
            left, y = margin, lowest + px(SECTION_GAP_PX)
    return grids, lowest + margin


def _parts(section: Section, room: float, tile_px: float) -> tuple[int, int, int]:
    """Return how many pictures of a tile stand side by side, and width and height of one."""
    rows, columns = section.values.shape[-2:]
    if section.is_matrix:
        # As wide as there is room; its rows are high enough to be clicked.
        high = max(LEAST_CELL_PX, min(tile_px / rows, px(14)))
        return 1, max(1, int(min(room, px(8) * columns))), max(1, int(high * rows))
    if section.largest is not None:
        tile_px = min(tile_px, px(section.largest))
    across = _across(section.parts, rows, columns)
    down = -(-section.parts // across)
    inner = px(INNER_GAP_PX) * (max(across, down) - 1)
    cell = max((tile_px - inner) / max(across * columns, down * rows), 0.2)
    if section.parts > 1:
        cell = max(cell, LEAST_CELL_PX)
    if cell > CRISP_FROM_PX:
        # Whole pixels: the cells of a kernel are all of one size.
        cell = math.floor(cell)
    return across, max(1, round(columns * cell)), max(1, round(rows * cell))


def _across(parts: int, rows: int, columns: int) -> int:
    """Return how many pictures of a tile stand side by side so that the tile is nearly square."""
    ideal = max(1, min(parts, round(math.sqrt(parts * rows / columns))))
    # Without an empty place where that costs little.
    for nearby in (ideal, ideal + 1, ideal - 1, ideal + 2, ideal - 2):
        if 0 < nearby <= parts and parts % nearby == 0:
            return nearby
    return ideal
