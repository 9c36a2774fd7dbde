"""Flights on request: the skill slider, ghosts, rivals, and the agents the program brings along.

They are flown on the training thread, a few milliseconds at a time, and remembered for a while.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from playground.experiments.jobs import JobError, JobProgress, SlicedJob

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from playground.environments.vector import WorldOptions
    from playground.experiments.agents_policy import Policy
    from playground.experiments.agents_snapshot import ShownEpisode
    from playground.experiments.agents_spec import Mode
    from playground.experiments.bundled_agents import AgentFile
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

REMEMBERED: Final = 96


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """One flight that is wanted."""

    policy: Policy
    options: WorldOptions
    seed: int
    mode: Mode = "greedy"
    env_step: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        """What the flight follows from; the policy counts by identity."""
        return id(self.policy), self.options, self.seed, self.mode


class FlightsJob(SlicedJob):
    """Flies some orders one after the other; hands out each as soon as it is over."""

    title = "Flying"

    def __init__(self, orders: Sequence[Order]) -> None:
        self._orders = tuple(orders)

    def run(self) -> Generator[JobProgress, None, list[ShownEpisode]]:
        """Return the flights in the order of the orders; a world that is missing is a sentence."""
        from playground.experiments.agents_studies import FlyJob

        done: list[ShownEpisode] = []
        for place, order in enumerate(self._orders):
            yield JobProgress(place / len(self._orders), partial=tuple(done))
            job = FlyJob(
                order.policy, order.options, order.seed, order.mode, env_step=order.env_step
            )
            done.append((yield from job.run()))
        return done


class AgentFileJob(SlicedJob):
    """Reads an agent the program brings along, or one from a file."""

    title = "Reading an agent"

    def __init__(self, name: str) -> None:
        self._name = name

    def run(self) -> Generator[JobProgress, None, AgentFile]:
        """Return the agent; a file that is none is a sentence."""
        from playground.experiments.bundled_agents import AgentFileError, find_agent

        yield JobProgress(0.0)
        try:
            return find_agent(self._name)
        except (AgentFileError, OSError) as error:
            raise JobError(str(error)) from None


class FlightDesk:
    """Takes orders for flights, remembers what has been flown."""

    def __init__(self, channel: ChannelClient) -> None:
        self._channel = channel
        self._flown: OrderedDict[tuple[object, ...], ShownEpisode] = OrderedDict()
        self._files: dict[str, AgentFile] = {}

    def known(self, order: Order) -> ShownEpisode | None:
        """Return a flight that has been flown before."""
        return self._flown.get(order.key)

    def fly(
        self,
        orders: Sequence[Order],
        on_done: Callable[[list[ShownEpisode]], object],
        on_failed: Callable[[str], object] | None = None,
    ) -> JobHandle | None:
        """Hand all flights to ``on_done``: at once where they are known, else when flown."""
        missing = [order for order in orders if order.key not in self._flown]
        if not missing:
            on_done([self._flown[order.key] for order in orders])
            return None

        def finished(flown: list[ShownEpisode]) -> None:
            for order, shown in zip(missing, flown, strict=True):
                self._flown[order.key] = shown
            on_done([self._flown[order.key] for order in orders])
            while len(self._flown) > REMEMBERED:
                self._flown.popitem(last=False)

        return self._channel.start_job(FlightsJob(missing), None, finished, on_failed)

    def bundled(
        self,
        name: str,
        on_done: Callable[[AgentFile], object],
        on_failed: Callable[[str], object] | None = None,
    ) -> None:
        """Hand a bundled agent (or that of a file) to ``on_done``."""
        known = self._files.get(name)
        if known is not None:
            on_done(known)
            return

        def finished(found: Any) -> None:
            self._files[name] = found
            on_done(found)

        self._channel.start_job(AgentFileJob(name), None, finished, on_failed)
