"""The objective of a soft-max policy and its gradient at the outputs of the network.

    L = − mean min(ρ A, clip(ρ, 1−ε, 1+ε) A) − c_e mean H(π)        ρ = π(a|s) / π_old(a|s)

With z the logits, p = softmax(z) and 1ₐ the unit vector of the action taken:

    ∂ log π(a|s) / ∂z = 1ₐ − p         ∂H / ∂z = −p (log p + H)
    ∂L/∂z = −(1/N) [ g (1ₐ − p) − c_e p (log p + H) ]
    g = ρ A, but 0 where the clip has cut: A > 0 and ρ > 1 + ε, or A < 0 and ρ < 1 − ε

Autograd finds the same (a test compares them) with some forty more calls, which on batches of a few
hundred steps cost a quarter of the whole update. Without a clip
(actor–critic, A2C) ρ is 1 and g = A.
"""

from __future__ import annotations

from typing import NamedTuple

import torch


class PolicyGradient(NamedTuple):
    """Gradient and numbers of a batch of N steps.

    Parameters
    ----------
    logits
        (N, actions) ∂L/∂z.
    gain
        () mean of the clipped ρ A, or of A log π without a clip.
    entropy
        () mean entropy in nats.
    cut
        () share of the steps whose gradient the clip has cut; 0 without a clip.
    """

    logits: torch.Tensor
    gain: torch.Tensor
    entropy: torch.Tensor
    cut: torch.Tensor


def policy_gradient(
    logits: torch.Tensor,
    actions: torch.Tensor,
    advantages: torch.Tensor,
    entropy_weight: float = 0.0,
    *,
    old_logs: torch.Tensor | None = None,
    clip: float | None = None,
) -> PolicyGradient:
    """Return ∂L/∂z of the module's text, for use as ``logits.backward(gradient)``.

    Parameters
    ----------
    logits
        (N, actions) z; no gradient flows through what is done here.
    actions
        (N,) int64: what was done.
    advantages
        (N,) A.
    entropy_weight
        c_e.
    old_logs, clip
        (N,) log π_old(a|s), and ε; without either the objective is mean A log π + c_e mean H.
    """
    with torch.no_grad():
        logs = torch.log_softmax(logits, dim=1)
        chances = logs.exp()
        columns = actions[:, None]
        chosen = logs.gather(1, columns).squeeze(1)
        entropies = -(chances * logs).sum(1, keepdim=True)
        if clip is None or old_logs is None:
            gains, pull = chosen * advantages, advantages
            cut = torch.zeros(())
        else:
            ratio = (chosen - old_logs).exp()
            plain = ratio * advantages
            limited = ratio.clamp(1.0 - clip, 1.0 + clip) * advantages
            gains = torch.minimum(plain, limited)
            free = plain <= limited
            pull = plain * free
            cut = 1.0 - free.float().mean()
        # chances·(g + c_e (log p + H)) − g·1ₐ, all over N
        slope = chances * (logs + entropies).mul_(entropy_weight).add_(pull[:, None])
        slope.scatter_add_(1, columns, -pull[:, None])
        slope.div_(len(actions))
        return PolicyGradient(slope, gains.mean(), entropies.mean(), cut)
