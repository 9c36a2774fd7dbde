from __future__ import annotations

import subprocess
import sys

KIT = (
    "cards",
    "controls",
    "errors",
    "fonts",
    "form",
    "icons",
    "plots",
    "settings",
    "theme",
)
# Each of these costs up to two seconds before a window could be seen.
HEAVY = ("torch", "sklearn", "scipy", "gymnasium", "OpenGL", "matplotlib")


def test_the_kit_imports_nothing_heavy():
    code = (
        f"import sys\nfor name in {KIT}: __import__('playground.ui.' + name)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
