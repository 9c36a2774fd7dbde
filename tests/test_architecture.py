"""The rules of the house that a tool cannot be configured to check."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "playground"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if "benchmarks" not in path.parts)
BELOW_UI = ("core", "environments", "agents", "experiments", "engine")

QT = ("PySide6", "shiboken6", "pyqtgraph", "OpenGL")
HEAVY = ("torch", "sklearn", "scipy", "gymnasium", "pandas")

# Explicit generators and their types are the way; everything else of numpy.random is global state.
NUMPY_RANDOM = {
    "BitGenerator",
    "Generator",
    "PCG64",
    "PCG64DXSM",
    "Philox",
    "SeedSequence",
    "default_rng",
}
TORCH_GLOBAL_RANDOM = {
    "torch.manual_seed",
    "torch.seed",
    "torch.set_rng_state",
    "torch.get_rng_state",
    "torch.random.manual_seed",
}


def relative(path):
    return path.relative_to(ROOT).as_posix()


def modules_loaded_by(imports, forbidden):
    """Import the modules in a fresh interpreter; return which of the forbidden ones came along."""
    script = textwrap.dedent(
        f"""
        import importlib, pkgutil, sys
        for name in {imports!r}:
            package = importlib.import_module(name)
            for module in pkgutil.walk_packages(getattr(package, "__path__", []), name + "."):
                importlib.import_module(module.name)
        print(sorted({{name.partition(".")[0] for name in sys.modules}} & set({forbidden!r})))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout.splitlines()[-1])


def packages(*names):
    return [f"playground.{name}" for name in names if (PACKAGE / name / "__init__.py").exists()]


def test_nothing_below_ui_loads_qt():
    below = packages(*BELOW_UI)
    assert {"playground.core", "playground.experiments", "playground.engine"} <= set(below)
    assert modules_loaded_by(below, QT) == []


def test_specs_and_engine_load_no_heavy_library():
    specs = sorted((PACKAGE / "experiments").glob("*_spec.py"))
    assert specs
    names = [f"playground.experiments.{path.stem}" for path in specs]
    assert modules_loaded_by([*names, *packages("engine")], HEAVY) == []


def test_the_way_to_the_window_loads_no_heavy_library():
    assert (PACKAGE / "main_window.py").exists()
    assert modules_loaded_by([*packages("ui"), "playground.main_window"], HEAVY) == []
    # The environments register themselves with gymnasium, which is light; only their pane pays.
    heavy = [name for name in HEAVY if name != "gymnasium"]
    assert modules_loaded_by(packages("panes"), heavy) == []


def dotted(node):
    """Return "a.b.c" for a chain of attributes on a name, "" for anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                yield f"{node.module}.{name.name}", node.lineno


def banned_in_source(text):
    """Sentences about global randomness, typed code and pickles in a piece of source."""
    tree = ast.parse(text)
    for name, line in imported(tree):
        root = name.partition(".")[0]
        if root in {"random", "pickle", "cloudpickle", "joblib", "dill"}:
            yield f"line {line} imports {root}"
        if name.startswith("numpy.random.") and name.rpartition(".")[2] not in NUMPY_RANDOM:
            yield f"line {line} imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = dotted(node)
            if name in TORCH_GLOBAL_RANDOM:
                yield f"line {node.lineno} uses {name}"
            prefix, _, last = name.rpartition(".")
            if prefix in {"np.random", "numpy.random"} and last not in NUMPY_RANDOM:
                yield f"line {node.lineno} uses {name}"
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in {"eval", "exec"}:
                yield f"line {node.lineno} calls {name}"
            if name in {"np.load", "numpy.load"} and any(
                word.arg == "allow_pickle" and getattr(word.value, "value", None) is not False
                for word in node.keywords
            ):
                yield f"line {node.lineno} lets {name} read pickles"
            if name == "torch.load" and not any(
                word.arg == "weights_only" and getattr(word.value, "value", None) is True
                for word in node.keywords
            ):
                yield f"line {node.lineno} lets {name} read pickles"


def clocks_in_source(text):
    """Sentences about reading the time: what happens in a run must not depend on it."""
    tree = ast.parse(text)
    for name, line in imported(tree):
        if name.partition(".")[0] in {"time", "datetime"}:
            yield f"line {line} imports {name.partition('.')[0]}"


def waits_in_source(text):
    """Sentences about waiting for a time to pass instead of for something to happen."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = dotted(node.func) or getattr(node.func, "attr", "")
            if called.rpartition(".")[2] in {"sleep", "msleep", "usleep"} or called in {
                "qtbot.wait",
                "QTest.qWait",
            }:
                yield f"line {node.lineno} calls {called}"


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_source_uses_no_global_randomness_and_runs_no_typed_code(path):
    assert list(banned_in_source(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if path.relative_to(PACKAGE).parts[0] in {"core", "experiments"}],
    ids=relative,
)
def test_core_and_experiments_have_no_clock(path):
    assert list(clocks_in_source(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", TESTS, ids=relative)
def test_tests_wait_for_events_and_not_for_time(path):
    assert list(waits_in_source(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "torch.manual_seed(0)",
        "np.random.seed(0)",
        "x = np.random.rand(3)",
        "x = numpy.random.randn(3)",
        "import random",
        "from random import choice",
        "from numpy.random import rand",
        "import pickle",
        "eval('1 + 1')",
        "np.load(f, allow_pickle=True)",
        "torch.load(f)",
        "torch.load(f, weights_only=False)",
    ],
)
def test_a_banned_line_is_found(line):
    assert len(list(banned_in_source(line))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "rng = np.random.default_rng(3)",
        "def f(rng: np.random.Generator): ...",
        "generator = torch.Generator(); generator.manual_seed(3)",
        "np.load(f, allow_pickle=False)",
        "torch.load(f, weights_only=True)",
        "net.eval()",
        "'torch.manual_seed(0) is what the exported script says'",
    ],
)
def test_a_good_line_passes(line):
    assert list(banned_in_source(line)) == []


@pytest.mark.parametrize("line", ["time.sleep(1)", "qtbot.wait(5)", "QTest.qWait(3)", "sleep(1)"])
def test_a_wait_is_found(line):
    assert len(list(waits_in_source(line))) == 1


def test_waiting_for_an_event_passes():
    assert list(waits_in_source("qtbot.waitUntil(done); event.wait(1)")) == []


def test_a_clock_is_found():
    assert len(list(clocks_in_source("import time\nfrom datetime import datetime"))) == 2
