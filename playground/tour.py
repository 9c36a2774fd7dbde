"""``playground tour``: opens every pane without a person, trains it, and saves its picture.

The window is the real one, with settings of its own. A pane whose first run ends before its time
is over is shown at the end of it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from playground.panes.registry import PANES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QImage

    from playground.bench.window import UnattendedWindow
    from playground.experiments.base import Experiment
    from playground.panes.base import PaneInfo

SETTLE_S = 0.6
"""Texts are refreshed four times a second: the picture shall show those of the last step."""

OK, FAILED, BAD_INPUT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Visit:
    """What happened on a pane.

    ``saved`` tells whether the picture was written. ``troubles`` are sentences about what must not
    be; none of them means that all is well.
    """

    pane: str
    steps: int
    frames: int
    headline: str
    saved: bool
    troubles: tuple[str, ...] = ()

    def line(self) -> str:
        """Return the line of the report."""
        words = f"{self.pane}: {self.steps:,} steps, {self.frames:,} frames"
        return f"{words}, {self.headline}" if self.headline else words


def run_tour(
    options: argparse.Namespace,
    panes: tuple[PaneInfo, ...] = PANES,
    create: Callable[[str], type[Experiment]] | None = None,
) -> int:
    """Write a picture of every pane and print a line about it; return the exit status.

    0: every pane trained and painted; 1: one of them did not; 2: the pictures cannot be saved.

    Parameters
    ----------
    options
        ``directory`` (Path), ``size`` ((width, height) in logical pixels), ``theme`` (None: dark),
        ``seconds`` (training per pane), ``scale`` (device pixels per logical pixel).
    panes, create
        As of the main window.
    """
    try:
        options.directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        print(f"The folder “{options.directory}” cannot be made: {reason}.", file=sys.stderr)
        return BAD_INPUT
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if options.scale != 1.0:
        os.environ["QT_SCALE_FACTOR"] = f"{options.scale:g}"
    # Qt reads both variables when it is first used.
    from playground.bench.window import UnattendedWindow

    status = OK
    with UnattendedWindow(options.size, options.theme or "dark", panes, create) as session:
        for info in panes:
            path = options.directory / f"{info.id}.png"
            visit = visit_pane(session, info, options.seconds, path)
            print(visit.line(), flush=True)
            for sentence in visit.troubles:
                print(f"{info.id}: {sentence}", file=sys.stderr)
            if not visit.saved:
                return BAD_INPUT
            if visit.troubles:
                status = FAILED
    return status


def visit_pane(session: UnattendedWindow, info: PaneInfo, seconds: float, path: Path) -> Visit:
    """Train the first run of a pane at full speed, save the window's picture, and say how it was.

    Parameters
    ----------
    seconds
        Training time; it does not count while torch is being imported.
    path
        Where the picture goes.
    """
    from playground.bench.window import NotAnswered
    from playground.engine.frames import Phase

    session.problems.clear()
    window = session.window
    first_step, first_frame = 0, window.frames_painted
    troubles: list[str] = []
    try:
        session.stage(info.id)
        first_step = session.step
        session.play()
        over = (Phase.ENDED, Phase.FAILED)
        if session.wait_until(lambda: session.phase in over, seconds):
            session.wait(SETTLE_S)
    except NotAnswered as error:
        troubles.append(str(error))
    steps, frames = session.step - first_step, window.frames_painted - first_frame
    saved = window.grab().save(str(path))
    if not saved:
        troubles.append(f"The picture “{path}” cannot be written.")
    current = window.host.current
    if steps <= 0:
        troubles.append("It has not trained.")
    if frames <= 0 or current is None or is_uniform(current.pane.grab().toImage()):
        troubles.append("It has not painted.")
    troubles.extend(session.problems)
    last = session.channel.last_frame
    headline = last.snapshot.headline if last is not None else ""
    return Visit(info.id, steps, frames, headline, saved, tuple(troubles))


def is_uniform(image: QImage) -> bool:
    """Tell whether all pixels are of one colour, or there are none."""
    from PySide6.QtGui import QImage

    if image.isNull():
        return True
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(plain.constBits(), dtype=np.uint32)
    return bool((pixels == pixels[0]).all())
