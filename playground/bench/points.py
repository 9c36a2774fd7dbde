"""Dragging one of 100,000 points with the mouse: how often the window is painted meanwhile."""

from __future__ import annotations

import math
import time
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from playground.bench.figures import Figure
from playground.bench.window import NotAnswered, UnattendedWindow
from playground.bench.workloads import perceptron_on
from playground.engine.frames import EditApplied
from playground.panes.perceptron.pane import PerceptronPane

if TYPE_CHECKING:
    from playground.bench.figures import Effort
    from playground.engine.frames import Event

POINTS = 100_000
FRAMES_PER_SECOND = 30.0
MOUSE_INTERVAL_MS = 8
"""A usual mouse reports 125 times a second."""
RADIUS_PX = 90
ROUND_S = 1.5


def measure(effort: Effort, points: int = POINTS) -> list[Figure]:
    """Return the paintings per second while a point is dragged round in circles, and the gaps.

    What the training thread has carried out is counted too: a window that painted without the
    edits would be fast and wrong.
    """
    edits: list[Event] = []
    painted: list[float] = []
    with UnattendedWindow() as session:
        session.load_libraries()
        session.stage("perceptron")
        session.open(perceptron_on(points))
        session.channel.happened.connect(
            lambda event: edits.append(event) if isinstance(event, EditApplied) else None
        )
        drag = Drag(session)
        session.wait(0.5)
        drag.begin()
        session.wait(0.3)
        edits.clear()
        session.window.painted = lambda _frame, ended: painted.append(ended)
        started = time.perf_counter()
        session.wait(effort.pacing_s / 2)
        seconds = time.perf_counter() - started
        session.window.painted = None
        drag.end()
        carried_out = len(edits)
    gaps = sorted(1000.0 * (b - a) for a, b in pairwise(painted))
    if not gaps:
        raise NotAnswered("The window was not painted while a point was dragged.")
    name = f"dragging one of {points:,} points"
    return [
        Figure(
            f"{name}: paintings",
            len(painted) / seconds,
            "frames/s",
            FRAMES_PER_SECOND,
            at_least=True,
            note=f"in {seconds:.1f} s",
        ),
        Figure(f"{name}: p99 between paintings", gaps[int(0.99 * len(gaps))], "ms"),
        Figure(f"{name}: longest between paintings", gaps[-1], "ms"),
        Figure(f"{name}: moves carried out by the run", carried_out / seconds, "edits/s"),
    ]


class Drag:
    """A mouse that takes hold of a point of the plane and circles around its place."""

    def __init__(self, session: UnattendedWindow) -> None:
        """Find the point nearest to the middle of the plane."""
        current = session.window.host.current
        if current is None or not isinstance(current.pane, PerceptronPane):
            raise NotAnswered("The perceptron is not on stage.")
        self._plane = current.pane.plane
        area = self._plane.place.area
        centre = area.center()
        near = self._plane.ids_within(centre, min(area.width(), area.height()) / 4)
        if not near:
            raise NotAnswered("There is no point in the middle of the plane.")
        self._from = self._plane.place.to_px(*self._plane.place_of(near[0])).toPoint()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._move)
        self._started = 0.0

    def begin(self) -> None:
        """Press the button and go round."""
        self._started = time.perf_counter()
        QTest.mouseMove(self._plane, self._from)
        QTest.mousePress(self._plane, Qt.MouseButton.LeftButton, pos=self._from)
        self._timer.start(MOUSE_INTERVAL_MS)

    def end(self) -> None:
        """Release the button."""
        self._timer.stop()
        QTest.mouseRelease(self._plane, Qt.MouseButton.LeftButton, pos=self._spot())

    def _spot(self) -> QPoint:
        turn = 2.0 * math.pi * (time.perf_counter() - self._started) / ROUND_S
        return self._from + QPoint(
            round(RADIUS_PX * math.sin(turn)), round(RADIUS_PX * (1.0 - math.cos(turn)))
        )

    def _move(self) -> None:
        QTest.mouseMove(self._plane, self._spot())
