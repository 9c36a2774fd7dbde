"""How the signals of a deep network fare, in words with numbers, and which one change mends it.

Signals go by the standard deviation of z, gradients by that of ∂C/∂z, both over the hidden layers;
"a layer" is the geometric mean of the factors from one hidden layer to the next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from playground.core.initializers import SAME_FOR_ALL, SCHEME_LABELS
from playground.core.networks import clones
from playground.experiments.init_snapshot import (
    EXPLODING,
    VANISHING,
    InitVerdict,
    Repair,
    Tone,
)
from playground.experiments.init_spec import ACTIVATION_LABELS, InitSpec, Scheme

if TYPE_CHECKING:
    from playground.core.networks import DeepNetwork, Pass
    from playground.experiments.init_measure import Measurement

MANY: Final = 0.5
"""From this share of dead neurons or saturated activations on, it is worth a word."""
FEW_SAMPLES: Final = 16
"""In smaller batches many healthy ReLU neurons are 0 throughout by chance."""
RATE_CUT: Final = 10.0
SMALLEST_RATE: Final = 1e-6

_SUITED: Final[dict[str, Scheme]] = {
    "tanh": "xavier normal",
    "logistic": "xavier normal",
    "linear": "xavier normal",
    "relu": "he normal",
    "leaky relu": "he normal",
    "elu": "he normal",
    "gelu": "he normal",
    "selu": "lecun normal",
}


@dataclass(frozen=True, slots=True)
class Flow:
    """What becomes of signals and gradients on their way through the hidden layers.

    Parameters
    ----------
    signal, gradient
        Factor a layer, forward and backward; 1 with a single hidden layer.
    last_z
        Standard deviation of z in the last hidden layer.
    whole_gradient
        ∂C/∂z in the first hidden layer over that in the last; 0 where nothing comes back.
    """

    signal: float
    gradient: float
    last_z: float
    whole_gradient: float

    @property
    def fine(self) -> bool:
        """Tell whether neither vanishes or explodes."""
        return (
            VANISHING <= self.last_z <= EXPLODING and VANISHING <= self.whole_gradient <= EXPLODING
        )


def flow_of(found: Measurement) -> Flow:
    """Return the factors of a pass."""
    z = [std for _, std in found.z[:-1]]
    dz = [std for _, std in found.dz[:-1]]
    return Flow(
        _a_layer(z[-1], z[0], len(z) - 1),
        _a_layer(dz[0], dz[-1], len(z) - 1),
        z[-1],
        dz[0] / dz[-1] if dz[-1] > 0.0 else 0.0,
    )


def signals_are_fine(found: Measurement) -> bool:
    """Tell whether nothing vanishes, explodes, saturates or is dead."""
    return flow_of(found).fine and _worst(found.dead)[0] < MANY and _mean(found.saturated) < MANY


def verdict(
    spec: InitSpec, step: int, network: DeepNetwork, last: Pass, found: Measurement, fine: bool
) -> InitVerdict:
    """Return how the signals fare.

    Parameters
    ----------
    fine
        Whether all was fine at step 0: then training is to blame for what is wrong now.
    """
    rate = _smaller_rate(spec) if fine and step else None
    if not math.isfinite(last.loss):
        text = overflow_reason(step, network, last)
        repair = rate or _weights_repair(spec)
        return _with_advice("bad", text, spec, repair)
    if all(clones(network)):
        return _with_advice("bad", _alike_text(network), spec, _weights_repair(spec))
    share, layer = _worst(found.dead)
    if share >= MANY and len(last.y) >= FEW_SAMPLES:
        text = (
            f"{100 * share:.0f} % of the neurons of layer {layer} are dead: 0 for all "
            f"{len(last.y):,} samples of the batch, no gradient comes through"
        )
        return _with_advice("bad", text, spec, rate or _dead_repair(spec))
    flow = flow_of(found)
    saturated = _mean(found.saturated)
    if saturated >= MANY:
        text = (
            f"{100 * saturated:.0f} % of the activations are saturated; "
            f"{_gradient_text(flow, len(found.a))}"
        )
        return _with_advice("warn", text, spec, rate or _weights_repair(spec))
    if not flow.fine:
        text = _flow_text(flow, len(found.a))
        return _with_advice("warn", text, spec, rate or _weights_repair(spec))
    if len(found.a) == 1:
        return InitVerdict("ok", f"healthy: z has a standard deviation of {flow.last_z:.3g}")
    return InitVerdict(
        "ok",
        f"healthy: signals keep {flow.signal:.3g} of their size a layer, gradients "
        f"{flow.gradient:.3g}",
    )


def overflow_reason(step: int, network: DeepNetwork, last: Pass) -> str:
    """Return where numbers first left the range of float32, as a sentence."""
    names = [f"layer {place + 1}" for place in range(len(network.sizes) - 2)] + ["the output"]
    for name, weight, z in zip(names, network.weights, last.trace.z, strict=True):
        if not bool(torch.isfinite(weight).all()):
            return f"the weights of {name} are no longer finite: the last steps were too large"
        if not bool(torch.isfinite(z).all()):
            cause = "the steps were too large" if step else "the first weights are too large"
            return f"z of {name} leaves the range of numbers (3.4e38): {cause}"
    return "the loss leaves the range of numbers (3.4e38): the outputs are too large"


def suited_scheme(spec: InitSpec) -> Scheme:
    """Return the scheme that suits the activation."""
    return _SUITED[spec.network.activation]


def _weights_repair(spec: InitSpec) -> Repair | None:
    """Return the next thing to try: the suited scheme, no gain, then normalisation."""
    if spec.network.batch_norm and spec.weights.scheme not in SAME_FOR_ALL:
        # The scale of the weights is normalised away: no scheme changes anything.
        return _residual_repair(spec)
    suited = suited_scheme(spec)
    family = suited.split()[0]
    if spec.weights.scheme.split()[0] != family and spec.weights.scheme != "orthogonal":
        return Repair(("weights", "scheme"), suited, f"use {SCHEME_LABELS[suited]}")
    if spec.weights.gain != 1.0:
        return Repair(("weights", "gain"), 1.0, "set the gain to 1")
    if spec.biases.kind != "zero":
        return Repair(("biases", "kind"), "zero", "set the biases to zero")
    if spec.network.activation == "logistic":
        return Repair(("network", "activation"), "tanh", "use tanh")
    if not spec.network.batch_norm and spec.batch_size >= 2:
        return Repair(("network", "batch_norm"), True, "switch batch normalisation on")
    return _residual_repair(spec)


def _residual_repair(spec: InitSpec) -> Repair | None:
    if spec.network.residual or len(spec.network.hidden) == 1:
        return None
    return Repair(("network", "residual"), True, "switch residual connections on")


def _dead_repair(spec: InitSpec) -> Repair | None:
    if spec.biases.kind != "zero":
        return Repair(("biases", "kind"), "zero", "set the biases to zero")
    repair = _weights_repair(spec)
    return repair or Repair(("network", "activation"), "leaky relu", "use leaky ReLU")


def _smaller_rate(spec: InitSpec) -> Repair | None:
    rate = spec.training.rate / RATE_CUT
    if rate < SMALLEST_RATE:
        return None
    return Repair(("training", "rate"), rate, f"use η = {rate:.4g}")


def _with_advice(tone: Tone, text: str, spec: InitSpec, repair: Repair | None) -> InitVerdict:
    return InitVerdict(tone, f"{text}. {_advice(spec, repair)}".rstrip(), repair)


def _advice(spec: InitSpec, repair: Repair | None) -> str:
    """Return the repair as a sentence that gives a reason."""
    if repair is None:
        return ""
    activation = ACTIVATION_LABELS[spec.network.activation]
    match repair.path[-1]:
        case "scheme":
            family = SCHEME_LABELS[repair.value].split()[0]
            return f"{family} initialisation suits {activation}."
        case "gain":
            return f"The gain of {spec.weights.gain:.4g} is the cause."
        case "kind":
            return "Biases of zero leave the scale to the weights."
        case "activation" if repair.value == "tanh":
            return "The slope of the logistic function is 0.25 at most; that of tanh reaches 1."
        case "activation":
            return "A leaky ReLU always lets some gradient through."
        case "rate":
            return f"A smaller learning rate than {spec.training.rate:.4g} avoids it."
        case "batch_norm":
            return "Batch normalisation brings every z back to a standard deviation of 1."
        case _:
            return "Residual connections let the gradient pass by."


def _alike_text(network: DeepNetwork) -> str:
    widest = max(network.sizes[1:-1])
    if not any(bool(weight.any()) for weight in network.weights):
        return (
            f"all weights are zero: the {widest:,} neurons of a layer compute the same, and no "
            "gradient comes through to make them differ"
        )
    return (
        f"the {widest:,} neurons of a layer are clones: equal weights get equal gradients, so each "
        "layer stays a single neuron for ever"
    )


def _flow_text(flow: Flow, depth: int) -> str:
    forward = "signals vanish" if flow.last_z < VANISHING else ""
    if flow.last_z > EXPLODING:
        forward = "signals explode"
    if depth == 1:
        back = "" if forward else "no gradient comes back"
        return f"{forward or back}: z has a standard deviation of {flow.last_z:.3g}"
    parts = []
    if forward:
        parts.append(
            f"signals {_change(flow.signal)} a layer: z of layer {depth} has a standard deviation "
            f"of {flow.last_z:.3g}"
        )
    if not VANISHING <= flow.whole_gradient <= EXPLODING:
        parts.append(_gradient_text(flow, depth))
    return "; ".join(parts)


def _gradient_text(flow: Flow, depth: int) -> str:
    if depth == 1:
        return "little gradient comes through them"
    return (
        f"gradients {_change(flow.gradient)} a layer on the way back: at layer 1 they are "
        f"{_amount(flow.whole_gradient)} their size at layer {depth}"
    )


def _change(factor: float) -> str:
    return f"shrink by {factor:.2g}" if factor < 1.0 else f"grow by {factor:.3g}"


def _amount(factor: float) -> str:
    """Return a factor in words, such as ``"3e-7 of"`` or ``"130 times"``."""
    plain = 0.01 <= factor < 1000.0 or factor == 0.0
    text = f"{factor:.2g}" if plain and factor < 100.0 else f"{factor:.0f}"
    if not plain:
        digits, power = f"{factor:.0e}".split("e")
        text = f"{digits}e{int(power)}"
    return f"{text} of" if factor < 1.0 else f"{text} times"


def _a_layer(reached: float, start: float, layers: int) -> float:
    if layers == 0:
        return 1.0
    if start == 0.0 or reached == 0.0:
        return 0.0
    return math.exp((math.log(reached) - math.log(start)) / layers)


def _worst(shares: tuple[float, ...]) -> tuple[float, int]:
    """Return the largest share and its layer, from 1; 0 where there are none."""
    known = [(share, place + 1) for place, share in enumerate(shares) if not math.isnan(share)]
    return max(known, default=(0.0, 0))


def _mean(shares: tuple[float, ...]) -> float:
    known = [share for share in shares if not math.isnan(share)]
    return sum(known) / len(known) if known else 0.0
