"""What a filter looks for, and what the network is without it: the jobs and what they find.

*Exciting images*: the test images, and the places in them, where the map of a filter is largest.
*Ascent*: an image made from noise so that the filter answers as strongly as possible,

    x ← clip(½ + (x + η·g/‖g‖_rms − ½)·(1 − λ)),   g = ∂/∂x of the middle of the filter's map,

smoothed now and then so that no pattern of single pixels wins. Only the window that the middle
depends on takes shape, the rest stays grey (the mean of the whole map would turn most images
white); neurons see all of the image. *Knock-out*: accuracy with and without some filters, class by
class. Nothing heavy is imported before a job runs.

Sources: Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", section 4
(exciting patches); Yosinski et al. 2015, "Understanding neural networks through deep
visualization", section 3 (ascent with decay and blur); Morcos et al. 2018, "On the importance of
single directions for generalization" (ablation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.core.layer_shapes import layer_shapes
from playground.experiments.cnn_explain import image_for
from playground.experiments.jobs import JobError, JobProgress, SlicedJob

if TYPE_CHECKING:
    from collections.abc import Generator

    import numpy as np
    from numpy.typing import NDArray

    from playground.experiments.cnn_snapshot import ImageSet, NetworkState, Prediction
    from playground.experiments.cnn_spec import Knocked

MAX_SHOWN: Final = 36
MAX_ASCENT: Final = 2000


@dataclass(frozen=True, slots=True)
class ExcitingImage:
    """One image, and the window of it that excites the filter most.

    Parameters
    ----------
    example
        Number of the test image.
    label
        Its class.
    value
        What the filter puts out at the best place, before the activation.
    window
        (top, left, bottom, right) in pixels, ends excluded: what this number depends on, cut to
        the image.
    """

    example: int
    label: int
    value: float
    window: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ExcitingImages:
    """The test images that excite one filter most, the best first, each image once."""

    block: int
    index: int
    found: tuple[ExcitingImage, ...]
    looked_at: int


@dataclass(frozen=True, slots=True)
class Ascent:
    """An image made to excite one filter (also the partial result on the way).

    Parameters
    ----------
    pixels
        (channels, height, width) float32 in 0…1.
    values
        (steps + 1,) float64: the middle of the filter's map before each step, and at the end.
    window
        (top, left, bottom, right) in pixels, ends excluded: what the middle depends on.
    """

    block: int
    index: int
    pixels: NDArray[np.float32]
    values: NDArray[np.float64]
    window: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class KnockOutEffect:
    """What the network does without some filters.

    Parameters
    ----------
    filters
        The (block, filter) pairs that were knocked out for ``after`` on top of those that are.
    accuracy_before, accuracy_after
        Over the test images looked at.
    class_before, class_after
        (classes,) float64 accuracy of each class; NaN where no image of it was looked at.
    prediction_before, prediction_after
        For the image that was given; None without one.
    looked_at
        How many test images.
    """

    filters: tuple[Knocked, ...]
    accuracy_before: float
    accuracy_after: float
    class_before: NDArray[np.float64]
    class_after: NDArray[np.float64]
    prediction_before: Prediction | None
    prediction_after: Prediction | None
    looked_at: int


class ExcitingImagesJob(SlicedJob):
    """Find :class:`ExcitingImages` for one filter or neuron among the test images.

    Parameters
    ----------
    block, index
        Place of the layer and of its filter, both from 0; the output layer has the number after
        the last block.
    count
        How many images, 1…36.
    limit
        At most so many test images are looked at.
    """

    title = "exciting images"

    def __init__(
        self,
        state: NetworkState,
        images: ImageSet,
        block: int,
        index: int,
        *,
        count: int = 9,
        limit: int = 2000,
    ) -> None:
        _check_filter(state, block, index)
        if not 1 <= count <= MAX_SHOWN:
            raise JobError(f"1 to {MAX_SHOWN} images can be shown (got {count}).")
        _check_images(state, images)
        self.state, self.images = state, images
        self.block, self.index = block, index
        self.count, self.limit = count, limit

    def run(self) -> Generator[JobProgress, None, ExcitingImages]:
        """Pass the test images up to the layer, some at a time."""
        from playground.experiments.cnn_excitation import most_exciting

        yield JobProgress(0.0)
        return (yield from most_exciting(self))


class AscentJob(SlicedJob):
    """Make an :class:`Ascent` image; every progress holds the picture so far as ``partial``.

    Parameters
    ----------
    steps
        1…2,000.
    rate
        Length of a step: root mean square change of a pixel.
    decay
        λ, share by which the image shrinks towards grey 0.5 at every step.
    blur_every
        Steps between two smoothings; 0 never.
    seed
        Of the noise it starts from.
    """

    title = "image by ascent"

    def __init__(
        self,
        state: NetworkState,
        block: int,
        index: int,
        *,
        steps: int = 120,
        rate: float = 0.05,
        decay: float = 0.02,
        blur_every: int = 4,
        seed: int = 0,
    ) -> None:
        _check_filter(state, block, index)
        if not 1 <= steps <= MAX_ASCENT:
            raise JobError(f"The ascent may take 1 to {MAX_ASCENT:,} steps (got {steps}).")
        if not (0.0 < rate <= 1.0 and 0.0 <= decay < 1.0 and blur_every >= 0):
            raise JobError("The rate must be above 0 and at most 1, the decay from 0 to below 1.")
        self.state, self.block, self.index = state, block, index
        self.steps, self.rate, self.decay = steps, rate, decay
        self.blur_every, self.seed = blur_every, seed

    def run(self) -> Generator[JobProgress, None, Ascent]:
        """Climb, one step at a time."""
        from playground.experiments.cnn_excitation import climbing

        yield JobProgress(0.0)
        return (yield from climbing(self))


class KnockOutJob(SlicedJob):
    """Measure :class:`KnockOutEffect` of some filters on the test images, and on one image.

    Parameters
    ----------
    filters
        (block, filter) pairs from 0; not of the output layer.
    pixels
        An image whose prediction is compared; None for none.
    limit
        At most so many test images are looked at, the first ones.
    """

    title = "knock-out"

    def __init__(
        self,
        state: NetworkState,
        images: ImageSet,
        filters: tuple[Knocked, ...],
        *,
        pixels: NDArray[np.floating] | None = None,
        limit: int = 2000,
    ) -> None:
        for block, index in filters:
            _check_filter(state, block, index)
            if block == len(state.blocks):
                raise JobError("The output layer cannot be knocked out: it gives the answer.")
        _check_images(state, images)
        self.state, self.images, self.filters, self.limit = state, images, filters, limit
        self.pixels = None if pixels is None else image_for(state, pixels)

    def run(self) -> Generator[JobProgress, None, KnockOutEffect]:
        """Pass the test images with and without the filters, some at a time."""
        from playground.experiments.cnn_excitation import knocking_out

        yield JobProgress(0.0)
        return (yield from knocking_out(self))


def _check_filter(state: NetworkState, block: int, index: int) -> None:
    last = len(state.blocks)
    if not 0 <= block <= last:
        raise JobError(f"There is no block {block + 1}: the network has {last} and the output.")
    count = len(state.class_names) if block == last else state.blocks[block].filter_count
    if not count:
        raise JobError(f"Block {block + 1}, {state.blocks[block].title}, has no filters.")
    if not 0 <= index < count:
        raise JobError(f"Block {block + 1} has no filter {index + 1}: it has {count}.")


def _check_images(state: NetworkState, images: ImageSet) -> None:
    if images.test_x.shape[1:] != state.image_shape or not images.test_count:
        shape = " × ".join(map(str, state.image_shape))
        raise JobError(f"The network looks at images of {shape}; the test images are others.")
    if images.class_names != state.class_names:
        raise JobError("The classes of the network are not those of the test images.")


def window_of(state: NetworkState, block: int, row: int, column: int) -> tuple[int, int, int, int]:
    """Return (top, left, bottom, right) in pixels of what one number of a map depends on.

    Worked back through strides, paddings and dilations, then cut to the image; ends excluded.
    """
    _, height, width = state.image_shape
    shapes = layer_shapes(state.blocks, state.image_shape, len(state.class_names))
    if len(shapes[block + 1].shape) != 3:
        return 0, 0, height, width
    top, left, bottom, right = row, column, row, column
    for spec in reversed(state.blocks[: block + 1]):
        if spec.kind == "conv":
            stride, padding = spec.stride, spec.padding
            reach = spec.dilation * (spec.kernel - 1)
        elif spec.kind == "pool":
            stride, padding, reach = spec.pool_stride, 0, spec.size - 1
        else:
            continue
        top, left = top * stride - padding, left * stride - padding
        bottom, right = bottom * stride - padding + reach, right * stride - padding + reach
    return max(0, top), max(0, left), min(height, bottom + 1), min(width, right + 1)
