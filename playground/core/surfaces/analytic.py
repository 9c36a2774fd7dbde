"""Surfaces given by a formula: the classic test functions, and what a person types.

Every test function is written once, as the text that people read; the same text is parsed for
numbers, gradients and source code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from playground.core.formulas import parse
from playground.core.surfaces.surface import Domain, Minimum, Surface, SurfaceError

BOWL_STEEPNESS = 10.0
"""Largest curvature of the bowl; gradient descent is stable below a rate of 2 / this."""

MAX_BOUND = 1e6
"""Largest coordinate of a typed formula's domain."""


@dataclass(frozen=True)
class Entry:
    """One surface of the catalogue."""

    title: str
    formula: str
    description: str
    domain: Domain
    start: tuple[float, float]
    minima: tuple[Minimum, ...]
    log_colour: bool = False


def _rastrigin_minima() -> tuple[Minimum, ...]:
    """Return the 121 minima of the domain: f is a sum over both axes, so they form a lattice."""
    axis = np.arange(-5.0, 6.0)
    for _ in range(20):
        slope = 2 * axis + 20 * math.pi * np.sin(2 * math.pi * axis)
        axis -= slope / (2 + 40 * math.pi**2 * np.cos(2 * math.pi * axis))
    height = axis**2 - 10 * np.cos(2 * math.pi * axis) + 10
    found = [
        Minimum(float(x), float(y), float(fx + fy), lowest=bool(x == 0.0 and y == 0.0))
        for x, fx in zip(axis, height, strict=True)
        for y, fy in zip(axis, height, strict=True)
    ]
    return tuple(sorted(found, key=lambda minimum: minimum.value))


CATALOGUE: dict[str, Entry] = {
    "valley": Entry(
        "long valley",
        "5*y**2 + 0.5*log(1 + (x - 3)**2)",
        "Steep walls, and a floor that sinks so gently that the gradient points across the valley "
        "and hardly along it. In the manner of A. Radford's “long valley” animation (2012), which "
        "came without a formula; this one is ours.",
        Domain(-4.0, 5.0, -3.0, 3.0),
        (-3.5, 1.5),
        (Minimum(3.0, 0.0, 0.0),),
    ),
    "beale": Entry(
        "Beale",
        "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
        "Steep corners around a flat, curved valley. E. M. L. Beale, “On an iterative method for "
        "finding a local minimum of a function of more than one variable”, Princeton 1958.",
        Domain(-4.5, 4.5, -4.5, 4.5),
        (0.7, 1.4),
        (Minimum(3.0, 0.5, 0.0),),
        log_colour=True,
    ),
    "rosenbrock": Entry(
        "Rosenbrock",
        "(1 - x)**2 + 100*(y - x**2)**2",
        "A banana-shaped valley: easy to find, hard to follow. H. H. Rosenbrock, “An automatic "
        "method for finding the greatest or least value of a function”, Computer Journal 3 (1960).",
        Domain(-2.0, 2.0, -1.0, 3.0),
        (-1.2, 1.0),
        (Minimum(1.0, 1.0, 0.0),),
        log_colour=True,
    ),
    "saddle": Entry(
        "saddle",
        "x**2 - y**2 + y**4/8",
        "Down along x, then nothing pulls until y has left 0: gradient small, curvatures of both "
        "signs. Near the origin it is x² − y², the saddle of A. Radford's animation (2012); y⁴/8 "
        "gives it a floor, so that a lane that escapes also arrives.",
        Domain(-2.5, 2.5, -2.8, 2.8),
        (-2.0, 0.001),
        (Minimum(0.0, 2.0, -2.0), Minimum(0.0, -2.0, -2.0)),
    ),
    "monkey": Entry(
        "monkey saddle",
        "x**3 - 3*x*y**2 + 0.5*(x**2 + y**2)**2",
        "A saddle for two legs and a tail: at the origin the gradient and all curvatures vanish. "
        "The classic x³ − 3xy² (D. Hilbert and S. Cohn-Vossen, “Anschauliche Geometrie”, 1932) "
        "with a floor.",
        Domain(-2.2, 2.2, -2.2, 2.2),
        (1.6, 0.01),
        (
            Minimum(-1.5, 0.0, -0.84375),
            Minimum(0.75, 0.75 * math.sqrt(3.0), -0.84375),
            Minimum(0.75, -0.75 * math.sqrt(3.0), -0.84375),
        ),
    ),
    "himmelblau": Entry(
        "Himmelblau",
        "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        "Four equally deep minima: which one is reached depends on the method and its rate. "
        "D. M. Himmelblau, “Applied Nonlinear Programming”, 1972.",
        Domain(-5.0, 5.0, -5.0, 5.0),
        (0.0, -0.5),
        (
            Minimum(3.0, 2.0, 0.0),
            Minimum(-2.805118086952745, 3.131312518250573, 0.0),
            Minimum(-3.779310253377747, -3.283185991286170, 0.0),
            Minimum(3.584428340330492, -1.848126526964404, 0.0),
        ),
        log_colour=True,
    ),
    "rastrigin": Entry(
        "Rastrigin",
        "20 + x**2 - 10*cos(2*pi*x) + y**2 - 10*cos(2*pi*y)",
        "A bowl full of egg cups: 121 minima in the domain, one of them the lowest. "
        "L. A. Rastrigin, “Systems of Extremal Control”, 1974.",
        Domain(-5.12, 5.12, -5.12, 5.12),
        (-3.4, 2.6),
        _rastrigin_minima(),
    ),
    "ackley": Entry(
        "Ackley",
        # 1e-300 keeps the derivative of the root finite in the origin and changes no value.
        "-20*exp(-0.2*sqrt(0.5*(x**2 + y**2) + 1e-300))"
        " - exp(0.5*(cos(2*pi*x) + cos(2*pi*y))) + e + 20",
        "Small bumps on a funnel with a sharp tip: the gradient does not shrink towards the "
        "minimum, so fixed steps dance around it. D. H. Ackley, “A Connectionist Machine for "
        "Genetic Hillclimbing”, 1987.",
        Domain(-5.0, 5.0, -5.0, 5.0),
        (-3.2, 2.4),
        (Minimum(0.0, 0.0, 0.0),),
    ),
    "camel": Entry(
        "six-hump camel",
        "(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (4*y**2 - 4)*y**2",
        "Six minima in three pairs, two of them the lowest. L. C. W. Dixon and G. P. Szegő, "
        "“Towards Global Optimisation 2”, 1978.",
        Domain(-2.2, 2.2, -1.4, 1.4),
        (-1.2, 1.2),
        (
            Minimum(0.08984201310031806, -0.7126564030207396, -1.031628453489877),
            Minimum(-0.08984201310031806, 0.7126564030207396, -1.031628453489877),
            Minimum(1.7036067149699807, -0.7960835686726251, -0.21546382438371725, lowest=False),
            Minimum(-1.7036067149699807, 0.7960835686726251, -0.21546382438371725, lowest=False),
            Minimum(1.6071047529201972, 0.5686514548841314, 2.104250310311258, lowest=False),
            Minimum(-1.6071047529201972, -0.5686514548841314, 2.104250310311258, lowest=False),
        ),
    ),
    "plateau": Entry(
        "plateau",
        "1 - exp(-(x**2 + y**2)/2)",
        "A pit in a plain: far out the gradient is so small that only methods that scale it get "
        "going. The upside-down Gaussian.",
        Domain(-4.0, 4.0, -4.0, 4.0),
        (2.6, 2.2),
        (Minimum(0.0, 0.0, 0.0),),
    ),
    "wells": Entry(
        "two wells",
        "(x**2 - 1)**2 + 0.25*x + (y - 0.5*x)**2",
        "A low well on the left and a higher one on the right, with a pass between them: enough "
        "momentum carries a lane over. The tilted double well of physics.",
        Domain(-2.0, 2.0, -2.0, 2.0),
        (1.7, -1.2),
        (
            Minimum(-1.0298959850506604, -0.5149479925253302, -0.25379123722046887),
            Minimum(0.96714893788303, 0.483574468941515, 0.24596335780479503, lowest=False),
        ),
    ),
}


@lru_cache(maxsize=32)
def catalogued(kind: str) -> Surface:
    """Return a surface of the catalogue; equal kinds give the same object."""
    return _surface(kind, CATALOGUE[kind])


@lru_cache(maxsize=32)
def bowl(condition: float, angle: float) -> Surface:
    """Return an elliptic bowl with its minimum in the origin.

    f = 5·(v² + u²/κ), with u along the long axis and v across it. The largest curvature is 10 for
    every κ, so the largest stable rate of gradient descent stays 2/10 and only the way along the
    bottom gets longer.

    Parameters
    ----------
    condition
        κ, the ratio of the two curvatures, at least 1.
    angle
        Direction of the long axis against the x axis, in degrees.
    """
    cosine, sine = (_clean(part(math.radians(angle))) for part in (math.cos, math.sin))
    half = BOWL_STEEPNESS / 2
    along = f"({cosine!r}*x + {sine!r}*y)"
    across = f"({cosine!r}*y - {sine!r}*x)"
    entry = Entry(
        "bowl",
        f"{half!r}*{across}**2 + {half / condition!r}*{along}**2",
        "An elliptic bowl: the gradient points across the long axis unless the bowl is round. "
        "The steep direction has curvature 10, the other one 10 divided by the condition number.",
        Domain(-5.0, 5.0, -5.0, 5.0),
        (-4.0, 2.5),
        (Minimum(0.0, 0.0, 0.0),),
    )
    return _surface("bowl", entry)


@lru_cache(maxsize=32)
def typed(text: str, domain: Domain) -> Surface:
    """Return the surface of a typed formula.

    A constant formula is a surface too; its ``note`` says that nothing can move on it. Minima are
    not known; :func:`playground.core.surfaces.calculus.find_minima` looks for them.

    Raises
    ------
    FormulaError
        With a sentence and the position in the text.
    SurfaceError
        Where the formula has no finite value in the whole domain, or the domain is empty.
    """
    check_domain(domain)
    formula = parse(text)
    left, bottom = domain.x_min, domain.y_min
    start = (
        left + 0.8 * (domain.x_max - left),
        bottom + 0.75 * (domain.y_max - bottom),
    )
    surface = _surface(
        "formula", Entry(formula.text, formula.text, "A formula of your own.", domain, start, ())
    )
    values = surface.grid(33, 33)[2]
    finite = np.isfinite(values)
    if not finite.any():
        raise SurfaceError(
            f"“{_short(formula.text)}” has no finite value between {domain.in_words()}; "
            "choose another formula or another range."
        )
    note = ""
    if formula.constant or np.ptp(values[finite]) == 0.0:
        note = "This surface is flat: its gradient is zero everywhere, and nothing can move."
    elif not finite.all():
        share = 1.0 - finite.mean()
        note = f"The formula has no finite value in {share:.0%} of the range."
    return replace(surface, note=note)


def check_domain(domain: Domain) -> None:
    """Raise :class:`SurfaceError` unless the domain is a proper rectangle."""
    for low, high, axis in (
        (domain.x_min, domain.x_max, "x"),
        (domain.y_min, domain.y_max, "y"),
    ):
        if not (abs(low) <= MAX_BOUND and abs(high) <= MAX_BOUND):
            raise SurfaceError(f"The range of {axis} must lie within ±{MAX_BOUND:g}.")
        if not high - low >= 1e-6:
            raise SurfaceError(
                f"The range of {axis} must rise (got {low:g} … {high:g}); its end must be larger "
                "than its beginning."
            )


def _surface(kind: str, entry: Entry) -> Surface:
    formula = parse(entry.formula)
    return Surface(
        kind=kind,
        title=entry.title,
        function=formula,
        formula=formula.text,
        description=entry.description,
        domain=entry.domain,
        start=entry.start,
        source=f"def surface(x, y):\n    return {formula.torch_source}\n",
        minima=entry.minima,
        log_colour=entry.log_colour,
    )


def _clean(value: float) -> float:
    """Return the value without the rounding dust of right angles."""
    return round(value, 15) + 0.0


def _short(text: str, limit: int = 40) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
