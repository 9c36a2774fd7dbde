"""The sentence under the title of the laboratory: what the kernel does here, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from playground.ui.grid_view import short_number

if TYPE_CHECKING:
    from playground.experiments.convolution_snapshot import ConvolutionSnapshot
    from playground.panes.base import Tone

ROUNDING = 1e-6


def verdict_words(snapshot: ConvolutionSnapshot) -> tuple[Tone, str]:
    """Return how things stand: what fails, how far the sweep is, or what the kernel does."""
    result = snapshot.result
    if result is None:
        return "warn", snapshot.problem
    if result.pool_problem:
        return "warn", result.pool_problem
    window = snapshot.window
    if window is not None and not snapshot.whole:
        cells, channels = window.values[0].size, len(window.values)
        if snapshot.spec.channels == "each" and channels > 1:
            return "info", f"{place_of(snapshot)}: {cells} products a channel are summed."
        value = short_number(window.total + snapshot.spec.bias)
        return "info", f"{place_of(snapshot)}: {cells * channels} products sum to {value}."
    if snapshot.swept == snapshot.total and snapshot.swept:
        reason = snapshot.status.reason
        return "ok", f"{reason[:1].upper()}{reason[1:]}."
    return "info", f"{kernel_words(snapshot)} {turn_words(snapshot)}".strip()


def place_of(snapshot: ConvolutionSnapshot) -> str:
    """Return where the sweep is, as the beginning of a sentence."""
    return f"{snapshot.position[:1].upper()}{snapshot.position[1:]}"


def kernel_words(snapshot: ConvolutionSnapshot) -> str:
    """Return what a kernel does to flat areas."""
    if snapshot.spec.channels == "own" and len(snapshot.kernels) > 1:
        return "Red, green and blue have a kernel each; their sums make one map."
    kernel = snapshot.spec.active_kernel.array
    title = snapshot.spec.active_kernel.title
    title = f"{title[:1].upper()}{title[1:]}"
    total, magnitude = float(kernel.sum()), float(np.abs(kernel).sum())
    if magnitude == 0.0:
        return f"{title}: all cells are zero, and so is the result."
    if abs(total) < ROUNDING * magnitude:
        return f"{title}: the cells sum to 0, so even areas give 0 and only changes are left."
    if abs(total - 1.0) < ROUNDING:
        mean = " – a weighted mean" if kernel.min() >= 0.0 else ", and differences stand out"
        return f"{title}: the cells sum to 1, so even areas keep their brightness{mean}."
    return f"{title}: the cells sum to {short_number(total)}, by which even areas are multiplied."


def turn_words(snapshot: ConvolutionSnapshot) -> str:
    """Return whether turning the kernel matters."""
    if snapshot.spec.operation == "correlation":
        return ""
    kernel = snapshot.spec.active_kernel.array
    turned = kernel[::-1, ::-1]
    if np.array_equal(kernel, turned):
        return "Turning it by 180° changes nothing: convolution is correlation here."
    if np.array_equal(kernel, -turned):
        return "Turned by 180° it changes its sign, and with it the result."
    return "Convolution lays it on turned by 180°."
