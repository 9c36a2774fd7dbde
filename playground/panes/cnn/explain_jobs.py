"""Questions to the training thread of which only the latest answers matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.experiments.jobs import Job, JobProgress
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle


class LatestJob:
    """Carries out one job at a time; of those asked for meanwhile only the last one follows.

    A hand that draws asks faster than a busy thread answers: without this, answers would queue up
    and lag ever further behind the hand.

    Parameters
    ----------
    channel
        Whose thread does the work.
    on_done
        Gets every result, and what it is about.
    on_failed
        Gets the sentence of a job that could not be done; the error bar where left out.
    on_progress
        Gets the progress of the job under way.
    """

    def __init__(
        self,
        channel: ChannelClient,
        on_done: Callable[[Any, Any], object],
        on_failed: Callable[[str], object] | None = None,
        on_progress: Callable[[JobProgress], object] | None = None,
    ) -> None:
        self._channel = channel
        self._on_done = on_done
        self._on_failed = on_failed
        self._on_progress = on_progress
        self._handle: JobHandle | None = None
        self._about: Any = None
        self._waiting: tuple[Job, Any] | None = None

    @property
    def running(self) -> bool:
        """Tell whether a job is under way."""
        return self._handle is not None

    def ask(self, job: Job, about: Any = None) -> None:
        """Start a job now, or as soon as the one under way is over."""
        if self._handle is not None:
            self._waiting = (job, about)
            return
        self._about = about
        self._handle = self._channel.start_job(
            job,
            on_progress=self._on_progress,
            on_done=self._done,
            on_failed=self._failed,
        )

    def ask_instead(self, job: Job, about: Any = None) -> None:
        """Throw the job under way away and start this one: its answer is of no use any more."""
        self.cancel()
        self.ask(job, about)

    def cancel(self) -> None:
        """Stop the job under way and forget the one that waits."""
        handle, self._handle = self._handle, None
        self._waiting = self._about = None
        if handle is not None:
            handle.cancel()

    def _done(self, result: Any) -> None:
        self._handle = None
        self._on_done(result, self._about)
        self._follow()

    def _failed(self, sentence: str) -> None:
        self._handle = None
        if self._on_failed is not None:
            self._on_failed(sentence)
        else:
            self._channel.problem.emit(sentence, "")
        self._follow()

    def _follow(self) -> None:
        waiting, self._waiting = self._waiting, None
        # What heard the answer may have asked for something newer already.
        if waiting is not None and self._handle is None:
            self.ask(*waiting)


class JobStream:
    """Carries out small jobs that overlap; no answer comes after that to a later question.

    Answers are fetched at display rate. Who waits for one before asking the next loses a frame
    whenever the hand stops right after a question; here the last question is always under way.

    Parameters
    ----------
    channel
        Whose thread does the work.
    on_done
        Gets every result, and what it is about.
    on_failed
        Gets the sentence of a job that could not be done.
    most
        So many may be under way: a thread that does not get to them is not asked ever more.
    """

    def __init__(
        self,
        channel: ChannelClient,
        on_done: Callable[[Any, Any], object],
        on_failed: Callable[[str], object],
        most: int = 8,
    ) -> None:
        self._channel = channel
        self._on_done = on_done
        self._on_failed = on_failed
        self._most = most
        self._handles: list[JobHandle] = []

    @property
    def is_full(self) -> bool:
        """Tell whether nothing more can be asked before an answer comes."""
        return len(self._handles) >= self._most

    def ask(self, job: Job, about: Any = None) -> bool:
        """Start a job; tell whether there was room for it."""
        if self.is_full:
            return False
        # Known to its own answer, which may only come after it has been made.
        own: list[JobHandle] = []

        def done(result: Any) -> None:
            if self._settle(own):
                self._on_done(result, about)

        def failed(sentence: str) -> None:
            if self._settle(own):
                self._on_failed(sentence)

        own.append(self._channel.start_job(job, on_done=done, on_failed=failed))
        self._handles += own
        return True

    def cancel(self) -> None:
        """Forget all questions under way."""
        handles, self._handles = self._handles, []
        for handle in handles:
            handle.cancel()

    def _settle(self, own: list[JobHandle]) -> bool:
        """Forget a question and those before it; tell whether its answer still counts.

        The thread shares its time among the jobs, so that a later one may be done first.
        """
        if own and own[0] not in self._handles:
            return False
        place = self._handles.index(own[0]) if own else 0
        overtaken, self._handles = self._handles[:place], self._handles[place + len(own) :]
        for handle in overtaken:
            handle.cancel()
        return True
