"""The convolution laboratory as a form: picture or signal, kernel, and how it is laid on.

Everything is live: a change applies to the picture at hand and can be undone. What cannot be
computed (a kernel wider than the picture) is not refused: the snapshot says why there is no result,
and the person goes on from there.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import Field, field_validator

from playground.core.convolution import Border as Border
from playground.core.convolution import Operation as Operation
from playground.core.kernels import MAX_SIDE
from playground.core.pooling import PoolKind
from playground.experiments.image_spec import ImageSpec as ImageSpec
from playground.experiments.kernel_spec import KernelSpec as KernelSpec
from playground.experiments.kernel_spec import LineKernelSpec as LineKernelSpec
from playground.experiments.spec import Knob, Path, Spec

Mode = Literal["2-D", "1-D"]
Channels = Literal["sum", "own", "each"]
Display = Literal["auto", "grey", "signed"]
StackKind = Literal["convolution", "pooling"]

MODE_LABELS: Final[dict[str, str]] = {"2-D": "picture (2-D)", "1-D": "signal (1-D)"}
CHANNEL_LABELS: Final[dict[str, str]] = {
    "sum": "summed, one kernel",
    "own": "summed, a kernel each",
    "each": "each by itself",
}
BORDER_LABELS: Final[dict[str, str]] = {"valid": "none (valid)"}
PADDING_LABELS: Final[dict[str, str]] = {"same": "keeps the size", "own": "so many pixels"}
DISPLAY_LABELS: Final[dict[str, str]] = {
    "auto": "as the kernel asks",
    "grey": "grey, cut to its range",
    "signed": "signed, 0 in the middle",
}
POOL_LABELS: Final[dict[str, str]] = {"none": "none", "l2": "L2"}
MAX_SIGNAL: Final = 256
"""Numbers that a signal may have."""
MAX_STACK: Final = 12
DEFAULT_SIGNAL: Final = "0 0 0 1 2 3 3 3 3 1 0 0 2 0 0 0"
_SIGNAL_LIMIT: Final = 1e6


class PoolingSpec(Spec):
    """What becomes of the result: one number for every window of it."""

    kind: Annotated[
        Literal["none", PoolKind],
        Knob(
            "pooling",
            "The largest number of a window, the mean, or the root of the sum of squares.",
            labels=POOL_LABELS,
            live=True,
        ),
    ] = "none"
    size: Annotated[
        int,
        Field(ge=1, le=16),
        Knob(
            "window F",
            "Pixels a side. F2 S2 halves the size, F3 S2 overlaps.",
            live=True,
            shown_when=("kind", ("max", "average", "l2")),
        ),
    ] = 2
    stride: Annotated[
        int,
        Field(ge=1, le=16),
        Knob(
            "stride S",
            "Pixels from window to window.",
            live=True,
            shown_when=("kind", ("max", "average", "l2")),
        ),
    ] = 2


class StackLayerSpec(Spec):
    """One layer of a stack whose receptive field is drawn."""

    kind: Annotated[StackKind, Knob("layer", "Named only: both see alike.", live=True)] = (
        "convolution"
    )
    size: Annotated[int, Field(ge=1, le=MAX_SIDE), Knob("window", "Pixels a side.", live=True)] = 3
    stride: Annotated[int, Field(ge=1, le=4), Knob("stride", "Step of the window.", live=True)] = 1
    dilation: Annotated[
        int, Field(ge=1, le=4), Knob("dilation", "Distance of the cells.", live=True)
    ] = 1


class ConvolutionSpec(Spec):
    """One picture or signal under one kernel."""

    mode: Annotated[
        Mode,
        Knob(
            "input",
            "A picture, or a row of numbers.",
            group="Input",
            labels=MODE_LABELS,
            live=True,
        ),
    ] = "2-D"
    signal: Annotated[
        str,
        Field(max_length=16 * MAX_SIGNAL),
        Knob(
            "signal",
            f"1 to {MAX_SIGNAL} numbers with spaces or commas between them.",
            group="Input",
            live=True,
            shown_when=("mode", ("1-D",)),
        ),
    ] = DEFAULT_SIGNAL
    image: Annotated[ImageSpec, Knob("picture", group="Picture")] = ImageSpec()
    kernel: Annotated[KernelSpec, Knob("kernel", group="Kernel")] = KernelSpec()
    kernel_green: Annotated[KernelSpec, Knob("kernel", group="Kernel of green")] = KernelSpec()
    kernel_blue: Annotated[KernelSpec, Knob("kernel", group="Kernel of blue")] = KernelSpec()
    signal_kernel: Annotated[LineKernelSpec, Knob("kernel", group="Kernel of the signal")] = (
        LineKernelSpec()
    )
    operation: Annotated[
        Operation,
        Knob(
            "operation",
            "Convolution turns the kernel by 180° before it is laid on; layers of networks "
            "correlate.",
            group="Convolution",
            live=True,
        ),
    ] = "correlation"
    border: Annotated[
        Border,
        Knob(
            "border",
            "What lies around the picture: zeros, its outermost pixels, its other side, its mirror "
            "image (without the outermost pixel twice), or nothing.",
            group="Convolution",
            labels=BORDER_LABELS,
            live=True,
        ),
    ] = "valid"
    padding_mode: Annotated[
        Literal["same", "own"],
        Knob(
            "width of the border",
            "Just as wide as it takes to keep the size under stride 1, or as you like.",
            group="Convolution",
            labels=PADDING_LABELS,
            live=True,
            shown_when=("border", ("zeros", "replicate", "circular", "reflect")),
        ),
    ] = "same"
    padding: Annotated[
        int,
        Field(ge=0, le=64),
        Knob(
            "padding P",
            "Pixels of the border on every side.",
            group="Convolution",
            unit="px",
            live=True,
            shown_when=("padding_mode", ("own",)),
            soft_maximum=16,
        ),
    ] = 1
    stride: Annotated[
        int,
        Field(ge=1, le=4),
        Knob("stride S", "Pixels that the window moves.", group="Convolution", live=True),
    ] = 1
    dilation: Annotated[
        int,
        Field(ge=1, le=4),
        Knob(
            "dilation D",
            "Distance of the kernel's cells on the picture.",
            group="Convolution",
            unit="px",
            live=True,
        ),
    ] = 1
    channels: Annotated[
        Channels,
        Knob(
            "channels",
            "A layer sums over red, green and blue; a photo filter treats each by itself. The same "
            "for grey.",
            group="Convolution",
            labels=CHANNEL_LABELS,
            live=True,
        ),
    ] = "sum"
    bias: Annotated[
        float,
        Field(ge=-100.0, le=100.0),
        Knob(
            "bias",
            "Added to every pixel of the result.",
            group="Convolution",
            step=0.05,
            live=True,
            soft_minimum=-2.0,
            soft_maximum=2.0,
        ),
    ] = 0.0
    relu: Annotated[
        bool,
        Knob("ReLU", "Negative numbers become 0.", group="Convolution", live=True),
    ] = False
    pooling: Annotated[PoolingSpec, Knob("pooling", group="Pooling")] = PoolingSpec()
    display: Annotated[
        Display,
        Knob(
            "colours of the result",
            "Of itself: grey from 0 to 1 for kernels that keep the brightness (sum 1) or have no "
            "negative cell, else signed.",
            group="Convolution",
            labels=DISPLAY_LABELS,
            live=True,
        ),
    ] = "auto"
    second: Annotated[KernelSpec, Knob("second kernel", group="Second kernel")] = KernelSpec.of(
        "gaussian", 3, 3
    )
    stack: Annotated[
        tuple[StackLayerSpec, ...],
        Field(min_length=1, max_length=MAX_STACK),
        Knob(
            "stack of layers",
            "Whose receptive field is drawn.",
            group="Receptive field",
            live=True,
            hidden=True,
        ),
    ] = (StackLayerSpec(),) * 3

    @field_validator("signal")
    @classmethod
    def _numbers(cls, text: str) -> str:
        parse_signal(text)
        return text

    @property
    def is_signal(self) -> bool:
        """Tell whether the input is a row of numbers."""
        return self.mode == "1-D"

    @property
    def kernel_path(self) -> Path:
        """Return the path of the kernel in use."""
        return ("signal_kernel",) if self.is_signal else ("kernel",)

    @property
    def active_kernel(self) -> KernelSpec:
        """Return the kernel in use (of red, where every channel has its own)."""
        return self.signal_kernel if self.is_signal else self.kernel

    @property
    def border_width(self) -> int | None:
        """Return the pixels of the border a side; None for as many as keep the size."""
        return self.padding if self.padding_mode == "own" else None

    @property
    def title(self) -> str:
        """Return for example ``"Sobel x 3×3 · photograph: temple"``."""
        subject = "signal" if self.is_signal else self.image.title
        return f"{self.active_kernel.title} · {subject}"


def parse_signal(text: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the (n,) numbers of a signal.

    Raises
    ------
    ValueError
        Names the first thing that is not a number, or a number that is too large.
    """
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    if not 1 <= len(words) <= MAX_SIGNAL:
        raise ValueError(f"A signal has 1 to {MAX_SIGNAL} numbers (got {len(words)}).")
    numbers = []
    for word in words:
        try:
            number = float(word.replace("−", "-"))
        except ValueError:
            number = math.nan
        if not abs(number) <= _SIGNAL_LIMIT:
            raise ValueError(
                f"“{word[:20]}” is not a number of the signal: −1,000,000 to 1,000,000 are allowed."
            )
        numbers.append(number)
    return np.array(numbers, dtype=np.float64)
