"""Explaining one prediction: the jobs, and what they find.

Nothing heavy is imported before a job runs. Every job takes a
:class:`~playground.experiments.cnn_snapshot.NetworkState` (the view ``"weights"`` of a snapshot, or
a bundled network) and an image as ``(channels, height, width)`` of 0…1, runs on the training thread
between the steps of the runs, and returns one of the results below. y_c is the output of class c
before the soft-max. Where no class is asked for, it is the predicted one.

Sources: Simonyan, Vedaldi and Zisserman 2014, "Deep inside convolutional networks", section 3
(saliency); Selvaraju et al. 2017, "Grad-CAM", equations 1 and 2; Zeiler and Fergus 2014,
"Visualizing and understanding convolutional networks", section 4.2 (occlusion); Goodfellow, Shlens
and Szegedy 2015, "Explaining and harnessing adversarial examples", section 4 (fast gradient sign).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.core.layer_shapes import layer_shapes
from playground.experiments.jobs import JobError, JobProgress, SlicedJob

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from playground.experiments.cnn_snapshot import NetworkState, Prediction

SHIFT_STEPS: Final = 21
QUICK_PRODUCTS: Final = 4_000_000
"""Products of a forward pass up to which one image is answered in about two milliseconds."""


@dataclass(frozen=True, slots=True)
class Saliency:
    """How strongly each pixel moves the output of a class.

    Parameters
    ----------
    target
        The class c.
    gradient
        (channels, height, width) float32 ∂y_c/∂x.
    strength
        (height, width) float32: the largest |∂y_c/∂x| over the channels.
    """

    target: int
    gradient: NDArray[np.float32]
    strength: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class GradCam:
    """Where a layer sees what speaks for a class.

    Parameters
    ----------
    target, block
        The class c, and the block whose maps A are weighed.
    weights
        (channels,) float32 α: the mean of ∂y_c/∂A over the places of each map.
    coarse
        (rows, columns) float32 ReLU(Σ α·A), of the size of the maps.
    heat
        (height, width) float32: the same at the size of the image, scaled to 0…1 (all 0 where
        nothing in the layer speaks for the class).
    """

    target: int
    block: int
    weights: NDArray[np.float32]
    coarse: NDArray[np.float32]
    heat: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Occlusion:
    """What covering a patch does to the probability of a class.

    Parameters
    ----------
    target
        The class c.
    probability
        Of the class for the whole image.
    covered
        (rows, columns) float32: its probability with the patch at each place.
    drop
        (height, width) float32: by how much the probability falls on the mean of all patches that
        cover the pixel; negative where covering helps.
    patch, stride
        Side of the patch and distance of its places, in pixels.
    """

    target: int
    probability: float
    covered: NDArray[np.float32]
    drop: NDArray[np.float32]
    patch: int
    stride: int


@dataclass(frozen=True, slots=True)
class AdversarialShift:
    """The image moved by ε against its class: x′ = x + ε·sign(∂C/∂x), kept within 0…1.

    Parameters
    ----------
    label
        The class it is moved away from.
    epsilon
        Largest change of a pixel.
    direction
        (channels, height, width) float32 in −1, 0, 1.
    before, after
        What the network makes of x and of x′ (``after.pixels``).
    epsilons, probabilities
        (21,) and (21, classes) float64: soft-max outputs along the way from 0 to twice ε, at least
        to 0.3.
    flips_at
        The least of these ε at which another class wins; None where none does.
    """

    label: int
    epsilon: float
    direction: NDArray[np.float32]
    before: Prediction
    after: Prediction
    epsilons: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    flips_at: float | None


class PredictJob(SlicedJob):
    """What a network makes of an image: :class:`~playground.experiments.cnn_snapshot.Prediction`.

    Parameters
    ----------
    state
        The network.
    pixels
        (channels, height, width) in 0…1, of the shape that it looks at.
    layers
        Also return what comes out of every block.
    """

    title = "predict"

    def __init__(
        self, state: NetworkState, pixels: NDArray[np.floating], *, layers: bool = False
    ) -> None:
        self.state = state
        self.pixels = image_for(state, pixels)
        self.layers = layers

    def run(self) -> Generator[JobProgress, None, Prediction]:
        """Pass the image through."""
        from playground.experiments.cnn_attribution import network_for, predict

        yield JobProgress(0.0)
        return predict(network_for(self.state), self.pixels, layers=self.layers)


def predict_now(state: NetworkState, pixels: NDArray[np.floating]) -> Prediction:
    """Return what a :class:`PredictJob` finds, computed here and now.

    For networks that are quick (:func:`is_quick`), and once torch has been imported, which alone
    takes two seconds.

    Raises
    ------
    JobError
        Where the image has another shape than the network looks at.
    """
    from playground.experiments.cnn_attribution import network_for, predict

    return predict(network_for(state), image_for(state, pixels), layers=False)


def is_quick(state: NetworkState) -> bool:
    """Tell whether one image passes through the network in a moment."""
    shapes = layer_shapes(state.blocks, state.image_shape, len(state.class_names))
    products = 0
    for (before, after), block in zip(pairwise(shapes), (*state.blocks, None), strict=True):
        if block is None or block.kind == "fully connected":
            products += before.numbers * after.numbers
        elif block.kind == "conv":
            products += after.numbers * before.shape[0] * block.kernel**2
    return products <= QUICK_PRODUCTS


class SaliencyJob(SlicedJob):
    """Compute :class:`Saliency` of a class, the predicted one when None."""

    title = "saliency"

    def __init__(
        self, state: NetworkState, pixels: NDArray[np.floating], target: int | None = None
    ) -> None:
        self.state = state
        self.pixels = image_for(state, pixels)
        self.target = _class_of(state, target)

    def run(self) -> Generator[JobProgress, None, Saliency]:
        """Pass the image forward and the output of the class back."""
        from playground.experiments.cnn_attribution import network_for, saliency

        yield JobProgress(0.0)
        return saliency(network_for(self.state), self.pixels, self.target)


class GradCamJob(SlicedJob):
    """Compute :class:`GradCam` of a class at a block that leaves an image.

    ``block`` None takes what follows the last convolution and keeps its size.
    """

    title = "Grad-CAM"

    def __init__(
        self,
        state: NetworkState,
        pixels: NDArray[np.floating],
        block: int | None = None,
        target: int | None = None,
    ) -> None:
        self.state = state
        self.pixels = image_for(state, pixels)
        allowed = cam_blocks(state)
        if not allowed:
            raise JobError("Grad-CAM needs a convolution; this network has none.")
        if block is not None and block not in allowed:
            raise JobError(
                f"Grad-CAM needs a block that leaves an image behind a convolution: one of "
                f"{', '.join(str(place + 1) for place in allowed)}."
            )
        self.block = block
        self.target = _class_of(state, target)

    def run(self) -> Generator[JobProgress, None, GradCam]:
        """Pass the image forward and the output of the class back to the block."""
        from playground.experiments.cnn_attribution import grad_cam, network_for

        yield JobProgress(0.0)
        return grad_cam(network_for(self.state), self.pixels, self.block, self.target)


class OcclusionJob(SlicedJob):
    """Compute :class:`Occlusion` with a patch of one grey moved over the image.

    Parameters
    ----------
    patch, stride
        In pixels; None takes a seventh of the image (at least 2) and half of that.
    value
        Grey of the patch, 0…1.
    """

    title = "occlusion map"

    def __init__(
        self,
        state: NetworkState,
        pixels: NDArray[np.floating],
        target: int | None = None,
        *,
        patch: int | None = None,
        stride: int | None = None,
        value: float = 0.0,
    ) -> None:
        self.state = state
        self.pixels = image_for(state, pixels)
        self.target = _class_of(state, target)
        side = min(state.image_shape[1:])
        self.patch = max(2, round(side / 7)) if patch is None else patch
        self.stride = max(1, self.patch // 2) if stride is None else stride
        self.value = value
        if not 1 <= self.patch <= side:
            raise JobError(f"The patch must be 1 to {side} pixels wide (got {self.patch}).")
        if not 1 <= self.stride <= side:
            raise JobError(f"The stride must be 1 to {side} pixels (got {self.stride}).")

    def run(self) -> Generator[JobProgress, None, Occlusion]:
        """Cover one place after the other, some at a time."""
        from playground.experiments.cnn_attribution import occluding

        yield JobProgress(0.0)
        return (yield from occluding(self))


class ShiftJob(SlicedJob):
    """Compute :class:`AdversarialShift` away from a label, the predicted class when None."""

    title = "adversarial shift"

    def __init__(
        self,
        state: NetworkState,
        pixels: NDArray[np.floating],
        epsilon: float,
        label: int | None = None,
    ) -> None:
        self.state = state
        self.pixels = image_for(state, pixels)
        self.label = _class_of(state, label)
        if not 0.0 <= epsilon <= 1.0:
            raise JobError(f"ε must be from 0 to 1 (got {epsilon}).")
        self.epsilon = epsilon

    def run(self) -> Generator[JobProgress, None, AdversarialShift]:
        """Take the sign of the gradient by the pixels and walk along it."""
        from playground.experiments.cnn_attribution import adversarial_shift, network_for

        yield JobProgress(0.0)
        return adversarial_shift(network_for(self.state), self.pixels, self.label, self.epsilon)


def cam_blocks(state: NetworkState) -> tuple[int, ...]:
    """Return the blocks that leave an image, from the first convolution on."""
    found: list[int] = []
    for place, block in enumerate(state.blocks):
        if block.kind == "fully connected":
            break
        if found or block.kind == "conv":
            found.append(place)
    return tuple(found)


def image_for(state: NetworkState, pixels: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the image as float32 of the shape the network looks at.

    Raises
    ------
    JobError
        Where it has another shape or numbers that are not finite.
    """
    image = np.array(pixels, dtype=np.float32)
    if image.ndim == 2:
        image = image[None]
    if image.shape != state.image_shape:
        needed = " × ".join(map(str, state.image_shape))
        raise JobError(
            f"The network looks at images of {needed} (channels × height × width), not of "
            f"{' × '.join(map(str, image.shape))}."
        )
    if not np.isfinite(image).all():
        raise JobError("The image must hold finite numbers only.")
    image.flags.writeable = False
    return image


def _class_of(state: NetworkState, target: int | None) -> int | None:
    if target is not None and not 0 <= target < len(state.class_names):
        raise JobError(
            f"There is no class {target}: the network knows {len(state.class_names)} of them."
        )
    return target
