"""The lines of a step card: a rule, the same with its numbers, and the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.core.optimizers import ROUNDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Pair = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Term:
    """One line of a step card.

    Parameters
    ----------
    symbol
        What is computed, such as ``"m"``.
    meaning
        The same in words.
    formula
        The rule, such as ``"β₁·m + (1 − β₁)·g"``.
    numbers
        The rule with the numbers in it and its result: one text where both coordinates share it,
        else one for each.
    values
        The result for both coordinates, exact.
    """

    symbol: str
    meaning: str
    formula: str
    numbers: tuple[str, ...]
    values: tuple[float, float]


class Sheet:
    """The lines so far, and the quantities that later lines need."""

    def __init__(
        self, hyper: Mapping[str, Any], rate: float, before: Mapping[str, Pair], position: Pair
    ) -> None:
        self.terms: list[Term] = []
        self.hyper = hyper
        self.rate = rate
        self.before = before
        self.w = position
        self.t = float(before[ROUNDS][0]) + 1.0
        self.g = position

    def line(
        self, symbol: str, meaning: str, formula: str, template: str, values: Any, **operands: Any
    ) -> Any:
        """Add a line and return its values.

        ``template`` is the formula with ``{name}`` where the numbers of ``operands`` go; operands
        and values are one number, or two where the coordinates differ.
        """
        shared = np.ndim(values) == 0
        pairs = np.broadcast_to(np.asarray(values, dtype=np.float64), (2,))
        texts = []
        for coordinate in range(1 if shared else 2):
            inserted = {
                name: _operand(
                    np.broadcast_to(np.asarray(value, dtype=np.float64), (2,))[coordinate]
                )
                for name, value in operands.items()
            }
            result = _number(float(pairs[coordinate]))
            # A line that only names a number needs no equation.
            filled = template.format(**inserted)
            texts.append(
                f"{filled} = {result}" if _operand(pairs[coordinate]) != filled else result
            )
        x, y = pairs.tolist()
        self.terms.append(Term(symbol, meaning, formula, tuple(texts), (x, y)))
        return values

    def gradient(self, gradient: Pair, method: str) -> None:
        """Add the gradient, with the weight decay that some methods put into it."""
        self.g = self.line("g", "gradient", "∇f(w)", "{g}", gradient, g=gradient)
        decay = float(self.hyper.get("weight_decay", 0.0))
        if decay and method != "adamw":
            self.g = self.line(
                "g",
                "gradient with weight decay",
                "g + λ·w",
                "{g} + {decay}·{w}",
                gradient + decay * self.w,
                g=gradient,
                decay=decay,
                w=self.w,
            )

    def mean(self, symbol: str, meaning: str, slot: str, keep: float, sign: str, value: Any) -> Any:
        """Add a running mean that keeps a share of itself; ``value`` is what comes in."""
        old = self.before[slot]
        power = "²" if value is not self.g else ""
        return self.line(
            symbol,
            meaning,
            f"{sign}·{symbol} + (1 − {sign})·{'g' + power}",
            f"{{keep}}·{{old}} + {{share}}·{{g}}{power}",
            keep * old + (1.0 - keep) * value,
            keep=keep,
            old=old,
            share=1.0 - keep,
            g=self.g,
        )

    def weight(self, formula: str, template: str, values: Pair, **operands: Any) -> None:
        """Add the last line: the weight after the step."""
        self.line("w", "weight", formula, template, values, w=self.w, rate=self.rate, **operands)


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _operand(value: float) -> str:
    text = _number(float(value))
    return f"({text})" if text.startswith("−") else text
