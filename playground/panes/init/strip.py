"""The strip of histograms: one column a layer, forward quantities above, gradients below.

Everything is painted by hand from the counts that the training thread has made; thirty layers of
six histograms cost a few milliseconds, and what is scrolled out of sight costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from playground.experiments.init_snapshot import (
    QUANTITY_LABELS,
    VIEW_HISTOGRAMS,
    VIEW_SHARED,
)
from playground.panes.init.strip_canvas import (
    HEAD_PX,
    HEADER_PX,
    StripColumns,
    StripGrid,
    StripHeads,
)
from playground.panes.init.strip_panel import (
    BACKWARD,
    FORWARD,
    PanelStyle,
    bars_area,
    percent,
)
from playground.ui.cards import GroupHead
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.init_snapshot import (
        Histogram,
        InitSnapshot,
        LayerView,
        Quantity,
        Spread,
    )

LEAST_COLUMN_PX = 24
LEAST_ROW_PX = 30
ROWS = (
    ("both", "all", "Forward and backward: W, z, a and the gradients of the cost by them"),
    ("forward", "forward", "What goes up through the layers: W, z and a"),
    ("backward", "backward", "What comes down through the layers: ∂C/∂a, ∂C/∂z, ∂C/∂W"),
)


class StripView(QWidget):
    """Toolbar, heads of the rows, and the columns in a scroll area.

    Signals
    -------
    layer_chosen(int)
        A person clicked a layer, counted from 1.
    options_changed()
        Other histograms are wanted from the training thread.
    """

    layer_chosen = Signal(int)
    options_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.snapshot: InitSnapshot | None = None
        self.selected = 1
        self._title = GroupHead("Histograms")
        self.choice = ChoiceBox("Which rows are shown", ROWS, value="both", segmented=True)
        self.shared = IconButton(
            "ruler",
            "Same range for all layers\nOtherwise every histogram has a range of its own.",
            checkable=True,
            size=16,
        )
        self.shared.setChecked(True)
        self.log = IconButton("chart-column", "Logarithmic counts", checkable=True, size=16)
        self._heads = StripHeads(self)
        self._columns = StripColumns(self)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._columns)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        self._columns.setAutoFillBackground(False)
        self._tools = QHBoxLayout()
        for widget in (self._title, self.choice):
            self._tools.addWidget(widget)
        self._tools.addStretch(1)
        for button in (self.shared, self.log):
            self._tools.addWidget(button)
        self._body = QHBoxLayout()
        self._body.addWidget(self._heads)
        self._body.addWidget(self._scroll, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._tools)
        self._column.addLayout(self._body, 1)
        self.choice.edited.connect(self._on_rows_edited)
        self.shared.clicked.connect(self._on_range_clicked)
        self.log.clicked.connect(self.refresh)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def layers(self) -> tuple[LayerView, ...]:
        """The layers shown."""
        return self.snapshot.layers if self.snapshot is not None else ()

    @property
    def rows(self) -> tuple[Quantity, ...]:
        """The quantities shown, from top to bottom."""
        chosen = self.choice.value
        return {"forward": FORWARD, "backward": BACKWARD}.get(chosen, (*FORWARD, *BACKWARD))

    @property
    def log_counts(self) -> bool:
        """Whether the bars are as high as the logarithm of their counts."""
        return self.log.isChecked()

    @property
    def shared_range(self) -> bool:
        """Whether all layers of a row share one range."""
        return self.shared.isChecked()

    @property
    def canvas(self) -> QWidget:
        """What is painted with panels, without the heads."""
        return self._columns

    def views(self) -> frozenset[str]:
        """Return which histograms are wanted."""
        return frozenset({VIEW_SHARED if self.shared_range else VIEW_HISTOGRAMS})

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def set_selected(self, layer: int) -> None:
        """Mark another layer, counted from 1."""
        if layer != self.selected:
            self.selected = layer
            self._columns.write()

    def show_snapshot(self, snapshot: InitSnapshot) -> None:
        """Draw another picture of the network."""
        before = self.snapshot
        self.snapshot = snapshot
        if before is None or before.spec is not snapshot.spec:
            self._fit_columns()
            self._columns.write()
        self._columns.update()

    def render_slow(self) -> None:
        """Refresh the numbers, also those under a pointer that rests."""
        self.refresh()
        self._columns.tell()

    def refresh(self) -> None:
        """Paint everything again, the words too."""
        self._columns.write()
        self._heads.update()

    def style_of_panels(self) -> PanelStyle:
        """Return how the panels are drawn now."""
        return PanelStyle(log=self.log_counts, own_range=not self.shared_range)

    def grid(self, height: float) -> StripGrid:
        """Return the places of the rows in a widget of some height."""
        return StripGrid(self.rows, height - self._scroll_bar_height(height))

    def references(self) -> dict[Quantity, float]:
        """Return against what each quantity counts as vanishing or exploding; NaN: it never does.

        Signals are held against 1, gradients against those of the last hidden layer.
        """
        nan = float("nan")
        found: dict[Quantity, float] = {"w": nan, "z": 1.0, "a": 1.0, "dw": nan}
        hidden = [layer for layer in self.layers if not layer.is_output]
        for quantity in ("da", "dz"):
            found[quantity] = hidden[-1].spreads[quantity].std if hidden else nan
        return found

    def any_histogram(self, quantity: Quantity) -> Histogram | None:
        """Return some histogram of a row: with a shared range, all have the same."""
        return next(
            (layer.histograms[quantity] for layer in self.layers if quantity in layer.histograms),
            None,
        )

    def words_at(self, x: float, y: float) -> str:
        """Return what the panel under a place of the canvas holds; empty between panels."""
        place = int(x // self._columns.column_width())
        if not 0 <= place < len(self.layers):
            return ""
        layer = self.layers[place]
        for row, quantity in enumerate(self.rows):
            cell = self._columns.cell(row, place)
            if cell.top() <= y <= cell.bottom():
                if layer.is_output and quantity in ("a", "da"):
                    return ""
                return panel_words(layer, quantity, self._bin_at(cell, layer, quantity, x))
        return ""

    def save_state(self) -> dict[str, Any]:
        """Return which rows are shown, and how."""
        return {
            "rows": self.choice.value,
            "shared": self.shared_range,
            "log": self.log_counts,
        }

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if not isinstance(state, dict):
            return
        if state.get("rows") in self.choice.values:
            self.choice.set_value(state["rows"])
        for name, button in (("shared", self.shared), ("log", self.log)):
            if isinstance(state.get(name), bool):
                button.setChecked(state[name])
        self._fit_columns()
        self.refresh()

    def _bin_at(self, cell: QRectF, layer: LayerView, quantity: Quantity, x: float) -> int | None:
        histogram = layer.histograms.get(quantity)
        if histogram is None:
            return None
        area = bars_area(cell, not self.shared_range)
        place = int((x - area.left()) / max(area.width(), 1.0) * len(histogram.counts) // 1)
        return place if 0 <= place < len(histogram.counts) else None

    def _scroll_bar_height(self, height: float) -> int:
        """Return what the heads must leave free at the bottom, where the columns have a bar."""
        return max(0, round(height) - self._columns.height())

    def _on_rows_edited(self) -> None:
        self._fit_columns()
        self.refresh()

    def _on_range_clicked(self) -> None:
        self.refresh()
        self.options_changed.emit()

    def _fit_columns(self) -> None:
        least = px(HEAD_PX) + px(LEAST_ROW_PX) * len(self.rows)
        self._columns.setMinimumSize(px(LEAST_COLUMN_PX) * max(1, len(self.layers)), least)
        # The columns scroll sideways only: the heads at the left do not move.
        self._scroll.setMinimumHeight(
            least + self._scroll.horizontalScrollBar().sizeHint().height()
        )

    def _on_theme_changed(self) -> None:
        self._heads.setFixedWidth(px(HEADER_PX))
        self._tools.setSpacing(px(6))
        self._body.setSpacing(0)
        self._column.setSpacing(px(6))
        self._fit_columns()
        self.refresh()


def panel_words(layer: LayerView, quantity: Quantity, bin_: int | None) -> str:
    """Return the numbers of one panel, and of one of its bars, as the lines of a tooltip."""
    where = "output layer" if layer.is_output else f"layer {layer.name}"
    lines = [f"{where} · {QUANTITY_LABELS[quantity]}", *_spread_words(layer.spreads[quantity])]
    histogram = layer.histograms.get(quantity)
    if histogram is not None:
        if bin_ is not None:
            low, high = histogram.edges[bin_ : bin_ + 2]
            count = int(histogram.counts[bin_])
            share = percent(count / max(1, histogram.counted))
            lines.append(
                f"{format_number(low, 3)} to {format_number(high, 3)}: {count:,} of "
                f"{histogram.counted:,} ({share})"
            )
        if histogram.outside > 0.0:
            lines.append(
                f"outside the range: {percent(histogram.below)} below, "
                f"{percent(histogram.above)} above"
            )
        if histogram.invalid > 0.0:
            lines.append(f"not a number or infinite: {percent(histogram.invalid)}")
    return "\n".join(lines)


def _spread_words(spread: Spread) -> list[str]:
    words = f"std {format_number(spread.std)}"
    if spread.predicted == spread.predicted:
        words += f", theory at the start {format_number(spread.predicted)}"
    return [words, f"mean {format_number(spread.mean)}"]
