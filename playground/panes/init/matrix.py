"""The matrix: every scheme under tanh, logistic and ReLU as a thumbnail of its depth curves.

Blue is the spread of z from layer to layer, orange that of ∂C/∂z over that of the last hidden
layer; the shaded band is healthy. A click loads a cell. It is computed in the background whenever
the network below it has changed.
"""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Final, get_args

import numpy as np
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QToolTip, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.init_snapshot import EXPLODING, VANISHING, InitSnapshot
from playground.experiments.init_spec import (
    ACTIVATION_LABELS,
    SCHEME_LABELS,
    ActivationName,
    Scheme,
)
from playground.panes.init.jobs import matrix_job
from playground.panes.init.strip_panel import ground_token
from playground.ui.cards import GroupHead, Verdict
from playground.ui.fonts import Weight, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from playground.engine.frames import Frame
    from playground.experiments.init_spec import InitSpec
    from playground.experiments.init_studies import InitMatrix, MatrixCell
    from playground.experiments.jobs import JobProgress
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

    Floats = NDArray[np.float64]

SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)
ACTIVATIONS: Final[tuple[ActivationName, ...]] = ("tanh", "logistic", "relu")
DECADES: Final = 4.0
"""Thumbnails reach from 10⁻⁴ to 10⁴; what is beyond is drawn at the edge."""
NAMES_PX, HEAD_PX, GAP_PX = 98, 18, 3
WORDS = "Blue: std of z; orange: ∂C/∂z ÷ last hidden layer; band: healthy. Click to load."


class MatrixGrid(QWidget):
    """The thumbnails, painted by hand."""

    cell_chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrix: InitMatrix | None = None
        self._current: tuple[str, str] = ("", "")
        self._hovered: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Depth curves of all schemes and activations")
        theme().changed.connect(self.update)

    def set_matrix(self, matrix: InitMatrix | None) -> None:
        """Show the cells that are done."""
        self._matrix = matrix
        self.update()

    def set_current(self, scheme: str, activation: str) -> None:
        """Mark the cell that is on stage."""
        if (scheme, activation) != self._current:
            self._current = (scheme, activation)
            self.update()

    def cell(self, row: int, column: int) -> QRectF:
        """Return the rectangle of a thumbnail."""
        wide = (self.width() - px(NAMES_PX)) / len(ACTIVATIONS)
        high = (self.height() - px(HEAD_PX)) / len(SCHEMES)
        gap = px(GAP_PX)
        return QRectF(
            px(NAMES_PX) + column * wide, px(HEAD_PX) + row * high, wide - gap, high - gap
        )

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(360), px(300))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(220), px(HEAD_PX) + len(SCHEMES) * px(14))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        for column, activation in enumerate(ACTIVATIONS):
            top = self.cell(0, column)
            box = QRectF(top.left(), 0.0, top.width(), px(HEAD_PX) - px(2))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, ACTIVATION_LABELS[activation])
        for row, scheme in enumerate(SCHEMES):
            left = self.cell(row, 0)
            box = QRectF(0.0, left.top(), px(NAMES_PX) - px(6), left.height())
            here = scheme == self._current[0]
            painter.setFont(ui_font(px(11), Weight.DemiBold if here else Weight.Normal))
            painter.setPen(qcolor("text" if here else "muted"))
            middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(box, middle, SCHEME_LABELS[scheme])
            for column, activation in enumerate(ACTIVATIONS):
                self._draw_cell(painter, row, column, scheme, activation)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._place(event.position())
        if found != self._hovered:
            self._hovered = found
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor
            )
            self.update()
        if found is None:
            QToolTip.hideText()
            return
        text = self.words(SCHEMES[found[0]], ACTIVATIONS[found[1]])
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._place(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.cell_chosen.emit(SCHEMES[found[0]], ACTIVATIONS[found[1]])

    def words(self, scheme: Scheme, activation: ActivationName) -> str:
        """Return the numbers of a cell as lines."""
        name = f"{SCHEME_LABELS[scheme]}, {ACTIVATION_LABELS[activation]}"
        cell = self._matrix.cell(scheme, activation) if self._matrix is not None else None
        if cell is None:
            return f"{name}\nnot computed yet"
        hidden = max(1, len(cell.z) - 1)
        first, last = (format_number(cell.z[place], 3) for place in (0, hidden - 1))
        back = _ratio(cell.dz, hidden)
        back_text = format_number(back[0], 3) if math.isfinite(back[0]) else "no gradient"
        return (
            f"{name}\nz: {first} in layer 1, {last} in layer {hidden}\n"
            f"∂C/∂z of layer 1 ÷ layer {hidden}: {back_text}"
        )

    def _place(self, at: QPointF) -> tuple[int, int] | None:
        for row in range(len(SCHEMES)):
            for column in range(len(ACTIVATIONS)):
                if self.cell(row, column).contains(at):
                    return row, column
        return None

    def _draw_cell(
        self, painter: QPainter, row: int, column: int, scheme: Scheme, activation: ActivationName
    ) -> None:
        area = self.cell(row, column)
        painter.fillRect(area, qcolor(ground_token()))
        cell = self._matrix.cell(scheme, activation) if self._matrix is not None else None
        if cell is not None:
            self._draw_curves(painter, area, cell)
        loud = (scheme, activation) == self._current
        if loud or (row, column) == self._hovered:
            painter.setPen(QPen(qcolor("accent" if loud else "control"), px(2) if loud else 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area)

    def _draw_curves(self, painter: QPainter, area: QRectF, cell: MatrixCell) -> None:
        top, bottom = (_height(area, math.log10(level)) for level in (EXPLODING, VANISHING))
        band = QRectF(area.left(), top, area.width(), bottom - top)
        painter.fillRect(band, qcolor("ok", 0.16) if cell.fine else qcolor("line", 0.55))
        hidden = max(1, len(cell.z) - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for values, token in (
            (cell.z[:hidden], "class_plus"),
            (_ratio(cell.dz, hidden)[:hidden], "class_minus"),
        ):
            painter.setPen(QPen(qcolor(token), 1.6))
            x = (
                area.left()
                + px(4)
                + np.arange(hidden) * ((area.width() - px(8)) / max(1, hidden - 1))
            )
            y = np.array([_height(area, log) for log in _logs(values)])
            if np.isfinite(y).all():
                painter.drawPolyline(arrayToQPolygonF(x, y))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class MatrixView(QWidget):
    """The grid, kept up to date in the background."""

    cell_chosen = Signal(str, str)

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._handle: JobHandle | None = None
        self._key: object = None
        self.matrix: InitMatrix | None = None
        self._title = GroupHead("Matrix")
        self.grid = MatrixGrid()
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.progress.hide()
        self.verdict = Verdict("info", WORDS)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self.progress, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self.grid, 1)
        self._column.addWidget(self.verdict)
        self.grid.cell_chosen.connect(self.cell_chosen)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def running(self) -> bool:
        """Tell whether the cells are being computed."""
        return self._handle is not None

    def set_alone(self, alone: bool) -> None:
        """Show the name when no tab says it."""
        self._title.setVisible(alone)

    def render_slow(self, frame: Frame) -> None:
        """Begin to compute where the network is another than that of the cells shown."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, InitSnapshot):
            return
        spec = snapshot.spec
        self.grid.set_current(spec.weights.scheme, spec.network.activation)
        key = matrix_key(spec, frame.seed)
        if key == self._key:
            return
        self._key = key
        if self._handle is not None:
            self._handle.cancel()
        self.matrix = None
        self.grid.set_matrix(None)
        self.progress.setValue(0)
        self.progress.show()
        self._handle = self._channel.start_job(
            matrix_job(spec, frame.seed),
            on_progress=self._on_progress,
            on_done=self._on_done,
            on_failed=self._on_failed,
        )

    def csv(self) -> str:
        """Return all cells as a table; empty before they are all done."""
        text = io.StringIO()
        if self.matrix is None:
            return ""
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(
            ("scheme", "activation", "layer", "std_z", "theory_z", "std_dz", "theory_dz")
        )
        for cell in self.matrix.cells:
            columns = (cell.z, cell.predicted_z, cell.dz, cell.predicted_dz)
            rows = zip(*(column.tolist() for column in columns), strict=True)
            writer.writerows(
                (cell.scheme, cell.activation, layer, *row) for layer, row in enumerate(rows, 1)
            )
        return text.getvalue()

    def _on_progress(self, progress: JobProgress) -> None:
        self.progress.setValue(int(1000 * progress.fraction))
        if progress.partial is not None:
            self.grid.set_matrix(progress.partial)

    def _on_done(self, matrix: InitMatrix) -> None:
        self._handle = None
        self.matrix = matrix
        self.progress.hide()
        self.grid.set_matrix(matrix)
        self.verdict.set_verdict("info", f"{WORDS} From {matrix.samples:,} samples.")

    def _on_failed(self, sentence: str) -> None:
        self._handle = None
        self.progress.hide()
        self.verdict.set_verdict("warn", sentence)

    def _on_theme_changed(self) -> None:
        self.progress.setFixedHeight(px(6))
        self._head.setSpacing(px(8))
        self._column.setSpacing(px(6))


def matrix_key(spec: InitSpec, seed: int) -> tuple[str, int]:
    """Return what the cells depend on: everything but scheme, activation and training."""
    weights = spec.weights.model_copy(update={"scheme": SCHEMES[0]})
    network = spec.network.model_copy(update={"activation": ACTIVATIONS[0]})
    same = spec.model_copy(update={"weights": weights, "network": network})
    return same.model_dump_json(exclude={"training": {"rate", "momentum", "steps"}}), seed


def _ratio(values: Floats, hidden: int) -> Floats:
    reference = float(values[hidden - 1])
    if not (math.isfinite(reference) and reference > 0.0):
        return np.full(values.shape, np.nan)
    return values / reference


def _logs(values: Floats) -> Floats:
    """Return log₁₀ within ±4; zeros lie at the lower edge, what is no number stays so."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(np.log10(values), -DECADES, DECADES)


def _height(area: QRectF, log: float) -> float:
    room = area.height() - 2.0
    return area.bottom() - 1.0 - room * (log + DECADES) / (2.0 * DECADES)
