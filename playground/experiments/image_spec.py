"""A picture as a form: which one, how large, grey or in colour, and what its pattern looks like.

Used by the convolution and the Fourier laboratory; every knob is live.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from playground.core import images
from playground.core.images import DIGIT_EXAMPLES, MAX_SIDE, MIN_SIDE, Colour
from playground.experiments.spec import Knob, Spec, SpecError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PictureKind = Literal[
    "china",
    "flower",
    "digit",
    "gratings",
    "checkerboard",
    "text",
    "step edge",
    "impulse",
    "noise",
    "own",
]

PICTURE_LABELS: Final[dict[str, str]] = {
    "china": "photograph: temple",
    "flower": "photograph: flower",
    "digit": "handwritten digit",
    "own": "picture of your own",
}
COLOUR_LABELS: Final[dict[str, str]] = {"grey": "grey", "rgb": "RGB"}
USUAL_SIDES: Final[dict[str, int]] = {
    "china": 256,
    "flower": 256,
    "digit": 8,
    "gratings": 128,
    "checkerboard": 64,
    "text": 128,
    "step edge": 64,
    "impulse": 32,
    "noise": 64,
}
"""Pixels a side that a newly chosen picture brings along."""
MAX_LETTERS: Final = 24
_STRIPED: Final = ("china", "flower", "digit", "text")


class ImageSpec(Spec):
    """One picture; :func:`picture_of` returns its array."""

    kind: Annotated[
        PictureKind,
        Knob(
            "picture",
            "Brings its usual size. A picture of your own is opened, dropped, pasted or painted.",
            labels=PICTURE_LABELS,
            live=True,
        ),
    ] = "china"
    size: Annotated[
        int,
        Field(ge=MIN_SIDE, le=MAX_SIDE),
        Knob(
            "size",
            "Width and height.",
            unit="px",
            scale="log",
            live=True,
            shown_when=("kind", tuple(USUAL_SIDES)),
        ),
    ] = USUAL_SIDES["china"]
    colour: Annotated[
        Colour,
        Knob(
            "colour",
            "One channel, or red, green and blue. Grey is 0.299 R + 0.587 G + 0.114 B.",
            labels=COLOUR_LABELS,
            live=True,
        ),
    ] = "grey"
    digit: Annotated[
        int,
        Field(ge=0, le=9),
        Knob("digit", "Which digit.", live=True, shown_when=("kind", ("digit",))),
    ] = 3
    example: Annotated[
        int,
        Field(ge=0, lt=DIGIT_EXAMPLES),
        Knob(
            "example",
            "By which hand: every digit was written by many.",
            live=True,
            shown_when=("kind", ("digit",)),
        ),
    ] = 0
    text: Annotated[
        str,
        Field(max_length=MAX_LETTERS),
        Knob("letters", "What is written.", live=True, shown_when=("kind", ("text",))),
    ] = "Aa"
    stripes: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "stripes over it",
            "Amplitude of a grating that disturbs the picture.",
            step=0.05,
            live=True,
            shown_when=("kind", _STRIPED),
        ),
    ] = 0.0
    period: Annotated[
        float,
        Field(ge=1.0, le=512.0),
        Knob(
            "period",
            "Pixels from crest to crest; two cells of the checkerboard.",
            unit="px",
            scale="log",
            live=True,
            shown_when=("kind", ("gratings", "checkerboard", *_STRIPED)),
            soft_minimum=2.0,
            soft_maximum=128.0,
        ),
    ] = 16.0
    angle: Annotated[
        float,
        Field(ge=-180.0, le=180.0),
        Knob(
            "direction",
            "In which the waves run, or in which the bright side lies; counter-clockwise.",
            unit="°",
            step=5.0,
            live=True,
            shown_when=("kind", ("gratings", "step edge", *_STRIPED)),
        ),
    ] = 0.0
    crossed: Annotated[
        bool,
        Knob(
            "crossed",
            "A second grating at right angles.",
            live=True,
            shown_when=("kind", ("gratings",)),
        ),
    ] = False
    contrast: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "contrast",
            "1 goes from black to white.",
            step=0.05,
            live=True,
            shown_when=(
                "kind",
                ("gratings", "checkerboard", "text", "step edge", "impulse", "noise"),
            ),
        ),
    ] = 1.0
    draw: Annotated[
        int,
        Field(ge=0, le=9999),
        Knob("draw", "Which noise.", live=True, shown_when=("kind", ("noise",))),
    ] = 0
    own: Annotated[
        str,
        Knob("picture of your own", "Its pixels as text.", live=True, hidden=True),
    ] = ""

    def following(self, name: str, value: object) -> dict[str, object]:
        """Return the usual size of a newly chosen picture; pixels of one's own choose ``own``."""
        if name == "kind" and value in USUAL_SIDES:
            return {"size": USUAL_SIDES[str(value)]}
        if name == "own" and value:
            return {"kind": "own"}
        return {}

    @field_validator("own")
    @classmethod
    def _readable(cls, text: str) -> str:
        if text:
            images.decode_pixels(text)
        return text

    @model_validator(mode="after")
    def _has_own(self) -> ImageSpec:
        if self.kind == "own" and not self.own:
            raise ValueError("There is no picture of your own yet: open, drop, paste or paint one.")
        return self

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return channels, height and width without making the picture."""
        channels = 1 if self.colour == "grey" else 3
        if self.kind == "own":
            height, width = images.pixels_shape(self.own)[:2]
            return channels, height, width
        return channels, self.size, self.size

    @property
    def title(self) -> str:
        """Return for example ``"handwritten digit 3"`` or ``"gratings"``."""
        label = PICTURE_LABELS.get(self.kind, self.kind)
        return f"{label} {self.digit}" if self.kind == "digit" else label


@functools.lru_cache(maxsize=4)
def picture_of(spec: ImageSpec) -> NDArray[np.float64]:
    """Return the read-only picture (c, h, w) float64 in 0…1 of a spec.

    Raises
    ------
    SpecError
        Where the picture cannot be made; the sentence says why.
    """
    try:
        if spec.kind == "own":
            pixels = images.decode_pixels(spec.own)
            picture = images.in_colour(images.from_pixels(pixels), spec.colour)
        else:
            picture = images.bundled_image(
                spec.kind,
                spec.size,
                spec.colour,
                digit=spec.digit,
                example=spec.example,
                period=spec.period,
                angle=spec.angle,
                contrast=spec.contrast,
                crossed=spec.crossed,
                text=spec.text,
                draw=spec.draw,
                stripes=spec.stripes,
            )
    except images.ImageError as error:
        raise SpecError(str(error)) from None
    picture = picture.copy()
    picture.flags.writeable = False
    return picture
