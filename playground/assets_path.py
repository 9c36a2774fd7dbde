"""Where the files lie that the program brings along: icons, fonts, lessons, sample images.

An installed wheel holds them as ``playground/assets``, a checkout beside the package as ``assets``.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def asset(*parts: str) -> Path:
    """Return the path of a shipped file or folder, ``asset("icons", "play.svg")`` for instance.

    Raises
    ------
    FileNotFoundError
        If the program brings no such file along; the message names the places looked at.
    """
    candidates = [
        folder.joinpath(*parts) for folder in (_PACKAGE / "assets", _PACKAGE.parent / "assets")
    ]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    looked = " and ".join(str(candidate) for candidate in candidates)
    raise FileNotFoundError(
        f"The program's file {'/'.join(parts)!r} is missing: looked at {looked}."
    )
