"""Clones: how alike the neurons of a layer are, beside those of a random start.

Neurons that start alike get the same gradient and stay alike for ever: their matrix of cosine
similarities is one flat square. A random start has ones on its diagonal only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.init_snapshot import clones_view
from playground.panes.init.layer_picker import LayerPicker
from playground.ui.cards import GroupHead, Verdict
from playground.ui.choice_box import ChoiceBox
from playground.ui.fonts import ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from playground.experiments.init_snapshot import Clones, InitSnapshot

Of = Literal["weights", "activations"]
CHOICES = (
    ("weights", "weights", "Cosine similarity of the weights of two neurons"),
    ("activations", "outputs", "Cosine similarity of what two neurons say to every sample"),
)
ALIKE_FROM = 0.999
STEPS = 255


class SimilarityMatrix(QWidget):
    """A square of colours from −1 (orange) over 0 (neutral) to +1 (blue), with its name."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._values: NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)
        self._image: QImage | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        theme().changed.connect(self._on_theme_changed)

    @property
    def values(self) -> NDArray[np.float32]:
        """The (n, n) similarities shown."""
        return self._values

    def set_values(self, values: NDArray[np.float32]) -> None:
        """Show another matrix; costs nothing when it is the same one."""
        if values is not self._values:
            self._values = values
            self._image = None
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(160), px(180))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(80), px(96))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        square = self._square()
        line = QRectF(0.0, square.top() - px(17), self.width(), px(15))
        painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, self._name)
        if not self._values.size:
            return
        if self._image is None:
            self._image = _picture(self._values)
        painter.drawImage(square, self._image)
        painter.setPen(QPen(qcolor("line"), 1.0))
        painter.drawRect(square)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        square = self._square()
        count = len(self._values)
        place = event.position()
        if not count or not square.contains(place):
            QToolTip.hideText()
            return
        inside: QPointF = place - square.topLeft()
        column = min(count - 1, int(inside.x() / square.width() * count))
        row = min(count - 1, int(inside.y() / square.height() * count))
        text = f"neurons {row + 1} and {column + 1}: {format_number(self._values[row, column])}"
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def _square(self) -> QRectF:
        top = px(18)
        side = float(max(1, min(self.width() - 2, self.height() - top - 2)))
        free = max(0.0, self.height() - top - side)
        return QRectF((self.width() - side) / 2, top + free / 2, side, side)

    def _on_theme_changed(self) -> None:
        self._image = None
        self.update()


class ClonesView(QWidget):
    """The layer's matrix at the left, that of a random start at the right, and what they mean."""

    layer_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = GroupHead("Clones")
        self.picker = LayerPicker()
        self.choice = ChoiceBox("Similarity of", CHOICES, value="weights", segmented=True)
        self.here = SimilarityMatrix("this network")
        self.random = SimilarityMatrix("random start (Xavier)")
        self.verdict = Verdict("info", "")
        self._clones: Clones | None = None
        head = QHBoxLayout()
        for widget in (self._title, self.picker):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.choice)
        self._pair = QHBoxLayout()
        self._pair.addWidget(self.here)
        self._pair.addWidget(self.random)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addLayout(self._pair, 1)
        self._column.addWidget(self.verdict)
        self.picker.layer_chosen.connect(self.layer_chosen)
        self.choice.edited.connect(lambda _: self._draw())
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def views(self, layer: int) -> frozenset[str]:
        """Return what is wanted of the training thread."""
        return frozenset({clones_view(layer)})

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def show_snapshot(self, snapshot: InitSnapshot, layer: int) -> None:
        """Draw the layer of a picture of the network; an older one stays until it is there."""
        self.picker.show_layer(layer, len(snapshot.layers) - 1)
        if snapshot.clones is not None:
            self._clones = snapshot.clones
            self._draw()

    def render_slow(self, snapshot: InitSnapshot) -> None:
        """Say what the matrices mean."""
        if self._clones is not None:
            self.verdict.set_verdict(*clone_words(self._clones, snapshot.step))

    def _draw(self) -> None:
        clones = self._clones
        if clones is None:
            return
        of: Of = self.choice.value
        self.here.set_values(clones.weights if of == "weights" else clones.activations)
        self.random.set_values(clones.random)

    def _on_theme_changed(self) -> None:
        self._pair.setSpacing(px(12))
        self._column.setSpacing(px(6))


def clone_words(clones: Clones, step: int) -> tuple[Literal["ok", "warn", "bad"], str]:
    """Return what the similarity of a layer's neurons means, with its tone."""
    where = f"layer {clones.layer}, step {step:,}"
    here, other = format_number(clones.mean), format_number(clones.mean_random)
    numbers = f"mean cosine {here}, random start {other}"
    if clones.identical:
        return "bad", (
            f"All {clones.neurons} compared neurons of {where} have the same weights, bit for bit: "
            f"they are one neuron {clones.neurons} times over ({numbers})."
        )
    if clones.mean > ALIKE_FROM:
        return "warn", f"The neurons of {where} are almost alike: {numbers}."
    return "ok", f"The neurons of {where} differ: {numbers}."


def _picture(values: NDArray[np.float32]) -> QImage:
    table = theme().tokens.diverging_map
    places = np.rint((np.clip(np.nan_to_num(values), -1.0, 1.0) + 1.0) * (STEPS / 2.0))
    pixels = np.ascontiguousarray(table[places.astype(np.uint8)])
    rows, columns = values.shape
    image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
    # Without a copy the picture would look into memory that numpy is free to reuse.
    return image.copy()
