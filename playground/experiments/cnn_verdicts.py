"""How the network of images does, in plain words with numbers, and what would help."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from playground.core.layer_shapes import block_title
from playground.experiments.base import Progress
from playground.experiments.cnn_snapshot import CnnVerdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.experiments.cnn_spec import CnnSpec
    from playground.experiments.cnn_views import Standing

CHANCE_SPAN: Final = 1.5
"""A network is stuck at chance below so many times the share of the most common class."""
PATIENCE: Final = 3
"""So many epochs in a row the test loss must lie above its least before it counts as rising."""
RISEN: Final = 1.2
NOTABLE_GAP: Final = 0.02
WIDE_GAP: Final = 0.05
USUAL_RATE: Final = {"sgd": 0.5, "momentum": 0.1, "rmsprop": 0.01, "adam": 0.01, "adamw": 0.01}
"""Above these rates a network that does not learn is more likely thrown about than slow."""


class Epoch(NamedTuple):
    """What one epoch came to; the training columns of epoch 0 (first weights) are NaN."""

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float


def verdict_on(standing: Standing) -> CnnVerdict:
    """Return how the network does at a step."""
    if standing.status.progress is Progress.DIVERGED:
        return CnnVerdict("bad", f"{_sentence(standing.status.reason)} {_cure(standing.spec)}")
    scores = standing.scores
    # A filter knocked out since then changes what the last epoch came to.
    last = standing.history[-1]._replace(test_loss=scores.loss, test_accuracy=scores.accuracy)
    history = (*standing.history[:-1], last)
    if last.epoch == 0:
        classes = len(standing.images.class_names)
        text = (
            f"The first weights reach {percent(last.test_accuracy)} on the test images; guessing "
            f"among {classes} classes gives {percent(1.0 / classes)}."
        )
        return _with_knocked(standing.spec, CnnVerdict("info", text))
    share = standing.tested.commonest_share
    dead = dead_text(standing.spec, scores.dead)
    found = (
        stuck_verdict(standing.spec, history, share, dead)
        or over_fitting(history)
        or _plain(standing.spec, last)
    )
    if dead and found.tone != "bad":
        found = CnnVerdict("warn", f"{found.text} {dead}")
    return _with_knocked(standing.spec, found)


def stuck_verdict(
    spec: CnnSpec, history: Sequence[Epoch], commonest: float, dead: str = ""
) -> CnnVerdict | None:
    """Return that two epochs have taught nothing, with the likely reason; None where they have.

    Parameters
    ----------
    commonest
        Share of the most common class among the test images.
    dead
        What is known of dead filters, as a sentence.
    """
    recent = history[-2:]
    if len(history) < 3 or any(
        max(epoch.train_accuracy, epoch.test_accuracy) >= CHANCE_SPAN * commonest
        for epoch in recent
    ):
        return None
    start = (
        f"After {_epochs(history[-1].epoch)} the test accuracy is "
        f"{percent(history[-1].test_accuracy)}, no better than chance."
    )
    training = spec.training
    if training.rate == 0.0:
        reason = "The learning rate is 0: nothing changes."
    elif dead:
        reason = dead
    elif training.rate > USUAL_RATE[training.optimizer]:
        reason = _cure(spec)
    else:
        reason = f"A larger learning rate than {training.rate:.4g} may get it going."
    return CnnVerdict("bad", f"{start} {reason}")


def over_fitting(history: Sequence[Epoch]) -> CnnVerdict | None:
    """Return that the network learns its images by heart; None where it does not."""
    known = [epoch for epoch in history if epoch.epoch > 0]
    last = known[-1]
    best = min(known, key=lambda epoch: epoch.test_loss)
    gap = last.train_accuracy - last.test_accuracy
    rising = (
        last.epoch - best.epoch >= PATIENCE
        and last.test_loss > RISEN * best.test_loss
        and gap >= NOTABLE_GAP
    )
    if not rising and gap <= WIDE_GAP:
        return None
    if not rising and last.epoch < PATIENCE:
        return None
    text = (
        f"Over-fitting: {percent(last.train_accuracy)} in training, "
        f"{percent(last.test_accuracy)} on the test images after {_epochs(last.epoch)}"
    )
    if rising:
        text += (
            f"; the test loss has risen from {best.test_loss:.3g} in epoch {best.epoch} to "
            f"{last.test_loss:.3g}"
        )
    return CnnVerdict("warn", f"{text}. More images, augmentation, dropout or weight decay help.")


def dead_text(spec: CnnSpec, dead: Mapping[int, tuple[int, ...]]) -> str:
    """Return which layers have dead filters, worst first; empty where none has."""
    worst = max(dead.items(), key=lambda item: len(item[1]), default=(0, ()))
    block, filters = worst
    if not filters:
        return ""
    count = spec.blocks[block].filter_count
    what = "filters" if spec.blocks[block].kind == "conv" else "neurons"
    title = block_title(spec.blocks[block])
    verb, them = ("is dead", "it") if len(filters) == 1 else ("are dead", "them")
    return (
        f"{len(filters)} of {count} {what} of block {block + 1}, {title}, {verb}: "
        f"zero for every test image, so hardly a gradient reaches {them}."
    )


def overflow_reason(step: int, spec: CnnSpec, loss: float) -> str:
    """Return why a run has diverged."""
    what = "is no longer a number" if math.isnan(loss) else "is infinite"
    return (
        f"the loss {what} at step {step:,}: with a learning rate of {spec.training.rate:.4g} the "
        "weights have left the range of float32"
    )


def percent(share: float) -> str:
    """Return a share in per cent with one decimal, such as ``"97.2 %"``."""
    return f"{100.0 * share:.1f} %"


def _plain(spec: CnnSpec, last: Epoch) -> CnnVerdict:
    gap = 100.0 * (last.train_accuracy - last.test_accuracy)
    start = f"Test accuracy {percent(last.test_accuracy)} after {_epochs(last.epoch)}"
    harder = [] if spec.augment.is_identity else ["varied images"]
    if any(block.kind == "dropout" and block.drop for block in spec.blocks):
        harder.append("dropout")
    if gap >= 0.05:
        text = f"{start}; the gap to training is {gap:.1f} points."
    elif harder:
        text = (
            f"{start}; training, which is harder with {' and '.join(harder)}, reaches "
            f"{percent(last.train_accuracy)}."
        )
    else:
        text = f"{start}; training came to {percent(last.train_accuracy)} on the way."
    return CnnVerdict("ok", text)


def _with_knocked(spec: CnnSpec, verdict: CnnVerdict) -> CnnVerdict:
    count = len(spec.knocked_out)
    if not count:
        return verdict
    what = "1 filter is" if count == 1 else f"{count} filters are"
    return CnnVerdict(verdict.tone, f"{verdict.text} {what} knocked out.")


def _cure(spec: CnnSpec) -> str:
    return f"A smaller learning rate than {spec.training.rate:.4g} avoids it."


def _epochs(count: int) -> str:
    return "epoch 1" if count == 1 else f"epoch {count}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
