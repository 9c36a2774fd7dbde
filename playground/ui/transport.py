"""The transport: the same bar under every pane, which moves a run through its time.

It shows what the frames say and tells what a person wants; it never fights the hand that drags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.engine.frames import Phase
from playground.ui.actions import described
from playground.ui.controls import IconButton, SeedField
from playground.ui.fonts import number_font
from playground.ui.icons import icon_pixmap, themed_icon
from playground.ui.speed_control import SpeedControl
from playground.ui.status_meter import Spinner, StatusMeter
from playground.ui.theme import TEXT_PX, px, qcolor, theme
from playground.ui.timeline_bar import TimelineBar

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from playground.engine.frames import Frame
    from playground.ui.actions import ActionSet

HEIGHT = 64
PLAY_SIDE = 44
TIMELINE_MIN = 200
POSITION_SAMPLE = "step 10,000"
POSITION_LIMIT = "epoch 1,000 · sample 100,000 of 100,000"
WORDS: dict[Phase, str] = {
    Phase.LOADING: "Waiting for torch; the run starts by itself when it is loaded",
    Phase.PAUSED: "Play",
    Phase.PLAYING: "Pause",
    Phase.SEEKING: "Play from here",
    Phase.ENDED: "The run has ended; reset it or go back and play on",
    Phase.FAILED: "The run failed; reset it to go on",
}


class PlayButton(QAbstractButton):
    """The one loud button: play, pause, or a spinner while torch is awaited."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the button of a paused run."""
        super().__init__(parent)
        self._phase = Phase.PAUSED
        self._spinner = Spinner(22, "on_accent", self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._show_words()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_phase(self, phase: Phase) -> None:
        """Show what a press would do now."""
        if phase is self._phase:
            return
        self._phase = phase
        self._spinner.setVisible(phase is Phase.LOADING)
        self._show_words()
        self.update()

    @property
    def phase(self) -> Phase:
        """The phase shown."""
        return self._phase

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(PLAY_SIDE), px(PLAY_SIDE))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        over = self._phase in (Phase.ENDED, Phase.FAILED)
        fill = qcolor("control" if over else "accent")
        if self.isDown():
            fill = fill.darker(115)
        elif self.underMouse():
            fill = fill.lighter(108)
        box = self.rect().adjusted(2, 2, -2, -2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, px(12), px(12))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme().pen("text", 1.5))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), px(13), px(13))
        painter.setBrush(qcolor("text" if over else "on_accent"))
        painter.setPen(Qt.PenStyle.NoPen)
        if self._phase is Phase.PLAYING:
            self._paint_bars(painter)
        elif self._phase is Phase.FAILED:
            side = px(22)
            picture = icon_pixmap("triangle-alert", side, "text", self.devicePixelRatioF())
            painter.drawPixmap((self.width() - side) // 2, (self.height() - side) // 2, picture)
        elif self._phase is not Phase.LOADING:
            self._paint_triangle(painter)
        painter.end()

    def _paint_bars(self, painter: QPainter) -> None:
        centre, height, width = QRectF(self.rect()).center(), px(16), px(5)
        for left in (centre.x() - px(7), centre.x() + px(2)):
            bar = QRectF(left, centre.y() - height / 2, width, height)
            painter.drawRoundedRect(bar, px(1.5), px(1.5))

    def _paint_triangle(self, painter: QPainter) -> None:
        centre, reach = QRectF(self.rect()).center(), px(8)
        shape = QPainterPath(QPointF(centre.x() - reach * 0.72, centre.y() - reach))
        shape.lineTo(centre.x() + reach, centre.y())
        shape.lineTo(centre.x() - reach * 0.72, centre.y() + reach)
        shape.closeSubpath()
        pen = QPen(painter.brush().color(), px(2.5))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPath(shape)

    def _show_words(self) -> None:
        words = WORDS[self._phase]
        self.setToolTip(f"{words} (Space)")
        self.setAccessibleName(words)

    def _on_theme_changed(self) -> None:
        self.setFixedSize(self.sizeHint())
        self._spinner.move(
            (self.width() - self._spinner.width()) // 2,
            (self.height() - self._spinner.height()) // 2,
        )


class ReadOut(QWidget):
    """One line of changing text, painted directly: it grows in leaps, so that nothing trembles."""

    def __init__(self, sample: str, limit: str, parent: QWidget | None = None) -> None:
        """Make a line wide enough for ``sample``; it may grow to the width of ``limit``."""
        super().__init__(parent)
        self._sample = sample
        self._limit = limit
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def text(self) -> str:
        """The words shown."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show other words."""
        if text != self._text:
            self._text = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            needed = QFontMetrics(number_font(px(TEXT_PX))).horizontalAdvance(text)
            if self.width() < needed and self.width() < self.maximum_width():
                self.setFixedWidth(min(needed + px(12), self.maximum_width()))
            self.update()

    def maximum_width(self) -> int:
        """Return the width in pixels beyond which words are elided."""
        return QFontMetrics(number_font(px(TEXT_PX))).horizontalAdvance(self._limit)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(number_font(px(TEXT_PX)))
        painter.setPen(qcolor("text"))
        words = painter.fontMetrics().elidedText(
            self._text, Qt.TextElideMode.ElideMiddle, self.width()
        )
        painter.drawText(
            self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words
        )
        painter.end()

    def _on_theme_changed(self) -> None:
        metrics = QFontMetrics(number_font(px(TEXT_PX)))
        self.setFixedSize(metrics.horizontalAdvance(self._sample), metrics.height() + px(4))


class Transport(QWidget):
    """Buttons, speed, timeline, position, seed, runs and status in one row, or two when narrow."""

    speed_edited = Signal(float)
    sought = Signal(int)
    seed_edited = Signal(object)
    seed_rejected = Signal(str)

    def __init__(self, actions: ActionSet, parent: QWidget | None = None) -> None:
        """Build the bar; its buttons trigger the actions of the window."""
        super().__init__(parent)
        self.setObjectName("transport")
        self.setAutoFillBackground(True)
        self._actions = actions
        self._level = -1
        self.play_button = PlayButton()
        self.play_button.clicked.connect(actions["run.play"].trigger)
        self.speed = SpeedControl()
        self.timeline = TimelineBar()
        self.position = ReadOut(POSITION_SAMPLE, POSITION_LIMIT)
        self.seed = SeedField(value=0)
        self.status = StatusMeter()
        self._seed_label = QLabel("Seed")
        self._seed_label.setProperty("role", "muted")
        self.runs_button = self._button("run.list")
        self.runs_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.runs_button.setText(_runs_text(1))
        self._buttons = QWidget()
        row = self._buttons_row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        for name in ("run.reset", "run.step_back"):
            row.addWidget(self._button(name))
        row.addWidget(self.play_button)
        for name in ("run.step", "run.mark"):
            row.addWidget(self._button(name))
        self.speed.edited.connect(self.speed_edited)
        self.timeline.sought.connect(self.sought)
        self.seed.edited.connect(self.seed_edited)
        self.seed.rejected.connect(self.seed_rejected)
        self._column = QVBoxLayout(self)
        self._upper = QHBoxLayout()
        self._lower = QHBoxLayout()
        self._column.addLayout(self._upper)
        self._column.addLayout(self._lower)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_frame(self, frame: Frame) -> None:
        """Follow a frame; texts wait for :meth:`show_texts` while the run plays."""
        transport = frame.transport
        changed = transport.phase is not self.play_button.phase
        self.play_button.set_phase(transport.phase)
        self.speed.set_speed(transport.wanted_speed)
        self.timeline.set_position(
            transport.step,
            transport.frontier,
            transport.marks,
            transport.step_noun,
            transport.seek_progress,
        )
        if changed or transport.phase is not Phase.PLAYING:
            self.show_texts(frame)

    def show_texts(self, frame: Frame) -> None:
        """Refresh the words; called four times a second while the run plays."""
        transport = frame.transport
        before = self.position.width()
        self.position.set_text(
            frame.snapshot.position or f"{transport.step_noun} {transport.step:,}"
        )
        if self.position.width() != before:
            self._arrange()
        if not self.seed.is_in_use():
            self.seed.set_value(frame.seed)
        words = _runs_text(len(frame.runs))
        if self.runs_button.text() != words:
            self.runs_button.setText(words)
        self._actions["run.step"].setText(f"One {transport.step_noun} forward")
        self._actions["run.step_back"].setText(f"One {transport.step_noun} back")

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), qcolor("panel"))
        painter.fillRect(0, 0, self.width(), 1, qcolor("line"))
        painter.end()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    @override
    def minimumSizeHint(self) -> QSize:
        # Narrower than everything in one row is fine: see _arrange.
        return QSize(px(320), self.sizeHint().height())

    def _arrange(self) -> None:
        """Fit the width: leave words out, give the timeline its own row, leave read-outs out."""
        words = (self._seed_label, self.speed.label)
        # In the order in which they go where room is scarce.
        extras: tuple[QWidget, ...] = (self.status, self.position, self.seed)
        spoken = sum(word.sizeHint().width() + px(12) for word in words)
        rest = self._width_of((self._buttons, self.speed, self.runs_button, *extras))
        if not self.speed.label.isHidden():
            rest -= self.speed.label.sizeHint().width() + px(8)
        widths = [rest + spoken + px(TIMELINE_MIN), rest + px(TIMELINE_MIN), rest]
        for extra in extras[:-1]:
            widths.append(widths[-1] - self._width_of((extra,)) + px(24))
        level = sum(self.width() < width for width in widths)
        if level == self._level:
            return
        self._level = level
        for word in words:
            word.setVisible(level == 0)
        for place, extra in enumerate(extras):
            extra.setVisible(level < 3 + place)
        self._fill_rows(two_rows=level >= 2)

    def _fill_rows(self, *, two_rows: bool) -> None:
        for layout in (self._upper, self._lower):
            while layout.count():
                layout.takeAt(0)
        row = self._lower
        row.addWidget(self._buttons)
        row.addWidget(self.speed)
        if two_rows:
            self._upper.addWidget(self.timeline, 1)
            row.addStretch(1)
        else:
            row.addWidget(self.timeline, 1)
        for part in (
            self.position,
            self._seed_label,
            self.seed,
            self.runs_button,
            self.status,
        ):
            row.addWidget(part)
        self.setFixedHeight(px(HEIGHT) + (px(26) if two_rows else 0))

    def _width_of(self, parts: tuple[QWidget, ...]) -> int:
        widths = [max(part.sizeHint().width(), part.minimumWidth()) for part in parts]
        # One gap more than there are: scaled lengths are rounded one by one.
        return sum(widths) + px(12) * (len(parts) + 3)

    def _button(self, action_id: str) -> QToolButton:
        spec = next(spec for spec in self._actions.specs if spec.id == action_id)
        button = IconButton(spec.icon, described(spec), size=20)
        themed_icon(button, spec.icon)
        button.clicked.connect(self._actions[action_id].trigger)
        return button

    def _on_theme_changed(self) -> None:
        self._column.setContentsMargins(px(12), px(2), px(12), 0)
        self._column.setSpacing(0)
        self._upper.setSpacing(px(12))
        self._lower.setSpacing(px(12))
        self._buttons_row.setSpacing(px(4))
        self.seed.setFixedWidth(px(96))
        self._level = -1
        self._arrange()
        self.update()


def _runs_text(count: int) -> str:
    # The space keeps the words off the icon, which a style sheet cannot.
    return " 1 run" if count <= 1 else f" {count} runs"
