"""The list of runs of a pane: what was tried, how far it went, and the way back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.experiments.base import Progress
from playground.ui.cards import GroupHead
from playground.ui.icons import icon
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from playground.engine.frames import RunInfo

COLUMNS = ("run", "steps", "result", "seed", "started from")
RUN_ID_ROLE = Qt.ItemDataRole.UserRole
STATUS_ICONS = {
    Progress.RUNNING: ("circle", "muted"),
    Progress.FINISHED: ("circle-check", "ok"),
    Progress.DIVERGED: ("circle-x", "bad"),
}


class RunList(QFrame):
    """A pop-up over the transport; a click (or Enter) makes a run the current one."""

    switch_asked = Signal(int)
    drop_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Build the empty list."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("card", "true")
        self.setAccessibleName("List of runs")
        self._current: int | None = None
        self._given: tuple[tuple[RunInfo, ...], int | None] = ((), None)
        self._shown: tuple[tuple[RunInfo, ...], int | None] = self._given
        self._rows: dict[int, QTreeWidgetItem] = {}
        self._tree = QTreeWidget()
        self._tree.setColumnCount(len(COLUMNS))
        self._tree.setHeaderLabels(list(COLUMNS))
        self._tree.setRootIsDecorated(False)
        self._tree.setUniformRowHeights(True)
        self._tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._tree.setAccessibleName("Runs")
        self._tree.itemActivated.connect(self._on_item_activated)
        self._tree.currentItemChanged.connect(self._on_current_item_changed)
        header = self._tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        self._switch = QPushButton("Go to this run")
        self._switch.setProperty("primary", "true")
        self._switch.setToolTip("Make the selected run the current one (Enter)")
        self._switch.clicked.connect(self._on_switch_clicked)
        self._drop = QPushButton("Forget")
        self._drop.setToolTip("Remove the selected run from the list (Delete)")
        self._drop.clicked.connect(self._on_drop_clicked)
        self._hint = QLabel("The current run cannot be forgotten.")
        self._hint.setProperty("role", "muted")
        self._build()
        QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self, self._on_drop_clicked)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def tree(self) -> QTreeWidget:
        """The table itself."""
        self._catch_up()
        return self._tree

    def set_runs(self, runs: tuple[RunInfo, ...], current: int | None) -> None:
        """Show the runs, newest first; rows that stay are updated in place.

        While the list is closed, which is nearly always, that costs nothing.
        """
        self._given = (runs, current)
        if self.isVisible():
            self._catch_up()

    def _catch_up(self) -> None:
        """Write down what was given last."""
        if self._shown == self._given:
            return
        self._shown = runs, current = self._given
        self._current = current
        names = {run.run_id: run.label or f"run {run.run_id}" for run in runs}
        wanted = [run.run_id for run in reversed(runs)]
        if wanted != list(self._rows):
            selected = self._selected()
            self._tree.clear()
            self._rows = {run_id: QTreeWidgetItem(self._tree) for run_id in wanted}
            keep = selected if selected in self._rows else current
            if keep is not None and keep in self._rows:
                self._tree.setCurrentItem(self._rows[keep])
        for run in runs:
            self._fill(self._rows[run.run_id], run, names)
        self._update_buttons()

    def pop_up(self, above: QWidget) -> None:
        """Open over a button, inside its window."""
        self._catch_up()
        self.resize(self.sizeHint())
        corner = above.mapToGlobal(QPoint(above.width(), 0))
        window = above.window().frameGeometry()
        left = max(window.left() + px(8), corner.x() - self.width())
        self.move(left, corner.y() - self.height() - px(12))
        self.show()
        self._tree.setFocus()

    @override
    def sizeHint(self) -> QSize:
        rows = min(10, max(3, len(self._rows)))
        return QSize(px(660), px(118) + rows * px(28))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_R, Qt.Key.Key_Escape):
            self.close()
            return
        super().keyPressEvent(event)

    def _build(self) -> None:
        self._column = QVBoxLayout(self)
        self._column.addWidget(GroupHead("Runs"))
        self._column.addWidget(self._tree, 1)
        row = QHBoxLayout()
        row.addWidget(self._hint, 1)
        row.addWidget(self._drop)
        row.addWidget(self._switch)
        self._column.addLayout(row)

    def _fill(self, item: QTreeWidgetItem, run: RunInfo, names: dict[int, str]) -> None:
        origin = ""
        if run.parent is not None:
            parent = names.get(run.parent, "a forgotten run")
            origin = f"{parent}, step {format_number(run.branch_step or 0)}"
        texts = (
            names[run.run_id] + (" · current" if run.run_id == self._current else ""),
            format_number(run.steps),
            run.headline,
            str(run.seed),
            origin,
        )
        name, token = STATUS_ICONS[run.status.progress]
        item.setData(0, RUN_ID_ROLE, run.run_id)
        for column, text in enumerate(texts):
            if item.text(column) != text:
                item.setText(column, text)
        item.setIcon(0, icon(name, color=token))
        item.setToolTip(0, run.status.reason or "This run can go on.")
        for column in (1, 3):
            item.setTextAlignment(
                column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            )
        font = item.font(0)
        font.setBold(run.run_id == self._current)
        item.setFont(0, font)
        item.setForeground(4, qcolor("muted"))

    def _selected(self) -> int | None:
        item = self._tree.currentItem()
        return item.data(0, RUN_ID_ROLE) if item is not None else None

    def _update_buttons(self) -> None:
        other = self._selected() not in (None, self._current)
        self._switch.setEnabled(other)
        self._drop.setEnabled(other)
        self._hint.setVisible(not other)

    def _on_current_item_changed(self) -> None:
        self._update_buttons()

    def _on_item_activated(self, item: QTreeWidgetItem) -> None:
        self.switch_asked.emit(item.data(0, RUN_ID_ROLE))
        self.close()

    def _on_switch_clicked(self) -> None:
        selected = self._selected()
        if selected is not None:
            self.switch_asked.emit(selected)
            self.close()

    def _on_drop_clicked(self) -> None:
        selected = self._selected()
        if selected is not None and selected != self._current:
            self.drop_asked.emit(selected)

    def _on_theme_changed(self) -> None:
        margin = px(12)
        self._column.setContentsMargins(margin, margin, margin, margin)
        self._column.setSpacing(px(8))
