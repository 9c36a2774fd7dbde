"""The command line: what may be typed, and which part of the program answers.

Only the standard library is imported here. Each command imports what it needs when it runs, so that
``playground doctor`` works where Qt cannot be loaded and ``--help`` answers at once.

A command is a function ``run_x(options: argparse.Namespace) -> int`` that returns the exit status:
0 when all went well, 2 after one sentence on stderr about bad input, 1 for everything else.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from playground import __version__
from playground.core.threads import limit_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MakeParser: TypeAlias = "Callable[[], argparse.ArgumentParser]"
_Run: TypeAlias = "Callable[[argparse.Namespace], int]"

THEMES = ("system", "dark", "light")
MAX_SEED = 2**63 - 1
MAX_EPISODE_SEED = 2**31 - 10_001
"""Seeds of episodes have 31 bits, and as many more must follow as episodes may be flown."""
SMALLEST_WINDOW = (640, 480)
LARGEST_WINDOW = (7680, 4320)

_USAGE = "playground [--pane NAME] [--theme {system,dark,light}] [--debug] [FILE.playrun]"
_COMMANDS_HELP = """\
commands:
  tour DIR          open every pane without a display and save its picture
  train EXPERIMENT  train without a window and save a run that the window can open
  evaluate AGENT    fly a trained agent on seeds it never saw and say how well it does
  bench             measure start-up, frame pacing and training throughput
  doctor            say what this machine has and what it lacks

playground COMMAND --help tells more."""


class _Parser(argparse.ArgumentParser):
    """A parser that answers bad input with one sentence instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message.rstrip('.')}. See {self.prog} --help.\n")


def _whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        try:
            number = int(text.replace("_", ""))
        except ValueError:
            number = lowest - 1
        if not lowest <= number <= highest:
            message = f"{text!r} is not a whole number from {lowest} to {highest}"
            raise argparse.ArgumentTypeError(message)
        return number

    return convert


def _number(lowest: float, highest: float) -> Callable[[str], float]:
    def convert(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not lowest <= number <= highest:  # false for nan too
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a number from {lowest:g} to {highest:g}"
            )
        return number

    return convert


def _window_size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text.strip())
    if match:
        width, height = int(match[1]), int(match[2])
        if (
            SMALLEST_WINDOW[0] <= width <= LARGEST_WINDOW[0]
            and SMALLEST_WINDOW[1] <= height <= LARGEST_WINDOW[1]
        ):
            return width, height
    smallest, largest = ("{}x{}".format(*size) for size in (SMALLEST_WINDOW, LARGEST_WINDOW))
    raise argparse.ArgumentTypeError(
        f"{text!r} is not a window size such as 1440x900, between {smallest} and {largest}"
    )


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key.strip() or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form key=value")
    return key.strip(), value.strip()


def _run_file(text: str) -> Path:
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder, not a run file")
    if not path.exists():
        commands = ", ".join(_COMMANDS)
        raise argparse.ArgumentTypeError(
            f"there is no file {text!r}, and the commands are {commands}"
        )
    return path


def _add_theme(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--theme", choices=THEMES, help="colours; the saved choice by default")


def app_parser() -> argparse.ArgumentParser:
    """Return the parser of ``playground`` without a command: it opens the window.

    Options: ``pane`` (str or None), ``file`` (Path or None), ``theme`` (str or None), ``debug``.
    """
    parser = _Parser(
        prog="playground",
        usage=f"{_USAGE}\n       playground COMMAND …",
        description="Play with neural networks: every run is live and can be rewound.",
        epilog=_COMMANDS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", nargs="?", type=_run_file, metavar="FILE.playrun", help="open it")
    parser.add_argument("--pane", metavar="NAME", help="start with this pane")
    _add_theme(parser)
    parser.add_argument("--debug", action="store_true", help="log more and watch for stalls")
    parser.add_argument("--version", action="version", version=f"playground {__version__}")
    return parser


def tour_parser() -> argparse.ArgumentParser:
    """Return the parser of ``playground tour``.

    Options: ``directory`` (Path), ``size`` ((width, height) in pixels), ``theme`` (str or None),
    ``seconds`` (float, training per pane), ``scale`` (float, 1 to 3).
    """
    parser = _Parser(
        prog="playground tour",
        description="Open every pane without a display, train it, and write DIR/<pane>.png.",
        epilog="The exit status is 0 only if every pane trained and painted.",
        allow_abbrev=False,
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="made if it does not exist")
    parser.add_argument("--size", type=_window_size, default=(1440, 900), metavar="WxH")
    _add_theme(parser)
    parser.add_argument("--seconds", type=_number(0.1, 600), default=3.0, help="training per pane")
    parser.add_argument("--scale", type=_number(1, 3), default=1.0, help="size of everything")
    return parser


def train_parser() -> argparse.ArgumentParser:
    """Return the parser of ``playground train``.

    Options: ``experiment`` (str), ``set`` (list of (key, value) strings), ``steps`` (int or None:
    until it finishes), ``seed`` (int), ``out`` (Path or None), ``algo`` (str or None),
    ``until_solved`` (bool).
    """
    parser = _Parser(
        prog="playground train",
        description="Train without a window and save what the window can open.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "experiment",
        metavar="EXPERIMENT",
        help="such as perceptron, or lunar-lander or headlight-car for an agent that learns there",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_setting,
        metavar="KEY=VALUE",
        help="change one setting of the experiment; may be given again for others",
    )
    parser.add_argument(
        "--steps",
        type=_whole_number(1, 10**12),
        metavar="N",
        help="of the experiment; for lunar-lander and headlight-car steps of their worlds",
    )
    parser.add_argument("--seed", type=_whole_number(0, MAX_SEED), default=0, metavar="S")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where the run is saved (.playrun), or the agent alone (.npz)",
    )
    parser.add_argument("--algo", metavar="NAME", help="of an agent: ppo, dqn, reinforce …")
    parser.add_argument(
        "--until-solved",
        action="store_true",
        help="of an agent: end when the mean of the last 100 returns says so",
    )
    return parser


def evaluate_parser() -> argparse.ArgumentParser:
    """Return the parser of ``playground evaluate``.

    Options: ``agent`` (str), ``episodes`` (int), ``seed`` (int, of the first episode), ``json``
    (bool).
    """
    parser = _Parser(
        prog="playground evaluate",
        description="Fly greedy episodes with a trained agent and say how well it does.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "agent",
        metavar="AGENT",
        help="lander-ppo, lander-dqn or car-dqn, or a file: an agent (.npz) or a run (.playrun)",
    )
    parser.add_argument("--episodes", type=_whole_number(1, 10_000), default=100, metavar="N")
    parser.add_argument(
        "--seed",
        type=_whole_number(0, MAX_EPISODE_SEED),
        default=10_000,
        metavar="S",
        help="of the first episode; the others follow",
    )
    parser.add_argument("--json", action="store_true", help="write the figures as JSON")
    return parser


def bench_parser() -> argparse.ArgumentParser:
    """Return the parser of ``playground bench``.

    Options: ``json`` (Path or None), ``quick`` (bool), ``only`` and ``pane`` (str or None).
    """
    parser = _Parser(
        prog="playground bench",
        description="Measure start-up, frame pacing at full training speed, and throughput.",
        allow_abbrev=False,
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--quick", action="store_true", help="shorter runs, rougher figures")
    parser.add_argument("--only", metavar="NAME", help="run this measurement alone")
    parser.add_argument("--pane", metavar="NAME", help="measure on this pane alone")
    return parser


def doctor_parser() -> argparse.ArgumentParser:
    """Return the parser of ``playground doctor``.

    Options: ``fix_command`` (bool), ``display`` (bool).
    """
    parser = _Parser(
        prog="playground doctor",
        description="Say what this machine has and what it lacks, with the command that mends it.",
        epilog="The exit status is 0 when all is well and 1 when something is missing.",
        allow_abbrev=False,
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument(
        "--fix-command",
        action="store_true",
        help="print only the command that installs missing system libraries",
    )
    only.add_argument(
        "--display", action="store_true", help="say only whether a window could open here"
    )
    return parser


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _lacks_a_library(error: ImportError) -> bool:
    """Tell a machine that lacks something from a defect of our own, which must show as one."""
    of_ours = (error.name or "").partition(".")[0] == "playground"
    # What the loaders of Linux, macOS and Windows say about a shared library.
    unloadable = any(word in str(error) for word in ("shared object", "dlopen", "DLL load failed"))
    return unloadable or (isinstance(error, ModuleNotFoundError) and not of_ours)


def _call(function: str, options: argparse.Namespace) -> int:
    """Call ``module:function`` with the options; say in one sentence if a library is missing."""
    module_name, _, name = function.partition(":")
    try:
        run = getattr(importlib.import_module(module_name), name)
        return int(run(options))
    except ImportError as error:
        if not _lacks_a_library(error):
            raise
        _say(
            f"The playground cannot start, because a library could not be loaded ({error}); "
            "playground doctor names what is missing and how to install it."
        )
        return 1


def _without_display(function: str) -> Callable[[argparse.Namespace], int]:
    """Return a command that paints into memory, unless the person has chosen a platform."""

    def run(options: argparse.Namespace) -> int:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        return _call(function, options)

    return run


def _run_app(options: argparse.Namespace) -> int:
    from playground.doctor import display_problem

    problem = display_problem()
    if problem is not None:
        _say(f"{problem} playground tour DIR paints every pane into pictures without one.")
        return 2
    # All that is made until the window stands stays; to search it for garbage again and again was
    # a tenth of that time. The window collects by a timer of its own.
    gc.disable()
    try:
        return _call("playground.app:run_app", options)
    finally:
        gc.enable()


_COMMANDS: dict[str, tuple[_MakeParser, _Run]] = {
    "tour": (tour_parser, _without_display("playground.tour:run_tour")),
    "train": (train_parser, lambda options: _call("playground.training:run_train", options)),
    "evaluate": (
        evaluate_parser,
        lambda options: _call("playground.evaluating:run_evaluate", options),
    ),
    "bench": (bench_parser, _without_display("playground.bench:run_bench")),
    "doctor": (doctor_parser, lambda options: _call("playground.doctor:run_doctor", options)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    Parameters
    ----------
    arguments
        What was typed after ``playground``; ``sys.argv[1:]`` by default.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Where output goes into a file, Windows writes cp1252, which has no minus sign.
            stream.reconfigure(errors="replace")
    typed = list(sys.argv[1:] if arguments is None else arguments)
    make_parser: _MakeParser = app_parser
    run: _Run = _run_app
    if typed and typed[0] in _COMMANDS:
        make_parser, run = _COMMANDS[typed.pop(0)]
    options = make_parser().parse_args(typed)
    limit_threads()
    try:
        return run(options)
    except KeyboardInterrupt:
        _say("Interrupted.")
        return 130
