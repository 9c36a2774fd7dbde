"""The panel at the right: the form made from the spec, then live numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from playground.experiments.init_spec import InitSpec
from playground.ui.number_text import format_number
from playground.ui.spec_inspector import SpecInspector

if TYPE_CHECKING:
    from playground.experiments.init_snapshot import InitSnapshot
    from playground.ui.channel import ChannelClient

ROWS = (
    ("loss", "loss", "Mean cost of the batch that is shown."),
    ("accuracy", "accuracy", "Share of the batch that is right."),
    ("test", "test accuracy", "Of all test samples, at the end of the last epoch."),
    ("input", "std of the input", "Over the batch that is shown."),
    ("z", "std of z, first → last", "Of the first and the last hidden layer."),
    (
        "gradient",
        "∂C/∂z, first ÷ last",
        "How much smaller (or larger) the gradient is in the first hidden layer than in the last.",
    ),
    ("dead", "dead neurons, worst", "Hidden layer with the most neurons that are always 0."),
    ("saturated", "saturated, worst", "Hidden layer with most activations at an end."),
    ("update", "update ÷ weight", "‖ΔW‖/‖W‖ of the first hidden layer; about 0.001 is usual."),
    ("parameters", "weights and biases", "Numbers that are learned."),
    ("memory", "memory", "About what training takes."),
)


class InitInspector(SpecInspector):
    """Groups Initialisation, Network, Input, Training, then Numbers."""

    def __init__(self, channel: ChannelClient) -> None:
        super().__init__(channel, InitSpec, ROWS, number_texts)


def number_texts(snapshot: InitSnapshot) -> dict[str, str]:
    """Return the live numbers as words, by the key of their row."""
    hidden = [layer for layer in snapshot.layers if not layer.is_output]
    first, last = hidden[0], hidden[-1]
    back, front = first.spreads["dz"].std, last.spreads["dz"].std
    z = (format_number(layer.spreads["z"].std, 3) for layer in (first, last))
    return {
        "loss": _number(snapshot.loss),
        "accuracy": _percent(snapshot.accuracy),
        "test": _percent(snapshot.test_accuracy),
        "input": _number(snapshot.input_spread.std),
        "z": " → ".join(z),
        "gradient": _number(back / front) if front > 0.0 else "no gradient",
        "dead": _worst([layer.dead for layer in hidden]),
        "saturated": _worst([layer.saturated for layer in hidden]),
        "update": _number(first.update_ratio),
        "parameters": format_number(snapshot.parameters),
        "memory": f"{snapshot.memory_bytes / 2**20:,.0f} MB",
    }


def _worst(shares: list[float]) -> str:
    known = [(share, place) for place, share in enumerate(shares, 1) if not math.isnan(share)]
    if not known:
        return "–"
    share, place = max(known)
    return f"{_percent(share)} (layer {place})" if share > 0.0 else "0 %"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else format_number(value)


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.3g} %"
