"""Draw a digit: strokes on paper, what the network sees of them, and what it takes them for.

Any stroke, any step of the training and any checkpoint of a bundled network asks anew, sixty times
a second at most. The training thread answers what its own steps ask; a stroke does not wait for it
to look up from its work and for the next beat of the window: a copy of the weights is here, and one
image passes through a small network in less time than that takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from playground.core.digit_canvas import ink_of_photo
from playground.engine.frames import Phase
from playground.experiments.cnn_explain import PredictJob, is_quick, predict_now
from playground.experiments.cnn_snapshot import VIEW_WEIGHTS, CnnSnapshot
from playground.experiments.jobs import JobError
from playground.panes.cnn.digit_bars import ProbabilityBars
from playground.panes.cnn.digit_canvas_view import StrokeCanvas
from playground.panes.cnn.digit_input import DIGIT_KINDS, Drawing, seen_by
from playground.panes.cnn.digit_layout import PadLayout
from playground.panes.cnn.digit_pixels import PixelPicture, picture_of, value_words
from playground.panes.cnn.digit_sources import SOURCES, TRAINING, BundledShelf, CheckpointRow
from playground.panes.cnn.digit_tools import DrawingTools
from playground.panes.cnn.digit_words import reading_words
from playground.panes.cnn.explain_jobs import JobStream
from playground.ui.cards import GroupHead, Verdict
from playground.ui.choice_box import ChoiceBox
from playground.ui.image_input import ImageError, has_image, read_image_file, read_image_mime
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QMimeData

    from playground.engine.frames import Frame
    from playground.experiments.cnn_snapshot import NetworkState, Prediction
    from playground.ui.channel import ChannelClient
    from playground.ui.image_input import LoadedImage

DRAW_WORDS = (
    "Draw a digit: the answer moves with every stroke. A photo can be dropped onto the paper."
)
NOT_YET_WORDS = "The network in training has not been built yet; a bundled one can answer."
ASK_MS = 16
"""Least time between two questions of a stroke; a tablet may move five times as often."""
SEEN_CAPTION = "the network sees"


class DigitPadCard(QWidget):
    """The drawing pad with the networks that read it.

    Parameters
    ----------
    channel
        Whose network in training is asked, and whose thread computes.
    report
        Gets a sentence about a picture that cannot be taken, and details.

    Signals
    -------
    views_changed()
        :meth:`views` has changed.
    example_wanted(int)
        For the pane: a test image is to be shown. The pad itself never asks for one.
    drawing_changed(object)
        What lies on the paper is another, or another network reads it: a
        :class:`~playground.panes.cnn.digit_input.Drawing`, or None for blank paper.
    """

    views_changed = Signal()
    example_wanted = Signal(int)
    drawing_changed = Signal(object)

    def __init__(
        self,
        channel: ChannelClient,
        report: Callable[[str, str], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._report = report
        self._shelf = BundledShelf()
        self._frame: Frame | None = None
        self._key: object = None
        self._chosen = False
        self._due = False
        self._stroke_waits = False
        self._torch_is_there = False
        self._quick: tuple[object, bool] = (None, False)
        self._photo: NDArray[np.uint8] | None = None
        self._answered: Drawing | None = None
        self._notes = ""
        self._problem = ""
        self._predictor = JobStream(channel, self._on_answered, self._on_failed)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setTimerType(Qt.TimerType.PreciseTimer)
        self._pause.setInterval(ASK_MS)
        self._title = GroupHead("Draw a digit")
        self.source = ChoiceBox("Who reads it", SOURCES, value="cnn", segmented=False)
        self.checkpoint = CheckpointRow()
        self.canvas = StrokeCanvas()
        self.tools = DrawingTools(self.canvas)
        self.seen = PixelPicture(SEEN_CAPTION, side=112)
        self.seen.set_waiting("blank paper")
        self.bars = ProbabilityBars()
        self.verdict = Verdict("info", DRAW_WORDS)
        self._lay_out()
        self._connect()
        self._show_source()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def drawing(self) -> Drawing | None:
        """What was read last, with the network that read it; None of blank paper."""
        return self._answered

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the choice when no tab says it."""
        self._title.setVisible(alone)

    def views(self) -> frozenset[str]:
        """Return what is wanted of the training thread: weights, if they are to read the paper."""
        return frozenset({VIEW_WEIGHTS}) if self.source.value == TRAINING else frozenset()

    def show_source(self, key: str) -> bool:
        """Let ``"training"``, ``"cnn"`` or ``"mlp"`` read; tell whether there is such a network."""
        if key not in self.source.values:
            return False
        self._chosen = True
        self.source.set_value(key)
        self._show_source()
        return True

    def render_frame(self, frame: Frame) -> None:
        """Ask the network in training anew where it is another."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, CnnSnapshot):
            return
        self._frame = frame
        if not self._chosen and frame.transport.frontier > 0 and self.source.value != TRAINING:
            # A person who trains wants to see the own network read, from the first step on.
            self.source.set_value(TRAINING)
            self._show_source()
        key = (frame.run_id, snapshot.step, snapshot.weights is None, snapshot.spec.knocked_out)
        if key != self._key:
            self._key = key
            if self.source.value == TRAINING:
                self._refresh()

    def render_slow(self, frame: Frame) -> None:  # noqa: ARG002 - as all views
        """Say what the network takes the drawing for."""
        self._show_words()

    def accepts_drop(self, mime: QMimeData) -> bool:
        """Tell whether a drop may hold a picture for the paper."""
        return has_image(mime)

    def take_picture(self, mime: QMimeData) -> bool:
        """Lay a dropped or pasted picture on the paper; a sentence where that cannot be."""
        try:
            self._take(read_image_mime(mime))
        except ImageError as error:
            self._report(str(error), "")
            return False
        return True

    def take_file(self, path: Path) -> bool:
        """Lay the picture of a file on the paper; a sentence where that cannot be."""
        try:
            self._take(read_image_file(path))
        except ImageError as error:
            self._report(str(error), "")
            return False
        return True

    def save_state(self) -> dict[str, Any]:
        """Return which network reads, as plain data."""
        return {"source": self.source.value, "chosen": self._chosen} | self.checkpoint.save_state()

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if not isinstance(state, dict):
            return
        self.checkpoint.restore_state(state)
        if state.get("chosen") is True and isinstance(state.get("source"), str):
            self.show_source(state["source"])

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self.source, 1)
        self._body = PadLayout(self.canvas, self.tools, self.seen, self.bars)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self.checkpoint)
        self._column.addWidget(self._body, 1)
        self._column.addWidget(self.verdict)

    def _connect(self) -> None:
        self.canvas.inked.connect(self._on_inked)
        self.canvas.offered.connect(self.take_picture)
        self.tools.photo_chosen.connect(self.take_file)
        self.source.edited.connect(self._on_source_edited)
        self.checkpoint.moved.connect(self._refresh)
        self._pause.timeout.connect(self._ask_if_due)

    def _on_inked(self) -> None:
        if not self.canvas.holds_photo:
            self._photo = None
            self._notes = ""
        self._stroke_waits = True
        self._refresh()

    def _on_source_edited(self) -> None:
        self._chosen = True
        self._show_source()

    def _show_source(self) -> None:
        key = str(self.source.value)
        self._problem = "" if key == TRAINING else self._shelf.problem(key)
        if key == TRAINING:
            self.checkpoint.hide()
        else:
            self.checkpoint.set_network(key, self._shelf.checkpoints(key))
            self.checkpoint.setVisible(not self._problem)
        self.views_changed.emit()
        self._refresh()

    def _take(self, loaded: LoadedImage) -> None:
        self._photo = loaded.pixels
        if not self._cuts_out():
            grey = loaded.pixels.mean(2).astype("uint8")
            self.canvas.set_photo(grey)
        else:
            ink = ink_of_photo(loaded.pixels)
            if ink is None:
                self._photo = None
                raise ImageError(
                    f"Nothing stands out in {loaded.name}; a dark digit on bright paper, or the "
                    "other way round, is needed."
                )
            self.canvas.set_photo((255.0 * ink).round().astype("uint8"))
        self._notes = " ".join(loaded.notes)
        self._show_words()

    def _cuts_out(self) -> bool:
        """Tell whether the network wants a shape on nothing rather than a whole picture."""
        snapshot = self._frame.snapshot if self._frame is not None else None
        if self.source.value != TRAINING or not isinstance(snapshot, CnnSnapshot):
            return True
        return snapshot.spec.data.kind in DIGIT_KINDS

    def _state(self) -> NetworkState | None:
        key = str(self.source.value)
        if key != TRAINING:
            return self._shelf.state(key, self.checkpoint.place)
        snapshot = self._frame.snapshot if self._frame is not None else None
        return snapshot.weights if isinstance(snapshot, CnnSnapshot) else None

    def _refresh(self) -> None:
        """Ask what is on the paper, or note that it must be asked in a moment."""
        at_once = self._stroke_waits and self._torch_is_there
        if self._pause.isActive() or (self._predictor.is_full and not at_once):
            self._due = True
            return
        if self._stroke_waits:
            self._pause.start()
        self._due = False
        state = self._state()
        if state is not None:
            self.bars.set_names(state.class_names)
        seen = None
        if state is not None:
            seen = seen_by(
                self.canvas.ink(),
                state.image_shape,
                cut_out=self._cuts_out(),
                photo=self._photo,
            )
        if state is None or seen is None:
            self._show_nothing()
            return
        words = self._reader()
        self.seen.set_picture(
            picture_of(seen), values=lambda row, column: value_words(seen, row, column)
        )
        self._ask(Drawing(seen, state, str(self.source.value), words))

    def _ask(self, drawing: Drawing) -> None:
        """Answer a stroke at once; leave anything else, and large networks, to the thread."""
        stroke, self._stroke_waits = self._stroke_waits, False
        if not (stroke and self._torch_is_there and self._is_quick(drawing.state)):
            job = PredictJob(drawing.state, drawing.pixels)
            self._due = not self._predictor.ask(job, drawing)
            return
        # Answers that are still to come are about less ink.
        self._predictor.cancel()
        try:
            prediction = predict_now(drawing.state, drawing.pixels)
        except (JobError, RuntimeError) as error:
            self._on_failed(str(error))
            return
        self._on_predicted(prediction, drawing)

    def _is_quick(self, state: NetworkState) -> bool:
        shape = (state.blocks, state.image_shape, state.class_names)
        if self._quick[0] != shape:
            self._quick = shape, is_quick(state)
        return self._quick[1]

    def _show_nothing(self) -> None:
        self._predictor.cancel()
        had, self._answered = self._answered, None
        self.seen.set_waiting("blank paper" if self.canvas.is_empty else "no network")
        self.bars.set_values(None)
        self._show_words()
        if had is not None:
            self.drawing_changed.emit(None)

    def _reader(self) -> str:
        """Return who reads, in words."""
        key = str(self.source.value)
        if key != TRAINING:
            return self._shelf.words(key, self.checkpoint.place)
        snapshot = self._frame.snapshot if self._frame is not None else None
        step = snapshot.step if snapshot is not None else 0
        return f"the network in training at step {step:,}" if step else "the untrained network"

    def _on_answered(self, prediction: Prediction, drawing: Drawing) -> None:
        # The thread has imported torch to answer.
        self._torch_is_there = True
        self._on_predicted(prediction, drawing)

    def _on_predicted(self, prediction: Prediction, drawing: Drawing) -> None:
        self._answered = drawing
        self._problem = ""
        self.bars.set_values(prediction.probabilities)
        frame = self._frame
        if frame is None or frame.transport.phase is not Phase.PLAYING:
            # While it trains, words wait for the slow beat, so that they can be read.
            self._show_words()
        self.drawing_changed.emit(drawing)
        self._ask_if_due()

    def _on_failed(self, sentence: str) -> None:
        self._problem = sentence
        self.bars.set_values(None)
        self._show_words()
        self._ask_if_due()

    def _ask_if_due(self) -> None:
        if self._due and not self._pause.isActive():
            self._refresh()

    def _show_words(self) -> None:
        if self._problem:
            self.verdict.set_verdict("warn", self._problem)
        elif self._answered is None or self.bars.values is None:
            blank = self.canvas.is_empty or self._state() is not None
            self.verdict.set_verdict("info", DRAW_WORDS if blank else NOT_YET_WORDS)
        else:
            tone, text = reading_words(
                self.bars.values, self._answered.state.class_names, self._answered.words
            )
            self.verdict.set_verdict(tone, f"{text} {self._notes}".strip())

    def _on_theme_changed(self) -> None:
        self._head.setSpacing(px(8))
        self._column.setSpacing(px(8))
