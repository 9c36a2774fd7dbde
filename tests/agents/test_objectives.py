"""The written-out gradient of PPO's objective against autograd of the objective itself."""

from __future__ import annotations

import pytest
import torch

from playground.agents.objectives import policy_gradient


@pytest.mark.parametrize("clip", [0.2, 0.05, None])
@pytest.mark.parametrize("weight", [0.0, 0.01, 0.5])
def test_gradient_and_numbers_equal_autograd(clip, weight):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(60, 4, generator=generator, dtype=torch.float64) * 2
    actions = torch.randint(4, (60,), generator=generator)
    shift = torch.randn(60, generator=generator, dtype=torch.float64) * 0.3
    advantages = torch.randn(60, generator=generator, dtype=torch.float64)
    old_logs = torch.log_softmax(logits, 1).gather(1, actions[:, None])[:, 0] + shift

    z = logits.clone().requires_grad_()
    logs = torch.log_softmax(z, 1)
    chosen = logs.gather(1, actions[:, None])[:, 0]
    ratio = (chosen - old_logs).exp()
    if clip is None:
        gain = (chosen * advantages).mean()
        cut = 0.0
    else:
        limited = torch.clamp(ratio, 1 - clip, 1 + clip) * advantages
        gain = torch.min(ratio * advantages, limited).mean()
        cut = float((limited < ratio * advantages).double().mean())
    entropy = -(logs.exp() * logs).sum(1).mean()
    (-gain - weight * entropy).backward()

    ours = policy_gradient(logits, actions, advantages, weight, old_logs=old_logs, clip=clip)
    torch.testing.assert_close(ours.logits, z.grad, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(ours.gain, gain.detach())
    torch.testing.assert_close(ours.entropy, entropy.detach())
    assert float(ours.cut) == pytest.approx(cut)
    assert clip is None or 0.1 < cut < 0.9, "the clip must be at work for the test to mean anything"


def test_the_clip_holds_back_only_what_would_go_further():
    """A>0 above 1+ε and A<0 below 1−ε are cut; the way back stays open."""
    logits = torch.zeros(4, 2)
    actions = torch.zeros(4, dtype=torch.int64)
    log_half = torch.full((4,), 0.5).log()
    ratio = torch.tensor([1.5, 1.5, 0.5, 0.5])
    advantages = torch.tensor([1.0, -1.0, 1.0, -1.0])
    found = policy_gradient(logits, actions, advantages, old_logs=log_half - ratio.log(), clip=0.2)
    assert (found.logits != 0).any(1).tolist() == [False, True, True, False]
