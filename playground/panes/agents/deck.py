"""Where the views stand: the scene above its companions, what the agent thinks beside them.

Where it is wide there are three cards; where it is low, two; where it is narrow but high, two above
each other; where it is small every view is a tab and the one in front has the whole room. Views
that mean nothing in a world are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QSplitter, QVBoxLayout, QWidget
from typing_extensions import override

from playground.ui.card_column import CardView, TabCard
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

WIDE_FROM = 800
HIGH_FROM = 520
STACK_FROM = 600
HYSTERESIS = 24
LEAST_WIDTH, LEAST_HEIGHT = 320, 220
GAP = 12
SHARES = {"across": [640, 360], "down": [560, 330]}

Arrangement = tuple[tuple[CardView, ...], ...]


class ViewDeck(QWidget):
    """Spreads three groups of views over one, two or three cards.

    Parameters
    ----------
    upper, lower, beside
        The views of each group, in the order of their tabs.
    left_out
        Keys of views that mean nothing at first.

    Signals
    -------
    shown_changed()
        Another set of views is on screen.
    """

    shown_changed = Signal()

    def __init__(
        self,
        upper: Sequence[CardView],
        lower: Sequence[CardView],
        beside: Sequence[CardView],
        left_out: frozenset[str] = frozenset(),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._groups = (tuple(upper), tuple(lower), tuple(beside))
        self._left_out = left_out
        self._front = [group[0].key for group in reversed(self._groups)]
        self._cards: list[TabCard] = []
        self._arrangement: Arrangement = ()
        self._stacked = False
        self._shares = {name: list(sizes) for name, sizes in SHARES.items()}
        self._left = QSplitter(Qt.Orientation.Vertical)
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._across = QSplitter(Qt.Orientation.Horizontal)
        for side, stretch in ((self._left, 16), (self._right, 9)):
            side.setChildrenCollapsible(False)
            self._across.addWidget(side)
            self._across.setStretchFactor(self._across.indexOf(side), stretch)
        self._across.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._across)
        self._take_in()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def cards(self) -> tuple[TabCard, ...]:
        """The cards on screen: upper left, lower left, right."""
        return tuple(self._cards)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all views that are not left out."""
        return tuple(
            view.key for group in self._groups for view in group if view.key not in self._left_out
        )

    def shown(self) -> tuple[str, ...]:
        """Return the keys of the views in front."""
        return tuple(card.shown for card in self._cards)

    def leave_out(self, keys: frozenset[str]) -> None:
        """Take views away that mean nothing now, and bring others back."""
        if keys != self._left_out:
            self._left_out = keys
            if self._cards:
                self._arrange(anew=True)

    def show_view(self, key: str) -> bool:
        """Bring a view to the front of its card; tell whether there is one of that key."""
        for card in self._cards:
            if any(view.key == key for view in card.views):
                card.show_view(key)
                return True
        if not self._cards and key in self.keys:
            # Without a size there are no cards yet: it is in front when they come.
            self._front = [each for each in self._front if each != key] + [key]
            return True
        return False

    def save_state(self) -> dict[str, Any]:
        """Return which views were in front, the latest last, and how the cards share the room."""
        self._remember_shares()
        return {"front": list(self._front), **{k: list(v) for k, v in self._shares.items()}}

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if not isinstance(state, dict):
            return
        front = state.get("front")
        for key in front if isinstance(front, list) else ():
            if isinstance(key, str):
                self.show_view(key)
        for name in self._shares:
            sizes = state.get(name)
            if (
                isinstance(sizes, list)
                and len(sizes) == 2
                and all(type(size) is int and 0 < size < 100_000 for size in sizes)
            ):
                self._shares[name] = sizes
        self._share_room()

    @override
    def minimumSizeHint(self) -> QSize:
        # The widest arrangement must not keep the window from becoming narrow.
        return QSize(px(LEAST_WIDTH), px(LEAST_HEIGHT))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _wanted(self) -> tuple[Arrangement, bool]:
        """Return what stands on every card, and whether two cards stand above each other."""
        upper, lower, beside = (
            tuple(view for view in group if view.key not in self._left_out)
            for group in self._groups
        )
        was_wide = self._right.count() > 0
        was_high = len(self._arrangement) > 2
        if self.width() < px(WIDE_FROM) + (0 if was_wide else px(HYSTERESIS)):
            if self.height() >= px(STACK_FROM) + (0 if self._stacked else px(HYSTERESIS)):
                return (upper, (*lower, *beside)), True
            return ((*upper, *lower, *beside),), False
        if self.height() < px(HIGH_FROM) + (0 if was_high else px(HYSTERESIS)):
            return (upper, (*lower, *beside)), False
        return (upper, lower, beside), False

    def _arrange(self, *, anew: bool = False) -> None:
        wanted, stacked = self._wanted()
        if wanted == self._arrangement and stacked == self._stacked and not anew:
            return
        self._remember_shares()
        self._arrangement, self._stacked = wanted, stacked
        spare, self._cards = self._cards, []
        for place, group in enumerate(wanted):
            card = TabCard()
            keys = {view.key for view in group}
            latest = [key for key in self._front if key in keys]
            card.set_views(group, latest[-1] if latest else group[0].key)
            card.set_flexible(True)
            card.shown_changed.connect(self._on_shown_changed)
            last = place and place == len(wanted) - 1
            side = self._right if last and not stacked else self._left
            side.addWidget(card)
            self._cards.append(card)
        self._take_in()
        for card in spare:
            card.hide()
            card.setParent(None)
            card.deleteLater()
        self._count_only_shown()
        self._right.setVisible(len(wanted) > 1 and not stacked)
        self._share_room()
        self.shown_changed.emit()

    def _take_in(self) -> None:
        """Keep views without a card: they must not go down with the one they stood on."""
        for group in self._groups:
            for view in group:
                if view.key in self._left_out or not self._cards:
                    view.widget.hide()
                    view.widget.setParent(self)

    def _remember_shares(self) -> None:
        if self._right.isVisibleTo(self) and self._right.count():
            self._shares["across"] = self._across.sizes()
        if self._left.count() == 2:
            self._shares["down"] = self._left.sizes()

    def _share_room(self) -> None:
        if self._right.count():
            self._across.setSizes(self._shares["across"])
        if self._left.count() == 2:
            self._left.setSizes(self._shares["down"])

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
        for splitter in (self._left, self._right, self._across):
            splitter.setHandleWidth(px(GAP))
