from __future__ import annotations

import errno
import os
import sys
import tempfile

import pytest

from playground.core.atomic_files import SaveError, write_atomically


def test_writes_bytes_and_text_as_they_are(tmp_path):
    write_atomically(tmp_path / "a", b"\x00\xff\r\n")
    write_atomically(str(tmp_path / "b"), "α\r\nβ\n")
    assert (tmp_path / "a").read_bytes() == b"\x00\xff\r\n"
    assert (tmp_path / "b").read_bytes() == "α\r\nβ\n".encode()


def test_replaces_the_old_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("a much longer old text", encoding="utf-8")
    write_atomically(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_keeps_the_permissions_of_the_old_file(tmp_path):
    path = tmp_path / "shared"
    path.write_bytes(b"old")
    path.chmod(0o664)
    write_atomically(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o664


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_follows_a_link(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("stage", ["os.fsync", "pathlib.Path.replace"])
def test_a_full_disk_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch, stage):
    path = tmp_path / "points.csv"
    path.write_bytes(b"old")

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(stage, full)
    with pytest.raises(SaveError, match=r"^“points.csv” was not saved because the disk is full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EROFS, "is read-only; choose another folder"),
        (errno.EACCES, "is not allowed"),
        (errno.EPERM, "another program holds the file"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_closed_folder_is_named_in_one_sentence(tmp_path, monkeypatch, number, words):
    def refuse(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(SaveError) as caught:
        write_atomically(tmp_path / "a.csv", b"")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_and_a_folder_of_that_name_are_refused(tmp_path):
    with pytest.raises(SaveError, match="choose one that exists"):
        write_atomically(tmp_path / "missing" / "a.csv", b"")
    with pytest.raises(SaveError, match="a folder has that name"):
        write_atomically(tmp_path, b"")


def test_text_that_cannot_be_encoded_costs_nothing(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_bytes() == b"old"
