"""Fetching the files of MNIST and Fashion-MNIST when a person asks for them.

All files of a collection are fetched into a folder aside, each is checked, and only when all are
right they take their place. Whatever goes wrong before, nothing is left behind.

Sums: SHA-256 where the collection's is known (MNIST), otherwise the MD5 that its authors publish
(Fashion-MNIST's page; torchvision's datasets/mnist.py lists the same). The sums guard against
damage on the way and against another file in the place; the mirrors are asked one after another.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import shutil
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
TIMEOUT_S: Final = 15.0
_CHUNK: Final = 1 << 16
_MEGABYTE: Final = 1e6


class RemoteFile(NamedTuple):
    """One file: its name at every mirror, its size in bytes, its sum as ``algorithm:hex``."""

    name: str
    size: int
    checksum: str


class Collection(NamedTuple):
    """Files that belong together, and the addresses (ending in a slash) that have them."""

    title: str
    folder: str
    mirrors: tuple[str, ...]
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all files together."""
        return sum(file.size for file in self.files)


MNIST: Final = Collection(
    "MNIST",
    "mnist",
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    (
        RemoteFile(
            "train-images-idx3-ubyte.gz",
            9_912_422,
            "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz",
            28_881,
            "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz",
            1_648_877,
            "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz",
            4_542,
            "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
)
FASHION_MNIST: Final = Collection(
    "Fashion-MNIST",
    "fashion-mnist",
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    (
        RemoteFile(
            "train-images-idx3-ubyte.gz", 26_421_880, "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d"
        ),
        RemoteFile("train-labels-idx1-ubyte.gz", 29_515, "md5:25c81989df183df01b3e8a0aad5dffbe"),
        RemoteFile("t10k-images-idx3-ubyte.gz", 4_422_102, "md5:bef4ecab320f06d8554ea6380940ec79"),
        RemoteFile("t10k-labels-idx1-ubyte.gz", 5_148, "md5:bb300cfdad3c16e7a12a480ee83cd310"),
    ),
)
COLLECTIONS: Final[dict[str, Collection]] = {"mnist": MNIST, "fashion": FASHION_MNIST}


class DownloadError(Exception):
    """Says in one sentence why files could not be fetched; nothing of them was kept."""


class Report(Protocol):
    """Told how far the download is; may raise to stop it."""

    def __call__(self, fraction: float, message: str) -> None:
        """Take note of a share in 0…1 and a few words."""


class _Refused(Exception):
    """One mirror did not give one file; the next may."""


def is_complete(collection: Collection, cache: Path) -> bool:
    """Tell whether all files of a collection lie in the cache, unharmed."""
    folder = cache / collection.folder
    return all(_is_right(folder / file.name, file) for file in collection.files)


def fetch(collection: Collection, cache: Path, report: Report) -> Path:
    """Return the folder that holds all files of a collection, fetched where they are missing.

    Parameters
    ----------
    collection
        What to fetch.
    cache
        Folder of the platform for files that can be fetched again; made where it is missing.
    report
        Called several times a second. What it raises stops the download and passes through.

    Raises
    ------
    DownloadError
        Where no mirror answers, a file is not the right one, or the cache cannot be written to.
    """
    target = cache / collection.folder
    if is_complete(collection, cache):
        return target
    made = _make_folder(cache, collection)
    staging: Path | None = None
    try:
        _sweep(cache, collection)
        staging = Path(tempfile.mkdtemp(prefix=_prefix(collection), suffix=".part", dir=cache))
        _fetch_all(collection, staging, report)
        target.mkdir(exist_ok=True)
        for file in collection.files:
            (staging / file.name).replace(target / file.name)
    except OSError as error:
        raise DownloadError(_disk_sentence(collection, cache, error)) from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        for folder in made:
            # Only those that are still empty go.
            with contextlib.suppress(OSError):
                folder.rmdir()
    return target


def _make_folder(cache: Path, collection: Collection) -> list[Path]:
    """Make the cache folder; return the folders made for it, the innermost first."""
    missing = [folder for folder in (cache, *cache.parents) if not folder.exists()]
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        for folder in missing:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise DownloadError(_disk_sentence(collection, cache, error)) from None
    return missing


def _sweep(cache: Path, collection: Collection) -> None:
    """Remove what a download left that was ended from outside, by a power cut for instance."""
    for left in cache.glob(f"{_prefix(collection)}*.part"):
        shutil.rmtree(left, ignore_errors=True)


def _prefix(collection: Collection) -> str:
    return f".{collection.folder}."


def _fetch_all(collection: Collection, staging: Path, report: Report) -> None:
    total = max(1, collection.size)
    before = 0
    for file in collection.files:

        def tell(received: int, before: int = before) -> None:
            done = before + received
            report(
                min(1.0, done / total),
                f"{collection.title}: {done / _MEGABYTE:.1f} of {total / _MEGABYTE:.1f} MB",
            )

        _fetch_one(collection, file, staging / file.name, tell)
        before += file.size


def _fetch_one(
    collection: Collection, file: RemoteFile, path: Path, tell: Callable[[int], None]
) -> None:
    reasons: list[str] = []
    for mirror in collection.mirrors:
        try:
            _receive(mirror + file.name, file, path, tell)
        except _Refused as refusal:
            path.unlink(missing_ok=True)
            reasons.append(str(refusal))
        else:
            return
    # The first mirror is the usual one: its reason says most.
    raise DownloadError(f"{collection.title} was not downloaded: {reasons[0]}. Nothing was kept.")


def _receive(url: str, file: RemoteFile, path: Path, tell: Callable[[int], None]) -> None:
    """Write what an address sends to a file, and check it.

    Raises
    ------
    _Refused
        Where the network or the file is not as it should be. An OSError is one of the disk.
    """
    algorithm, _, expected = file.checksum.partition(":")
    digest = hashlib.new(algorithm, usedforsecurity=False)
    received = 0
    response = _network(lambda: urllib.request.urlopen(url, timeout=TIMEOUT_S))
    with response, path.open("wb") as out:
        while chunk := _network(lambda: response.read(_CHUNK)):
            received += len(chunk)
            if received > file.size:
                break
            digest.update(chunk)
            out.write(chunk)
            tell(received)
    if received < file.size:
        raise _Refused(f"the connection broke off after {received:,} of {file.size:,} bytes")
    if received > file.size or digest.hexdigest() != expected:
        raise _Refused(f"{file.name} came with another checksum than it should have")


def _network(action: Callable[[], T]) -> T:
    """Do something on the network; what goes wrong becomes a :class:`_Refused`."""
    try:
        return action()
    except urllib.error.HTTPError as error:
        reason = f"the server answered {error.code} ({error.reason})"
        error.close()
    except TimeoutError:
        reason = "the server did not answer in time"
    except urllib.error.URLError as error:
        late = isinstance(error.reason, TimeoutError)
        reason = "the server did not answer in time" if late else "there is no connection to it"
    except (OSError, http.client.HTTPException):
        reason = "the connection broke off"
    raise _Refused(reason)


def _is_right(path: Path, file: RemoteFile) -> bool:
    algorithm, _, expected = file.checksum.partition(":")
    try:
        if path.stat().st_size != file.size:
            return False
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, lambda: hashlib.new(algorithm))
    except OSError:
        return False
    return found.hexdigest() == expected


def _disk_sentence(collection: Collection, cache: Path, error: OSError) -> str:
    return (
        f"{collection.title} was not downloaded, because “{cache}” cannot be written to "
        f"({error.strerror or error})."
    )
