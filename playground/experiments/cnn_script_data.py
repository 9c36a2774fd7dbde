"""The part of the PyTorch script of a network of images that reads and deals the images."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.experiments.cnn_data_spec import CnnDataSpec


def library_imports(data: CnnDataSpec) -> tuple[list[str], list[str]]:
    """Return the import lines of the standard library and of other libraries for some data."""
    standard = ["import math", "import zlib"]
    libraries = ["import numpy as np"]
    if data.kind == "digits":
        libraries.append("from sklearn.datasets import load_digits")
    elif data.kind == "folder":
        standard.append("from pathlib import Path")
        libraries.append("from PIL import Image, ImageOps")
    else:
        standard = ["import gzip", *standard, "from pathlib import Path"]
    return standard, libraries


def data_part(data: CnnDataSpec) -> str:
    """Return the lines that set x_train, y_train, x_test, y_test and CLASSES."""
    if data.kind == "digits":
        return _digits(data)
    if data.kind == "folder":
        return _folder(data)
    return _idx(data)


def _digits(data: CnnDataSpec) -> str:
    return (
        "digits = load_digits()\n"
        "x = torch.tensor((digits.images / 16.0).astype(np.float32)).unsqueeze(1)\n"
        "y = torch.tensor(digits.target.astype(np.int64))\n"
        'rng = np.random.Generator(np.random.PCG64(sequence("data", 0, "test images")))\n'
        "order = torch.tensor(rng.permutation(len(y)))\n"
        f"train, test = order[:{data.training_count}], order[len(y) - {data.test_count} :]\n"
        "x_train, y_train, x_test, y_test = x[train], y[train], x[test], y[test]\n"
        "CLASSES = 10\n"
    )


def _idx(data: CnnDataSpec) -> str:
    train, test = data.training, data.test
    unpacked = "FashionMNIST" if data.kind == "fashion" else "MNIST"
    return (
        f"FOLDER = Path({data.path.strip()!r}).expanduser()\n"
        f'PLACES = [FOLDER, FOLDER / "raw", FOLDER / "{unpacked}" / "raw"]\n'
        'FOLDER = next((place for place in PLACES if any(place.glob("*-ubyte*"))), FOLDER)\n\n\n'
        "def read(name, kind, header):\n"
        '    """Return the bytes of an IDX file behind its header, or None without a file."""\n'
        '    for mark in "-.":\n'
        '        for packed in ("", ".gz"):\n'
        '            file = FOLDER / f"{name}{mark}{kind}-ubyte{packed}"\n'
        "            if file.is_file():\n"
        "                data = file.read_bytes()\n"
        '                data = gzip.decompress(data) if data[:2] == b"\\x1f\\x8b" else data\n'
        "                return np.frombuffer(data, np.uint8)[header:]\n"
        "    return None\n\n\n"
        "def images(name, first):\n"
        '    x, y = read(f"{name}-images", "idx3", 16), read(f"{name}-labels", "idx1", 8)\n'
        "    if x is None or y is None:\n"
        "        return None\n"
        "    x = x.reshape(-1, 1, 28, 28)[:first].astype(np.float32) / np.float32(255.0)\n"
        "    return torch.tensor(x), torch.tensor(y[:first].astype(np.int64))\n\n\n"
        f'one, two = images("train", {train + test}), images("t10k", {train + test})\n'
        "if one and two:\n"
        f"    x_train, y_train = (part[:{train}] for part in one)\n"
        f"    x_test, y_test = (part[:{test}] for part in two)\n"
        "else:\n"
        "    x, y = one or two\n"
        f"    cut = min({train}, len(y) * 5 // 6)\n"
        "    x_train, y_train, x_test, y_test = x[:cut], y[:cut], x[cut:], y[cut:]\n"
        "CLASSES = 10\n"
    )


def _folder(data: CnnDataSpec) -> str:
    channels, side, _ = data.image_shape
    mode = "RGB" if channels == 3 else "L"
    return (
        f"FOLDER = Path({data.path.strip()!r}).expanduser()\n"
        f"TRAIN, TEST = {data.training}, {data.test}\n\n\n"
        "def read(file):\n"
        '    """Return the middle square of a picture over white, or None where it is none."""\n'
        "    try:\n"
        "        with Image.open(file) as image:\n"
        f'            image.draft("{mode}", ({2 * side}, {2 * side}))\n'
        "            image = ImageOps.exif_transpose(image)\n"
        '            if "A" in image.getbands() or "transparency" in image.info:\n'
        '                image = image.convert("RGBA")\n'
        '                white = Image.new("RGBA", image.size, "white")\n'
        '                image = Image.alpha_composite(white, image).convert("RGB")\n'
        f'            image = image.convert("{mode}")\n'
        f"            square = ImageOps.fit(image, ({side}, {side}), Image.Resampling.BOX)\n"
        "    except Exception:\n"
        "        return None\n"
        f"    return np.asarray(square).reshape({side}, {side}, {channels}).transpose(2, 0, 1)\n"
        "\n\n"
        "folders = [path for path in sorted(FOLDER.iterdir()) if path.is_dir()]\n"
        "files = [sorted(path for path in each.iterdir() if path.is_file()) for each in folders]\n"
        "files = [[path for path in each if path.name[0] != '.'] for each in files]\n"
        "count = sum(map(len, files))\n"
        "pixels, y, CLASSES = [], [], 0\n"
        "for each in files:\n"
        "    if count > TRAIN + TEST and each:\n"
        "        wanted = min(len(each), max(2, round((TRAIN + TEST) * len(each) / count)))\n"
        "        each = [each[int(k)] for k in np.linspace(0, len(each) - 1, wanted).round()]\n"
        "    found = [image for image in map(read, each) if image is not None]\n"
        "    pixels += found\n"
        "    y += [CLASSES] * len(found)\n"
        "    CLASSES += bool(found)\n"
        "x, y = np.stack(pixels), np.array(y)\n\n"
        "# Every class is dealt by itself.\n"
        'rng = np.random.Generator(np.random.PCG64(sequence("data", 0, "test images")))\n'
        "train, test = [], []\n"
        "for label in range(CLASSES):\n"
        "    rows = rng.permutation(np.flatnonzero(y == label))\n"
        "    kept = min(1.0, (TRAIN + TEST) / len(y))\n"
        "    wanted = max(min(2, len(rows)), round(kept * len(rows)))\n"
        "    cut = max(1, round(TRAIN / (TRAIN + TEST) * wanted))\n"
        "    cut = min(cut, max(1, wanted - 1))\n"
        "    train, test = [*train, *rows[:cut]], [*test, *rows[cut:wanted]]\n"
        "train, test = np.sort(train), np.sort(test)\n"
        "x_train, x_test = (torch.tensor(x[part]).float() / 255.0 for part in (train, test))\n"
        "y_train, y_test = (torch.tensor(y[part]) for part in (train, test))\n"
    )
