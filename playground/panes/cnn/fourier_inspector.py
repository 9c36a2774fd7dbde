"""The panel at the right: the form made from the spec, then live numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.experiments.fourier_spec import FourierSpec
from playground.experiments.fourier_verdicts import percent
from playground.ui.number_text import format_number
from playground.ui.spec_inspector import SpecInspector

if TYPE_CHECKING:
    from playground.experiments.fourier_snapshot import FourierSnapshot
    from playground.ui.channel import ChannelClient

ROWS = (
    ("size", "picture", "Height, width and channels."),
    ("passes", "energy that passes", "Of the picture without its mean."),
    ("kept", "coefficients that pass", "Weighted by the mask where it is soft."),
    ("reach", "highest frequency", "Added so far, in cycles per pixel."),
    ("share", "energy put together", "Of what passes the mask."),
    ("waves", "coefficients so far", "Each wave has two, at opposite frequencies."),
    ("error", "error", "Root mean squared difference from the finished picture."),
)


class FourierInspector(SpecInspector):
    """Groups of settings, then Numbers."""

    def __init__(self, channel: ChannelClient) -> None:
        super().__init__(channel, FourierSpec, ROWS, number_texts)


def number_texts(snapshot: FourierSnapshot) -> dict[str, str]:
    """Return the live numbers as words, by the key of their row."""
    height, width = snapshot.shape
    channels = len(snapshot.image.values)
    place = snapshot.place if snapshot.place else snapshot.plan.steps
    colours = "grey" if channels == 1 else "RGB"
    return {
        "size": f"{height} × {width}, {colours}",
        "passes": percent(snapshot.passes),
        "kept": percent(snapshot.kept),
        "reach": f"{format_number(snapshot.reach, 3)} c/px",
        "share": percent(snapshot.share),
        "waves": format_number(int(snapshot.plan.counts[place])),
        "error": format_number(snapshot.error, 3),
    }
