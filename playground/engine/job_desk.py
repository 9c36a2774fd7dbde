"""The jobs of the window: sliced ones share the training thread, blocking ones get their own."""

from __future__ import annotations

import threading
import traceback
from typing import TYPE_CHECKING, Any

from playground.engine.frames import JobCancelled, JobFailed, JobFinished
from playground.experiments.jobs import (
    BlockingJob,
    JobError,
    JobProgress,
    JobStopped,
    SlicedJob,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from playground.engine.frames import Event
    from playground.experiments.jobs import Job


class SlicedTask:
    """A sliced job under way."""

    def __init__(self, channel: str, job_id: int, job: SlicedJob) -> None:
        self.channel = channel
        self.job_id = job_id
        self.run: Generator[JobProgress, None, Any] = job.run()


class _BlockingTask:
    """A blocking job on a thread of its own, which a stuck download cannot make eternal."""

    def __init__(self, desk: JobDesk, channel: str, job_id: int, job: BlockingJob) -> None:
        self.channel = channel
        self._desk = desk
        self._job_id = job_id
        self._job = job
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"job {job_id}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _report(self, fraction: float, message: str = "") -> None:
        if self._stop.is_set():
            raise JobStopped
        self._desk.publish(self._job_id, JobProgress(fraction, message))

    def _work(self) -> None:
        event: Event
        try:
            result = self._job.run(self._report)
        except JobStopped:
            event = JobCancelled(self.channel, self._job_id)
        except Exception as error:
            event = _failure(self.channel, self._job_id, error)
        else:
            event = JobFinished(self.channel, self._job_id, result)
        self._desk.finish(self._job_id, event)


class JobDesk:
    """Starts, advances and cancels jobs, and knows how far each one is."""

    def __init__(self, post: Callable[[Event], None], clock: Callable[[], float]) -> None:
        self.sliced: dict[int, SlicedTask] = {}
        self._blocking: dict[int, _BlockingTask] = {}
        self._post = post
        self._clock = clock
        self._progress: dict[int, JobProgress] = {}
        self._lock = threading.Lock()

    def start(self, channel: str, job_id: int, job: Job) -> None:
        """Start a job under an id that no other running job has."""
        with self._lock:
            taken = job_id in self._progress
            if not taken:
                self._progress[job_id] = JobProgress(0.0)
        if taken:
            self._post(JobFailed(channel, job_id, "There is already a job with this id."))
        elif isinstance(job, SlicedJob):
            self.sliced[job_id] = SlicedTask(channel, job_id, job)
        elif isinstance(job, BlockingJob):
            self._blocking[job_id] = _BlockingTask(self, channel, job_id, job)
        else:
            self.finish(job_id, JobFailed(channel, job_id, "This job cannot be run."))

    def cancel(self, job_id: int) -> None:
        """Stop a job; nothing happens if it is over already.

        A blocking job counts as cancelled at once; what its thread still does goes unheard.
        """
        if (task := self.sliced.pop(job_id, None)) is not None:
            self._close(task)
            self.finish(job_id, JobCancelled(task.channel, job_id))
        elif (blocking := self._blocking.pop(job_id, None)) is not None:
            blocking.stop()
            self.finish(job_id, JobCancelled(blocking.channel, job_id))

    def cancel_all(self) -> None:
        """Stop every job."""
        for job_id in (*self.sliced, *self._blocking):
            self.cancel(job_id)

    def work(self, task: SlicedTask, budget_s: float) -> None:
        """Go on with a sliced job for about so many seconds."""
        end = self._clock() + budget_s
        try:
            while True:
                self.publish(task.job_id, next(task.run))
                if self._clock() >= end:
                    return
        except StopIteration as stop:
            event: Event = JobFinished(task.channel, task.job_id, stop.value)
        except Exception as error:
            event = _failure(task.channel, task.job_id, error)
        self.sliced.pop(task.job_id, None)
        self.finish(task.job_id, event)

    def progress(self) -> dict[int, JobProgress]:
        """Return how far the running jobs are."""
        with self._lock:
            return dict(self._progress)

    def publish(self, job_id: int, progress: JobProgress) -> None:
        """Take note of how far a job is, unless it is over."""
        with self._lock:
            if job_id in self._progress:
                self._progress[job_id] = progress

    def finish(self, job_id: int, event: Event) -> None:
        """Say how a job ended; only the first end of a job is heard."""
        with self._lock:
            running = self._progress.pop(job_id, None) is not None
        if running:
            self._post(event)

    def _close(self, task: SlicedTask) -> None:
        try:
            task.run.close()
        except Exception as error:
            self.finish(task.job_id, _failure(task.channel, task.job_id, error))


def _failure(channel: str, job_id: int, error: Exception) -> JobFailed:
    if isinstance(error, JobError):
        return JobFailed(channel, job_id, str(error))
    sentence = f"The job failed: {error or type(error).__name__}"
    return JobFailed(channel, job_id, sentence, "".join(traceback.format_exception(error)))
