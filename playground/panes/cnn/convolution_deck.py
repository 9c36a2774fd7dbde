"""Where stage and cards stand: the stage above, one card below it, or two where it is wide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QSplitter, QVBoxLayout, QWidget
from typing_extensions import override

from playground.ui.card_column import CardView, TabCard
from playground.ui.cards import Card
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

TWO_FROM = 820
HYSTERESIS = 24
SHARES = {1: [545, 455], 2: [620, 380]}
GAP = 12


class LabDeck(QWidget):
    """A stage and its cards.

    Parameters
    ----------
    stage
        What the laboratory is about.
    first
        The card that has a place of its own where the room is wide.
    others
        The views that share a card.

    Signals
    -------
    shown_changed()
        Another set of cards is in front.
    """

    shown_changed = Signal()

    def __init__(
        self,
        stage: QWidget,
        first: CardView,
        others: Sequence[CardView],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._views = (first, *others)
        self._front = [others[0].key, first.key]
        self._cards: list[TabCard] = []
        self.stage_card = Card("", margin=10)
        self.stage_card.add(stage, 1)
        self._below = QSplitter(Qt.Orientation.Horizontal)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        for part in (self.stage_card, self._below):
            self._splitter.addWidget(part)
        for splitter in (self._splitter, self._below):
            splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._splitter)
        self._arrange(1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def cards(self) -> tuple[TabCard, ...]:
        """The cards below the stage, from left to right."""
        return tuple(self._cards)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all views."""
        return tuple(view.key for view in self._views)

    def shown(self) -> tuple[str, ...]:
        """Return the keys of the views in front."""
        return tuple(card.shown for card in self._cards)

    def show_view(self, key: str) -> bool:
        """Bring a view to the front of its card; tell whether there is one of that key."""
        for card in self._cards:
            if any(view.key == key for view in card.views):
                card.show_view(key)
                return True
        return False

    def save_state(self) -> dict[str, Any]:
        """Return which views were in front, the latest last, and how the room is shared."""
        return {"front": list(self._front), "sizes": self._splitter.sizes()}

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if not isinstance(state, dict):
            return
        front, sizes = state.get("front"), state.get("sizes")
        for key in front if isinstance(front, list) else ():
            if isinstance(key, str):
                self.show_view(key)
        if (
            isinstance(sizes, list)
            and len(sizes) == 2
            and all(type(size) is int and 0 < size < 100_000 for size in sizes)
        ):
            self._splitter.setSizes(sizes)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        slack = px(HYSTERESIS) if len(self._cards) < 2 else 0
        self._arrange(2 if self.width() >= px(TWO_FROM) + slack else 1)

    def _arrange(self, count: int) -> None:
        if count == len(self._cards):
            return
        groups = [self._views] if count == 1 else [self._views[:1], self._views[1:]]
        spare, self._cards = self._cards, []
        for group in groups:
            card = TabCard()
            keys = {view.key for view in group}
            latest = [key for key in self._front if key in keys]
            card.set_views(group, latest[-1] if latest else group[0].key)
            card.set_flexible(True)
            card.shown_changed.connect(self._on_shown_changed)
            self._below.addWidget(card)
            self._cards.append(card)
        for card in spare:
            card.hide()
            card.setParent(None)
            card.deleteLater()
        self._below.setSizes([500, 500][:count])
        # One card needs a row for its tabs, two stand side by side and leave the stage more.
        self._splitter.setSizes(SHARES[count])
        self._count_only_shown()
        self.shown_changed.emit()

    def _on_shown_changed(self) -> None:
        card: Any = self.sender()
        if isinstance(card, TabCard) and card.shown:
            self._front = [key for key in self._front if key != card.shown] + [card.shown]
        self._count_only_shown()
        self.shown_changed.emit()

    def _count_only_shown(self) -> None:
        """Keep the views behind from making their card higher than the one in front needs."""
        for card in self._cards:
            for view in card.views:
                front = view.key == card.shown
                kind = QSizePolicy.Policy.Expanding if front else QSizePolicy.Policy.Ignored
                view.widget.setSizePolicy(QSizePolicy.Policy.Preferred, kind)

    def _on_theme_changed(self) -> None:
        self._splitter.setHandleWidth(px(GAP))
        self._below.setHandleWidth(px(GAP))
