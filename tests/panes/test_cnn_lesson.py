"""The lesson of the convolution tabs: every link leads somewhere, every number is computed."""

from __future__ import annotations

import functools
import math
import re

import numpy as np
import pytest

from playground.assets_path import asset
from playground.core.kernels import preset as kernel_named
from playground.panes.cnn.convolution_presets import convolution_presets
from playground.panes.cnn.fourier_presets import fourier_presets
from playground.panes.cnn.network_presets import network_presets

LESSON = asset("lessons", "cnn.md").read_text(encoding="utf-8")
LINKS = re.findall(r"\((play|view):([^)]*)\)", LESSON)
PRESETS = {
    "convolution": convolution_presets(),
    "fourier": fourier_presets(),
    "cnn": network_presets(),
}
NOT_IN_THE_LESSON = {
    "convolution": {"blur", "emboss", "separate", "rgb"},
    "fourier": {"start", "grating", "high-pass", "band-pass"},
    "cnn": {"course-cnn", "course-mlp", "deep-stack", "no-activation"},
}


def test_every_experiment_asks_before_it_tells():
    experiments = re.split(r"(?m)^## ", LESSON)[1:]
    assert len(experiments) >= 9
    for place, text in enumerate(experiments, start=1):
        assert text.startswith(f"{place} · ")
        asked, _, told = text.partition("<!-- reveal -->")
        assert "(play:" in asked
        assert "**Predict" in asked
        assert re.search(r"\*\*[^*]+\*\*", told)
    assert LESSON.count("<!-- reveal -->") == len(experiments)


def test_the_lesson_links_presets_that_exist():
    linked = [name.split("/") for kind, name in LINKS if kind == "play"]
    for tab, known in PRESETS.items():
        names = {name for other, name in linked if other == tab}
        assert names == set(known) - NOT_IN_THE_LESSON[tab], tab
    assert {tab for tab, _ in linked} == set(PRESETS)


@pytest.mark.parametrize("tab", list(PRESETS))
def test_the_lesson_links_views_that_exist(tab, qtbot, themed):
    from playground.panes.base import PaneContext
    from playground.panes.registry import pane_info, pane_type
    from playground.ui.channel import ChannelClient

    info = pane_info(tab)
    channel = ChannelClient(info.id, info.experiment_kind, lambda command: None)
    pane = pane_type(info)(PaneContext(info, channel, lambda *words: None, lambda: None))
    qtbot.addWidget(pane)
    qtbot.addWidget(pane.inspector())
    wanted = {name for kind, name in LINKS if kind == "view"}
    assert {name.partition("/")[0] for name in wanted} == set(PRESETS)
    for name in wanted:
        if name.startswith(f"{tab}/"):
            assert pane.show_view(name.partition("/")[2]), name
    assert not pane.show_view("nothing")


def convolved(name, **changes):
    from playground.experiments.convolution import ConvolutionExperiment

    spec = PRESETS["convolution"][name].spec.model_copy(update=changes)
    return ConvolutionExperiment(spec, 0).snapshot(frozenset({"composition"}))


def values(snapshot):
    return snapshot.result.raw.values[0]


def test_a_window_slides():
    found = values(convolved("signal"))[0]
    assert len(found) == 14
    assert convolved("signal").size_sentence.partition(" = ")[0] in LESSON
    assert [round(number, 2) for number in found[-4:]] == [0.67, 0.67, 0.67, 0.0]


def test_edges_of_a_letter():
    found = values(convolved("edges-text"))
    assert np.mean(np.abs(found) < 1e-9) == pytest.approx(0.81, abs=0.01)
    assert (found.min(), found.max()) == (-4.0, 4.0)
    picture = convolved("edges-text").picture.values
    assert (picture.min(), picture.max()) == (0.0, 1.0)
    # In the middle of the bar Sobel ↔ sees nothing, Sobel ↕ sees its edges.
    turned = values(convolved("edges-text", kernel=kernel_of("sobel y")))
    column = found.shape[1] // 2
    bar = slice(32, 56)
    assert np.abs(found[bar, column]).max() < 1e-9
    assert np.abs(turned[bar, column]).max() == pytest.approx(4.0)
    legs = slice(20, 28)
    assert np.abs(found[legs]).max() == pytest.approx(4.0, abs=0.01)
    assert np.abs(turned[legs]).max() == pytest.approx(1.4, abs=0.05)


def kernel_of(name):
    from playground.experiments.kernel_spec import KernelSpec

    return KernelSpec.of(name)


def test_correlation_turns_an_impulse_and_convolution_does_not():
    written = np.arange(1.0, 10.0).reshape(3, 3)
    centre = slice(3, 6)
    np.testing.assert_array_equal(
        values(convolved("correlation"))[centre, centre], written[::-1, ::-1]
    )
    np.testing.assert_array_equal(values(convolved("convolution"))[centre, centre], written)
    law = convolved("compose-asymmetric").composition
    assert law.convolution.difference < 1e-12
    assert law.correlation.difference == pytest.approx(5.81, abs=0.005)
    kernel = convolved("compose").composition.convolution.kernel
    places = np.arange(9.0) - 4.0
    assert math.sqrt(kernel.sum(axis=0) @ places**2) == pytest.approx(math.sqrt(2.0), rel=0.05)


def test_borders():
    corner = {
        border: values(convolved("borders", border=border))[0, 0]
        for border in ("zeros", "replicate", "reflect")
    }
    assert corner == pytest.approx({"zeros": 0.04, "replicate": 0.14, "reflect": 0.13}, abs=0.005)
    picture = convolved("borders").picture.values[0]
    assert picture[:6, :6].mean() == pytest.approx(0.13, abs=0.005)
    assert 36 / 121 * picture[:6, :6].mean() == pytest.approx(corner["zeros"])
    upper = [values(convolved("borders", border=b))[0].mean() for b in ("circular", "replicate")]
    assert upper == pytest.approx([0.22, 0.14], abs=0.005)
    assert values(convolved("borders", border="valid")).shape == (54, 54)
    assert convolved("too-large").result is None


def test_a_stride_makes_false_stripes():
    row = values(convolved("stride-aliasing"))[0]
    picture = convolved("stride-aliasing").picture.values[0, 0]
    # Five samples of four pixels each are twenty pixels; the picture repeats after five.
    np.testing.assert_allclose(row[5:], row[:-5], atol=1e-9)
    np.testing.assert_allclose(picture[5:], picture[:-5], atol=1e-9)
    assert np.ptp(row) == pytest.approx(np.ptp(picture))
    grey = values(convolved("stride-blurred"))
    assert (round(grey.min(), 3), round(grey.max(), 3)) == (0.497, 0.504)


def test_weights_windows_and_pooling():
    counts = convolved("parameters").result.counts
    assert (counts.shared, counts.full, counts.multiplications) == (25, 451_584, 14_400)
    assert [field.size for field in convolved("receptive-field").receptive] == [3, 5, 7]
    dilated = convolved("dilation")
    assert dilated.result.counts.shared == 9
    assert np.ptp(dilated.window_at(24, 24).source_rows) + 1 == 7
    snapshot = convolved("pooling")
    pooled = snapshot.result.pooled.values
    assert (snapshot.result.activated.values.size, pooled.size) == (1024, 256)
    assert pooled.max() == 4.0
    mean = snapshot.spec.pooling.model_copy(update={"kind": "average"})
    pooled = convolved("pooling", pooling=mean).result.pooled.values
    assert pooled.max() == pytest.approx(3.5, abs=0.05)


@functools.cache
def transformed(name):
    from playground.experiments.fourier import FourierExperiment

    preset = PRESETS["fourier"][name]
    return FourierExperiment(preset.spec, 0).snapshot(frozenset({preset.view}))


def waves_until(name, share):
    plan = transformed(name).plan
    return int(plan.counts[np.searchsorted(plan.shares, share)])


def test_a_picture_is_a_sum_of_waves():
    assert transformed("strongest").mask.size == 65_536
    assert waves_until("strongest", 0.90) == 209
    assert waves_until("strongest", 0.99) == 13_103
    assert waves_until("rebuild", 0.90) == 489
    notch = transformed("notch")
    assert 1.0 - notch.kept == pytest.approx(0.004, abs=0.0005)
    assert 1.0 - notch.passes == pytest.approx(0.19, abs=0.005)


def test_the_spectrum_turns_with_the_picture():
    from scipy import ndimage

    part = transformed("rotate").transform
    before, after = (
        np.log1p(np.abs(spectrum.values))
        for spectrum in (part.before_spectrum, part.after_spectrum)
    )
    middle = (slice(64, 192),) * 2

    def alike(angle):
        turned = ndimage.rotate(before, angle, reshape=False, order=1)
        return np.corrcoef(turned[middle].ravel(), after[middle].ravel())[0, 1]

    assert max((-60, -30, 0, 30, 60), key=alike) == 30
    shifted = transformed("shift").transform
    sizes = [np.abs(each.values) for each in (shifted.before_spectrum, shifted.after_spectrum)]
    np.testing.assert_allclose(*sizes, atol=1e-6 * sizes[0].max())


def test_smoothing_kills_high_frequencies():
    # Both masks let pass what is coarser than 10 pixels.
    photo, blurred = transformed("start"), transformed("blur")
    assert photo.spec.mask == blurred.spec.mask
    assert 1.0 / photo.spec.mask.radius == pytest.approx(10.0)
    assert photo.image.shape == blurred.image.shape
    assert 1.0 - photo.passes == pytest.approx(0.056, abs=0.0005)
    assert 1.0 - blurred.passes == pytest.approx(0.0024, abs=0.00005)


def gain(name, frequency):
    """Return by how much the kernel of a set-up lets an upright wave through."""
    setting = PRESETS["fourier"][name].spec.theorem
    kernel = kernel_named(setting.kernel, setting.side, setting.side, setting.sigma)
    places = np.arange(setting.side) - setting.side // 2
    return kernel.sum(axis=0) @ np.cos(2.0 * np.pi * frequency * places)


def test_the_theorem():
    assert transformed("theorem").theorem.error < 3e-15
    assert transformed("theorem").theorem.kernel.values.size == 81
    assert gain("theorem-box", 1 / 6) == pytest.approx(-0.22, abs=0.005)
    assert gain("theorem", 1 / 6) == pytest.approx(0.10, abs=0.005)
    assert gain("theorem-sobel", 0.0) == 0.0


def strongest_wave(spectrum):
    """Return rows down and columns to the right, of the one of a pair that points to the right."""
    sizes = np.abs(spectrum.values)
    height, width = sizes.shape
    sizes[height // 2, width // 2] = 0.0
    down, right = np.unravel_index(
        int(sizes[:, width // 2 :].argmax()), (height, width - width // 2)
    )
    return int(down) - height // 2, int(right)


def test_waves_are_folded_back():
    part = transformed("aliasing").sampling
    down, right = strongest_wave(part.spectrum)
    side = part.spectrum.shape[0]
    assert 1.0 / part.limit == 4.0
    assert side / math.hypot(down, right) == pytest.approx(3.2, abs=0.05)
    folded_down, folded_right = strongest_wave(part.folded)
    assert side / math.hypot(folded_down, folded_right) == pytest.approx(4.3, abs=0.05)
    assert down < 0 < folded_down
    assert np.ptp(transformed("anti-aliasing").sampling.samples.values) < 1e-9


def trained(name, epochs):
    from playground.experiments.cnn import CnnExperiment

    preset = PRESETS["cnn"][name]
    experiment = CnnExperiment(preset.spec, preset.seed)
    while len(experiment.history) <= epochs:
        experiment.step()
    return experiment


@pytest.fixture(scope="module")
def reader():
    return trained("digits-cnn", 5)


def parameters(experiment):
    return sum(weight.numel() for weight in experiment.network.parameters())


def test_from_noise_to_filters(reader):
    found = [epoch.test_accuracy for epoch in reader.history]
    assert found[0] == pytest.approx(0.08, abs=0.02)
    expected = {1: 0.89, 2: 0.93, 5: 0.97}
    assert {epoch: found[epoch] for epoch in expected} == pytest.approx(expected, abs=0.02)
    images = reader.snapshot(frozenset()).images
    assert (images.training_count, images.test_count) == (1437, 360)
    assert trained("digits-mlp", 5).history[-1].test_accuracy == pytest.approx(0.96, abs=0.02)
    single = trained("one-filter", 5)
    assert parameters(single) == 196
    assert single.history[-1].test_accuracy == pytest.approx(0.89, abs=0.03)


def test_the_bundled_networks():
    from playground.experiments.bundled_networks import load_bundled

    cnn, mlp = load_bundled("cnn-mnist"), load_bundled("mlp-mnist")
    found = {mark.step: mark.test_accuracy for mark in cnn.checkpoints}
    assert (round(found[30], 2), round(found[125], 2)) == (0.52, 0.90)
    assert cnn.checkpoints[-1].test_accuracy == pytest.approx(0.972)
    assert mlp.checkpoints[-1].test_accuracy == pytest.approx(0.9425)
    for network, count in ((cnn, 9_098), (mlp, 39_760)):
        assert sum(array.size for array in network.checkpoints[-1].arrays.values()) == count
        assert f"{count:,}" in LESSON


def test_how_fast():
    from playground.experiments.base import SetValue

    wild = trained("too-fast", 1)
    assert wild.history[-1].test_accuracy < 0.15
    assert len(wild.snapshot(frozenset({"filters"})).filters[1].dead) == 32
    wild.apply(SetValue(path=("training", "rate"), value=0.003))
    while len(wild.history) <= 2:
        wild.step()
    assert wild.history[-1].test_accuracy < 0.15
    assert len(wild.snapshot(frozenset({"filters"})).filters[1].dead) == 32
    assert trained("batch-norm", 1).history[-1].test_accuracy == pytest.approx(0.98, abs=0.02)


def outcome(job):
    run = job.run()
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value


def test_knock_out():
    from playground.experiments.cnn_studies import KnockOutJob

    snapshot = trained("knock-out", 30).snapshot(frozenset({"weights", "filters"}))
    assert snapshot.status.progress.value == "finished"
    assert snapshot.filters[0].dead == (0,)

    def without(*filters):
        gone = tuple((0, number - 1) for number in filters)
        return outcome(KnockOutJob(snapshot.weights, snapshot.images, gone))

    assert without().accuracy_before == pytest.approx(0.98, abs=0.015)
    assert without(1).accuracy_after == without().accuracy_before
    fourth, seventh = without(4), without(7)
    assert fourth.accuracy_after == pytest.approx(0.85, abs=0.05)
    assert fourth.class_before[[5, 9]] == pytest.approx([0.97, 0.98], abs=0.05)
    assert fourth.class_after[[5, 9]] == pytest.approx([0.56, 0.57], abs=0.15)
    assert seventh.class_after[[1, 8]] == pytest.approx([0.60, 0.52], abs=0.15)
    assert without(1, 3, 5, 8).accuracy_after == pytest.approx(0.95, abs=0.03)
    assert without(1, 2, 3, 5, 8).accuracy_after == pytest.approx(0.76, abs=0.06)


def test_the_smallest_push(reader):
    import torch
    from torch.nn import functional

    from playground.experiments.cnn_evaluation import evaluate
    from playground.experiments.cnn_explain import ShiftJob

    snapshot = reader.snapshot(frozenset({"weights"}))
    images, network = snapshot.images, reader.network
    x, y = torch.tensor(images.test_x), torch.tensor(images.test_y)
    asked = x.clone().requires_grad_(True)
    network.eval()
    loss = functional.cross_entropy(network(asked), y)
    worst = torch.autograd.grad(loss, asked)[0].sign()
    chance = torch.from_numpy(np.random.default_rng(0).choice([-1.0, 1.0], x.shape)).float()

    def read(way, epsilon):
        return evaluate(network, (x + epsilon * way).clamp(0.0, 1.0), y, 0).accuracy

    assert x.shape[1:] == (1, 8, 8)
    assert read(chance, 0.1) == pytest.approx(0.96, abs=0.02)
    assert read(worst, 0.1) == pytest.approx(0.62, abs=0.06)
    assert read(worst, 0.2) == pytest.approx(0.05, abs=0.04)
    flips = []
    for place, digit in ((0, 2), (1, 1)):
        assert images.test_y[place] == digit
        found = outcome(ShiftJob(snapshot.weights, images.test_x[place], 0.1, digit))
        assert found.before.predicted == digit
        flips.append(found.flips_at)
        if place == 0:
            assert found.before.probabilities[digit] > 0.99
            np.testing.assert_array_equal(found.direction, worst[0].numpy())
    assert flips[0] == pytest.approx(0.135, abs=0.016)
    assert flips[1] < 0.05


def test_two_hundred_images():
    plain, varied = trained("over-fitting", 50), trained("augmentation", 50)
    assert parameters(plain) == 71_754
    assert plain.snapshot(frozenset()).images.training_count == 200
    end, other = plain.history[-1], varied.history[-1]
    assert end.train_accuracy == 1.0
    assert end.test_accuracy == pytest.approx(0.95, abs=0.015)
    losses = [epoch.test_loss for epoch in plain.history]
    assert 10 <= int(np.argmin(losses)) <= 35
    assert end.test_loss > 1.08 * min(losses)
    assert other.train_accuracy == pytest.approx(0.91, abs=0.05)
    assert other.test_accuracy == pytest.approx(0.97, abs=0.015)
    assert 0.5 < other.test_loss / end.test_loss < 0.8
