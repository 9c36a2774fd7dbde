"""What DQN remembers: transitions of its memory with their surprise, age and chance to be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.environments.episodes import Episode
from playground.environments.lander import LanderOptions
from playground.experiments.agents_snapshot import REPLAY_ORDERS, replay_view
from playground.panes.agents.films import Film
from playground.panes.agents.lander_sketch import ground_of, sketch_scene
from playground.panes.agents.observation_rows import ObservationRows
from playground.panes.agents.scene_canvas import SceneCanvas
from playground.panes.agents.scroll import scrolled
from playground.ui.choice_box import ChoiceBox
from playground.ui.fonts import number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from playground.environments.vector import WorldOptions
    from playground.experiments.agents_snapshot import AgentSnapshot, ReplayOrder, ReplayRows

ROW_PX, HEAD_PX = 20, 20
COLUMNS = (("TD error", 0.25), ("action", 0.26), ("reward", 0.19), ("age", 0.15), ("chance", 0.15))
EMPTY = "The memory fills as the agent acts: press Space."


class ReplayTable(QWidget):
    """Rows of transitions.

    Signals
    -------
    chosen(int)
        A person wants to see a row.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: ReplayRows | None = None
        self._names: tuple[str, ...] = ()
        self._selected = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("Transitions in the memory")
        theme().changed.connect(self._settle)

    @property
    def selected(self) -> int:
        """The row that is looked at."""
        return self._selected

    def set_rows(self, rows: ReplayRows | None, names: tuple[str, ...]) -> None:
        """Show other transitions."""
        self._rows, self._names = rows, names
        count = len(rows.actions) if rows is not None else 0
        self._selected = min(self._selected, max(count - 1, 0))
        self._settle()

    def select(self, row: int) -> None:
        """Look at a row."""
        if self._rows is not None and 0 <= row < len(self._rows.actions):
            self._selected = row
            self.update()
            self.chosen.emit(row)

    @override
    def sizeHint(self) -> QSize:
        count = len(self._rows.actions) if self._rows is not None else 1
        return QSize(px(240), px(HEAD_PX) + count * px(ROW_PX))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.select(int((event.position().y() - px(HEAD_PX)) // px(ROW_PX)))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        turn = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if turn is None:
            super().keyPressEvent(event)
        else:
            self.select(self._selected + turn)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        for words, box in self._cells(0.0, px(HEAD_PX)):
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
        rows = self._rows
        if rows is None:
            return
        reach = max(float(np.abs(rows.td_errors).max(initial=0.0)), 1e-9)
        for row in range(len(rows.actions)):
            y = px(HEAD_PX) + row * px(ROW_PX)
            if QRectF(0, y, self.width(), px(ROW_PX)).intersects(QRectF(event.rect())):
                self._paint_row(painter, rows, row, y, reach)

    def _paint_row(
        self, painter: QPainter, rows: ReplayRows, row: int, y: float, reach: float
    ) -> None:
        high = px(ROW_PX)
        if row == self._selected:
            painter.fillRect(QRectF(0, y, self.width(), high), qcolor("accent", 0.2))
        cells = [box for _, box in self._cells(y, high)]
        error = float(rows.td_errors[row])
        wide = 0.42 * cells[0].width()
        token = "class_plus" if error >= 0.0 else "class_minus"
        bar = QRectF(cells[0].left(), y + 0.3 * high, wide * abs(error) / reach, 0.4 * high)
        painter.fillRect(bar, qcolor(token))
        action = int(rows.actions[row])
        name = self._names[action] if action < len(self._names) else str(action)
        end = " ■" if rows.terminated[row] else ""
        texts = (
            format_number(error, 3),
            name,
            f"{format_number(float(rows.rewards[row]), 3)}{end}",
            format_number(int(rows.ages[row])),
            f"{float(rows.chances[row]):.2g}×",
        )
        painter.setPen(qcolor("text"))
        centre = Qt.AlignmentFlag.AlignVCenter
        for place, (text, box) in enumerate(zip(texts, cells, strict=True)):
            painter.setFont(ui_font(px(12)) if place == 1 else number_font(px(11)))
            if not place:
                box = box.adjusted(wide + px(4), 0, 0, 0)
            metrics = painter.fontMetrics()
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, centre, text)

    def _cells(self, y: float, high: float) -> list[tuple[str, QRectF]]:
        found, x = [], 0.0
        for words, share in COLUMNS:
            wide = share * (self.width() - px(12))
            found.append((words, QRectF(x + px(2), y, wide - px(4), high)))
            x += wide
        return found

    def _settle(self) -> None:
        self.setMinimumHeight(self.sizeHint().height())
        self.update()


class ReplayView(QWidget):
    """The table and the transition that is looked at, as a scene.

    Signals
    -------
    order_changed()
        Another order is wanted of the training thread.
    """

    order_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options: WorldOptions | None = None
        self._rows: ReplayRows | None = None
        choices = tuple(REPLAY_ORDERS.items())
        self.order = ChoiceBox("Order", choices, value="error", segmented=False)
        self.held = QLabel()
        self.held.setProperty("role", "muted")
        self.table = ReplayTable()
        self.canvas = SceneCanvas(EMPTY)
        self.canvas.setMinimumHeight(px(110))
        self.seen = ObservationRows()
        self.seen.hide()
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        area = scrolled(self.table)
        head = QHBoxLayout()
        head.addWidget(self.order)
        head.addStretch(1)
        head.addWidget(self.held)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(area, 3)
        self._column.addWidget(self.canvas, 2)
        self._column.addWidget(self.seen)
        self._column.addWidget(self.words)
        self.order.edited.connect(lambda _: self.order_changed.emit())
        self.table.chosen.connect(self._show_row)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def views(self) -> frozenset[str]:
        """Return what is wanted of the training thread."""
        order: ReplayOrder = self.order.value
        return frozenset({replay_view(order)})

    def show_snapshot(self, snapshot: AgentSnapshot) -> None:
        """Show the transitions of a snapshot; the row looked at stays until another is chosen."""
        rows = snapshot.replay
        self._options = snapshot.options
        self._rows = rows
        self.table.set_rows(rows, snapshot.action_names)
        if rows is None:
            self.held.setText("")
            self.canvas.set_film(None)
            self.canvas.show()
            self.seen.hide()
            self.words.setText("")
            return
        self.held.setText(f"{rows.size:,} of {rows.capacity:,}")
        self._show_row(self.table.selected)

    def _show_row(self, row: int) -> None:
        rows, options = self._rows, self._options
        if rows is None or options is None or row >= len(rows.actions):
            return
        observations = np.stack((rows.obs[row], rows.next_obs[row]))
        action, seed = int(rows.actions[row]), int(rows.seeds[row])
        scene = None
        if isinstance(options, LanderOptions):
            scene = sketch_scene(observations, action, ground_of(options, seed))
        episode = Episode(
            options,
            seed,
            np.array([action], dtype=np.uint8),
            observations,
            np.array([rows.rewards[row]], dtype=np.float64),
            "",
            scene,
        )
        name = options.action_names[action]
        film = Film(episode, f"s′ after “{name}”", ("replay", row))
        sketched = scene is not None
        self.canvas.set_film(film if sketched else None, 1)
        self.canvas.setVisible(sketched)
        self.seen.setVisible(not sketched)
        self.seen.set_quantities(options.quantities)
        self.seen.set_values(observations[1])
        step, age = int(rows.steps[row]), int(rows.ages[row])
        error = format_number(float(rows.td_errors[row]), 3)
        ended = " It ended the episode." if rows.terminated[row] else ""
        self.words.setText(
            f"Above: s′ after “{name}”. Step {step:,} of its episode, {age:,} transitions ago; "
            f"Q(s, a) − y =\N{NO-BREAK SPACE}{error}.{ended}"
        )

    def _on_theme_changed(self) -> None:
        self.order.setFixedWidth(px(190))
        self._column.setSpacing(px(6))
