"""A column of cards beside a stage: views share cards as tabs where room is short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget
from typing_extensions import override

from playground.ui.cards import Card
from playground.ui.fonts import Weight, ui_font
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

Merge = Literal["first", "last"]

HEIGHTS = (430, 660)
HYSTERESIS = 24
TALLEST_LEAST = 180


@runtime_checkable
class SelfTitled(Protocol):
    """A view that writes its name itself when it has a card to itself."""

    def set_alone(self, alone: bool) -> None:
        """Show or hide the name: there are no tabs that say it, or there are."""


@dataclass(frozen=True, slots=True)
class CardView:
    """A view of the column: key in saved layouts, words on its tab, and the widget."""

    key: str
    title: str
    widget: QWidget


class _FrontStack(QStackedWidget):
    """Asks for the room of the view in front only: a tall one behind must not squeeze others."""

    @override
    def minimumSizeHint(self) -> QSize:
        front = self.currentWidget()
        hint = front.minimumSizeHint() if front is not None else QSize(0, 0)
        return QSize(hint.width(), min(hint.height(), px(TALLEST_LEAST)))


class TabCard(Card):
    """A card with one or several views, one of them shown."""

    shown_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", margin=10, parent=parent)
        self._flexible = True
        self._views: list[CardView] = []
        self._tabs = QTabBar()
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.setUsesScrollButtons(True)
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._stack = _FrontStack()
        self.add(self._tabs)
        self.add(self._stack, 1)
        self._tabs.currentChanged.connect(self._on_tab_chosen)
        self._style_tabs()
        theme().changed.connect(self._style_tabs)

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(320), px(200)) if self._flexible else super().sizeHint()

    def set_flexible(self, flexible: bool) -> None:
        """Let the card take whatever height is left, not what its content would like."""
        self._flexible = flexible
        vertical = QSizePolicy.Policy.Expanding if flexible else QSizePolicy.Policy.Preferred
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)

    @property
    def views(self) -> tuple[CardView, ...]:
        """The views on this card."""
        return tuple(self._views)

    @property
    def shown(self) -> str:
        """Key of the view in front."""
        index = self._tabs.currentIndex()
        return self._views[index].key if 0 <= index < len(self._views) else ""

    def set_views(self, views: Sequence[CardView], shown: str) -> None:
        """Put other views on the card and bring one of them to the front."""
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        for view in self._views:
            self._stack.removeWidget(view.widget)
        self._views = list(views)
        for view in views:
            self._tabs.addTab(view.title)
            self._stack.addWidget(view.widget)
        keys = [view.key for view in views]
        index = keys.index(shown) if shown in keys else 0
        # One view needs no tabs: it writes its name itself, beside its own tools.
        self._tabs.setVisible(len(views) > 1)
        for view in views:
            if isinstance(view.widget, SelfTitled):
                view.widget.set_alone(len(views) == 1)
        self._tabs.setCurrentIndex(index)
        self._stack.setCurrentIndex(index)
        self._tabs.blockSignals(False)

    def show_view(self, key: str) -> None:
        """Bring a view to the front."""
        for index, view in enumerate(self._views):
            if view.key == key:
                self._tabs.setCurrentIndex(index)

    def _on_tab_chosen(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self._stack.updateGeometry()
        self.shown_changed.emit()

    def _style_tabs(self) -> None:
        self._tabs.setFont(ui_font(px(12), Weight.Medium))


class CardColumn(QWidget):
    """Spreads views over one or several cards, as many as the height allows.

    Parameters
    ----------
    groups
        Which views share a card when there is room for all cards.
    heights
        From which height on there are two cards, three cards …
    merge
        Where there are fewer cards than groups, the ``"first"`` or the ``"last"`` groups share one.
    natural
        Which card is as high as its content; the others share the rest evenly.
    least_width
        Pixels at scale 1 below which the column cannot be made.

    Signals
    -------
    shown_changed()
        Another set of views is on screen.
    """

    shown_changed = Signal()

    def __init__(
        self,
        groups: Sequence[Sequence[CardView]],
        *,
        heights: Sequence[int] = HEIGHTS,
        merge: Merge = "first",
        natural: Merge = "last",
        least_width: int = 250,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._groups = tuple(tuple(group) for group in groups)
        self._heights = tuple(heights)
        self._merge: Merge = merge
        self._natural: Merge = natural
        self._least_width = least_width
        self._front: list[str] = [group[0].key for group in reversed(self._groups)]
        self._cards: list[TabCard] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._arrange(len(self._groups))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def cards(self) -> tuple[TabCard, ...]:
        """The cards on screen, from top to bottom."""
        return tuple(self._cards)

    def shown(self) -> tuple[str, ...]:
        """Return the keys of the views in front, from top to bottom."""
        return tuple(card.shown for card in self._cards)

    def show_view(self, key: str) -> bool:
        """Bring a view to the front of its card; tell whether there is one of that key."""
        for card in self._cards:
            if any(view.key == key for view in card.views):
                card.show_view(key)
                return True
        return False

    def save_state(self) -> list[str]:
        """Return which views were in front, the latest last."""
        return list(self._front)

    def restore_state(self, state: object) -> None:
        """Bring the views in front that were so before; ignores anything else."""
        keys = {view.key for group in self._groups for view in group}
        for key in state if isinstance(state, list) else ():
            if isinstance(key, str) and key in keys:
                self.show_view(key)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(self._least_width), px(200))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wanted = self._wanted_cards(self.height())
        if wanted != len(self._cards):
            self._arrange(wanted)

    def _wanted_cards(self, height: int) -> int:
        now = len(self._cards)
        wanted = 1
        for count, least in enumerate(self._heights, start=2):
            slack = px(HYSTERESIS) if now < count else 0
            if height >= px(least) + slack:
                wanted = count
        return min(wanted, len(self._groups))

    def _arrange(self, count: int) -> None:
        groups = _merged(self._groups, count, self._merge)
        for card in self._cards:
            self._column.removeWidget(card)
        spare = self._cards
        self._cards = [TabCard() for _ in groups]
        for index, (card, group) in enumerate(zip(self._cards, groups, strict=True)):
            latest = [key for key in self._front if key in {view.key for view in group}]
            card.set_views(group, latest[-1] if latest else group[0].key)
            card.shown_changed.connect(self._on_shown_changed)
            # One card is as high as its numbers need, the plots share the rest evenly.
            natural = len(groups) > 1 and index == (
                len(groups) - 1 if self._natural == "last" else 0
            )
            card.set_flexible(not natural)
            self._column.addWidget(card, 0 if natural else 1)
        for card in spare:
            card.hide()
            card.deleteLater()
        self.shown_changed.emit()

    def _on_shown_changed(self) -> None:
        card: Any = self.sender()
        if isinstance(card, TabCard) and card.shown:
            self._front = [key for key in self._front if key != card.shown] + [card.shown]
        self.shown_changed.emit()

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(12))


def _merged(
    groups: tuple[tuple[CardView, ...], ...], count: int, merge: Merge
) -> list[tuple[CardView, ...]]:
    together = len(groups) - count + 1
    if merge == "last":
        shared = tuple(view for group in groups[count - 1 :] for view in group)
        return [*groups[: count - 1], shared]
    shared = tuple(view for group in groups[:together] for view in group)
    return [shared, *groups[together:]]
