"""Adam and RMSprop on one flat row of weights.

    Adam      m ← β₁m + (1−β₁)g     v ← β₂v + (1−β₂)g²
              θ ← θ − η · m/(1−β₁ᵗ) / (√v/√(1−β₂ᵗ) + ε)
    RMSprop   v ← αv + (1−α)g²      θ ← θ − η · g / (√v + ε)

The definitions are torch.optim's. They are written out because an agent's update is so small that
torch's own bookkeeping would cost more than its arithmetic.
Sources: Kingma and Ba 2015, algorithm 1; Tieleman and Hinton 2012, lecture 6.5.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Literal

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

OptimizerKind = Literal["adam", "rmsprop"]


class FlatOptimizer(ABC):
    """Changes a row of weights by the row of their gradients, in place."""

    def __init__(self, values: torch.Tensor, gradient: torch.Tensor) -> None:
        self.values = values
        self.gradient = gradient

    @abstractmethod
    def step(self, rate: float) -> None:
        """Do one step of learning rate η and set the gradient to zero."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return copies of the memory, as numpy arrays and numbers."""

    @abstractmethod
    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over the memory of a state."""


class FlatAdam(FlatOptimizer):
    """Adam with bias correction, as torch.optim.Adam."""

    def __init__(
        self,
        values: torch.Tensor,
        gradient: torch.Tensor,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(values, gradient)
        self.betas = betas
        self.eps = eps
        self.count = 0
        self.mean = torch.zeros_like(values)
        self.square = torch.zeros_like(values)

    def step(self, rate: float) -> None:
        """Do one step of learning rate η and set the gradient to zero."""
        first, second = self.betas
        self.count += 1
        with torch.no_grad():
            self.mean.lerp_(self.gradient, 1.0 - first)
            self.square.mul_(second).addcmul_(self.gradient, self.gradient, value=1.0 - second)
            spread = self.square.sqrt()
            spread.div_(math.sqrt(1.0 - second**self.count)).add_(self.eps)
            self.values.addcdiv_(self.mean, spread, value=-rate / (1.0 - first**self.count))
            self.gradient.zero_()

    def state(self) -> dict[str, Any]:
        """Return the number of steps and copies of both moments."""
        return {"count": self.count, "mean": _copy(self.mean), "square": _copy(self.square)}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over the memory of a state."""
        self.count = state["count"]
        self.mean.copy_(torch.from_numpy(state["mean"]))
        self.square.copy_(torch.from_numpy(state["square"]))
        self.gradient.zero_()


class FlatRmsprop(FlatOptimizer):
    """RMSprop without momentum, as torch.optim.RMSprop."""

    def __init__(
        self,
        values: torch.Tensor,
        gradient: torch.Tensor,
        smoothing: float = 0.99,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(values, gradient)
        self.smoothing = smoothing
        self.eps = eps
        self.square = torch.zeros_like(values)

    def step(self, rate: float) -> None:
        """Do one step of learning rate η and set the gradient to zero."""
        with torch.no_grad():
            self.square.mul_(self.smoothing)
            self.square.addcmul_(self.gradient, self.gradient, value=1.0 - self.smoothing)
            self.values.addcdiv_(self.gradient, self.square.sqrt().add_(self.eps), value=-rate)
            self.gradient.zero_()

    def state(self) -> dict[str, Any]:
        """Return a copy of the mean of squares."""
        return {"square": _copy(self.square)}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over the memory of a state."""
        self.square.copy_(torch.from_numpy(state["square"]))
        self.gradient.zero_()


def make_optimizer(
    kind: OptimizerKind, values: torch.Tensor, gradient: torch.Tensor
) -> FlatOptimizer:
    """Return an optimizer of a kind with torch's defaults."""
    return (FlatAdam if kind == "adam" else FlatRmsprop)(values, gradient)


def _copy(tensor: torch.Tensor) -> Any:
    return tensor.cpu().numpy().copy()
