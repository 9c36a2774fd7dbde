"""How many threads the numerical libraries may compute with."""

from __future__ import annotations

import os


def thread_count(cores: int | None = None) -> int:
    """Return the number of threads torch may compute with: all cores but the window's.

    Measured: with two threads on two cores while another process keeps one of them busy, as a
    window may, ten epochs of a small network took 198 s instead of 1.2 s with one thread, and
    those of the course's CNN 257 s instead of 9.5 s: the threads wait for each other, spinning.
    Large layers gain nothing either: a deep network 784-500×5-10 with batches of 1,000 did 6.0 to
    7.2 steps/s with two threads beside a busy core and 8.6 to 8.8 with one.
    """
    return max(1, (cores or os.cpu_count() or 1) - 1)


def limit_threads() -> None:
    """Tell the libraries that will be imported; a person's own setting stands.

    They read it once, when the first of them is loaded, and then for every thread that computes:
    ``torch.set_num_threads`` alone holds for the thread that calls it.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(thread_count()))
