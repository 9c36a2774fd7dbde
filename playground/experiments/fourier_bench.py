"""The arithmetic of the Fourier laboratory, each part kept until what it is made from changes.

Dragging a ring of the mask must not turn the picture again, and turning the picture must not
convolve it: every part names the settings that it depends on, and is made anew only when one of
them is another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numpy as np

from playground.core import frequency_masks as masks
from playground.core.fourier import (
    axis_share,
    circular_convolution,
    fitting_band,
    folded,
    interpolated,
    inverse,
    kernel_spectrum,
    largest_sampled_shape,
    power,
    radii,
    sampled,
    spectrum,
    varying_energy,
)
from playground.core.image_transforms import blurred, faded, shifted, turned_and_scaled
from playground.core.images import LUMA
from playground.core.kernels import preset as kernel_named
from playground.core.spectral_rebuild import Order, Rebuild, rebuild
from playground.experiments.fourier_pictures import (
    kernel_picture,
    plain_picture,
    signed_picture,
    spectrum_picture,
)
from playground.experiments.fourier_snapshot import (
    BorderPart,
    FilterPart,
    Picture,
    SamplingPart,
    SpectrumPicture,
    TheoremPart,
    TransformPart,
)
from playground.experiments.fourier_spec import FourierSpec, painted_mask
from playground.experiments.image_spec import picture_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

Made = TypeVar("Made")
Number = TypeVar("Number", np.float64, np.complex128)

FINE: Final = 0.05
"""Cycles per pixel from which on the energy on the axes is counted: stripes of 20 pixels."""
SIGNED_BELOW: Final = 0.25
"""Kernels whose cells sum to less than this take the brightness away: what they leave is signed."""


class FourierBench:
    """Everything that can be computed of one spec; nothing here depends on the step."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Any, Any]] = {}

    def picture(self, spec: FourierSpec) -> Floats:
        """Return the (c, h, w) picture after it was moved about; raise ``SpecError`` if it cannot.

        Scaled and turned first, then shifted, then blurred.
        """
        return self._kept("picture", (spec.image, spec.transform), lambda: _moved(spec))

    def whole(self, spec: FourierSpec) -> Complexes:
        """Return the (c, h, w) spectrum of that picture."""
        key = spec.image, spec.transform
        return self._kept("whole", key, lambda: spectrum(self.picture(spec)))

    def shape(self, spec: FourierSpec) -> tuple[int, int]:
        """Return height and width."""
        height, width = self.picture(spec).shape[1:]
        return height, width

    def radii(self, spec: FourierSpec) -> Floats:
        """Return the (h, w) radius of every frequency in cycles per pixel."""
        shape = self.shape(spec)
        return self._kept("radii", shape, lambda: radii(shape))

    def mask(self, spec: FourierSpec) -> Floats:
        """Return the (h, w) mask, 0 … 1."""
        key = spec.mask, self.shape(spec)
        return self._kept("mask", key, lambda: self._make_mask(spec))

    def filtered(self, spec: FourierSpec) -> Complexes:
        """Return spectrum times mask, (c, h, w)."""
        key = spec.image, spec.transform, spec.mask
        return self._kept("filtered", key, lambda: self.whole(spec) * self.mask(spec))

    def plan(self, spec: FourierSpec, order: Order) -> Rebuild:
        """Return how what passes the mask is put together in an order."""
        key = spec.image, spec.transform, spec.mask
        return self._kept(f"plan {order}", key, lambda: self._make_plan(spec, order))

    def shares(self, spec: FourierSpec) -> tuple[float, float]:
        """Return the share of energy that passes the mask, and that of the coefficients."""

        def make() -> tuple[float, float]:
            all_of_it = varying_energy(power(self.whole(spec)))
            passing = varying_energy(power(self.filtered(spec)))
            share = passing / all_of_it if all_of_it > 0.0 else 1.0
            return min(1.0, share), float(self.mask(spec).mean())

        return self._kept("shares", (spec.image, spec.transform, spec.mask), make)

    def image_picture(self, spec: FourierSpec) -> Picture:
        """Return the picture to be painted."""
        key = spec.image, spec.transform
        return self._kept("image", key, lambda: plain_picture(self.picture(spec)))

    def spectrum_picture(self, spec: FourierSpec, phase: bool) -> SpectrumPicture:
        """Return its spectrum to be painted; of colours that of their grey."""
        key = spec.image, spec.transform, phase
        return self._kept(
            "spectrum", key, lambda: spectrum_picture(_grey(self.whole(spec)), phase=phase)
        )

    def filter_part(self, spec: FourierSpec, place: int) -> FilterPart:
        """Return what passes the mask, of the first ``place`` steps of the plan; of all at 0."""
        low, strong = self.plan(spec, "low"), self.plan(spec, "strong")
        plan = low if spec.rebuild.order == "low" else strong
        mask = self.mask(spec)
        height, width = mask.shape
        signed = bool(mask[height // 2, width // 2] < 0.5)
        if place in (0, plan.steps):
            values = inverse(self.filtered(spec))
            there = mask
        else:
            added = plan.ranks <= place
            values = inverse(self.filtered(spec) * added)
            there = mask * added
        weight = np.rint(255.0 * there).astype(np.uint8)
        weight.flags.writeable = False
        result = signed_picture(values) if signed else plain_picture(values)
        return FilterPart(result, weight, signed, low, strong)

    def transform_part(self, spec: FourierSpec) -> TransformPart:
        """Return the picture before and after it was moved about; phases are turned to hues."""

        def make() -> TransformPart:
            source = picture_of(spec.image)
            before = spectrum_picture(_grey(spectrum(source)), phase=True)
            after = spectrum_picture(
                _grey(self.whole(spec)), phase=True, reference=before.reference
            )
            return TransformPart(plain_picture(source), before, self.image_picture(spec), after)

        return self._kept("transform", (spec.image, spec.transform), make)

    def theorem_part(self, spec: FourierSpec, phase: bool) -> TheoremPart:
        """Return both sides of the convolution theorem."""
        key = spec.image, spec.transform, spec.theorem, phase
        return self._kept("theorem", key, lambda: self._make_theorem(spec, phase))

    def sampling_part(self, spec: FourierSpec, phase: bool) -> SamplingPart:
        """Return every s-th pixel and what can be read from it."""
        key = spec.image, spec.transform, spec.sampling, phase
        return self._kept("sampling", key, lambda: self._make_sampling(spec, phase))

    def border_part(self, spec: FourierSpec, phase: bool) -> BorderPart:
        """Return the picture as one tile of an endless pattern."""
        key = spec.image, spec.transform, phase
        return self._kept("border", key, lambda: self._make_border(spec, phase))

    def _kept(self, name: str, key: Any, make: Callable[[], Made]) -> Made:
        found = self._made.get(name)
        if found is not None and found[0] == key:
            made: Made = found[1]
            return made
        made = make()
        self._made[name] = (key, made)
        return made

    def _make_mask(self, spec: FourierSpec) -> Floats:
        mask, places = spec.mask, self.radii(spec)
        match mask.kind:
            case "low":
                return masks.low_pass(places, mask.radius, mask.softness)
            case "high":
                return masks.high_pass(places, mask.radius, mask.softness)
            case "band":
                return masks.band_pass(places, mask.inner, mask.outer, mask.softness)
            case "painted" if mask.painted:
                painted = masks.resized_mask(painted_mask(mask.painted), self.shape(spec))
                return painted.astype(np.float64)
            case _:
                return np.ones(places.shape)

    def _make_plan(self, spec: FourierSpec, order: Order) -> Rebuild:
        found = self.filtered(spec)
        return rebuild(power(found), self.radii(spec), order, len(found))

    def _make_theorem(self, spec: FourierSpec, phase: bool) -> TheoremPart:
        setting = spec.theorem
        kernel = kernel_named(setting.kernel, setting.side, setting.side, setting.sigma)
        # Each channel for itself would say the same three times.
        image, whole = _grey(self.picture(spec))[None], _grey(self.whole(spec))[None]
        turned = kernel_spectrum(kernel, self.shape(spec))
        direct = circular_convolution(image, kernel)
        by_product = inverse(whole * turned)
        difference = by_product - direct
        painted = _convolved_picture(kernel)
        error = float(np.abs(difference).max(initial=0.0))
        return TheoremPart(
            kernel=kernel_picture(kernel),
            spectrum=self.spectrum_picture(spec, phase),
            kernel_spectrum=spectrum_picture(turned, phase=phase),
            product=spectrum_picture(whole[0] * turned, phase=phase),
            direct=painted(direct),
            by_product=painted(by_product),
            difference=signed_picture(difference, error),
            error=error,
        )

    def _make_sampling(self, spec: FourierSpec, phase: bool) -> SamplingPart:
        image = self.picture(spec)
        stride = min(spec.sampling.stride, *image.shape[1:])
        height, width = largest_sampled_shape((image.shape[1], image.shape[2]), stride)
        image = image[:, :height, :width]
        band = fitting_band((height, width), stride)
        whole = spectrum(image)
        powers = power(whole)
        energy = varying_energy(powers)
        beyond = float(powers[~band].sum())
        used = whole * band if spec.sampling.prefilter else whole
        source = inverse(used) if spec.sampling.prefilter else image
        samples = sampled(source, stride)
        read = interpolated(samples, stride)
        return SamplingPart(
            stride=stride,
            prefilter=spec.sampling.prefilter,
            source=plain_picture(source),
            spectrum=spectrum_picture(_grey(used), phase=phase),
            samples=plain_picture(samples),
            folded=spectrum_picture(_grey(folded(used, stride)), phase=phase),
            read=plain_picture(read),
            wrong=signed_picture(read - image, 0.5),
            outside=beyond / energy if energy > 0.0 else 0.0,
            error=float(np.sqrt(np.square(read - image).mean())),
        )

    def _make_border(self, spec: FourierSpec, phase: bool) -> BorderPart:
        image, picture = self.picture(spec), self.image_picture(spec)
        soft = faded(image)
        soft_whole = spectrum(soft)
        times = (3, 3, 1)[: picture.pixels.ndim]
        tiles = Picture(np.tile(picture.pixels, times), picture.colours, picture.values)
        around = (
            np.abs(image - np.roll(image, 1, axis=-1)),
            np.abs(image - np.roll(image, 1, axis=-2)),
        )
        seam = 0.5 * (around[0][:, :, 0].mean() + around[1][:, 0].mean())
        inside = [steps.mean() for steps in (around[0][:, :, 1:], around[1][:, 1:]) if steps.size]
        return BorderPart(
            tiles=tiles,
            picture=picture,
            spectrum=self.spectrum_picture(spec, phase),
            faded=plain_picture(soft),
            faded_spectrum=spectrum_picture(_grey(soft_whole), phase=phase),
            cross=axis_share(power(self.whole(spec)), FINE),
            faded_cross=axis_share(power(soft_whole), FINE),
            seam=float(seam),
            inside=float(np.mean(inside)) if inside else 0.0,
        )


def _moved(spec: FourierSpec) -> Floats:
    transform, image = spec.transform, picture_of(spec.image)
    if transform.is_nothing:
        return image
    moved = turned_and_scaled(image, transform.rotation, transform.scale)
    moved = blurred(shifted(moved, transform.right, transform.down), transform.blur)
    moved.flags.writeable = False
    return moved


def _grey(channels: NDArray[Number]) -> NDArray[Number]:
    """Return the (h, w) grey of a (c, h, w) picture, or the spectrum of it: both are linear."""
    if len(channels) == 1:
        return cast("NDArray[Number]", channels[0])
    # Not as a product of matrices: its threads would fight with others for the cores.
    red, green, blue = LUMA.tolist()
    return cast("NDArray[Number]", red * channels[0] + green * channels[1] + blue * channels[2])


def _convolved_picture(kernel: Floats) -> Callable[[Floats], Picture]:
    """Return how to paint a picture that was convolved with a kernel."""
    total = float(kernel.sum())
    if total < SIGNED_BELOW:
        return signed_picture
    return lambda values: plain_picture(values, max(1.0, total))
