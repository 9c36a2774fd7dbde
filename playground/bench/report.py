"""Runs the measurements one after the other and writes what they found."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground import __version__
from playground.bench.figures import FULL, QUICK, Figure
from playground.core.atomic_files import SaveError, write_atomically
from playground.panes.registry import PANES, UnknownPane, pane_info

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from playground.bench.figures import Effort
    from playground.panes.base import PaneInfo

MEASUREMENTS: Mapping[str, str] = {
    "startup": "playground.bench.startup:measure",
    "pacing": "playground.bench.pacing:measure",
    "throughput": "playground.bench.throughput:measure",
    "agents": "playground.bench.agents:measure",
    "perceptron": "playground.bench.throughput:measure_checks",
    "points": "playground.bench.points:measure",
    "pause": "playground.bench.pausing:measure",
    "seeking": "playground.bench.seeking:measure",
    "memory": "playground.bench.memory:measure",
}
"""Measurements by the name that ``--only`` takes, in the order of the table."""

TRAINING_PANES = tuple(info for info in PANES if info.id not in ("convolution", "fourier"))
"""The laboratories compute a picture and train nothing."""

OK, FAILED, BAD_INPUT = 0, 1, 2
COLUMNS = ("figure", "value", "", "target", "met")
WORDS = {True: "yes", False: "NO", None: ""}


def report(
    only: str | None, json_path: Path | None, *, quick: bool, pane: str | None = None
) -> int:
    """Measure one thing or everything, print the table, and return the exit status.

    ``pane`` restricts what is measured on every pane to one of them.
    """
    if only is not None and only not in MEASUREMENTS:
        names = ", ".join(MEASUREMENTS)
        print(f"There is no measurement “{only}”; there are: {names}.", file=sys.stderr)
        return BAD_INPUT
    try:
        panes = TRAINING_PANES if pane is None else (pane_info(pane),)
    except UnknownPane as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    if json_path is not None and (json_path.is_dir() or not json_path.parent.is_dir()):
        print(f"The figures cannot be written to “{json_path}”.", file=sys.stderr)
        return BAD_INPUT
    if only is None:
        figures, whole = measure_all(quick=quick, pane=pane)
    else:
        figures, whole = measure_one(only, QUICK if quick else FULL, panes), True
    print(table(figures))
    if json_path is not None:
        try:
            write_atomically(json_path, as_json(figures))
        except SaveError as error:
            print(error, file=sys.stderr)
            return BAD_INPUT
    missed = any(figure.met is False for figure in figures)
    return OK if whole and not missed else FAILED


def measure_one(
    name: str, effort: Effort, panes: tuple[PaneInfo, ...] = TRAINING_PANES
) -> list[Figure]:
    """Return the figures of one measurement, taken in this process."""
    module, _, function = MEASUREMENTS[name].partition(":")
    measure: Callable[..., list[Figure]] = getattr(importlib.import_module(module), function)
    if "panes" in inspect.signature(measure).parameters:
        return measure(effort, panes)
    return measure(effort)


def measure_all(*, quick: bool, pane: str | None = None) -> tuple[list[Figure], bool]:
    """Return the figures of all measurements, each from its own process; False if one failed."""
    figures: list[Figure] = []
    whole = True
    with tempfile.TemporaryDirectory(prefix="playground-") as folder:
        for name in MEASUREMENTS:
            print(f"measuring: {name} …", file=sys.stderr, flush=True)
            path = Path(folder) / f"{name}.json"
            command = [sys.executable, "-m", "playground", "bench", "--only", name]
            command += ["--json", str(path), *(["--quick"] if quick else [])]
            command += ["--pane", pane] if pane is not None else []
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
            found: list[Figure] = []
            with contextlib.suppress(FileNotFoundError):
                found = figures_of(path.read_text(encoding="utf-8"))
            if not found:
                whole = False
                print(f"“{name}” could not be measured; see above.", file=sys.stderr)
            figures += found
    return figures, whole


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as text in columns, notes at the end of the line."""
    rows = [COLUMNS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(COLUMNS))]
    notes = ["", *(figure.note for figure in figures)]
    lines = []
    for row, note in zip(rows, notes, strict=True):
        name, value, unit, target, met = (
            text.rjust(width) if index in (1, 3) else text.ljust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append(f"{name}  {value} {unit}  {target}  {met}  {note}".rstrip())
    return "\n".join(lines)


def as_json(figures: Iterable[Figure]) -> str:
    """Return the figures, and the machine they were measured on, as a JSON text."""
    data: dict[str, Any] = {
        "playground": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "qt_platform": os.environ.get("QT_QPA_PLATFORM", ""),
        "figures": [figure.as_json() for figure in figures],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def figures_of(text: str) -> list[Figure]:
    """Return the figures in a text made by :func:`as_json`."""
    return [Figure.from_json(entry) for entry in json.loads(text)["figures"]]


def _row(figure: Figure) -> tuple[str, ...]:
    target = ""
    if figure.target is not None:
        target = f"{'≥' if figure.at_least else '≤'} {_number(figure.target)}"
    return figure.name, _number(figure.value), figure.unit, target, WORDS[figure.met]


def _number(value: float) -> str:
    if value != value or abs(value) >= 1000:  # NaN too
        return f"{value:,.0f}"
    return f"{value:.4g}"
