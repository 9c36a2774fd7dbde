"""Agents in files: those that the program brings along, and any others.

A file ``*.npz`` holds one run of the agents experiment: its spec and seed, and the policies at some
moments from the first weights to the best, as plain float32 arrays with their scores. Opening one
never runs anything from it. How the bundled ones in ``assets/agents`` are made:
:mod:`playground.experiments.agents_training`. Nothing here needs torch.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from playground.assets_path import asset
from playground.core.atomic_files import write_atomically
from playground.experiments.agents_policy import Policy, frozen
from playground.experiments.agents_scores import Score
from playground.experiments.agents_spec import AgentSpec
from playground.experiments.agents_worlds import world_options
from playground.experiments.spec import SpecError, validate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from playground.environments.vector import WorldOptions

BundledAgent = Literal["lander-ppo", "lander-dqn", "car-dqn"]

BUNDLED_AGENTS: Final[dict[BundledAgent, str]] = {
    "lander-ppo": "PPO on Lunar Lander",
    "lander-dqn": "Double DQN on Lunar Lander",
    "car-dqn": "DQN in the headlight car",
}
FOLDER: Final = "agents"
SUFFIX: Final = ".npz"
MAX_BYTES: Final = 64 * 2**20
MAX_CHECKPOINTS: Final = 500
_ABOUT: Final = "about"
_FORMAT: Final = "playground agent"
_VERSION: Final = 1


class AgentFileError(ValueError):
    """Says in one sentence why a file gives no agent."""


@dataclass(frozen=True, slots=True, eq=False)
class AgentCheckpoint:
    """A policy at one moment of its training.

    Parameters
    ----------
    env_step
        Steps of all worlds behind it.
    policy
        What it does.
    score
        On seeds that neither taught nor chose it; None where nobody has measured.
    """

    env_step: int
    policy: Policy
    score: Score | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AgentFile:
    """A trained agent with its way there.

    Parameters
    ----------
    name
        Of the file.
    spec, seed
        Of the run.
    checkpoints
        In order of training: the first holds the first weights, the last the best.
    """

    name: str
    spec: AgentSpec
    seed: int
    checkpoints: tuple[AgentCheckpoint, ...]

    @property
    def label(self) -> str:
        """Return for example ``"PPO on Lunar Lander"``."""
        return next(
            (label for name, label in BUNDLED_AGENTS.items() if name == self.name), self.spec.title
        )

    @property
    def master(self) -> AgentCheckpoint:
        """The last checkpoint."""
        return self.checkpoints[-1]

    @property
    def beginner(self) -> AgentCheckpoint:
        """The first checkpoint."""
        return self.checkpoints[0]

    @property
    def options(self) -> WorldOptions:
        """The world it learnt in."""
        return world_options(self.spec.world)


@lru_cache(maxsize=len(BUNDLED_AGENTS))
def load_bundled(name: BundledAgent) -> AgentFile:
    """Return a bundled agent; it takes some milliseconds the first time, and no torch."""
    return read_agent(asset(FOLDER, f"{name}{SUFFIX}"))


def find_agent(name: str) -> AgentFile:
    """Return a bundled agent by its name, or the one in a file.

    Raises
    ------
    AgentFileError
        When there is neither.
    """
    known = next((bundled for bundled in BUNDLED_AGENTS if bundled == name), None)
    if known is not None:
        try:
            return load_bundled(known)
        except FileNotFoundError as error:
            raise AgentFileError(str(error)) from None
    path = Path(name)
    if not path.exists():
        raise AgentFileError(
            f"There is no file “{name}”, and the bundled agents are {', '.join(BUNDLED_AGENTS)}."
        )
    return read_agent(path)


def read_agent(path: Path) -> AgentFile:
    """Return the agent in a file.

    Raises
    ------
    AgentFileError
        When the file is missing, damaged, too large, of something else, or its networks do not fit
        its world.
    """
    arrays = _read_arrays(path)
    about = _about(arrays, path.name)
    try:
        spec = validate(AgentSpec, about.get("spec"))
        options = world_options(spec.world)
    except SpecError as error:
        raise AgentFileError(f"{path.name} describes no agent: {error}") from None
    rows, seed = about.get("checkpoints"), about.get("seed")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_CHECKPOINTS:
        raise AgentFileError(f"{path.name} must hold 1…{MAX_CHECKPOINTS} checkpoints.")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise AgentFileError(f"{path.name} does not say with which seed it was trained.")
    named: dict[str, dict[str, NDArray[Any]]] = {}
    for key, array in arrays.items():
        place, _, rest = key.partition("/")
        named.setdefault(place, {})[rest] = array
    checkpoints = tuple(
        _checkpoint(path.name, row, named.get(str(place), {}), spec, options)
        for place, row in enumerate(rows)
    )
    return AgentFile(path.stem, spec, seed, checkpoints)


def write_agent(
    path: Path, spec: AgentSpec, seed: int, checkpoints: Sequence[AgentCheckpoint]
) -> None:
    """Write the file of an agent, whole or not at all.

    Raises
    ------
    playground.core.atomic_files.SaveError
        Where it cannot be written; an older file stays as it was.
    """
    rows = [
        {
            "env_step": each.env_step,
            "exploration": each.policy.exploration,
            "score": None if each.score is None else each.score.to_json(),
        }
        for each in checkpoints
    ]
    about = {
        "format": _FORMAT,
        "version": _VERSION,
        "spec": spec.model_dump(mode="json"),
        "seed": seed,
        "checkpoints": rows,
    }
    text = json.dumps(about, ensure_ascii=True).encode("ascii")
    arrays: dict[str, Any] = {_ABOUT: np.frombuffer(text, dtype=np.uint8)}
    for place, each in enumerate(checkpoints):
        for name, array in each.policy.arrays.items():
            arrays[f"{place}/{name}"] = np.asarray(array, dtype=np.float32)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_atomically(path, buffer.getvalue())


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise AgentFileError(f"{path.name} is larger than {MAX_BYTES // 2**20} MB.")
        content = path.read_bytes()
    except OSError as error:
        raise AgentFileError(f"{path.name} cannot be read: {error.strerror or error}.") from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # What it would become in memory is asked before it is unpacked.
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > 4 * MAX_BYTES:
            raise AgentFileError(
                f"{path.name} would become larger than {4 * MAX_BYTES // 2**20} MB."
            )
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except AgentFileError:
        raise
    except Exception:
        # A damaged archive fails in more ways than are documented; with pickles inside, as well.
        raise AgentFileError(
            f"{path.name} is damaged, or no agent that this program wrote."
        ) from None


def _about(arrays: dict[str, NDArray[Any]], name: str) -> dict[str, Any]:
    found = arrays.pop(_ABOUT, None)
    about: object = None
    if found is not None and found.dtype == np.uint8:
        try:
            about = json.loads(found.tobytes().decode("utf-8"))
        except (ValueError, RecursionError):
            about = None
    if not isinstance(about, dict) or about.get("format") != _FORMAT:
        raise AgentFileError(f"{name} is no agent that this program wrote.")
    if about.get("version") != _VERSION:
        raise AgentFileError(f"{name} is of another version; this program reads {_VERSION}.")
    return about


def _checkpoint(
    name: str,
    row: object,
    arrays: Mapping[str, NDArray[Any]],
    spec: AgentSpec,
    options: WorldOptions,
) -> AgentCheckpoint:
    if not isinstance(row, dict) or not isinstance(row.get("env_step"), int):
        raise AgentFileError(f"{name} does not say when its checkpoints were taken.")
    exploration = row.get("exploration", 0.0)
    if not isinstance(exploration, int | float) or not 0.0 <= exploration <= 1.0:
        raise AgentFileError(f"{name} has an exploration that is no share of 0…1.")
    _check_arrays(name, arrays, spec, options)
    learner = spec.learner
    policy = Policy(
        role="q" if learner.algorithm == "dqn" else "actor",
        activation=learner.activation,
        arrays=frozen({key: array.astype(np.float32) for key, array in arrays.items()}),
        action_count=len(options.action_names),
        exploration=float(exploration),
        reward_scale=learner.reward_scale,
        discount=learner.discount,
    )
    return AgentCheckpoint(row["env_step"], policy, _score(name, row.get("score")))


def _score(name: str, data: object) -> Score | None:
    if data is None:
        return None
    try:
        if not isinstance(data, dict):
            raise TypeError
        return Score(**data)
    except TypeError:
        raise AgentFileError(f"{name} holds a score that is none.") from None


def _check_arrays(
    name: str, arrays: Mapping[str, NDArray[Any]], spec: AgentSpec, options: WorldOptions
) -> None:
    """Raise a sentence unless the arrays are the networks that the spec describes."""
    wanted = network_shapes(spec, len(options.quantities), len(options.action_names))
    if set(arrays) != set(wanted):
        odd = sorted(set(arrays) ^ set(wanted))[0]
        raise AgentFileError(
            f"{name} holds another network than its description: “{odd[:40]}” is on one side only."
        )
    for key, shape in wanted.items():
        array = arrays[key]
        if array.shape != shape:
            raise AgentFileError(
                f"{name} holds another network than its description: “{key}” has the shape "
                f"{array.shape}, but {shape} is needed."
            )
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise AgentFileError(f"“{key}” in {name} holds values that are no finite numbers.")


def network_shapes(
    spec: AgentSpec, observation_size: int, action_count: int
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all weights and biases by name that an agent of a spec has."""
    learner = spec.learner
    outputs = {"q": action_count} if learner.algorithm == "dqn" else {"actor": action_count}
    if learner.algorithm == "q-actor-critic":
        outputs["critic"] = action_count
    elif learner.algorithm != "dqn" and (learner.algorithm != "reinforce" or learner.baseline):
        outputs["critic"] = 1
    shapes: dict[str, tuple[int, ...]] = {}
    for network, last in outputs.items():
        sizes = (observation_size, *learner.hidden_sizes, last)
        for layer, (inputs, neurons) in enumerate(pairwise(sizes)):
            shapes[f"{network}.{layer}.weight"] = (neurons, inputs)
            shapes[f"{network}.{layer}.bias"] = (neurons,)
    return shapes
