"""Where the views stand: histograms beside a column of cards, or all of them as tabs of one card.

The histograms are what the room is about. Where it is wide they have the left side to themselves
and the other views share one or two cards beside them; where it is narrow every view is a tab, and
the one in front has the whole room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QSplitter, QVBoxLayout, QWidget
from typing_extensions import override

from playground.ui.card_column import CardView, TabCard
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

WIDE_FROM = 800
TWO_CARDS_FROM = 600
HYSTERESIS = 24
LOUD_SHARE, COLUMN_SHARE = 600, 400
GAP = 12
UPPER, LOWER = 270, 370


class ViewDeck(QWidget):
    """One loud view and groups of quiet ones, arranged by the room there is.

    Parameters
    ----------
    loud
        The view that has a side of its own where there is room.
    groups
        The other views; those of one group share a card where there is room for two.

    Signals
    -------
    shown_changed()
        Another set of views is on screen.
    """

    shown_changed = Signal()

    def __init__(
        self,
        loud: CardView,
        groups: Sequence[Sequence[CardView]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._loud = loud
        self._groups = tuple(tuple(group) for group in groups)
        self._front: list[str] = [group[0].key for group in reversed(self._groups)]
        self._front.append(loud.key)
        self._cards: list[TabCard] = []
        self._arrangement: tuple[tuple[CardView, ...], ...] = ()
        self._shares = [LOUD_SHARE, COLUMN_SHARE]
        # Splitters on both sides: a layout would give a card the height of its longest text.
        self._sides = (QSplitter(Qt.Orientation.Vertical), QSplitter(Qt.Orientation.Vertical))
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        for side in self._sides:
            side.setChildrenCollapsible(False)
            self._splitter.addWidget(side)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes(self._shares)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._splitter)
        self._arrange(self._wanted())
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def cards(self) -> tuple[TabCard, ...]:
        """The cards on screen: the loud one's first, then from top to bottom."""
        return tuple(self._cards)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all views, the loud one's first."""
        return (self._loud.key, *(view.key for group in self._groups for view in group))

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
        """Return which views were in front, the latest last, and how the sides share the room."""
        if self._sides[1].isVisibleTo(self):
            self._shares = self._splitter.sizes()
        return {"front": list(self._front), "sizes": list(self._shares)}

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
            self._shares = sizes
            self._splitter.setSizes(sizes)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self._wanted())

    def _wanted(self) -> tuple[tuple[CardView, ...], ...]:
        was_wide = len(self._arrangement) > 1
        was_high = len(self._arrangement) > 2
        if self.width() < px(WIDE_FROM) + (0 if was_wide else px(HYSTERESIS)):
            return ((self._loud, *(view for group in self._groups for view in group)),)
        if self.height() < px(TWO_CARDS_FROM) + (0 if was_high else px(HYSTERESIS)):
            return ((self._loud,), tuple(view for group in self._groups for view in group))
        return ((self._loud,), *self._groups)

    def _arrange(self, wanted: tuple[tuple[CardView, ...], ...]) -> None:
        if wanted == self._arrangement:
            return
        if len(self._arrangement) > 1:
            self._shares = self._splitter.sizes()
        self._arrangement = wanted
        spare, self._cards = self._cards, []
        for place, group in enumerate(wanted):
            card = TabCard()
            keys = {view.key for view in group}
            latest = [key for key in self._front if key in keys]
            card.set_views(group, latest[-1] if latest else group[0].key)
            card.set_flexible(True)
            card.shown_changed.connect(self._on_shown_changed)
            self._sides[min(place, 1)].addWidget(card)
            self._cards.append(card)
        for card in spare:
            card.hide()
            card.setParent(None)
            card.deleteLater()
        self._count_only_shown()
        self._sides[1].setVisible(len(wanted) > 1)
        if len(wanted) > 1:
            self._splitter.setSizes(self._shares)
            self._sides[1].setSizes([UPPER, LOWER][: len(wanted) - 1])
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
                vertical = (
                    QSizePolicy.Policy.Expanding
                    if view.key == card.shown
                    else QSizePolicy.Policy.Ignored
                )
                view.widget.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)

    def _on_theme_changed(self) -> None:
        self._splitter.setHandleWidth(px(GAP))
        for side in self._sides:
            side.setHandleWidth(px(GAP))
