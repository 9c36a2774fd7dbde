from __future__ import annotations

import base64
import io
import struct
import zipfile

import numpy as np
import pytest

from playground.experiments.base import EditError
from playground.experiments.cnn_edits import LoadWeights, pack_arrays, unpack_arrays


def test_arrays_come_back_as_they_were():
    arrays = {
        "0.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
        "1.num_batches_tracked": np.array(7),
    }
    back = unpack_arrays(pack_arrays(arrays))
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype


def test_too_many_numbers_are_refused():
    with pytest.raises(EditError, match="4,000,001 numbers"):
        pack_arrays({"w": np.broadcast_to(np.float32(0), 4_000_001)})


@pytest.mark.parametrize("text", ["", "not base64 !", "AAAA", base64.b64encode(b"PK").decode()])
def test_damaged_text_is_refused(text):
    with pytest.raises(EditError, match="damaged"):
        unpack_arrays(text)


def test_archive_of_objects_or_of_gigabytes_is_refused():
    buffer = io.BytesIO()
    np.savez_compressed(buffer, w=np.array([{}], dtype=object))
    with pytest.raises(EditError, match="damaged"):
        unpack_arrays(base64.b64encode(buffer.getvalue()).decode())
    buffer = io.BytesIO()
    np.savez_compressed(buffer, w=np.zeros(5_000_000))
    with pytest.raises(EditError, match="damaged"):
        unpack_arrays(base64.b64encode(buffer.getvalue()).decode())


def test_edits_of_weights_replace_each_other():
    first, second = LoadWeights(packed="a"), LoadWeights(packed="b", name="x.pt")
    assert first.merges_with(second)
    assert (first.describe(), second.describe()) == ("load weights", "load weights from x.pt")


def test_header_that_claims_terabytes_is_refused():
    buffer = io.BytesIO()
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (400000000000,), }"
    header += b" " * (118 - 1 - len(header)) + b"\n"
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("w.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header + b"0000")
    with pytest.raises(EditError, match="damaged"):
        unpack_arrays(base64.b64encode(buffer.getvalue()).decode())
