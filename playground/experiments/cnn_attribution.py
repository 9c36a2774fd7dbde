"""The mathematics of the explanations of one prediction, on torch's autograd.

The results and their sources are described in :mod:`playground.experiments.cnn_explain`.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch.nn import functional

from playground.experiments.cnn_explain import (
    SHIFT_STEPS,
    AdversarialShift,
    GradCam,
    Occlusion,
    Saliency,
    cam_blocks,
)
from playground.experiments.cnn_network import network_from, state_from
from playground.experiments.cnn_views import frozen, prediction_of
from playground.experiments.jobs import JobProgress

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from playground.experiments.cnn_explain import OcclusionJob
    from playground.experiments.cnn_network import ImageNetwork
    from playground.experiments.cnn_snapshot import NetworkState, Prediction

COVERED_AT_ONCE: Final = 32
"""Images of one pass of the occlusion map: a few milliseconds."""
KEPT_NETWORKS: Final = 4
_FARTHEST: Final = 0.3


class _Networks:
    """The networks that were built last: strokes of a drawing ask for the same again and again.

    Several, because the pad and the explanations may ask about different ones in turns.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[tuple[NetworkState, ImageNetwork]] = deque(maxlen=KEPT_NETWORKS)

    def of(self, state: NetworkState) -> ImageNetwork:
        with self._lock:
            for known, network in self._kept:
                if known is state:
                    return network
        network = network_from(state)
        with self._lock:
            self._kept.append((state, network))
        return network


_networks = _Networks()


def network_for(state: NetworkState) -> ImageNetwork:
    """Return the network of a state, ready to answer; do not change it."""
    return _networks.of(state)


def predict(network: ImageNetwork, pixels: NDArray[np.float32], *, layers: bool) -> Prediction:
    """Return what the network makes of an image."""
    return prediction_of(network, pixels, layers=layers)


def saliency(
    network: ImageNetwork, pixels: NDArray[np.float32], target: int | None = None
) -> Saliency:
    """Return |∂y_c/∂x| for the class c, the predicted one when None."""
    x = torch.tensor(pixels, device=network.device)[None].requires_grad_()
    with torch.enable_grad():
        outputs = network(x)
        chosen = int(outputs[0].argmax()) if target is None else target
        (gradient,) = torch.autograd.grad(outputs[0, chosen], x)
    return Saliency(chosen, frozen(gradient[0]), frozen(gradient[0].abs().amax(0)))


def grad_cam(
    network: ImageNetwork,
    pixels: NDArray[np.float32],
    block: int | None = None,
    target: int | None = None,
) -> GradCam:
    """Return where the maps of a block speak for the class c (see :class:`GradCam`)."""
    place = default_cam_block(network) if block is None else block
    x = torch.tensor(pixels, device=network.device)[None]
    with torch.no_grad():
        maps = network.upto(place, x)
    maps.requires_grad_()
    with torch.enable_grad():
        outputs = network.beyond(place, maps)
        chosen = int(outputs[0].argmax()) if target is None else target
        (gradient,) = torch.autograd.grad(outputs[0, chosen], maps)
    weights = gradient[0].mean((1, 2))
    coarse = (weights[:, None, None] * maps.detach()[0]).sum(0).relu()
    highest = float(coarse.max())
    scaled = coarse / highest if highest > 0.0 else coarse
    heat = functional.interpolate(
        scaled[None, None], size=pixels.shape[1:], mode="bilinear", align_corners=False
    )
    return GradCam(chosen, place, frozen(weights), frozen(coarse), frozen(heat[0, 0]))


def default_cam_block(network: ImageNetwork) -> int:
    """Return the activation behind the last convolution, or that itself."""
    allowed = cam_blocks(state_from(network, ()))
    last = max(place for place in allowed if network.blocks[place].kind == "conv")
    return network.end_of(last)


def occluding(job: OcclusionJob) -> Generator[JobProgress, None, Occlusion]:
    """Cover every place of the image with the patch, some at a time."""
    network = network_for(job.state)
    whole = predict(network, job.pixels, layers=False)
    target = whole.predicted if job.target is None else job.target
    _, height, width = job.pixels.shape
    rows, columns = (_places(side, job.patch, job.stride) for side in (height, width))
    corners = [(row, column) for row in rows for column in columns]
    found: list[float] = []
    for start in range(0, len(corners), COVERED_AT_ONCE):
        some = corners[start : start + COVERED_AT_ONCE]
        batch = np.repeat(job.pixels[None], len(some), 0)
        for image, (row, column) in zip(batch, some, strict=True):
            image[:, row : row + job.patch, column : column + job.patch] = job.value
        found.extend(_probabilities(network, batch)[:, target].tolist())
        yield JobProgress(len(found) / len(corners), f"{len(found)} of {len(corners)} places")
    probability = float(whole.probabilities[target])
    covered = np.array(found, np.float32).reshape(len(rows), len(columns))
    drop = _mean_drop(corners, found, probability, job)
    for array in (covered, drop):
        array.flags.writeable = False
    return Occlusion(target, probability, covered, drop, job.patch, job.stride)


def adversarial_shift(
    network: ImageNetwork, pixels: NDArray[np.float32], label: int | None, epsilon: float
) -> AdversarialShift:
    """Return the image moved against its label by the sign of the gradient of the loss."""
    before = predict(network, pixels, layers=False)
    chosen = before.predicted if label is None else label
    x = torch.tensor(pixels, device=network.device)[None].requires_grad_()
    with torch.enable_grad():
        loss = functional.cross_entropy(network(x), torch.tensor([chosen], device=network.device))
        (gradient,) = torch.autograd.grad(loss, x)
    direction = frozen(gradient[0].sign())
    epsilons = np.linspace(0.0, min(1.0, max(2.0 * epsilon, _FARTHEST)), SHIFT_STEPS)
    steps = epsilons.astype(np.float32)[:, None, None, None]
    probabilities = _probabilities(network, np.clip(pixels + steps * direction, 0.0, 1.0))
    flipped = np.flatnonzero(probabilities.argmax(1) != chosen)
    moved = np.clip(pixels + np.float32(epsilon) * direction, 0.0, 1.0)
    for array in (moved, epsilons, probabilities):
        array.flags.writeable = False
    return AdversarialShift(
        label=chosen,
        epsilon=epsilon,
        direction=direction,
        before=before,
        after=predict(network, moved, layers=False),
        epsilons=epsilons,
        probabilities=probabilities,
        flips_at=float(epsilons[flipped[0]]) if len(flipped) else None,
    )


@torch.no_grad()
def _probabilities(network: ImageNetwork, batch: NDArray[np.float32]) -> NDArray[np.float64]:
    outputs = network(torch.tensor(batch, device=network.device))
    found: NDArray[np.float64] = outputs.cpu().double().softmax(1).numpy()
    return found


def _places(side: int, patch: int, stride: int) -> list[int]:
    """Return where the patch begins; the last place touches the end."""
    places = list(range(0, side - patch + 1, stride))
    if places[-1] != side - patch:
        places.append(side - patch)
    return places


def _mean_drop(
    corners: list[tuple[int, int]], found: list[float], probability: float, job: OcclusionJob
) -> NDArray[np.float32]:
    """Return by how much the probability falls on the mean of the patches over each pixel."""
    total = np.zeros(job.pixels.shape[1:])
    times = np.zeros(job.pixels.shape[1:])
    for (row, column), value in zip(corners, found, strict=True):
        place = np.s_[row : row + job.patch, column : column + job.patch]
        total[place] += probability - value
        times[place] += 1.0
    # With a stride above the patch some pixels are never covered: nothing falls there.
    drop: NDArray[np.float32] = (total / np.maximum(times, 1.0)).astype(np.float32)
    return drop
