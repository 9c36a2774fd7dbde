"""Labelled images from files of a person: MNIST and its likes, or one folder for every class.

MNIST and Fashion-MNIST share one format and the names of their files; they are read by
:func:`playground.core.digits_data.mnist_from`. Pictures are decoded by Pillow, laid over white,
turned as the camera says, cut to their middle square and scaled.

Source of Fashion-MNIST: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a novel image dataset
for benchmarking machine learning algorithms", 2017, arXiv:1708.07747, table 2.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np

from playground.core.digits_data import DigitsError, LabelledImages, mnist_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL import Image

DIGIT_CLASSES: Final = tuple("0123456789")
FASHION_CLASSES: Final = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
MAX_CLASSES: Final = 100
MAX_FILES: Final = 200_000
MAX_VALUES: Final = 2**28
"""All images of a run together: a gigabyte, once they are numbers of four bytes."""
MAX_PIXELS: Final = 50_000_000
_UNPACKED: Final = {"mnist": "MNIST", "fashion": "FashionMNIST"}
_IGNORED: Final = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


class ImageDataError(ValueError):
    """Says in one sentence why there are no images to learn from."""


class FolderImages(NamedTuple):
    """Images (n, channels, side, side) uint8, their classes (n,) int64 and what was left out."""

    x: NDArray[np.uint8]
    y: NDArray[np.int64]
    class_names: tuple[str, ...]
    note: str


class Report(Protocol):
    """Told how far the reading is; may raise to stop it."""

    def __call__(self, fraction: float, message: str) -> None:
        """Take note of a share in 0…1 and a few words."""


def idx_images(
    folder: str, kind: str, training: int, test: int
) -> tuple[LabelledImages, LabelledImages]:
    """Return at most so many images of 28×28 pixels to train on and to test on.

    The folder is the one with the files, or one above it as other programs unpack them
    (``MNIST/raw``, ``FashionMNIST/raw``). With one pair of files alone, the first images are
    trained on and the rest is tested on.

    Parameters
    ----------
    folder
        As a person typed it.
    kind
        ``"mnist"`` or ``"fashion"``.
    training, test
        How many of each at most, 1 or more.

    Raises
    ------
    ImageDataError
        Where the folder or its files are missing, damaged or of another kind.
    """
    title = {"mnist": "MNIST", "fashion": "Fashion-MNIST"}[kind]
    text = folder.strip()
    if not text:
        raise ImageDataError(
            f"{title} needs its files: download them, or name the folder that holds "
            "train-images-idx3-ubyte and train-labels-idx1-ubyte."
        )
    place = Path(text).expanduser()
    if not place.is_dir():
        raise ImageDataError(f"There is no folder “{text}” to read {title} from.")
    below = (place, place / "raw", place / _UNPACKED[kind] / "raw")
    found = next((each for each in below if any(each.glob("*-ubyte*"))), place)
    try:
        return mnist_from(str(found), training, test)
    except DigitsError as error:
        raise ImageDataError(str(error)) from None


def folder_stamp(folder: str) -> tuple[tuple[str, int], ...]:
    """Return what changes when images come or go in the class folders; empty without a folder."""
    place = Path(folder.strip()).expanduser()
    try:
        inside = sorted(path for path in place.iterdir() if path.is_dir())
        return tuple((path.name, path.stat().st_mtime_ns) for path in inside)
    except OSError:
        return ()


def read_image_folder(
    folder: str, side: int, channels: int, limit: int, report: Report | None = None
) -> FolderImages:
    """Return the images of a folder that holds one folder for every class.

    Files that are no pictures, damaged or larger than 50 million pixels are left out and counted
    in the note. Where there are more than ``limit``, each class gives its share, evenly spaced in
    the order of names. Of a moving picture the first frame counts.

    Parameters
    ----------
    folder
        As a person typed it.
    side
        Height and width of the result in pixels.
    channels
        1 for grey, 3 for RGB.
    limit
        How many images at most.
    report
        Told after every picture how far it is.

    Raises
    ------
    ImageDataError
        Where there is no such folder, fewer than two classes, or more than fits into memory.
    """
    classes = _limited(_class_folders(folder), limit)
    count = sum(len(files) for _, files in classes)
    values = count * channels * side * side
    if values > MAX_VALUES:
        raise ImageDataError(
            f"{count:,} images of {side}×{side} pixels with {channels} "
            f"{'channel' if channels == 1 else 'channels'} do not fit into memory: choose at most "
            f"{MAX_VALUES // (channels * side * side):,} images, or a smaller side."
        )
    pixels: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    names: list[str] = []
    skipped: list[str] = []
    seen = 0
    for name, files in classes:
        before = len(pixels)
        for file in files:
            found = _decoded(file, side, channels)
            if found is None:
                skipped.append(file.name)
            else:
                pixels.append(found)
                labels.append(len(names))
            seen += 1
            if report is not None:
                report(seen / count, f"{seen:,} of {count:,} images")
        if len(pixels) > before:
            names.append(name)
    _check_classes(folder, names)
    return FolderImages(
        np.stack(pixels), np.array(labels, dtype=np.int64), tuple(names), _note(skipped)
    )


def deal(
    labels: NDArray[np.int64], training: int, test: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which images are trained on and which are tested on, in rising order.

    Every class is dealt by itself in the ratio of the two numbers; a class of two images or more
    has one in each part. Where there are more images than asked for, each class gives its share.
    """
    share = training / (training + test)
    kept = min(1.0, (training + test) / len(labels))
    train: list[NDArray[np.int64]] = []
    tests: list[NDArray[np.int64]] = []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        wanted = max(min(2, len(rows)), round(kept * len(rows)))
        cut = min(max(1, round(share * wanted)), max(1, wanted - 1))
        train.append(rows[:cut])
        tests.append(rows[cut:wanted])
    return np.sort(np.concatenate(train)), np.sort(np.concatenate(tests))


def _class_folders(folder: str) -> list[tuple[str, list[Path]]]:
    text = folder.strip()
    if not text:
        raise ImageDataError(
            "Name the folder of your images: it holds a folder for every class, with its images."
        )
    place = Path(text).expanduser()
    if not place.is_dir():
        raise ImageDataError(f"There is no folder “{text}” to read images from.")
    try:
        inside = [path for path in sorted(place.iterdir()) if not _is_hidden(path)]
        folders = [path for path in inside if path.is_dir()]
        if len(folders) > MAX_CLASSES:
            raise ImageDataError(
                f"The folder “{place.name}” holds {len(folders):,} folders; at most {MAX_CLASSES} "
                "classes are told apart."
            )
        classes = [(path.name, _files_in(path)) for path in folders]
    except OSError as error:
        raise ImageDataError(
            f"The folder “{place.name}” cannot be read: {error.strerror or error}."
        ) from None
    if not folders:
        raise ImageDataError(
            f"The folder “{place.name}” has no class folders: put the images of each class into a "
            "folder of its own, named like the class."
        )
    if not any(files for _, files in classes):
        first = folders[0].name
        raise ImageDataError(
            f"The folders in “{place.name}” hold no files themselves: choose the folder whose "
            f"folders are the classes, perhaps “{first}”."
        )
    if sum(len(files) for _, files in classes) > MAX_FILES:
        raise ImageDataError(
            f"The folder “{place.name}” holds more than {MAX_FILES:,} files: choose one with fewer."
        )
    return [(name, files) for name, files in classes if files]


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not _is_hidden(path))


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower() in _IGNORED


def _limited(classes: Sequence[tuple[str, list[Path]]], limit: int) -> list[tuple[str, list[Path]]]:
    count = sum(len(files) for _, files in classes)
    if count <= limit:
        return list(classes)
    picked = []
    for name, files in classes:
        wanted = min(len(files), max(2, round(limit * len(files) / count)))
        places = np.linspace(0, len(files) - 1, wanted).round().astype(int)
        picked.append((name, [files[place] for place in places]))
    return picked


def _check_classes(folder: str, names: Sequence[str]) -> None:
    title = Path(folder.strip()).expanduser().name
    if not names:
        raise ImageDataError(f"No file in the folders of “{title}” can be read as an image.")
    if len(names) < 2:
        raise ImageDataError(
            f"Only the folder “{names[0]}” in “{title}” holds images: to tell classes apart there "
            "must be at least two."
        )


def _note(skipped: Sequence[str]) -> str:
    if not skipped:
        return ""
    if len(skipped) == 1:
        return f"1 file was left out, because it cannot be read as an image: {skipped[0]}."
    return (
        f"{len(skipped):,} files were left out, because they cannot be read as images: "
        f"{', '.join(skipped[:3])}{' …' if len(skipped) > 3 else ''}."
    )


def _decoded(file: Path, side: int, channels: int) -> NDArray[np.uint8] | None:
    """Return the pixels (channels, side, side) of one file, None where they cannot be had."""
    # Imported here: only folders of images need it.
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            # Photographs are unpacked at a fraction of their size, which is much faster.
            image.draft("RGB" if channels == 3 else "L", (2 * side, 2 * side))
            turned = ImageOps.exif_transpose(image) or image
            plain = _over_white(turned).convert("RGB" if channels == 3 else "L")
            square = ImageOps.fit(plain, (side, side), Image.Resampling.BOX)
    except Exception:
        # Decoders raise whatever they stumble over in a damaged file.
        return None
    pixels = np.asarray(square, dtype=np.uint8)
    return np.ascontiguousarray(pixels.reshape(side, side, channels).transpose(2, 0, 1))


def _over_white(image: Image.Image) -> Image.Image:
    """Return the image in eight bits a channel, and white where one sees through it."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, dtype=np.float64)
        # Sixteen bits are scaled; whatever fits into eight is taken as it is.
        scaled = values / 257.0 if values.max(initial=0.0) > 255.0 else values
        return Image.fromarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image
