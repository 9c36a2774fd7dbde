"""Weights of a person's own in a run of the network of images, as text that a run file carries."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import numpy as np
from pydantic import Field

from playground.experiments.base import Edit, EditError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MAX_NUMBERS: Final = 4_000_000
MAX_TEXT: Final = 24 * 2**20
_DAMAGED: Final = "The weights of this edit are damaged."


class LoadWeights(Edit):
    """Take over weights; the optimizer forgets what it remembered.

    Parameters
    ----------
    packed
        Made by :func:`pack_arrays`.
    name
        Where they come from, such as the name of a file.
    """

    type: Literal["load_weights"] = "load_weights"
    packed: Annotated[str, Field(max_length=MAX_TEXT)]
    name: Annotated[str, Field(max_length=200)] = ""

    def describe(self) -> str:
        """Return for example ``"load weights from best.pt"``."""
        return f"load weights from {self.name}" if self.name else "load weights"

    def merges_with(self, later: Edit) -> bool:
        """Tell whether the later edit replaces the weights again."""
        return isinstance(later, LoadWeights)


def pack_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> str:
    """Return arrays by name as text.

    Raises
    ------
    EditError
        Where there are more numbers than a run file should carry.
    """
    total = sum(array.size for array in arrays.values())
    if total > MAX_NUMBERS:
        raise EditError(
            f"These weights are {total:,} numbers; a run can take over at most {MAX_NUMBERS:,}."
        )
    buffer = io.BytesIO()
    # Packed as a file of float32: a plain table of bytes with names, types and shapes.
    named: dict[str, Any] = dict(arrays)
    np.savez_compressed(buffer, **named)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def unpack_arrays(packed: str) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a text; raise :class:`EditError` where it is damaged or too large."""
    try:
        data = base64.b64decode(packed, validate=True)
        _refuse_bomb(data)
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except EditError:
        raise
    except Exception:
        # A damaged archive fails in the readers of zip and npy in more ways than are documented.
        raise EditError(_DAMAGED) from None


def _refuse_bomb(data: bytes) -> None:
    """Raise :class:`EditError` where unpacking would take far more memory than weights do."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > 8 * MAX_NUMBERS + 2**20:
        raise EditError(_DAMAGED)
