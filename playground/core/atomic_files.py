"""Writing a file so that it is either the new one, whole, or still the old one.

The bytes go into a temporary file in the same folder, are forced onto the disk, and only then take
the place of the old file by `os.replace`, which POSIX and Windows both carry out in one step. A
full disk or a crash on the way leaves the old file untouched.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path


class SaveError(OSError):
    """A file could not be written; the message is one sentence for the person who saved."""


def write_atomically(path: str | Path, data: bytes | str) -> None:
    """Write `data` to `path`, all of it or nothing.

    Parameters
    ----------
    path
        The file to create or replace. A symbolic link is followed, so the link stays.
    data
        The contents; text is written as UTF-8 with its line ends untouched.

    Raises
    ------
    SaveError
        When it could not be written. What stood at `path` before still stands there.
    """
    # Encoded before the disk is touched: text that cannot be encoded must not cost the old file.
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        target = Path(path).resolve()
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
        _replace(target, content)
    except OSError as error:
        raise SaveError(_sentence(Path(path), error)) from error


def _replace(target: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(
        prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent
    )
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            # Without it a power cut after the rename could leave an empty file under the new name.
            os.fsync(file.fileno())
        temporary.chmod(_permissions(target))
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _permissions(target: Path) -> int:
    """Return the mode the new file gets: that of the file it replaces, else what is usual."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        # mkstemp makes files that only their owner may read. The usual mode is hidden in the umask,
        # which cannot be read without setting it for the whole process, other threads included;
        # 0644 is what nearly every umask gives.
        return 0o644


def _sentence(path: Path, error: OSError) -> str:
    """Return one sentence that says why `path` was not written and what to do."""
    folder = path.parent
    not_saved = f"“{path.name[:60]}” was not saved"
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"{not_saved} because the disk is full; an older file of that name is unchanged."
        case errno.EROFS:
            return f"{not_saved} because “{folder}” is read-only; choose another folder."
        case errno.EACCES | errno.EPERM:
            return (
                f"{not_saved} because writing in “{folder}” is not allowed or another program "
                "holds the file; choose another folder or name."
            )
        case errno.ENOENT | errno.ENOTDIR:
            return f"{not_saved} because “{folder}” is not a folder; choose one that exists."
        case errno.EISDIR:
            return f"{not_saved} because a folder has that name; choose another name."
        case errno.ENAMETOOLONG:
            return f"{not_saved} because its name is too long; choose a shorter one."
        case _:
            return f"{not_saved}: {error.strerror or error}."
