"""One update of an optimizer as arithmetic: every term with the numbers put in.

:func:`explain` does the step of :mod:`playground.core.optimizers` once more for one weight pair,
slowly and aloud; its last term is the weight after the step. The formulas are those of torch.optim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from playground.core.adam_arithmetic import adam, adamw, nadam, radam
from playground.core.lbfgs_arithmetic import explain_lbfgs
from playground.core.step_sheet import Sheet, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Pair = NDArray[np.float64]

__all__ = ["Term", "explain", "explain_lbfgs"]


def explain(
    method: str,
    hyper: Mapping[str, Any],
    rate: float,
    before: Mapping[str, Pair],
    position: Pair,
    gradient: Pair,
) -> tuple[Term, ...]:
    """Return the terms of one step; the last one is the position after it.

    Parameters
    ----------
    method
        A key of :data:`playground.core.optimizers.SLOTS`.
    hyper
        The numbers of the method, by the names of its formula.
    rate
        The learning rate of the step.
    before
        The state before the step: slots (2,), and (1,) for counts.
    position, gradient
        (2,) before the step; the gradient with its noise.
    """
    sheet = Sheet(hyper, rate, before, position)
    with np.errstate(all="ignore"):
        sheet.gradient(gradient, method)
        _METHODS[method](sheet)
    return tuple(sheet.terms)


def _sgd(sheet: Sheet) -> None:
    sheet.weight("w − η·g", "{w} − {rate}·{g}", sheet.w - sheet.rate * sheet.g, g=sheet.g)


def _momentum(sheet: Sheet) -> None:
    keep, old = sheet.hyper["momentum"], sheet.before["velocity"]
    share = 1.0 if sheet.t == 1.0 else 1.0 - sheet.hyper["dampening"]
    first = " (d counts from the second step on)" if sheet.hyper["dampening"] else ""
    velocity = sheet.line(
        "v",
        f"velocity{first}",
        "μ·v + (1 − d)·g" if sheet.hyper["dampening"] else "μ·v + g",
        "{keep}·{old} + {share}·{g}" if share != 1.0 else "{keep}·{old} + {g}",
        keep * old + share * sheet.g,
        keep=keep,
        old=old,
        share=share,
        g=sheet.g,
    )
    sheet.weight("w − η·v", "{w} − {rate}·{v}", sheet.w - sheet.rate * velocity, v=velocity)


def _nesterov(sheet: Sheet) -> None:
    keep, old = sheet.hyper["momentum"], sheet.before["velocity"]
    velocity = sheet.line(
        "v",
        "velocity",
        "μ·v + g",
        "{keep}·{old} + {g}",
        keep * old + sheet.g,
        keep=keep,
        old=old,
        g=sheet.g,
    )
    ahead = sheet.line(
        "a",
        "gradient and the velocity to come",
        "g + μ·v",
        "{g} + {keep}·{v}",
        sheet.g + keep * velocity,
        g=sheet.g,
        keep=keep,
        v=velocity,
    )
    sheet.weight("w − η·a", "{w} − {rate}·{a}", sheet.w - sheet.rate * ahead, a=ahead)


def _rprop(sheet: Sheet) -> None:
    hyper, previous = sheet.hyper, sheet.before["previous"]
    old = np.full(2, sheet.rate) if sheet.t == 1.0 else sheet.before["steps"]
    agreement = sheet.line(
        "sign",
        "does the sign stay?",
        "sign(g·g₋)",
        "sign({g}·{before})",
        np.sign(sheet.g * previous),
        g=sheet.g,
        before=previous,
    )
    growth = np.where(
        agreement > 0, hyper["eta_plus"], np.where(agreement < 0, hyper["eta_minus"], 1.0)
    )
    factor = sheet.line(
        "f",
        "growth of the step",
        "η⁺ if it stays, η⁻ if it changes, 1 at the start",
        "{f}",
        growth,
        f=growth,
    )
    low, high = hyper["step_min"], hyper["step_max"]
    steps = sheet.line(
        "s",
        "step of this weight",
        "s·f, kept between the smallest and the largest step",
        "{old}·{f}",
        np.clip(old * factor, low, high),
        old=old,
        f=factor,
    )
    kept = sheet.line(
        "g",
        "the weight rests where the sign changed",
        "0 if it changed, else g",
        "{g}",
        np.where(agreement < 0, 0.0, sheet.g),
        g=np.where(agreement < 0, 0.0, sheet.g),
    )
    direction = np.sign(kept)
    sheet.weight(
        "w − sign(g)·s", "{w} − {sign}·{s}", sheet.w - direction * steps, sign=direction, s=steps
    )


def _adagrad(sheet: Sheet) -> None:
    hyper, old = sheet.hyper, sheet.before["sum"]
    total = sheet.line(
        "G",
        "sum of squared gradients",
        "G + g²",
        "{old} + {g}²",
        old + sheet.g * sheet.g,
        old=old,
        g=sheet.g,
    )
    rate = sheet.rate / (1.0 + (sheet.t - 1.0) * hyper["rate_decay"])
    if hyper["rate_decay"]:
        sheet.line(
            "η",
            "learning rate, decayed",
            "η/(1 + (t − 1)·decay)",
            "{rate}/(1 + {n}·{decay})",
            rate,
            rate=sheet.rate,
            n=sheet.t - 1.0,
            decay=hyper["rate_decay"],
        )
    step = sheet.line(
        "Δ",
        "step",
        "η·g/(√G + ε)",
        "{rate}·{g}/(√{total} + {eps})",
        rate * sheet.g / (np.sqrt(total) + hyper["eps"]),
        rate=rate,
        g=sheet.g,
        total=total,
        eps=hyper["eps"],
    )
    sheet.weight("w − Δ", "{w} − {step}", sheet.w - step, step=step)


def _rmsprop(sheet: Sheet) -> None:
    hyper, alpha = sheet.hyper, sheet.hyper["alpha"]
    square = sheet.mean("E", "mean of squared gradients", "square", alpha, "α", sheet.g * sheet.g)
    inside, shown = square, "√E"
    if hyper["centred"]:
        mean = sheet.mean("ḡ", "mean of gradients", "mean", alpha, "α", sheet.g)
        inside = sheet.line(
            "σ²",
            "variance of the gradient",
            "E − ḡ²",
            "{square} − {mean}²",
            square - mean * mean,
            square=square,
            mean=mean,
        )
        shown = "√σ²"
    scaled = sheet.line(
        "u",
        "scaled gradient",
        f"g/({shown} + ε)",
        "{g}/(√{inside} + {eps})",
        sheet.g / (np.sqrt(inside) + hyper["eps"]),
        g=sheet.g,
        inside=inside,
        eps=hyper["eps"],
    )
    if hyper["momentum"]:
        old = sheet.before["velocity"]
        scaled = sheet.line(
            "u",
            "velocity",
            "μ·v + u",
            "{keep}·{old} + {u}",
            hyper["momentum"] * old + scaled,
            keep=hyper["momentum"],
            old=old,
            u=scaled,
        )
    sheet.weight("w − η·u", "{w} − {rate}·{u}", sheet.w - sheet.rate * scaled, u=scaled)


def _adadelta(sheet: Sheet) -> None:
    rho, eps = sheet.hyper["rho"], sheet.hyper["eps"]
    square = sheet.mean("E", "mean of squared gradients", "square", rho, "ρ", sheet.g * sheet.g)
    old = sheet.before["deltas"]
    delta = sheet.line(
        "Δ",
        "step before the rate",
        "√(D + ε)/√(E + ε)·g",
        "√({old} + {eps})/√({square} + {eps})·{g}",
        np.sqrt(old + eps) / np.sqrt(square + eps) * sheet.g,
        old=old,
        eps=eps,
        square=square,
        g=sheet.g,
    )
    sheet.line(
        "D",
        "mean of squared steps, for the next round",
        "ρ·D + (1 − ρ)·Δ²",
        "{keep}·{old} + {share}·{delta}²",
        rho * old + (1.0 - rho) * delta * delta,
        keep=rho,
        old=old,
        share=1.0 - rho,
        delta=delta,
    )
    sheet.weight("w − η·Δ", "{w} − {rate}·{delta}", sheet.w - sheet.rate * delta, delta=delta)


_METHODS: dict[str, Callable[[Sheet], None]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "rprop": _rprop,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adadelta": _adadelta,
    "adam": adam,
    "nadam": nadam,
    "adamw": adamw,
    "amsgrad": lambda sheet: adam(sheet, amsgrad=True),
    "radam": radam,
}
