from __future__ import annotations

import hashlib
import http.server
import threading
from pathlib import Path

import pytest

from playground.core import downloads
from playground.core.downloads import COLLECTIONS, Collection, DownloadError, RemoteFile, fetch

CONTENTS = {"one.gz": b"1" * 200_000, "two.gz": b"second file"}


class Shop(http.server.BaseHTTPRequestHandler):
    """Serves the contents; the first part of the path says what goes wrong."""

    def do_GET(self):
        _, manner, name = self.path.split("/")
        body = CONTENTS[name]
        if manner == "absent":
            self.send_error(404)
            return
        if manner == "wrong":
            body = body[:-1] + b"?"
        if manner == "long":
            body += b"more"
        self.send_response(200)
        if manner != "endless":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if manner == "broken" else body)

    def log_message(self, *arguments):
        """Keep quiet."""


@pytest.fixture(scope="module")
def shop():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def collection(*mirrors, algorithm="sha256"):
    files = tuple(
        RemoteFile(name, len(body), f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}")
        for name, body in CONTENTS.items()
    )
    return Collection("Pictures", "pictures", mirrors, files)


def silent(fraction, message):
    """Hear nothing."""


def everything_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_files_come_into_the_cache(shop, tmp_path, algorithm):
    told = []
    wanted = collection(f"{shop}/good/", algorithm=algorithm)
    cache = tmp_path / "deep" / "cache"
    folder = fetch(wanted, cache, lambda *what: told.append(what))
    assert folder == cache / "pictures"
    assert everything_in(cache) == ["pictures", "pictures/one.gz", "pictures/two.gz"]
    for name, body in CONTENTS.items():
        assert (folder / name).read_bytes() == body
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len(fractions) > 3
    assert told[-1][1] == "Pictures: 0.2 of 0.2 MB"


def test_nothing_is_fetched_twice(shop, tmp_path):
    fetch(collection(f"{shop}/good/"), tmp_path, silent)
    fetch(collection("http://127.0.0.1:1/"), tmp_path, silent)


def test_damaged_file_in_the_cache_is_fetched_again(shop, tmp_path):
    wanted = collection(f"{shop}/good/")
    fetch(wanted, tmp_path, silent)
    (tmp_path / "pictures" / "two.gz").write_bytes(b"second fiXe")
    fetch(wanted, tmp_path, silent)
    assert (tmp_path / "pictures" / "two.gz").read_bytes() == CONTENTS["two.gz"]


@pytest.mark.parametrize("bad", ["absent", "wrong", "long", "broken", "endless-wrong"])
def test_next_mirror_is_asked(shop, tmp_path, bad):
    wanted = collection(f"{shop}/{bad}/", "http://127.0.0.1:1/", f"{shop}/good/")
    folder = fetch(wanted, tmp_path, silent)
    assert (folder / "one.gz").read_bytes() == CONTENTS["one.gz"]


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("absent", r"answered 404"),
        ("wrong", r"one.gz came with another checksum"),
        ("long", r"another checksum"),
        ("broken", r"broke off"),
    ],
)
def test_failure_is_said_and_leaves_nothing(shop, tmp_path, manner, said):
    cache = tmp_path / "new" / "cache"
    with pytest.raises(DownloadError, match=said) as caught:
        fetch(collection(f"{shop}/{manner}/"), cache, silent)
    assert str(caught.value).startswith("Pictures was not downloaded")
    assert everything_in(tmp_path) == []


def test_no_network(tmp_path):
    with pytest.raises(DownloadError, match="no connection"):
        fetch(collection("http://127.0.0.1:1/"), tmp_path, silent)
    assert everything_in(tmp_path) == []


def test_server_that_does_not_answer(tmp_path, monkeypatch):
    def late(url, timeout):
        raise TimeoutError

    monkeypatch.setattr(downloads.urllib.request, "urlopen", late)
    with pytest.raises(DownloadError, match="not answer in time"):
        fetch(collection("http://127.0.0.1:1/"), tmp_path, silent)


def test_stopping_leaves_nothing(shop, tmp_path):
    class Stopped(Exception):
        pass

    def stop(fraction, message):
        if fraction > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        fetch(collection(f"{shop}/good/"), tmp_path / "cache", stop)
    assert everything_in(tmp_path) == []


def test_what_an_ended_download_left_is_removed(shop, tmp_path):
    left = tmp_path / ".pictures.abc.part"
    left.mkdir()
    (left / "one.gz").write_bytes(b"half")
    fetch(collection(f"{shop}/good/"), tmp_path, silent)
    assert not left.exists()


def test_cache_that_is_a_file(shop, tmp_path):
    taken = tmp_path / "cache"
    taken.write_text("mine", encoding="utf-8")
    with pytest.raises(DownloadError, match="cannot be written to"):
        fetch(collection(f"{shop}/good/"), taken, silent)
    assert taken.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("step", ["mkdir", "mkdtemp"])
def test_read_only_cache(shop, tmp_path, monkeypatch, step):
    def refuse(*arguments, **options):
        raise PermissionError(30, "Read-only file system")

    if step == "mkdir":
        monkeypatch.setattr(Path, "mkdir", refuse)
    else:
        monkeypatch.setattr(downloads.tempfile, "mkdtemp", refuse)
    with pytest.raises(DownloadError, match=r"cannot be written to \(Read-only file system\)"):
        fetch(collection(f"{shop}/good/"), tmp_path / "cache", silent)
    assert everything_in(tmp_path) == []


def test_full_disk(shop, tmp_path, monkeypatch):
    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *what):
            return None

        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda self, mode: Full())
    with pytest.raises(DownloadError, match="No space left"):
        fetch(collection(f"{shop}/good/"), tmp_path, silent)
    assert everything_in(tmp_path) == []


def test_the_lists_are_well_formed():
    for wanted in COLLECTIONS.values():
        assert len(wanted.files) == 4
        assert all(mirror.endswith("/") for mirror in wanted.mirrors)
        for file in wanted.files:
            algorithm, _, digest = file.checksum.partition(":")
            assert len(digest) == 2 * hashlib.new(algorithm).digest_size
    assert len({wanted.folder for wanted in COLLECTIONS.values()}) == len(COLLECTIONS)
