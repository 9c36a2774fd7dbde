"""What is trained while something is measured: runs that do not end by themselves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from playground.engine.commands import MAX_SPEED
from playground.engine.frames import Ended
from playground.engine.pacing import CostEstimate
from playground.engine.recording import Origin
from playground.engine.timeline import Timeline
from playground.experiments.cnn_spec import MAX_EPOCHS as LONGEST_TRAINING
from playground.experiments.cnn_spec import CnnSpec
from playground.experiments.optimizers_spec import MAX_ROUNDS, FinishSpec, OptimizerRaceSpec
from playground.experiments.perceptron_spec import (
    MAX_EPOCHS,
    DataSpec,
    LearnerSpec,
    PerceptronSpec,
    StopSpec,
)
from playground.experiments.registry import experiment_type
from playground.experiments.spec import replace_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.bench.window import UnattendedWindow
    from playground.engine.frames import Event
    from playground.experiments.base import Experiment
    from playground.experiments.spec import Spec
    from playground.panes.base import PaneInfo

CHUNK_S = 0.05


def perceptron_on(count: int, learners: tuple[LearnerSpec, ...] = (LearnerSpec(),)) -> Spec:
    """Return a perceptron on overlapping clouds, which no line separates: it never settles."""
    return PerceptronSpec(
        data=DataSpec.of_preset("overlap", count=count),
        learners=learners,
        stop=StopSpec(when="epochs", epochs=MAX_EPOCHS),
    )


def race_of_nine() -> Spec:
    """Return the default race, in which nobody rests at the finish."""
    return OptimizerRaceSpec(finish=FinishSpec(rest=False, rounds=MAX_ROUNDS))


def digits_network() -> Spec:
    """Return the default network of images, which goes on learning."""
    return replace_at(CnnSpec(), ("training", "epochs"), LONGEST_TRAINING)


ENDLESS: dict[str, tuple[tuple[str, Callable[[], Spec]], ...]] = {
    "perceptron": (
        ("80 points", lambda: perceptron_on(80)),
        ("10,000 points", lambda: perceptron_on(10_000)),
    ),
    "optimizers": (("nine lanes", race_of_nine),),
    "cnn": (("digits", digits_network),),
}
"""Loads by kind of experiment, each with a name; other panes train their first run again and
again."""


def loads_of(
    session: UnattendedWindow, info: PaneInfo, effort_rounds: int
) -> tuple[tuple[str, Spec], ...]:
    """Return the loads of the pane on stage; only the first one where rounds are few."""
    named = tuple((name, make()) for name, make in ENDLESS.get(info.experiment_kind, ()))
    current = session.window.host.current
    if not named and current is not None:
        named = (("first run", current.pane.default_spec()),)
    return named if effort_rounds > 1 else named[:1]


class Restarting(QObject):
    """Lets the channel on stage begin anew whenever its run has ended, within a ``with`` block."""

    def __init__(self, session: UnattendedWindow) -> None:
        """Watch the channel on stage."""
        super().__init__()
        self._channel = session.channel
        self.restarts = 0

    def __enter__(self) -> Restarting:
        """Begin."""
        self._channel.happened.connect(self._on_event)
        return self

    def __exit__(self, *_exception: object) -> None:
        """Let it end."""
        self._channel.happened.disconnect(self._on_event)
        self.deleteLater()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Ended):
            self.restarts += 1
            self._channel.reset()
            self._channel.set_speed(MAX_SPEED)
            self._channel.play()


class Headless:
    """The same run trained in a loop without a window, as ``playground train`` does."""

    def __init__(
        self,
        kind: str,
        spec: Spec,
        seed: int = 0,
        create: Callable[[str], type[Experiment]] = experiment_type,
    ) -> None:
        """Build step 0."""
        self._origin = Origin(kind, spec, seed)
        self._create = create
        self._cost = CostEstimate()
        self.run = self._fresh()

    def rate(self, seconds: float) -> float:
        """Train for so long; return the steps per second."""
        started = now = time.perf_counter()
        total = 0
        while now - started < seconds:
            done = self.run.advance(self._cost.steps_within(CHUNK_S))
            before, now = now, time.perf_counter()
            self._cost.observe(now - before, done)
            total += done
            if not self.run.status.running:
                self.run = self._fresh()
        return total / (now - started)

    def _fresh(self) -> Timeline:
        return Timeline(1, self._origin, self._create, time.perf_counter)
