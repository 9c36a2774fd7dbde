from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from PIL import Image

from playground.core import image_datasets
from playground.core.image_datasets import (
    FASHION_CLASSES,
    ImageDataError,
    deal,
    folder_stamp,
    idx_images,
    read_image_folder,
)


def write_idx(folder, name, count, *, packed=True):
    pixels = np.random.default_rng(count).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    labels = np.arange(count, dtype=np.uint8) % 10
    pack = gzip.compress if packed else bytes
    end = ".gz" if packed else ""
    for part, array in (("images-idx3", pixels), ("labels-idx1", labels)):
        head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        (folder / f"{name}-{part}-ubyte{end}").write_bytes(pack(head + array.tobytes()))
    return pixels


def write_image(path, colour, size=(12, 8), mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **options)


@pytest.fixture
def pets(tmp_path):
    for place in range(4):
        write_image(tmp_path / "pets" / "cat" / f"{place}.png", (255, 0, 0))
        write_image(tmp_path / "pets" / "dog" / f"{place}.jpg", (0, 0, 255))
    return tmp_path / "pets"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("below", ["", "raw", "FashionMNIST/raw"])
def test_idx_files_are_found_where_other_programs_put_them(tmp_path, packed, below):
    folder = tmp_path / below
    folder.mkdir(parents=True, exist_ok=True)
    first = write_idx(folder, "t10k", 50, packed=packed)
    train, test = idx_images(f" {tmp_path} ", "fashion", 40, 10)
    assert (len(train.y), len(test.y)) == (40, 10)
    np.testing.assert_allclose(test.x[0], first[40].reshape(-1) / 255, rtol=1e-6)
    assert len(FASHION_CLASSES) == 10


@pytest.mark.parametrize(
    ("folder", "said"),
    [("  ", "Fashion-MNIST needs its files"), ("/no/such", "no folder “/no/such” to read Fash")],
)
def test_missing_idx_folder_is_asked_for(folder, said):
    with pytest.raises(ImageDataError, match=said):
        idx_images(folder, "fashion", 10, 10)


def test_damaged_idx_file_is_named(tmp_path):
    write_idx(tmp_path, "train", 20, packed=False)
    file = tmp_path / "train-images-idx3-ubyte"
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(ImageDataError, match="train-images-idx3-ubyte is cut short"):
        idx_images(str(tmp_path), "mnist", 10, 10)


def test_folder_of_classes(pets):
    found = read_image_folder(str(pets), 8, 3, 100)
    assert found.class_names == ("cat", "dog")
    assert found.x.shape == (8, 3, 8, 8)
    assert found.y.tolist() == [0] * 4 + [1] * 4
    np.testing.assert_array_equal(found.x[0, :, 3, 3], [255, 0, 0])
    np.testing.assert_allclose(found.x[-1, :, 3, 3], [0, 0, 255], atol=3)
    assert found.note == ""


def test_grey_and_progress(pets):
    told = []
    found = read_image_folder(str(pets), 8, 1, 100, lambda *what: told.append(what))
    assert found.x.shape == (8, 1, 8, 8)
    assert found.x[0, 0, 0, 0] == 76
    assert told[-1] == (1.0, "8 of 8 images")
    assert len(told) == 8


def test_reading_can_be_stopped(pets):
    class Stop(Exception):
        pass

    def stop(fraction, message):
        raise Stop

    with pytest.raises(Stop):
        read_image_folder(str(pets), 8, 1, 100, stop)


def test_what_is_no_picture_is_left_out_and_counted(pets):
    (pets / "cat" / "notes.txt").write_text("no picture", encoding="utf-8")
    (pets / "cat" / ".hidden").write_bytes(b"x")
    (pets / "cat" / "Thumbs.db").write_bytes(b"x")
    whole = (pets / "dog" / "0.jpg").read_bytes()
    (pets / "dog" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (pets / "dog" / "lies.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    found = read_image_folder(str(pets), 8, 1, 100)
    assert len(found.y) == 8
    assert found.note.startswith("3 files were left out")
    for name in ("notes.txt", "cut.jpg", "lies.png"):
        assert name in found.note


def test_huge_pictures_are_not_unpacked(pets, monkeypatch):
    monkeypatch.setattr(image_datasets, "MAX_PIXELS", 500)
    write_image(pets / "cat" / "huge.png", (0, 0, 0), (30, 30))
    assert "huge.png" in read_image_folder(str(pets), 8, 1, 100).note


def test_unusual_pictures(tmp_path):
    here = tmp_path / "a"
    write_image(here / "1-see-through.png", (0, 0, 0, 0), mode="RGBA")
    write_image(here / "2-print.jpg", (0, 0, 0, 0), mode="CMYK")
    Image.fromarray(np.full((4, 4), 65535, np.uint16)).save(here / "3-deep.png")
    write_image(here / "4-tiny.png", 200, (1, 1), mode="L")
    frames = [Image.new("P", (4, 4), place) for place in (0, 1)]
    frames[0].save(here / "5-moving.gif", save_all=True, append_images=frames[1:])
    write_image(tmp_path / "b" / "1.png", (0, 0, 0))
    found = read_image_folder(str(tmp_path), 8, 1, 100)
    assert found.note == ""
    middles = found.x[:4, 0, 4, 4].tolist()
    assert middles[0] == 255
    assert middles[1] > 250
    assert middles[2:] == [255, 200]
    assert found.y.tolist() == [0] * 5 + [1]


def test_middle_square_is_kept_and_photographs_are_turned(tmp_path):
    wide = Image.new("L", (30, 10), 0)
    wide.paste(255, (10, 0, 20, 10))
    lying = Image.new("L", (10, 10), 0)
    lying.paste(255, (0, 0, 10, 5))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    wide.save(tmp_path / "a" / "wide.png")
    exif = Image.Exif()
    exif[274] = 3
    lying.save(tmp_path / "b" / "turned.png", exif=exif)
    first, second = read_image_folder(str(tmp_path), 10, 1, 10).x[:, 0]
    assert first.min() == 255
    assert (second[:5].max(), second[5:].min()) == (0, 255)


def test_a_limit_takes_a_share_of_every_class(tmp_path):
    for place in range(30):
        write_image(tmp_path / "many" / f"{place:02}.png", place, (4, 4), "L")
    for place in range(10):
        write_image(tmp_path / "few" / f"{place}.png", place, (4, 4), "L")
    found = read_image_folder(str(tmp_path), 8, 1, 20)
    assert np.bincount(found.y).tolist() == [5, 15]
    assert found.x[5:, 0, 0, 0].tolist()[::14] == [0, 29]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ((), "no class folders"),
        (("a.png",), "no class folders"),
        (("train/cat/1.png", "train/dog/1.png"), "perhaps “train”"),
        (("cat/1.png",), "Only the folder “cat”"),
        (("cat/1.txt", "dog/1.txt"), "No file in the folders"),
        (("cat/1.png", "dog/1.txt"), "Only the folder “cat”"),
    ],
)
def test_folders_without_classes_are_refused(tmp_path, made, said):
    for name in made:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".png":
            write_image(path, (1, 2, 3))
        else:
            path.write_text("text", encoding="utf-8")
    with pytest.raises(ImageDataError, match=said):
        read_image_folder(str(tmp_path), 8, 1, 10)


def test_too_much_for_the_memory(pets, monkeypatch):
    monkeypatch.setattr(image_datasets, "MAX_VALUES", 200)
    with pytest.raises(ImageDataError, match="at most 3 images"):
        read_image_folder(str(pets), 8, 1, 100)
    monkeypatch.setattr(image_datasets, "MAX_CLASSES", 1)
    with pytest.raises(ImageDataError, match="2 folders; at most 1"):
        read_image_folder(str(pets), 8, 1, 100)
    monkeypatch.setattr(image_datasets, "MAX_CLASSES", 100)
    monkeypatch.setattr(image_datasets, "MAX_FILES", 3)
    with pytest.raises(ImageDataError, match="more than 3 files"):
        read_image_folder(str(pets), 8, 1, 100)


def test_no_folder(tmp_path):
    with pytest.raises(ImageDataError, match="Name the folder"):
        read_image_folder(" ", 8, 1, 10)
    with pytest.raises(ImageDataError, match="There is no folder"):
        read_image_folder(str(tmp_path / "absent"), 8, 1, 10)
    assert folder_stamp(str(tmp_path / "absent")) == ()


def test_stamp_changes_with_the_images(pets):
    before = folder_stamp(str(pets))
    assert before == folder_stamp(str(pets))
    write_image(pets / "cow" / "1.png", (0, 0, 0))
    assert folder_stamp(str(pets)) != before


def test_deal_is_stratified_and_complete():
    labels = np.repeat([0, 1, 2], [50, 10, 2])
    train, test = deal(labels, 800, 200, np.random.default_rng(0))
    assert sorted([*train, *test]) == list(range(62))
    assert np.bincount(labels[train]).tolist() == [40, 8, 1]
    other, _ = deal(labels, 800, 200, np.random.default_rng(1))
    assert train.tolist() != other.tolist()


def test_deal_keeps_to_the_wanted_number():
    labels = np.repeat([0, 1], [300, 100])
    train, test = deal(labels, 80, 20, np.random.default_rng(0))
    assert (len(train), len(test)) == (80, 20)
    assert np.bincount(labels[test]).tolist() == [15, 5]
    train, test = deal(np.array([0, 1, 1]), 10, 10, np.random.default_rng(0))
    assert (train.size, test.size) == (2, 1)
