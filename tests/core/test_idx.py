from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from playground.core.idx import IdxError, read_idx


def packed(array: np.ndarray) -> bytes:
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


IMAGES = np.arange(60, dtype=np.uint8).reshape(5, 3, 4)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_reads_what_was_written(tmp_path, pack):
    file = tmp_path / "images"
    file.write_bytes(pack(packed(IMAGES)))
    np.testing.assert_array_equal(read_idx(file), IMAGES)
    np.testing.assert_array_equal(read_idx(file, first=2), IMAGES[:2])
    np.testing.assert_array_equal(read_idx(file, first=99), IMAGES)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not an IDX file"),
        (b"PK\x03\x04 something", "not an IDX file"),
        (b"\0\0\x0d\x01" + b"\0" * 8, "not an IDX file of bytes"),
        (b"\0\0\x08\x07" + b"\0" * 40, "7 dimensions"),
        (b"\0\0\x08\x03\0\0\0\x05", "cut short"),
        (packed(IMAGES)[:-1], "59 of 60 values"),
        (b"\0\0\x08\x02" + b"\xff" * 8, "at most"),
        (gzip.compress(packed(IMAGES), mtime=0)[:-12], "cannot be read|cut short"),
        (b"\x1f\x8b\x08\0" + b"\xff" * 30, "cannot be read"),
    ],
)
def test_other_files_are_refused_with_a_sentence(tmp_path, content, said):
    file = tmp_path / "labels-idx1"
    file.write_bytes(content)
    with pytest.raises(IdxError, match=said) as caught:
        read_idx(file)
    assert "labels-idx1" in str(caught.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(IdxError, match="nowhere cannot be read"):
        read_idx(tmp_path / "nowhere")
