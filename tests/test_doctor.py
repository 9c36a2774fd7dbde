from __future__ import annotations

import importlib.util
import os
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from playground import cli, doctor

ROOT = Path(__file__).parents[1]
linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux takes Qt's libraries from the system"
)


def library(soname):
    return next(entry for entry in doctor.LIBRARIES if entry.soname == soname)


# Parts of Qt's wheel that the program loads, below PySide6/Qt.
USED_PARTS = (
    *(f"lib/libQt6{name}.so.6" for name in ("Core", "DBus", "Gui", "OpenGL", "OpenGLWidgets")),
    *(f"lib/libQt6{name}.so.6" for name in ("Svg", "Test", "Widgets", "XcbQpa")),
    "plugins/platforms/libqxcb.so",
    "plugins/platforms/libqoffscreen.so",
    "plugins/xcbglintegrations/libqxcb-egl-integration.so",
    "plugins/xcbglintegrations/libqxcb-glx-integration.so",
    "plugins/iconengines/libqsvgicon.so",
    "plugins/imageformats/libqsvg.so",
)
C_LIBRARY = re.compile(r"ld-linux.*|lib(c|m|dl|rt|pthread)\.so\.\d+")


def needed_libraries(path):
    """Sonames in the dynamic section of a 64-bit ELF file (System V ABI, DT_NEEDED = 1)."""
    data = path.read_bytes()
    assert data[:5] == b"\x7fELF\x02"
    section_table = struct.unpack_from("<Q", data, 0x28)[0]
    size, count = struct.unpack_from("<HH", data, 0x3A)
    sections = [
        struct.unpack_from("<IIQQQQII", data, section_table + size * index)
        for index in range(count)
    ]
    names = set()
    for _, kind, _, _, offset, length, link, _ in sections:
        if kind != 6:  # SHT_DYNAMIC
            continue
        strings = sections[link][4]
        for tag, value in struct.iter_unpack("<qQ", data[offset : offset + length]):
            if tag == 1:
                end = data.index(b"\0", strings + value)
                names.add(data[strings + value : end].decode())
    return names


@linux_only
def test_table_names_what_the_installed_qt_links_to():
    package = Path(importlib.util.find_spec("PySide6").origin).parent
    files = [package / "Qt" / part for part in USED_PARTS]
    files += [package / f"{name}.abi3.so" for name in ("QtCore", "QtGui", "QtWidgets", "QtSvg")]
    needed = set().union(*(needed_libraries(path) for path in files))
    own = re.compile(r"lib(Qt6|pyside6|shiboken6|icu).*")
    of_the_system = {
        name for name in needed if not own.fullmatch(name) and not C_LIBRARY.fullmatch(name)
    }
    assert of_the_system == {entry.soname for entry in doctor.LIBRARIES}


@linux_only
def test_missing_libraries_are_those_that_do_not_load():
    absent = {"libEGL.so.1", "libxcb-cursor.so.0"}
    missing = doctor.missing_libraries(lambda soname: soname not in absent)
    assert {entry.soname for entry in missing} == absent


@linux_only
def test_loader_knows_present_from_absent():
    assert doctor._loads("libc.so.6")
    assert not doctor._loads("libno-such-library.so.77")


def test_fix_command_for_debian_names_each_package_once():
    missing = tuple(map(library, ("libglib-2.0.so.0", "libgthread-2.0.so.0", "libEGL.so.1")))
    command = doctor.fix_command(missing, which={"apt-get": "/usr/bin/apt-get"}.get, is_root=True)
    assert command == (
        "apt-get update && apt-get install -y --no-install-recommends libegl1 libglib2.0-0"
    )


def test_fix_command_asks_for_rights_where_they_are_needed():
    missing = (library("libxcb-icccm.so.4"),)
    apt = doctor.fix_command(missing, which={"apt-get": "x"}.get, is_root=False)
    dnf = doctor.fix_command(missing, which={"dnf": "x"}.get, is_root=False)
    assert apt.count("sudo apt-get") == 2
    assert dnf == "sudo dnf install -y xcb-util-wm"


def test_no_fix_command_without_need_or_known_tool():
    assert doctor.fix_command((), which=lambda name: name) is None
    assert doctor.fix_command((library("libGL.so.1"),), which=lambda name: None) is None


def test_fix_command_is_all_that_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "missing_libraries", lambda: (library("libEGL.so.1"),))
    monkeypatch.setattr(doctor, "fix_command", lambda missing: f"install {missing[0].debian}")
    assert cli.main(["doctor", "--fix-command"]) == 1
    assert capsys.readouterr().out == "install libegl1\n"


def test_nothing_to_fix_prints_nothing(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "missing_libraries", tuple)
    assert cli.main(["doctor", "--fix-command"]) == 0
    assert capsys.readouterr().out == ""


def test_missing_library_fails_the_report_and_names_the_command(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "missing_libraries", lambda: (library("libEGL.so.1"),))
    monkeypatch.setattr(doctor, "fix_command", lambda missing: "install it")
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    complaint = "ImportError: libEGL.so.1: cannot open shared object file"
    monkeypatch.setattr(doctor, "probe_qt", lambda: doctor.QtProbe(complaint=complaint))
    assert cli.main(["doctor"]) == 1
    report = capsys.readouterr().out
    assert "Missing system libraries: libEGL.so.1. Install them with:\n  install it" in report
    assert f"Qt cannot be loaded: {complaint}" in report
    assert "All is well" not in report


def test_missing_package_fails_the_report(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "missing_libraries", tuple)
    monkeypatch.setattr(doctor, "PACKAGES", {"Nothing": ("no-distribution-has-this-name",)})
    monkeypatch.setattr(doctor, "probe_qt", lambda: doctor.QtProbe(qt="6", platform="offscreen"))
    assert cli.main(["doctor"]) == 1
    assert "Not installed: Nothing." in capsys.readouterr().out


def test_report_of_a_sound_machine(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "missing_libraries", tuple)
    assert cli.main(["doctor"]) == 0
    report = capsys.readouterr().out
    assert report.endswith("All is well.\n")
    for name in ("Python", "Qt", "PySide6", "pyqtgraph", "numpy", "torch", "gymnasium", "Box2D"):
        assert re.search(rf"^{name} +\d", report, re.MULTILINE), name
    assert re.search(r"^OpenGL +\S", report, re.MULTILINE)


def test_probe_tells_why_qt_cannot_be_loaded(tmp_path, clean_environment):
    package = tmp_path / "PySide6"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('libEGL.so.1: gone')", encoding="utf-8")
    probe = doctor.probe_qt(clean_environment(PYTHONPATH=str(tmp_path)))
    assert probe.qt is None
    assert probe.complaint == "ImportError: libEGL.so.1: gone"


def test_doctor_works_with_the_standard_library_alone(tmp_path):
    # -S leaves out site-packages: neither Qt nor anything else can be imported.
    done = subprocess.run(
        [sys.executable, "-S", "-m", "playground", "doctor"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    assert "PySide6" in done.stdout


@pytest.mark.parametrize(
    ("environment", "system"),
    [
        ({}, "win32"),
        ({}, "darwin"),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux"),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, "linux"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux"),
        ({"DISPLAY": "/private/tmp/launch/org.xquartz:0"}, "linux"),
    ],
)
def test_a_window_can_open(environment, system):
    assert doctor.display_problem(environment, system) is None


@linux_only
@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "DISPLAY"),
        ({"DISPLAY": ""}, "DISPLAY"),
        ({"QT_QPA_PLATFORM": "xcb"}, "DISPLAY"),
        ({"QT_QPA_PLATFORM": "wayland;xcb"}, "DISPLAY"),
        ({"DISPLAY": ":59999"}, ":59999"),
        ({"DISPLAY": "unix:59999.0"}, "unix:59999.0"),
    ],
)
def test_no_window_can_open(environment, named):
    problem = doctor.display_problem(environment, "linux")
    assert problem.endswith(".")
    assert named in problem


@linux_only
def test_display_on_another_machine_is_asked_over_the_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1] - 6000
        assert doctor.display_problem({"DISPLAY": f"127.0.0.1:{number}"}, "linux") is None
    assert "127.0.0.1" in doctor.display_problem({"DISPLAY": f"127.0.0.1:{number}"}, "linux")


def test_display_option_says_only_whether_a_window_can_open(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "display_problem", lambda: "No display.")
    assert cli.main(["doctor", "--display"]) == 1
    monkeypatch.setattr(doctor, "display_problem", lambda: None)
    assert cli.main(["doctor", "--display"]) == 0
    assert capsys.readouterr().out == "No display.\n"


@pytest.mark.xvfb
def test_real_display_is_found_with_opengl():
    assert doctor.display_problem() is None
    probe = doctor.probe_qt()
    assert probe.platform == os.environ["QT_QPA_PLATFORM"]
    assert probe.opengl is not None
