import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core.frequency_masks import dabbed, encode_mask
from playground.core.images import encode_pixels
from playground.experiments.base import EditError, Progress, SetValue
from playground.experiments.fourier import FourierExperiment
from playground.experiments.fourier_snapshot import SERIES_REBUILT, VIEW_PHASE, VIEWS
from playground.experiments.fourier_spec import FourierSpec, MaskSpec
from playground.experiments.fourier_verdicts import percent, period, tiny, words_of
from playground.experiments.image_spec import picture_of
from playground.experiments.spec import SpecError, describe, parse_assignments, replace_at, validate

ALL = frozenset({*VIEWS, VIEW_PHASE})
FEW = settings(max_examples=15, deadline=None)


def spec_of(*assignments, kind="noise", size=24):
    base = FourierSpec(image={"kind": kind, "size": size})
    return parse_assignments(base, assignments)


def lab(*assignments, **options):
    return FourierExperiment(spec_of(*assignments, **options), 1)


def shown(*assignments, steps=0, views=ALL, **options):
    experiment = lab(*assignments, **options)
    experiment.advance(steps)
    return experiment.snapshot(views)


def test_every_knob_is_live():
    assert all(field.knob.live for field in describe(FourierSpec))


def test_the_first_screen_is_the_finished_picture():
    snapshot = shown("mask.kind=none", views=frozenset({"filter"}))
    source = picture_of(snapshot.spec.image)
    assert snapshot.is_whole
    assert np.abs(snapshot.filtered.result.values - source).max() < 1e-12
    assert np.all(snapshot.filtered.weight == 255)
    assert snapshot.status.running


def test_only_what_is_on_screen_is_computed():
    names = ("filtered", "transform", "theorem", "sampling", "border")
    for view, name in zip(VIEWS, names, strict=True):
        snapshot = shown(views=frozenset({view}))
        assert [n for n in names if getattr(snapshot, n) is not None] == [name]
        assert snapshot.spectrum.phase is None
    assert shown(views=frozenset({"filter", VIEW_PHASE})).spectrum.phase.shape == (24, 24, 3)


def test_all_arrays_are_frozen():
    snapshot = shown("transform.rotation=10", "image.colour=rgb", steps=2)
    pictures = [
        snapshot.image,
        snapshot.filtered.result,
        snapshot.transform.before,
        snapshot.theorem.direct,
        snapshot.sampling.read,
        snapshot.border.faded,
    ]
    arrays = [array for picture in pictures for array in (picture.pixels, picture.values)]
    arrays += [snapshot.mask, snapshot.filtered.weight, snapshot.spectrum.values]
    arrays += [snapshot.spectrum.magnitude, snapshot.spectrum.phase]
    assert not any(array.flags.writeable for array in arrays)


@pytest.mark.parametrize("order", ["low", "strong"])
def test_playing_puts_the_picture_together(order):
    experiment = lab(f"rebuild.order={order}", "mask.kind=none", "image.colour=rgb")
    source = picture_of(experiment.spec.image)
    errors = []
    while experiment.status().running:
        experiment.step()
        snapshot = experiment.snapshot(frozenset({"filter"}))
        error = np.sqrt(np.square(snapshot.filtered.result.values - source).mean())
        assert snapshot.error == pytest.approx(error, abs=1e-9)
        errors.append(error)
    assert all(later <= before + 1e-9 for before, later in itertools.pairwise(errors))
    assert errors[-1] < 1e-12
    assert experiment.status().progress is Progress.FINISHED
    assert "576 of 576 coefficients" in experiment.status().reason
    assert experiment.advance(5) == 0


def test_every_step_is_recorded():
    experiment = lab()
    done = experiment.advance(1000)
    records = experiment.drain_records()
    assert [record.step for record in records] == list(range(done + 1))
    assert {record.series for record in records} == {SERIES_REBUILT}
    assert records[0].values == (0.0, pytest.approx(records[0].values[1]), 0)
    assert records[-1].values == (1.0, 0.0, 576)


def test_many_steps_at_once_are_the_same_steps():
    one, other = lab("mask.kind=none"), lab("mask.kind=none")
    for _ in range(4):
        one.step()
    other.advance(4)
    assert one.drain_records() == other.drain_records()
    pictures = [e.snapshot(ALL).filtered.result.pixels for e in (one, other)]
    assert np.array_equal(*pictures)


def test_a_state_brings_back_step_and_settings():
    experiment = lab()
    experiment.advance(3)
    state = experiment.state()
    before = experiment.snapshot(ALL)
    experiment.apply(SetValue(path=("mask", "radius"), value=0.3))
    experiment.advance(2)
    experiment.load_state(state)
    after = experiment.snapshot(ALL)
    assert after.spec == before.spec
    assert np.array_equal(after.filtered.result.pixels, before.filtered.result.pixels)
    assert experiment.drain_records() == []


def test_a_change_that_leaves_fewer_steps_finishes_the_picture():
    experiment = lab("mask.kind=none")
    experiment.advance(10)
    experiment.apply(SetValue(path=("mask", "kind"), value="low"))
    assert experiment.place == experiment.plan.steps < 10
    assert experiment.snapshot(ALL).is_whole
    assert not experiment.status().running


@FEW
@given(
    st.sampled_from(["low", "high", "band"]),
    st.floats(0, 0.7),
    st.floats(0, 0.2),
)
def test_filtered_pictures_are_real_and_hold_the_energy_that_passes(kind, radius, softness):
    names = {"low": ["radius"], "high": ["radius"], "band": ["inner"]}[kind]
    mask = MaskSpec(kind=kind, softness=softness, **dict.fromkeys(names, radius))
    snapshot = FourierExperiment(
        FourierSpec(image={"kind": "noise", "size": 16}, mask=mask), 1
    ).snapshot(frozenset({"filter"}))
    source = picture_of(snapshot.spec.image)
    values = snapshot.filtered.result.values
    variance = np.square(values - values.mean()).sum()
    assert snapshot.passes == pytest.approx(variance / np.square(source - source.mean()).sum())
    assert snapshot.filtered.signed == (kind != "low")


def test_a_painted_notch_takes_a_grating_out():
    clean = FourierSpec(image={"kind": "flower", "size": 64})
    striped = replace_at(replace_at(clean, ("image", "stripes"), 0.1), ("image", "period"), 8.0)
    mask = np.ones((64, 64), bool)
    for harmonic in (1, 2, 3):
        mask = dabbed(mask, (0.0, harmonic / 8), 0.01, passes=False)
    painted = replace_at(striped, ("mask", "painted"), encode_mask(mask))
    assert painted.mask.kind == "painted"
    snapshot = FourierExperiment(painted, 1).snapshot(frozenset({"filter"}))
    reference = picture_of(clean.image)
    before = np.square(picture_of(striped.image) - reference).mean()
    assert np.square(snapshot.filtered.result.values - reference).mean() < 0.2 * before
    assert "paint closes" in words_of(snapshot, "filter").text


def test_a_painted_mask_fits_a_picture_of_another_size():
    mask = encode_mask(dabbed(np.ones((64, 64), bool), (0.25, 0.25), 0.1, passes=False))
    snapshot = shown(f"mask.painted={mask}", size=20)
    assert snapshot.mask.shape == (20, 20)
    assert 0.5 < snapshot.kept < 1.0


def test_nothing_painted_lets_everything_pass():
    assert shown("mask.kind=painted").kept == 1.0


@pytest.mark.parametrize("kernel", ["box", "gaussian", "sobel x", "emboss", "random"])
@pytest.mark.parametrize("side", [1, 4, 11])
@pytest.mark.parametrize("size", [8, 33])
def test_the_theorem_holds_to_rounding(kernel, side, size):
    part = shown(
        f"theorem.kernel={kernel}", f"theorem.side={side}", size=size, views=frozenset({"theorem"})
    ).theorem
    # The cells of a large Sobel kernel are in the thousands.
    assert part.error < 1e-9
    product = part.spectrum.values * part.kernel_spectrum.values
    assert np.allclose(part.product.values, product, rtol=1e-4, atol=1e-3)


def test_the_theorem_of_colours_is_that_of_their_grey():
    part = shown("image.colour=rgb", views=frozenset({"theorem"})).theorem
    assert part.direct.values.shape == (1, 24, 24)
    assert part.error < 1e-12


def test_shifting_leaves_magnitudes_and_turns_phases():
    part = shown("transform.right=5", "transform.down=-3").transform
    before, after = part.before_spectrum, part.after_spectrum
    assert np.allclose(np.abs(before.values), np.abs(after.values), atol=1e-3)
    assert not np.array_equal(before.phase, after.phase)
    assert before.reference == after.reference


def test_a_fine_grating_comes_back_as_a_coarse_one():
    """Period 3 under stride 2: 1/3 cycles per pixel folds to 2/3 − 1 = −1/3 of every other one."""
    snapshot = shown("image.period=3", "sampling.stride=2", kind="gratings", size=48, views=ALL)
    part = snapshot.sampling
    assert part.outside > 0.99
    assert part.limit == 0.25
    row = np.abs(part.folded.values[12])
    row[12] = 0.0
    assert sorted(np.flatnonzero(row > 0.5 * row.max())) == [12 - 8, 12 + 8]
    assert words_of(snapshot, "sampling").tone == "warn"
    filtered = shown(
        "image.period=3", "sampling.stride=2", "sampling.prefilter=true", kind="gratings", size=48
    )
    assert np.ptp(filtered.sampling.samples.values) < 1e-9
    assert words_of(filtered, "sampling").tone == "ok"


def test_a_grating_that_fits_has_no_seam_and_a_ramp_has_a_cross():
    whole = shown("image.period=8", kind="gratings", size=32)
    assert "fit together" in words_of(whole, "border").text
    ramp = np.tile(np.linspace(0, 255, 32).astype(np.uint8), (32, 1))
    own = FourierSpec(image={"kind": "own", "own": encode_pixels(ramp)})
    snapshot = FourierExperiment(own, 1).snapshot(ALL)
    assert snapshot.border.cross == pytest.approx(1.0)
    assert snapshot.border.seam > 5 * snapshot.border.inside
    assert "do not fit" in words_of(snapshot, "border").text
    assert snapshot.border.tiles.shape == (96, 96)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 2), (9, 14, 3)])
@pytest.mark.parametrize("kind", ["none", "high", "painted"])
def test_pictures_of_any_shape_can_be_looked_at(shape, kind):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    spec = FourierSpec(
        image={"kind": "own", "own": encode_pixels(pixels), "colour": "rgb"},
        mask={"kind": kind, "painted": "2x2:0,1,3"},
        transform={"rotation": 30.0, "right": 2, "blur": 1.0},
        sampling={"stride": 4},
    )
    experiment = FourierExperiment(spec, 1)
    while experiment.status().running:
        experiment.step()
        snapshot = experiment.snapshot(ALL)
        for view in VIEWS:
            assert words_of(snapshot, view).text
    assert experiment.step_index <= 500


def test_a_black_picture_is_no_trouble():
    snapshot = shown("image.contrast=0", kind="impulse", size=8)
    assert not snapshot.spectrum.magnitude.any() or snapshot.spectrum.reference > 0
    assert snapshot.passes == 1.0


def test_what_cannot_be_is_refused_and_changes_nothing():
    experiment = lab()
    for path, value in (
        (("mask", "painted"), "nonsense"),
        (("mask", "radius"), 2.0),
        (("mask", "radius"), float("nan")),
        (("image", "kind"), "own"),
        (("sampling", "stride"), 9),
        (("theorem", "kernel"), "blurry"),
    ):
        before = experiment.spec
        with pytest.raises(EditError):
            experiment.apply(SetValue(path=path, value=value))
        assert experiment.spec is before


def test_the_sentence_about_a_bad_mask_says_what_is_wrong():
    with pytest.raises(SpecError, match="painted mask is written as"):
        replace_at(FourierSpec(), ("mask", "painted"), "nonsense")


def test_a_spec_survives_json():
    mask = encode_mask(dabbed(np.ones((8, 8), bool), (0.25, 0.25), 0.1, passes=False))
    spec = replace_at(FourierSpec(), ("mask", "painted"), mask)
    assert validate(FourierSpec, spec.model_dump(mode="json")) == spec


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_a_sentence_while_playing_and_at_rest(view):
    for steps in (0, 3):
        snapshot = shown("image.kind=china", "image.size=32", steps=steps)
        words = words_of(snapshot, view)
        assert words.text.endswith(".")
        assert words.tone != "bad"


@pytest.mark.parametrize(
    ("assignments", "part"),
    [
        (("mask.kind=none",), "Everything passes"),
        (("mask.kind=low",), "Stripes finer than 10 px are gone"),
        (("mask.kind=high",), "Edges and fine detail"),
        (("mask.kind=band",), "Only stripes of 6.67 px to 20 px"),
    ],
)
def test_sentences_about_masks(assignments, part):
    assert part in words_of(shown(*assignments), "filter").text


def test_sentences_about_moving():
    snapshot = shown("transform.rotation=30", "transform.scale=2", "transform.right=1")
    text = words_of(snapshot, "transform").text
    assert text.startswith("Turned by 30°, and so is the spectrum; 2 times as large")
    assert text.endswith("shifted: only phases turn, magnitudes stay.")


def test_numbers_in_sentences():
    assert tiny(4.44e-16) == "4.44×10⁻¹⁶"
    assert tiny(0.0) == "0"
    assert percent(0.99999) == "99.999 %"
    assert percent(0.9999999) == "almost 100 %"
    assert percent(1.0) == "100 %"
    assert period(0.0) == "∞"
