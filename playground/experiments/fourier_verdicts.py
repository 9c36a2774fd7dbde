"""What there is to see in each view of the Fourier laboratory, in one sentence with its numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from playground.experiments.fourier_snapshot import Words

if TYPE_CHECKING:
    from playground.experiments.fourier_snapshot import FourierSnapshot, View

EXACT = 1e-6
"""A larger difference between both sides of the convolution theorem would be a mistake."""
MUCH_ALIASED = 0.01
LOUD_SEAM = 2.0


def words_of(snapshot: FourierSnapshot, view: View) -> Words:
    """Return the sentence of a view; that of the mask where a view has not been computed."""
    if view == "transform" and snapshot.transform is not None:
        return _transform(snapshot)
    if view == "theorem" and snapshot.theorem is not None:
        return _theorem(snapshot)
    if view == "sampling" and snapshot.sampling is not None:
        return _sampling(snapshot)
    if view == "border" and snapshot.border is not None:
        return _border(snapshot)
    return _filter(snapshot) if snapshot.is_whole else _rebuilt(snapshot)


def percent(share: float) -> str:
    """Return a share 0…1 in per cent, three significant digits."""
    if 0.9995 <= share < 1.0:
        # Rounded to 100 it would say that nothing is missing.
        return f"{100.0 * share:.6g} %" if share < 0.999999 else "almost 100 %"
    return f"{100.0 * share:.3g} %"


def tiny(value: float) -> str:
    """Return a small number as 4.44×10⁻¹⁶."""
    if value == 0.0:
        return "0"
    power = math.floor(math.log10(value))
    digits = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{value / 10.0**power:.2f}×10{digits}"


def period(frequency: float) -> str:
    """Return the pixels from crest to crest at a frequency in cycles per pixel."""
    return f"{1.0 / frequency:.3g} px" if frequency > 0.0 else "∞"


def _filter(snapshot: FourierSnapshot) -> Words:
    mask = snapshot.spec.mask
    energy, kept = percent(snapshot.passes), percent(snapshot.kept)
    match mask.kind:
        case "low" if snapshot.passes < 1.0:
            return Words(
                "info",
                f"Stripes finer than {period(mask.radius)} are gone: {kept} of the coefficients "
                f"carry {energy} of the energy.",
            )
        case "high":
            return Words(
                "info",
                f"Edges and fine detail are left: {energy} of the energy, and neither the mean "
                f"nor stripes coarser than {period(mask.radius)}.",
            )
        case "band":
            low, high = sorted((mask.inner, mask.outer))
            return Words(
                "info",
                f"Only stripes of {period(high)} to {period(low)} are left: {energy} of the energy "
                f"in {kept} of the coefficients.",
            )
        case "painted" if snapshot.kept < 1.0:
            return Words(
                "info",
                f"The paint closes {percent(1.0 - snapshot.kept)} of the coefficients and with "
                f"them {percent(1.0 - snapshot.passes)} of the energy.",
            )
    height, width = snapshot.shape
    return Words(
        "ok", f"Everything passes: {height * width:,} coefficients are the whole picture again."
    )


def _rebuilt(snapshot: FourierSnapshot) -> Words:
    plan, place = snapshot.plan, snapshot.place
    count = int(plan.counts[place])
    if snapshot.spec.rebuild.order == "low":
        what = f"{place:,} of {plan.steps:,} rings, stripes down to {period(snapshot.reach)}"
    elif count == 1:
        what = f"The strongest of {plan.counts[-1]:,} coefficients"
    else:
        what = f"The {count:,} strongest of {plan.counts[-1]:,} coefficients"
    return Words(
        "info",
        f"{what}: {percent(snapshot.share)} of the energy is there, the error is "
        f"{snapshot.error:.3g}.",
    )


def _transform(snapshot: FourierSnapshot) -> Words:
    transform = snapshot.spec.transform
    found = []
    if transform.rotation:
        found.append(f"turned by {transform.rotation:.4g}°, and so is the spectrum")
    if transform.scale != 1.0:
        found.append(
            f"{transform.scale:.3g} times as large: the spectrum is {1.0 / transform.scale:.3g} "
            "times as large"
        )
    if transform.blur:
        found.append(f"blurred by σ = {transform.blur:.3g} px: high frequencies are dimmed")
    if transform.right or transform.down:
        found.append("shifted: only phases turn, magnitudes stay")
    if not found:
        return Words("info", "Rotate, scale, shift or blur the picture, and watch its spectrum.")
    text = "; ".join(found)
    return Words("ok", f"{text[:1].upper()}{text[1:]}.")


def _theorem(snapshot: FourierSnapshot) -> Words:
    part = snapshot.theorem
    assert part is not None
    error = tiny(part.error)
    if part.error < EXACT:
        return Words(
            "ok", f"F(f∗g) = F(f)·F(g): both ways differ by at most {error}, which is rounding."
        )
    return Words("bad", f"Both ways differ by {error}: more than rounding can explain.")


def _sampling(snapshot: FourierSnapshot) -> Words:
    part = snapshot.sampling
    assert part is not None
    finest = period(part.limit)
    if part.stride == 1:
        return Words("ok", "Every pixel is kept: nothing can be mistaken.")
    if part.prefilter:
        return Words(
            "ok",
            f"Filtered first: stripes finer than {finest} ({percent(part.outside)} of the energy) "
            f"are gone, and none of them comes back as a coarser one.",
        )
    if part.outside >= MUCH_ALIASED:
        return Words(
            "warn",
            f"Stride {part.stride} carries stripes down to {finest}: {percent(part.outside)} of "
            "the energy is finer and comes back as coarser stripes that were never there.",
        )
    return Words(
        "ok",
        f"Stride {part.stride} carries stripes down to {finest}: only {percent(part.outside)} of "
        "the energy is finer, so the samples say nearly all.",
    )


def _border(snapshot: FourierSnapshot) -> Words:
    part = snapshot.border
    assert part is not None
    ratio = part.seam / part.inside if part.inside > 0.0 else math.inf
    cross = f"the cross holds {percent(part.cross)} of what is finer than 20 px"
    after = f"once the edges are faded {percent(part.faded_cross)}"
    if part.seam > 0.0 and ratio >= LOUD_SEAM:
        return Words(
            "info",
            f"Opposite edges do not fit (a step of {part.seam:.2g}, inside {part.inside:.2g}): "
            f"{cross}, {after}.",
        )
    return Words("ok", f"Opposite edges fit together: {cross}, {after}.")
