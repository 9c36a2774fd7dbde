"""A kernel as a form: a usual one by its name and size, or cells of one's own. All knobs are live.

The cells are the truth; a name fills them in, and whoever changes a cell has a kernel of their own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeGuard, cast

import numpy as np
from pydantic import Field, field_validator, model_validator

from playground.core import kernels
from playground.core.kernels import MAX_SIDE, KernelError, KernelName
from playground.experiments.spec import Knob, Spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

Cells = tuple[tuple[float, ...], ...]
KernelPreset = Literal[
    "identity",
    "box",
    "gaussian",
    "sharpen",
    "unsharp",
    "sobel x",
    "sobel y",
    "prewitt x",
    "prewitt y",
    "laplacian 4",
    "laplacian 8",
    "laplacian of gaussian",
    "emboss",
    "line horizontal",
    "line vertical",
    "line rising",
    "line falling",
    "corner",
    "difference",
    "second difference",
    "random",
    "own",
]
LinePreset = Literal[
    "identity", "box", "gaussian", "difference", "second difference", "random", "own"
]

KERNEL_LABELS: Final[dict[str, str]] = {
    "gaussian": "Gaussian",
    "unsharp": "sharpen by a Gaussian",
    "sobel x": "Sobel x",
    "sobel y": "Sobel y",
    "prewitt x": "Prewitt x",
    "prewitt y": "Prewitt y",
    "laplacian 4": "Laplacian, 4 neighbours",
    "laplacian 8": "Laplacian, all neighbours",
    "laplacian of gaussian": "Laplacian of Gaussian",
    "line horizontal": "line —",
    "line vertical": "line |",
    "line rising": "line /",
    "line falling": "line \\",
    "corner": "corner ⌜",
    "difference": "difference −1 0 1",
    "second difference": "second difference 1 −2 1",
    "own": "cells of your own",
}
MAX_CELL: Final = 1000.0
"""Cells of a kernel lie between −1000 and 1000."""
_SMOOTH: Final = ("gaussian", "unsharp", "laplacian of gaussian")


class KernelSpec(Spec):
    """One kernel of 1 to 11 rows and columns, written as correlation lays it on the picture."""

    preset: Annotated[
        KernelPreset,
        Knob("kernel", "Fills in the cells.", labels=KERNEL_LABELS, live=True),
    ] = "sobel x"
    rows: Annotated[
        int,
        Field(ge=1, le=MAX_SIDE),
        Knob("rows", "Cells from top to bottom; odd or even.", live=True),
    ] = 3
    cols: Annotated[
        int,
        Field(ge=1, le=MAX_SIDE),
        Knob("columns", "Cells from left to right; odd or even.", live=True),
    ] = 3
    sigma: Annotated[
        float,
        Field(ge=0.1, le=20.0),
        Knob(
            "σ",
            "Standard deviation of the Gaussian.",
            unit="px",
            scale="log",
            live=True,
            shown_when=("preset", _SMOOTH),
            soft_maximum=5.0,
        ),
    ] = 1.0
    draw: Annotated[
        int,
        Field(ge=0, le=9999),
        Knob("draw", "Which random numbers.", live=True, shown_when=("preset", ("random",))),
    ] = 0
    values: Annotated[
        Cells,
        Knob("cells", "The numbers of the kernel, row by row.", live=True, hidden=True),
    ] = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))

    @classmethod
    def of(cls, preset: str, rows: int = 3, cols: int = 3, **more: Any) -> KernelSpec:
        """Return the spec of a usual kernel, ``of("gaussian", 5, 5, sigma=1.4)`` for instance."""
        return cls.model_validate({"preset": preset, **more, **_filled(preset, rows, cols, more)})

    @classmethod
    def own(cls, values: NDArray[np.float64]) -> KernelSpec:
        """Return the spec of a kernel with cells of one's own, at most 11×11."""
        cells = values.tolist()
        return cls.model_validate(
            {"preset": "own", "rows": len(cells), "cols": len(cells[0]), "values": cells}
        )

    def following(self, name: str, value: object) -> Mapping[str, object]:
        """Return the cells that go with a new name, size, σ or draw, or the size of new cells."""
        match name:
            case "preset":
                usual = {"sigma": self.sigma, "draw": self.draw}
                return _filled(value, self.rows, self.cols, usual)
            case "rows" | "cols":
                return self._resized(name, value)
            case "sigma" | "draw":
                options: dict[str, object] = {"sigma": self.sigma, "draw": self.draw, name: value}
                return _filled(self.preset, self.rows, self.cols, options)
            case "values":
                shape = _shape_of(value)
                return {"preset": "own", "rows": shape[0], "cols": shape[1]} if shape else {}
        return {}

    @field_validator("values", mode="before")
    @classmethod
    def _cells(cls, values: Any) -> Any:
        shape = _shape_of(values)
        if shape is None or not (1 <= shape[0] <= MAX_SIDE and 1 <= shape[1] <= MAX_SIDE):
            raise ValueError(
                f"A kernel must be a table of numbers with 1 to {MAX_SIDE} rows and columns, all "
                "rows of one length."
            )
        for row, cells in enumerate(values):
            for col, cell in enumerate(cells):
                _check_cell(cell, row, col)
        return values

    @model_validator(mode="after")
    def _agrees(self) -> KernelSpec:
        if (len(self.values), len(self.values[0])) != (self.rows, self.cols):
            raise ValueError(
                f"The kernel says {self.rows}×{self.cols} but has {len(self.values)}×"
                f"{len(self.values[0])} cells."
            )
        return self

    @property
    def array(self) -> NDArray[np.float64]:
        """Return the (rows, cols) cells."""
        return np.array(self.values, dtype=np.float64)

    @property
    def title(self) -> str:
        """Return for example ``"Gaussian 5×5"``."""
        return f"{KERNEL_LABELS.get(self.preset, self.preset)} {self.rows}×{self.cols}"

    def _resized(self, name: str, value: object) -> Mapping[str, object]:
        """Return the kernel in a new size; one that has no such size is cut or filled with 0."""
        if not _is_side(value):
            return {}
        rows, cols = (value, self.cols) if name == "rows" else (self.rows, value)
        options = {"sigma": self.sigma, "draw": self.draw}
        match "own" if self.preset == "own" else kernels.sizes_of(self.preset):
            case "any":
                return _filled(self.preset, rows, cols, options)
            case "square":
                return _filled(self.preset, value, value, options)
            case "odd square":
                # An even number is passed over in the direction of the change.
                side = value if value % 2 else value + (1 if value > self.rows else -1)
                return _filled(self.preset, side, side, options)
            case _:
                cells = kernels.fitted(self.array, rows, cols)
                return {"preset": "own", "values": cells.tolist()}


class LineKernelSpec(KernelSpec):
    """The kernel of a signal: one row."""

    preset: Annotated[
        LinePreset,
        Knob("kernel", "Fills in the cells.", labels=KERNEL_LABELS, live=True),
    ] = "box"
    rows: Annotated[int, Field(ge=1, le=1)] = 1
    values: Annotated[
        Cells,
        Knob("cells", "The numbers of the kernel.", live=True, hidden=True),
    ] = ((1 / 3, 1 / 3, 1 / 3),)


def _filled(
    preset: object, rows: int, cols: int, options: Mapping[str, object]
) -> dict[str, object]:
    """Return size and cells of a usual kernel; nothing where the validation will refuse it."""
    sigma, draw = options.get("sigma", 1.0), options.get("draw", 0)
    if preset == "own" or not isinstance(preset, str):
        return {}
    if not (isinstance(sigma, int | float) and isinstance(draw, int)):
        return {}
    try:
        found = kernels.preset(cast("KernelName", preset), rows, cols, float(sigma), draw)
    except (KernelError, ValueError):
        return {}
    return {"rows": found.shape[0], "cols": found.shape[1], "values": found.tolist()}


def _is_side(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and 1 <= value <= MAX_SIDE


def _shape_of(values: object) -> tuple[int, int] | None:
    """Return rows and columns of a table, None for what is not one."""
    if not isinstance(values, list | tuple) or not values:
        return None
    if not all(isinstance(row, list | tuple) for row in values):
        return None
    widths = {len(row) for row in values}
    return (len(values), widths.pop()) if len(widths) == 1 else None


def _check_cell(cell: object, row: int, col: int) -> None:
    number = cell if isinstance(cell, int | float) and not isinstance(cell, bool) else math.nan
    if not abs(number) <= MAX_CELL:
        raise ValueError(
            f"Row {row + 1}, column {col + 1} of the kernel must be a number from "
            f"−{MAX_CELL:g} to {MAX_CELL:g} (got {cell})."
        )
