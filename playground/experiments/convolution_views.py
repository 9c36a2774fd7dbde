"""From a spec of the convolution laboratory to everything that is drawn, once for every spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np

from playground.core import convolution, pooling
from playground.core.composition import associativity
from playground.core.convolution import ConvolutionError
from playground.core.images import in_colour
from playground.core.kernels import fitted, separated
from playground.core.receptive_field import Layer, receptive_fields
from playground.experiments.convolution_snapshot import Composition, DrawnMap, Result
from playground.experiments.convolution_spec import parse_signal
from playground.experiments.image_spec import picture_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.kernels import Separation
    from playground.core.receptive_field import Field
    from playground.experiments.convolution_snapshot import Palette
    from playground.experiments.convolution_spec import ConvolutionSpec

_Any = TypeVar("_Any", bound=np.generic)

_NEGATIVE: Final = np.array([179.0, 88.0, 6.0])
_ZERO: Final = np.array([247.0, 247.0, 247.0])
_POSITIVE: Final = np.array([33.0, 102.0, 172.0])
_SLACK: Final = 1e-9
"""By how much a scaled number may leave 0…1 through rounding alone."""


class Computed(NamedTuple):
    """All of a snapshot that depends on the spec alone."""

    picture: DrawnMap
    kernels: NDArray[np.float64]
    laid: NDArray[np.float64]
    separation: Separation
    result: Result | None
    problem: str
    receptive: tuple[Field, ...]


def compute(spec: ConvolutionSpec) -> Computed:
    """Return everything that a spec leads to; a kernel that does not fit leaves a problem."""
    picture = input_of(spec)
    drawn = _drawn_input(spec, picture)
    kernels = kernels_of(spec, len(picture))
    laid = _frozen(np.ascontiguousarray(convolution.laid(kernels, spec.operation)))
    result, problem = None, ""
    try:
        result = _result(spec, drawn, laid)
    except ConvolutionError as error:
        problem = str(error)
    return Computed(
        drawn,
        kernels,
        laid,
        separated(spec.active_kernel.array),
        result,
        problem,
        receptive_fields(Layer(layer.size, layer.stride, layer.dilation) for layer in spec.stack),
    )


def compose(spec: ConvolutionSpec) -> Composition:
    """Return both sides of associativity for the (grey) picture or signal and both kernels."""
    picture = in_colour(input_of(spec), "grey")[0] if not spec.is_signal else input_of(spec)[0]
    first, second = spec.active_kernel.array, spec.second.array
    return Composition(
        associativity(picture, first, second, "convolution"),
        associativity(picture, first, second, "correlation"),
    )


def input_of(spec: ConvolutionSpec) -> NDArray[np.float64]:
    """Return the picture (c, h, w), or the signal (1, 1, n)."""
    return parse_signal(spec.signal)[None, None] if spec.is_signal else picture_of(spec.image)


def kernels_of(spec: ConvolutionSpec, channels: int) -> NDArray[np.float64]:
    """Return the kernels (c, kh, kw) of the channels, as they are written.

    Kernels of green and blue that have another size than that of red are cut or filled with zeros.
    """
    first = spec.active_kernel.array
    if channels == 1 or spec.channels != "own":
        return _frozen(np.repeat(first[None], channels, axis=0))
    others = (spec.kernel_green.array, spec.kernel_blue.array)
    return _frozen(np.stack([first, *(fitted(other, *first.shape) for other in others)]))


def draw(values: NDArray[np.float64], palette: Palette, low: float, high: float) -> DrawnMap:
    """Return numbers (c, h, w) with their picture; ``low < high``, even about 0 for signed ones."""
    scaled = values - low
    scaled /= high - low
    outside = 0.0
    if float(scaled.min()) < -_SLACK or float(scaled.max()) > 1.0 + _SLACK:
        outside = float(np.mean((scaled < -_SLACK) | (scaled > 1.0 + _SLACK)))
    # 256 levels have no middle: those of signed numbers are laid out so that 0 falls on 128.
    scaled *= 254.0 if palette == "signed" else 255.0
    scaled += 1.0 if palette == "signed" else 0.0
    np.rint(scaled, out=scaled)
    np.clip(scaled, 0.0, 255.0, out=scaled)
    levels = scaled.astype(np.uint8)
    rgba = np.empty((*values.shape[1:], 4), dtype=np.uint8)
    if palette == "colour":
        rgba[..., :3] = levels.transpose(1, 2, 0)
        rgba[..., 3] = 255
    else:
        rgba[...] = (_SIGNED if palette == "signed" else _GREY)[levels[0]]
    plane = None if palette == "colour" else _frozen(levels[0])
    return DrawnMap(_frozen(values), palette, low, high, outside, plane, _frozen(rgba))


def _drawn_input(spec: ConvolutionSpec, picture: NDArray[np.float64]) -> DrawnMap:
    if not spec.is_signal:
        return draw(picture, "colour" if len(picture) == 3 else "grey", 0.0, 1.0)
    return _drawn_signal(picture)


def _drawn_signal(values: NDArray[np.float64]) -> DrawnMap:
    largest = float(np.abs(values).max()) or 1.0
    if float(values.min()) < 0.0:
        return draw(values, "signed", -largest, largest)
    return draw(values, "grey", 0.0, largest)


def _result(spec: ConvolutionSpec, picture: DrawnMap, laid: NDArray[np.float64]) -> Result:
    """Return the result; raise :class:`ConvolutionError` where the kernel does not fit."""
    channels = len(picture.values)
    height, width = picture.shape
    geometry = convolution.geometry_of(
        (height, width),
        (laid.shape[1], laid.shape[2]),
        border=spec.border,
        padding=spec.border_width,
        stride=spec.stride,
        dilation=spec.dilation,
        signal=spec.is_signal,
    )
    padded = convolution.pad(picture.values, geometry)
    parts = convolution.responses(padded, laid, geometry)
    alone = spec.channels == "each"
    raw = parts if alone else parts.sum(axis=0, keepdims=True)
    kept = _drawn_result(spec, raw, laid, 0.0)
    activated = kept
    if spec.bias or spec.relu:
        shifted = raw + spec.bias
        activated = _drawn_result(
            spec, np.maximum(shifted, 0.0) if spec.relu else shifted, laid, spec.bias
        )
    pooled, winners, sentence, problem = _pooled(spec, activated)
    weighed = (1 if alone else channels, height, width)
    return Result(
        geometry,
        draw(padded, picture.palette, picture.low, picture.high),
        _frozen(convolution.inside(geometry)),
        _frozen(parts),
        kept,
        activated,
        pooled,
        winners,
        sentence,
        problem,
        convolution.parameter_counts(weighed, (laid.shape[1], laid.shape[2]), geometry.output),
    )


def _drawn_result(
    spec: ConvolutionSpec, values: NDArray[np.float64], laid: NDArray[np.float64], bias: float
) -> DrawnMap:
    largest = float(np.abs(values).max()) or 1.0
    if _is_signed(spec, laid):
        if spec.relu and float(values.min()) >= 0.0:
            return draw(values, "colour" if len(values) == 3 else "grey", 0.0, largest)
        if len(values) == 3:
            return draw(values, "colour", -largest, largest)
        return draw(values, "signed", -largest, largest)
    if spec.is_signal:
        return _drawn_signal(values)
    # The brightest that a white picture can become: 1 for a kernel that keeps the brightness.
    sums = laid.sum(axis=(1, 2))
    brightest = float(sums.max() if spec.channels == "each" else sums.sum()) + max(0.0, bias)
    return draw(values, "colour" if len(values) == 3 else "grey", 0.0, max(1.0, brightest))


def _is_signed(spec: ConvolutionSpec, laid: NDArray[np.float64]) -> bool:
    """Tell whether the result is drawn with 0 in the middle."""
    if spec.display != "auto":
        return spec.display == "signed"
    if spec.is_signal:
        return False
    keeps = np.abs(laid.sum(axis=(1, 2)) - 1.0) < 1e-6
    return not bool(np.all(keeps | (laid.min(axis=(1, 2)) >= 0.0)))


def _pooled(
    spec: ConvolutionSpec, drawn: DrawnMap
) -> tuple[DrawnMap | None, NDArray[np.int64] | None, str, str]:
    """Return the pooled map, its winners, its size in words, and why there is none."""
    kind = spec.pooling.kind
    if kind == "none":
        return None, None, "", ""
    rows = 1 if spec.is_signal else spec.pooling.size
    steps = 1 if spec.is_signal else spec.pooling.stride
    size, stride = (rows, spec.pooling.size), (steps, spec.pooling.stride)
    try:
        axes = pooling.pool_axes(drawn.shape, size, stride)
        values = pooling.pool(drawn.values, kind, size, stride)
    except ConvolutionError as error:
        return None, None, "", str(error)
    low, high, palette = drawn.low, drawn.high, drawn.palette
    if kind == "l2":
        # A root of a sum of squares is never negative, and larger than any of them.
        low, high = 0.0, max(high, float(values.max()))
        palette = "colour" if palette == "colour" else "grey"
    winners = pooling.winners(drawn.values, size, stride) if kind == "max" else None
    return (
        draw(values, palette, low, high),
        None if winners is None else _frozen(winners),
        convolution.Geometry(*axes).sentence,
        "",
    )


def _frozen(array: NDArray[_Any]) -> NDArray[_Any]:
    array.flags.writeable = False
    return array


def _table(colours: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the (256, 4) table through 2 or 3 colours; of 3, the middle one has index 128."""
    place = np.arange(256.0)
    stops = [0.0, 255.0] if len(colours) == 2 else [1.0, 128.0, 255.0]
    table = np.full((256, 4), 255, dtype=np.uint8)
    for channel in range(3):
        table[:, channel] = np.rint(np.interp(place, stops, colours[:, channel]))
    return _frozen(table)


_GREY: Final = _table(np.array([[0.0] * 3, [255.0] * 3]))
_SIGNED: Final = _table(np.stack([_NEGATIVE, _ZERO, _POSITIVE]))
