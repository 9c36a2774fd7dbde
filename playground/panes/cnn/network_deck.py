"""Where the views stand: two cards and a column beside them, or all views as tabs of one card.

Where it is wide, pictures of the weights have the upper left, curves and mistakes the lower left,
and the drawing pad the right side, so that drawing and filters are seen at once. Where it is
narrow, every view is a tab and the one in front has the whole room.
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
HIGH_FROM = 420
HYSTERESIS = 24
LEAST_WIDTH, LEAST_HEIGHT = 320, 220
GAP = 12
LEFT_SHARE, RIGHT_SHARE = 600, 400
UPPER_SHARE, LOWER_SHARE = 560, 440
CARD_MARGIN_PX = 22

Arrangement = tuple[tuple[CardView, ...], ...]


class ViewDeck(QWidget):
    """Spreads three groups of views over one, two or three cards.

    Parameters
    ----------
    upper, lower, beside
        The views of each group, in the order of their tabs.

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
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._groups = [tuple(upper), tuple(lower), tuple(beside)]
        self._front: list[str] = [group[0].key for group in reversed(self._groups) if group]
        self._cards: list[TabCard] = []
        self._arrangement: Arrangement = ()
        self._shares = {"across": [LEFT_SHARE, RIGHT_SHARE], "down": [UPPER_SHARE, LOWER_SHARE]}
        self._left = QSplitter(Qt.Orientation.Vertical)
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._across = QSplitter(Qt.Orientation.Horizontal)
        for side, stretch in ((self._left, 3), (self._right, 2)):
            side.setChildrenCollapsible(False)
            self._across.addWidget(side)
            self._across.setStretchFactor(self._across.indexOf(side), stretch)
        self._across.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._across)
        self._arrange()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def cards(self) -> tuple[TabCard, ...]:
        """The cards on screen: upper left, lower left, right."""
        return tuple(self._cards)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all views."""
        return tuple(view.key for group in self._groups for view in group)

    def shown(self) -> tuple[str, ...]:
        """Return the keys of the views in front."""
        return tuple(card.shown for card in self._cards)

    def add_beside(self, views: Sequence[CardView]) -> None:
        """Put views into the column at the right, or at the end of the tabs."""
        self._groups[2] = (*self._groups[2], *views)
        self._front = [view.key for view in reversed(views)] + self._front
        self._arrange(anew=True)

    def show_view(self, key: str) -> bool:
        """Bring a view to the front of its card; tell whether there is one of that key."""
        for card in self._cards:
            if any(view.key == key for view in card.views):
                card.show_view(key)
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

    def _wanted(self) -> Arrangement:
        upper, lower, beside = self._groups
        was_wide, was_high = len(self._arrangement) > 1, len(self._arrangement) > 2
        if self.width() < px(WIDE_FROM) + (0 if was_wide else px(HYSTERESIS)):
            return ((*upper, *lower, *beside),)
        if self.height() < px(HIGH_FROM) + (0 if was_high else px(HYSTERESIS)):
            groups: Arrangement = ((*upper, *lower), beside)
        else:
            groups = (upper, lower, beside)
        return tuple(group for group in groups if group)

    def _arrange(self, *, anew: bool = False) -> None:
        wanted = self._wanted()
        if wanted == self._arrangement and not anew:
            return
        self._remember_shares()
        self._arrangement = wanted
        spare, self._cards = self._cards, []
        beside = self._groups[2]
        for group in wanted:
            card = TabCard()
            keys = {view.key for view in group}
            latest = [key for key in self._front if key in keys]
            card.set_views(group, latest[-1] if latest else group[0].key)
            card.set_flexible(True)
            card.shown_changed.connect(self._on_shown_changed)
            side = self._right if group is beside and len(wanted) > 1 else self._left
            side.addWidget(card)
            self._cards.append(card)
        for card in spare:
            card.hide()
            card.setParent(None)
            card.deleteLater()
        self._count_only_shown()
        # As wide as its widest view needs: the cards must not jump when another tab is chosen.
        needed = max((view.widget.minimumSizeHint().width() for view in beside), default=0)
        self._right.setMinimumWidth(needed + px(CARD_MARGIN_PX) if needed else 0)
        self._right.setVisible(self._right.count() > 0)
        self._share_room()
        self.shown_changed.emit()

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
