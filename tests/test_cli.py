from __future__ import annotations

import gc
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from playground import __version__, cli

ROOT = Path(__file__).parents[1]


def stand_in(monkeypatch, module, function, status=0):
    """Put a module in place that remembers the options it was called with."""
    calls = []

    def run(options):
        calls.append(options)
        return status

    fake = types.ModuleType(module)
    setattr(fake, function, run)
    monkeypatch.setitem(sys.modules, module, fake)
    return calls


@pytest.fixture(autouse=True)
def _keep_platform(monkeypatch):
    """Commands may choose Qt's platform for their process; the next test must not see it."""
    monkeypatch.setenv("QT_QPA_PLATFORM", os.environ["QT_QPA_PLATFORM"])


def test_no_arguments_open_the_app(monkeypatch):
    calls = stand_in(monkeypatch, "playground.app", "run_app", status=7)
    assert cli.main([]) == 7
    assert vars(calls[0]) == {"file": None, "pane": None, "theme": None, "debug": False}


def test_no_garbage_is_searched_for_while_the_app_starts(monkeypatch):
    searched = []

    def run(_options):
        searched.append(gc.isenabled())
        return 0

    fake = types.ModuleType("playground.app")
    fake.run_app = run
    monkeypatch.setitem(sys.modules, "playground.app", fake)
    cli.main([])
    assert searched == [False]
    assert gc.isenabled()


def test_app_options_reach_the_app(monkeypatch, tmp_path):
    calls = stand_in(monkeypatch, "playground.app", "run_app")
    run = tmp_path / "xor.playrun"
    run.write_text("{}", encoding="utf-8")
    assert cli.main(["--pane", "perceptron", str(run), "--theme", "dark", "--debug"]) == 0
    assert vars(calls[0]) == {"file": run, "pane": "perceptron", "theme": "dark", "debug": True}


def test_file_named_like_a_command_opens_with_its_folder(monkeypatch, tmp_path):
    calls = stand_in(monkeypatch, "playground.app", "run_app")
    (tmp_path / "tour").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["./tour"]) == 0
    assert calls[0].file == Path("tour")


def test_tour_defaults_and_options(monkeypatch):
    calls = stand_in(monkeypatch, "playground.tour", "run_tour")
    cli.main(["tour", "pictures"])
    cli.main(["tour", "p", "--size", "1024x700", "--theme", "light", "--seconds", "0.5"])
    assert vars(calls[0]) == {
        "directory": Path("pictures"),
        "size": (1440, 900),
        "theme": None,
        "seconds": 3.0,
        "scale": 1.0,
    }
    assert (calls[1].size, calls[1].theme, calls[1].seconds) == ((1024, 700), "light", 0.5)


def test_train_options(monkeypatch):
    calls = stand_in(monkeypatch, "playground.training", "run_train")
    arguments = ["perceptron", "--set", "data.preset=xor", "--set", "rate = 0.1", "--steps"]
    cli.main(["train", *arguments, "1_000", "--seed", "9", "--out", "x.playrun"])
    assert vars(calls[0]) == {
        "experiment": "perceptron",
        "set": [("data.preset", "xor"), ("rate", "0.1")],
        "steps": 1000,
        "seed": 9,
        "out": Path("x.playrun"),
        "algo": None,
        "until_solved": False,
    }


def test_train_options_of_agents(monkeypatch):
    calls = stand_in(monkeypatch, "playground.training", "run_train")
    cli.main(["train", "lunar-lander", "--algo", "dqn", "--until-solved", "--out", "a.npz"])
    given = calls[0]
    assert (given.experiment, given.algo, given.until_solved) == ("lunar-lander", "dqn", True)


def test_evaluate_options(monkeypatch):
    calls = stand_in(monkeypatch, "playground.evaluating", "run_evaluate", status=2)
    assert cli.main(["evaluate", "car-dqn", "--episodes", "7", "--seed", "3", "--json"]) == 2
    assert vars(calls[0]) == {"agent": "car-dqn", "episodes": 7, "seed": 3, "json": True}


def test_setting_may_hold_an_equals_sign(monkeypatch):
    calls = stand_in(monkeypatch, "playground.training", "run_train")
    cli.main(["train", "perceptron", "--set", "formula=y=x"])
    assert calls[0].set == [("formula", "y=x")]


def test_bench_options(monkeypatch):
    calls = stand_in(monkeypatch, "playground.bench", "run_bench")
    cli.main(["bench", "--json", "figures.json", "--quick", "--only", "start-up"])
    assert vars(calls[0]) == {
        "json": Path("figures.json"),
        "quick": True,
        "only": "start-up",
        "pane": None,
    }


@pytest.mark.parametrize("command", ["tour", "bench"])
def test_pictures_and_measurements_need_no_display(monkeypatch, command):
    stand_in(monkeypatch, f"playground.{command}", f"run_{command}")
    monkeypatch.delenv("QT_QPA_PLATFORM")
    cli.main([command, "pictures"] if command == "tour" else [command])
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nothing.playrun"], "nothing.playrun"),
        (["evaluate"], "evaluate"),
        (["--theme", "pink"], "pink"),
        (["--nonsense"], "--nonsense"),
        (["--pane"], "--pane"),
        (["tour"], "DIR"),
        (["tour", "d", "--size", "big"], "'big'"),
        (["tour", "d", "--size", "10x10"], "640x480"),
        (["tour", "d", "--size", "99999x900"], "7680x4320"),
        (["tour", "d", "--seconds", "nan"], "'nan'"),
        (["tour", "d", "--scale", "9"], "from 1 to 3"),
        (["train"], "EXPERIMENT"),
        (["train", "perceptron", "--set", "rate"], "key=value"),
        (["train", "perceptron", "--set", "=3"], "key=value"),
        (["train", "perceptron", "--steps", "0"], "from 1"),
        (["train", "perceptron", "--steps", "1.5"], "whole number"),
        (["train", "perceptron", "--seed", "-1"], "'-1'"),
        (["evaluate"], "AGENT"),
        (["evaluate", "car-dqn", "--episodes", "0"], "from 1 to"),
        (["train", "perceptron", "--seed", str(2**63)], "9223372036854775807"),
        (["doctor", "--fix-command", "--display"], "--display"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(monkeypatch, capsys, arguments, named):
    for module, function in (("app", "run_app"), ("tour", "run_tour"), ("training", "run_train")):
        assert not stand_in(monkeypatch, f"playground.{module}", function)
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    captured = capsys.readouterr()
    assert stop.value.code == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.endswith(".\n")
    assert named in captured.err


def test_folder_is_no_run_file(capsys, tmp_path):
    with pytest.raises(SystemExit):
        cli.main([str(tmp_path)])
    assert "is a folder" in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"playground {__version__}\n"


def test_help_names_every_command_and_only_those(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    commands = capsys.readouterr().out.partition("commands:")[2]
    assert [line.split()[0] for line in commands.splitlines() if line.startswith("  ")] == [
        "tour",
        "train",
        "evaluate",
        "bench",
        "doctor",
    ]


@pytest.mark.parametrize(
    "error",
    [
        ImportError("libEGL.so.1: cannot open shared object file", name="PySide6.QtGui"),
        ImportError("dlopen(QtGui.so): Library not loaded"),
        ImportError("DLL load failed while importing QtCore"),
        ModuleNotFoundError("No module named 'PySide6'", name="PySide6"),
    ],
)
@pytest.mark.parametrize("when", ["while importing", "while starting"])
def test_missing_library_is_a_sentence_that_names_the_doctor(monkeypatch, capsys, error, when):
    def fail(*_):
        raise error

    if when == "while importing":
        monkeypatch.setattr(cli.importlib, "import_module", fail)
    else:
        stand_in(monkeypatch, "playground.app", "run_app")
        monkeypatch.setattr(sys.modules["playground.app"], "run_app", fail)
    assert cli.main([]) == 1
    said = capsys.readouterr().err
    assert str(error) in said
    assert "playground doctor" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'playground.app'", name="playground.app"),
        ImportError("cannot import name 'Sizes' from 'numpy'", name="numpy"),
    ],
)
def test_defect_of_our_own_is_not_hidden(monkeypatch, error):
    def fail(name):
        raise error

    monkeypatch.setattr(cli.importlib, "import_module", fail)
    with pytest.raises(type(error)):
        cli.main([])


def test_interrupt_ends_quietly(monkeypatch, capsys):
    def interrupted(options):
        raise KeyboardInterrupt

    fake = types.ModuleType("playground.training")
    fake.run_train = interrupted
    monkeypatch.setitem(sys.modules, "playground.training", fake)
    assert cli.main(["train", "perceptron"]) == 130
    assert capsys.readouterr().err == "Interrupted.\n"


def run_in_shell(arguments, environment):
    return subprocess.run(
        [sys.executable, "-m", "playground", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
def test_without_display_one_line_names_the_tour(clean_environment):
    environment = clean_environment(DISPLAY=None, WAYLAND_DISPLAY=None, QT_QPA_PLATFORM=None)
    done = run_in_shell([], environment)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "playground tour" in done.stderr


def test_command_line_loads_nothing_heavy(clean_environment):
    script = (
        "import sys, playground.cli, playground.doctor\n"
        "playground.cli.app_parser().format_help()\n"
        "heavy = {'numpy', 'torch', 'pydantic', 'PySide6', 'pyqtgraph', 'sklearn', 'gymnasium'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_words_that_an_encoding_lacks_do_not_end_the_program():
    code = "from playground.cli import main; main(['evaluate', 'nobody']); print('\\u22121')"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr.decode("cp1252")
    assert run.stdout.decode("cp1252").strip() == "?1"
