"""The second set-up of a comparison, trained in the background. No Qt.

A is the run on stage. B starts from the same seed, so it gets the same draws, the same samples and
the same batches in the same order, and is recorded ahead: wherever A stands on its timeline, B's
picture of that step (or the nearest earlier one that was kept) can be put beside it.
"""

from __future__ import annotations

import bisect
import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.experiments.init_snapshot import SERIES_EPOCH, SERIES_LOSS, VIEW_HISTOGRAMS
from playground.experiments.jobs import JobError, JobProgress, SlicedJob
from playground.experiments.spec import SpecError, describe, value_at

if TYPE_CHECKING:
    from collections.abc import Generator

    from playground.experiments.init_snapshot import InitSnapshot
    from playground.experiments.init_spec import InitSpec

KEPT_PER_OCTAVE = 16
"""Pictures kept of every doubling of the number of steps; of the first 32 steps all."""
EXPERIMENT = "playground.experiments.init"


@dataclass(frozen=True, slots=True)
class Recording:
    """What B has done so far.

    Parameters
    ----------
    spec, seed
        What was run.
    kept
        Pictures with histograms, in the order of their steps.
    steps, loss, accuracy
        Of every batch.
    test_steps, test_loss, test_accuracy
        Of the test samples, at the end of every epoch.
    """

    spec: InitSpec
    seed: int
    kept: tuple[InitSnapshot, ...] = ()
    steps: tuple[int, ...] = ()
    loss: tuple[float, ...] = ()
    accuracy: tuple[float, ...] = ()
    test_steps: tuple[int, ...] = ()
    test_loss: tuple[float, ...] = ()
    test_accuracy: tuple[float, ...] = ()

    def at(self, step: int) -> InitSnapshot | None:
        """Return the last picture kept at or before a step; None before the first."""
        place = bisect.bisect_right(self.kept, step, key=lambda snapshot: snapshot.step)
        return self.kept[place - 1] if place else None


@dataclass(slots=True)
class _Tape:
    """The growing lists behind a :class:`Recording`."""

    spec: InitSpec
    seed: int
    kept: list[InitSnapshot] = field(default_factory=list)
    batches: list[tuple[int, float, float]] = field(default_factory=list)
    tests: list[tuple[int, float, float]] = field(default_factory=list)

    def take(self, records: Any) -> None:
        for record in records:
            if record.series == SERIES_LOSS:
                self.batches.append((record.step, *record.values))
            elif record.series == SERIES_EPOCH:
                self.tests.append((record.step, *record.values[-2:]))

    def recording(self) -> Recording:
        batches = tuple(zip(*self.batches, strict=True)) or ((), (), ())
        tests = tuple(zip(*self.tests, strict=True)) or ((), (), ())
        return Recording(self.spec, self.seed, tuple(self.kept), *batches, *tests)


class SecondRun(SlicedJob):
    """Trains B for some steps; every partial result is a :class:`Recording`."""

    title = "Second set-up"

    def __init__(self, spec: InitSpec, seed: int, steps: int) -> None:
        self._spec = spec
        self._seed = seed
        self._steps = steps

    def run(self) -> Generator[JobProgress, None, Recording]:
        """Yield after every step."""
        try:
            # Imported here: it needs torch, which the window is on screen without.
            module = importlib.import_module(EXPERIMENT)
            experiment = module.InitExperiment(self._spec, self._seed)
        except SpecError as error:
            raise JobError(str(error)) from None
        tape = _Tape(self._spec, self._seed)
        views = frozenset({VIEW_HISTOGRAMS})
        while True:
            step = experiment.step_index
            tape.take(experiment.drain_records())
            kept = is_kept(step)
            if kept:
                tape.kept.append(experiment.snapshot(views))
            yield JobProgress(
                step / self._steps,
                f"step {step:,} of {self._steps:,}",
                tape.recording() if kept else None,
            )
            if step >= self._steps or not experiment.status().running:
                break
            experiment.step()
        if not kept:
            tape.kept.append(experiment.snapshot(views))
        return tape.recording()


def is_kept(step: int) -> bool:
    """Tell whether the picture of a step is kept: all at first, then ever fewer."""
    stride = max(1, (1 << max(0, step.bit_length() - 1)) // KEPT_PER_OCTAVE)
    return step % stride == 0


def differences(a: InitSpec, b: InitSpec) -> tuple[str, ...]:
    """Return in which settings two set-ups differ, each as ``"scheme: He normal"`` of B.

    Settings that do not count for B, such as σ under Xavier's scheme, are left out.
    """
    found = []
    for knob in describe(type(a)):
        mine, other = value_at(a, knob.path), value_at(b, knob.path)
        condition = knob.knob.shown_when
        if condition is not None:
            name, allowed = condition
            if value_at(b, (*knob.path[:-1], name)) not in allowed:
                continue
        if mine != other:
            found.append(f"{knob.knob.label}: {_words(knob.choices, other)}")
    return tuple(found)


def _words(choices: tuple[tuple[Any, str], ...], value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return next((label for choice, label in choices if choice == value), str(value))
