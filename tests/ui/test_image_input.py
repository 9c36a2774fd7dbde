"""Pictures of every kind that people have, made by the test itself, and those that are none."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage

from playground.experiments.jobs import JobError
from playground.ui.image_input import (
    ImageError,
    as_qimage,
    has_image,
    read_image_file,
    read_image_mime,
    read_qimage,
)
from playground.ui.image_opener import ReadImage

FORMATS = QImage.Format


def saved(tmp_path, name, image, kind=None):
    path = tmp_path / name
    assert image.save(str(path), kind or path.suffix[1:].upper())
    return path


def plain(width=12, height=8, colour=(200, 40, 90)):
    image = QImage(width, height, FORMATS.Format_RGB32)
    image.fill(QColor(*colour))
    return image


def png(width, height, depth=8):
    """Return a PNG of zeros whose header may promise more than its data hold."""

    def chunk(kind, data):
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((depth, 0, 0, 0, 0))
    rows = zlib.compress(bytes(64))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    )


def gif(frames):
    """Return a GIF of one white pixel a frame."""
    head = b"GIF89a" + bytes((1, 0, 1, 0, 0x80, 0, 0)) + bytes((255, 255, 255, 0, 0, 0))
    control = bytes((0x21, 0xF9, 4, 0, 10, 0, 0, 0))
    frame = bytes((0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 0x01, 0))
    return head + frames * (control + frame) + b"\x3b"


@pytest.mark.parametrize("suffix", ["png", "bmp", "webp", "tiff", "ppm"])
def test_lossless_formats_give_their_pixels(qapp, tmp_path, suffix):
    loaded = read_image_file(saved(tmp_path, f"a.{suffix}", plain()), 64)
    assert loaded.pixels.shape == (8, 12, 3)
    assert loaded.pixels.dtype == np.uint8
    assert np.abs(loaded.pixels.astype(int) - (200, 40, 90)).max() <= (3 if suffix == "webp" else 0)
    assert loaded.notes == ()
    assert loaded.name == f"a.{suffix}"


def test_grey_pictures_have_one_channel(qapp, tmp_path):
    loaded = read_image_file(saved(tmp_path, "a.png", plain(7, 5, (9, 9, 9))))
    assert loaded.pixels.shape == (5, 7, 1)
    assert (loaded.pixels == 9).all()


def test_rows_that_end_off_four_bytes_are_not_skewed(qapp):
    image = QImage(5, 3, FORMATS.Format_RGB888)
    for y in range(3):
        for x in range(5):
            image.setPixelColor(x, y, QColor(10 * x, 20 * y, 7))
    pixels = read_qimage(image).pixels
    assert pixels[2, 4].tolist() == [40, 40, 7]
    again = as_qimage(pixels)
    assert again.pixelColor(4, 2) == QColor(40, 40, 7)


def test_a_large_jpeg_is_read_at_a_smaller_scale(qapp, tmp_path):
    image = QImage(6000, 3000, FORMATS.Format_Grayscale8)
    image.fill(77)
    loaded = read_image_file(saved(tmp_path, "big.jpg", image), 100)
    assert loaded.pixels.shape == (50, 100, 1)
    assert loaded.notes == ("It was scaled from 6,000 × 3,000 to 100 × 50 pixels.",)


def test_a_png_too_large_to_unpack_is_refused_by_its_header(qapp, tmp_path):
    path = tmp_path / "huge.png"
    path.write_bytes(png(20_000, 20_000))
    with pytest.raises(ImageError, match=r"20,000 × 20,000 pixels, too many .* about 16,300"):
        read_image_file(path)


def test_a_line_of_pixels_keeps_one_in_height(qapp, tmp_path):
    image = QImage(4000, 1, FORMATS.Format_RGB32)
    image.fill(QColor("red"))
    assert read_image_file(saved(tmp_path, "line.png", image), 100).pixels.shape == (1, 100, 3)


def test_one_pixel_is_a_picture(qapp, tmp_path):
    loaded = read_image_file(saved(tmp_path, "dot.png", plain(1, 1)))
    assert loaded.pixels.tolist() == [[[200, 40, 90]]]


def test_of_an_animation_the_first_frame_is_taken(qapp, tmp_path):
    path = tmp_path / "moves.gif"
    path.write_bytes(gif(2))
    loaded = read_image_file(path)
    assert loaded.pixels.tolist() == [[[255]]]
    assert loaded.notes == ("“moves.gif” is animated; the first of 2 frames is shown.",)


def test_a_still_gif_is_not_called_animated(qapp, tmp_path):
    path = tmp_path / "still.gif"
    path.write_bytes(gif(1))
    assert not any("of 1 " in note for note in read_image_file(path).notes)


def test_cmyk_becomes_rgb(qapp, tmp_path):
    image = plain().convertToFormat(FORMATS.Format_CMYK8888)
    loaded = read_image_file(saved(tmp_path, "print.jpg", image, "JPG"))
    assert loaded.pixels.shape == (8, 12, 3)
    assert any("CMYK" in note for note in loaded.notes)


@pytest.mark.parametrize("kind", [FORMATS.Format_Grayscale16, FORMATS.Format_RGBX64])
def test_sixteen_bits_become_eight(qapp, tmp_path, kind):
    loaded = read_image_file(
        saved(tmp_path, "deep.png", plain(colour=(128,) * 3).convertToFormat(kind))
    )
    assert loaded.pixels.shape == (8, 12, 1)
    assert abs(int(loaded.pixels[0, 0, 0]) - 128) <= 1
    assert loaded.notes == ("Its 16 bits a channel were rounded to 8.",)


def test_what_is_transparent_is_laid_on_white(qapp, tmp_path):
    image = QImage(4, 4, FORMATS.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    image.setPixelColor(1, 2, QColor(10, 20, 30, 255))
    loaded = read_image_file(saved(tmp_path, "clear.png", image))
    assert loaded.pixels[0, 0].tolist() == [255, 255, 255]
    assert loaded.pixels[2, 1].tolist() == [10, 20, 30]
    assert loaded.notes == ("Its transparent parts were laid on white.",)


def test_an_unused_alpha_channel_is_not_worth_a_word(qapp, tmp_path):
    image = plain().convertToFormat(FORMATS.Format_ARGB32)
    assert read_image_file(saved(tmp_path, "full.png", image)).notes == ()


def test_a_mislabelled_picture_is_read_as_what_it_is(qapp, tmp_path):
    path = saved(tmp_path, "photo.jpg", plain(), "PNG")
    loaded = read_image_file(path)
    assert loaded.pixels[0, 0].tolist() == [200, 40, 90]
    assert loaded.notes == ("“photo.jpg” is in truth a PNG picture and was read as one.",)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.png", b"", "no picture"),
        ("words.png", b"once upon a time", "no picture"),
        ("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "allowed"),
        ("missing.png", None, "There is no file"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(qapp, tmp_path, name, data, words):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ImageError, match=words) as caught:
        read_image_file(path)
    assert str(caught.value).endswith(".")


def test_a_folder_is_no_picture(qapp, tmp_path):
    with pytest.raises(ImageError, match="is a folder"):
        read_image_file(tmp_path)


@pytest.mark.qt_log_ignore("libpng")
def test_a_png_that_ends_too_early_is_refused(qapp, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    path = saved(tmp_path, "whole.png", as_qimage(noise))
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ImageError, match="damaged or cut off"):
        read_image_file(path)


@pytest.mark.qt_log_ignore("JPEG")
def test_of_a_jpeg_that_ends_too_early_there_is_what_there_is(qapp, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    path = saved(tmp_path, "whole.jpg", as_qimage(noise))
    path.write_bytes(path.read_bytes()[:2500])
    loaded = read_image_file(path)
    assert loaded.pixels.shape[:2] == (60, 60)
    assert any("cut off" in note for note in loaded.notes)


def test_the_clipboard_gives_pixels_or_a_copied_file(qapp, tmp_path):
    mime = QMimeData()
    assert not has_image(mime)
    with pytest.raises(ImageError, match="no picture there"):
        read_image_mime(mime)
    mime.setImageData(plain(3, 2))
    assert has_image(mime)
    assert read_image_mime(mime).pixels.shape == (2, 3, 3)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(saved(tmp_path, "a.png", plain())))])
    assert has_image(mime)
    assert read_image_mime(mime).name == "a.png"


def test_run_files_are_left_to_the_window(qapp, tmp_path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.playrun"))])
    assert not has_image(mime)


def test_an_empty_picture_is_refused(qapp):
    with pytest.raises(ImageError, match="There is no picture"):
        read_qimage(QImage())


def test_the_job_reads_or_says_why_not(qapp, tmp_path):
    path = saved(tmp_path, "a.png", plain())
    told = []
    loaded = ReadImage(path).run(lambda share, words="": told.append(share))
    assert loaded.pixels.shape == (8, 12, 3)
    assert told == [0.0, 1.0]
    with pytest.raises(JobError, match="There is no file"):
        ReadImage(tmp_path / "b.png").run(lambda *_: None)
