"""The named set-ups of the Fourier laboratory: what the lesson's links and the menu open."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.core.frequency_masks import dabbed, encode_mask
from playground.experiments.fourier_spec import FourierSpec
from playground.panes.base import Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

CALM, BRISK = 8.0, 24.0
STRIPE_PERIOD = 8.0
NOTCH_SIDE = 256
NOTCH_RADIUS = 0.016
PHOTO = {"kind": "china", "size": 256}
FLOWER = {"kind": "flower", "size": 256}


def default_spec() -> FourierSpec:
    """Return the first thing a person sees: a photograph, and a low pass to be dragged."""
    return FourierSpec()


@functools.cache
def fourier_presets() -> Mapping[str, Preset]:
    """Return all set-ups by name, in the order of the menu."""
    return {**_waves(), **_moves(), **_filters(), **_theorem(), **_sampling(), **_border()}


@functools.cache
def notch() -> str:
    """Return a painted mask that takes stripes of eight pixels and their overtones out."""
    mask = np.ones((NOTCH_SIDE, NOTCH_SIDE), dtype=np.bool_)
    for overtone in (1, 2, 3):
        place = (0.0, overtone / STRIPE_PERIOD)
        mask = dabbed(mask, place, NOTCH_RADIUS, passes=False)
    return encode_mask(mask)


def _waves() -> dict[str, Preset]:
    return {
        "start": Preset(
            "A photograph and its waves",
            "A low pass lets the innermost waves through. Drag its ring, or paint.",
            default_spec(),
            speed=CALM,
            view="filter",
        ),
        "rebuild": Preset(
            "Wave by wave",
            "Ring after ring is added: first what is coarse, at last what is fine.",
            FourierSpec(image=PHOTO, mask={"kind": "none"}),
            speed=BRISK,
            view="filter",
            play=True,
        ),
        "strongest": Preset(
            "Strongest first",
            "A few hundred of 65,536 coefficients are nearly the whole picture: compression.",
            FourierSpec(image=PHOTO, mask={"kind": "none"}, rebuild={"order": "strong"}),
            speed=BRISK,
            view="filter",
            play=True,
        ),
        "grating": Preset(
            "One wave, two points",
            "A grating is a single pair of opposite frequencies. Change its period and direction.",
            FourierSpec(
                image=_grating(128, right=7, up=4),
                mask={"kind": "none"},
            ),
            view="transform",
        ),
    }


def _moves() -> dict[str, Preset]:
    return {
        "rotate": Preset(
            "Turning turns the spectrum",
            "The picture is turned by 30°, and so are the lines in its spectrum.",
            FourierSpec(image=FLOWER, transform={"rotation": 30.0}),
            view="transform",
        ),
        "shift": Preset(
            "Shifting turns only phases",
            "Magnitudes do not know where a thing is: that is what phases are for.",
            FourierSpec(image={"kind": "text", "size": 128}, transform={"right": 20, "down": 12}),
            view="transform",
        ),
        "scale": Preset(
            "Larger picture, smaller spectrum",
            "Twice as large a letter has half as high frequencies.",
            FourierSpec(image={"kind": "text", "size": 128}, transform={"scale": 0.5}),
            view="transform",
        ),
        "blur": Preset(
            "Smoothing kills high frequencies",
            "A Gaussian in the picture is a Gaussian over the spectrum, the other way round wide.",
            FourierSpec(image=PHOTO, transform={"blur": 2.0}),
            view="transform",
        ),
    }


def _filters() -> dict[str, Preset]:
    striped = {**FLOWER, "stripes": 0.35, "period": STRIPE_PERIOD}
    return {
        "low-pass": Preset(
            "Low pass, sharp",
            "The sharp edge of the mask makes contours ring.",
            FourierSpec(image=PHOTO, mask={"kind": "low", "radius": 0.06}),
            view="filter",
        ),
        "low-pass-soft": Preset(
            "Low pass, soft",
            "The same cut-off with a soft edge: nothing rings.",
            FourierSpec(image=PHOTO, mask={"kind": "low", "radius": 0.06, "softness": 0.08}),
            view="filter",
        ),
        "high-pass": Preset(
            "High pass: edges",
            "Without its coarse waves a picture is its edges.",
            FourierSpec(image=PHOTO, mask={"kind": "high", "radius": 0.1, "softness": 0.05}),
            view="filter",
        ),
        "band-pass": Preset(
            "Band pass",
            "Only stripes of about 8 to 16 pixels are left.",
            FourierSpec(image=PHOTO, mask={"kind": "band", "inner": 0.0625, "outer": 0.125}),
            view="filter",
        ),
        "stripes": Preset(
            "A disturbed photograph",
            "Stripes lie over the picture. Find their bright points in the spectrum, and close "
            "them with the brush.",
            FourierSpec(image=striped, mask={"kind": "none"}),
            view="filter",
        ),
        "notch": Preset(
            "Stripes painted out",
            "Three pairs of painted dots, and the stripes are gone.",
            FourierSpec(image=striped, mask={"kind": "painted", "painted": notch()}),
            view="filter",
        ),
    }


def _theorem() -> dict[str, Preset]:
    return {
        "theorem": Preset(
            "The convolution theorem",
            "Convolving the picture is multiplying its spectrum: the same to sixteen digits.",
            FourierSpec(image=PHOTO, theorem={"kernel": "gaussian", "side": 9, "sigma": 2.0}),
            view="theorem",
        ),
        "theorem-box": Preset(
            "Why a box blurs badly",
            "The spectrum of a box has side lobes: some fine stripes pass, even upside down.",
            FourierSpec(image=PHOTO, theorem={"kernel": "box", "side": 9}),
            view="theorem",
        ),
        "theorem-sobel": Preset(
            "Sobel is a band pass",
            "An edge detector has no mean: its spectrum is dark in the middle.",
            FourierSpec(image=PHOTO, theorem={"kernel": "sobel x", "side": 3}),
            view="theorem",
        ),
    }


def _sampling() -> dict[str, Preset]:
    tilted = _grating(120, right=35, up=13)
    return {
        "aliasing": Preset(
            "Stride makes false stripes",
            "Every second pixel of a fine grating shows another, coarser one.",
            FourierSpec(image=tilted, sampling={"stride": 2}),
            view="sampling",
        ),
        "anti-aliasing": Preset(
            "Filter before you sample",
            "What the samples cannot carry is taken out first: grey is better than false.",
            FourierSpec(image=tilted, sampling={"stride": 2, "prefilter": True}),
            view="sampling",
        ),
        "aliasing-photo": Preset(
            "A photograph, every fourth pixel",
            "Roof tiles and edges fold back into the small spectrum.",
            FourierSpec(image=PHOTO, sampling={"stride": 4}),
            view="sampling",
        ),
    }


def _border() -> dict[str, Preset]:
    return {
        "border": Preset(
            "The cross in the spectrum",
            "The transform takes a picture for a tile: sky meets ground, and that step is a cross.",
            FourierSpec(image=PHOTO),
            view="border",
        ),
    }


def _grating(size: int, *, right: int, up: int) -> dict[str, Any]:
    """Return a grating of whole numbers of waves: it fits its own copies, and is one wave."""
    return {
        "kind": "gratings",
        "size": size,
        "period": size / math.hypot(right, up),
        "angle": math.degrees(math.atan2(up, right)),
    }
