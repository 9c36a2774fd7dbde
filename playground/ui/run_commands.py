"""What the actions of the menu “Run” do to the channel on stage."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from playground.ui.speed_control import SPEEDS, stop_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.ui.channel import ChannelClient
    from playground.ui.run_list import RunList
    from playground.ui.transport import Transport

LARGEST_DRAWN_SEED = 9999


class RunCommands:
    """Carries the commands out on whatever channel is on stage at that moment."""

    def __init__(self, current: Callable[[], ChannelClient | None]) -> None:
        """Ask ``current`` for the channel whenever a command comes."""
        self._current = current

    def handlers(self) -> dict[str, Callable[[bool], object]]:
        """Return what to call for each action id of the menu, except the list of runs."""
        return {
            "run.play": self._with(lambda channel: channel.toggle()),
            "run.step": self._with(lambda channel: channel.step(1)),
            "run.step_back": self._with(lambda channel: channel.step(-1)),
            "run.mark": self._with(lambda channel: channel.step_mark(1)),
            "run.mark_back": self._with(lambda channel: channel.step_mark(-1)),
            "run.start": self._with(lambda channel: channel.seek(0)),
            "run.end": self._with(_seek_end),
            "run.reset": self._with(lambda channel: channel.reset()),
            "run.new_seed": self._with(_reset_with_new_seed),
            "run.slower": self._with(lambda channel: _nudge_speed(channel, -1)),
            "run.faster": self._with(lambda channel: _nudge_speed(channel, 1)),
            "run.max_speed": self._with(lambda channel: channel.set_speed(SPEEDS[-1])),
        }

    def connect_to(self, transport: Transport, run_list: RunList) -> None:
        """Carry out what is asked for with the transport and the list of runs."""
        transport.speed_edited.connect(self._given(lambda c, speed: c.set_speed(speed)))
        transport.sought.connect(self._given(lambda c, step: c.seek(step)))
        transport.seed_edited.connect(self._given(lambda c, seed: c.reset(seed)))
        run_list.switch_asked.connect(self._given(lambda c, run: c.switch_run(run)))
        run_list.drop_asked.connect(self._given(lambda c, run: c.drop_run(run)))

    def _given(self, act: Callable[[ChannelClient, Any], object]) -> Callable[[Any], object]:
        def asked(value: Any) -> None:
            channel = self._current()
            if channel is not None:
                act(channel, value)

        return asked

    def _with(self, act: Callable[[ChannelClient], object]) -> Callable[[bool], object]:
        def triggered(checked: bool = False) -> None:  # noqa: ARG001 - what Qt passes
            channel = self._current()
            if channel is not None:
                act(channel)

        return triggered


def _seek_end(channel: ChannelClient) -> None:
    if channel.last_frame is not None:
        channel.seek(channel.last_frame.transport.frontier)


def _reset_with_new_seed(channel: ChannelClient) -> None:
    # The system's own randomness: drawing a seed must not disturb any stream of a run.
    seed = secrets.randbelow(LARGEST_DRAWN_SEED + 1)
    if channel.last_frame is not None and seed == channel.last_frame.seed:
        seed = (seed + 1) % (LARGEST_DRAWN_SEED + 1)
    channel.reset(seed)


def _nudge_speed(channel: ChannelClient, stops: int) -> None:
    place = stop_of(channel.speed) + stops
    channel.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])
