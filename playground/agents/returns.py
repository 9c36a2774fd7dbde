"""What a network is asked to learn: returns, TD targets and advantages, as pure functions.

    return      G_t = r_t + γ G_(t+1)
    TD target   y = r + γ V(s'),  y = r where the episode ended by itself
    TD error    δ = y − V(s)
    GAE         A_t = δ_t + γλ A_(t+1),  A_t = δ_t where the episode ended in any way

A time limit is no end of the world: an episode that was only cut off goes on in its V(s').
Sources: Sutton and Barto 2018, sections 3.3, 6.1 and 6.5; Schulman et al. 2016, "High-dimensional
continuous control using generalized advantage estimation", equations 11 to 16; Pardo et al. 2018,
"Time limits in reinforcement learning", section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from numpy.typing import NDArray


def discounted_returns(
    rewards: NDArray[np.floating], discount: float, after: float = 0.0
) -> NDArray[np.float64]:
    """Return (T,) G_t of every step of one episode.

    Parameters
    ----------
    rewards
        (T,).
    discount
        γ in 0…1.
    after
        Worth of what follows the last step; 0 where the episode ended by itself.
    """
    returns = np.empty(len(rewards), dtype=np.float64)
    following = after
    for t in range(len(rewards) - 1, -1, -1):
        following = float(rewards[t]) + discount * following
        returns[t] = following
    return returns


def standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values − mean over standard deviation (n); only centred when all are equal."""
    scaled: NDArray[np.float64] = (values - values.mean()) / (values.std() + 1e-8)
    return scaled


def td_targets(
    rewards: torch.Tensor, terminated: torch.Tensor, next_values: torch.Tensor, discount: float
) -> torch.Tensor:
    """Return (n,) r + γ V(s'), without the second part where the episode ended by itself.

    Parameters
    ----------
    rewards
        (n,).
    terminated
        (n,) 1 where the episode ended by itself, else 0; a time limit is no such end.
    next_values
        (n,) V(s'), or the Q of the action that is thought best there.
    discount
        γ in 0…1.
    """
    return rewards + discount * (1.0 - terminated) * next_values


def q_target_vectors(
    q_values: torch.Tensor, actions: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Return (n, actions) what Q(s, ·) shall become: the target where acted, else as it is.

    The course's example: Q(s) = (330, 40, −430), left, r = −8, γ = 0.9 and max Q(s') = 350 give
    the target −8 + 0.9·350 = 307, that is (307, 40, −430).

    Parameters
    ----------
    q_values
        (n, actions) present outputs; no gradient flows through the result.
    actions
        (n,) int64.
    targets
        (n,).
    """
    return q_values.detach().scatter(1, actions[:, None], targets[:, None])


def generalized_advantages(
    rewards: NDArray[np.float32],
    values: NDArray[np.float32],
    next_values: NDArray[np.float32],
    terminated: NDArray[np.bool_],
    truncated: NDArray[np.bool_],
    discount: float,
    trace: float,
) -> NDArray[np.float32]:
    """Return (T, n) advantages A_t of T steps in n worlds.

    Parameters
    ----------
    rewards
        (T, n).
    values, next_values
        (T, n) V(s) before and V(s') after every step, s' of the same episode.
    terminated, truncated
        (T, n) whether the episode ended by itself, or was cut off.
    discount, trace
        γ and λ in 0…1; λ = 0 gives TD errors, λ = 1 returns minus values.
    """
    errors = rewards + discount * np.where(terminated, 0.0, next_values) - values
    going_on = discount * trace * (1.0 - (terminated | truncated))
    advantages = np.empty_like(errors, dtype=np.float32)
    following = np.zeros(errors.shape[1], dtype=np.float64)
    for t in range(len(errors) - 1, -1, -1):
        following = errors[t] + going_on[t] * following
        advantages[t] = following
    return advantages


def log_likelihoods(logits: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    """Return (n,) log π(a|s) of the actions (n,) under soft-max policies (n, actions)."""
    return torch.log_softmax(logits, dim=1).gather(1, actions[:, None]).squeeze(1)


def mean_entropy(logits: torch.Tensor) -> torch.Tensor:
    """Return the mean entropy −Σ π log π of soft-max policies (n, actions), in nats."""
    logs = torch.log_softmax(logits, dim=1)
    return -(logs.exp() * logs).sum(1).mean()
