"""Weights in files: checkpoints as the course writes them, and the state of any module.

A checkpoint is a dictionary ``{"epoch": …, "model": …, "optimizer": …, "loss": …}`` written by
``torch.save``; a plain ``state_dict`` is the part "model" alone. Files are read with
``weights_only=True``: nothing but tensors, numbers, texts and containers of them is ever made from
a file, whoever wrote it.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from playground.core.atomic_files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import torch

MAX_BYTES: Final = 2**30
_MODEL_NAMES: Final = ("model", "model_state_dict", "state_dict", "network", "net")
_OPTIMIZER_NAMES: Final = ("optimizer", "optimizer_state_dict")
_COUNTER: Final = "num_batches_tracked"
_REFUSED: Final = re.compile(r"[Uu]nsupported|GLOBAL")


class ModelFileError(ValueError):
    """Says in one sentence why a file gives this network no weights."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a file holds: the weights, and of a checkpoint how far the training was.

    Parameters
    ----------
    model
        Tensors by the names of a ``state_dict``.
    epoch
        Whole epochs behind it; None in a plain ``state_dict``.
    optimizer
        Its ``state_dict``; None where the file has none.
    loss
        The last one; None where the file has none.
    """

    model: dict[str, torch.Tensor]
    epoch: int | None = None
    optimizer: dict[str, Any] | None = None
    loss: float | None = None


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint of the course's form, whole or not at all.

    Raises
    ------
    playground.core.atomic_files.SaveError
        Where it cannot be written; an older file stays as it was.
    """
    import torch

    content = {
        "epoch": checkpoint.epoch or 0,
        "model": checkpoint.model,
        "optimizer": checkpoint.optimizer or {},
        "loss": math.nan if checkpoint.loss is None else checkpoint.loss,
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_atomically(path, buffer.getvalue())


def load_checkpoint(path: Path) -> Checkpoint:
    """Return what a file of weights holds, on the CPU.

    Raises
    ------
    ModelFileError
        Where the file is missing, damaged, too large, or would run something when opened.
    """
    content = _read(path)
    if not isinstance(content, dict):
        raise ModelFileError(f"{path.name} holds no weights by name, but {_kind(content)}.")
    place = next((name for name in _MODEL_NAMES if isinstance(content.get(name), dict)), None)
    model = _weights(content if place is None else content[place], path.name)
    if place is None:
        return Checkpoint(model)
    optimizer = next(
        (content[name] for name in _OPTIMIZER_NAMES if isinstance(content.get(name), dict)), None
    )
    return Checkpoint(
        model, _whole(content.get("epoch")), optimizer or None, _number(content.get("loss"))
    )


def matched(
    weights: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Return the weights under the names, types and on the devices of a network.

    Where the names differ, the tensors are taken in their order: another program may have called
    the same layers otherwise.

    Parameters
    ----------
    weights
        From a file.
    expected
        The ``state_dict`` of the network that is to have them.

    Raises
    ------
    ModelFileError
        With the first layer that does not fit and the two shapes; or where a weight is not finite.
    """
    given = dict(weights)
    if given.keys() != expected.keys():
        given = _in_order(given, expected)
    for name, tensor in expected.items():
        if given[name].shape != tensor.shape:
            raise ModelFileError(
                f"Layer “{name}” has the shape {_shape(tensor)} in the network, but "
                f"{_shape(given[name])} in the file."
            )
        if not bool(given[name].isfinite().all()):
            raise ModelFileError(f"Layer “{name}” of the file holds numbers that are not finite.")
    return {name: given[name].to(tensor) for name, tensor in expected.items()}


def _in_order(
    given: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Return the tensors of a file under the names of the network, one after the other."""
    theirs = [(name, tensor) for name, tensor in given.items() if not name.endswith(_COUNTER)]
    ours = [(name, tensor) for name, tensor in expected.items() if not name.endswith(_COUNTER)]
    for (their_name, theirs_tensor), (name, tensor) in zip(theirs, ours, strict=False):
        if theirs_tensor.shape != tensor.shape:
            raise ModelFileError(
                f"Layer “{name}” has the shape {_shape(tensor)} in the network, but “{their_name}” "
                f"of the file, which stands in its place, has {_shape(theirs_tensor)}."
            )
    if len(theirs) < len(ours):
        name, tensor = ours[len(theirs)]
        raise ModelFileError(
            f"Layer “{name}” of the network ({_shape(tensor)}) is not in the file: it holds "
            f"{len(theirs)} tensors, the network {len(ours)}."
        )
    if len(theirs) > len(ours):
        name, tensor = theirs[len(ours)]
        raise ModelFileError(
            f"Layer “{name}” of the file ({_shape(tensor)}) is not in the network: the file holds "
            f"{len(theirs)} tensors, the network {len(ours)}."
        )
    counters = {name: tensor for name, tensor in expected.items() if name.endswith(_COUNTER)}
    named = {name: tensor for (name, _), (_, tensor) in zip(ours, theirs, strict=True)}
    return {**counters, **named}


def _read(path: Path) -> Any:
    import torch

    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ModelFileError(
                f"{path.name} has {size / 2**30:.1f} GB; files of weights up to 1 GB are read."
            )
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path.name} cannot be read: {error.strerror or error}.") from None
    try:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:
        # A damaged archive fails in torch's reader in more ways than are documented; what it
        # refuses to make is an UnpicklingError.
        if type(error).__name__ == "UnpicklingError" and _REFUSED.search(str(error)):
            raise ModelFileError(
                f"{path.name} holds more than weights: opening it would run code of its own, so it "
                "was not opened. Save the state_dict of the module instead of the module."
            ) from None
        raise _damaged(path) from None


def _damaged(path: Path) -> ModelFileError:
    return ModelFileError(f"{path.name} is damaged, or no file of weights that torch.save wrote.")


def _weights(content: Mapping[Any, Any], name: str) -> dict[str, torch.Tensor]:
    import torch

    found: dict[str, torch.Tensor] = {}
    for key, value in content.items():
        if not isinstance(key, str) or not isinstance(value, torch.Tensor):
            raise ModelFileError(
                f"{name} holds no weights by name: “{str(key)[:60]}” is {_kind(value)}."
            )
        # What torch.nn.DataParallel puts in front of every name says nothing of the layer.
        found[key.removeprefix("module.")] = value
    if not found:
        raise ModelFileError(f"{name} holds no weights at all.")
    return found


def _kind(value: object) -> str:
    return {
        "Tensor": "one tensor without a name",
        "dict": "another table",
        "list": "a list",
        "OrderedDict": "another table",
    }.get(type(value).__name__, f"of the kind {type(value).__name__}")


def _shape(tensor: torch.Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "a single number"


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    import torch

    if isinstance(value, torch.Tensor):
        return float(value) if value.numel() == 1 else None
    return float(value) if isinstance(value, int | float) else None
