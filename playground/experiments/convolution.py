"""A kernel sweeps over a picture: step k computes the k-th pixel of the result in reading order.

The result is a pure function of the spec, computed as a whole and kept until a knob changes; a step
only moves the sweep on. A knob may change the number of output pixels under a sweep that is on its
way: the step stays, and the sweep stands at min(step, pixels), so that it is at its end where the
new result is smaller, and where it was before when the old size comes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from playground.core import convolution
from playground.experiments.base import RUNNING, Progress, Series, State, Status
from playground.experiments.convolution_snapshot import (
    SERIES_ROW,
    VIEW_COMPOSITION,
    ConvolutionSnapshot,
)
from playground.experiments.convolution_spec import ConvolutionSpec
from playground.experiments.convolution_views import compose, compute, input_of
from playground.experiments.laboratory import Laboratory

if TYPE_CHECKING:
    from playground.core.convolution import Window
    from playground.experiments.convolution_snapshot import Composition
    from playground.experiments.convolution_views import Computed
    from playground.experiments.spec import Path, Spec

ROW_COLUMNS = ("row", "lowest", "mean", "highest")


class ConvolutionExperiment(Laboratory):
    """A picture or a signal under one kernel, with border, stride, dilation, ReLU and pooling."""

    kind: ClassVar[str] = "convolution"
    spec_type: ClassVar[type[ConvolutionSpec]] = ConvolutionSpec
    series = (Series(SERIES_ROW, ROW_COLUMNS, ("int64", *("float64",) * 3)),)
    step_noun: ClassVar[str] = "pixel"
    mark_noun: ClassVar[str] = "row"
    mark_series: ClassVar[str] = SERIES_ROW

    spec: ConvolutionSpec

    def __init__(self, spec: Spec, seed: int) -> None:
        if not isinstance(spec, ConvolutionSpec):
            raise TypeError(f"expected a ConvolutionSpec, got {type(spec).__name__}")
        super().__init__(spec, seed)
        input_of(spec)
        self._computed: tuple[ConvolutionSpec, Computed] | None = None
        self._composed: tuple[ConvolutionSpec, Composition] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the result; (0, 0) where the kernel does not fit."""
        result = self._all().result
        return (0, 0) if result is None else result.geometry.output

    def step(self) -> None:
        """Go on to the next pixel of the result."""
        self.advance(1)

    def advance(self, steps: int) -> int:
        """Go on by up to ``steps`` pixels and return by how many."""
        height, width = self.size
        stop = min(self.step_index + steps, height * width)
        done = max(0, stop - self.step_index)
        for row in range(self.step_index // width, stop // width) if done else ():
            self.step_index = (row + 1) * width
            self._record_row(row)
        self.step_index += max(0, stop - self.step_index)
        return done

    def snapshot(self, views: frozenset[str]) -> ConvolutionSnapshot:
        """Return the frozen picture; only the window differs from step to step."""
        found = self._all()
        height, width = self.size
        swept = min(self.step_index, height * width)
        return ConvolutionSnapshot(
            step=self.step_index,
            status=self.status(),
            spec=self.spec,
            position=_position(swept, height, width),
            headline=self.headline(),
            picture=found.picture,
            kernels=found.kernels,
            laid=found.laid,
            separation=found.separation,
            result=found.result,
            problem=found.problem,
            swept=swept,
            total=height * width,
            window=self._window(swept),
            receptive=found.receptive,
            composition=self._both_sides() if VIEW_COMPOSITION in views else None,
        )

    def state(self) -> State:
        """Return the step; the rest follows from the spec."""
        return State(self.step_index, {}, {"spec": self.spec})

    def load_state(self, state: State) -> None:
        """Go to the step of a state."""
        self.step_index = state.step
        self.spec = state.shared["spec"]
        self._records.clear()

    def status(self) -> Status:
        """Tell whether there are pixels left, and why a kernel does not fit."""
        found = self._all()
        if found.result is None:
            return Status(Progress.FINISHED, found.problem)
        height, width = found.result.geometry.output
        if self.step_index >= height * width:
            return Status(
                Progress.FINISHED,
                f"every output pixel is computed: {height} × {width} = {height * width:,} windows",
            )
        return RUNNING

    def headline(self) -> str:
        """Return the size of the result."""
        height, width = self.size
        return f"{height} × {width} outputs" if height else "no result"

    def steps_to_mark(self) -> int:
        """Return the pixels left in this row."""
        width = max(1, self.size[1])
        return width - self.step_index % width

    def _on_live_change(self, path: Path) -> None:  # noqa: ARG002 - any of them
        # A picture that cannot be made is refused here, with the edit.
        input_of(self.spec)

    def _all(self) -> Computed:
        if self._computed is None or self._computed[0] is not self.spec:
            self._computed = self.spec, compute(self.spec)
        return self._computed[1]

    def _both_sides(self) -> Composition:
        if self._composed is None or self._composed[0] is not self.spec:
            self._composed = self.spec, compose(self.spec)
        return self._composed[1]

    def _window(self, swept: int) -> Window | None:
        found = self._all()
        if swept == 0 or found.result is None:
            return None
        row, col = divmod(swept - 1, found.result.geometry.output[1])
        result = found.result
        return convolution.window(result.padded.values, found.laid, result.geometry, row, col)

    def _record_row(self, row: int) -> None:
        result = self._all().result
        if result is not None:
            values = result.raw.values[:, row]
            self._record(
                SERIES_ROW, row, float(values.min()), float(values.mean()), float(values.max())
            )


def _position(swept: int, height: int, width: int) -> str:
    if height == 0:
        return "no result"
    if swept == 0:
        return f"the whole result: {height} × {width} pixels"
    row, col = divmod(swept - 1, width)
    return f"row {row + 1} of {height} · column {col + 1} of {width}"
