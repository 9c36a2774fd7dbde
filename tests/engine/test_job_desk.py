import threading

import pytest

from playground.engine import commands as cmd
from playground.engine.frames import JobCancelled, JobFailed, JobFinished
from playground.experiments.jobs import BlockingJob, Job, JobError, JobProgress, SlicedJob
from tests.engine.toys import Hand, WalkSpec

BOUND_S = 5.0


class Count(SlicedJob):
    def __init__(self, to, seconds=0.002, clock=None, error=None):
        self.to, self.seconds, self.clock, self.error = to, seconds, clock, error
        self.closed = False

    def run(self):
        try:
            for number in range(self.to):
                self.clock.now += self.seconds
                if self.error and number == 3:
                    raise self.error
                yield JobProgress(number / self.to, f"{number} done", number)
        finally:
            self.closed = True
        return "counted"


class Download(BlockingJob):
    """Waits for the test to say what happens."""

    def __init__(self, error=None):
        self.error = error
        self.started, self.go_on, self.ended = (threading.Event() for _ in range(3))

    def run(self, report):
        try:
            report(0.5, "half")
            self.started.set()
            assert self.go_on.wait(BOUND_S)
            if self.error:
                raise self.error
            report(0.9)
            return b"data"
        finally:
            self.ended.set()


def started(job, **options):
    hand = Hand(**options)
    job.clock = hand.clock
    hand.send(cmd.StartJob("pane", 1, job))
    return hand


def wait_for_event(hand, event_type):
    """Turn until another thread has posted an event."""
    deadline = threading.Event()
    timer = threading.Timer(BOUND_S, deadline.set)
    timer.start()
    while not hand.count(event_type) and not deadline.is_set():
        hand.turn()
    timer.cancel()
    return hand.event(event_type)


def test_a_sliced_job_shows_its_progress_and_returns_its_result():
    hand = started(Count(50))
    assert 0 < hand.runner.job_progress()[1].fraction < 0.2
    shown = hand.runner.job_progress()[1]
    assert shown.partial == round(50 * shown.fraction)
    hand.turn(20)

    assert hand.event(JobFinished) == JobFinished("pane", 1, "counted")
    assert hand.runner.job_progress() == {}


def test_a_sliced_job_shares_the_time_with_a_run():
    hand = started(Count(10**6, seconds=0.001))
    spec = WalkSpec(seconds_per_step=0.001)
    hand.send(cmd.SetSpeed("pane", cmd.MAX_SPEED), cmd.Open("pane", "walk", spec, 1))
    before = hand.runner.job_progress()[1].partial
    hand.send(cmd.Play("pane"), turns=200)

    assert hand.runner.job_progress()[1].partial - before == pytest.approx(
        hand.frame.transport.step, rel=0.2
    )


def test_a_cancelled_sliced_job_is_closed():
    job = Count(10**6)
    hand = started(job)
    hand.send(cmd.CancelJob("pane", 1), cmd.CancelJob("pane", 1))

    assert job.closed
    assert hand.count(JobCancelled) == 1
    assert hand.runner.job_progress() == {}


@pytest.mark.parametrize(
    ("error", "sentence", "has_traceback"),
    [
        (JobError("There are too few points."), "There are too few points.", False),
        (RuntimeError("boom"), "The job failed: boom", True),
    ],
)
def test_a_job_that_raises_says_why(error, sentence, has_traceback):
    hand = started(Count(50, error=error))
    hand.turn(20)
    failed = hand.event(JobFailed)

    assert failed.sentence == sentence
    assert ("RuntimeError" in failed.traceback) is has_traceback


def test_a_blocking_job_does_not_hold_the_loop_and_returns_its_result():
    job = Download()
    hand = started(job)
    assert job.started.wait(BOUND_S)
    assert hand.runner.job_progress()[1] == JobProgress(0.5, "half")
    hand.open()
    assert hand.train(3).transport.step == 3
    job.go_on.set()

    assert wait_for_event(hand, JobFinished).result == b"data"


def test_a_blocking_job_counts_as_cancelled_at_once_and_stops_at_its_next_report():
    job = Download()
    hand = started(job)
    assert job.started.wait(BOUND_S)
    hand.send(cmd.CancelJob("pane", 1))
    assert hand.count(JobCancelled) == 1
    job.go_on.set()
    assert job.ended.wait(BOUND_S)
    hand.turn(5)

    assert hand.count(JobFinished) == 0
    assert hand.count(JobCancelled) == 1


def test_a_blocking_job_that_raises_says_why():
    job = Download(OSError("no route to host"))
    hand = started(job)
    job.go_on.set()
    failed = wait_for_event(hand, JobFailed)

    assert failed.sentence == "The job failed: no route to host"
    assert "OSError" in failed.traceback


def test_an_id_in_use_is_refused_and_the_first_job_goes_on():
    hand = started(Count(50))
    hand.send(cmd.StartJob("pane", 1, Count(5)))
    assert "already a job" in hand.event(JobFailed).sentence
    hand.turn(30)
    assert hand.event(JobFinished).result == "counted"


def test_something_that_is_no_known_job_fails():
    hand = started(Job())
    assert hand.event(JobFailed).sentence == "This job cannot be run."


def test_closing_cancels_all_jobs():
    sliced, blocking = Count(10**6), Download()
    hand = started(sliced)
    hand.send(cmd.StartJob("pane", 2, blocking))
    assert blocking.started.wait(BOUND_S)
    hand.send(cmd.Close())
    hand.events += hand.runner.events()

    assert sliced.closed
    assert hand.count(JobCancelled) == 2
    blocking.go_on.set()
    assert blocking.ended.wait(BOUND_S)
