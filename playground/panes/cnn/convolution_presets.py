"""The named set-ups of the laboratory: what the lesson's links and the menu open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from playground.experiments.convolution_spec import (
    ConvolutionSpec,
    ImageSpec,
    KernelSpec,
    PoolingSpec,
    StackLayerSpec,
)
from playground.panes.base import Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

READABLE, BRISK, FAST = 4.0, 60.0, 600.0
ASYMMETRIC: Final = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
COURSE_STACK: Final = (StackLayerSpec(),) * 3


def default_spec() -> ConvolutionSpec:
    """Return the first thing a person sees: edges of a photograph."""
    return ConvolutionSpec(image=_image("china", 96), kernel=KernelSpec.of("sobel x"))


def convolution_presets() -> Mapping[str, Preset]:
    """Return all set-ups by name, in the order of the menu."""
    return {**_filters(), **_laws(), **_pairs(), **_networks(), **_reach()}


def _filters() -> dict[str, Preset]:
    return {
        "edges": Preset(
            "Edges",
            "Sobel subtracts left from right: blue where it gets brighter, orange where darker.",
            default_spec(), speed=FAST, view="window",
        ),
        "edges-text": Preset(
            "Edges of a letter",
            "Only upright strokes answer to Sobel ↔; turn the kernel and the others do.",
            ConvolutionSpec(image=_image("text", 64, text="A"), kernel=KernelSpec.of("sobel x")),
            speed=BRISK, view="window",
        ),
        "blur": Preset(
            "Blur",
            "A Gaussian of 9 × 9: every pixel becomes a mean of its neighbours. The sum stays 1.",
            ConvolutionSpec(
                image=_image("flower", 96), kernel=KernelSpec.of("gaussian", 9, 9, sigma=2.0),
                border="reflect",
            ),
            speed=FAST, view="window",
        ),
        "sharpen": Preset(
            "Sharpen",
            "The picture plus what a blur takes away from it.",
            ConvolutionSpec(
                image=_image("flower", 96), kernel=KernelSpec.of("sharpen"), border="replicate"
            ),
            speed=FAST, view="window",
        ),
        "emboss": Preset(
            "Emboss",
            "Light from the upper left: differences along a diagonal, and the picture itself.",
            ConvolutionSpec(
                image=_image("china", 96), kernel=KernelSpec.of("emboss"), border="replicate"
            ),
            speed=FAST, view="window",
        ),
        "signal": Preset(
            "A signal",
            "One dimension, as the course begins: three numbers slide along sixteen.",
            ConvolutionSpec(mode="1-D"),
            speed=READABLE, view="window", play=True,
        ),
    }  # fmt: skip


def _laws() -> dict[str, Preset]:
    impulse: dict[str, Any] = {
        "image": _image("impulse", 9),
        "kernel": KernelSpec.own(ASYMMETRIC),
        "border": "zeros",
        "display": "signed",
    }
    return {
        "correlation": Preset(
            "Correlation of an impulse",
            "A single bright pixel: correlation returns the kernel turned by 180°.",
            ConvolutionSpec(**impulse), speed=READABLE, view="window",
        ),
        "convolution": Preset(
            "Convolution of an impulse",
            "The kernel is turned before it is laid on, and so comes out as it was written.",
            ConvolutionSpec(**impulse, operation="convolution"), speed=READABLE, view="window",
        ),
        "borders": Preset(
            "Borders compared",
            "A wide box over the edge: dark with zeros, smeared, wrapped, mirrored, or cut off.",
            ConvolutionSpec(
                image=_image("flower", 64), kernel=KernelSpec.of("box", 11, 11), border="zeros"
            ),
            speed=FAST, view="borders",
        ),
        "stride-aliasing": Preset(
            "Stride aliases",
            "Every fourth pixel of stripes with period 5: coarse stripes that were never there.",
            ConvolutionSpec(
                image=_image("gratings", 128, period=5.0), kernel=KernelSpec.of("identity", 1, 1),
                stride=4,
            ),
            speed=BRISK, view="sizes",
        ),
        "stride-blurred": Preset(
            "Blur before the stride",
            "The same stripes through a Gaussian first: grey, which is the truth.",
            ConvolutionSpec(
                image=_image("gratings", 128, period=5.0),
                kernel=KernelSpec.of("gaussian", 11, 11, sigma=2.5), stride=4,
            ),
            speed=BRISK, view="sizes",
        ),
    }  # fmt: skip


def _pairs() -> dict[str, Preset]:
    blur = KernelSpec.of("gaussian", 5, 5, sigma=1.0)
    return {
        "compose": Preset(
            "Two blurs are one",
            "Convolution is associative: two Gaussians of σ 1 act nearly as one of σ 1.41.",
            ConvolutionSpec(
                image=_image("china", 96), kernel=blur, second=blur, operation="convolution",
                border="zeros",
            ),
            speed=FAST, view="compose",
        ),
        "compose-asymmetric": Preset(
            "Correlation is not associative",
            "A blur and Sobel: with correlation the second kernel would have to be turned.",
            ConvolutionSpec(
                image=_image("text", 64), kernel=KernelSpec.of("gaussian", 3, 3),
                second=KernelSpec.of("sobel x"), border="zeros",
            ),
            speed=BRISK, view="compose",
        ),
        "separate": Preset(
            "Separable",
            "A Gaussian of 9 × 9 is a column times a row: 18 products instead of 81.",
            ConvolutionSpec(
                image=_image("flower", 96), kernel=KernelSpec.of("gaussian", 9, 9, sigma=2.0),
                border="reflect",
            ),
            speed=FAST, view="separate",
        ),
    }  # fmt: skip


def _networks() -> dict[str, Preset]:
    return {
        "parameters": Preset(
            "25 against 451,584",
            "From 28 × 28 to 24 × 24: one kernel of 5 × 5, or a weight for every pair of pixels.",
            ConvolutionSpec(image=_image("digit", 28), kernel=KernelSpec.of("gaussian", 5, 5)),
            speed=BRISK, view="sizes",
        ),
        "sweep": Preset(
            "Watch the window slide",
            "A digit of 8 × 8: every number of the result is one window, nine products, one sum.",
            ConvolutionSpec(
                image=_image("digit", 8), kernel=KernelSpec.of("sobel y"), border="zeros"
            ),
            speed=READABLE, view="window", play=True,
        ),
        "pooling": Preset(
            "ReLU and pooling",
            "Max pooling keeps the strongest answer of every 2 × 2, and a quarter of the numbers.",
            ConvolutionSpec(
                image=_image("text", 32, text="a"), kernel=KernelSpec.of("sobel x"),
                border="zeros", relu=True, pooling=PoolingSpec(kind="max"),
            ),
            speed=BRISK, view="pooling",
        ),
        "rgb": Preset(
            "Three channels, one map",
            "A kernel each for red, green and blue, summed: only what is red answers.",
            ConvolutionSpec(
                image=_image("flower", 96, colour="rgb"), channels="own", border="replicate",
                kernel=KernelSpec.of("gaussian", 3, 3),
                kernel_green=_scaled("gaussian", -0.5), kernel_blue=_scaled("gaussian", -0.5),
                relu=True,
            ),
            speed=FAST, view="window",
        ),
    }  # fmt: skip


def _reach() -> dict[str, Preset]:
    return {
        "dilation": Preset(
            "Dilation",
            "Nine cells, three pixels apart: the kernel sees 7 × 7 and still costs 9 weights.",
            ConvolutionSpec(
                image=_image("text", 48, text="R"), kernel=KernelSpec.of("laplacian 8"),
                dilation=3, border="zeros",
            ),
            speed=BRISK, view="window",
        ),
        "receptive-field": Preset(
            "Three 3 × 3 see 7 × 7",
            "Every layer looks at what the layer below has seen.",
            ConvolutionSpec(
                image=_image("digit", 28), kernel=KernelSpec.of("box"), stack=COURSE_STACK
            ),
            speed=BRISK, view="field",
        ),
        "too-large": Preset(
            "Nothing is left",
            "A kernel of 11 × 11 on 8 × 8 pixels, without a border: why there is no result.",
            ConvolutionSpec(image=_image("digit", 8), kernel=KernelSpec.of("box", 11, 11)),
            speed=BRISK, view="sizes",
        ),
    }  # fmt: skip


def _image(kind: str, size: int, **more: Any) -> ImageSpec:
    return ImageSpec.model_validate({"kind": kind, "size": size, **more})


def _scaled(name: str, by: float) -> KernelSpec:
    return KernelSpec.own(by * KernelSpec.of(name, 3, 3).array)
