"""Explain a prediction: maps over the image, images that excite a filter, shifts, knock-outs.

What is explained is a test image or the drawing; who is asked is the network in training at the
step that is shown (a drawing: whoever reads it). A page computes only while somebody looks at it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from playground.engine.frames import Phase
from playground.experiments.cnn_snapshot import VIEW_WEIGHTS, CnnSnapshot
from playground.panes.cnn.digit_sources import TRAINING
from playground.panes.cnn.explain_filters import FiltersPage
from playground.panes.cnn.explain_knockout import KnockoutPage
from playground.panes.cnn.explain_maps import MapPage
from playground.panes.cnn.explain_page import ExplainPage, Subject
from playground.panes.cnn.explain_shift import ShiftPage
from playground.ui.cards import GroupHead, Verdict
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.elided_label import ElidedLabel
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from playground.engine.frames import Frame
    from playground.panes.cnn.digit_input import Drawing
    from playground.ui.channel import ChannelClient

PAGES: Final = (
    ("saliency", "Saliency", "Which pixels move the answer the most"),
    ("cam", "Grad-CAM", "Where a layer sees what speaks for the answer"),
    ("occlusion", "Occlusion map", "What covering a patch does to the answer"),
    ("filters", "Exciting images", "What excites a filter most, from the data and by ascent"),
    ("shift", "Adversarial shift", "How little must change for another answer"),
    ("knockout", "Knock-out", "What the network is without some of its filters"),
)
INPUTS: Final = (
    ("test", "test image", "An image that the network has never learnt from"),
    ("drawing", "drawing", "What lies on the drawing pad"),
)
ONE_ROW_FROM: Final = 500
WAITING_WORDS = "The network is being built …"
NO_DRAWING_WORDS = "The paper is blank: draw a digit on the pad, or choose a test image."


class ExplainCard(QWidget):
    """Chooses what is explained and how.

    Parameters
    ----------
    channel
        Whose network in training is asked, and whose thread computes.
    report
        Gets a sentence about what cannot be done, and details.

    Signals
    -------
    views_changed()
        :meth:`views` has changed.
    example_wanted(int)
        A person went to another test image here.
    """

    views_changed = Signal()
    example_wanted = Signal(int)

    def __init__(
        self,
        channel: ChannelClient,
        report: Callable[[str, str], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._report = report
        self._frame: Frame | None = None
        self._drawing: Drawing | None = None
        self._example = 0
        self._title = GroupHead("Explain")
        self.page = ChoiceBox("Kind of explanation", PAGES, value="saliency", segmented=False)
        self.input = ChoiceBox("What is explained", INPUTS, value="test", segmented=True)
        self.back = IconButton("chevron-left", "Previous test image", size=16)
        self.forward = IconButton("chevron-right", "Next test image", size=16)
        self.dice = IconButton("dices", "Any test image", size=16)
        self.about = ElidedLabel()
        self.about.setProperty("role", "muted")
        self.verdict = Verdict("info", WAITING_WORDS)
        self.pages: dict[str, ExplainPage] = {
            "saliency": MapPage("saliency", channel),
            "cam": MapPage("cam", channel),
            "occlusion": MapPage("occlusion", channel),
            "filters": FiltersPage(channel),
            "shift": ShiftPage(channel),
            "knockout": KnockoutPage(channel),
        }
        self._stack = QStackedWidget()
        for page in self.pages.values():
            self._stack.addWidget(page)
        self._lay_out()
        self._connect()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def example(self) -> int:
        """The test image that is explained."""
        return self._example

    @property
    def front(self) -> ExplainPage:
        """The page that is shown."""
        return self.pages[str(self.page.value)]

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the choices when no tab says it."""
        self._title.setVisible(alone)

    def views(self) -> frozenset[str]:
        """Return what is wanted of the training thread: the weights at the step shown."""
        return frozenset({VIEW_WEIGHTS})

    def set_example(self, example: int) -> None:
        """Explain a test image, chosen elsewhere."""
        if example != self._example or self.input.value != "test":
            self._example = max(0, int(example))
            self.input.set_value("test")
            self._refresh()

    def set_drawing(self, drawing: Drawing | None) -> None:
        """Take what lies on the drawing pad; shown where the drawing is explained."""
        self._drawing = drawing
        if self.input.value == "drawing":
            self._refresh()

    def set_filter(self, block: int, index: int) -> None:
        """Take a filter, chosen elsewhere, whose exciting images or knock-out are looked at."""
        for page in self.pages.values():
            if isinstance(page, (FiltersPage, KnockoutPage)):
                page.set_filter(block, index)

    def show_page(self, key: str) -> bool:
        """Bring a kind of explanation to the front; tell whether there is one of that name."""
        if key not in self.pages:
            return False
        if key != self.page.value:
            self.front.cancel()
            self.page.set_value(key)
        self._stack.setCurrentWidget(self.front)
        self._refresh()
        return True

    def show_input(self, key: str) -> bool:
        """Explain the ``"test"`` image or the ``"drawing"``; tell whether there is such a one."""
        if key not in self.input.values:
            return False
        self.input.set_value(key)
        self._refresh()
        return True

    def render_frame(self, frame: Frame) -> None:
        """Follow single steps and scrubbing at once; while it trains, the slow beat must do."""
        self._frame = frame
        if frame.transport.phase is not Phase.PLAYING:
            self._refresh()

    def render_slow(self, frame: Frame) -> None:
        """Explain the network as it is now."""
        self._frame = frame
        self._refresh()

    def save_state(self) -> dict[str, Any]:
        """Return what is explained and how, as plain data."""
        return {"page": self.page.value, "input": self.input.value, "example": self._example}

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if not isinstance(state, dict):
            return
        example = state.get("example")
        if type(example) is int and 0 <= example < 1_000_000:
            self._example = example
        if isinstance(state.get("input"), str):
            self.show_input(state["input"])
        if isinstance(state.get("page"), str):
            self.show_page(state["page"])

    @override
    def minimumSizeHint(self) -> QSize:
        # The width of two rows also while there is one: else the card could not become narrow.
        rows = (self._upper.minimumSize(), self._lower.minimumSize())
        widest = max(*(row.width() for row in rows), self._stack.minimumSizeHint().width())
        return QSize(widest, super().minimumSizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        directions = QBoxLayout.Direction
        wide = self.width() >= px(ONE_ROW_FROM)
        self._head.setDirection(directions.LeftToRight if wide else directions.TopToBottom)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.front.cancel()

    def _lay_out(self) -> None:
        self._upper = QHBoxLayout()
        self._upper.addWidget(self._title)
        self._upper.addWidget(self.page, 1)
        self._lower = QHBoxLayout()
        self._lower.addWidget(self.input)
        self._lower.addWidget(self.about, 1)
        for button in (self.back, self.forward, self.dice):
            self._lower.addWidget(button)
        self._head = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._head.addLayout(self._upper, 2)
        self._head.addLayout(self._lower, 5)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self._stack, 1)
        self._column.addWidget(self.verdict)

    def _connect(self) -> None:
        self.page.edited.connect(self._on_page_chosen)
        self.input.edited.connect(lambda _: self._refresh())
        self.back.clicked.connect(lambda: self._go(self._example - 1))
        self.forward.clicked.connect(lambda: self._go(self._example + 1))
        # Looked at, never trained with: chance of the system's own is good enough.
        self.dice.clicked.connect(lambda: self._go(secrets.randbelow(max(1, self._count()))))
        for page in self.pages.values():
            page.said.connect(self._show_words)
            if isinstance(page, FiltersPage):
                page.example_chosen.connect(self._go)

    def _on_page_chosen(self) -> None:
        page = self._stack.currentWidget()
        if isinstance(page, ExplainPage):
            page.cancel()
        self._stack.setCurrentWidget(self.front)
        self._refresh()

    def _count(self) -> int:
        snapshot = self._snapshot()
        return snapshot.images.test_count if snapshot is not None else 0

    def _go(self, example: int) -> None:
        count = self._count()
        if count:
            self._example = example % count
            self.input.set_value("test")
            self.example_wanted.emit(self._example)
            self._refresh()

    def _snapshot(self) -> CnnSnapshot | None:
        snapshot = self._frame.snapshot if self._frame is not None else None
        return snapshot if isinstance(snapshot, CnnSnapshot) else None

    def _subject(self) -> Subject | None:
        if self.input.value == "drawing":
            return self._drawn_subject()
        snapshot = self._snapshot()
        if snapshot is None or snapshot.weights is None:
            return None
        images = snapshot.images
        # Another run may have fewer of them.
        example = min(self._example, images.test_count - 1)
        network = self._network_key(snapshot)
        return Subject(
            state=snapshot.weights,
            pixels=images.test_x[example],
            label=int(images.test_y[example]),
            words=f"{example + 1:,} of {images.test_count:,}",
            key=(*network, example),
            network_key=network,
            settled=self._settled(),
            is_trained_here=True,
            images=images,
        )

    def _drawn_subject(self) -> Subject | None:
        drawing, snapshot = self._drawing, self._snapshot()
        if drawing is None:
            return None
        state, words = drawing.state, drawing.words
        network: tuple[Hashable, ...] = (drawing.source, words)
        here = drawing.source == TRAINING
        if here and snapshot is not None and snapshot.weights is not None:
            # The pad rests while it is not looked at: the network may have gone on since.
            if snapshot.weights.image_shape != state.image_shape:
                return None
            state, network = snapshot.weights, self._network_key(snapshot)
            words = f"the network in training at step {snapshot.step:,}"
        images = snapshot.images if snapshot is not None else None
        if images is not None and images.test_x.shape[1:] != state.image_shape:
            images = None
        return Subject(
            state=state,
            pixels=drawing.pixels,
            label=None,
            words=f"read by {words}",
            key=(*network, drawing.pixels.tobytes()),
            network_key=network,
            settled=self._settled(),
            is_trained_here=here,
            images=images,
        )

    def _network_key(self, snapshot: CnnSnapshot) -> tuple[Hashable, ...]:
        run = self._frame.run_id if self._frame is not None else 0
        return (run, snapshot.step, snapshot.spec.knocked_out)

    def _settled(self) -> bool:
        return self._frame is None or self._frame.transport.phase is not Phase.PLAYING

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        subject = self._subject()
        self.front.show_subject(subject)
        for button in (self.back, self.forward, self.dice):
            button.setVisible(self.input.value == "test")
        text = self._about(subject)
        if text != self.about.text():
            self.about.setText(text)
            self.about.setToolTip(text)
        self._show_words()

    def _about(self, subject: Subject | None) -> str:
        if subject is None:
            return "blank paper" if self.input.value == "drawing" else ""
        if subject.label is None:
            return subject.words
        return f"{subject.words}: {subject.class_name(subject.label)}"

    def _show_words(self) -> None:
        if self._subject() is None:
            drawing = self.input.value == "drawing"
            self.verdict.set_verdict("info", NO_DRAWING_WORDS if drawing else WAITING_WORDS)
        else:
            self.verdict.set_verdict(*self.front.words())

    def _on_theme_changed(self) -> None:
        for row in (self._upper, self._lower):
            row.setSpacing(px(4))
        self._head.setSpacing(px(8))
        self._column.setSpacing(px(8))
