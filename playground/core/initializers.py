"""First weights of a layer: one standard draw, scaled by the scheme.

    W = s · ξ,   ξ ~ N(0, 1) or even in −1…1, drawn once from the layer's own generator

Every scheme only chooses the scale s from fan_in (inputs of a neuron) and fan_out (neurons of the
layer), so that two schemes under one seed differ in nothing else. The standard deviation is

    LeCun √(1/fan_in)      Xavier √(2/(fan_in + fan_out))      He √(2/fan_in)

times the gain; an even draw of the same standard deviation reaches from −√3·std to √3·std.
Orthogonal: Q of the QR decomposition of ξ, its rows or columns (the fewer of both) orthonormal.

Sources: LeCun, Bottou, Orr and Müller 1998, section 4.6; Glorot and Bengio 2010, eq. 12 and 16; He,
Zhang, Ren and Sun 2015, eq. 10; Saxe, McClelland and Ganguli 2014, section 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import torch

Scheme = Literal[
    "zeros",
    "constant",
    "standard normal",
    "normal",
    "uniform",
    "lecun normal",
    "lecun uniform",
    "xavier normal",
    "xavier uniform",
    "he normal",
    "he uniform",
    "orthogonal",
]
BiasKind = Literal["zero", "constant", "random"]

SCHEME_LABELS: Final[dict[Scheme, str]] = {
    "zeros": "zeros",
    "constant": "constant",
    "standard normal": "N(0, 1)",
    "normal": "N(0, σ)",
    "uniform": "even in ±r",
    "lecun normal": "LeCun normal",
    "lecun uniform": "LeCun uniform",
    "xavier normal": "Xavier normal",
    "xavier uniform": "Xavier uniform",
    "he normal": "He normal",
    "he uniform": "He uniform",
    "orthogonal": "orthogonal",
}
BIAS_LABELS: Final[dict[BiasKind, str]] = {
    "zero": "zero",
    "constant": "constant",
    "random": "random",
}
SAME_FOR_ALL: Final[frozenset[Scheme]] = frozenset({"zeros", "constant"})
"""Schemes under which all neurons of a layer start alike, and stay so for ever."""
_EVEN: Final = frozenset({"uniform", "lecun uniform", "xavier uniform", "he uniform"})


@dataclass(frozen=True, slots=True)
class Initializer:
    """A scheme with its numbers.

    Parameters
    ----------
    scheme
        Which one.
    constant, sigma, limit
        Value of every weight under ``"constant"``, standard deviation under ``"normal"``, half the
        range under ``"uniform"``; not looked at otherwise.
    gain
        Factor of every weight.
    """

    scheme: Scheme
    constant: float = 0.0
    sigma: float = 1.0
    limit: float = 1.0
    gain: float = 1.0

    @property
    def even(self) -> bool:
        """Tell whether the weights are drawn evenly from an interval."""
        return self.scheme in _EVEN

    @property
    def value(self) -> float | None:
        """Return the value of every weight where nothing is drawn, else None."""
        return {"zeros": 0.0, "constant": self.gain * self.constant}.get(self.scheme)

    def std(self, fan_in: int, fan_out: int) -> float:
        """Return the standard deviation of a weight; 0 where nothing is drawn.

        For ``"orthogonal"`` the root mean square of an entry: gain/√max(fan_in, fan_out).
        """
        base: dict[str, float] = {
            "zeros": 0.0,
            "constant": 0.0,
            "standard normal": 1.0,
            "normal": self.sigma,
            "uniform": self.limit / math.sqrt(3.0),
            "orthogonal": 1.0 / math.sqrt(max(fan_in, fan_out)),
            "lecun": math.sqrt(1.0 / fan_in),
            "xavier": math.sqrt(2.0 / (fan_in + fan_out)),
            "he": math.sqrt(2.0 / fan_in),
        }
        family = self.scheme if self.scheme in base else self.scheme.split()[0]
        return self.gain * base[family]

    def reach(self, fan_in: int, fan_out: int) -> float:
        """Return the largest weight that can be drawn; infinite for normal draws."""
        if self.value is not None:
            return abs(self.value)
        if self.scheme == "orthogonal":
            return self.gain
        return math.sqrt(3.0) * self.std(fan_in, fan_out) if self.even else math.inf

    def draw(self, fan_in: int, fan_out: int, generator: torch.Generator) -> torch.Tensor:
        """Return the weights of a layer, (fan_out, fan_in) float32.

        Parameters
        ----------
        generator
            Stands at the beginning of the layer's own stream; nothing is drawn from it where all
            weights are alike.
        """
        # Imported here: the form lists the schemes long before torch is loaded.
        import torch

        shape = (fan_out, fan_in)
        if self.value is not None:
            return torch.full(shape, self.value)
        if self.even:
            drawn = torch.rand(shape, generator=generator).mul_(2.0).sub_(1.0)
            return drawn.mul_(self.reach(fan_in, fan_out))
        drawn = torch.randn(shape, generator=generator)
        if self.scheme == "orthogonal":
            return orthonormal(drawn).mul_(self.gain)
        return drawn.mul_(self.std(fan_in, fan_out))


def orthonormal(drawn: torch.Tensor) -> torch.Tensor:
    """Return a matrix of the same shape with orthonormal rows, or columns where these are fewer.

    Evenly distributed over all such matrices when the entries of ``drawn`` are N(0, 1) (Mezzadri
    2007, section 5: the signs of the diagonal of R are taken out of Q).
    """
    import torch

    rows, columns = drawn.shape
    q, r = torch.linalg.qr(drawn if rows >= columns else drawn.T)
    rotation: torch.Tensor = q * torch.sign(torch.diagonal(r))
    return rotation if rows >= columns else rotation.T.contiguous()


def draw_biases(
    kind: BiasKind, neurons: int, value: float, spread: float, generator: torch.Generator
) -> torch.Tensor:
    """Return the biases of a layer, (neurons,) float32.

    Parameters
    ----------
    value
        Of every bias under ``"constant"``.
    spread
        Standard deviation under ``"random"``.
    generator
        Stands at the beginning of the layer's own stream of biases.
    """
    import torch

    if kind == "random":
        return torch.randn(neurons, generator=generator).mul_(spread)
    return torch.full((neurons,), value if kind == "constant" else 0.0)
