from __future__ import annotations

import argparse
import json

import pytest

from playground import evaluating, training
from playground.experiments import registry
from playground.experiments.bundled_agents import read_agent
from tests.experiments.agents_small import SMALL, made


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    where = "playground.experiments.agents:AgentsExperiment"
    monkeypatch.setitem(registry.EXPERIMENTS, "agents", where)


def told(agent, episodes=5, seed=10_000, json=False):
    return argparse.Namespace(agent=str(agent), episodes=episodes, seed=seed, json=json)


def trained(tmp_path, name, experiment="agents", **changes):
    """Train some CartPole on the command line; return the file it wrote."""
    path = tmp_path / name
    settings = [tuple(text.split("=")) for text in ("world.kind=gymnasium", *SMALL)]
    given = {"set": settings, "steps": 60, "seed": 1, "out": path, "algo": "ppo"}
    given |= {"until_solved": False, **changes}
    assert training.run_train(argparse.Namespace(experiment=experiment, **given)) == 0
    return path


def test_bundled_agent_in_words(capsys):
    assert evaluating.run_evaluate(told("car-dqn", episodes=20)) == 0
    out = capsys.readouterr().out
    assert "DQN in the headlight car · headlight car · seeds 10,000…10,019" in out
    assert "of 20 episodes" in out
    assert "ends: station" in out


def test_figures_as_json(capsys):
    assert evaluating.run_evaluate(told("car-dqn", episodes=20, json=True)) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["episodes"] == 20
    assert figures["success"] >= 0.8
    assert {"mean", "median", "spread", "ends"} <= set(figures)


def test_run_file_and_agent_file_of_one_training_are_one_agent(tmp_path, capsys):
    agent, run = trained(tmp_path, "a.npz"), trained(tmp_path, "a.playrun")
    capsys.readouterr()
    seen = []
    for path in (agent, run):
        assert evaluating.run_evaluate(told(path, json=True)) == 0
        figures = json.loads(capsys.readouterr().out)
        seen.append({name: value for name, value in figures.items() if name != "agent"})
    assert seen[0] == seen[1]
    by_hand = made("ppo")
    by_hand.advance(60)
    assert read_agent(agent).master.env_step == by_hand.env_steps


@pytest.mark.parametrize("name", ["nobody", "no.npz", "other.playrun", "half.playrun"])
def test_bad_input_is_one_sentence(tmp_path, capsys, name):
    if name == "other.playrun":
        arguments = {"set": [], "steps": 3, "seed": 0, "algo": None, "until_solved": False}
        path = tmp_path / name
        training.run_train(argparse.Namespace(experiment="perceptron", out=path, **arguments))
    elif name == "half.playrun":
        path = trained(tmp_path, name)
        path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")
    else:
        path = tmp_path / name
    capsys.readouterr()
    assert evaluating.run_evaluate(told(path)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


def test_named_worlds_are_agents_with_the_usual_numbers(tmp_path, capsys):
    given = {"set": [("show.every", "0")], "steps": 300, "seed": 0, "algo": "dqn"}
    options = argparse.Namespace(
        experiment="headlight-car", until_solved=True, out=tmp_path / "car.npz", **given
    )
    assert training.run_train(options) == 0
    assert "the 300 steps are done" in capsys.readouterr().out
    found = read_agent(tmp_path / "car.npz")
    assert (found.spec.learner.algorithm, found.spec.learner.hidden) == ("dqn", "150")
    assert found.spec.end.rule == "mean"


@pytest.mark.parametrize(
    ("experiment", "changes", "word"),
    [
        ("perceptron", {"algo": "dqn"}, "are for agents"),
        ("perceptron", {"until_solved": True}, "are for agents"),
        ("lunar-lander", {"algo": "sarsa"}, "no algorithm"),
        ("perceptron", {"out": "p.npz"}, "Only agents"),
    ],
)
def test_options_of_agents_are_checked_before_training(tmp_path, capsys, experiment, changes, word):
    given = {"set": [], "steps": 10, "seed": 0, "out": None, "algo": None, "until_solved": False}
    given |= changes
    if given["out"] is not None:
        given["out"] = tmp_path / given["out"]
    assert training.run_train(argparse.Namespace(experiment=experiment, **given)) == 2
    assert word in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
