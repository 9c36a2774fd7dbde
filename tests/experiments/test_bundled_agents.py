from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from typing import get_args

import numpy as np
import pytest

from playground.experiments import agents_training
from playground.experiments.agents_scores import score
from playground.experiments.agents_training import Course, main, train
from playground.experiments.bundled_agents import (
    AgentCheckpoint,
    AgentFileError,
    BundledAgent,
    find_agent,
    load_bundled,
    network_shapes,
    read_agent,
    write_agent,
)
from tests.experiments.agents_small import ALGORITHMS, made, small_spec

NAMES = get_args(BundledAgent)
SMALLEST = Course(
    "headlight-car",
    "dqn",
    400,
    200,
    100,
    unseen=4,
    final_episodes=6,
    changes=(("learner.hidden", "8"), ("learner.warm_up", 50), ("world.car_time_limit", 30)),
)


@pytest.mark.parametrize("name", NAMES)
def test_bundled_agent_goes_from_beginner_to_master(name):
    agent = load_bundled(name)
    steps = [each.env_step for each in agent.checkpoints]
    assert len(steps) >= 10
    assert steps == sorted(set(steps))
    assert steps[0] == 0
    first, last = agent.beginner.score, agent.master.score
    car = agent.spec.world.kind == "headlight-car"
    assert last.mean > first.mean + (1.0 if car else 400.0)
    assert last.success >= (0.95 if car else 0.9)
    assert last.first_seed == 20_000
    assert last.episodes >= (500 if car else 100)


@pytest.mark.parametrize("name", ["lander-ppo", "lander-dqn"])
def test_masters_of_the_lander_are_some(name):
    found = load_bundled(name).master.score
    assert found.mean >= 265.0
    assert found.ends.get("crashed", 0.0) + found.ends.get("flew off", 0.0) <= 0.03


@pytest.mark.parametrize("name", NAMES)
def test_scores_in_the_files_are_those_of_the_weights(name):
    agent = load_bundled(name)
    last = agent.master
    again = score(last.policy, agent.options, 12, 20_000, agent.spec.end.threshold)
    # Rounding differs between machines: a landing may turn out otherwise, most will not.
    assert again.mean >= last.score.mean - 4.0 * last.score.spread / 12**0.5
    first = score(agent.beginner.policy, agent.options, 12, 20_000, agent.spec.end.threshold)
    assert first.mean < again.mean


def test_bundled_agents_need_no_torch():
    code = (
        "import sys; from playground.experiments.bundled_agents import load_bundled; "
        "from playground.experiments.agents_studies import FlyJob; "
        "agent = load_bundled('car-dqn'); "
        "list(FlyJob(agent.master.policy, agent.options, 1).run()); "
        "print(any(name in sys.modules for name in ('torch', 'PySide6', 'sklearn')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, "reinforce with baseline"])
def test_file_of_any_agent_comes_back(tmp_path, algorithm):
    extra = ("learner.baseline=true",) if " " in algorithm else ()
    run = made(algorithm.split()[0], *extra)
    run.advance(30)
    path = tmp_path / "mine.npz"
    write_agent(path, run.spec, 7, [AgentCheckpoint(run.env_steps, run.policy)])
    found = read_agent(path)
    assert (found.name, found.spec, found.seed) == ("mine", run.spec, 7)
    policy, obs = found.master.policy, np.ones((3, 4), dtype=np.float32)
    np.testing.assert_array_equal(policy.probabilities(obs), run.policy.probabilities(obs))
    assert policy.exploration == run.policy.exploration
    shapes = {name: array.shape for name, array in policy.arrays.items()}
    assert shapes == network_shapes(run.spec, 4, 2)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("agents") / "good.npz"
    run = made("dqn")
    write_agent(path, run.spec, 1, [AgentCheckpoint(0, run.policy)])
    with np.load(path) as archive:
        return {key: archive[key] for key in archive.files}


def written(tmp_path, arrays):
    path = tmp_path / "bad.npz"
    np.savez_compressed(path, **arrays)
    return path


def told(arrays, **changes):
    about = json.loads(arrays["about"].tobytes())
    text = json.dumps({**about, **changes}).encode()
    return {**arrays, "about": np.frombuffer(text, dtype=np.uint8)}


def test_hostile_files_are_refused_in_a_sentence(tmp_path, good):
    nan = good["0/q.0.bias"].copy()
    nan[0] = np.nan
    rows = json.loads(good["about"].tobytes())["checkpoints"]
    cases = [
        (told(good, format="zip"), "no agent that this program wrote"),
        (told(good, version=2), "another version"),
        (told(good, spec={"world": 3}), "describes no agent"),
        (told(good, spec=small_spec("ppo").model_dump(mode="json")), "another network"),
        (told(good, spec=small_spec("dqn", "learner.hidden=9").model_dump()), "has the shape"),
        (told(good, seed="x"), "which seed"),
        (told(good, checkpoints=[]), "checkpoints"),
        (told(good, checkpoints=[5]), "when its checkpoints"),
        (told(good, checkpoints=[{**rows[0], "exploration": 7}]), "share of 0…1"),
        (told(good, checkpoints=[{**rows[0], "score": {"mean": 3}}]), "a score"),
        ({**good, "0/q.0.bias": nan}, "no finite numbers"),
        ({**good, "0/q.0.bias": nan.astype(str)}, "no finite numbers"),
        ({key: value for key, value in good.items() if key != "0/q.0.bias"}, "one side only"),
        ({**good, "0/evil": nan}, "one side only"),
        ({"about": np.arange(3)}, "no agent that this program wrote"),
    ]
    for arrays, word in cases:
        with pytest.raises(AgentFileError, match=word) as refused:
            read_agent(written(tmp_path, arrays))
        assert "\n" not in str(refused.value)


def test_pickles_damage_and_bombs_are_never_opened(tmp_path, monkeypatch, good):
    class Evil:
        def __reduce__(self):
            return pytest.fail, ("it was run",)

    hostile = io.BytesIO()
    np.savez(hostile, about=np.array([Evil()], dtype=object))
    whole = written(tmp_path, good).read_bytes()
    for content in (hostile.getvalue(), b"", b"PK\x03\x04", whole[: len(whole) // 2]):
        path = tmp_path / "bad.npz"
        path.write_bytes(content)
        with pytest.raises(AgentFileError, match="damaged"):
            read_agent(path)
    bomb = tmp_path / "bomb.npz"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.npy", bytes(200_000))
    monkeypatch.setattr("playground.experiments.bundled_agents.MAX_BYTES", 20_000)
    with pytest.raises(AgentFileError, match="would become larger"):
        read_agent(bomb)
    with pytest.raises(AgentFileError, match="cannot be read"):
        read_agent(tmp_path / "none.npz")


def test_agents_are_found_by_name_or_file(tmp_path, good):
    assert find_agent("car-dqn") is load_bundled("car-dqn")
    path = written(tmp_path, good)
    assert find_agent(str(path)).label == "Double DQN 8 · CartPole-v1"
    with pytest.raises(AgentFileError, match="bundled agents are lander-ppo"):
        find_agent("nobody")


def test_documented_command_writes_the_best_policy(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(agents_training, "COURSES", {"car-dqn": SMALLEST})
    monkeypatch.setattr(agents_training, "CHOOSING_EPISODES", 6)
    monkeypatch.setattr(agents_training, "WAY_EPISODES", 2)
    assert main([str(tmp_path), "--only", "car-dqn"]) == 0
    agent = read_agent(tmp_path / "car-dqn.npz")
    assert agent.master.score.episodes == 4
    assert agent.beginner.env_step == 0
    said = capsys.readouterr().out
    assert said.count("finalist of") == SMALLEST.finalists
    spec, checkpoints = train(SMALLEST, lambda _: None)
    assert spec == agent.spec
    np.testing.assert_array_equal(
        checkpoints[-1].policy.arrays["q.0.weight"],
        agent.master.policy.arrays["q.0.weight"],
    )
