"""``playground bench``: what the promises about speed are held against.

Each measurement runs in a process of its own, so that none of them pays for what another one has
loaded or left behind. Times that are compared with each other come from the same run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def run_bench(options: argparse.Namespace) -> int:
    """Measure, print a table, and return the exit status.

    0: all targets are met; 1: one of them is missed, or something could not be measured; 2: bad
    input.

    Parameters
    ----------
    options
        ``json`` (Path or None: where the figures go too), ``quick`` (shorter windows), ``only``
        (name of one measurement, or None), ``pane`` (name of the one pane to measure on, or None).
    """
    from playground.bench.report import report

    return report(options.only, options.json, quick=options.quick, pane=options.pane)
