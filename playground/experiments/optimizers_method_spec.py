"""One optimizer as a form: the method and its numbers.

Names, definitions and defaults are those of torch.optim; where the course's slides write a method
otherwise, the help text says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from playground.experiments.optimizers_methods import (
    ADAM_FAMILY,
    BIAS_CORRECTED,
    HYPER_FIELDS,
    MAX_LANES,
    METHOD_LABELS,
    Method,
)
from playground.experiments.spec import Knob, Spec

if TYPE_CHECKING:
    from collections.abc import Mapping

_DECAYED: Final = tuple(
    method for method in METHOD_LABELS if method not in ("rprop", "lbfgs", "adamw")
)


class MethodSpec(Spec):
    """One optimizer with its numbers; all of them but the method may change while it runs."""

    name: Annotated[
        str,
        Field(max_length=40),
        Knob("name", "Shown in the legend; empty takes the name of the method.", live=True),
    ] = ""
    method: Annotated[
        Method,
        Knob("method", "Which optimizer this lane is.", labels=METHOD_LABELS),
    ] = "sgd"
    enabled: Annotated[
        bool, Knob("takes part", "Off: kept in the list, but neither run nor drawn.")
    ] = True
    colour: Annotated[
        int,
        Field(ge=0, lt=MAX_LANES),
        Knob("colour", "Lane colour of the trail and its curves.", live=True, hidden=True),
    ] = 0
    rate: Annotated[
        float,
        Field(ge=1e-8, le=1e6),
        Knob(
            "learning rate η",
            "How far one step goes. Rprop: the size of its first step only; later changes have "
            "no effect.",
            scale="log",
            live=True,
            soft_minimum=1e-5,
            soft_maximum=10.0,
        ),
    ] = 0.01
    momentum: Annotated[
        float,
        Field(ge=0.0, le=0.99999),
        Knob(
            "momentum μ",
            "Which share of the velocity is kept from round to round.",
            step=0.01,
            live=True,
            shown_when=("method", ("momentum", "nesterov")),
        ),
    ] = 0.9
    dampening: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "dampening",
            "The gradient enters the velocity times 1 − this.",
            step=0.05,
            live=True,
            shown_when=("method", ("momentum",)),
        ),
    ] = 0.0
    eta_minus: Annotated[
        float,
        Field(ge=0.01, le=0.99),
        Knob(
            "η⁻",
            "A step shrinks to this share when the gradient changes its sign.",
            step=0.05,
            live=True,
            shown_when=("method", ("rprop",)),
        ),
    ] = 0.5
    eta_plus: Annotated[
        float,
        Field(ge=1.01, le=10.0),
        Knob(
            "η⁺",
            "A step grows by this factor while the gradient keeps its sign.",
            step=0.05,
            live=True,
            soft_maximum=2.0,
            shown_when=("method", ("rprop",)),
        ),
    ] = 1.2
    step_min: Annotated[
        float,
        Field(ge=1e-12, le=1.0),
        Knob(
            "smallest step",
            "No step gets smaller.",
            scale="log",
            live=True,
            shown_when=("method", ("rprop",)),
        ),
    ] = 1e-6
    step_max: Annotated[
        float,
        Field(ge=1.0, le=1e6),
        Knob(
            "largest step",
            "No step gets larger.",
            scale="log",
            live=True,
            soft_maximum=100.0,
            shown_when=("method", ("rprop",)),
        ),
    ] = 50.0
    alpha: Annotated[
        float,
        Field(ge=0.0, le=0.999999),
        Knob(
            "smoothing α",
            "Which share of the running mean of squared gradients is kept.",
            step=0.01,
            live=True,
            shown_when=("method", ("rmsprop",)),
        ),
    ] = 0.99
    rms_momentum: Annotated[
        float,
        Field(ge=0.0, le=0.99999),
        Knob(
            "momentum μ",
            "Momentum on the scaled gradient; 0: none, as on the slides.",
            step=0.01,
            live=True,
            shown_when=("method", ("rmsprop",)),
        ),
    ] = 0.0
    centred: Annotated[
        bool,
        Knob(
            "centred",
            "Divide by the standard deviation of the gradient instead of its root mean square.",
            live=True,
            shown_when=("method", ("rmsprop",)),
        ),
    ] = False
    rate_decay: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "rate decay",
            "η is divided by 1 + this times the round.",
            step=0.001,
            live=True,
            soft_maximum=0.1,
            shown_when=("method", ("adagrad",)),
        ),
    ] = 0.0
    initial_sum: Annotated[
        float,
        Field(ge=0.0, le=1e6),
        Knob(
            "first sum",
            "What the sum of squares starts with; a larger one tames the first steps.",
            step=0.1,
            soft_maximum=10.0,
            shown_when=("method", ("adagrad",)),
        ),
    ] = 0.0
    rho: Annotated[
        float,
        Field(ge=0.0, le=0.999999),
        Knob(
            "decay ρ",
            "Which share of both running means is kept.",
            step=0.01,
            live=True,
            shown_when=("method", ("adadelta",)),
        ),
    ] = 0.9
    beta1: Annotated[
        float,
        Field(ge=0.0, le=0.999999),
        Knob(
            "β₁",
            "Which share of the running mean of gradients is kept.",
            step=0.01,
            live=True,
            shown_when=("method", ADAM_FAMILY),
        ),
    ] = 0.9
    beta2: Annotated[
        float,
        Field(ge=0.0, le=0.9999999),
        Knob(
            "β₂",
            "Which share of the running mean of squared gradients is kept.",
            step=0.001,
            live=True,
            soft_minimum=0.8,
            shown_when=("method", ADAM_FAMILY),
        ),
    ] = 0.999
    bias_correction: Annotated[
        bool,
        Knob(
            "bias correction",
            "Off: the running means are used as they are, too small at first; the first "
            "steps are then about (1 − β₁)/√(1 − β₂) times as long. torch always corrects.",
            live=True,
            shown_when=("method", BIAS_CORRECTED),
        ),
    ] = True
    momentum_decay: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "momentum decay ψ",
            "How fast the momentum rises from β₁/2 to β₁.",
            step=0.001,
            live=True,
            soft_maximum=0.1,
            shown_when=("method", ("nadam",)),
        ),
    ] = 0.004
    eps: Annotated[
        float,
        Field(ge=1e-16, le=10.0),
        Knob(
            "ε",
            "Added to the root so that nothing is divided by zero.",
            scale="log",
            live=True,
            shown_when=("method", ("rmsprop", *ADAM_FAMILY)),
        ),
    ] = 1e-8
    adagrad_eps: Annotated[
        float,
        Field(ge=1e-16, le=10.0),
        Knob(
            "ε",
            "Added to the root so that nothing is divided by zero.",
            scale="log",
            live=True,
            shown_when=("method", ("adagrad",)),
        ),
    ] = 1e-10
    adadelta_eps: Annotated[
        float,
        Field(ge=1e-16, le=10.0),
        Knob(
            "ε",
            "Added inside both roots; it decides how long the first steps are.",
            scale="log",
            live=True,
            shown_when=("method", ("adadelta",)),
        ),
    ] = 1e-6
    weight_decay: Annotated[
        float,
        Field(ge=0.0, le=10.0),
        Knob(
            "weight decay λ",
            "Adds λ·w to the gradient: pulls towards the origin, so the minimum moves.",
            step=0.001,
            live=True,
            soft_maximum=0.1,
            shown_when=("method", _DECAYED),
        ),
    ] = 0.0
    adamw_decay: Annotated[
        float,
        Field(ge=0.0, le=10.0),
        Knob(
            "weight decay λ",
            "Takes η·λ·w off the weights in every round, beside the gradient.",
            step=0.001,
            live=True,
            soft_maximum=0.1,
            shown_when=("method", ("adamw",)),
        ),
    ] = 0.01
    history: Annotated[
        int,
        Field(ge=1, le=100),
        Knob(
            "history",
            "How many pairs of steps and gradient changes are remembered.",
            live=True,
            soft_maximum=20,
            shown_when=("method", ("lbfgs",)),
        ),
    ] = 10
    iterations: Annotated[
        int,
        Field(ge=1, le=20),
        Knob(
            "iterations a round",
            "Inner iterations; each evaluates the gradient at least once.",
            live=True,
            shown_when=("method", ("lbfgs",)),
        ),
    ] = 1
    line_search: Annotated[
        bool,
        Knob(
            "line search",
            "Look for a step that meets the strong Wolfe conditions; off: always the step η.",
            live=True,
            shown_when=("method", ("lbfgs",)),
        ),
    ] = True

    @property
    def hyper(self) -> Mapping[str, Any]:
        """Return the numbers of the method, the rate left out, under the names of its formula."""
        return {name: getattr(self, field) for name, field in HYPER_FIELDS[self.method]}
