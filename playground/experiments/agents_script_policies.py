"""REINFORCE and the actor–critics of one world as parts of an agent's script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playground.experiments.agents_learner_spec import LearnerSpec


def reinforce_part(learner: LearnerSpec) -> str:
    """Return REINFORCE, with its baseline where there is one."""
    after = "float(critic(tensor(reached[0])))" if learner.baseline else "0.0"
    baseline = (
        "    guesses = critic(obs).squeeze(1)\n"
        "    value_loss = (guesses - tensor(np.float32(weights))).square().mean()\n"
        "    descend(critic_optimizer, value_loss)\n"
        "    weights = weights - guesses.detach().cpu().numpy()\n"
    )
    standard = "    weights = (weights - weights.mean()) / (weights.std() + 1e-8)\n"
    following = (
        f"        with torch.no_grad():\n            after = {after} if cut_off[0] else 0.0\n"
        if learner.baseline
        else "        after = 0.0\n"
    )
    return (
        f"{_start(learner, critic=1 if learner.baseline else None)}"
        "\n\ndef learn(obs, actions, weights):\n"
        '    """Do one update from the steps of some episodes and the returns that followed."""\n'
        "    obs = tensor(np.stack(obs))\n"
        f"{baseline if learner.baseline else ''}"
        f"{standard if learner.standardise else ''}"
        f"{_policy_loss(learner, 'tensor(np.float32(weights))', critic=learner.baseline)}"
        "\n\nall_obs, all_actions, all_returns, rewards = [], [], [], []\n"
        "episodes = 0\n"
        "while going_on():\n"
        "    obs = worlds.obs\n"
        "    actions = draw(obs)\n"
        "    reward, ended, cut_off, reached = worlds.step(actions)\n"
        "    all_obs.append(obs[0])\n"
        "    all_actions.append(actions[0])\n"
        f"    rewards.append(float(reward[0]) * {learner.reward_scale!r})\n"
        "    if ended[0] or cut_off[0]:\n"
        f"{following}"
        "        found = []\n"
        "        for one in reversed(rewards):\n"
        f"            after = one + {learner.discount!r} * after\n"
        "            found.append(after)\n"
        "        all_returns += reversed(found)\n"
        "        rewards, episodes = [], episodes + 1\n"
        f"        if episodes % {learner.episodes_per_update} == 0:\n"
        "            learn(all_obs, all_actions, np.array(all_returns))\n"
        "            all_obs, all_actions, all_returns = [], [], []\n"
    )


def actor_critic_part(learner: LearnerSpec) -> str:
    """Return the advantage actor–critic, the course's program among its forms."""
    standard = (
        "    if len(actions) > 1:\n"
        "        centred = advantages - advantages.mean()\n"
        "        advantages = centred / (advantages.std(correction=0) + 1e-8)\n"
    )
    penalty = "    x, y = reached[0, :2].tolist()\n    reward -= x * x + y * y + 0.1 * float(age)\n"
    learn = "learn(*(np.array(column) for column in zip(*pending)))\n"
    every_step = f"    {learn}    pending = []\n"
    whole = f"    if ended[0] or cut_off[0]:\n        {learn}        pending = []\n"
    return (
        f"{_start(learner, critic=1)}"
        "\n\ndef learn(obs, actions, rewards, reached, ended):\n"
        '    """Let the critic\'s surprise tell the actor what was better than expected."""\n'
        "    obs = tensor(obs)\n"
        "    with torch.no_grad():\n"
        f"        future = {learner.discount!r} * tensor(~ended) * critic(tensor(reached))"
        ".squeeze(1)\n"
        "    errors = tensor(np.float32(rewards)) + future - critic(obs).squeeze(1)\n"
        "    value_loss = errors.square().mean()\n"
        "    advantages = errors.detach()\n"
        f"{standard if learner.standardise else ''}"
        "    descend(critic_optimizer, value_loss)\n"
        f"{_policy_loss(learner, 'advantages')}"
        "\n\npending = []\n"
        "while going_on():\n"
        "    obs, age = worlds.obs, worlds.ages[0]\n"
        "    actions = draw(obs)\n"
        "    rewards, ended, cut_off, reached = worlds.step(actions)\n"
        "    reward = float(rewards[0])\n"
        f"{penalty if learner.penalty else ''}"
        f"    reward *= {learner.reward_scale!r}\n"
        "    pending.append((obs[0], actions[0], reward, reached[0], ended[0]))\n"
        f"{every_step if learner.update == 'step' else whole}"
    )


def q_actor_critic_part(learner: LearnerSpec) -> str:
    """Return the actor–critic whose critic learns Q(s, a) by SARSA."""
    return (
        f"{_start(learner, critic='worlds.actions')}"
        "\n\ndef learn(obs, action, reward, ended, reached, following):\n"
        '    """Move Q(s, a) towards r + γ Q(s\', a\'), and the actor along Q(s, a)."""\n'
        "    obs, actions = tensor(obs), [action]\n"
        "    with torch.no_grad():\n"
        "        future = 0.0 if ended else critic(tensor(reached))[0, following]\n"
        f"        goal = reward + {learner.discount!r} * future\n"
        "    q = critic(obs)[:, action]\n"
        "    value_loss = (q - goal).square().mean()\n"
        "    weights = q.detach()\n"
        "    descend(critic_optimizer, value_loss)\n"
        f"{_policy_loss(learner, 'weights', entropy=0.0)}"
        "\n\nnext_action = None\n"
        "while going_on():\n"
        "    obs = worlds.obs\n"
        "    action = int(draw(obs)[0]) if next_action is None else next_action\n"
        "    rewards, ended, cut_off, reached = worlds.step([action])\n"
        "    # The action that the policy takes next is also the one of the goal.\n"
        "    following = int(draw(reached)[0])\n"
        "    next_action = None if ended[0] or cut_off[0] else following\n"
        f"    learn(obs, action, {learner.reward_scale!r} * float(rewards[0]), ended[0], reached, "
        "following)\n"
    )


def _start(learner: LearnerSpec, critic: int | str | None) -> str:
    lines = [
        "\n\nworlds = Worlds(1)",
        'actor = perceptron(worlds.actions, torch_generator("init actor"))',
        f"actor_optimizer = torch.optim.Adam(actor.parameters(), lr={learner.rate!r})",
    ]
    if critic is not None:
        rate = learner.critic_rate
        lines += [
            f'critic = perceptron({critic}, torch_generator("init critic"))',
            f"critic_optimizer = torch.optim.Adam(critic.parameters(), lr={rate!r})",
        ]
    lines.append('policy_rng = generator("policy")')
    return "\n".join(lines) + _DRAW


def _policy_loss(
    learner: LearnerSpec, weights: str, *, entropy: float | None = None, critic: bool = True
) -> str:
    share = learner.entropy if entropy is None else entropy
    said = learner.algorithm == "reinforce"
    # REINFORCE names the whole loss of the policy, the others what the policy gains.
    shown = "loss.item()" if said else "-gain.item()"
    value = "value_loss=value_loss.item(), " if critic else ""
    return (
        "    logs = torch.log_softmax(actor(obs), 1)\n"
        "    chosen = logs.gather(1, tensor(actions)[:, None]).squeeze(1)\n"
        f"    gain = (chosen * {weights}).mean()\n"
        "    entropy = -(logs.exp() * logs).sum(1).mean()\n"
        f"    loss = -gain{f' - {share!r} * entropy' if share else ''}\n"
        "    descend(actor_optimizer, loss)\n"
        f"    note({value}policy_loss={shown}, entropy=entropy.item())\n"
    )


_DRAW: Final = '''


def draw(obs):
    """Return an action for each observation: the largest of logits and Gumbel noise."""
    with torch.no_grad():
        logits = actor(tensor(obs)).cpu().numpy()
    return (logits + policy_rng.gumbel(size=logits.shape)).argmax(1)


def descend(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
'''
