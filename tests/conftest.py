"""What every test of the playground stands on.

Everything here that touches Qt does so lazily: tests of core, agents, environments, experiments and
engine run without a QApplication, and none of the fixtures below makes one for them.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

# All of this must stand before anybody imports Qt; pytest-qt does so after the conftest is read.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
# Two busy processes and torch's worker threads fight for the cores: the nets of the tests are tiny.
os.environ.setdefault("OMP_NUM_THREADS", "1")
if sys.platform == "win32":
    # The DLLs of torch and of Qt clash there unless torch comes first.
    import torch  # noqa: F401

IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}
ALLOW_SKIP = re.compile(os.environ.get("PLAYGROUND_ALLOW_SKIP", "^$"))
REAL_WINDOWS = os.environ["QT_QPA_PLATFORM"] not in {"offscreen", "minimal"}
QT_FREE = {"core", "environments", "agents", "experiments", "engine"}
TESTS = Path(__file__).parent
THREAD_GRACE_S = 2.0

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    print_blob=True,
    # The cores of a CI machine are shared: slow generation says nothing about the code there.
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("ci" if IN_CI else "dev")

_reports = pytest.StashKey[dict[str, pytest.TestReport]]()
_starts: dict[int, str] = {}


def _folder(path: Path) -> str:
    """Folder below tests/ that a test file lies in; "" for tests/ itself."""
    parts = path.relative_to(TESTS).parts if path.is_relative_to(TESTS) else ()
    return parts[0] if len(parts) > 1 else ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of real windows where there are none; the second process runs them."""
    if REAL_WINDOWS:
        return
    windowed = [item for item in items if item.get_closest_marker("xvfb")]
    if windowed:
        config.hook.pytest_deselected(items=windowed)
        items[:] = [item for item in items if not item.get_closest_marker("xvfb")]


def _unwanted_skip(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """Sentence about a skip nobody allowed, or None."""
    if not (IN_CI and report.skipped) or hasattr(report, "wasxfail"):
        return None
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if ALLOW_SKIP.search(reason):
        return None
    return f"Skipped in CI: {reason} (PLAYGROUND_ALLOW_SKIP allows {ALLOW_SKIP.pattern!r})"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the outcome for the fixtures below and turn an unmeant skip into a failure."""
    report = yield
    if (sentence := _unwanted_skip(report)) is not None:
        report.outcome = "failed"
        report.longrepr = sentence
    item.stash.setdefault(_reports, {})[report.when] = report
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself as a whole (importorskip)."""
    report = yield
    if (sentence := _unwanted_skip(report)) is not None:
        report.outcome = "failed"
        report.longrepr = sentence
    return report


def _failed(item: pytest.Item) -> bool:
    """A failed test could not tidy up: its own failure is the news, not what it left."""
    return any(report.failed for report in item.stash.get(_reports, {}).values())


@pytest.fixture(scope="session", autouse=True)
def _record_thread_starts() -> Iterator[None]:
    """Remember which line started which thread, so that a dangling one can be traced to it."""
    original = threading.Thread.start

    def start(self: threading.Thread) -> None:
        frame = sys._getframe(1)
        _starts[id(self)] = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        original(self)

    threading.Thread.start = start
    yield
    threading.Thread.start = original


def _describe(thread: threading.Thread) -> str:
    return f"{thread.name!r} started at {_starts.get(id(thread), 'an unknown line')}"


@pytest.fixture(autouse=True)
def _no_dangling_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread running; say its name and where it was started."""
    before = set(threading.enumerate())
    yield
    # tqdm keeps one daemon thread of its own for the whole process.
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in before and type(thread).__name__ != "TMonitor"
    ]
    if not left or _failed(request.node):
        return
    for thread in left:
        thread.join(THREAD_GRACE_S)
    alive = [_describe(thread) for thread in left if thread.is_alive()]
    if alive:
        pytest.fail("The test left threads running: " + "; ".join(alive), pytrace=False)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End the process even where a failed test left a thread that would keep it alive for ever."""
    left = [
        thread
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not thread.daemon
    ]
    for thread in left:
        thread.join(THREAD_GRACE_S)
    alive = [_describe(thread) for thread in left if thread.is_alive()]
    if alive:
        sys.stderr.write("Threads still running at the end: " + "; ".join(alive) + "\n")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


def _top_level_widgets() -> dict[int, str]:
    """C++ address → description of every top-level widget alive."""
    import shiboken6
    from PySide6.QtWidgets import QApplication

    return {
        shiboken6.getCppPointer(widget)[0]: f"{type(widget).__name__} {widget.objectName()!r}"
        for widget in QApplication.topLevelWidgets()
        # Qt's one tool-tip label hides and goes when it likes.
        if shiboken6.isValid(widget) and widget.metaObject().className() != "QTipLabel"
    }


def _delete_deferred() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def _no_dangling_widgets(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a top-level widget: its timers would go on into other tests."""
    if "qapp" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("qapp")
    before = _top_level_widgets()
    yield
    _delete_deferred()
    left = {key: text for key, text in _top_level_widgets().items() if key not in before}
    if left:
        # pyqtgraph's items refer to each other in circles: only the collector ends them.
        gc.collect()
        _delete_deferred()
        left = {key: text for key, text in _top_level_widgets().items() if key not in before}
    if left and not _failed(request.node):
        pytest.fail("The test left widgets: " + ", ".join(left.values()), pytrace=False)


@pytest.fixture(autouse=True)
def _own_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Give each test settings of its own: the person's are neither read nor written.

    Processes that a test starts inherit the folder where Qt asks the environment for it (Linux).
    """
    if _folder(request.path) in QT_FREE:
        yield
        return
    from PySide6.QtCore import QSettings, QStandardPaths

    folder = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(folder))
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        for format_ in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
            for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
                QSettings.setPath(format_, scope, str(folder))
        # Elsewhere no variable moves the standard folders; on Linux this would undo those above.
        QStandardPaths.setTestModeEnabled(not sys.platform.startswith("linux"))
        yield


@pytest.fixture
def clean_environment() -> Callable[..., dict[str, str]]:
    """Return a function that gives a copy of the environment with some variables set or removed."""

    def make(**changes: str | None) -> dict[str, str]:
        environment = dict(os.environ)
        for name, value in changes.items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        return environment

    return make
