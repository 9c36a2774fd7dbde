"""The card that compares borders: the same picture and kernel under each of the five."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from playground.core.convolution import Border
from playground.experiments.convolution_spec import BORDER_LABELS, ConvolutionSpec
from playground.experiments.convolution_views import compute
from playground.experiments.jobs import JobProgress, SlicedJob
from playground.experiments.spec import replace_at
from playground.panes.cnn.convolution_drawing import themed_pixels
from playground.panes.cnn.convolution_layout import small_words
from playground.ui.pixel_view import PixelView
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Generator

    from playground.experiments.convolution_snapshot import ConvolutionSnapshot, DrawnMap
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

BORDERS: Final[tuple[Border, ...]] = get_args(Border)
HINT = "The same kernel under every border; look at the edges. A click takes the border."


class BordersJob(SlicedJob):
    """Computes the result under every border; what does not fit gives its sentence."""

    title = "Borders"

    def __init__(self, spec: ConvolutionSpec) -> None:
        self._spec = spec

    def run(self) -> Generator[JobProgress, None, dict[str, DrawnMap | str]]:
        """Yield after each border; return map or sentence by border."""
        found: dict[str, DrawnMap | str] = {}
        for place, border in enumerate(BORDERS):
            yield JobProgress(place / len(BORDERS), border)
            computed = compute(replace_at(self._spec, ("border",), border))
            result = computed.result
            found[border] = result.activated if result is not None else computed.problem
        return found


class BordersCard(QWidget):
    """Five small results.

    Signals
    -------
    edited(object, object, bool)
        Path, value and whether the gesture is complete, for the channel.
    """

    edited = Signal(object, object, bool)

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._asked: ConvolutionSpec | None = None
        self._job: JobHandle | None = None
        self._found: dict[str, DrawnMap | str] = {}
        self.views: dict[str, PixelView] = {}
        self.buttons: dict[str, QPushButton] = {}
        self._grid = QGridLayout()
        for place, border in enumerate(BORDERS):
            words = BORDER_LABELS.get(border, border)
            view = PixelView(f"Result under the border {words}")
            button = QPushButton(words)
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setToolTip(f"Take the border “{words}”")
            button.clicked.connect(lambda _=False, border=border: self._take(border))
            view.clicked.connect(lambda _r, _c, border=border: self._take(border))
            self._grid.addWidget(view, 0, place)
            self._grid.addWidget(button, 1, place)
            self._grid.setColumnStretch(place, 1)
            self.views[border], self.buttons[border] = view, button
        self._grid.setRowStretch(0, 1)
        self.words = small_words()
        self.words.show_words(HINT)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._grid, 1)
        self._column.addWidget(self.words)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_snapshot(self, snapshot: ConvolutionSnapshot) -> None:
        """Compute the five results anew whenever anything but the border has changed."""
        spec = snapshot.spec
        for border, button in self.buttons.items():
            button.setChecked(border == spec.border)
        wanted = spec.model_copy(update={"border": "valid"})
        if wanted == self._asked:
            return
        self._asked = wanted
        if self._job is not None:
            self._job.cancel()
        self._job = self._channel.start_job(
            BordersJob(wanted), on_done=self._on_done, on_failed=self.words.show_words
        )

    def _take(self, border: str) -> None:
        self.buttons[border].setChecked(True)
        self.edited.emit(("border",), border, True)

    def _on_done(self, found: Any) -> None:
        self._job = None
        self._found = found
        self._draw()

    def _draw(self) -> None:
        for border, drawn in self._found.items():
            view = self.views[border]
            if isinstance(drawn, str):
                view.set_sentence(drawn)
            else:
                view.set_picture(themed_pixels(drawn))

    def _on_theme_changed(self) -> None:
        self._grid.setHorizontalSpacing(px(8))
        self._grid.setVerticalSpacing(px(4))
        self._column.setSpacing(px(6))
        self._draw()
