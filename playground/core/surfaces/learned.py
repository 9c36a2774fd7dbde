"""Surfaces that are real costs: of one logistic neuron, and of two weights of a small network.

    neuron    z = x·F₁ + y·F₂ + c                      f(x, y) = cost(σ(z), t)
    network   z = rest + v₁·tanh(…)  with two of the weights free   f(x, y) = cost(σ(z), t)

The cost is a mean over samples with targets t in {0, 1}: the mean squared error
1/(2n) Σ (σ(z) − t)² or the cross-entropy 1/n Σ [log(1 + e^z) − t·z]. A mini-batch is the same mean
over some of the rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from playground.core.standardiser import Standardiser
from playground.core.surfaces.surface import Domain, Surface, SurfaceError

if TYPE_CHECKING:
    from types import ModuleType

    import torch
    from numpy.typing import NDArray

    from playground.core.points import PointSet
    from playground.core.random_streams import Streams

Cost = Literal["mse", "cross-entropy"]
Slice = Literal["both layers", "first layer", "second layer"]

MAX_SAMPLES: Final = 2_000
"""A cost over more samples than this would be too slow to race on."""

NEURON_DOMAIN: Final = Domain(-6.0, 6.0, -6.0, 6.0)
COURSE_DOMAIN: Final = Domain(-4.0, 4.0, -4.0, 4.0)
NETWORK_DOMAIN: Final = Domain(-6.0, 6.0, -6.0, 6.0)
NEURON_START: Final = (-4.0, 3.0)
COURSE_START: Final = (2.0, 2.0)
NETWORK_START: Final = (3.0, 4.0)

COST_WORDS: Final = {"mse": "mean squared error", "cross-entropy": "cross-entropy"}

_PRETRAINING_ROUNDS: Final = 400
_PRETRAINING_RATE: Final = 0.5


@dataclass(frozen=True, eq=False)
class Samples:
    """Standardised inputs (n, 2) and targets (n,) in {0, 1}, float64."""

    inputs: NDArray[np.float64]
    targets: NDArray[np.float64]

    @classmethod
    def of(cls, points: PointSet) -> Samples:
        """Return the points with mean 0 and standard deviation 1; raise :class:`SurfaceError`."""
        if not len(points):
            raise SurfaceError("A cost needs points: there are none in this data.")
        if len(points) > MAX_SAMPLES:
            raise SurfaceError(
                f"The cost is taken over at most {MAX_SAMPLES:,} points (got {len(points):,})."
            )
        inputs = np.array(Standardiser.of(points.x).apply(points.x), dtype=np.float64)
        return cls(inputs, (points.y.astype(np.float64) + 1.0) / 2.0)


def course_neuron(cost: Cost) -> Surface:
    """Return the cost of the course's slow neuron over its weight and its bias.

    One sample, input 1 with target 0, so z = w + b. From w = b = 2 the squared error crawls
    because σ′ ≈ 0; the cross-entropy does not.
    """
    samples = Samples(np.array([[1.0, 1.0]]), np.array([0.0]))
    return _neuron(
        samples,
        0.0,
        cost,
        title=f"slow neuron, {COST_WORDS[cost]}",
        description="One logistic neuron with input 1 and target 0: the course's example of slow "
        "learning. Every point of the line w + b = const is equal; the cost has no minimum at a "
        "finite place.",
        axes=("w", "b"),
        domain=COURSE_DOMAIN,
        start=COURSE_START,
        infimum=0.0,
    )


def neuron(points: PointSet, cost: Cost, bias: float) -> Surface:
    """Return the cost of a logistic neuron over its two weights, its bias held fixed.

    Parameters
    ----------
    points
        The samples; they are standardised.
    bias
        β in z = w₁·x₁ + w₂·x₂ + β.

    Raises
    ------
    SurfaceError
        When there are no points, or too many.
    """
    return _neuron(
        Samples.of(points),
        bias,
        cost,
        title=f"logistic neuron, {COST_WORDS[cost]}",
        description="The cost of one logistic neuron over its two weights, on standardised points. "
        "Cross-entropy is convex; the squared error has plateaus where the neuron is surely wrong.",
        axes=("w₁", "w₂"),
        domain=NEURON_DOMAIN,
        start=NEURON_START,
    )


def network_slice(
    points: PointSet, cost: Cost, hidden: int, free: Slice, streams: Streams
) -> Surface:
    """Return the cost of a network 2-h-1 (tanh, logistic) over two of its weights.

    All weights are first drawn from the stream "init" (Glorot: Var = 2/(fan_in + fan_out)) and
    trained for a while by gradient descent on the same cost; then two of them are set free.

    Parameters
    ----------
    hidden
        h, the number of hidden neurons, at least 2.
    free
        Which two: both weights into hidden neuron 1, the weights out of hidden neurons 1 and 2, or
        the first weight into hidden neuron 1 and the one out of it.

    Raises
    ------
    SurfaceError
        When there are no points, or too many.
    """
    samples = Samples.of(points)
    weights = _pretrained(samples, hidden, cost, streams.numpy("init"))
    columns, rest, kind = _slice_columns(samples, weights, free)
    data = _Data(columns, rest, samples.targets)
    return Surface(
        kind="mlp",
        title=f"network 2-{hidden}-1, {COST_WORDS[cost]}",
        function=_Cost(data, kind, cost),
        formula=_SLICE_FORMULAS[kind],
        description=f"Two weights of a network with {hidden} hidden tanh neurons, all others "
        "trained and then held fixed: what the optimizer of a real network sees, cut in a plane.",
        domain=NETWORK_DOMAIN,
        start=NETWORK_START,
        source=_source(data, kind, cost),
        axes=_SLICE_AXES[kind],
        samples=len(samples.targets),
        batch=lambda rows: _Cost(data.rows(rows), kind, cost),
    )


_Kind = Literal["linear", "both", "first"]

_SLICE_AXES: Final[dict[_Kind, tuple[str, str]]] = {
    "linear": ("v₁", "v₂"),
    "both": ("w₁₁", "v₁"),
    "first": ("w₁₁", "w₁₂"),
}
_SLICE_FORMULAS: Final[dict[_Kind, str]] = {
    "linear": "cost(σ(rest + v₁·a₁ + v₂·a₂))",
    "both": "cost(σ(rest + v₁·tanh(w₁₁·x₁ + c)))",
    "first": "cost(σ(rest + v₁·tanh(w₁₁·x₁ + w₁₂·x₂ + b₁)))",
}
_SCORES: Final[dict[_Kind, str]] = {
    "linear": "x * F[:, 0] + y * F[:, 1] + rest",
    "both": "rest + y * torch.tanh(x * F[:, 0] + F[:, 1])",
    "first": "rest + F[:, 3] * torch.tanh(x * F[:, 0] + y * F[:, 1] + F[:, 2])",
}
_COSTS: Final[dict[Cost, str]] = {
    "mse": "((torch.sigmoid(z) - t) ** 2).mean(-1) / 2",
    "cross-entropy": "(torch.nn.functional.softplus(z) - t * z).mean(-1)",
}


@dataclass(frozen=True, eq=False)
class _Data:
    """Per sample: columns that multiply the two numbers, the fixed part of z, and the target."""

    columns: NDArray[np.float64]
    rest: NDArray[np.float64]
    targets: NDArray[np.float64]

    def rows(self, rows: NDArray[np.intp]) -> _Data:
        return _Data(self.columns[rows], self.rest[rows], self.targets[rows])


class _Cost:
    """The cost over two numbers, for arrays of any shape; the samples form one more axis.

    Its gradient is the chain rule by hand, three times as fast as walking a graph back:
    with r = (σ(z) − t)/n, times σ(z)·(1 − σ(z)) under the squared error, ∇f = Σ r·∇z.
    """

    def __init__(self, data: _Data, kind: _Kind, cost: Cost) -> None:
        self._data = data
        self._kind = kind
        self._cost = cost

    def gradients(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradients (N, 2) at points (N, 2)."""
        import torch

        data = self._data
        columns, rest, targets = (
            torch.from_numpy(part) for part in (data.columns, data.rest, data.targets)
        )
        at = torch.from_numpy(np.ascontiguousarray(points))
        x, y = at[:, :1], at[:, 1:]
        match self._kind:
            case "linear":
                z = torch.addmm(rest, at, columns.T)
            case "both":
                bent = _tanh(torch.addmm(columns[:, 1], x, columns[:, :1].T))
                z = torch.addcmul(rest, y, bent)
            case "first":
                bent = _tanh(torch.addmm(columns[:, 2], at, columns[:, :2].T))
                z = torch.addcmul(rest, bent, columns[:, 3])
        sure = z.sigmoid_()
        slope = sure - targets
        if self._cost == "mse":
            slope.mul_(sure).mul_(1.0 - sure)
        slope.div_(len(targets))
        match self._kind:
            case "linear":
                down = slope @ columns
            case "both":
                across = (slope * (1.0 - bent * bent)) @ columns[:, :1]
                down = torch.cat([across * y, (slope * bent).sum(1, keepdim=True)], 1)
            case "first":
                down = (slope * (1.0 - bent * bent)) @ (columns[:, :2] * columns[:, 3:])
        return down.numpy()

    def __call__(self, x: Any, y: Any, xp: ModuleType) -> Any:
        """Return the cost at every point."""
        data = self._data
        columns, rest, targets = (
            xp.asarray(part) for part in (data.columns.T, data.rest, data.targets)
        )
        x, y = x[..., None], y[..., None]
        match self._kind:
            case "linear":
                z = x * columns[0] + y * columns[1] + rest
            case "both":
                z = rest + y * xp.tanh(x * columns[0] + columns[1])
            case "first":
                inner = x * columns[0] + y * columns[1] + columns[2]
                z = rest + columns[3] * xp.tanh(inner)
        if self._cost == "mse":
            # σ(z) = ½(1 + tanh ½z) cannot overflow.
            return xp.mean((0.5 * (1.0 + xp.tanh(0.5 * z)) - targets) ** 2, -1) / 2
        return xp.mean(xp.logaddexp(xp.zeros_like(z), z) - targets * z, -1)


def _tanh(z: torch.Tensor) -> torch.Tensor:
    """Return tanh z = 2σ(2z) − 1 in the place of z; torch's own takes four times as long."""
    return z.mul_(2.0).sigmoid_().mul_(2.0).sub_(1.0)


def _neuron(
    samples: Samples,
    bias: float,
    cost: Cost,
    *,
    title: str,
    description: str,
    axes: tuple[str, str],
    domain: Domain,
    start: tuple[float, float],
    infimum: float = math.nan,
) -> Surface:
    count = len(samples.targets)
    data = _Data(samples.inputs, np.full(count, bias), samples.targets)
    return Surface(
        kind="neuron",
        title=title,
        function=_Cost(data, "linear", cost),
        formula=("1/(2n) Σ (σ(z) − t)²" if cost == "mse" else "1/n Σ [log(1 + e^z) − t·z]"),
        description=description,
        domain=domain,
        start=start,
        source=_source(data, "linear", cost),
        axes=axes,
        samples=count,
        batch=lambda rows: _Cost(data.rows(rows), "linear", cost),
        infimum=infimum,
    )


_Weights = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]", float]


def _slice_columns(
    samples: Samples, weights: _Weights, free: Slice
) -> tuple[NDArray[np.float64], NDArray[np.float64], _Kind]:
    """Return the columns of a slice, the fixed part of z, and which formula joins them."""
    inward, biases, outward, bias = weights
    activations = np.tanh(samples.inputs @ inward.T + biases)
    one, two = samples.inputs.T
    score = activations @ outward + bias
    without_first = score - outward[0] * activations[:, 0]
    if free == "second layer":
        rest = without_first - outward[1] * activations[:, 1]
        return activations[:, :2].copy(), rest, "linear"
    if free == "both layers":
        return np.column_stack([one, inward[0, 1] * two + biases[0]]), without_first, "both"
    same = np.ones_like(one)
    columns = np.column_stack([one, two, biases[0] * same, outward[0] * same])
    return columns, without_first, "first"


def _pretrained(samples: Samples, hidden: int, cost: Cost, rng: np.random.Generator) -> _Weights:
    """Return weights (h, 2), biases (h,), output weights (h,) and output bias after training.

    Full-batch gradient descent by the equations of back-propagation: δ = σ(z) − t for the
    cross-entropy, times σ′(z) for the squared error.
    """
    inputs, targets = samples.inputs, samples.targets
    inward = rng.normal(0.0, np.sqrt(2.0 / (2 + hidden)), (hidden, 2))
    outward = rng.normal(0.0, np.sqrt(2.0 / (hidden + 1)), hidden)
    biases, bias = np.zeros(hidden), 0.0
    for _ in range(_PRETRAINING_ROUNDS):
        activations = np.tanh(inputs @ inward.T + biases)
        output = 0.5 * (1.0 + np.tanh(0.5 * (activations @ outward + bias)))
        delta = (output - targets) / len(targets)
        if cost == "mse":
            delta = delta * output * (1.0 - output)
        inner = np.outer(delta, outward) * (1.0 - activations**2)
        outward = outward - _PRETRAINING_RATE * (activations.T @ delta)
        bias -= _PRETRAINING_RATE * float(delta.sum())
        inward = inward - _PRETRAINING_RATE * (inner.T @ inputs)
        biases = biases - _PRETRAINING_RATE * inner.sum(axis=0)
    return inward, biases, outward, bias


def _source(data: _Data, kind: _Kind, cost: Cost) -> str:
    """Return Python source of the cost with its samples in it."""
    return "\n".join(
        [
            f"features = torch.tensor({data.columns.tolist()!r}, dtype=torch.float64)",
            f"fixed = torch.tensor({data.rest.tolist()!r}, dtype=torch.float64)",
            f"targets = torch.tensor({data.targets.tolist()!r}, dtype=torch.float64)",
            "",
            "",
            "def surface(x, y, rows=slice(None)):",
            "    F, rest, t = features[rows], fixed[rows], targets[rows]",
            f"    z = {_SCORES[kind]}",
            f"    return {_COSTS[cost]}",
            "",
        ]
    )
