"""L-BFGS on two numbers: torch.optim.LBFGS with a memory that can be read, kept and put back.

    d = −H·g with H from the last pairs s = Δw, y = Δg (two-loop recursion);  w ← w + t·d

Source: J. Nocedal, "Updating quasi-Newton matrices with limited storage", Mathematics of
Computation 35 (1980); J. Nocedal and S. J. Wright, "Numerical Optimization", algorithm 7.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from playground.core.surfaces.surface import Function


EVALUATIONS = 25
"""Evaluations of the gradient that one iteration may take; torch's line search itself stops at 25.

torch's default is 1.25 times the number of iterations, which leaves a single iteration without any
for its line search: it would then stay where it is whenever the full step goes up."""


@dataclass(frozen=True, eq=False)
class Memory:
    """What L-BFGS carries from one iteration to the next; immutable.

    Parameters
    ----------
    iterations
        How many it has done.
    changes, steps
        The pairs y = Δg and s = Δw, (2,) each, the oldest first.
    scale
        γ: the first guess of the inverse Hessian is γ times the identity.
    gradient
        (2,) of the last iteration.
    direction
        (2,) of the last iteration.
    length
        How much of the direction was walked.
    loss
        The loss of the last iteration.
    """

    iterations: int = 0
    changes: tuple[NDArray[np.float64], ...] = ()
    steps: tuple[NDArray[np.float64], ...] = ()
    scale: float = 1.0
    gradient: NDArray[np.float64] | None = None
    direction: NDArray[np.float64] | None = None
    length: float = 0.0
    loss: float = 0.0


@dataclass(frozen=True, eq=False)
class Step:
    """The outcome of a step: position (2,), memory, and how often the gradient was evaluated."""

    position: NDArray[np.float64]
    memory: Memory
    evaluations: int


def step(
    function: Function,
    tilt: NDArray[np.float64],
    position: NDArray[np.float64],
    memory: Memory,
    rate: float,
    hyper: Mapping[str, Any],
) -> Step:
    """Return the outcome of one step of torch.optim.LBFGS on f(w) + tilt·w.

    Parameters
    ----------
    function
        f.
    tilt
        (2,) noise of this round: as a slope of the loss it is the same for every evaluation, so
        that a line search sees one consistent function.
    position
        (2,).
    memory
        From the step before; ``Memory()`` for the first.
    rate
        Step length; with a line search the first one that is tried. At 0, as at the bottom of a
        cosine schedule, nothing moves and nothing is evaluated.
    hyper
        ``history``, ``iterations`` and ``line_search``.
    """
    import torch

    if rate == 0.0:
        return Step(position.copy(), memory, 0)
    w = torch.tensor(position, dtype=torch.float64, requires_grad=True)
    slope = torch.tensor(tilt, dtype=torch.float64)
    optimizer = torch.optim.LBFGS(
        [w],
        lr=rate,
        max_iter=int(hyper["iterations"]),
        max_eval=EVALUATIONS * int(hyper["iterations"]),
        history_size=int(hyper["history"]),
        line_search_fn="strong_wolfe" if hyper["line_search"] else None,
    )
    if memory.iterations:
        optimizer.state[w].update(_to_torch(memory, int(hyper["history"])))
    evaluations = 0

    def closure() -> Any:
        nonlocal evaluations
        evaluations += 1
        optimizer.zero_grad()
        loss = (function(w[0:1], w[1:2], torch) + 0.0 * w[0:1]).sum() + (slope * w).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    after = optimizer.state[w]
    kept = _from_torch(after) if "d" in after else memory
    return Step(w.detach().numpy().copy(), kept, evaluations)


def _to_torch(memory: Memory, history: int) -> dict[str, Any]:
    import torch

    def tensor(array: Any) -> Any:
        return torch.tensor(array, dtype=torch.float64)

    # A history that was made shorter meanwhile forgets its oldest pairs.
    changes = [tensor(change) for change in memory.changes[-history:]]
    steps = [tensor(one) for one in memory.steps[-history:]]
    return {
        "func_evals": 0,
        "n_iter": memory.iterations,
        "d": tensor(memory.direction),
        "t": memory.length,
        "old_dirs": changes,
        "old_stps": steps,
        "ro": [1.0 / change.dot(one) for change, one in zip(changes, steps, strict=True)],
        "H_diag": memory.scale,
        "prev_flat_grad": tensor(memory.gradient),
        "prev_loss": memory.loss,
    }


def _from_torch(state: Mapping[str, Any]) -> Memory:
    def array(tensor: Any) -> NDArray[np.float64]:
        copied: NDArray[np.float64] = tensor.detach().numpy().copy()
        return copied

    return Memory(
        iterations=int(state["n_iter"]),
        changes=tuple(array(tensor) for tensor in state["old_dirs"]),
        steps=tuple(array(tensor) for tensor in state["old_stps"]),
        scale=float(state["H_diag"]),
        gradient=array(state["prev_flat_grad"]),
        direction=array(state["d"]),
        length=float(state["t"]),
        loss=float(state["prev_loss"]),
    )
