"""“As PyTorch script”: the run of an agent as one readable program of gymnasium and torch.

The program draws the same random numbers as the run: first weights, episodes, actions and batches.
It computes the same updates by autograd and torch.optim where the agents have them written out, so
that its sums are rounded otherwise: it repeats the run at first and drifts away from it by and by.
What a person changed by hand while the agent learnt holds in it from the start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.experiments.agents_script_dqn import dqn_part
from playground.experiments.agents_script_policies import (
    actor_critic_part,
    q_actor_critic_part,
    reinforce_part,
)
from playground.experiments.agents_script_rollouts import rollout_part
from playground.experiments.agents_script_worlds import world_imports, world_part

if TYPE_CHECKING:
    from playground.experiments.agents_learner_spec import LearnerSpec
    from playground.experiments.agents_spec import AgentSpec

REPORTS = 100
"""So many times, in thousands of steps each, the program says how it goes."""


def as_torch_script(spec: AgentSpec, seed: int) -> str:
    """Return a Python program that repeats a run with torch and gymnasium.

    For the headlight car it imports the environment of this package, and nothing else of it.
    """
    body = _algorithm(spec.learner)
    parts = (
        world_part(spec.world),
        _WORLDS,
        _log(spec),
        _network(spec.learner),
        body,
        "\nsay()\n",
    )
    text = "".join(parts)
    return _head(spec, seed, text) + text


def _algorithm(learner: LearnerSpec) -> str:
    match learner.algorithm:
        case "ppo" | "a2c":
            return rollout_part(learner)
        case "dqn":
            return dqn_part(learner)
        case "reinforce":
            return reinforce_part(learner)
        case "q-actor-critic":
            return q_actor_critic_part(learner)
        case _:
            return actor_critic_part(learner)


def _head(spec: AgentSpec, seed: int, text: str) -> str:
    standard = ["zlib"] + [name for name in ("copy", "itertools", "math") if f"{name}." in text]
    libraries = ["import gymnasium as gym", "import numpy as np", "import torch"]
    plain, named = world_imports(spec.world)
    step = 1000 * max(1, round(spec.end.env_steps / REPORTS / 1000))
    return (
        f'"""{spec.title}, in PyTorch.\n\n'
        f"{_HONEST}{_END_OF_ROLLOUT if spec.learner.algorithm in ('ppo', 'a2c') else ''}"
        '"""\n\n'
        + "".join(f"import {name}\n" for name in sorted(standard))
        + "\n"
        + "".join(f"{line}\n" for line in (*libraries, *plain, *named, "from torch import nn"))
        + f"\nSEED = {seed}\n"
        f"ENV_STEPS = {spec.end.env_steps}\n"
        f"SAY_EVERY = {step}\n"
        f'DEVICE = "{spec.learner.device}"\n'
        "torch.set_num_threads(1)  # the quickest for networks of this size\n"
        "\n\n"
        "def generator(name):\n"
        '    """Return the random stream of this name: every purpose has one of its own."""\n'
        "    sequence = np.random.SeedSequence(SEED, spawn_key=(zlib.crc32(name.encode()),))\n"
        "    return np.random.Generator(np.random.PCG64(sequence))\n"
        "\n\n"
        "def torch_generator(name):\n"
        "    sequence = np.random.SeedSequence(SEED, spawn_key=(zlib.crc32(name.encode()), 1))\n"
        "    return torch.Generator().manual_seed(int(sequence.generate_state(1)[0]))\n"
        "\n\n"
        "def tensor(array):\n"
        "    return torch.as_tensor(array, device=DEVICE)\n"
    )


_HONEST = """\
The same seed draws the same first weights, episodes, actions and batches as in the run. The sums
are rounded otherwise, so the losses agree in some digits at first, and after some hundred updates
the two are different runs of the same settings. What was changed by hand while it learnt holds
from the start here.
"""
_END_OF_ROLLOUT = """
The run stops in the middle of a rollout, this program at the end of one.
"""

_WORLDS = '''

class Worlds:
    """Some worlds stepped together; where an episode ends, the next one begins at once."""

    def __init__(self, count):
        self.seeds = generator("environment")
        self.worlds = [make_world() for _ in range(count)]
        self.obs = np.stack([self.begin(world) for world in self.worlds])
        self.actions = int(self.worlds[0].action_space.n)
        self.totals, self.ages = np.zeros(count), np.zeros(count, dtype=int)
        self.steps = 0

    def begin(self, world):
        return np.float32(world.reset(seed=int(self.seeds.integers(2**31 - 1)))[0])

    def step(self, actions):
        """Return rewards, ended, cut off and what was reached; next comes an action for obs."""
        count = len(self.worlds)
        rewards, reached = np.zeros(count, dtype=np.float32), np.empty_like(self.obs)
        ended, cut_off = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        obs = np.empty_like(self.obs)
        for k, world in enumerate(self.worlds):
            action = int(world.action_space.start + actions[k])
            reached[k], reward, ended[k], late, _ = world.step(action)
            rewards[k], cut_off[k] = reward, late and not ended[k]
            self.totals[k] += reward
            self.ages[k] += 1
            obs[k] = reached[k]
            if ended[k] or cut_off[k]:
                returns.append(self.totals[k])
                self.totals[k], self.ages[k] = 0.0, 0
                obs[k] = self.begin(world)
        self.obs = obs
        before, self.steps = self.steps, self.steps + count
        if before // SAY_EVERY != self.steps // SAY_EVERY:
            say()
        return rewards, ended, cut_off, reached


returns, numbers = [], {}
'''


def _log(spec: AgentSpec) -> str:
    end = spec.end
    going_on = ["worlds.steps < ENV_STEPS"]
    if end.episodes is not None:
        going_on.append(f"len(returns) < {end.episodes}")
    if end.rule == "mean":
        going_on.append(
            f"not (len(returns) >= 100 and sum(returns[-100:]) / 100 >= {end.threshold!r})"
        )
    elif end.rule == "course":
        going_on.append(f"not (len(returns) >= 20 and min(returns[-20:]) >= {end.threshold!r})")
    condition = "\n        and ".join(going_on)
    brackets = ("(\n        ", "\n    )") if len(going_on) > 1 else ("", "")
    return (
        "\n\n"
        "def note(**found):\n"
        '    """Take note of the numbers of a gradient step; stop where one is not finite."""\n'
        "    for name, value in found.items():\n"
        "        if not np.isfinite(value):\n"
        '            raise SystemExit(f"The {name} is no finite number any more.")\n'
        "        numbers.setdefault(name, []).append(value)\n"
        "\n\n"
        "def say():\n"
        '    """Print the mean of the last returns, and of what was noted since the last time."""\n'
        "    last = returns[-100:]\n"
        '    text = f"steps {worlds.steps}, episodes {len(returns)}"\n'
        "    if last:\n"
        '        text += f", mean of the last {len(last)} returns {sum(last) / len(last):.4g}"\n'
        "    for name, values in numbers.items():\n"
        '        text += f", {name} {sum(values) / len(values):.6g}"\n'
        "    numbers.clear()\n"
        "    print(text, flush=True)\n"
        "\n\n"
        "def going_on():\n"
        f"    return {brackets[0]}{condition}{brackets[1]}\n"
        "\n\n"
        "def line(start, end, length):\n"
        '    """Return a number that goes from start to end while so many steps are done."""\n'
        "    return end if worlds.steps >= length else "
        "start + (end - start) * worlds.steps / length\n"
    )


def _network(learner: LearnerSpec) -> str:
    bend = {"relu": "nn.ReLU()", "tanh": "nn.Tanh()"}[learner.activation]
    hidden = "".join(f"{width}, " for width in learner.hidden_sizes)
    orthogonal = learner.algorithm in ("ppo", "a2c")
    first = _ORTHOGONAL if orthogonal else _EVEN
    head = ", head_gain" if orthogonal else ""
    return (
        f"\n\ndef perceptron(outputs, stream{head}):\n"
        f"    sizes = (worlds.obs.shape[1], {hidden}outputs)\n"
        "    layers = []\n"
        "    for below, above in itertools.pairwise(sizes):\n"
        f"        layers += [nn.Linear(below, above), {bend}]\n"
        "    network = nn.Sequential(*layers[:-1])\n"
        f"{first}"
        "    return network.to(DEVICE)\n"
    )


_ORTHOGONAL = """\
    for layer in network[::2]:
        gain = head_gain if layer is network[-1] else math.sqrt(2.0)
        nn.init.orthogonal_(layer.weight, gain, generator=stream)
        nn.init.zeros_(layer.bias)
"""
_EVEN = """\
    with torch.no_grad():
        for layer in network[::2]:
            for weights in (layer.weight, layer.bias):
                drawn = torch.rand(weights.shape, generator=stream)
                weights.copy_((2.0 * drawn - 1.0) / math.sqrt(layer.in_features))
"""
