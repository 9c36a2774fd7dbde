"""What excites a filter, and what is lost without it, on torch.

The results and their sources are described in :mod:`playground.experiments.cnn_studies`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch.nn import functional

from playground.core.random_streams import Streams
from playground.experiments.cnn_attribution import network_for
from playground.experiments.cnn_network import network_from
from playground.experiments.cnn_studies import (
    Ascent,
    ExcitingImage,
    ExcitingImages,
    KnockOutEffect,
    window_of,
)
from playground.experiments.cnn_views import frozen, prediction_of
from playground.experiments.jobs import JobProgress

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from playground.experiments.cnn_network import ImageNetwork
    from playground.experiments.cnn_studies import AscentJob, ExcitingImagesJob, KnockOutJob

AT_ONCE: Final = 64
"""Images of one pass: a few milliseconds for small networks."""
GREY: Final = 0.5
NOISE: Final = 0.05
_SMALLEST: Final = 1e-12


@torch.no_grad()
def most_exciting(job: ExcitingImagesJob) -> Generator[JobProgress, None, ExcitingImages]:
    """Find the images in whose map of the filter the largest number stands."""
    network = network_for(job.state)
    total = min(job.limit, job.images.test_count)
    values: list[NDArray[np.float32]] = []
    places: list[NDArray[np.int64]] = []
    columns = 1
    for start in range(0, total, AT_ONCE):
        out = network.upto(job.block, _batch(network, job.images.test_x[start:total][:AT_ONCE]))
        maps = out[:, job.index] if out.ndim == 4 else out[:, job.index, None, None]
        columns = maps.shape[-1]
        best = maps.flatten(1).max(1)
        values.append(best.values.cpu().numpy())
        places.append(best.indices.cpu().numpy())
        done = min(total, start + AT_ONCE)
        yield JobProgress(done / total, f"{done:,} of {total:,} images")
    value, place = np.concatenate(values), np.concatenate(places)
    chosen = np.argsort(-value, kind="stable")[: job.count]
    found = tuple(
        ExcitingImage(
            int(example),
            int(job.images.test_y[example]),
            float(value[example]),
            window_of(job.state, job.block, *divmod(int(place[example]), columns)),
        )
        for example in chosen
    )
    return ExcitingImages(job.block, job.index, found, total)


def climbing(job: AscentJob) -> Generator[JobProgress, None, Ascent]:
    """Climb the middle of the filter's map from noise around grey."""
    climb = _Climb(job)
    for step in range(job.steps):
        climb.step(step)
        yield JobProgress((step + 1) / job.steps, f"step {step + 1} of {job.steps}", climb.found())
    with torch.no_grad():
        climb.values.append(float(climb.answer(climb.x)))
    return climb.found()


def knocking_out(job: KnockOutJob) -> Generator[JobProgress, None, KnockOutEffect]:
    """Count right answers with and without the filters."""
    network = network_for(job.state)
    knocked = tuple(dict.fromkeys((*job.state.knocked_out, *job.filters)))
    without = network_from(dataclasses.replace(job.state, knocked_out=knocked))
    total = min(job.limit, job.images.test_count)
    labels = job.images.test_y[:total]
    right = np.zeros((2, total), dtype=bool)
    for start in range(0, total, AT_ONCE):
        part = slice(start, min(total, start + AT_ONCE))
        batch = _batch(network, job.images.test_x[part])
        for row, some in enumerate((network, without)):
            with torch.no_grad():
                right[row, part] = some(batch).argmax(1).cpu().numpy() == labels[part]
            done = start + (row + 1) * (part.stop - start) / 2
            yield JobProgress(done / total, f"{part.stop:,} of {total:,} images")
    pixels = job.pixels
    classes = len(job.state.class_names)
    return KnockOutEffect(
        filters=job.filters,
        accuracy_before=float(right[0].mean()),
        accuracy_after=float(right[1].mean()),
        class_before=_by_class(right[0], labels, classes),
        class_after=_by_class(right[1], labels, classes),
        prediction_before=None if pixels is None else prediction_of(network, pixels, layers=False),
        prediction_after=None if pixels is None else prediction_of(without, pixels, layers=False),
        looked_at=total,
    )


def _batch(network: ImageNetwork, images: NDArray[np.float32]) -> torch.Tensor:
    # A copy: torch warns of arrays that must not be written to.
    return torch.tensor(images, device=network.device)


class _Climb:
    """An image on its way up; outside the window of the filter it is grey."""

    def __init__(self, job: AscentJob) -> None:
        self._job = job
        self._network = network_for(job.state)
        size = self._network.shapes[job.block + 1].shape
        self._middle = (size[1] // 2, size[2] // 2) if len(size) == 3 else (0, 0)
        self._window = window_of(job.state, job.block, *self._middle)
        top, left, bottom, right = self._window
        self._inside = np.s_[..., top:bottom, left:right]
        generator = Streams(job.seed).child("ascent", job.block).child("filter", job.index)
        noise = torch.rand((1, *job.state.image_shape), generator=generator.torch("noise"))
        self.x = torch.full_like(noise, GREY)
        self.x[self._inside] += NOISE * (noise * 2.0 - 1.0)[self._inside]
        self.x = self.x.to(self._network.device)
        self.values: list[float] = []

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the filter puts out in the middle of its map, or the neuron."""
        out = self._network.upto(self._job.block, x)[0, self._job.index]
        return out[self._middle] if out.ndim == 2 else out

    def step(self, number: int) -> None:
        """Go up by one step, and note the answer before it."""
        job = self._job
        x = self.x.requires_grad_()
        with torch.enable_grad():
            answer = self.answer(x)
            (gradient,) = torch.autograd.grad(answer, x)
        self.values.append(float(answer.detach()))
        with torch.no_grad():
            slope = gradient[self._inside]
            size = slope.square().mean().sqrt().clamp_min(_SMALLEST)
            moved = x[self._inside] + job.rate * slope / size
            moved = GREY + (moved - GREY) * (1.0 - job.decay)
            # Not at the end: the last steps may bring out what smoothing has taken.
            if job.blur_every and (number + 1) % job.blur_every == 0 and number < 0.8 * job.steps:
                moved = _smoothed(moved)
            self.x = x.detach().clone()
            self.x[self._inside] = moved.clamp(0.0, 1.0)

    def found(self) -> Ascent:
        """Return the image so far."""
        values = np.array(self.values)
        values.flags.writeable = False
        job = self._job
        return Ascent(job.block, job.index, frozen(self.x[0]), values, self._window)


def _smoothed(x: torch.Tensor) -> torch.Tensor:
    """Return the image smoothed with the binomial kernel 1 2 1 both ways."""
    row = torch.tensor([0.25, 0.5, 0.25], device=x.device)
    kernel = (row[:, None] * row)[None, None].expand(x.shape[1], 1, 3, 3)
    around = functional.pad(x, (1, 1, 1, 1), mode="replicate")
    return functional.conv2d(around, kernel, groups=x.shape[1])


def _by_class(
    right: NDArray[np.bool_], labels: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    counts = np.bincount(labels, minlength=classes)
    hits = np.bincount(labels, weights=right, minlength=classes)
    shares = np.full(classes, np.nan)
    np.divide(hits, counts, out=shares, where=counts > 0)
    shares.flags.writeable = False
    return shares
