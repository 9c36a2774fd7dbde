"""Pictures and spectra of the Fourier laboratory, with the numbers under the pointer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPen, QTransform
from typing_extensions import override

from playground.core.fourier import Wave, wave_at
from playground.ui.fonts import Weight, ui_font
from playground.ui.number_text import format_number
from playground.ui.pixel_view import PixelView
from playground.ui.plots.read_out import ReadOut
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from playground.experiments.fourier_snapshot import Picture, SpectrumPicture
    from playground.ui.pixel_view import Cell

CRISP_FROM = 3
VEIL = 0.74
TITLE_PX, TITLE_FONT_PX = 22, 12
LARGEST_HINT_PX = 420
MAGNITUDE = re.compile(r"\|([^|]+)\|")


class LabPicture(PixelView):
    """A picture with its title that fills its room; numbers stand beside the pointer.

    Small pictures are drawn crisp, on whole pixels of the screen. Between one and three pixels of
    the screen for one of the picture that would waste much of the room: there it is smoothed.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._titles: tuple[str, ...] = (title,)
        self._pixels: NDArray[np.uint8] | None = None
        self._colours = "grey"
        self._picture: Picture | None = None
        self._blends = True
        self._read_out: ReadOut | None = None
        self.hovered.connect(self._on_hovered)
        theme().changed.connect(self._on_colours_changed)

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._picture

    @property
    def title(self) -> str:
        """The longest wording of the title."""
        return self._titles[0]

    def set_title(self, *wordings: str) -> None:
        """Write another title: the first wording for which there is room, else the last."""
        if wordings != self._titles:
            self._titles = wordings
            self.setAccessibleName(wordings[0])
            self.update()

    def wordings(self) -> tuple[str, ...]:
        """Return the title as it is painted, from its longest to its shortest wording."""
        return self._titles

    def show_picture(self, picture: Picture) -> None:
        """Show a picture; costs nothing when it is the one shown."""
        if picture is self._picture:
            return
        self._picture = picture
        self._show_pixels(picture.pixels, picture.colours)
        self._tell_again()

    def words_at(self, cell: Cell) -> str:
        """Return what there is to say about a pixel."""
        picture = self._picture
        if picture is None:
            return ""
        channels, height, width = picture.values.shape
        row, column = cell[0] % height, cell[1] % width
        values = picture.values[:, row, column]
        names = ("",) if channels == 1 else ("R ", "G ", "B ")
        numbers = "  ".join(
            f"{name}{format_number(float(value))}"
            for name, value in zip(names, values, strict=True)
        )
        return f"row {row}, column {column}\n{numbers}"

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(LARGEST_HINT_PX), px(LARGEST_HINT_PX))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(60), px(60))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._tell(event.position())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.rows:
            return
        painter = QPainter(self)
        # A white picture on a white card would have no end.
        painter.setPen(QPen(qcolor("line"), 1.0))
        painter.drawRect(self._area()[0].adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.setFont(ui_font(px(TITLE_FONT_PX), Weight.Medium))
        metrics = painter.fontMetrics()
        titles = self.wordings()
        fitting = (t for t in titles if metrics.horizontalAdvance(t) <= self.width())
        words = next(fitting, titles[-1])
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width())
        top = self._area()[0].top() - px(TITLE_PX)
        painter.setPen(qcolor("text"))
        box = QRectF(0.0, top, self.width(), px(TITLE_PX - 3))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _show_pixels(self, pixels: NDArray[np.uint8], colours: str) -> None:
        self._pixels, self._colours = pixels, colours
        self.set_picture(coloured(pixels, colours))

    def _on_colours_changed(self) -> None:
        if self._read_out is not None:
            self._read_out.apply_theme()
        if self._pixels is not None and self._colours in ("signed", "scalar"):
            self.set_picture(coloured(self._pixels, self._colours))

    def _on_hovered(self, cell: Cell | None) -> None:
        if cell is None and self._read_out is not None:
            self._read_out.hide()

    def _tell(self, place: QPointF) -> None:
        cell = self.cell_at(place)
        text = self.words_at(cell) if cell is not None else ""
        if self._read_out is None:
            # Made when it is needed: there are two dozen pictures, and most are never pointed at.
            self._read_out = ReadOut(self)
        if text:
            self._read_out.show_at(place, text)
        else:
            self._read_out.hide()

    def _tell_again(self) -> None:
        """Follow a picture that has changed under a resting pointer."""
        label = self._read_out.label if self._read_out is not None else None
        if label is not None and label.isVisible() and self.hovered_cell is not None:
            label.setText(self.words_at(self.hovered_cell))
            label.adjustSize()

    @override
    def _area(self) -> tuple[QRectF, float]:
        if not self.rows or not self.columns:
            return QRectF(), 0.0
        ratio = self.devicePixelRatioF()
        above = px(TITLE_PX) * ratio
        wide, high = self.width() * ratio, max(1.0, self.height() * ratio - above)
        side = min(wide / self.columns, high / self.rows)
        if side >= CRISP_FROM:
            side = float(int(side))
        left = int((wide - side * self.columns) / 2)
        top = int(above + (high - side * self.rows) / 2)
        area = QRectF(left, top, side * self.columns, side * self.rows)
        return QTransform.fromScale(1 / ratio, 1 / ratio).mapRect(area), side / ratio

    @override
    def _draw_pixels(self, painter: QPainter, area: QRectF, side: float) -> None:
        wide = side * self.devicePixelRatioF()
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, 1.0 <= wide < CRISP_FROM and self._blends
        )
        if wide < 1.0 and not self._blends and self._image is not None:
            painter.drawImage(area, self._image)
        else:
            super()._draw_pixels(painter, area, side)


class LabSpectrum(LabPicture):
    """A centred spectrum: magnitudes or phases, what is closed in a veil, rings and squares.

    Signals
    -------
    wave_hovered(object)
        The :class:`~playground.core.fourier.Wave` under the pointer, or None.
    """

    wave_hovered = Signal(object)

    def __init__(self, name: str, *, as_phase: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._spectrum: SpectrumPicture | None = None
        self._as_phase = as_phase
        self._weight: NDArray[np.uint8] | None = None
        self._veil: QImage | None = None
        self._squares: tuple[float, ...] = ()
        self._brief = False
        self.hovered.connect(self._on_wave_hovered)

    @property
    def spectrum(self) -> SpectrumPicture | None:
        """What is shown."""
        return self._spectrum

    def set_brief(self, brief: bool) -> None:
        """Say little beside the pointer: all of it stands elsewhere."""
        self._brief = brief

    def set_as_phase(self, as_phase: bool) -> None:
        """Show phases where they are there, else magnitudes."""
        if as_phase != self._as_phase:
            self._as_phase = as_phase
            self._show_chosen()

    def show_spectrum(self, spectrum: SpectrumPicture) -> None:
        """Show a spectrum; costs nothing when it is the one shown."""
        if spectrum is not self._spectrum:
            self._spectrum = spectrum
            self._show_chosen()
            self._tell_again()

    def show_weight(self, weight: NDArray[np.uint8] | None) -> None:
        """Veil what does not pass; (h, w) uint8, 255 passes."""
        if weight is not self._weight:
            self._weight = weight
            self._make_veil()
            self.update()

    def set_squares(self, limits: tuple[float, ...]) -> None:
        """Outline squares of ± so many cycles per pixel."""
        if limits != self._squares:
            self._squares = limits
            self.update()

    def wave_of(self, cell: Cell) -> Wave | None:
        """Return the wave at a place of the spectrum."""
        if self._spectrum is None:
            return None
        values = self._spectrum.values
        if not (cell[0] < values.shape[0] and cell[1] < values.shape[1]):
            return None
        return wave_at(self._spectrum.shape, *cell, complex(values[cell]))

    def place_of(self, vertical: float, horizontal: float) -> QPointF:
        """Return where a frequency in cycles per pixel is on the widget."""
        whole = self.rect_of(0, 0, self.rows, self.columns)
        side = whole.width() / max(1, self.columns)
        return QPointF(
            whole.left() + (horizontal * self.columns + self.columns // 2 + 0.5) * side,
            whole.top() + (vertical * self.rows + self.rows // 2 + 0.5) * side,
        )

    def frequency_at(self, place: QPointF) -> tuple[float, float]:
        """Return the vertical and horizontal frequency at a place, also beside the spectrum."""
        whole = self.rect_of(0, 0, self.rows, self.columns)
        side = max(1e-9, whole.width() / max(1, self.columns))
        row = (place.y() - whole.top()) / side - 0.5 - self.rows // 2
        column = (place.x() - whole.left()) / side - 0.5 - self.columns // 2
        return row / max(1, self.rows), column / max(1, self.columns)

    @override
    def wordings(self) -> tuple[str, ...]:
        if self._blends:
            return self._titles
        return tuple(MAGNITUDE.sub(r"phase of \1", title) for title in self._titles)

    @override
    def words_at(self, cell: Cell) -> str:
        wave = self.wave_of(cell)
        if wave is None:
            return ""
        lines = wave_words(wave)
        if self._brief:
            lines = lines[:1]
        if self._weight is not None and self._weight.shape == (self.rows, self.columns):
            lines = (*lines, f"passes {self._weight[cell] / 2.55:.0f} %")
        return "\n".join(lines)

    @override
    def draw_over(self, painter: QPainter) -> None:
        whole = self.rect_of(0, 0, self.rows, self.columns)
        if self._veil is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(whole, self._veil)
        painter.setClipRect(whole.adjusted(-1, -1, 1, 1))
        for limit in self._squares:
            corner, other = self.place_of(-limit, -limit), self.place_of(limit, limit)
            outlined(painter, QRectF(corner, other), "accent", ellipse=False)

    def _show_chosen(self) -> None:
        spectrum = self._spectrum
        if spectrum is None:
            return
        # The mean of many hues is grey: of those some are picked out.
        self._blends = not (self._as_phase and spectrum.phase is not None)
        if self._as_phase and spectrum.phase is not None:
            self._show_pixels(spectrum.phase, "rgb")
        else:
            self._show_pixels(spectrum.magnitude, "scalar")

    def _make_veil(self) -> None:
        weight = self._weight
        if weight is None or bool(weight.all() and weight.min() == 255):
            self._veil = None
            return
        colour = qcolor("bg")
        veil = np.empty((*weight.shape, 4), dtype=np.uint8)
        veil[..., :3] = (colour.red(), colour.green(), colour.blue())
        veil[..., 3] = np.rint((255 - weight.astype(np.float32)) * VEIL)
        height, width = weight.shape
        image = QImage(veil.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
        # A copy: the picture must not outlive its bytes.
        self._veil = image.copy()

    @override
    def _on_colours_changed(self) -> None:
        super()._on_colours_changed()
        self._make_veil()

    def _on_wave_hovered(self, cell: Cell | None) -> None:
        self.wave_hovered.emit(self.wave_of(cell) if cell is not None else None)


def coloured(pixels: NDArray[np.uint8], colours: str) -> NDArray[np.uint8]:
    """Return pixels for the screen: places in a table become its colours in the theme in force."""
    if colours == "scalar":
        return theme().tokens.scalar_map[pixels]
    if colours == "signed":
        return theme().tokens.diverging_map[pixels]
    return pixels


def wave_words(wave: Wave) -> tuple[str, ...]:
    """Return a wave in three short lines."""
    if not np.isfinite(wave.period):
        return ("the mean", f"|F| {format_number(wave.magnitude)}")
    return (
        f"period {format_number(wave.period, 3)} px, {wave.angle:.0f}°",
        f"|F| {format_number(wave.magnitude)}",
        f"phase {np.degrees(wave.phase):.0f}°",
    )


def outlined(
    painter: QPainter, rect: QRectF, token: str, *, ellipse: bool, wide: float = 2.0
) -> None:
    """Draw an outline that is seen on light and on dark ground."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((qcolor("#000000", 0.55), wide + 2.0), (qcolor(token), wide)):
        painter.setPen(QPen(colour, width))
        if ellipse:
            painter.drawEllipse(rect)
        else:
            painter.drawRect(rect)
