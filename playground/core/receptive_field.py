"""How far a pixel of a deep layer sees: size, distance and place of its receptive field.

    size    r ← r + D(F − 1)·j        jump   j ← j·S        start   s ← s + (D(F − 1)/2 − P)·j

beginning with r = 1, j = 1, s = 0 for the picture itself: r pixels of the picture go into a pixel
of the layer, neighbours of the layer see fields j pixels apart, and the first one is centred on
pixel s. Three 3×3 layers see 7×7.

Source: A. Araujo, W. Norris and J. Sim, "Computing receptive fields of convolutional neural
networks", Distill, 2019, equations 2 and 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Layer(NamedTuple):
    """One layer along one axis: cells F, stride S, dilation D and padding P in front."""

    cells: int
    stride: int = 1
    dilation: int = 1
    padding: int = 0


class Field(NamedTuple):
    """The receptive field of one pixel of a layer, in pixels of the picture.

    ``size`` pixels go into it, neighbours lie ``jump`` apart, and that of the first pixel is
    centred on ``start`` (half pixels for even sizes, negative under padding).
    """

    size: int
    jump: int
    start: float

    def span(self, index: int) -> tuple[int, int]:
        """Return first and last pixel that the pixel ``index`` of the layer sees, border too."""
        first = self.start + index * self.jump - (self.size - 1) / 2
        return round(first), round(first) + self.size - 1


PICTURE = Field(1, 1, 0.0)


def receptive_fields(layers: Iterable[Layer]) -> tuple[Field, ...]:
    """Return the fields after every layer, the first layer first."""
    found = []
    field = PICTURE
    for layer in layers:
        reach = layer.dilation * (layer.cells - 1)
        field = Field(
            field.size + reach * field.jump,
            field.jump * layer.stride,
            field.start + (reach / 2 - layer.padding) * field.jump,
        )
        found.append(field)
    return tuple(found)
