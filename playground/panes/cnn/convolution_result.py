"""The result of the stage: the plain sums, what ReLU leaves of them, or what pooling leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.panes.cnn.convolution_drawing import plain_values, themed_pixels
from playground.panes.cnn.convolution_layout import caption
from playground.ui.controls import ChoiceBox
from playground.ui.fonts import number_font
from playground.ui.grid_view import short_number
from playground.ui.pixel_view import PixelView
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from playground.experiments.convolution_snapshot import ConvolutionSnapshot, DrawnMap, Result

STAGES: Final[tuple[tuple[str, str, str], ...]] = (
    ("raw", "Sum", "The plain sums, before bias and ReLU"),
    ("activated", "ReLU", "After bias and ReLU"),
    ("pooled", "Pooled", "After pooling"),
)


class ResultPanel(QWidget):
    """Shows one stage of the result.

    Signals
    -------
    stage_changed()
        Another stage is wanted.
    """

    stage_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted = "pooled"
        self._shown: DrawnMap | None = None
        self._drawn_for: object = None
        self.head = caption("Result")
        self.view = PixelView("Result")
        self.choice = ChoiceBox("stage of the result", STAGES[:1], value="raw", segmented=True)
        self.key = _Key()
        self._row = QHBoxLayout()
        self._row.addWidget(self.choice)
        self._row.addWidget(self.key, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.head)
        self._column.addWidget(self.view, 1)
        self._column.addLayout(self._row)
        self.choice.edited.connect(self._on_choice)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def stage(self) -> str:
        """Which stage is shown."""
        return str(self.choice.value or "raw")

    @property
    def wanted(self) -> str:
        """Which stage a person wants wherever there is one."""
        return self._wanted

    def set_wanted(self, stage: object) -> None:
        """Want another stage; ignores what is none."""
        if isinstance(stage, str) and stage in {name for name, _, _ in STAGES}:
            self._wanted = stage
            self._drawn_for = None

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_row()

    def show_result(self, snapshot: ConvolutionSnapshot) -> None:
        """Show the wanted stage, or the last one before it that there is."""
        result = snapshot.result
        key = (result, self._wanted, theme().tokens.name)
        if result is None:
            self._drawn_for = None
            self._shown = None
            self.head.setText("Result")
            self.view.set_sentence(snapshot.problem)
            self.view.set_marks(())
            self.choice.hide()
            self.key.show_map(None)
            return
        if key != self._drawn_for:
            self._drawn_for = key
            self._offer(result)
            drawn = self._shown = stage_map(result, self.stage)
            self.view.set_picture(themed_pixels(drawn), values=plain_values(drawn))
            height, width = drawn.shape
            self.head.setText(f"Result  {width} × {height}" if height > 1 else f"Result  {width}")
            self.key.show_map(drawn)
            self.view.setToolTip(self.key.toolTip())
        veiled = not snapshot.whole and self.stage != "pooled"
        self.view.set_veil(snapshot.swept if veiled else None)

    def _offer(self, result: Result) -> None:
        there = ["raw"]
        if result.activated is not result.raw:
            there.append("activated")
        if result.pooled is not None:
            there.append("pooled")
        if tuple(there) != self.choice.values:
            self.choice.set_choices([stage for stage in STAGES if stage[0] in there])
        order = [name for name, _, _ in STAGES]
        reached = [name for name in there if order.index(name) <= order.index(self._wanted)]
        self.choice.set_value(reached[-1])
        self.choice.setVisible(len(there) > 1)
        self._share_row()

    def _share_row(self) -> None:
        """Leave the key out where the stages would lose their names to it."""
        needed = self.choice.sizeHint().width() + self._row.spacing()
        needed += self.key.minimumSizeHint().width()
        self.key.setVisible(self.choice.isHidden() or self.width() >= needed)

    def _on_choice(self, stage: Any) -> None:
        self.set_wanted(stage)
        self.stage_changed.emit()

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
        self._row.setSpacing(px(8))
        self._drawn_for = None


class _Key(QWidget):
    """What the colours mean: from the lowest number to the highest."""

    def __init__(self) -> None:
        super().__init__()
        self._map: DrawnMap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_map(self, drawn: DrawnMap | None) -> None:
        """Show the range of a map."""
        self._map = drawn
        if drawn is not None:
            cut = f"; {100 * drawn.clipped:.2g} % lie outside" if drawn.clipped else ""
            self.setToolTip(
                f"Colours from {short_number(drawn.low, 4)} to {short_number(drawn.high, 4)}{cut}"
            )
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(120), px(24))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(60), px(24))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        drawn = self._map
        if drawn is None:
            return
        painter = QPainter(self)
        painter.setFont(number_font(px(11)))
        metrics = painter.fontMetrics()
        low, high = short_number(drawn.low), short_number(drawn.high)
        gap = px(5)
        left = metrics.horizontalAdvance(low) + gap
        right = self.width() - metrics.horizontalAdvance(high) - gap
        painter.setPen(qcolor("muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignRight, high)
        if right - left < px(12):
            return
        gradient = QLinearGradient(left, 0.0, right, 0.0)
        table = theme().tokens.diverging_map
        for stop in range(9):
            share = stop / 8
            if drawn.palette == "signed":
                red, green, blue, _ = table[round(255 * share)].tolist()
            else:
                red = green = blue = round(255 * share)
            gradient.setColorAt(share, QColor(red, green, blue))
        high_px = px(8)
        top = (self.height() - high_px) // 2
        painter.fillRect(left, top, right - left, high_px, gradient)
        painter.setPen(qcolor("line"))
        painter.drawRect(left, top, right - left, high_px)


def stage_map(result: Result, stage: str) -> DrawnMap:
    """Return the map of a stage; the activated one where there is no pooled one."""
    if stage == "pooled" and result.pooled is not None:
        return result.pooled
    return result.raw if stage == "raw" else result.activated
