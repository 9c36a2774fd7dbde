"""Random variations of a batch of images: shift, turn, scale, skew, and elastic distortion.

Every pixel q of the result, measured from the centre, takes its value from the place

    p = A⁻¹ (q − t) + α (G_σ ∗ U)(q),      A = R(θ) · [[1, tan φ], [0, 1]] · s

of the image: t is the shift, θ the rotation, φ the skew, s the scale; U is a field of random
vectors with parts even in −1…1 and G_σ a Gaussian that smooths it. Between pixels the image is
interpolated linearly, outside it is 0.

Source of the elastic part: P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional
neural networks applied to visual document analysis", ICDAR 2003, section 2 (σ 4, α 34 for images of
29×29 pixels).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_REACH = 3.0
"""The Gaussian is cut off at so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """How far an image is varied at most, to either side; each variation is drawn evenly.

    Parameters
    ----------
    shift
        Distance in pixels, across and down.
    rotation
        Angle in degrees.
    scaling
        Share by which the size changes, 0…1.
    skew
        Angle in degrees by which upright lines lean.
    elastic
        Factor α of the distortion, in pixels.
    smoothness
        Standard deviation σ of its Gaussian, in pixels; greater than 0.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scaling: float = 0.0
    skew: float = 0.0
    elastic: float = 0.0
    smoothness: float = 4.0

    @property
    def moves(self) -> bool:
        """Tell whether the images are shifted, turned, scaled or skewed."""
        return bool(self.shift or self.rotation or self.scaling or self.skew)


def augment(images: torch.Tensor, strengths: Strengths, generator: torch.Generator) -> torch.Tensor:
    """Return each image of a batch varied by itself; the batch itself where nothing varies.

    Parameters
    ----------
    images
        (n, channels, height, width), floating.
    strengths
        How far.
    generator
        Of the CPU: gives five numbers an image where something moves, and two a pixel for the
        elastic part; untouched where all strengths are 0.
    """
    import torch
    from torch.nn import functional

    if not (strengths.moves or strengths.elastic):
        return images
    count, _, height, width = images.shape
    affine = _inverse_maps(count, height, width, strengths, generator)
    grid = functional.affine_grid(affine, [count, 1, height, width], align_corners=False)
    if strengths.elastic:
        grid += displacements(count, height, width, strengths, generator) * torch.tensor(
            (2.0 / width, 2.0 / height)
        )
    return functional.grid_sample(images, grid.to(images), align_corners=False)


def displacements(
    count: int, height: int, width: int, strengths: Strengths, generator: torch.Generator
) -> torch.Tensor:
    """Return the elastic displacements (count, height, width, 2) in pixels: across and down.

    Noise outside the image counts as 0, so the border moves less than the middle.
    """
    import torch

    noise = torch.rand((count, 2, height, width), generator=generator).mul_(2.0).sub_(1.0)
    rows = _gaussian_matrix(height, strengths.smoothness)
    columns = rows if width == height else _gaussian_matrix(width, strengths.smoothness)
    smooth = rows @ noise @ columns.T
    return (strengths.elastic * smooth).permute(0, 2, 3, 1)


def _inverse_maps(
    count: int, height: int, width: int, strengths: Strengths, generator: torch.Generator
) -> torch.Tensor:
    """Return the maps (count, 2, 3) from places of the result to places of the image.

    Both are measured as affine_grid does: −1…1 from edge to edge.
    """
    import torch

    if not strengths.moves:
        return torch.eye(2, 3).expand(count, 2, 3)
    drawn = torch.rand((count, 5), generator=generator).mul_(2.0).sub_(1.0)
    across, down = drawn[:, 0] * strengths.shift, drawn[:, 1] * strengths.shift
    angle = drawn[:, 2] * math.radians(strengths.rotation)
    scale = 1.0 + drawn[:, 3] * strengths.scaling
    lean = torch.tan(drawn[:, 4] * math.radians(strengths.skew))
    cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale
    # The inverse of R · skew · s is s⁻¹ · skew⁻¹ · Rᵀ.
    inverse = torch.stack(
        (torch.stack((cos + lean * sin, sin - lean * cos), 1), torch.stack((-sin, cos), 1)), 1
    )
    moved = -(inverse @ torch.stack((across, down), 1)[:, :, None])
    size = torch.tensor((float(width), float(height)))
    # Pixels from the centre are half the size times the units of affine_grid.
    linear = inverse * size[None, None, :] / size[None, :, None]
    return torch.cat((linear, moved * (2.0 / size)[None, :, None]), 2)


@lru_cache(maxsize=8)
def _gaussian_matrix(size: int, sigma: float) -> torch.Tensor:
    """Return the matrix (size, size) that smooths a column of numbers with a Gaussian."""
    import torch

    places = torch.arange(size, dtype=torch.float32)
    distance = places[:, None] - places[None, :]
    reach = math.ceil(_REACH * sigma)
    steps = torch.arange(-reach, reach + 1, dtype=torch.float32)
    total = torch.exp(-0.5 * (steps / sigma).square()).sum()
    weights = torch.exp(-0.5 * (distance / sigma).square()) / total
    return weights * (distance.abs() <= reach)
