"""The surface of an optimizer race as a form, and the surface that it describes."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from playground.core.datasets import make_points
from playground.core.formulas import MAX_LENGTH
from playground.core.points import PointSet
from playground.core.random_streams import Streams
from playground.core.surfaces import analytic, learned
from playground.core.surfaces.learned import Cost, Slice
from playground.core.surfaces.surface import Domain, Surface
from playground.experiments.perceptron_edits import Points
from playground.experiments.perceptron_spec import PRESET_LABELS, Preset
from playground.experiments.spec import Knob, Spec

SurfaceKind = Literal[
    "bowl",
    "valley",
    "beale",
    "rosenbrock",
    "saddle",
    "monkey",
    "himmelblau",
    "rastrigin",
    "ackley",
    "camel",
    "plateau",
    "wells",
    "formula",
    "slow neuron",
    "neuron",
    "mlp",
]

SURFACE_LABELS: Final[dict[str, str]] = {
    "bowl": "bowl",
    **{kind: entry.title for kind, entry in analytic.CATALOGUE.items()},
    "formula": "formula of your own",
    "slow neuron": "slow neuron (w, b)",
    "neuron": "logistic neuron (w₁, w₂)",
    "mlp": "two weights of a network",
}
DEFAULT_FORMULA: Final = "sin(x)*cos(y) + 0.1*(x**2 + y**2)"

_LEARNED: Final = ("slow neuron", "neuron", "mlp")
_ON_POINTS: Final = ("neuron", "mlp")
_BOUND: Final = analytic.MAX_BOUND


class SurfaceSpec(Spec):
    """What the race is run on."""

    kind: Annotated[
        SurfaceKind,
        Knob("surface", "The loss over two numbers.", labels=SURFACE_LABELS),
    ] = "beale"
    condition: Annotated[
        float,
        Field(ge=1.0, le=10_000.0),
        Knob(
            "condition number κ",
            "Ratio of the two curvatures of the bowl; 1 is round.",
            scale="log",
            shown_when=("kind", ("bowl",)),
            soft_maximum=1000.0,
        ),
    ] = 20.0
    angle: Annotated[
        float,
        Field(ge=-90.0, le=90.0),
        Knob(
            "rotation",
            "Direction of the bowl's long axis. Methods with a rate per weight depend on it.",
            unit="°",
            step=5.0,
            shown_when=("kind", ("bowl",)),
        ),
    ] = 0.0
    formula: Annotated[
        str,
        # One more than is read: the parser says what is wrong with a longer one.
        Field(max_length=10 * MAX_LENGTH),
        Knob(
            "f(x, y)",
            "Numbers, x, y, pi, e, + − * / **, brackets, sin cos tan asin acos atan sinh cosh tanh "
            "exp log sqrt abs sign sigmoid min max.",
            shown_when=("kind", ("formula",)),
        ),
    ] = DEFAULT_FORMULA
    x_min: Annotated[
        float,
        Field(ge=-_BOUND, le=_BOUND),
        Knob(
            "x from",
            "Left edge of the map.",
            step=0.5,
            soft_minimum=-10.0,
            soft_maximum=10.0,
            shown_when=("kind", ("formula",)),
        ),
    ] = -5.0
    x_max: Annotated[
        float,
        Field(ge=-_BOUND, le=_BOUND),
        Knob(
            "x to",
            "Right edge of the map.",
            step=0.5,
            soft_minimum=-10.0,
            soft_maximum=10.0,
            shown_when=("kind", ("formula",)),
        ),
    ] = 5.0
    y_min: Annotated[
        float,
        Field(ge=-_BOUND, le=_BOUND),
        Knob(
            "y from",
            "Lower edge of the map.",
            step=0.5,
            soft_minimum=-10.0,
            soft_maximum=10.0,
            shown_when=("kind", ("formula",)),
        ),
    ] = -5.0
    y_max: Annotated[
        float,
        Field(ge=-_BOUND, le=_BOUND),
        Knob(
            "y to",
            "Upper edge of the map.",
            step=0.5,
            soft_minimum=-10.0,
            soft_maximum=10.0,
            shown_when=("kind", ("formula",)),
        ),
    ] = 5.0
    cost: Annotated[
        Cost,
        Knob(
            "cost",
            "The squared error is flat where the neuron is surely wrong; the cross-entropy is not.",
            labels={"mse": "mean squared error", "cross-entropy": "cross-entropy"},
            shown_when=("kind", _LEARNED),
        ),
    ] = "mse"
    preset: Annotated[
        Preset,
        Knob(
            "data",
            "The points of the cost, as in the perceptron pane.",
            labels=PRESET_LABELS,
            shown_when=("kind", _ON_POINTS),
        ),
    ] = "overlap"
    count: Annotated[
        int,
        Field(ge=2, le=learned.MAX_SAMPLES),
        Knob("points", "How many points are made.", scale="log", shown_when=("kind", _ON_POINTS)),
    ] = 80
    spread: Annotated[
        float,
        Field(ge=0.0, le=5.0),
        Knob(
            "noise of the data",
            "Spread of the points around their places; 1 is the usual amount.",
            step=0.1,
            soft_maximum=3.0,
            shown_when=("kind", _ON_POINTS),
        ),
    ] = 1.0
    data_seed: Annotated[
        int,
        Field(ge=0, le=2**32 - 1),
        Knob(
            "data seed",
            "Another seed makes other points, and other weights of the network.",
            soft_maximum=999,
            shown_when=("kind", _ON_POINTS),
        ),
    ] = 1
    points: Annotated[
        Points | None,
        Knob("own points", "The points themselves, where they are not made.", hidden=True),
    ] = None
    bias: Annotated[
        float,
        Field(ge=-100.0, le=100.0),
        Knob(
            "β",
            "The bias of the neuron, which is held fixed.",
            step=0.1,
            soft_minimum=-5.0,
            soft_maximum=5.0,
            shown_when=("kind", ("neuron",)),
        ),
    ] = 0.0
    hidden_neurons: Annotated[
        int,
        Field(ge=2, le=64),
        Knob("hidden neurons", "Neurons of the hidden layer.", shown_when=("kind", ("mlp",))),
    ] = 6
    free: Annotated[
        Slice,
        Knob(
            "free weights",
            "Which two weights may move: one of each layer, two into the first hidden neuron, or "
            "two out of the hidden layer.",
            labels={
                "both layers": "one of each layer",
                "first layer": "two of the first layer",
                "second layer": "two of the second layer",
            },
            shown_when=("kind", ("mlp",)),
        ),
    ] = "both layers"

    @model_validator(mode="after")
    def _can_be_made(self) -> SurfaceSpec:
        if self.points is not None and self.preset != "own":
            raise ValueError("Points of your own need the preset “own”.")
        if self.points is not None and len(self.points) > learned.MAX_SAMPLES:
            raise ValueError(
                f"The cost is taken over at most {learned.MAX_SAMPLES:,} points "
                f"(got {len(self.points):,})."
            )
        # Checked although another surface may be shown: a broken formula must not wait in a file.
        analytic.typed(self.formula, self.formula_domain)
        return self

    @property
    def formula_domain(self) -> Domain:
        """Return the range of a typed formula."""
        return Domain(self.x_min, self.x_max, self.y_min, self.y_max)

    @property
    def domain(self) -> Domain:
        """Return the rectangle of the surface, without making the surface."""
        match self.kind:
            case "bowl":
                return analytic.bowl(1.0, 0.0).domain
            case "formula":
                return self.formula_domain
            case "slow neuron":
                return learned.COURSE_DOMAIN
            case "neuron":
                return learned.NEURON_DOMAIN
            case "mlp":
                return learned.NETWORK_DOMAIN
            case kind:
                return analytic.CATALOGUE[kind].domain

    @property
    def has_samples(self) -> bool:
        """Tell whether the loss is a mean over samples, so that there are mini-batches."""
        return self.kind in _ON_POINTS


def build_surface(spec: SurfaceSpec) -> Surface:
    """Return the surface that a spec describes; needs no torch.

    Minima of typed formulas and of costs are not known here;
    :func:`playground.core.surfaces.calculus.with_found_minima` looks for them.

    Raises
    ------
    SurfaceError
        When the data of a cost has no points.
    """
    match spec.kind:
        case "bowl":
            return analytic.bowl(spec.condition, spec.angle)
        case "formula":
            return analytic.typed(spec.formula, spec.formula_domain)
        case "slow neuron":
            return learned.course_neuron(spec.cost)
        case "neuron":
            return learned.neuron(_points_of(spec), spec.cost, spec.bias)
        case "mlp":
            return learned.network_slice(
                _points_of(spec), spec.cost, spec.hidden_neurons, spec.free, Streams(spec.data_seed)
            )
        case kind:
            return analytic.catalogued(kind)


def _points_of(spec: SurfaceSpec) -> PointSet:
    """Return the points that the perceptron pane would make from the same numbers."""
    if spec.points is not None:
        return spec.points
    if spec.preset == "own":
        return PointSet.empty()
    return make_points(spec.preset, spec.count, spec.spread, Streams(spec.data_seed).numpy("data"))
