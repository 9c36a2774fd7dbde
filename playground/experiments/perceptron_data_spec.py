"""The points of a perceptron run as a form: where they come from and how they are split."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from playground.core.datasets import MAX_NOISE, PRESETS, make_points, preset_named
from playground.core.points import SPLITS, PointSet
from playground.core.random_streams import Streams
from playground.experiments.perceptron_edits import MAX_EDITED_POINTS, MAX_NEXT_ID, Points
from playground.experiments.spec import Knob, Spec

Split = Literal["100/0/0", "60/20/20", "70/15/15", "80/10/10"]
Preset = Literal[
    "blobs",
    "demo",
    "and",
    "or",
    "xor",
    "overlap",
    "moons",
    "circles",
    "outliers",
    "imbalanced",
    "iris-setosa-versicolor",
    "iris-versicolor-virginica",
    "iris-setosa-virginica",
    "own",
]

PRESET_LABELS: Final = {**{preset.name: preset.label for preset in PRESETS}, "own": "Own points"}
SPLIT_LABELS: Final = {split.name: split.label for split in SPLITS}
_COUNTED: Final = tuple(preset.name for preset in PRESETS if preset.uses_count)
_NOISY: Final = tuple(preset.name for preset in PRESETS if preset.uses_noise)


class DataSpec(Spec):
    """Which points there are, and which of them are for training.

    The default is worth watching: separable, but with so little room that the perceptron needs
    eight epochs.
    """

    preset: Annotated[
        Preset,
        Knob(
            "data",
            "Where the points come from. Click on the plane to add your own.",
            labels=PRESET_LABELS,
        ),
    ] = "blobs"
    count: Annotated[
        int,
        Field(ge=2, le=MAX_EDITED_POINTS),
        Knob("points", "How many points are made.", scale="log", shown_when=("preset", _COUNTED)),
    ] = 80
    noise: Annotated[
        float,
        Field(ge=0.0, le=MAX_NOISE),
        Knob(
            "noise",
            "Standard deviation of the points around their places, in units of the plane.",
            step=0.05,
            shown_when=("preset", _NOISY),
        ),
    ] = 0.9
    seed: Annotated[
        int,
        Field(ge=0, le=2**32 - 1),
        Knob(
            "data seed",
            "Another seed makes other points of the same kind, and another split.",
            soft_maximum=999,
        ),
    ] = 22
    split: Annotated[
        Split,
        Knob(
            "split",
            "Shares of the points for training / validation / test. Only training "
            "points move the line; the others tell how well it does on points it has not seen.",
            labels=SPLIT_LABELS,
        ),
    ] = "100/0/0"
    points: Annotated[
        Points | None,
        Knob(
            "own points",
            "The points themselves, where they are not made from a preset.",
            hidden=True,
        ),
    ] = None

    @classmethod
    def of_preset(cls, name: Preset, **others: Any) -> DataSpec:
        """Return the preset with its usual count, noise and split, and other values as given."""
        return cls(**{"preset": name, **_usual(name), **others})

    def made(self) -> PointSet:
        """Return the points: one's own, or those of the preset."""
        if self.points is not None:
            return self.points
        if self.preset == "own":
            return PointSet.empty()
        return make_points(self.preset, self.count, self.noise, Streams(self.seed).numpy("data"))

    def following(self, name: str, value: Any) -> dict[str, Any]:
        """Let a new preset bring its usual numbers; “own” keeps the points that are there."""
        if name != "preset" or value not in PRESET_LABELS:
            return {}
        if value == "own":
            return {"points": self.made()}
        return {"points": None, **_usual(value)}

    @model_validator(mode="after")
    def _own_points_are_there(self) -> DataSpec:
        if self.points is not None and self.preset != "own":
            raise ValueError("Points of your own need the preset “own”.")
        if self.points is not None and len(self.points) > MAX_EDITED_POINTS:
            raise ValueError(
                f"A run holds at most {MAX_EDITED_POINTS:,} points (got {len(self.points):,})."
            )
        if self.points is not None and self.points.next_id > MAX_NEXT_ID:
            raise ValueError(
                f"Points of a run are numbered up to {MAX_NEXT_ID:,} (got {self.points.next_id:,})."
            )
        return self


def _usual(name: str) -> dict[str, Any]:
    """Return the numbers a preset wants; a split only where it is too small for any."""
    if name == "own":
        return {}
    preset = preset_named(name)
    usual: dict[str, Any] = {"count": preset.default_count, "noise": preset.default_noise}
    return usual | ({"split": preset.split} if preset.split == "100/0/0" else {})
