"""The scene: a moment of an episode drawn crisp at any size, with what matters written on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.environments.headlight_car import HeadlightScene
from playground.environments.lander import LanderScene
from playground.panes.agents.action_bars import MOST_ROWS, paint_action_bars, spread_of
from playground.panes.agents.car_painter import CarPainter
from playground.panes.agents.films import end_icon, end_token, end_words, return_text
from playground.panes.agents.lander_painter import LanderPainter
from playground.panes.agents.plain_painter import PlainPainter
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.icons import icon_pixmap
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QFocusEvent, QMouseEvent, QPaintEvent

    from playground.environments.episodes import Episode
    from playground.panes.agents.films import Film

RADIUS_PX = 8
BARS_WIDTH_PX = 240
BARS_FROM_PX = 430
WORDS_PX = 68
BAR_PX = 19
FLYING_KEYS = frozenset(
    {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape}
    | {Qt.Key(Qt.Key.Key_0 + digit) for digit in range(10)}
)


class ScenePainter(Protocol):
    """Paints the scene of one episode."""

    def paint_still(self, painter: QPainter, room: QRectF) -> None:
        """Paint what is the same in all frames."""

    def paint_moving(self, painter: QPainter, room: QRectF, frame: int) -> None:
        """Paint one frame."""

    def paint_ghost(self, painter: QPainter, room: QRectF, frame: int, strength: float) -> None:
        """Paint one frame of another episode faintly."""

    def panel(self, room: QRectF) -> QRectF | None:
        """Return where words do not cover the picture; None where there is no such place."""


def _rounded(room: QRectF) -> QPainterPath:
    shape = QPainterPath()
    shape.addRoundedRect(room, px(RADIUS_PX), px(RADIUS_PX))
    return shape


def painter_of(episode: Episode) -> ScenePainter:
    """Return who can paint an episode."""
    if isinstance(episode.scene, LanderScene):
        return LanderPainter(episode.scene)
    if isinstance(episode.scene, HeadlightScene):
        return CarPainter(episode.scene)
    return PlainPainter(episode)


class SceneCanvas(QWidget):
    """Shows a frame of a film.

    Signals
    -------
    key_changed(int, bool)
        While flying by hand: a key went down or up.
    pressed()
        A click into the picture.
    """

    key_changed = Signal(int, bool)
    pressed = Signal()

    def __init__(self, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._film: Film | None = None
        self._frame = 0
        self._painter: ScenePainter | None = None
        self._ghosts: list[tuple[ScenePainter, float]] = []
        self._still: QPixmap | None = None
        self._still_of: tuple[object, ...] = ()
        self._empty = empty
        self._caption = ""
        self._note = ""
        self._with_bars = True
        self._flying = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        # It paints all of itself, corners too, so that nothing behind it is painted every time.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme().changed.connect(self._on_theme_changed)

    @property
    def film(self) -> Film | None:
        """What is shown."""
        return self._film

    @property
    def frame(self) -> int:
        """The frame on screen."""
        return self._frame

    @property
    def flying(self) -> bool:
        """Whether the arrow keys steer."""
        return self._flying

    def set_film(self, film: Film | None, frame: int = 0) -> None:
        """Show another film."""
        if film is None:
            self._painter = None
        elif self._film is None or self._film.episode is not film.episode:
            self._painter = painter_of(film.episode)
        ghosts = film.ghosts if film is not None else ()
        count = max(len(ghosts), 1)
        self._ghosts = [
            (painter_of(ghost.episode), (place + 1) / count) for place, ghost in enumerate(ghosts)
        ]
        self._film = film
        self._frame = min(frame, film.last) if film is not None else 0
        self._say()
        self.update()

    def set_frame(self, frame: int) -> None:
        """Show another frame."""
        if self._film is not None and frame != self._frame:
            self._frame = min(frame, self._film.last)
            self.update()

    def set_empty(self, sentence: str) -> None:
        """Say what stands here while there is no film."""
        self._empty = sentence
        self.update()

    def set_caption(self, caption: str) -> None:
        """Write something other than the film's title, such as “you”; empty for the title."""
        self._caption = caption
        self.update()

    def set_note(self, note: str) -> None:
        """Write a line at the bottom, such as which keys do what."""
        if note != self._note:
            self._note = note
            self.update()

    def set_with_bars(self, with_bars: bool) -> None:
        """Draw the bars of the actions into the picture, where no card shows them."""
        if with_bars != self._with_bars:
            self._with_bars = with_bars
            self.update()

    def set_flying(self, flying: bool) -> None:
        """Let the arrow keys steer instead of moving the transport."""
        self._flying = flying
        if flying:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(520), px(340))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), px(150))

    @override
    def event(self, event: QEvent) -> bool:
        if (
            self._flying
            and event.type() == event.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in FLYING_KEYS
        ):
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._flying and event.key() in FLYING_KEYS:
            if not event.isAutoRepeat():
                self.key_changed.emit(event.key(), True)
            return
        super().keyPressEvent(event)

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self._flying and event.key() in FLYING_KEYS:
            if not event.isAutoRepeat():
                self.key_changed.emit(event.key(), False)
            return
        super().keyReleaseEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        for key in FLYING_KEYS - {Qt.Key.Key_Escape}:
            self.key_changed.emit(int(key), False)
        super().focusOutEvent(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.pressed.emit()
        super().mousePressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect())
        if self._film is None or self._painter is None:
            painter.fillRect(room, qcolor("raised"))
            painter.setClipPath(_rounded(room))
            painter.fillRect(room, qcolor("bg"))
            painter.setPen(qcolor("muted"))
            painter.setFont(ui_font(px(13)))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room.adjusted(px(24), 0, -px(24), 0), flags, self._empty)
            return
        # Only the ground is cut to round corners: within a path everything is painted slowly.
        painter.drawPixmap(QPoint(0, 0), self._still_picture(room))
        painter.setClipRect(room)
        for ghost, strength in self._ghosts:
            ghost.paint_ghost(painter, room, self._frame, strength)
        self._painter.paint_moving(painter, room, self._frame)
        panel = self._painter.panel(room)
        beneath: QRectF | None = None
        narrow = panel is not None and panel.width() < px(BARS_WIDTH_PX)
        bars = self._with_bars and room.width() >= px(BARS_FROM_PX) and not narrow
        if panel is not None:
            self._paint_words(painter, panel, self._film)
            box = panel.adjusted(0, px(WORDS_PX), 0, 0)
        else:
            inner = room.adjusted(px(12), px(10), -px(12), -px(8))
            beside = px(BARS_WIDTH_PX) if bars else 0
            words = inner.adjusted(0, 0, -beside, 0)
            self._paint_words(painter, words, self._film)
            # At the foot a note would cover where a flight has just ended.
            beneath = None if self._flying else words.adjusted(px(8), px(WORDS_PX), -px(8), 0)
            box = room.adjusted(room.width() - px(BARS_WIDTH_PX + 10), px(10), 0, 0)
        needed = px(BAR_PX) * min(len(self._film.episode.options.action_names), MOST_ROWS)
        if bars and box.height() >= needed:
            box.setWidth(px(BARS_WIDTH_PX))
            self._paint_bars(painter, box, self._film)
        self._paint_note(painter, room, beneath)

    def _still_picture(self, room: QRectF) -> QPixmap:
        ratio = self.devicePixelRatioF()
        key = (self._painter, room.width(), room.height(), ratio, theme().tokens, theme().scale)
        if self._still is None or key != self._still_of:
            self._still = QPixmap(self.size() * ratio)
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(qcolor("raised"))
            painter = QPainter(self._still)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipPath(_rounded(room))
            painter.fillRect(room, qcolor("bg"))
            if self._painter is not None:
                self._painter.paint_still(painter, room)
            painter.end()
            self._still_of = key
        return self._still

    def _paint_words(self, painter: QPainter, box: QRectF, film: Film) -> None:
        painter.setFont(ui_font(px(13), Weight.DemiBold))
        painter.setPen(qcolor("accent" if self._flying else "text"))
        title = self._caption or film.title
        metrics = painter.fontMetrics()
        title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, int(box.width()))
        row = QRectF(box.left(), box.top(), box.width(), px(18))
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(number_font(px(12)))
        painter.setPen(qcolor("muted"))
        total = return_text(film.total_at(self._frame))
        words = f"return {total}   step {self._frame:,} of {film.last:,}"
        painter.drawText(row.translated(0, px(20)), Qt.AlignmentFlag.AlignVCenter, words)
        if self._frame >= film.last and film.episode.end:
            self._paint_end(painter, box.left(), box.top() + px(42), film.episode.end)

    def _paint_note(self, painter: QPainter, room: QRectF, box: QRectF | None) -> None:
        """Write the note at the top of a box, or where there is none at the foot of the picture."""
        if not self._note:
            return
        painter.setFont(ui_font(px(12)))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        inner = room.adjusted(px(16), 0, -px(16), 0) if box is None else box
        needed = QRectF(painter.fontMetrics().boundingRect(inner.toRect(), flags, self._note))
        if box is None:
            needed.moveBottomLeft(QPointF(inner.left(), room.bottom() - px(12)))
        else:
            needed.moveTopLeft(inner.topLeft())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("raised", 0.88))
        painter.drawRoundedRect(needed.adjusted(-px(8), -px(5), px(8), px(5)), px(6), px(6))
        painter.setPen(qcolor("text"))
        painter.drawText(needed, flags, self._note)

    def _paint_end(self, painter: QPainter, left: float, top: float, end: str) -> None:
        token = end_token(end)
        size = px(18)
        picture = icon_pixmap(end_icon(end), size, token, self.devicePixelRatioF())
        painter.drawPixmap(round(left), round(top), picture)
        painter.setFont(ui_font(px(14), Weight.DemiBold))
        painter.setPen(qcolor(token))
        box = QRectF(left + size + px(6), top, px(220), size)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, end_words(end))

    def _paint_bars(self, painter: QPainter, room: QRectF, film: Film) -> None:
        judged = film.judgement
        if judged is None or self._frame >= len(judged.probabilities):
            return
        names = film.episode.options.action_names
        q = judged.action_values
        values = judged.probabilities[self._frame] if q is None else q[self._frame]
        box = QRectF(room.topLeft(), room.size())
        box.setHeight(px(BAR_PX) * min(len(names), MOST_ROWS))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("bg", 0.72))
        painter.drawRoundedRect(box.adjusted(-px(6), -px(4), px(4), px(4)), px(6), px(6))
        span = (0.0, 1.0) if q is None else spread_of(q)
        chosen = film.action_at(self._frame)
        paint_action_bars(painter, box, names, values, chosen, span, q is None)

    def _say(self) -> None:
        film = self._film
        self.setAccessibleName(
            f"{film.title}: {end_words(film.episode.end)}, return {return_text(film.episode.total)}"
            if film is not None
            else self._empty
        )

    def _on_theme_changed(self) -> None:
        self._still = None
        self.updateGeometry()
        self.update()
