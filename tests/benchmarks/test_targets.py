"""The targets of the issue, measured: run by hand on a quiet machine, never by ``make test``."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from playground.bench.figures import FULL, QUICK
from playground.bench.report import MEASUREMENTS, figures_of

EFFORT = FULL if os.environ.get("PLAYGROUND_BENCH_FULL") else QUICK


@pytest.mark.parametrize("name", list(MEASUREMENTS))
def test_targets_are_met(name, tmp_path):
    path = tmp_path / "figures.json"
    command = [sys.executable, "-m", "playground", "bench", "--only", name, "--json", str(path)]
    subprocess.run([*command, *(["--quick"] if EFFORT is QUICK else [])], check=False)
    missed = [
        f"{figure.name}: {figure.value:.4g} {figure.unit}, target {figure.target:.4g}"
        for figure in figures_of(path.read_text(encoding="utf-8"))
        if figure.met is False
    ]
    assert missed == []
