"""Maps over the image: which pixels an answer hangs on.

Saliency takes the gradient of the output by the pixels, Grad-CAM weighs the maps of a layer by how
much they speak for the class, the occlusion map covers one patch after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.cnn_explain import (
    GradCam,
    GradCamJob,
    Occlusion,
    OcclusionJob,
    Saliency,
    SaliencyJob,
    cam_blocks,
)
from playground.panes.cnn.digit_bars import percent
from playground.panes.cnn.digit_pixels import PixelPicture, value_words
from playground.panes.cnn.explain_jobs import LatestJob
from playground.panes.cnn.explain_page import (
    ColourKey,
    ExplainPage,
    Subject,
    coloured,
    laid_over,
    place_words,
)
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import NumberField
from playground.ui.elided_label import ElidedLabel
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.experiments.jobs import Job, JobProgress
    from playground.ui.cards import VerdictKind
    from playground.ui.channel import ChannelClient

MapKind = Literal["saliency", "cam", "occlusion"]
Result = Saliency | GradCam | Occlusion

PREDICTED: Final = -1
CAM_WORDS: Final = (
    "Shown is ReLU(Σ α·A): the maps A that leave this layer, each weighed by α, the mean of ∂y/∂A "
    "over its places, for the output y of the class before the soft-max. Only what is positive "
    "speaks for the class. Before its ReLU a map may also speak for a class by being negative; "
    "behind it, as in the paper (Selvaraju et al. 2017), it cannot."
)
QUESTIONS: Final[dict[MapKind, str]] = {
    "saliency": "Which pixels move the answer the most when they change a little?",
    "cam": "Where in the image does a layer see what speaks for the answer?",
    "occlusion": "What happens to the answer when a patch of the image is covered?",
}


@dataclass(frozen=True, slots=True, eq=False)
class DrawnMap:
    """A result as numbers to be coloured: where the colours end, and what they mean."""

    values: NDArray[np.float32]
    limit: float
    diverging: bool
    meaning: str


class MapPage(ExplainPage):
    """The image under a map, the map alone, and what it says."""

    def __init__(
        self, kind: MapKind, channel: ChannelClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(channel, parent)
        self.kind: MapKind = kind
        self._subject: Subject | None = None
        self._shown: Subject | None = None
        self._key: object = None
        self._names: tuple[str, ...] = ()
        self._blocks: tuple[tuple[int, ...], tuple[str, ...]] = ((), ())
        self._shape: tuple[int, ...] = ()
        self._problem = ""
        self.result: Result | None = None
        self.target = ChoiceBox("Class that is explained", (), segmented=False)
        self.block = ChoiceBox("Layer", (), segmented=False)
        self.patch = NumberField("side of the patch", value=4, minimum=1, maximum=64, integer=True)
        self.patch.setToolTip("Side of the patch that is moved over the image, in pixels")
        self.block.setToolTip(CAM_WORDS)
        self.both = PixelPicture("the image under the map", side=170)
        self.alone = PixelPicture("the map", side=170)
        self.key = ColourKey()
        self.progress = QProgressBar()
        self._job = LatestJob(channel, self._on_done, self._on_failed, self._on_progress)
        self._lay_out()
        self.target.edited.connect(lambda _: self._ask())
        self.block.edited.connect(lambda _: self._ask())
        self.patch.edited.connect(lambda _: self._ask())
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def running(self) -> bool:
        """Tell whether a map is being computed."""
        return self._job.running

    def choose_class(self, index: int | None) -> None:
        """Explain another class; None stands for the predicted one."""
        self.target.set_value(PREDICTED if index is None else index)
        self._ask()

    @override
    def show_subject(self, subject: Subject | None) -> None:
        self._subject = subject
        if subject is None:
            self._clear()
            return
        self._offer(subject)
        if subject.key == self._key:
            return
        cheap = self.kind != "occlusion" or self.result is None
        if cheap or self.is_due(subject):
            self._ask()

    @override
    def words(self) -> tuple[VerdictKind, str]:
        if self._problem:
            return "warn", self._problem
        if self.result is None or self._shown is None:
            return "info", QUESTIONS[self.kind]
        return map_words(self.result, self._shown)

    @override
    def cancel(self) -> None:
        self._job.cancel()
        self.progress.hide()
        # What was not finished is asked for again when somebody looks.
        self._key = None

    def _lay_out(self) -> None:
        knobs = QWidget()
        self._knobs = QHBoxLayout(knobs)
        self._knobs.setContentsMargins(0, 0, 0, 0)
        self._for = ElidedLabel("class")
        self._at = ElidedLabel({"cam": "behind", "occlusion": "patch"}.get(self.kind, ""))
        for label in (self._for, self._at):
            label.setProperty("role", "muted")
        self._knobs.addWidget(self._for)
        self._knobs.addWidget(self.target, 1)
        self._knobs.addWidget(self._at)
        self._knobs.addWidget(self.block, 2)
        self._knobs.addWidget(self.patch)
        self._at.setVisible(self.kind != "saliency")
        self.block.setVisible(self.kind == "cam")
        self.patch.setVisible(self.kind == "occlusion")
        self._pictures = QHBoxLayout()
        self._pictures.addWidget(self.both, 1)
        self._pictures.addWidget(self.alone, 1)
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(self.kind == "occlusion")
        self.progress.setSizePolicy(policy)
        self.progress.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(knobs)
        self._column.addLayout(self._pictures, 1)
        self._column.addWidget(self.key)
        self._column.addWidget(self.progress)

    def _offer(self, subject: Subject) -> None:
        """Offer the classes and layers that the network has."""
        names = subject.state.class_names
        if names != self._names:
            self._names = names
            before = self.target.value
            self.target.set_choices(((PREDICTED, "predicted"), *enumerate(names)))
            self.target.set_value(PREDICTED if before is None else before)
        blocks = cam_blocks(subject.state)
        titles = tuple(subject.state.blocks[place].title for place in blocks)
        if self.kind == "cam" and (blocks, titles) != self._blocks:
            self._blocks = (blocks, titles)
            self.block.set_choices(
                [
                    (place, f"{place + 1} · {title}")
                    for place, title in zip(blocks, titles, strict=True)
                ]
            )
            self.block.set_value(_last_convolution(subject, blocks))
            for widget in (self._at, self.block):
                widget.setVisible(bool(blocks))
        shape = subject.state.image_shape
        if self.kind == "occlusion" and shape != self._shape:
            self._shape = shape
            self.patch.set_value(max(2, round(min(shape[1:]) / 7)))

    def _ask(self) -> None:
        subject = self._subject
        if subject is None:
            return
        self._key = subject.key
        self._problem = ""
        job = self._job_for(subject)
        if job is None:
            self.result = None
            self._show_bare(subject)
            self.said.emit()
            return
        self._job.ask(job, subject)

    def _job_for(self, subject: Subject) -> Job | None:
        chosen = self.target.value
        target = None if chosen in (None, PREDICTED) else int(chosen)
        state, pixels = subject.state, subject.pixels
        if self.kind == "saliency":
            return SaliencyJob(state, pixels, target)
        if self.kind == "occlusion":
            return OcclusionJob(state, pixels, target, patch=int(self.patch.value))
        if not cam_blocks(state):
            self._problem = "Grad-CAM needs a convolution; this network has none."
            return None
        return GradCamJob(state, pixels, self.block.value, target)

    def _on_done(self, result: Result, subject: Subject) -> None:
        self.progress.hide()
        self.result, self._shown = result, subject
        self._draw()
        self.said.emit()

    def _on_failed(self, sentence: str) -> None:
        self.progress.hide()
        self._problem = sentence
        self.said.emit()

    def _on_progress(self, progress: JobProgress) -> None:
        if self.kind == "occlusion":
            self.progress.setValue(int(1000 * progress.fraction))
            self.progress.show()

    def _draw(self) -> None:
        subject, result = self._shown, self.result
        if subject is None or result is None:
            return
        drawn = drawn_map(result)
        alone = coloured(drawn.values, drawn.limit, diverging=drawn.diverging)
        both = laid_over(subject.picture, drawn.values, drawn.limit, diverging=drawn.diverging)

        def told(row: int, column: int) -> str:
            value = format_number(float(drawn.values[row, column]), 3)
            return f"pixel {value_words(subject.pixels, row, column)}\n{drawn.meaning}: {value}"

        self.both.set_picture(both, values=told)
        self.alone.set_picture(alone, values=told)
        spot = strongest_patch(result)
        for view in (self.both, self.alone):
            view.set_spot(spot)
        self.key.set_scale(drawn.meaning, drawn.limit, diverging=drawn.diverging)

    def _show_bare(self, subject: Subject) -> None:
        self.both.set_picture(subject.picture)
        self.both.set_spot(None)
        self.alone.set_waiting("no map")

    def _clear(self) -> None:
        self._job.cancel()
        self._key = self.result = self._shown = None
        self._problem = ""
        self.both.set_waiting("no image")
        self.alone.set_waiting("no map")
        self.progress.hide()
        self.said.emit()

    def _on_theme_changed(self) -> None:
        self.progress.setFixedHeight(px(6))
        self.patch.setFixedWidth(px(56))
        self._knobs.setSpacing(px(6))
        self._pictures.setSpacing(px(10))
        self._column.setSpacing(px(8))
        self._draw()


def drawn_map(result: Result) -> DrawnMap:
    """Return the numbers of a result as they are coloured."""
    match result:
        case Saliency():
            peak = float(result.strength.max(initial=0.0))
            return DrawnMap(result.strength, peak, False, "|∂ output / ∂ pixel|")
        case GradCam():
            return DrawnMap(result.heat, 1.0, False, "evidence for the class")
        case _:
            reach = float(np.abs(result.drop).max(initial=0.0))
            return DrawnMap(result.drop, reach, True, "mean loss of probability when covered")


def strongest_patch(result: Any) -> QRectF | None:
    """Return where covering takes the most from the class, in pixels; None of other maps."""
    if not isinstance(result, Occlusion) or not result.covered.size:
        return None
    row, column = np.unravel_index(int(result.covered.argmin()), result.covered.shape)
    height, width = result.drop.shape
    # The last patch of a row ends at the edge, however the stride divides it.
    top = min(int(row) * result.stride, height - result.patch)
    left = min(int(column) * result.stride, width - result.patch)
    return QRectF(left, top, result.patch, result.patch)


def map_words(result: Result, subject: Subject) -> tuple[VerdictKind, str]:
    """Return what a map says, with numbers."""
    if isinstance(result, Saliency):
        return _saliency_words(result, subject)
    if isinstance(result, GradCam):
        return _cam_words(result, subject)
    return _occlusion_words(result, subject)


def _saliency_words(result: Saliency, subject: Subject) -> tuple[VerdictKind, str]:
    name = subject.class_name(result.target)
    strength = result.strength
    peak = float(strength.max(initial=0.0))
    if not peak > 0.0:
        return "warn", f"No pixel moves the output of “{name}”: the network is dead or cut off."
    row, column = (int(at) for at in np.unravel_index(int(strength.argmax()), strength.shape))
    ink = subject.pixels.max(0) > 0.1
    share = float(strength[~ink].sum() / strength.sum())
    text = (
        f"The output of “{name}” hangs most on row {row + 1}, column {column + 1}: 0.1 more there "
        f"moves it by about {format_number(0.1 * peak, 2)}."
    )
    if 0.0 < share < 1.0:
        text += f" {percent(share)} of the map lies where the image is dark."
    return "info", text


def _cam_words(result: GradCam, subject: Subject) -> tuple[VerdictKind, str]:
    name = subject.class_name(result.target)
    title = subject.state.blocks[result.block].title
    heat = np.asarray(result.heat, dtype=np.float64)
    if not heat.max(initial=0.0) > 0.0:
        return "warn", (
            f"Nothing behind block {result.block + 1} ({title}) speaks for “{name}”: the other "
            "classes are only pushed down further. Look behind an earlier block."
        )
    rows, columns = heat.shape
    # The centre of mass would lie between places that are far apart, where nothing is hot.
    row, column = (int(at) for at in np.unravel_index(int(heat.argmax()), heat.shape))
    covers = float((heat > 0.5).mean())
    return "info", (
        f"Behind block {result.block + 1} ({title}) what speaks for “{name}” is strongest in "
        f"the {place_words(row, column, rows, columns)}; {percent(covers)} of the image is hot."
    )


def _occlusion_words(result: Occlusion, subject: Subject) -> tuple[VerdictKind, str]:
    name = subject.class_name(result.target)
    least = float(result.covered.min()) if result.covered.size else result.probability
    spot = strongest_patch(result)
    if spot is None or least >= result.probability:
        return "info", (
            f"No patch of {result.patch} × {result.patch} pixels takes anything from “{name}” "
            f"({percent(result.probability)})."
        )
    centre = spot.center()
    height, width = result.drop.shape
    where = place_words(centre.y() - 0.5, centre.x() - 0.5, height, width)
    return "info", (
        f"Covering {result.patch} × {result.patch} pixels in the {where} hurts most: “{name}” "
        f"falls from {percent(result.probability)} to {percent(least)}."
    )


def _last_convolution(subject: Subject, blocks: tuple[int, ...]) -> int | None:
    """Return the last convolution.

    Behind its ReLU often nothing speaks *for* a class: the outputs count against each other only,
    and training may push all of them down.
    """
    places = [place for place in blocks if subject.state.blocks[place].kind == "conv"]
    return places[-1] if places else None
