from __future__ import annotations

import ast
import json
import os
import subprocess
import sys

import pytest

from playground.core.random_streams import Streams
from playground.environments.headlight_car_presets import preset
from playground.experiments.agents_learner import make_agent
from playground.experiments.agents_script import as_torch_script
from playground.experiments.agents_spec import WORLD_LABELS, AgentSpec, agent_spec
from playground.experiments.agents_worlds import make_vector, world_options
from playground.experiments.spec import parse_assignments, replace_at
from tests.experiments.agents_small import ALGORITHMS, SMALL

SEED = 5
STEPS = 260
"""So few that rounding has not parted program and run yet."""

CARTPOLE = ("world.kind=gymnasium",)
LANDER = ("world.kind=lunar-lander",)
SHORT = "world.time_limit=60"
CAR = ("world.kind=headlight-car", "learner.algorithm=dqn", "world.car_time_limit=40")
CASES = {
    **{name: (*CARTPOLE, f"learner.algorithm={name}") for name in ALGORITHMS},
    "lander, ppo": (*LANDER, "learner.algorithm=ppo", SHORT, "learner.max_gradient=null"),
    "lander, course": (*LANDER, "learner.algorithm=course-a2c", SHORT, "world.reward_leg=20"),
    "lander, other engines": (
        *LANDER, "learner.algorithm=actor-critic", SHORT, "learner.update=episode",
        "world.wind=true",
        "world.main_engine_power=15", "world.gravity=-8", "learner.penalty=true",
    ),
    "car": (*CAR, "learner.target=hard", "learner.target_every=3", "learner.optimizer=rmsprop"),
    "car with priorities": (*CAR, "learner.prioritised=true", "learner.priority=0.6",
                            "world.car_map=slalom", "world.car_reward_sight=0.1"),
    "dqn without its parts": (
        *CARTPOLE, "learner.algorithm=dqn", "learner.replay=false", "learner.target=none",
        "learner.loss=squared", "learner.max_gradient=null",
    ),
    "reinforce with a baseline": (
        *CARTPOLE, "learner.algorithm=reinforce", "learner.baseline=true",
        "learner.episodes_per_update=3", "learner.entropy=0.01", "learner.hidden=",
    ),
}  # fmt: skip


def spec_of(*assignments, steps=STEPS):
    small = (*SMALL, "learner.rate=0.001", "show.every=0", f"end.env_steps={steps}")
    return parse_assignments(AgentSpec(), (*assignments[:2], *small, *assignments[2:]))


# All in one process: starting torch takes longer than all the runs.
RUN_ALL = """
import json, runpy, sys
for name in sys.argv[1:]:
    last = runpy.run_path(name + ".py", run_name="__main__")
    print("==" + json.dumps({"name": name, "returns": last["returns"], "noted": last["kept"]}))
"""


@pytest.fixture(scope="module")
def repeated(tmp_path_factory):
    """Returns of the episodes and the numbers of all gradient steps of every script."""
    folder = tmp_path_factory.mktemp("scripts")
    for name, assignments in CASES.items():
        script = as_torch_script(spec_of(*assignments), SEED)
        # What is noted is kept for the test as well as printed.
        kept = script.replace(
            "    for name, value in found.items():\n",
            "    kept.append(found)\n    for name, value in found.items():\n",
            1,
        )
        assert kept != script
        kept = kept.replace("returns, numbers = [], {}", "returns, numbers, kept = [], {}, []")
        (folder / f"{name}.py").write_text(kept, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error::SyntaxWarning", "-c", RUN_ALL, *CASES],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8",
             "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "mean of the last" in done.stdout
    lines = [line[2:] for line in done.stdout.splitlines() if line.startswith("==")]
    return {found["name"]: found for found in map(json.loads, lines)}


def run_of(spec):
    """Return the returns of the run's episodes, and the numbers of its gradient steps."""
    streams = Streams(SEED)
    options = world_options(spec.world)
    worlds = make_vector(options, spec.learner.world_count, streams.numpy("environment"))
    agent = make_agent(spec.learner, worlds.observation_size, worlds.action_count, streams)
    returns, noted = [], []
    while agent.env_steps < STEPS:
        done = agent.advance(worlds)
        returns += [finished.total for finished in done.finished]
        if done.losses:
            noted.append({name.replace(" ", "_"): value for name, value in done.losses.items()})
    return returns, noted


@pytest.mark.parametrize("name", CASES)
def test_script_repeats_the_run_until_rounding_parts_them(repeated, name):
    returns, noted = run_of(spec_of(*CASES[name]))
    found = repeated[name]
    assert found["returns"] == pytest.approx(returns, rel=1e-5)
    assert len(found["noted"]) == len(noted) >= 3
    for theirs, ours in zip(found["noted"], noted, strict=True):
        assert set(theirs) <= set(ours)
        assert theirs == pytest.approx({key: ours[key] for key in theirs}, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("world", WORLD_LABELS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_script_of_anything_names_only_what_it_imports(world, algorithm):
    script = as_torch_script(agent_spec(world, algorithm), 1)
    tree = ast.parse(script)
    imported = {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert imported - used <= {"playground"}
    assert {"copy", "itertools", "math", "zlib"} & used <= imported
    assert ("playground" in script) == (world == "headlight-car")
    assert len(script.splitlines()) < 220


def test_script_ends_as_the_run_does():
    spec = parse_assignments(
        agent_spec("lunar-lander", "ppo"), ("end.rule=course", "end.episodes=400")
    )
    script = as_torch_script(spec, 1)
    assert "min(returns[-20:]) >= 200.0" in script
    assert "len(returns) < 400" in script
    assert "sum(returns[-100:]) / 100 >= 200.0" in as_torch_script(
        parse_assignments(spec, ("end.rule=mean",)), 1
    )


def test_map_drawn_by_hand_goes_into_the_script():
    text = preset("slalom").to_text()
    spec = parse_assignments(agent_spec("headlight-car"), ())
    spec = replace_at(spec, ("world", "car_own_map"), text)
    script = as_torch_script(replace_at(spec, ("world", "car_map"), "own"), 1)
    assert f"HeadlightMap.from_text({text!r})" in script
