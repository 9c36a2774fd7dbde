"""The agents pane on an engine that the test itself drives: no thread, no waiting."""

from __future__ import annotations

from typing import Any

from playground.experiments.agents_spec import AgentSpec, agent_spec
from playground.experiments.spec import replace_at
from playground.panes.base import PaneContext, PaneInfo
from tests.panes.conftest import Bench

INFO = PaneInfo(
    id="agents",
    title="Agents",
    rail_label="Agents",
    icon="pane-agents",
    experiment_kind="agents",
    factory="playground.panes.agents.pane:AgentsPane",
    shortcut="5",
)


def spec_of(world: Any = "lunar-lander", algorithm: str | None = None, **changes: Any) -> AgentSpec:
    """Return a run with other values, ``learner__hidden="8"`` and the like."""
    spec = agent_spec(world, algorithm)
    for name, value in changes.items():
        spec = replace_at(spec, tuple(name.split("__")), value)
    return spec


def tiny(world: Any = "lunar-lander", algorithm: str | None = "ppo", **changes: Any) -> AgentSpec:
    """Return a run with networks of eight neurons that learns after a few dozen steps."""
    start: dict[str, Any] = {"learner__hidden": "8"}
    if algorithm in ("ppo", "a2c"):
        start |= {"learner__worlds": 2, "learner__minibatch": 32, "learner__steps": 32}
    return spec_of(world, algorithm, **{**start, **changes})


def agents_bench(spec: AgentSpec, size: tuple[int, int] = (1000, 680)) -> Bench:
    """Return the pane on a run at step 0."""
    from playground.engine.runner import Runner
    from playground.experiments.agents import AgentsExperiment
    from playground.panes.agents.pane import AgentsPane
    from playground.ui.channel import ChannelClient

    runner = Runner(lambda kind: AgentsExperiment)
    channel = ChannelClient("agents", "agents", runner.send)
    made = Bench(None, channel, runner)
    channel.problem.connect(lambda sentence, _: made.reports.append(sentence))
    context = PaneContext(
        INFO, channel, lambda sentence, _: made.reports.append(sentence), lambda: None
    )
    made.pane = AgentsPane(context)
    channel.frame.connect(made.pane.render_frame)
    channel.beside.connect(made.pane.render_beside)
    made.pane.views_changed.connect(lambda: channel.watch(True, made.pane.views()))
    made.pane.resize(*size)
    made.pane.show()
    made.pane.complete()
    channel.watch(True, made.pane.views())
    channel.set_speed(made.pane.default_speed())
    channel.open(spec, 7)
    made.pump()
    return made
