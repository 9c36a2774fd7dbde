"""PPO and A2C with many worlds as a part of an agent's script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playground.experiments.agents_learner_spec import LearnerSpec


def rollout_part(learner: LearnerSpec) -> str:
    """Return networks, advantages and main loop."""
    return (
        f"\n\nWORLDS, STEPS = {learner.worlds}, {learner.steps}\n"
        f"BATCH, EPOCHS = {learner.minibatch}, {learner.epochs}\n"
        f"DISCOUNT, TRACE = {learner.discount!r}, {learner.trace!r}\n"
        f"REWARD_SCALE = {learner.reward_scale!r}\n"
        "\n"
        "worlds = Worlds(WORLDS)\n"
        'actor = perceptron(worlds.actions, torch_generator("init actor"), head_gain=0.01)\n'
        'critic = perceptron(1, torch_generator("init critic"), head_gain=1.0)\n'
        "parameters = [*actor.parameters(), *critic.parameters()]\n"
        f"optimizer = torch.optim.Adam(parameters, lr={learner.rate!r}, eps=1e-5)\n"
        'policy_rng, batch_rng = generator("policy"), generator("batch")\n'
        f"{_FLY}{_ADVANTAGES}{_batch(learner)}{_LOOP}"
    )


def _batch(learner: LearnerSpec) -> str:
    normal = (
        "    advantages = (advantages - advantages.mean()) / "
        "(advantages.std(correction=0) + 1e-8)\n"
        if learner.normalise
        else ""
    )
    if learner.algorithm == "ppo":
        low, high = 1.0 - learner.clip, 1.0 + learner.clip
        gain = (
            "    ratio = (chosen - old_logs).exp()\n"
            f"    limited = ratio.clamp({low!r}, {high!r}) * advantages\n"
            "    gain = torch.minimum(ratio * advantages, limited).mean()\n"
        )
    else:
        gain = "    gain = (chosen * advantages).mean()\n"
    clip = (
        ""
        if learner.max_gradient is None
        else f"    nn.utils.clip_grad_norm_(parameters, {learner.max_gradient!r})\n"
    )
    return (
        "\n\ndef learn(obs, actions, old_logs, advantages, goals):\n"
        '    """Do one gradient step on a batch of steps."""\n'
        f"{normal}"
        "    logs = torch.log_softmax(actor(obs), 1)\n"
        "    chosen = logs.gather(1, actions[:, None]).squeeze(1)\n"
        f"{gain}"
        "    entropy = -(logs.exp() * logs).sum(1).mean()\n"
        "    value_loss = (critic(obs).squeeze(1) - goals).square().mean()\n"
        f"    loss = -gain - {learner.entropy!r} * entropy\n"
        f"    loss = loss + {learner.value_weight!r} * value_loss\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        f"{clip}"
        "    for group in optimizer.param_groups:\n"
        f'        group["lr"] = line({learner.rate!r}, {learner.rate_end!r}, '
        f"{learner.rate_steps})\n"
        "    optimizer.step()\n"
        "    note(policy_loss=-gain.item(), value_loss=value_loss.item(), entropy=entropy.item())\n"
    )


_FLY: Final = '''

def fly():
    """Return STEPS steps of all worlds with the present policy, (STEPS, WORLDS, …) each."""
    rows = []
    for _ in range(STEPS):
        obs = worlds.obs
        with torch.no_grad():
            logits = actor(tensor(obs)).cpu().numpy()
        # The largest of logits and Gumbel noise is a draw from their soft-max.
        actions = (logits + policy_rng.gumbel(size=logits.shape)).argmax(1)
        rows.append((obs, actions, *worlds.step(actions)))
    return (np.stack(column) for column in zip(*rows))


def values_of(obs):
    with torch.no_grad():
        return critic(tensor(obs)).squeeze(-1).cpu().numpy()
'''

_ADVANTAGES: Final = '''

def advantages_of(rewards, values, following, ended, cut_off):
    """Return generalized advantages: errors of V, fewer of them the later they come."""
    errors = REWARD_SCALE * rewards + DISCOUNT * np.where(ended, 0.0, following) - values
    advantages, after = np.empty_like(values), 0.0
    for t in reversed(range(STEPS)):
        after = errors[t] + DISCOUNT * TRACE * ~(ended[t] | cut_off[t]) * after
        advantages[t] = after
    return advantages
'''

_LOOP: Final = """

while going_on():
    obs, actions, rewards, ended, cut_off, reached = fly()
    if not going_on():
        break
    values = values_of(obs)
    advantages = advantages_of(rewards, values, values_of(reached), ended, cut_off)
    obs, actions = tensor(obs).flatten(0, 1), tensor(actions).flatten()
    advantages, goals = tensor(advantages).flatten(), tensor(advantages + values).flatten()
    with torch.no_grad():
        logs = torch.log_softmax(actor(obs), 1).gather(1, actions[:, None]).squeeze(1)
    for _ in range(EPOCHS):
        order = tensor(batch_rng.permutation(STEPS * WORLDS))
        for rows in order.split(BATCH):
            learn(*(column[rows] for column in (obs, actions, logs, advantages, goals)))
"""
