"""What excites a filter most: the test images with the windows that do, and one made by ascent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.cnn_studies import (
    Ascent,
    AscentJob,
    ExcitingImages,
    ExcitingImagesJob,
)
from playground.experiments.jobs import JobError
from playground.panes.cnn.digit_pixels import PixelPicture, picture_of, value_words
from playground.panes.cnn.explain_jobs import LatestJob
from playground.panes.cnn.explain_page import ExplainPage, Subject, TurningBox
from playground.panes.cnn.explain_picker import FilterPicker
from playground.ui.controls import IconButton
from playground.ui.number_text import format_number
from playground.ui.plots import Plot
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent, QResizeEvent

    from playground.experiments.cnn_snapshot import ImageSet
    from playground.experiments.jobs import JobProgress
    from playground.ui.cards import VerdictKind
    from playground.ui.channel import ChannelClient

SHOWN: Final = 12
ASCENT_STEPS: Final = 160
CLIMB_WORDS: Final = (
    "Climb\nMake an image from noise that excites the filter as strongly as possible."
)
NOT_MADE: Final = "not made yet: climb the mountain above"
WAITING: Final = "Choose a filter: its most exciting images are looked for in the test images."


class _Found(PixelPicture):
    """One exciting image; a click explains it."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__(" ", side=64)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(28), px(44))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.is_empty:
            self.clicked.emit()


class Gallery(QWidget):
    """The images found, as many columns as make them largest.

    Signals
    -------
    example_chosen(int)
        A person clicked a test image.
    """

    example_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = 0
        self._examples: list[int] = []
        self.pictures = [_Found() for _ in range(SHOWN)]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for place, picture in enumerate(self.pictures):
            picture.clicked.connect(lambda place=place: self._on_clicked(place))
        self._arrange(4)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_found(self, found: ExcitingImages | None, images: ImageSet | None) -> None:
        """Show images with the windows that excite the filter."""
        shown = found.found if found is not None and images is not None else ()
        self._examples = [image.example for image in shown]
        for place, picture in enumerate(self.pictures):
            if images is None or place >= len(shown):
                picture.set_waiting("")
                picture.set_caption(" ")
                continue
            one = shown[place]
            pixels = images.test_x[one.example]
            top, left, bottom, right = one.window
            name = images.class_names[one.label]
            words = (
                f"test image {one.example + 1:,}: {name}\nthe filter answers "
                f"{format_number(one.value, 3)}\nClick to explain it."
            )
            picture.set_picture(picture_of(pixels), values=_always(words))
            whole = (bottom - top, right - left) == pixels.shape[1:]
            picture.set_spot(None if whole else QRectF(left, top, right - left, bottom - top))
            picture.set_caption(f"{name}: {format_number(one.value, 2)}")

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide, high = self.width(), self.height() + px(1)
        # Captions count: a row is higher than its pictures.
        sides = {
            columns: min(wide / columns, high / (-(-SHOWN // columns)) - px(16))
            for columns in (2, 3, 4, 6)
        }
        self._arrange(max(sides, key=lambda columns: sides[columns]))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for picture in self.pictures:
            self._grid.removeWidget(picture)
        for place, picture in enumerate(self.pictures):
            self._grid.addWidget(picture, place // columns, place % columns)

    def _on_clicked(self, place: int) -> None:
        if place < len(self._examples):
            self.example_chosen.emit(self._examples[place])

    def _on_theme_changed(self) -> None:
        self._grid.setSpacing(px(6))


class FiltersPage(ExplainPage):
    """The gallery of a filter, and the image that climbs towards its strongest answer.

    Signals
    -------
    example_chosen(int)
        A person wants to see a test image explained.
    """

    example_chosen = Signal(int)

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(channel, parent)
        self._subject: Subject | None = None
        self._key: object = None
        self._problem = ""
        self.found: ExcitingImages | None = None
        self.ascent: Ascent | None = None
        self.picker = FilterPicker(output=True)
        self.gallery = Gallery()
        self.climber = PixelPicture("made by ascent", side=120)
        self.climber.set_waiting(NOT_MADE)
        self.climb_button = IconButton("mountain", CLIMB_WORDS, size=16)
        self.plot = Plot("step", "answer")
        self.plot.setMinimumHeight(px(60))
        self.plot.hide()
        self.curve = self.plot.add_curve("mean answer", "accent")
        self._finder = LatestJob(channel, self._on_found, self._on_failed)
        self._climb = LatestJob(channel, self._on_climbed, self._on_failed, self._on_climbing)
        self._lay_out()
        self.picker.chosen.connect(lambda *_: self._on_filter_chosen())
        self.climb_button.clicked.connect(self._on_climb_clicked)
        self.gallery.example_chosen.connect(self.example_chosen)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def climbing(self) -> bool:
        """Tell whether an image is being made."""
        return self._climb.running

    def set_filter(self, block: int, index: int) -> None:
        """Look for what excites a filter that was chosen elsewhere."""
        if self.picker.value != (block, index) and self.picker.set_value(block, index):
            self._on_filter_chosen()

    @override
    def show_subject(self, subject: Subject | None) -> None:
        self._subject = subject
        if subject is None:
            return
        self.picker.set_network(subject.state)
        key = (subject.network_key, self.picker.value)
        if key != self._key and (self._key is None or self.is_due(subject)):
            self._find()

    @override
    def words(self) -> tuple[VerdictKind, str]:
        if self._problem:
            return "warn", self._problem
        if self.climbing and self.ascent is not None:
            return "busy", f"Climbing: the mean answer is {_last(self.ascent)}."
        if self.found is None:
            return "info", WAITING
        return found_words(self.found, self.ascent, self._subject)

    @override
    def cancel(self) -> None:
        self._finder.cancel()
        self._stop_climbing()
        self._key = None

    def _lay_out(self) -> None:
        self._made = TurningBox(self.climber, self.plot, stretches=((1, 1), (2, 3)))
        self.body = TurningBox(self.gallery, self._made, stretches=((5, 3), (5, 3)), wide_from=1.6)
        self._head = QHBoxLayout()
        self._head.addWidget(self.picker, 1)
        self._head.addWidget(self.climb_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self.body, 1)

    def _on_filter_chosen(self) -> None:
        self._stop_climbing()
        self.ascent = None
        self.climber.set_waiting(NOT_MADE)
        self.curve.clear()
        self.plot.hide()
        self._find()

    def _find(self) -> None:
        subject, value = self._subject, self.picker.value
        if subject is None or value is None:
            return
        self._key = (subject.network_key, value)
        self._problem = ""
        if subject.images is None:
            self._problem = "The network of the drawing looks at other images than the run's."
            self.said.emit()
            return
        try:
            job = ExcitingImagesJob(subject.state, subject.images, *value, count=SHOWN)
        except JobError as error:
            self._on_failed(str(error))
            return
        self._finder.ask(job, subject.images)

    def _on_found(self, found: ExcitingImages, images: ImageSet) -> None:
        self.found = found
        self.gallery.set_found(found, images)
        self.said.emit()

    def _on_failed(self, sentence: str) -> None:
        self._problem = sentence
        self._show_climbing()
        self.said.emit()

    def _on_climb_clicked(self) -> None:
        if self.climbing:
            self._stop_climbing()
            self.said.emit()
            return
        subject, value = self._subject, self.picker.value
        if subject is None or value is None:
            return
        self._problem = ""
        self._climb.ask(AscentJob(subject.state, *value, steps=ASCENT_STEPS))
        self._show_climbing()

    def _on_climbing(self, progress: JobProgress) -> None:
        if isinstance(progress.partial, Ascent):
            self._show_ascent(progress.partial)

    def _on_climbed(self, ascent: Ascent, _about: object) -> None:
        self._show_ascent(ascent)
        self._show_climbing()

    def _show_ascent(self, ascent: Ascent) -> None:
        self.ascent = ascent
        self.climber.set_picture(
            picture_of(ascent.pixels),
            values=lambda row, column: value_words(ascent.pixels, row, column),
        )
        self.curve.set_data(np.arange(len(ascent.values)), ascent.values)
        self.plot.show()
        self.said.emit()

    def _stop_climbing(self) -> None:
        self._climb.cancel()
        self._show_climbing()

    def _show_climbing(self) -> None:
        self.climb_button.set_icon("square" if self.climbing else "mountain")
        self.climb_button.set_tooltip("Stop climbing" if self.climbing else CLIMB_WORDS)

    def _on_theme_changed(self) -> None:
        self._head.setSpacing(px(8))
        self._column.setSpacing(px(8))


def found_words(
    found: ExcitingImages, ascent: Ascent | None, subject: Subject | None
) -> tuple[VerdictKind, str]:
    """Return what excites the filter, with numbers."""
    if not found.found or found.found[0].value <= 0.0:
        return "warn", (
            f"None of {found.looked_at:,} test images excites this filter: it answers at most "
            f"{format_number(found.found[0].value, 3) if found.found else '0'}, before the "
            "activation."
        )
    best = found.found[0]
    labels = [image.label for image in found.found]
    most = max(set(labels), key=labels.count)
    name = subject.class_name(most) if subject is not None else str(most)
    text = (
        f"Of {found.looked_at:,} test images these excite it most, up to "
        f"{format_number(best.value, 3)}; {labels.count(most)} of {len(labels)} are “{name}”."
    )
    if ascent is not None and (ascent.block, ascent.index) == (found.block, found.index):
        text += f" By ascent the mean answer rose to {_last(ascent)}."
    return "info", text


def _always(words: str) -> Callable[[int, int], str]:
    """Return the same words for every pixel."""
    return lambda _row, _column: words


def _last(ascent: Ascent) -> str:
    return format_number(float(ascent.values[-1]), 3) if len(ascent.values) else "–"
