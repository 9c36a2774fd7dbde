"""The views of the Fourier laboratory: pictures and spectra side by side, each with its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.experiments.fourier_verdicts import percent, tiny
from playground.panes.cnn.fourier_knobs import KnobStrip
from playground.panes.cnn.fourier_mask import MaskEditor
from playground.panes.cnn.fourier_mask_bar import MaskBar
from playground.panes.cnn.fourier_picture import LabPicture, LabSpectrum
from playground.ui.fonts import ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.experiments.fourier_snapshot import FourierSnapshot

GAP = 12


class LabView(Protocol):
    """One of the views of the laboratory."""

    @property
    def spectra(self) -> tuple[LabSpectrum, ...]:
        """Spectra whose waves are told of."""

    def show_snapshot(self, snapshot: FourierSnapshot, /) -> None:
        """Draw; does nothing when this view has not been computed."""


class _Grid(QWidget):
    """Pictures in rows and columns of equal size, with signs between them."""

    def __init__(self, rows: Sequence[Sequence[QWidget | str]]) -> None:
        super().__init__()
        self._signs: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for row, entries in enumerate(rows):
            self._grid.setRowStretch(row, 1)
            for column, entry in enumerate(entries):
                if isinstance(entry, str):
                    self._grid.addWidget(self._sign(entry), row, column)
                else:
                    self._grid.addWidget(entry, row, column)
                    self._grid.setColumnStretch(column, 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _sign(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._signs.append(label)
        return label

    def _on_theme_changed(self) -> None:
        # Signs are gaps of their own.
        self._grid.setHorizontalSpacing(px(4 if self._signs else GAP))
        self._grid.setVerticalSpacing(px(8))
        for sign in self._signs:
            sign.setFont(ui_font(px(18)))
            sign.setFixedWidth(px(16))


class FilterView(QWidget):
    """Picture, spectrum with its mask, and what passes."""

    def __init__(self) -> None:
        super().__init__()
        self.image = LabPicture("picture")
        self.editor = MaskEditor("spectrum and mask")
        self.result = LabPicture("what passes")
        self.bar = MaskBar(self.editor)
        _stacked(self, _Grid(((self.image, self.editor, self.result),)), self.bar)

    @property
    def spectra(self) -> tuple[LabSpectrum, ...]:
        """The one that is painted on."""
        return (self.editor,)

    def show_snapshot(self, snapshot: FourierSnapshot) -> None:
        """Draw the picture and what the mask leaves of it."""
        part = snapshot.filtered
        if part is None:
            return
        self.image.show_picture(snapshot.image)
        self.editor.show_spectrum(snapshot.spectrum)
        self.editor.show_mask(snapshot.spec.mask, snapshot.mask)
        self.editor.show_weight(part.weight)
        self.result.show_picture(part.result)
        self.bar.kind.set_value(snapshot.spec.mask.kind)
        if snapshot.is_whole:
            share = f"{percent(snapshot.passes)} of the energy"
            self.result.set_title(f"what passes: {share}", share)
        else:
            share = f"{percent(snapshot.share)} of the energy"
            self.result.set_title(f"{share}, error {snapshot.error:.3g}", share)


class TransformView(QWidget):
    """Before and after the picture was moved about: picture, magnitudes, phases."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.after = LabPicture("picture"), LabPicture("moved")
        self._spectra = tuple(
            LabSpectrum(f"|F| {when}", as_phase=as_phase)
            for when in ("before", "after")
            for as_phase in (False, True)
        )
        self.knobs = KnobStrip(
            ("transform", name) for name in ("rotation", "scale", "right", "down", "blur")
        )
        rows = ((self.before, *self._spectra[:2]), (self.after, *self._spectra[2:]))
        _stacked(self, _Grid(rows), self.knobs)

    @property
    def spectra(self) -> tuple[LabSpectrum, ...]:
        """Magnitudes and phases before, then after."""
        return self._spectra

    def show_snapshot(self, snapshot: FourierSnapshot) -> None:
        """Draw both rows."""
        part = snapshot.transform
        if part is None:
            return
        self.before.show_picture(part.before)
        self.after.show_picture(part.after)
        found = (part.before_spectrum,) * 2 + (part.after_spectrum,) * 2
        for view, spectrum in zip(self._spectra, found, strict=True):
            view.show_spectrum(spectrum)


class TheoremView(QWidget):
    """f ∗ g and F · G, and what the one is beside the other."""

    def __init__(self) -> None:
        super().__init__()
        self.image, self.kernel = LabPicture("picture f"), LabPicture("kernel g")
        self.direct = LabPicture("f ∗ g")
        self.by_product = LabPicture("F·G turned back")
        self.difference = LabPicture("difference")
        self._spectra = tuple(LabSpectrum(name) for name in ("|F|", "|G|", "|F·G|"))
        self.knobs = KnobStrip(("theorem", name) for name in ("kernel", "side", "sigma"))
        first, second, product = self._spectra
        rows = (
            (self.image, "∗", self.kernel, "=", self.direct, "", self.difference),
            (first, "·", second, "=", product, "→", self.by_product),
        )
        _stacked(self, _Grid(rows), self.knobs)

    @property
    def spectra(self) -> tuple[LabSpectrum, ...]:
        """F, G and their product."""
        return self._spectra

    def show_snapshot(self, snapshot: FourierSnapshot) -> None:
        """Draw both sides."""
        part = snapshot.theorem
        if part is None:
            return
        self.image.show_picture(snapshot.image)
        self.kernel.show_picture(part.kernel)
        self.direct.show_picture(part.direct)
        self.by_product.show_picture(part.by_product)
        self.difference.show_picture(part.difference)
        found = part.spectrum, part.kernel_spectrum, part.product
        for view, spectrum in zip(self._spectra, found, strict=True):
            view.show_spectrum(spectrum)
        rows, columns = part.kernel.shape
        self.kernel.set_title(f"kernel g, {rows} × {columns}", f"g, {rows} × {columns}")
        most = tiny(part.error)
        self.difference.set_title(f"largest difference {most}", f"differ ≤ {most}", f"≤ {most}")


class SamplingView(QWidget):
    """Every s-th pixel: samples, their folded spectrum, and what can be read from them."""

    def __init__(self) -> None:
        super().__init__()
        self.source, self.samples = LabPicture("picture"), LabPicture("samples")
        self.read = LabPicture("what the samples say")
        self.wrong = LabPicture("what is wrong")
        self._spectra = (LabSpectrum("|F|"), LabSpectrum("|F| of the samples"))
        self.knobs = KnobStrip(("sampling", name) for name in ("stride", "prefilter"))
        rows = ((self.source, self.samples, self.read), (*self._spectra, self.wrong))
        _stacked(self, _Grid(rows), self.knobs)

    @property
    def spectra(self) -> tuple[LabSpectrum, ...]:
        """That of the picture, and the folded one."""
        return self._spectra

    def show_snapshot(self, snapshot: FourierSnapshot) -> None:
        """Draw samples and spectra."""
        part = snapshot.sampling
        if part is None:
            return
        self.source.show_picture(part.source)
        self.samples.show_picture(part.samples)
        self.read.show_picture(part.read)
        self.wrong.show_picture(part.wrong)
        self._spectra[0].show_spectrum(part.spectrum)
        self._spectra[0].set_squares((part.limit,) if part.stride > 1 else ())
        self._spectra[1].show_spectrum(part.folded)
        rows, columns = part.samples.shape
        self.source.set_title("picture, filtered" if part.prefilter else "picture")
        self.samples.set_title(f"{ordinal(part.stride)}, {rows} × {columns}", "samples")
        self._spectra[0].set_title(f"|F|, what fits: ±{part.limit:.3g} c/px", "|F|, what fits")
        self.wrong.set_title(f"what is wrong: {format_number(part.error, 3)} rms", "what is wrong")


class BorderView(QWidget):
    """The picture among its copies, the cross in its spectrum, and how fading the edges helps."""

    def __init__(self) -> None:
        super().__init__()
        self.tiles, self.image = LabPicture("as the transform takes it"), LabPicture("picture")
        self.faded = LabPicture("edges faded")
        self._spectra = (LabSpectrum("|F|"), LabSpectrum("|F| of the faded picture"))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.tiles, 1)
        rows = ((self.image, self._spectra[0]), (self.faded, self._spectra[1]))
        self._row.addWidget(_Grid(rows), 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def spectra(self) -> tuple[LabSpectrum, ...]:
        """As it is, and with faded edges."""
        return self._spectra

    def show_snapshot(self, snapshot: FourierSnapshot) -> None:
        """Draw copies and spectra."""
        part = snapshot.border
        if part is None:
            return
        self.tiles.show_picture(part.tiles)
        self.image.show_picture(part.picture)
        self.faded.show_picture(part.faded)
        self._spectra[0].show_spectrum(part.spectrum)
        self._spectra[1].show_spectrum(part.faded_spectrum)
        for view, share in zip(self._spectra, (part.cross, part.faded_cross), strict=True):
            view.set_title(f"|F|, {percent(share)} on the cross", f"{percent(share)} on the cross")

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(GAP))


def ordinal(stride: int) -> str:
    """Return which pixels are kept, such as ``"every 3rd pixel"``."""
    if stride == 1:
        return "every pixel"
    ending = {2: "nd", 3: "rd"}.get(stride, "th")
    return f"every {stride}{ending} pixel"


def _stacked(view: QWidget, pictures: QWidget, tools: QWidget) -> None:
    column = QVBoxLayout(view)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(pictures, 1)
    column.addWidget(tools)
