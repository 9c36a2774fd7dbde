"""The one timer of the window: 30 times a second it fetches what the training thread published.

The clock delivers every event, and the latest frame of the channel on stage; what is hidden or
minimised costs nothing. While frames pour in, a picture is made in two parts: first the view that
is watched, which keeps an even beat; when it is on the screen, what stands beside it and the words.
It also measures honestly how the window keeps up: the share of time spent in drawing includes Qt's
painting, and the interval between frames is taken where the painting of the watched view ends.
"""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from playground.engine.frames import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from playground.engine.frames import Event, Frame
    from playground.experiments.jobs import JobProgress
    from playground.ui.channel import ChannelClient

FRAME_INTERVAL_MS = 33
TEXT_INTERVAL_S = 0.25
EARLY_MS = 4
EARLY_S = 0.3
"""For so long after a command at rest the clock looks often for its answer."""
LATE_S = 0.0005
"""So much later than it could a timer fires on average: it knows whole milliseconds only."""
WINDOW_S = 1.0
REMEMBERED_INTERVALS = 2048


class FrameSource(Protocol):
    """What the clock asks of the runner."""

    def take_frame(self, channel: str) -> Frame | None:
        """Empty the mailbox of a channel."""

    def events(self) -> Sequence[Event]:
        """Empty the event log."""

    def job_progress(self) -> Mapping[int, JobProgress]:
        """Return how far the jobs are."""

    def meter(self) -> float:
        """Return the share of the last second that went into training."""

    def make_way(self, drawing: bool, next_in_s: float = ...) -> None:
        """Let the training rest while the window draws, or go on with it until the next time."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Percentiles of the time between painted frames while playing, in milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float
    longest: float


class FrameMeter:
    """Arithmetic of frames and drawing time; the clock is the caller's."""

    def __init__(self) -> None:
        """Start with nothing measured."""
        self._intervals: deque[float] = deque(maxlen=REMEMBERED_INTERVALS)
        self._ticks: deque[float] = deque(maxlen=REMEMBERED_INTERVALS)
        self._last_tick: float | None = None
        self._painted: deque[float] = deque()
        self._drawing: deque[tuple[float, float]] = deque()
        self._last_painted: float | None = None

    def note_drawing(self, start: float, end: float) -> None:
        """Count a stretch of time, in seconds, as drawing."""
        self._drawing.append((start, end))
        while self._drawing and self._drawing[0][1] < end - WINDOW_S:
            self._drawing.popleft()

    def note_tick(self, now: float) -> None:
        """Count a look of the window at what has happened, whether or not there is a new frame."""
        if self._last_tick is not None:
            self._ticks.append(now - self._last_tick)
        self._last_tick = now

    def note_frame(self, now: float, playing: bool) -> None:
        """Count a painted frame; only intervals within continuous play are remembered."""
        if self._last_painted is not None:
            self._intervals.append(now - self._last_painted)
        self._last_painted = now if playing else None
        self._painted.append(now)
        while self._painted[0] <= now - WINDOW_S:
            self._painted.popleft()

    def interrupt(self) -> None:
        """Forget the last frame: the pause that follows is no gap."""
        self._last_painted = None

    def clear(self) -> None:
        """Forget all intervals, before a measurement."""
        self._intervals.clear()
        self._ticks.clear()
        self._last_painted = None

    def frames_per_second(self, now: float) -> float:
        """Return how many frames were painted in the second before ``now``."""
        return float(sum(1 for at in self._painted if at > now - WINDOW_S)) / WINDOW_S

    def drawing_share(self, now: float) -> float:
        """Return the share of the second before ``now`` that went into drawing, 0…1."""
        since = now - WINDOW_S
        spent = sum(max(0.0, min(end, now) - max(start, since)) for start, end in self._drawing)
        return min(1.0, spent / WINDOW_S)

    def intervals(self) -> Intervals:
        """Return the percentiles of the remembered intervals; zeros when there are none."""
        return _percentiles(self._intervals)

    def ticks(self) -> Intervals:
        """Return the percentiles between the looks of the window: how soon it answers."""
        return _percentiles(self._ticks)


def _percentiles(intervals: Iterable[float]) -> Intervals:
    ordered = sorted(intervals)
    if not ordered:
        return Intervals(0, 0.0, 0.0, 0.0, 0.0)

    def at(share: float) -> float:
        return 1000.0 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Intervals(len(ordered), at(0.5), at(0.95), at(0.99), 1000.0 * ordered[-1])


class FrameClock(QObject):
    """Polls the runner at display rate and delivers to the channels, all on the GUI thread."""

    slow = Signal()
    """Four times a second: refresh texts."""

    def __init__(
        self,
        source: FrameSource,
        parent: QObject | None = None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Make a stopped clock."""
        super().__init__(parent)
        self.meter = FrameMeter()
        self._source = source
        self._now = now
        self._channels: dict[str, ChannelClient] = {}
        self._staged: ChannelClient | None = None
        self._showing = True
        self._last_slow = -TEXT_INTERVAL_S
        self._next_tick = -math.inf
        self._frame_to_paint: Frame | None = None
        self._beside: Frame | None = None
        self._words_wait = False
        self._on_foreign: Callable[[Event], object] | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_INTERVAL_MS)
        self._timer.timeout.connect(self.tick)
        self._early = QTimer(self)
        self._early.setTimerType(Qt.TimerType.PreciseTimer)
        self._early.setInterval(EARLY_MS)
        self._early.timeout.connect(self._look_early)
        self._early_until = -math.inf
        # After painting, what a scene of graphics still has to paint comes before this.
        self._painted = QTimer(self)
        self._painted.setSingleShot(True)
        self._painted.setInterval(0)
        self._painted.timeout.connect(self._after_paint)

    @property
    def running(self) -> bool:
        """Tell whether the timer runs."""
        return self._timer.isActive()

    def start(self) -> None:
        """Begin polling."""
        self._timer.start()

    def stop(self) -> None:
        """Stop polling; what the thread publishes from now on stays there."""
        self._timer.stop()
        self._early.stop()
        self._painted.stop()
        self._source.make_way(False)

    def add(self, channel: ChannelClient) -> None:
        """Deliver the events of a channel from now on."""
        self._channels[channel.name] = channel

    def stage(self, channel: ChannelClient | None) -> None:
        """Take the frames of this channel from now on, and of no other."""
        self._staged = channel
        self._beside = None
        self.meter.interrupt()

    def set_showing(self, showing: bool) -> None:
        """Say whether the window can be seen; while it cannot, no frame is taken."""
        self._showing = showing
        self.meter.interrupt()

    def on_general_event(self, receive: Callable[[Event], object]) -> None:
        """Give events that belong to no known channel to ``receive``."""
        self._on_foreign = receive

    def expect_answer(self) -> None:
        """Look for the next frame sooner than the beat says: something was asked of a run at rest.

        A run that plays keeps the beat.
        """
        staged = self._staged
        if self.running and staged is not None and staged.phase is not Phase.PLAYING:
            self._early_until = self._now() + EARLY_S
            self._early.start()

    def training_share(self) -> float:
        """Return the share of the last second that the training thread spent in training."""
        return self._source.meter()

    def tick(self) -> None:
        """Fetch and deliver once."""
        started = self._now()
        self.meter.note_tick(started)
        self._expect_next(started)
        self._source.make_way(True)
        self._fetch(started)
        if self._frame_to_paint is None:
            self._go_on()
        self.meter.note_drawing(started, self._now())

    def _look_early(self) -> None:
        """Fetch between two beats, until there is an answer or none seems to come."""
        started = self._now()
        staged = self._staged
        over = started > self._early_until or staged is None or staged.phase is Phase.PLAYING
        if over or self._fetch(started):
            self._early.stop()
            self.meter.note_drawing(started, self._now())

    def _fetch(self, started: float) -> bool:
        """Deliver what has happened, and tell whether there was a frame to be drawn."""
        staged = self._staged if self._showing else None
        words_due = started - self._last_slow >= TEXT_INTERVAL_S
        # The frame first: the events taken after it then tell everything that led up to it.
        frame = self._source.take_frame(staged.name) if staged is not None else None
        for event in self._source.events():
            self._deliver(event)
        self._deliver_progress()
        if frame is not None and staged is not None and staged.deliver_frame(frame):
            self._frame_to_paint = frame
            self._beside = frame
            # Comes after the painting, and also where there is nothing to be painted.
            self._painted.start()
        if self._beside is not None and self._beside.transport.pours:
            self._words_wait = words_due
        else:
            self._deliver_beside()
            self._refresh_words(due=words_due)
        return frame is not None

    def note_paint(self, started: float, ended: float) -> None:
        """Take the time that Qt needed to paint the window (called by the window)."""
        self._painted.start()
        self.meter.note_drawing(started, ended)
        self._note_shown(ended)

    def _note_shown(self, now: float) -> None:
        frame, self._frame_to_paint = self._frame_to_paint, None
        if frame is not None:
            self.meter.note_frame(now, frame.transport.phase is Phase.PLAYING)

    def _after_paint(self) -> None:
        """Draw the second part of a picture, or go on where nothing is left to be drawn.

        Of a frame that looks like the one before, nothing has been painted: it is on the screen.
        """
        self._note_shown(self._now())
        if self._beside is None and not self._words_wait:
            self._go_on()
            return
        started = self._now()
        # Words come first, so that a pane may leave something of the picture for the next one.
        self._refresh_words(due=self._words_wait)
        self._deliver_beside()
        self._painted.start()
        self.meter.note_drawing(started, self._now())

    def _refresh_words(self, *, due: bool) -> None:
        self._words_wait = False
        if due:
            self._last_slow = self._now()
            self.slow.emit()

    def _deliver_beside(self) -> None:
        frame, self._beside = self._beside, None
        if frame is not None and self._staged is not None:
            self._staged.deliver_beside(frame)

    def _go_on(self) -> None:
        self._source.make_way(False, self._next_tick + LATE_S - self._now())

    def _expect_next(self, started: float) -> None:
        """Foretell the next tick: the timer keeps its beat, and what was late catches up."""
        due = min(started, self._next_tick)
        if started - due > FRAME_INTERVAL_MS / 1000:
            due = started
        self._next_tick = due + FRAME_INTERVAL_MS / 1000

    def _deliver(self, event: Event) -> None:
        channel = self._channels.get(event.channel)
        if channel is not None:
            channel.deliver_event(event)
        elif self._on_foreign is not None:
            self._on_foreign(event)

    def _deliver_progress(self) -> None:
        progress = self._source.job_progress()
        if progress:
            for channel in self._channels.values():
                channel.deliver_progress(progress)
