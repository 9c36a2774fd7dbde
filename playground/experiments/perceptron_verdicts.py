"""When a learner is done, and how it does in plain words with numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from playground.core import perceptrons
from playground.experiments.perceptron_snapshot import Tone, Verdict
from playground.experiments.perceptron_spec import (
    LOWER_IS_BETTER,
    METRIC_LABELS,
    PerceptronSpec,
    StopSpec,
)

if TYPE_CHECKING:
    from playground.experiments.perceptron_data import TrainingData
    from playground.experiments.perceptron_learner import Learner


def stop_reached(stop: StopSpec, learner: Learner, data: TrainingData) -> bool:
    """Return whether a learner's line satisfies the stop condition (epochs apart)."""
    if data.waiting_for or stop.when == "epochs":
        return False
    if stop.when == "all correct":
        # Adaline and the logistic neuron go on where all is right: that is their point (lecture 2,
        # slide 90), so they stop on epochs, a metric or a small error only.
        mistake_driven = learner.spec.kind in perceptrons.MISTAKE_DRIVEN
        return mistake_driven and data.errors(learner.best) == 0
    if stop.when == "error":
        return perceptrons.cost(learner.spec.kind, data.train, learner.best) <= stop.error_limit
    value = metric_value(stop, learner, data)
    return value <= stop.target if stop.metric in LOWER_IS_BETTER else value >= stop.target


def metric_value(stop: StopSpec, learner: Learner, data: TrainingData) -> float:
    """Return the metric that the stop condition looks at; not a number where it is undefined."""
    counts = data.confusion_of(stop.measured_on, learner.best)
    return math.nan if counts is None else float(getattr(counts, stop.metric))


def is_done(learner: Learner, stop: StopSpec, data: TrainingData) -> bool:
    """Return whether a learner rests: diverged, or done at an epoch's end and still so now."""
    return learner.diverged or (learner.rested and stop_reached(stop, learner, data))


def verdict(
    learner: Learner, spec: PerceptronSpec, data: TrainingData, *, epochs_over: bool, brief: bool
) -> Verdict:
    """Return how the learner does.

    Parameters
    ----------
    epochs_over
        The run has come to the end of its epochs.
    brief
        Leave out what takes long to find out (the mistake bound).
    """
    if data.waiting_for:
        return Verdict("info", data.waiting_for)
    if learner.diverged:
        return _diverged(learner, data)
    if is_done(learner, spec.stop, data):
        return _done(learner, spec, data, brief=brief)
    return _under_way(learner, spec, data, epochs_over=epochs_over)


def _diverged(learner: Learner, data: TrainingData) -> Verdict:
    text = f"diverged: α = {learner.spec.rate:.4g} is too large for data of this scale"
    if learner.spec.kind == "adaline":
        batch = learner.spec.schedule in ("batch", "parallel")
        limit = perceptrons.largest_stable_rate(data.train, batch=batch)
        text += f" (try below {limit:.2g})"
    return Verdict("bad", f"{text}; set the line or start again")


def _done(learner: Learner, spec: PerceptronSpec, data: TrainingData, *, brief: bool) -> Verdict:
    stop = spec.stop
    after = f"after {_count(learner.epochs, 'epoch')}, {_count(learner.changes, 'change')}"
    errors = data.errors(learner.best)
    wrong = f"{errors:,} of {data.samples:,} wrong"
    if stop.when == "all correct":
        bound = "" if brief else _bound(learner, data)
        return Verdict("ok", f"all correct {after}{bound}")
    if stop.when == "error":
        cost = perceptrons.cost(learner.spec.kind, data.train, learner.best)
        name = perceptrons.COST_NAMES[learner.spec.kind]
        return Verdict("ok", f"{name} {cost:.4g} ≤ ε = {stop.error_limit:.4g} {after}; {wrong}")
    value = metric_value(stop, learner, data)
    part = "training" if stop.measured_on == "train" else "validation"
    return Verdict("ok", f"{METRIC_LABELS[stop.metric]} {value:.4g} on {part} points {after}")


def _bound(learner: Learner, data: TrainingData) -> str:
    """Return the mistake bound as the end of a sentence, where the theorem speaks about the run."""
    online = learner.spec.schedule == "online"
    if not online or learner.spec.kind not in perceptrons.MISTAKE_DRIVEN:
        return ""
    novikoff = data.novikoff
    if not math.isfinite(novikoff):
        return ""
    start = learner.start
    from_zero = f"bound (R/γ)² = {_whole(novikoff)}"
    if not learner.steady or start == (0.0, 0.0, 0.0):
        return f"; {from_zero}" if learner.steady else f"; {from_zero} for a start at 0"
    bound = data.mistake_bound(start, learner.spec.rate)
    return f"; {from_zero} from 0, {_whole(bound)} from this start"


def _under_way(
    learner: Learner, spec: PerceptronSpec, data: TrainingData, *, epochs_over: bool
) -> Verdict:
    errors = data.errors(learner.best)
    wrong = f"{errors:,} of {data.samples:,} wrong" if errors else "all correct"
    after = f"after {_count(learner.epochs, 'epoch')}, {_count(learner.changes, 'change')}"
    perceptron = learner.spec.kind in perceptrons.MISTAKE_DRIVEN
    if perceptron and errors and learner.cycle.period:
        period = _count(learner.cycle.period, "epoch")
        text = f"not separable: the line repeats with period {period}; {wrong}"
        return Verdict("warn", f"{text}, the epochs are over" if epochs_over else text)
    if perceptron and errors and learner.epochs and not data.separable:
        text = f"not separable: the line never settles; {wrong} {after}"
        return Verdict("warn", f"{text}, the epochs are over" if epochs_over else text)
    if epochs_over:
        return Verdict("warn" if errors else "ok", f"the epochs are over: {wrong} {after}")
    if _lacks_validation(spec.stop, data):
        return Verdict("warn", "the metric waits for validation points: choose a split")
    if not learner.updates:
        return Verdict("info", f"ready: {wrong} at the start")
    tone: Tone = "info" if errors else "ok"
    return Verdict(tone, f"{wrong} {after}")


def _lacks_validation(stop: StopSpec, data: TrainingData) -> bool:
    on_validation = stop.when == "metric" and stop.measured_on == "validation"
    return on_validation and not len(data.validation.y)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _whole(bound: float) -> str:
    """Return a bound on a whole number of mistakes without needless digits."""
    return f"{math.floor(bound):,}" if bound < 1e6 else f"{bound:.3g}"
