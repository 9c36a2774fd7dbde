"""The network of the weight-initialisation experiment as a form: layers, first weights, biases."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import Field, field_validator, model_validator

from playground.core.activations import ACTIVATION_LABELS, ActivationName
from playground.core.initializers import BIAS_LABELS, SCHEME_LABELS, BiasKind, Scheme
from playground.experiments.spec import Knob, Spec

MAX_DEPTH: Final = 30
MIN_WIDTH: Final = 4
MAX_WIDTH: Final = 1000


class NetworkSpec(Spec):
    """The layers between input and output."""

    depth: Annotated[
        int,
        Field(ge=1, le=MAX_DEPTH),
        Knob("hidden layers", "How many layers lie between input and output."),
    ] = 5
    width: Annotated[
        int,
        Field(ge=MIN_WIDTH, le=MAX_WIDTH),
        Knob(
            "neurons per layer",
            "Of every hidden layer, unless own widths are given below.",
            scale="log",
        ),
    ] = 500
    widths: Annotated[
        str,
        Field(max_length=200),
        Knob(
            "own widths",
            f"Neurons of each hidden layer, as in 500-300-100 ({MIN_WIDTH} to {MAX_WIDTH} each); "
            "sets the number of layers too. Empty: all alike.",
        ),
    ] = ""
    activation: Annotated[
        ActivationName,
        Knob(
            "activation",
            "Of every hidden layer. The output is linear, with soft-max where the loss is the "
            "cross-entropy.",
            labels=ACTIVATION_LABELS,
        ),
    ] = "tanh"
    batch_norm: Annotated[
        bool,
        Knob(
            "batch normalisation",
            "Every z is brought to mean 0 and standard deviation 1 over the batch before the "
            "activation, then scaled by a learned γ and moved by a learned β (Ioffe and Szegedy "
            "2015). Always over the present batch, in testing too.",
        ),
    ] = False
    residual: Annotated[
        bool,
        Knob(
            "residual connections",
            "a of a layer is f(z) plus a of the layer below, wherever both are equally wide "
            "(He et al. 2016).",
        ),
    ] = False

    @field_validator("widths")
    @classmethod
    def _readable(cls, text: str) -> str:
        return "-".join(str(width) for width in layer_widths(text))

    @model_validator(mode="after")
    def _as_many_as_layers(self) -> NetworkSpec:
        own = layer_widths(self.widths)
        if own and len(own) != self.depth:
            raise ValueError(
                f"There are {len(own)} widths for {self.depth} hidden layers; give one for each "
                "layer or none."
            )
        return self

    def following(self, name: str, value: Any) -> dict[str, Any]:
        """Return the number of layers that typed widths bring, or no widths for a new number."""
        if name in ("depth", "width"):
            return {"widths": ""}
        if name == "widths" and isinstance(value, str) and value.strip():
            try:
                return {"depth": len(layer_widths(value))}
            except ValueError:
                # The validation that follows says what is wrong with it.
                return {}
        return {}

    @property
    def hidden(self) -> tuple[int, ...]:
        """Return the neurons of every hidden layer, from the input on."""
        return layer_widths(self.widths) or (self.width,) * self.depth


class WeightsSpec(Spec):
    """How the first weights are drawn."""

    scheme: Annotated[
        Scheme,
        Knob(
            "scheme",
            "LeCun: variance 1/fan_in. Xavier: 2/(fan_in + fan_out), for tanh. He: 2/fan_in, for "
            "ReLU. Orthogonal: a random rotation. The same seed gives the same draws under "
            "every scheme, only scaled.",
            labels=SCHEME_LABELS,
        ),
    ] = "xavier normal"
    constant: Annotated[
        float,
        Field(ge=-1e6, le=1e6),
        Knob(
            "constant",
            "Every weight is this number.",
            step=0.01,
            soft_minimum=-1.0,
            soft_maximum=1.0,
            shown_when=("scheme", ("constant",)),
        ),
    ] = 0.1
    sigma: Annotated[
        float,
        Field(ge=0.0, le=1e6),
        Knob(
            "σ",
            "Standard deviation of the weights, the same in every layer.",
            scale="log",
            soft_minimum=1e-4,
            soft_maximum=10.0,
            shown_when=("scheme", ("normal",)),
        ),
    ] = 0.01
    limit: Annotated[
        float,
        Field(ge=0.0, le=1e6),
        Knob(
            "±r",
            "Weights are drawn evenly from −r to r; their standard deviation is r/√3.",
            scale="log",
            soft_minimum=1e-4,
            soft_maximum=10.0,
            shown_when=("scheme", ("uniform",)),
        ),
    ] = 0.05
    gain: Annotated[
        float,
        Field(ge=0.0, le=1e3),
        Knob(
            "gain",
            "Every weight is multiplied by it. PyTorch recommends 5/3 for tanh with Xavier; the "
            "√2 of ReLU is in He's scheme already.",
            step=0.05,
            soft_maximum=5.0,
        ),
    ] = 1.0


class BiasesSpec(Spec):
    """How the first biases are set."""

    kind: Annotated[
        BiasKind,
        Knob(
            "biases",
            "Zero, one constant for all, or drawn from a normal distribution.",
            labels=BIAS_LABELS,
        ),
    ] = "zero"
    value: Annotated[
        float,
        Field(ge=-1e6, le=1e6),
        Knob(
            "bias",
            "Of every neuron. A large negative one kills ReLU neurons.",
            step=0.1,
            soft_minimum=-2.0,
            soft_maximum=2.0,
            shown_when=("kind", ("constant",)),
        ),
    ] = 0.1
    spread: Annotated[
        float,
        Field(ge=0.0, le=1e6),
        Knob(
            "σ of the biases",
            "Standard deviation.",
            step=0.05,
            soft_maximum=3.0,
            shown_when=("kind", ("random",)),
        ),
    ] = 0.1


def layer_widths(text: str) -> tuple[int, ...]:
    """Return the widths written as ``500-300-100``; commas and blanks separate too, empty: none.

    Raises
    ------
    ValueError
        With a sentence, where it is no such list.
    """
    if not text.strip():
        return ()
    parts = [part for part in re.split(r"[\s,;–-]+", text) if part]
    fine = all(part.isascii() and part.isdecimal() and len(part) < 6 for part in parts)
    widths = tuple(int(part) for part in parts) if fine else ()
    if not 1 <= len(widths) <= MAX_DEPTH or not all(
        MIN_WIDTH <= width <= MAX_WIDTH for width in widths
    ):
        raise ValueError(
            f"Widths must be 1 to {MAX_DEPTH} numbers from {MIN_WIDTH} to {MAX_WIDTH}, such as "
            f"500-300-100 (got “{text.strip()[:40]}”)."
        )
    return widths
