from __future__ import annotations

import os
import subprocess
import sys

import pytest

from playground.core.threads import limit_threads, thread_count


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (3, 2), (16, 15)])
def test_one_core_is_left_to_the_window(cores, threads):
    assert thread_count(cores) == threads


def test_the_machine_itself_has_at_least_one_thread():
    assert thread_count() >= 1


def test_a_persons_own_setting_stands(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    limit_threads()
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_the_limit_holds_for_every_thread_that_computes():
    """In a process of its own: it is read when torch is loaded."""
    code = """
import threading
from playground.core.threads import limit_threads
limit_threads()
import torch
def look():
    print([line for line in torch.__config__.parallel_info().splitlines() if "omp_get_max" in line])
for _ in range(2):
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
"""
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env=environment,
    )
    lines = done.stdout.splitlines()
    assert lines[0] == lines[1]
    assert str(thread_count()) in lines[0] or lines[0] == "[]"
