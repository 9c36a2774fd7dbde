"""One block of the network as a button: what it does above, what leaves it below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget
from typing_extensions import override

from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

TITLE_PX, DETAIL_PX, FACT_PX = 12, 11, 11
BODY_PX, FACT_ROW_PX, STRIPE_PX = 40, 15, 3
SIDE_PX = 5
NARROWEST_PX = 54
WIDEST_SHARE = 1.5
OWN_KEYS: Final = frozenset(
    {
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Delete,
        Qt.Key.Key_Backspace,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
    }
)
COLOURS: Final[dict[str, str]] = {
    "input": "muted",
    "conv": "lane:1",
    "activation": "lane:0",
    "pool": "lane:2",
    "dropout": "lane:6",
    "norm": "lane:3",
    "linear": "lane:4",
}
"""Token of each kind of block; the words on the tile say the same."""


@dataclass(frozen=True, slots=True)
class BlockWords:
    """What is written on and under a tile.

    Parameters
    ----------
    kind
        Key of the colour.
    title, detail
        Such as ``"conv 3×3"`` and ``"8 filters"``.
    facts
        Lines below the block: output shape, parameters, receptive field.
    tip
        The whole story for the tooltip.
    """

    kind: str
    title: str
    detail: str
    facts: tuple[str, ...]
    tip: str


class BlockTile(QAbstractButton):
    """A block; a click opens it, a drag moves it.

    Signals
    -------
    dragged(QPoint), dropped(QPoint)
        It is being dragged, or was let go, over a point of the screen.
    key_used(int, int)
        A key with its modifiers, which the row understands; as numbers.
    """

    dragged = Signal(QPoint)
    dropped = Signal(QPoint)
    key_used = Signal(int, int)

    def __init__(
        self, words: BlockWords, *, movable: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.words = words
        self.movable = movable
        self._bad = False
        self._pressed_at: QPoint | None = None
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.set_words(words)
        theme().changed.connect(self._on_theme_changed)

    def set_words(self, words: BlockWords) -> None:
        """Say something else."""
        self.words = words
        self.setToolTip(words.tip)
        self.setAccessibleName(" ".join((words.title, words.detail)).strip())
        self.setAccessibleDescription(", ".join(words.facts))
        self._limit_width()
        self.update()

    def set_bad(self, bad: bool) -> None:
        """Mark the block that a sentence is about."""
        if bad != self._bad:
            self._bad = bad
            self.update()

    @property
    def is_bad(self) -> bool:
        """Whether it is marked."""
        return self._bad

    @override
    def sizeHint(self) -> QSize:
        title = QFontMetrics(ui_font(px(TITLE_PX), Weight.Medium))
        detail = QFontMetrics(ui_font(px(DETAIL_PX)))
        fact = QFontMetrics(number_font(px(FACT_PX)))
        widest = max(
            title.horizontalAdvance(self.words.title),
            detail.horizontalAdvance(self.words.detail),
            *(fact.horizontalAdvance(line) for line in self.words.facts),
        )
        width = max(px(NARROWEST_PX), widest + 2 * px(SIDE_PX))
        return QSize(width, px(BODY_PX) + px(4) + px(FACT_ROW_PX) * len(self.words.facts))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(0.75, 0.75, self.width() - 1.5, px(BODY_PX) - 1.5)
        edge = "bad" if self._bad else "accent" if self.hasFocus() else "line"
        painter.setPen(QPen(qcolor(edge), 2.0 if edge != "line" else 1.0))
        painter.setBrush(qcolor("hover" if self.underMouse() and self.movable else "raised"))
        painter.drawRoundedRect(body, px(6), px(6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(COLOURS.get(self.words.kind, "muted")))
        stripe = QRectF(
            px(6), body.bottom() - px(STRIPE_PX) - 1, self.width() - px(12), px(STRIPE_PX)
        )
        painter.drawRoundedRect(stripe, px(STRIPE_PX) / 2, px(STRIPE_PX) / 2)
        self._paint_words(painter)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        start = self._pressed_at
        if start is not None and self.movable:
            far = (event.position().toPoint() - start).manhattanLength()
            if self._dragging or far >= QApplication.startDragDistance():
                self._dragging = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.dragged.emit(event.globalPosition().toPoint())
                return
        super().mouseMoveEvent(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragging, self._dragging, self._pressed_at = self._dragging, False, None
        if dragging:
            self.setDown(False)
            self.unsetCursor()
            self.dropped.emit(event.globalPosition().toPoint())
            return
        super().mouseReleaseEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        # While a block has the focus, ← and → go along the row, not along the run.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in OWN_KEYS
        ):
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in OWN_KEYS:
            modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            self.key_used.emit(int(event.key()), modifiers.value)
            event.accept()
            return
        super().keyPressEvent(event)

    def _paint_words(self, painter: QPainter) -> None:
        centre = Qt.AlignmentFlag.AlignCenter
        words = self.words
        title_high = px(18)
        top = px(4) if words.detail else px(9)
        painter.setPen(qcolor("text"))
        painter.setFont(ui_font(px(TITLE_PX), Weight.Medium))
        painter.drawText(QRectF(0, top, self.width(), title_high), centre, words.title)
        painter.setPen(qcolor("muted"))
        painter.setFont(ui_font(px(DETAIL_PX)))
        painter.drawText(QRectF(0, top + px(15), self.width(), px(15)), centre, words.detail)
        painter.setFont(number_font(px(FACT_PX)))
        y = px(BODY_PX) + px(4)
        for place, line in enumerate(words.facts):
            painter.setPen(qcolor("text" if place == 0 else "muted"))
            painter.drawText(QRectF(0, y, self.width(), px(FACT_ROW_PX)), centre, line)
            y += px(FACT_ROW_PX)

    def _limit_width(self) -> None:
        # A short network fills more of the row, but its blocks stay blocks.
        hint = self.sizeHint().width()
        self.setMinimumWidth(hint)
        self.setMaximumWidth(round(WIDEST_SHARE * hint))
        self.updateGeometry()

    def _on_theme_changed(self) -> None:
        self._limit_width()
        self.update()
