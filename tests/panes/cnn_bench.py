"""A card of the network tab on an engine that the test itself drives: no thread, no waiting."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from playground.experiments.cnn_block_spec import activation, conv, pool
from playground.experiments.cnn_data_spec import CnnDataSpec
from playground.experiments.cnn_spec import CnnSpec, CnnTrainingSpec

TINY = CnnSpec(
    data=CnnDataSpec(kind="digits", training=320, test=60),
    blocks=(conv(4), activation(), conv(6), activation(), pool()),
    training=CnnTrainingSpec(batch_size=32, epochs=40, rate=1e-2),
)
THREE = (
    (0.3, 0.25), (0.45, 0.18), (0.62, 0.22), (0.66, 0.35), (0.55, 0.47), (0.45, 0.5),
    (0.6, 0.53), (0.68, 0.66), (0.58, 0.8), (0.4, 0.83), (0.28, 0.76),
)  # fmt: skip
LONGEST_S = 20.0


@dataclass
class CardBench:
    """A channel of the network experiment and the cards that hear its frames."""

    app: Any
    runner: Any
    channel: Any
    cards: list[Any] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)

    def report(self, sentence: str, details: str = "") -> None:
        self.reports.append(sentence)

    def add(self, card: Any, width: int = 400, height: int = 560) -> Any:
        """Put a card on screen and let it hear what happens."""
        self.cards.append(card)
        card.views_changed.connect(self.watch)
        card.resize(width, height)
        card.show()
        self.watch()
        return card

    def watch(self) -> None:
        views = frozenset().union(*(card.views() for card in self.cards))
        self.channel.watch(True, views)

    def hear(self, frame: Any) -> None:
        for card in self.cards:
            card.render_frame(frame)

    def pump(self, turns: int = 6) -> None:
        """Let the engine work and hand over what it says."""
        for _ in range(turns):
            self.app.processEvents()
            self.runner.pump()
            for event in self.runner.events():
                self.channel.deliver_event(event)
            self.channel.deliver_progress(self.runner.job_progress())
            frame = self.runner.take_frame(self.channel.name)
            if frame is not None:
                self.channel.deliver_frame(frame)
                self.channel.deliver_beside(frame)
        frame = self.channel.last_frame
        for card in self.cards if frame is not None else ():
            card.render_slow(frame)

    def pump_until(self, done) -> None:
        """Let the engine work until something holds."""
        end = time.monotonic() + LONGEST_S
        while not done():
            assert time.monotonic() < end, "the engine did not get there"
            self.pump(1)

    def go_to(self, step: int) -> None:
        """Train to a step and stay there."""
        now = self.snapshot.step
        if step > now:
            self.channel.step(step - now)
        else:
            self.channel.seek(step)
        self.pump_until(lambda: self.snapshot.step == step)
        self.pump()

    @property
    def snapshot(self) -> Any:
        return self.channel.last_frame.snapshot


def draw(canvas, places=THREE) -> None:
    """Draw one stroke."""
    canvas.begin(*places[0])
    for place in places[1:]:
        canvas.go_on(*place)
    canvas.lift()


def card_bench(app) -> CardBench:
    """Return an engine with a tiny network of the embedded digits at step 0."""
    from playground.engine.runner import Runner
    from playground.experiments.cnn import CnnExperiment
    from playground.ui.channel import ChannelClient

    runner = Runner(lambda kind: CnnExperiment)
    channel = ChannelClient("cnn", "cnn", runner.send)
    made = CardBench(app, runner, channel)
    channel.problem.connect(made.report)
    channel.frame.connect(made.hear)
    channel.open(TINY, 7)
    return made
