"""Loading the libraries behind the window: what each stage imports and sets.

The window is on screen before any of this. The stages run on a thread of their own, so that
commands are answered meanwhile; whoever wants to train waits for the end. Measured on two cores:
importing torch takes 1.3 to 2.9 s, the first optimizer another 1.2 to 1.7 s (it imports
torch._dynamo), scikit-learn's data sets 1.0 s.
"""

from __future__ import annotations

from playground.core.threads import limit_threads, thread_count
from playground.engine.loop import WarmUpStage


def import_torch() -> None:
    """Import torch and set the number of its threads, for all threads that compute later."""
    limit_threads()
    import torch

    torch.set_num_threads(thread_count())


def use_optimizer() -> None:
    """Take one step of an optimizer, for what its first use imports."""
    import torch

    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.0)
    (weight * 0.0).sum().backward()
    optimizer.step()


def import_sklearn() -> None:
    """Import scikit-learn's data sets: the irises and the digits."""
    import sklearn.datasets  # noqa: F401


STAGES = (
    WarmUpStage("torch", import_torch),
    WarmUpStage("the optimizers of torch", use_optimizer),
    WarmUpStage("scikit-learn", import_sklearn),
)
"""What the window gives to its :class:`~playground.engine.runner.Runner`."""
