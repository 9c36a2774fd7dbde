"""Deep Q-learning as a part of an agent's script; only the parts that are switched on are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playground.experiments.agents_learner_spec import LearnerSpec


def dqn_part(learner: LearnerSpec) -> str:
    """Return memory, update and main loop."""
    return "".join(
        (
            f"\n\nworlds = Worlds({learner.worlds})\n",
            'online = perceptron(worlds.actions, torch_generator("init"))\n',
            "target = copy.deepcopy(online)\n" if learner.target != "none" else "",
            _optimizer(learner),
            'policy_rng = generator("policy")\n',
            "updates = 0\n",
            _memory(learner) if learner.replay else "",
            _priorities(learner) if learner.replay and learner.prioritised else "",
            _learn(learner),
            _loop(learner),
        )
    )


def _optimizer(learner: LearnerSpec) -> str:
    name = {"adam": "Adam", "rmsprop": "RMSprop"}[learner.optimizer]
    return f"optimizer = torch.optim.{name}(online.parameters(), lr={learner.rate!r})\n"


def _memory(learner: LearnerSpec) -> str:
    return (
        'replay_rng = generator("replay")\n'
        "\n"
        "# The memory is a ring: the newest transition takes the place of the oldest.\n"
        f"CAPACITY = {learner.capacity}\n"
        "size = worlds.obs.shape[1]\n"
        "memory = {\n"
        '    "obs": np.zeros((CAPACITY, size), dtype=np.float32),\n'
        '    "actions": np.zeros(CAPACITY, dtype=np.int64),\n'
        '    "rewards": np.zeros(CAPACITY, dtype=np.float32),\n'
        '    "reached": np.zeros((CAPACITY, size), dtype=np.float32),\n'
        '    "ended": np.zeros(CAPACITY, dtype=bool),\n'
        "}\n"
        "total = owed = 0\n"
    )


def _priorities(learner: LearnerSpec) -> str:
    return (
        "priorities, largest = np.zeros(CAPACITY), 1.0\n"
        "\n\n"
        "def draw_by_priority(count):\n"
        '    """Return places, one from each of as many parts of the sum, and their weights."""\n'
        "    sums = np.cumsum(priorities)\n"
        "    marks = (np.arange(count) + replay_rng.random(count)) * (sums[-1] / count)\n"
        '    places = np.minimum(np.searchsorted(sums, marks, side="right"), '
        "min(total, CAPACITY) - 1)\n"
        f"    correction = line({learner.correction!r}, 1.0, {learner.correction_steps})\n"
        "    weights = (min(total, CAPACITY) * priorities[places] / sums[-1]) ** -correction\n"
        "    return places, (weights / weights.max()).astype(np.float32)\n"
    )


def _learn(learner: LearnerSpec) -> str:
    judge = "online" if learner.target == "none" else "target"
    if learner.double and judge == "target":
        best = (
            "        chosen = online(reached).argmax(1, keepdim=True)\n"
            "        best = target(reached).gather(1, chosen).squeeze(1)\n"
        )
    else:
        best = f"        best = {judge}(reached).amax(1)\n"
    cost = {
        "huber": 'nn.functional.smooth_l1_loss(q, goals, reduction="none")',
        "squared": "0.5 * (q - goals) ** 2",
    }[learner.loss]
    ranked = learner.replay and learner.prioritised
    weights, weighted = (", weights", "tensor(weights) * ") if ranked else ("", "")
    clip = (
        ""
        if learner.max_gradient is None
        else f"    nn.utils.clip_grad_norm_(online.parameters(), {learner.max_gradient!r})\n"
    )
    return (
        f"\n\ndef learn(obs, actions, rewards, reached, ended{weights}):\n"
        '    """Do one gradient step on some transitions; return their TD errors."""\n'
        "    global updates\n"
        "    obs, actions, reached = tensor(obs), tensor(actions), tensor(reached)\n"
        "    with torch.no_grad():\n"
        f"{best}"
        f"        future = {learner.discount!r} * tensor(~ended).float() * best\n"
        f"        goals = {learner.reward_scale!r} * tensor(rewards) + future\n"
        "    outputs = online(obs)\n"
        "    q = outputs.gather(1, actions[:, None]).squeeze(1)\n"
        f"    loss = ({weighted}{cost}).mean()\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        f"{clip}"
        "    for group in optimizer.param_groups:\n"
        f'        group["lr"] = line({learner.rate!r}, {learner.rate_end!r}, '
        f"{learner.rate_steps})\n"
        "    optimizer.step()\n"
        "    updates += 1\n"
        f"    note(loss=loss.item(), mean_q=outputs.mean().item() / {learner.reward_scale!r})\n"
        f"{_follow(learner)}"
        "    return (q - goals).detach().cpu().numpy()\n"
    )


def _follow(learner: LearnerSpec) -> str:
    if learner.target == "soft":
        return (
            "    with torch.no_grad():\n"
            "        for slow, fast in zip(target.parameters(), online.parameters()):\n"
            f"            slow.lerp_(fast, {learner.target_share!r})\n"
        )
    if learner.target == "hard":
        return (
            f"    if updates % {learner.target_every} == 0:\n"
            "        target.load_state_dict(online.state_dict())\n"
        )
    return ""


def _loop(learner: LearnerSpec) -> str:
    exploration = (
        f"line({learner.exploration!r}, {learner.exploration_end!r}, {learner.exploration_steps})"
    )
    count = learner.worlds
    act = (
        "\n\nwhile going_on():\n"
        "    obs = worlds.obs\n"
        "    with torch.no_grad():\n"
        "        best = online(tensor(obs)).argmax(1).cpu().numpy()\n"
        f"    guess = policy_rng.random({count}) < {exploration}\n"
        f"    guesses = policy_rng.integers(worlds.actions, size={count})\n"
        "    actions = np.where(guess, guesses, best)\n"
        "    rewards, ended, _, reached = worlds.step(actions)\n"
    )
    if not learner.replay:
        return f"{act}    learn(obs, actions, rewards, reached, ended)\n"
    return (
        f"{act}"
        f"    places = (total + np.arange({count})) % CAPACITY\n"
        f"    total += {count}\n"
        "    for name, rows in zip(memory, (obs, actions, rewards, reached, ended)):\n"
        "        memory[name][places] = rows\n"
        f"{_NEW_PRIORITY if learner.prioritised else ''}"
        f"    if total < {max(1, learner.warm_up)}:\n"
        "        continue\n"
        f"    owed += {count}\n"
        f"    while owed >= {learner.steps_per_update}:\n"
        f"        owed -= {learner.steps_per_update}\n"
        f"{_RANKED if learner.prioritised else _EVEN}".replace("BATCH", str(learner.batch)).replace(
            "ALPHA", repr(learner.priority)
        )
    )


_NEW_PRIORITY: Final = "    priorities[places] = largest\n"
_EVEN: Final = """\
        drawn = replay_rng.integers(min(total, CAPACITY), size=BATCH)
        learn(*(column[drawn] for column in memory.values()))
"""
_RANKED: Final = """\
        drawn, weights = draw_by_priority(BATCH)
        errors = learn(*(column[drawn] for column in memory.values()), weights)
        priorities[drawn] = (np.abs(errors).astype(float) + 1e-3) ** ALPHA
        largest = max(largest, priorities[drawn].max())
"""
