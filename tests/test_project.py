"""The project's own files agree with each other, and what is built holds what it needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from playground import __version__, assets_path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
needs_shell = pytest.mark.skipif(sys.platform == "win32", reason="make and sh are for Unix")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Names in the built wheel, and its metadata."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_wheel_holds_every_source_and_every_asset(wheel):
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "playground").rglob("*.py")}
    assets = {
        "playground/" + path.relative_to(ROOT).as_posix()
        for path in (ROOT / "assets").rglob("*")
        if path.is_file()
    }
    assert assets
    inside = {name for name in wheel if ".dist-info/" not in name}
    assert inside == sources | assets


def test_wheel_names_command_licence_and_version(wheel):
    folder = f"playground-{__version__}.dist-info"
    entry_points = wheel[f"{folder}/entry_points.txt"].decode()
    metadata = wheel[f"{folder}/METADATA"].decode()
    assert "[console_scripts]\nplayground = playground.cli:main" in entry_points
    assert f"\nVersion: {__version__}\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    assert f"{folder}/licenses/LICENSE" in wheel


def test_assets_are_found_in_a_checkout():
    assert assets_path.asset().samefile(ROOT / "assets")


def test_assets_are_found_in_an_installed_wheel(monkeypatch, tmp_path):
    installed = tmp_path / "site-packages" / "playground"
    (installed / "assets" / "icons").mkdir(parents=True)
    (installed / "assets" / "icons" / "play.svg").touch()
    monkeypatch.setattr(assets_path, "_PACKAGE", installed)
    assert assets_path.asset("icons", "play.svg") == installed / "assets" / "icons" / "play.svg"


def test_missing_asset_is_named():
    with pytest.raises(FileNotFoundError, match=r"icons/no-such\.svg"):
        assets_path.asset("icons", "no-such.svg")


def test_extras_and_dependency_groups_are_the_same_lists():
    groups = PROJECT["dependency-groups"]
    for name, requirements in PROJECT["project"]["optional-dependencies"].items():
        assert groups[name] == requirements


def test_measured_pins_stand():
    requirements = PROJECT["project"]["dependencies"]
    assert "torch==2.13.0" in requirements
    assert "PySide6-Essentials>=6.8.3,<6.12,!=6.9.1,!=6.11.0,!=6.11.1" in requirements
    assert "pyqtgraph>=0.14" in requirements


@needs_shell
def test_make_help_lists_every_target():
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", make, re.MULTILINE)[1].split()) - {"help"}
    done = subprocess.run(
        ["make", "--no-print-directory"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=True,
    )
    listed = {line.split()[1] for line in done.stdout.splitlines()} - {"help"}
    assert listed == phony
    assert {"run", "test", "lint", "bench", "tour", "clean"} <= listed


class Checkout:
    """A folder with the set-up script, and an interpreter that only writes down what it is told."""

    def __init__(self, folder):
        self.folder = folder
        self.calls = folder / "calls.txt"
        (folder / ".ci").mkdir()
        shutil.copy(ROOT / ".ci" / "setup", folder / ".ci")
        (folder / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
        interpreter = folder / ".venv" / "bin" / "python"
        interpreter.parent.mkdir(parents=True)
        interpreter.write_text(
            f'#!/bin/sh\necho "$@" >>"{self.calls}"\n'
            'case "$*" in *--fix-command) echo "$FIX"; [ -z "$FIX" ] ;; esac\n',
            encoding="utf-8",
        )
        interpreter.chmod(0o755)
        (folder / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n", encoding="utf-8")

    def setup(self, purpose, **environment):
        """Run the set-up; return what the interpreter was asked and the finished process."""
        self.calls.write_text("", encoding="utf-8")
        done = subprocess.run(
            ["sh", ".ci/setup", purpose],
            cwd=self.folder,
            env={**os.environ, "PYTHON": "", "FIX": "", **environment},
            capture_output=True,
            encoding="utf-8",
            timeout=30,
            check=False,
        )
        return self.calls.read_text(encoding="utf-8").splitlines(), done


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


@needs_shell
def test_second_start_calls_nothing(checkout):
    first, _ = checkout.setup("app")
    second, done = checkout.setup("app")
    assert "--editable ." in first[0]
    assert second == []
    assert done.returncode == 0
    assert done.stdout == ""


@needs_shell
def test_tests_and_checks_install_their_extras(checkout):
    checkout.setup("app")
    lint, _ = checkout.setup("lint")
    assert "--editable .[lint]" in lint[0]


@needs_shell
@pytest.mark.parametrize("changed", ["pyproject.toml", ".venv/pyvenv.cfg"])
def test_changed_project_or_interpreter_installs_again(checkout, changed):
    checkout.setup("app")
    with (checkout.folder / changed).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    again, _ = checkout.setup("app")
    assert "--editable ." in again[0]


@needs_shell
def test_system_libraries_that_stay_missing_are_named_and_asked_for_again(checkout):
    for _ in range(2):
        calls, done = checkout.setup("app", FIX="true the-command-that-helps")
        assert done.returncode != 0
        assert "true the-command-that-helps" in done.stderr
        assert "--editable ." in calls[0]


@needs_shell
def test_unsuitable_interpreter_is_refused(checkout):
    shutil.rmtree(checkout.folder / ".venv")
    _, done = checkout.setup("app", PYTHON="false")
    assert done.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr
    assert not (checkout.folder / ".venv").exists()
