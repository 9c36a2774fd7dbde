"""The step card of L-BFGS: the last pair of its memory, the direction, the step length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from playground.core.optimizers import ROUNDS
from playground.core.step_sheet import Sheet, Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.lbfgs import Memory

    Pair = NDArray[np.float64]


def explain_lbfgs(
    before: Memory, after: Memory, origin: Pair, gradient: Pair, position: Pair
) -> tuple[Term, ...]:
    """Return the terms of one step of L-BFGS; the last one is the position after it.

    Where a round has several inner iterations, the last of them is explained.

    Parameters
    ----------
    before, after
        What it remembered before and after the step.
    origin, gradient
        (2,) place and gradient at the beginning of the round.
    position
        (2,) after the round.
    """
    sheet = Sheet({}, after.length, {ROUNDS: np.zeros(1)}, origin)
    direction = after.direction
    if after is before or direction is None or np.array_equal(origin, position):
        sheet.line(
            "g", "gradient, too small or too steep for a step", "∇f(w)", "{g}", gradient, g=gradient
        )
        sheet.line("w", "weight, unchanged", "w", "{w}", position, w=position)
        return tuple(sheet.terms)
    slope = gradient if after.gradient is None else after.gradient
    sheet.line("g", "gradient", "∇f(w)", "{g}", slope, g=slope)
    if not after.changes:
        sheet.line("d", "direction: no curvature is known yet", "−g", "−{g}", direction, g=slope)
    else:
        _two_loops(sheet, after, slope)
    sheet.line(
        "t", "step length", "η, or what the line search found", "{t}", after.length, t=after.length
    )
    moved = after.length * direction
    sheet.line(
        "w",
        "weight",
        "w + t·d",
        "{w} + {t}·{d}",
        position,
        w=position - moved,
        t=after.length,
        d=direction,
    )
    return tuple(sheet.terms)


def _two_loops(sheet: Sheet, memory: Memory, slope: Pair) -> None:
    """Add the pairs of the memory and the direction that follows from them."""
    change, step = memory.changes[-1], memory.steps[-1]
    sheet.line("s", "last step", "Δw", "{s}", step, s=step)
    sheet.line("y", "change of the gradient", "Δg", "{y}", change, y=change)
    sheet.line(
        "γ",
        "first guess of the inverse curvature",
        "s·y/(y·y)",
        "{sy}/{yy}",
        memory.scale,
        sy=float(step @ change),
        yy=float(change @ change),
    )
    direction = -slope
    shares = []
    for old_change, old_step in zip(reversed(memory.changes), reversed(memory.steps), strict=True):
        share = float(old_step @ direction) / float(old_change @ old_step)
        shares.append(share)
        direction = direction - share * old_change
    direction = memory.scale * direction
    for old_change, old_step, share in zip(
        memory.changes, memory.steps, reversed(shares), strict=True
    ):
        back = float(old_change @ direction) / float(old_change @ old_step)
        direction = direction + (share - back) * old_step
    count = len(memory.changes)
    pairs = "1 pair" if count == 1 else f"{count} pairs"
    sheet.line("d", f"direction, from {pairs} (s, y)", "−H·g", "{d}", direction, d=direction)
