"""A pane on an engine that is driven by the test itself: no thread, no waiting."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from typing import Any

import pytest


@pytest.fixture
def themed(qapp):
    """Return the installed theme manager; mode, scale and motion are put back afterwards."""
    from playground.ui.theme import theme

    manager = theme()
    before = (manager.mode, manager.scale, manager.reduced_motion)
    manager.set_mode("dark")
    manager.install(qapp)
    yield manager
    manager.set_mode(before[0])
    manager.set_scale(before[1])
    manager.set_reduced_motion(before[2])


@dataclass
class Bench:
    """A pane, its channel, and the engine behind it."""

    pane: Any
    channel: Any
    runner: Any
    reports: list[str] = field(default_factory=list)

    def pump(self, turns: int = 8) -> None:
        """Let the engine work and hand over what it says."""
        for _ in range(turns):
            self.runner.pump()
            for event in self.runner.events():
                self.channel.deliver_event(event)
            self.channel.deliver_progress(self.runner.job_progress())
            frame = self.runner.take_frame(self.channel.name)
            if frame is not None:
                self.channel.deliver_frame(frame)
                self.channel.deliver_beside(frame)
        if self.channel.last_frame is not None:
            self.pane.render_slow(self.channel.last_frame)

    def pump_until(self, done, most: int = 4000) -> None:
        """Let the engine work until something holds."""
        for _ in range(most):
            if done():
                return
            self.pump(1)
        raise AssertionError("the engine did not get there")

    @property
    def snapshot(self):
        return self.channel.last_frame.snapshot

    @property
    def points(self):
        return self.snapshot.points


@pytest.fixture
def bench(qtbot, themed):
    """Return a perceptron pane of 900 × 640 pixels on its first run, at step 0."""
    from playground.engine.runner import Runner
    from playground.experiments.registry import experiment_type
    from playground.panes.base import PaneContext
    from playground.panes.registry import pane_info, pane_type
    from playground.ui.channel import ChannelClient

    runner = Runner(experiment_type)
    channel = ChannelClient("perceptron", "perceptron", runner.send)
    made = Bench(None, channel, runner)
    channel.problem.connect(lambda sentence, _: made.reports.append(sentence))
    info = pane_info("perceptron")
    context = PaneContext(
        info, channel, lambda sentence, _: made.reports.append(sentence), lambda: None
    )
    made.pane = pane_type(info)(context)
    qtbot.addWidget(made.pane)
    qtbot.addWidget(made.pane.inspector())
    channel.frame.connect(made.pane.render_frame)
    channel.beside.connect(made.pane.render_beside)
    made.pane.views_changed.connect(lambda: channel.watch(True, made.pane.views()))
    made.pane.resize(900, 640)
    made.pane.show()
    made.pane.complete()
    channel.watch(True, made.pane.views())
    channel.open(made.pane.default_spec(), made.pane.default_seed())
    made.pump()
    yield made
    # Parallel batches keep a pool of threads, which ends with the experiment that owns it.
    channel._send = None
    made.runner = runner = None
    gc.collect()
