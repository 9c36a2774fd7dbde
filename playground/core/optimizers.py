"""The update rules of the optimizers, for many runs at once.

One call moves n runs by one step: positions and gradients are (n, 2), every number of a method is a
column (n, 1), so that runs of the same method with other numbers, or with a grid of learning rates,
or from a grid of starts, cost one array operation and not n. The definitions are those of
torch.optim, to which the tests hold every rule; a torch.optim object for every run would cost
140 to 300 µs a step each.

    state, w ← rule(state, w, g, η)

Rules never change an array that they were given: the state before a step stays valid and free.

Sources: Polyak 1964 (momentum), Nesterov 1983 in the form of Sutskever et al. 2013, Riedmiller and
Braun 1993 (Rprop), Duchi et al. 2011 (AdaGrad), Tieleman and Hinton 2012 (RMSprop), Zeiler 2012
(AdaDelta), Kingma and Ba 2015 (Adam), Dozat 2016 (Nadam), Loshchilov and Hutter 2019 (AdamW), Reddi
et al. 2018 (AMSGrad), Liu et al. 2020 (RAdam). L-BFGS is no rule of this kind: see
:mod:`playground.core.lbfgs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Column: TypeAlias = NDArray[np.float64]
"""(n, 2), one row a run, or (n, 1) for a number that both coordinates share."""

State: TypeAlias = dict[str, Column]
Hyper: TypeAlias = "Mapping[str, Column]"

ROUNDS = "rounds"
"""Slot (n, 1) of every state: how many steps each run has done."""


class Moved(NamedTuple):
    """Positions (n, 2) after a step, and the state that belongs to them."""

    position: Column
    state: State


def columns(numbers: list[Mapping[str, float]]) -> dict[str, Column]:
    """Return the numbers of n runs as columns (n, 1); truth values become 0 and 1."""
    return {
        name: np.array([[float(one[name])] for one in numbers], dtype=np.float64)
        for name in numbers[0]
    }


def first_state(method: str, hyper: Hyper, count: int) -> State:
    """Return the state of runs that have not moved yet."""
    state: State = {ROUNDS: np.zeros((count, 1))}
    for slot in SLOTS[method]:
        state[slot] = np.zeros((count, 2))
    if method == "adagrad":
        state["sum"] = state["sum"] + hyper["initial_sum"]
    if method == "nadam":
        state["product"] = np.ones((count, 1))
    return state


def moved(
    method: str, state: State, hyper: Hyper, rate: Column, position: Column, gradient: Column
) -> Moved:
    """Return positions and state after one step.

    Parameters
    ----------
    method
        A key of :data:`SLOTS`.
    state
        From :func:`first_state` or an earlier step.
    hyper
        The numbers of the method as columns (n, 1).
    rate
        The learning rate of this step, (n, 1).
    position, gradient
        (n, 2).
    """
    return _RULES[method](state, hyper, rate, position, gradient)


def _sgd(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """Do w ← w − η·g."""
    g = g + hyper["weight_decay"] * w
    return Moved(w - rate * g, {ROUNDS: state[ROUNDS] + 1})


def _momentum(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """Do v ← μ·v + (1 − d)·g with v = g in the first step; w ← w − η·v."""
    t = state[ROUNDS] + 1
    g = g + hyper["weight_decay"] * w
    share = np.where(t == 1, 1.0, 1.0 - hyper["dampening"])
    velocity = hyper["momentum"] * state["velocity"] + share * g
    return Moved(w - rate * velocity, {ROUNDS: t, "velocity": velocity})


def _nesterov(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """Do v ← μ·v + g; w ← w − η·(g + μ·v)."""
    g = g + hyper["weight_decay"] * w
    velocity = hyper["momentum"] * state["velocity"] + g
    ahead = g + hyper["momentum"] * velocity
    return Moved(w - rate * ahead, {ROUNDS: state[ROUNDS] + 1, "velocity": velocity})


def _rprop(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """Do s ← s·η⁺ or s·η⁻ by the sign of g·g_before; w ← w − sign(g)·s, resting after a change."""
    t = state[ROUNDS] + 1
    steps = np.where(t == 1, rate, state["steps"])
    agreement = g * state["previous"]
    factor = np.where(
        agreement > 0, hyper["eta_plus"], np.where(agreement < 0, hyper["eta_minus"], 1.0)
    )
    steps = np.clip(steps * factor, hyper["step_min"], hyper["step_max"])
    kept = np.where(agreement < 0, 0.0, g)
    return Moved(w - np.sign(kept) * steps, {ROUNDS: t, "steps": steps, "previous": kept})


def _adagrad(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """G ← G + g²; w ← w − η/(1 + (t−1)·decay) · g/(√G + ε)."""
    t = state[ROUNDS] + 1
    g = g + hyper["weight_decay"] * w
    total = state["sum"] + g * g
    slowed = rate / (1.0 + (t - 1.0) * hyper["rate_decay"])
    return Moved(w - slowed * g / (np.sqrt(total) + hyper["eps"]), {ROUNDS: t, "sum": total})


def _rmsprop(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """E ← α·E + (1 − α)·g²; v ← μ·v + g/(√E + ε); w ← w − η·v.

    Centred: √(E − ḡ²) instead of √E, with the running mean ḡ of the gradient.
    """
    alpha = hyper["alpha"]
    g = g + hyper["weight_decay"] * w
    square = alpha * state["square"] + (1.0 - alpha) * g * g
    mean = state["mean"] + (1.0 - alpha) * (g - state["mean"])
    root = np.sqrt(np.where(hyper["centred"] > 0, square - mean * mean, square)) + hyper["eps"]
    velocity = hyper["momentum"] * state["velocity"] + g / root
    return Moved(
        w - rate * velocity,
        {ROUNDS: state[ROUNDS] + 1, "square": square, "mean": mean, "velocity": velocity},
    )


def _adadelta(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """E ← ρ·E + (1 − ρ)·g²; Δ = √(D + ε)/√(E + ε)·g; D ← ρ·D + (1 − ρ)·Δ²; w ← w − η·Δ."""
    rho, eps = hyper["rho"], hyper["eps"]
    g = g + hyper["weight_decay"] * w
    square = rho * state["square"] + (1.0 - rho) * g * g
    delta = np.sqrt(state["deltas"] + eps) / np.sqrt(square + eps) * g
    deltas = rho * state["deltas"] + (1.0 - rho) * delta * delta
    return Moved(w - rate * delta, {ROUNDS: state[ROUNDS] + 1, "square": square, "deltas": deltas})


def _moments(state: State, hyper: Hyper, g: Column) -> tuple[Column, Column]:
    """Do m ← m + (1 − β₁)·(g − m), v ← β₂·v + (1 − β₂)·g²."""
    beta2 = hyper["beta2"]
    first = state["first"] + (1.0 - hyper["beta1"]) * (g - state["first"])
    return first, beta2 * state["second"] + (1.0 - beta2) * g * g


def _corrections(hyper: Hyper, t: Column) -> tuple[Column, Column]:
    """Return 1 − β₁ᵗ and 1 − β₂ᵗ, or 1 where the correction is off."""
    on = hyper["bias_correction"] > 0
    return (
        np.where(on, 1.0 - hyper["beta1"] ** t, 1.0),
        np.where(on, 1.0 - hyper["beta2"] ** t, 1.0),
    )


def _adam(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """Do w ← w − η/(1 − β₁ᵗ) · m/(√v/√(1 − β₂ᵗ) + ε)."""
    t = state[ROUNDS] + 1
    first, second = _moments(state, hyper, g + hyper["weight_decay"] * w)
    correct1, correct2 = _corrections(hyper, t)
    root = np.sqrt(second) / np.sqrt(correct2) + hyper["eps"]
    return Moved(w - rate / correct1 * first / root, {ROUNDS: t, "first": first, "second": second})


def _adamw(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """Do w ← w·(1 − η·λ), then as Adam."""
    plain = {**hyper, "weight_decay": np.zeros_like(rate)}
    return _adam(state, plain, rate, w * (1.0 - rate * hyper["weight_decay"]), g)


def _amsgrad(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """As Adam with the largest v so far under the root."""
    t = state[ROUNDS] + 1
    first, second = _moments(state, hyper, g + hyper["weight_decay"] * w)
    largest = np.maximum(state["largest"], second)
    correct1, correct2 = _corrections(hyper, t)
    root = np.sqrt(largest) / np.sqrt(correct2) + hyper["eps"]
    return Moved(
        w - rate / correct1 * first / root,
        {ROUNDS: t, "first": first, "second": second, "largest": largest},
    )


def nadam_momenta(beta1: Column, decay: Column, t: Column) -> tuple[Column, Column]:
    """Return Nadam's momenta μ_t and μ_{t+1}, with μ_t = β₁·(1 − ½·0.96^(t·ψ))."""
    return (
        beta1 * (1.0 - 0.5 * 0.96 ** (t * decay)),
        beta1 * (1.0 - 0.5 * 0.96 ** ((t + 1.0) * decay)),
    )


def nadam_product(product: Column, momentum: Column) -> Column:
    """Return Π μ with one more factor, rounded as torch rounds it.

    torch keeps this one number in single precision whatever the parameters are.
    """
    rounded = product.astype(np.float32) * momentum.astype(np.float32)
    return rounded.astype(np.float64)


def _nadam(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """Do w ← w − η·[(1 − μ_t)/(1 − Πμ)·g + μ_{t+1}/(1 − Πμ·μ_{t+1})·m] / (√(v/(1 − β₂ᵗ)) + ε)."""
    t = state[ROUNDS] + 1
    g = g + hyper["weight_decay"] * w
    now, later = nadam_momenta(hyper["beta1"], hyper["momentum_decay"], t)
    product = nadam_product(state["product"], now)
    first, second = _moments(state, hyper, g)
    root = np.sqrt(second / (1.0 - hyper["beta2"] ** t)) + hyper["eps"]
    w = w - rate * (1.0 - now) / (1.0 - product) * g / root
    w = w - rate * later / (1.0 - product * later) * first / root
    return Moved(w, {ROUNDS: t, "first": first, "second": second, "product": product})


def radam_rectification(beta2: Column, t: Column) -> tuple[Column, Column]:
    """Return ρ_t, the length of the average, and the rectification r_t (0 while ρ_t ≤ 5)."""
    longest = 2.0 / (1.0 - beta2) - 1.0
    length = longest - 2.0 * t * beta2**t / (1.0 - beta2**t)
    trusted = length > 5.0
    # Where it is not trusted the root may be of a negative number; any valid one will do.
    safe, safe_longest = np.where(trusted, length, 6.0), np.where(trusted, longest, 6.0)
    square = (safe - 4.0) * (safe - 2.0) * safe_longest
    square = square / ((safe_longest - 4.0) * (safe_longest - 2.0) * safe)
    return length, np.where(trusted, np.sqrt(square), 0.0)


def _radam(state: State, hyper: Hyper, rate: Column, w: Column, g: Column) -> Moved:
    """Do w ← w − η·m̂·r_t·√(1 − β₂ᵗ)/(√v + ε) once ρ_t > 5, before that w ← w − η·m̂."""
    t = state[ROUNDS] + 1
    first, second = _moments(state, hyper, g + hyper["weight_decay"] * w)
    unbiased = first / (1.0 - hyper["beta1"] ** t)
    rectified = radam_rectification(hyper["beta2"], t)[1]
    scale = np.sqrt(1.0 - hyper["beta2"] ** t) / (np.sqrt(second) + hyper["eps"])
    step = rate * unbiased * np.where(rectified > 0, scale * rectified, 1.0)
    return Moved(w - step, {ROUNDS: t, "first": first, "second": second})


_Rule: TypeAlias = "Callable[[State, Hyper, Column, Column, Column], Moved]"

_RULES: dict[str, _Rule] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "rprop": _rprop,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adadelta": _adadelta,
    "adam": _adam,
    "nadam": _nadam,
    "adamw": _adamw,
    "amsgrad": _amsgrad,
    "radam": _radam,
}

SLOTS: dict[str, tuple[str, ...]] = {
    "sgd": (),
    "momentum": ("velocity",),
    "nesterov": ("velocity",),
    "rprop": ("steps", "previous"),
    "adagrad": ("sum",),
    "rmsprop": ("square", "mean", "velocity"),
    "adadelta": ("square", "deltas"),
    "adam": ("first", "second"),
    "nadam": ("first", "second"),
    "adamw": ("first", "second"),
    "amsgrad": ("first", "second", "largest"),
    "radam": ("first", "second"),
}
"""What each method remembers for every weight, beside the number of steps."""
