"""The Fourier laboratory: a picture that is put together from its waves, step by step.

    f(y, x) = 1/(h·w) · Σ_k Σ_l F(k, l) · exp(2πi (k·y/h + l·x/w))

Step k of a run has added the first k rings of frequencies, or the strongest waves, of what passes
the mask; step 0 shows the finished picture, which has not been taken apart yet. All settings are
live. Where a change leaves fewer steps than have been done, the picture is finished.

Where a run stands follows from spec and step alone: there is nothing else to remember, and nothing
random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from playground.experiments.base import RUNNING, Progress, Series, State, Status
from playground.experiments.fourier_bench import FourierBench
from playground.experiments.fourier_snapshot import SERIES_REBUILT, VIEW_PHASE, FourierSnapshot
from playground.experiments.fourier_spec import FourierSpec
from playground.experiments.laboratory import Laboratory

if TYPE_CHECKING:
    from playground.core.spectral_rebuild import Rebuild
    from playground.experiments.spec import Path, Spec

COLUMNS = ("share", "error", "waves")


class FourierExperiment(Laboratory):
    """A picture, its spectrum, and what becomes of both."""

    kind: ClassVar[str] = "fourier"
    spec_type: ClassVar[type[FourierSpec]] = FourierSpec
    step_noun: ClassVar[str] = "ring"
    series = (Series(SERIES_REBUILT, COLUMNS, ("float64", "float64", "int64")),)

    spec: FourierSpec

    def __init__(self, spec: Spec, seed: int) -> None:
        if not isinstance(spec, FourierSpec):
            raise TypeError(f"expected a FourierSpec, got {type(spec).__name__}")
        super().__init__(spec, seed)
        self._bench = FourierBench()
        self._record_step()

    @property
    def plan(self) -> Rebuild:
        """How the picture is put together under the present settings."""
        return self._bench.plan(self.spec, self.spec.rebuild.order)

    @property
    def place(self) -> int:
        """Steps of the plan that are done: never more than there are."""
        return min(self.step_index, self.plan.steps)

    def step(self) -> None:
        """Add one ring, or the next strongest waves."""
        self.step_index += 1
        self._record_step()

    def snapshot(self, views: frozenset[str]) -> FourierSnapshot:
        """Return the pictures of the views that are on screen; other parts are None."""
        spec, bench = self.spec, self._bench
        phase = VIEW_PHASE in views
        place = self.place
        mask = bench.mask(spec).astype("float32")
        mask.flags.writeable = False
        passes, kept = bench.shares(spec)
        return FourierSnapshot(
            step=self.step_index,
            status=self.status(),
            spec=spec,
            position=self._position(),
            headline=self.headline(),
            image=bench.image_picture(spec),
            spectrum=bench.spectrum_picture(spec, phase),
            mask=mask,
            passes=passes,
            kept=kept,
            plan=self.plan,
            place=place,
            reach=self._reach(),
            filtered=bench.filter_part(spec, place) if "filter" in views else None,
            transform=bench.transform_part(spec) if "transform" in views else None,
            theorem=bench.theorem_part(spec, phase) if "theorem" in views else None,
            sampling=bench.sampling_part(spec, phase) if "sampling" in views else None,
            border=bench.border_part(spec, phase) if "border" in views else None,
        )

    def state(self) -> State:
        """Return the step and the settings."""
        return State(self.step_index, {}, {"spec": self.spec})

    def load_state(self, state: State) -> None:
        """Go to the step of a state."""
        self.step_index = state.step
        self.spec = state.shared["spec"]
        self._records.clear()

    def status(self) -> Status:
        """Tell whether waves are left to add."""
        plan = self.plan
        if self.step_index < plan.steps:
            return RUNNING
        waves = int((self._bench.mask(self.spec) > 0.0).sum())
        return Status(
            Progress.FINISHED,
            f"all that passes the mask is there again: {waves:,} of {plan.counts[-1]:,} "
            f"coefficients in {plan.steps:,} {'step' if plan.steps == 1 else 'steps'}",
        )

    def headline(self) -> str:
        """Return how much of the energy is there."""
        share = float(self.plan.shares[self.place]) if self.step_index else 1.0
        return f"energy {100.0 * share * self._bench.shares(self.spec)[0]:.4g} %"

    def _on_live_change(self, path: Path) -> None:  # noqa: ARG002 - any of them
        # A picture that cannot be made is refused here, before anything has changed.
        self._bench.picture(self.spec)

    def _position(self) -> str:
        plan, place = self.plan, self.place
        if not self.step_index:
            return "the finished picture"
        if self.spec.rebuild.order == "low":
            return f"ring {place:,} of {plan.steps:,}, up to {self._reach():.3g} c/px"
        return f"step {place:,} of {plan.steps:,}: {plan.counts[place]:,} coefficients"

    def _reach(self) -> float:
        plan, place = self.plan, self.place
        added = self._bench.mask(self.spec) > 0.0
        if place:
            added = added & (plan.ranks <= place)
        return float(self._bench.radii(self.spec)[added].max(initial=0.0))

    def _record_step(self) -> None:
        plan, place = self.plan, self.place
        self._record(
            SERIES_REBUILT,
            float(plan.shares[place]),
            float(plan.errors[place]),
            int(plan.counts[place]),
        )
