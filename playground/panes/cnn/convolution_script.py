"""The laboratory's present result as a short PyTorch program that needs nothing else.

The picture travels along as its 8-bit pixels, so a generated picture is rounded to 1/255.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from playground.core.images import encode_pixels, to_pixels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from playground.experiments.convolution_snapshot import ConvolutionSnapshot

PAD_MODES = {
    "zeros": "constant",
    "replicate": "replicate",
    "circular": "circular",
    "reflect": "reflect",
    "valid": "constant",
}
LINE = 88
HEAD = '''"""{title}: one convolution, written with PyTorch alone."""

import base64
import zlib

import torch
import torch.nn.functional as F

'''
TURN = """# Convolution turns the kernel by 180 degrees; conv2d correlates.
kernels = kernels.flip(1, 2)
"""
BODY = """
# One kernel for every channel, as it is written: rows, then columns.
kernels = torch.tensor({kernels}, dtype=torch.float64)

{turn}padded = F.pad(x, {pads}, mode="{mode}")
parts = F.conv2d(padded, kernels[:, None], stride={stride}, dilation={dilation}, groups={channels})
y = {summed}
{after}print("input", tuple(x.shape[1:]), "result", tuple(y.shape[1:]))
print("lowest", y.min().item(), "highest", y.max().item())
"""


def as_torch_script(snapshot: ConvolutionSnapshot) -> str:
    """Return a program that computes the result anew.

    Raises
    ------
    ValueError
        Where there is no result to compute.
    """
    result, spec = snapshot.result, snapshot.spec
    if result is None:
        raise ValueError(f"There is nothing to write a script of. {snapshot.problem}")
    rows, cols = result.geometry
    channels = len(snapshot.picture.values)
    turned = spec.operation == "convolution"
    alone = spec.channels == "each"
    return HEAD.format(title=spec.title.replace('"', "'").replace("\\", "/")) + (
        _input_lines(snapshot)
        + BODY.format(
            kernels=_nested(snapshot.kernels),
            turn=TURN if turned else "",
            pads=(cols.before, cols.after, rows.before, rows.after),
            mode=PAD_MODES[spec.border],
            stride=(rows.stride, cols.stride),
            dilation=(rows.dilation, cols.dilation),
            channels=channels,
            summed="parts" if alone else "parts.sum(dim=1, keepdim=True)",
            after=_after(snapshot),
        )
    )


def _input_lines(snapshot: ConvolutionSnapshot) -> str:
    if snapshot.spec.is_signal:
        numbers = ", ".join(repr(number) for number in snapshot.picture.values[0, 0].tolist())
        filled = textwrap.fill(numbers, LINE, initial_indent="    ", subsequent_indent="    ")
        return f"x = torch.tensor([\n{filled}\n], dtype=torch.float64)[None, None, None]\n"
    pixels = to_pixels(snapshot.picture.values)
    packed = encode_pixels(pixels).partition(":")[2]
    lines = "\n".join(f'    "{line}"' for line in textwrap.wrap(packed, LINE))
    return (
        f"PIXELS = (\n{lines}\n)\n"
        "data = bytearray(zlib.decompress(base64.b64decode(PIXELS)))\n"
        f"x = torch.frombuffer(data, dtype=torch.uint8).reshape{pixels.shape}\n"
        "x = x.permute(2, 0, 1)[None].to(torch.float64) / 255\n"
    )


def _after(snapshot: ConvolutionSnapshot) -> str:
    """Return bias, ReLU and pooling, a line each where there is one."""
    spec, result = snapshot.spec, snapshot.result
    lines = []
    if spec.bias:
        lines.append(f"y = y + {spec.bias!r}\n")
    if spec.relu:
        lines.append("y = F.relu(y)\n")
    if result is not None and result.pooled is not None:
        rows = 1 if spec.is_signal else spec.pooling.size
        steps = 1 if spec.is_signal else spec.pooling.stride
        shape = f"({rows}, {spec.pooling.size}), stride=({steps}, {spec.pooling.stride})"
        match spec.pooling.kind:
            case "max":
                lines.append(f"y = F.max_pool2d(y, {shape})\n")
            case "average":
                lines.append(f"y = F.avg_pool2d(y, {shape})\n")
            case _:
                cells = rows * spec.pooling.size
                lines.append(f"y = (F.avg_pool2d(y**2, {shape}) * {cells}).sqrt()\n")
    return "".join(lines)


def _nested(kernels: NDArray[np.float64]) -> str:
    rows = [
        "    [\n" + "".join(f"        {row},\n" for row in kernel) + "    ],\n"
        for kernel in kernels.tolist()
    ]
    return "[\n" + "".join(rows) + "]"
