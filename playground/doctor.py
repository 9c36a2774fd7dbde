"""What this machine has, what it lacks, and the one command that installs the rest.

Works with the standard library alone: it is what a person runs when Qt cannot be loaded. Qt itself
is tried in a process of its own, because a Qt that finds no display ends its process.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from playground import __version__

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

PROBE_TIMEOUT_S = 60.0
CONNECT_TIMEOUT_S = 2.0


class Library(NamedTuple):
    """A shared library that Qt's wheel expects of the system, and the packages that hold it."""

    soname: str
    debian: str
    fedora: str


# Every library that the Qt modules used here, the xcb platform and its OpenGL integrations link to
# and the wheel does not bring; tests/test_doctor.py compares the table with the installed wheel.
LIBRARIES = (
    Library("libEGL.so.1", "libegl1", "libglvnd-egl"),
    Library("libGL.so.1", "libgl1", "libglvnd-glx"),
    Library("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    Library("libX11.so.6", "libx11-6", "libX11"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    Library("libfreetype.so.6", "libfreetype6", "freetype"),
    Library("libgcc_s.so.1", "libgcc-s1", "libgcc"),
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    Library("libgthread-2.0.so.0", "libglib2.0-0", "glib2"),
    Library("libstdc++.so.6", "libstdc++6", "libstdc++"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    Library("libxcb-glx.so.0", "libxcb-glx0", "libxcb"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    Library("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    Library("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    Library("libxcb-render.so.0", "libxcb-render0", "libxcb"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    Library("libxcb-shm.so.0", "libxcb-shm0", "libxcb"),
    Library("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    Library("libxcb-util.so.1", "libxcb-util1", "xcb-util"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
    Library("libxcb.so.1", "libxcb1", "libxcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    Library("libz.so.1", "zlib1g", "zlib"),
    Library("libzstd.so.1", "libzstd1", "libzstd"),
)

# What is shown → the names the distribution goes by.
PACKAGES = {
    "PySide6": ("PySide6-Essentials", "PySide6"),
    "pyqtgraph": ("pyqtgraph",),
    "PyOpenGL": ("PyOpenGL",),
    "numpy": ("numpy",),
    "scikit-learn": ("scikit-learn",),
    "torch": ("torch",),
    "gymnasium": ("gymnasium",),
    "Box2D": ("Box2D", "box2d", "box2d-py"),
    "pydantic": ("pydantic",),
    "tqdm": ("tqdm",),
    "typing-extensions": ("typing_extensions",),
}

_PROBE = """
import json
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
import PySide6.QtSvg, PySide6.QtWidgets
print(json.dumps({"qt": qVersion()}), flush=True)
app = QGuiApplication([])
print(json.dumps({"platform": app.platformName()}), flush=True)
surface = QOffscreenSurface()
surface.create()
context = QOpenGLContext()
if context.create() and context.makeCurrent(surface):
    gl = context.functions()
    names = [gl.glGetString(name) for name in (0x1F02, 0x1F01)]  # GL_VERSION, GL_RENDERER
    print(json.dumps({"opengl": " on ".join(str(name) for name in names)}), flush=True)
"""


@dataclass(frozen=True)
class QtProbe:
    """What a process that loads Qt reports; None where it did not get that far."""

    qt: str | None = None
    platform: str | None = None
    opengl: str | None = None
    complaint: str = ""


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing_libraries(loads: Callable[[str], bool] = _loads) -> tuple[Library, ...]:
    """Return the shared libraries that Qt needs and the system does not have, in table order.

    Elsewhere than on Linux Qt's wheels bring all they need: the answer is empty.
    """
    if not sys.platform.startswith("linux"):
        return ()
    return tuple(library for library in LIBRARIES if not loads(library.soname))


def fix_command(
    missing: tuple[Library, ...],
    *,
    which: Callable[[str], str | None] = shutil.which,
    is_root: bool | None = None,
) -> str | None:
    """Return the one shell command that installs the libraries, or None if there is none.

    None also where neither apt nor dnf is there: nobody knows the names of the packages then.
    """
    if not missing:
        return None
    if is_root is None:
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    sudo = "" if is_root else "sudo "
    if which("apt-get"):
        names = " ".join(sorted({library.debian for library in missing}))
        # A fresh container has no lists of packages.
        return f"{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {names}"
    if which("dnf"):
        return f"{sudo}dnf install -y " + " ".join(sorted({lib.fedora for lib in missing}))
    return None


def _x_server_answers(display: str) -> bool:
    """Tell whether something listens where DISPLAY points; True for forms we do not know."""
    match = re.fullmatch(r"([^:/]*):(\d+)(?:\.\d+)?", display)
    if match is None:
        return True
    host, number = match[1], int(match[2])
    addresses: list[tuple[int, str | tuple[str, int]]] = []
    if host in {"", "unix"}:
        path = f"/tmp/.X11-unix/X{number}"
        # X servers listen on the file, on Linux also on the abstract name.
        addresses += [(socket.AF_UNIX, path), (socket.AF_UNIX, "\0" + path)]
    else:
        addresses.append((socket.AF_INET, (host, 6000 + number)))
    for family, address in addresses:
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(CONNECT_TIMEOUT_S)
            try:
                client.connect(address)
            except OSError:
                continue
            return True
    return False


def display_problem(
    environment: Mapping[str, str] | None = None, system: str = sys.platform
) -> str | None:
    """Return a sentence that says why no window can open here, or None if one can.

    Only X11 and Wayland can be missing; Windows and macOS always have a desktop to draw on.
    """
    environment = os.environ if environment is None else environment
    if not system.startswith("linux"):
        return None
    chosen = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if chosen and chosen.partition(";")[0] not in {"xcb", "wayland", "wayland-egl"}:
        return None
    if environment.get("WAYLAND_DISPLAY"):
        return None
    display = environment.get("DISPLAY", "")
    if not display:
        return "There is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set."
    if not _x_server_answers(display):
        return f"There is no display here: nothing answers at DISPLAY={display}."
    return None


def probe_qt(environment: Mapping[str, str] | None = None) -> QtProbe:
    """Load Qt and ask for an OpenGL context in a process of its own; report how far it came."""
    environment = dict(os.environ if environment is None else environment)
    if display_problem(environment) is not None:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE],
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return QtProbe(complaint=str(error))
    found: dict[str, str] = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            found.update(json.loads(line))
    complaints = done.stderr.strip().splitlines() if done.returncode else []
    return QtProbe(**found, complaint=complaints[-1] if complaints else "")


def _version(names: tuple[str, ...]) -> str | None:
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def _examine_packages() -> tuple[list[tuple[str, str]], list[str]]:
    """Rows of versions and sentences about packages that are not installed."""
    versions = {shown: _version(names) for shown, names in PACKAGES.items()}
    rows = [(shown, version or "not installed") for shown, version in versions.items()]
    absent = [shown for shown, version in versions.items() if version is None]
    if not absent:
        return rows, []
    names = ", ".join(absent)
    return rows, [f"Not installed: {names}. In the folder of the program: pip install ."]


def _examine_qt(probe: QtProbe) -> tuple[list[tuple[str, str]], list[str]]:
    """Rows about Qt, the display and OpenGL, and a sentence if Qt cannot be loaded."""
    rows = [
        ("Qt", probe.qt or "cannot be loaded"),
        ("display", display_problem() or f"windows can open ({probe.platform or 'not tried'})"),
        ("OpenGL", probe.opengl or "none: 3-D views stay flat, everything else works"),
    ]
    if probe.qt is None:
        return rows, [f"Qt cannot be loaded: {probe.complaint or 'it gave no reason'}"]
    if probe.platform is None:
        return rows, [f"Qt loads but cannot start: {probe.complaint or 'it gave no reason'}"]
    return rows, []


def _examine_libraries(missing: tuple[Library, ...]) -> tuple[list[tuple[str, str]], list[str]]:
    """Row about the system libraries and a sentence with the command for those that are missing."""
    if not sys.platform.startswith("linux"):
        return [("system libraries", "all come with Qt on this system")], []
    if not missing:
        return [("system libraries", f"all {len(LIBRARIES)} present")], []
    names = ", ".join(library.soname for library in missing)
    row = ("system libraries", f"{len(missing)} of {len(LIBRARIES)} missing")
    command = fix_command(missing)
    if command is None:
        return [row], [f"Missing system libraries: {names}. Install them with your system's tool."]
    return [row], [f"Missing system libraries: {names}. Install them with:\n  {command}"]


def run_doctor(options: argparse.Namespace) -> int:
    """Print the report and return the exit status: 0 if all is well, 1 if something is missing.

    ``--fix-command`` prints only the command that installs missing libraries (nothing if none is
    missing); ``--display`` only why no window can open (nothing if one can).
    """
    if options.display:
        problem = display_problem()
        if problem is not None:
            print(problem)
        return 0 if problem is None else 1
    missing = missing_libraries()
    if options.fix_command:
        command = fix_command(missing)
        if command is not None:
            print(command)
        return 1 if missing else 0
    rows = [
        ("playground", __version__),
        ("Python", f"{platform.python_version()} ({sys.executable})"),
        ("system", platform.platform()),
    ]
    problems: list[str] = []
    for more_rows, more_problems in (
        _examine_packages(),
        _examine_libraries(missing),
        _examine_qt(probe_qt()),
    ):
        rows += more_rows
        problems += more_problems
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        print(f"{name:<{width}}{value}")
    print()
    print("\n".join(problems) if problems else "All is well.")
    return 1 if problems else 0
