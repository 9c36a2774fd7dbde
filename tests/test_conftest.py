"""The guards of conftest.py, tried on small tests that break their rules."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


@pytest.fixture
def outcomes(tmp_path, clean_environment):
    """Run a test module beside a copy of conftest.py; return its counts and what was printed."""

    def run(source, *, arguments=(), **environment):
        shutil.copy(TESTS / "conftest.py", tmp_path)
        (tmp_path / "test_it.py").write_text(textwrap.dedent(source), encoding="utf-8")
        (tmp_path / "pytest.ini").write_text(
            "[pytest]\nqt_api = pyside6\nmarkers =\n    xvfb: real windows\n", encoding="utf-8"
        )
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
            cwd=tmp_path,
            env=clean_environment(**{"CI": None, "PLAYGROUND_ALLOW_SKIP": None, **environment}),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        closing = done.stdout.strip().splitlines()[-1]
        counts = {name: int(n) for n, name in re.findall(r"(\d+) ([a-z]+)", closing)}
        return counts, done.stdout + done.stderr, done.returncode

    return run


SKIPS = """
    import pytest

    @pytest.mark.skip(reason="no graphics card")
    def test_marked(): ...

    def test_called():
        pytest.skip("no graphics card")

    @pytest.mark.xfail(reason="known", strict=True)
    def test_known():
        assert False
"""


def test_a_skip_fails_in_ci(outcomes):
    counts, output, status = outcomes(SKIPS, CI="1")
    assert (counts["failed"] + counts.get("error", 0), counts["xfailed"]) == (2, 1)
    assert "Skipped in CI: no graphics card" in output
    assert status == 1


def test_a_skip_is_a_skip_elsewhere(outcomes):
    counts, _, status = outcomes(SKIPS)
    assert (counts["skipped"], counts["xfailed"], status) == (2, 1, 0)


def test_an_allowed_skip_passes_in_ci(outcomes):
    counts, _, status = outcomes(SKIPS, CI="1", PLAYGROUND_ALLOW_SKIP="^no graphics card$")
    assert (counts["skipped"], status) == (2, 0)


def test_a_module_that_skips_itself_fails_in_ci(outcomes):
    source = "import pytest\npytest.importorskip('no_such_module')\ndef test_it(): ...\n"
    _, output, status = outcomes(source, CI="true")
    assert "Skipped in CI: could not import 'no_such_module'" in output
    assert status != 0


def test_a_thread_left_running_is_named_with_its_start(outcomes):
    counts, output, status = outcomes(
        """
        import threading

        def test_leaves_one():
            threading.Thread(target=threading.Event().wait, name="forgotten").start()

        def test_after(): ...
        """
    )
    assert (counts["passed"], counts["error"]) == (2, 1)
    assert re.search(r"'forgotten' started at .*test_it\.py:5", output)
    # The thread is no daemon: the process ends all the same.
    assert "still running at the end" in output
    assert status == 1


def test_a_thread_that_ends_is_no_news(outcomes):
    counts, _, status = outcomes(
        """
        import threading

        def test_ends():
            stop = threading.Event()
            threading.Thread(target=stop.wait).start()
            stop.set()
        """
    )
    assert (counts, status) == ({"passed": 1}, 0)


def test_a_widget_left_is_named(outcomes):
    counts, output, _ = outcomes(
        """
        from PySide6.QtWidgets import QWidget
        left = []

        def test_leaves_one(qapp):
            widget = QWidget()
            widget.setObjectName("forgotten")
            left.append(widget)

        def test_tidies_up(qtbot):
            widget = QWidget()
            qtbot.addWidget(widget)
            left.append(widget)
            widget.show()
        """
    )
    assert (counts["passed"], counts["error"]) == (2, 1)
    assert "QWidget 'forgotten'" in output


def test_settings_are_the_tests_own(outcomes):
    counts, output, status = outcomes(
        """
        import pytest
        from pathlib import Path
        from PySide6.QtCore import QSettings

        @pytest.mark.parametrize("turn", [1, 2])
        def test_settings(qapp, turn, tmp_path_factory):
            qapp.setOrganizationName("anybody")
            qapp.setApplicationName("anything")
            settings = QSettings()
            assert Path(settings.fileName()).is_relative_to(tmp_path_factory.getbasetemp())
            assert settings.value("turn") is None
            settings.setValue("turn", turn)
            settings.sync()
        """
    )
    assert (counts, status) == ({"passed": 2}, 0), output


WINDOWED = """
    import pytest

    @pytest.mark.xvfb
    def test_real_window(): ...

    def test_in_memory(): ...
"""


def test_tests_of_real_windows_run_only_where_there_are_some(outcomes):
    offscreen, _, _ = outcomes(WINDOWED, QT_QPA_PLATFORM=None)
    real, _, _ = outcomes(WINDOWED, arguments=["-m", "xvfb"], QT_QPA_PLATFORM="xcb")
    assert offscreen == {"passed": 1, "deselected": 1}
    assert real == {"passed": 1, "deselected": 1}
