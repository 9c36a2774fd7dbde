"""The optimizers of the race by name: labels, what differs from the slides, and their numbers."""

from __future__ import annotations

from typing import Final, Literal

Method = Literal[
    "sgd",
    "momentum",
    "nesterov",
    "rprop",
    "adagrad",
    "rmsprop",
    "adadelta",
    "adam",
    "nadam",
    "adamw",
    "amsgrad",
    "radam",
    "lbfgs",
]

METHOD_LABELS: Final[dict[str, str]] = {
    "sgd": "SGD",
    "momentum": "Momentum",
    "nesterov": "Nesterov",
    "rprop": "Rprop",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSprop",
    "adadelta": "AdaDelta",
    "adam": "Adam",
    "nadam": "Nadam",
    "adamw": "AdamW",
    "amsgrad": "AMSGrad",
    "radam": "RAdam",
    "lbfgs": "L-BFGS",
}
COURSE_METHODS: Final[tuple[Method, ...]] = (
    "sgd",
    "momentum",
    "nesterov",
    "rprop",
    "adagrad",
    "rmsprop",
    "adadelta",
    "adam",
    "nadam",
)
METHOD_HELP: Final[dict[str, str]] = {
    "sgd": "Plain gradient descent: w ← w − η·g.",
    "momentum": "v ← μ·v + g, w ← w − η·v. The slides put η inside the velocity (v ← μ·v − η·g); "
    "that is the same as long as η does not change.",
    "nesterov": "The gradient step is taken from where the velocity leads. torch adds the look-"
    "ahead to the update (g + μ·v) instead of evaluating the gradient there; up to a change of "
    "variables both are the same.",
    "rprop": "Only the signs count: each weight has a step of its own that grows while the sign "
    "stays and shrinks when it changes. Here the weight rests for one round after a change of "
    "sign; the slides' first version steps back instead.",
    "adagrad": "Divides by the root of the sum of all squared gradients: rates only fall.",
    "rmsprop": "Divides by the root of a running mean of squared gradients. ε is added outside the "
    "root; some texts put it inside.",
    "adadelta": "RMSprop whose rate is the running size of its own steps. With η = 1 it is the "
    "published method.",
    "adam": "Momentum and RMSprop together, both corrected for their start at zero. The slides' "
    "ε stands inside the root in some editions; here outside, after the correction.",
    "nadam": "Adam with Nesterov's look-ahead; torch lets the momentum rise from β₁/2 to β₁ "
    "(momentum decay ψ), which the slides leave out.",
    "adamw": "Adam whose weight decay is taken off the weights directly and not by the gradient.",
    "amsgrad": "Adam that divides by the largest second moment so far.",
    "radam": "Adam that starts as momentum and turns the scaling on when it can be trusted.",
    "lbfgs": "Quasi-Newton: builds the curvature from the last steps. Needs exact gradients.",
}
MAX_LANES: Final = 32

ADAM_FAMILY: Final = ("adam", "nadam", "adamw", "amsgrad", "radam")
BIAS_CORRECTED: Final = ("adam", "adamw", "amsgrad")

HYPER_FIELDS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "sgd": (("weight_decay", "weight_decay"),),
    "momentum": (
        ("momentum", "momentum"),
        ("dampening", "dampening"),
        ("weight_decay", "weight_decay"),
    ),
    "nesterov": (("momentum", "momentum"), ("weight_decay", "weight_decay")),
    "rprop": tuple((name, name) for name in ("eta_minus", "eta_plus", "step_min", "step_max")),
    "adagrad": (
        ("rate_decay", "rate_decay"),
        ("eps", "adagrad_eps"),
        ("initial_sum", "initial_sum"),
        ("weight_decay", "weight_decay"),
    ),
    "rmsprop": (
        ("alpha", "alpha"),
        ("eps", "eps"),
        ("momentum", "rms_momentum"),
        ("centred", "centred"),
        ("weight_decay", "weight_decay"),
    ),
    "adadelta": (("rho", "rho"), ("eps", "adadelta_eps"), ("weight_decay", "weight_decay")),
    **{
        method: (
            ("beta1", "beta1"),
            ("beta2", "beta2"),
            ("eps", "eps"),
            ("weight_decay", "adamw_decay" if method == "adamw" else "weight_decay"),
            *((("bias_correction", "bias_correction"),) if method in BIAS_CORRECTED else ()),
            *((("momentum_decay", "momentum_decay"),) if method == "nadam" else ()),
        )
        for method in ADAM_FAMILY
    },
    "lbfgs": tuple((name, name) for name in ("history", "iterations", "line_search")),
}
"""Per method: the names in its formula, and the fields of a lane that hold them."""
