"""How many images are learnt from and tested on: sliders that end where the data do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.core.digits_data import DIGIT_TEST, DIGIT_TRAINING
from playground.experiments.cnn_spec import CnnSpec
from playground.experiments.spec import SpecError, field_at, replace_at
from playground.ui.form_rows import FormRow, make_row
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.cnn_snapshot import ImageSet
    from playground.experiments.spec import Path

TRAINING: Final[Path] = ("data", "training")
TEST: Final[Path] = ("data", "test")
COUNT_PATHS: Final = (TRAINING, TEST)


def most_images(spec: CnnSpec, images: ImageSet) -> dict[Path, int | None]:
    """Return how many images of each part the data have; None where more might be there.

    Fewer images than were asked for are all that there are.
    """
    if spec.data.kind == "digits":
        return {TRAINING: DIGIT_TRAINING, TEST: DIGIT_TEST}
    found = {
        TRAINING: (images.training_count, spec.data.training),
        TEST: (images.test_count, spec.data.test),
    }
    return {path: count if count < asked else None for path, (count, asked) in found.items()}


class ImageCounts(QWidget):
    """The two rows of the form whose bounds only the images themselves can tell.

    Signals
    -------
    edited(object, object, bool)
        As of :class:`~playground.ui.form.SpecForm`.
    """

    edited = Signal(object, object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: CnnSpec | None = None
        self._source: tuple[str, str] = ("", "")
        self._known: dict[Path, int] = {}
        self._most: dict[Path, int | None] = {}
        self._rows: dict[Path, FormRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def row(self, path: Path) -> FormRow:
        """Return one of the two rows."""
        return self._rows[path]

    def show_images(self, spec: CnnSpec, images: ImageSet) -> None:
        """Show how many there are of those of a spec, without emitting."""
        self._spec = spec
        source = (spec.data.kind, spec.data.path)
        if source != self._source:
            self._source, self._known = source, {}
        self._known |= {path: n for path, n in most_images(spec, images).items() if n is not None}
        # A slider that is being dragged must not be taken away from under the hand.
        dragged = bool(QGuiApplication.mouseButtons())
        for place, path in enumerate(COUNT_PATHS):
            limit = self._known.get(path)
            if path not in self._rows or (limit != self._most[path] and not dragged):
                self._build(place, path, limit)
            asked = {TRAINING: spec.data.training, TEST: spec.data.test}[path]
            self._rows[path].show_value(asked if limit is None else min(asked, limit))

    def _build(self, place: int, path: Path, most: int | None) -> None:
        """Make a row anew: a slider keeps the ends that it was made with."""
        field = field_at(CnnSpec, path)
        if most is not None:
            # The slider alone: files that hold too few for both parts share them out anew when
            # more is typed. It needs two ends, however few images there are.
            top = max(most, int(field.minimum or 0) + 1)
            field = replace(field, knob=replace(field.knob, soft_maximum=top))
        row = make_row(field)
        if row is None:
            raise TypeError(f"{path} has no row.")
        before = self._rows.get(path)
        if before is not None:
            self._column.removeWidget(before)
            before.hide()
            before.deleteLater()
        row.edited.connect(self._on_edited)
        self._column.insertWidget(place, row)
        self._rows[path], self._most[path] = row, most

    def _on_edited(self, path: Path, value: Any, finished: bool) -> None:
        if self._spec is None:
            return
        try:
            self._spec = replace_at(self._spec, path, value)
        except SpecError as error:
            standing = self._spec.data.training if path == TRAINING else self._spec.data.test
            self._rows[path].refuse(str(error), standing)
            return
        self._rows[path].show_problem("")
        self.edited.emit(path, value, finished)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(8))
