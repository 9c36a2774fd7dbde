from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from playground.experiments.cnn import CnnExperiment
from playground.experiments.cnn_block_spec import BlockSpec, activation, connected, conv, pool
from playground.experiments.cnn_network import network_from
from playground.experiments.cnn_spec import CnnSpec, with_blocks
from playground.experiments.cnn_studies import (
    AscentJob,
    ExcitingImagesJob,
    KnockOutJob,
    window_of,
)
from playground.experiments.jobs import JobError
from playground.experiments.spec import parse_assignments

BLOCKS = (conv(6), activation(), pool(), conv(8), activation(), connected(12), activation())


@pytest.fixture(scope="module")
def trained():
    spec = parse_assignments(
        with_blocks(CnnSpec(), BLOCKS), ("training.rate=0.01", "data.test=150")
    )
    experiment = CnnExperiment(spec, 0)
    experiment.advance(2 * experiment.steps_to_mark())
    return experiment.snapshot(frozenset({"weights"}))


def finished(job):
    steps = job.run()
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return end.value, seen


def test_most_exciting_images_are_those_with_the_largest_maps(trained):
    found, seen = finished(ExcitingImagesJob(trained.weights, trained.images, 3, 2, count=5))
    network = network_from(trained.weights)
    maps = torch.nn.Sequential(*network)[:4](torch.tensor(trained.images.test_x))[:, 2]
    highest = maps.amax((1, 2)).numpy()
    order = np.argsort(-highest, kind="stable")[:5]
    assert [image.example for image in found.found] == order.tolist()
    np.testing.assert_allclose([image.value for image in found.found], highest[order], rtol=1e-5)
    assert found.looked_at == 150
    assert seen[-1].fraction == 1.0
    labels = trained.images.test_y[order].tolist()
    assert [image.label for image in found.found] == labels


def test_window_holds_all_that_the_number_depends_on(trained):
    found, _ = finished(ExcitingImagesJob(trained.weights, trained.images, 3, 2, count=3))
    network = network_from(trained.weights)
    for image in found.found:
        x = torch.tensor(trained.images.test_x[image.example])[None].requires_grad_()
        maps = torch.nn.Sequential(*network)[:4](x)[0, 2]
        maps.max().backward()
        touched = torch.nonzero(x.grad[0].abs().amax(0))
        top, left, bottom, right = image.window
        assert touched.amin(0).tolist() >= [top, left]
        assert (touched.amax(0) < torch.tensor([bottom, right])).all()


@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2])
def test_window_is_exact_for_average_pooling_and_ones(trained, kernel, stride):
    blocks = (
        BlockSpec(kind="conv", channels=1, kernel=kernel, stride=stride, padding=1, dilation=2),
        pool("average"),
    )
    state = dataclasses.replace(trained.weights, blocks=blocks)
    experiment = CnnExperiment(with_blocks(CnnSpec(), blocks), 0)
    network = experiment.network
    for weight in network.parameters():
        torch.nn.init.ones_(weight)
    x = torch.zeros(1, 1, 8, 8, requires_grad=True)
    out = torch.nn.Sequential(*network)[:2](x)
    last = out.shape[2] - 1
    for row, column in ((0, 0), (last, last), (last // 2, 0)):
        (gradient,) = torch.autograd.grad(
            torch.nn.Sequential(*network)[:2](x)[0, 0, row, column], x
        )
        seen = torch.nonzero(gradient[0, 0])
        window = window_of(state, 1, row, column)
        assert (seen.amin(0) >= torch.tensor(window[:2])).all()
        assert (seen.amax(0) < torch.tensor(window[2:])).all()
        # Where nothing is cut off at the border, it ends with the last pixel seen.
        for axis in (0, 1):
            if window[axis] > 0:
                assert int(seen[:, axis].min()) == window[axis]
            if window[2 + axis] < 8:
                assert int(seen[:, axis].max()) + 1 == window[2 + axis]


def test_neurons_see_the_whole_image(trained):
    found, _ = finished(ExcitingImagesJob(trained.weights, trained.images, 5, 0, count=2))
    assert found.found[0].window == (0, 0, 8, 8)
    output, _ = finished(ExcitingImagesJob(trained.weights, trained.images, 7, 3, count=4))
    assert [image.label for image in output.found].count(3) >= 3


def test_ascent_raises_the_answer_of_the_filter(trained):
    job = AscentJob(trained.weights, 7, 3, steps=40)
    found, seen = finished(job)
    assert found.values[-1] > found.values[0] + 1.0
    assert len(found.values) == 41
    assert found.pixels.shape == (1, 8, 8)
    assert 0.0 <= found.pixels.min() <= found.pixels.max() <= 1.0
    outputs = network_from(trained.weights)(torch.tensor(found.pixels)[None])
    assert int(outputs.argmax()) == 3
    assert float(outputs[0, 3]) == pytest.approx(found.values[-1], rel=1e-4)
    partial = [progress.partial for progress in seen if progress.partial is not None]
    assert len(partial) == 40
    again, _ = finished(AscentJob(trained.weights, 7, 3, steps=40))
    np.testing.assert_array_equal(again.pixels, found.pixels)
    other, _ = finished(AscentJob(trained.weights, 7, 3, steps=40, seed=1))
    assert not np.array_equal(other.pixels, found.pixels)


def test_ascent_draws_in_the_window_of_the_filter(trained):
    found, _ = finished(AscentJob(trained.weights, 0, 1, steps=60))
    assert found.window == (3, 3, 6, 6)
    weights = trained.weights.arrays["0.weight"][1, 0]
    inside = found.pixels[0, 3:6, 3:6]
    # A linear answer is largest where pixels are bright under positive weights.
    strong = np.abs(weights) > 0.05
    np.testing.assert_array_equal((inside > 0.5)[strong], (weights > 0)[strong])
    outside = found.pixels[0].copy()
    outside[3:6, 3:6] = 0.5
    assert (outside == 0.5).all()


def test_knock_out_counts_what_is_lost(trained):
    filters = tuple((0, index) for index in range(6))
    pixels = trained.images.test_x[0]
    job = KnockOutJob(trained.weights, trained.images, filters, pixels=pixels)
    found, seen = finished(job)
    assert found.accuracy_before == pytest.approx(trained.test_accuracy)
    # Without its first layer the network says the same of everything.
    assert (found.class_after == 1.0).sum() == 1
    assert found.accuracy_after < 0.3
    labels = trained.images.test_y
    counts = np.bincount(labels, minlength=10)
    assert found.class_before @ counts / 150 == pytest.approx(found.accuracy_before)
    assert found.prediction_before.predicted != -1
    assert found.prediction_before.probabilities.max() > found.prediction_after.probabilities.max()
    assert seen[-1].fraction == 1.0


def test_knock_out_comes_on_top_of_what_is_knocked_out(trained):
    state = dataclasses.replace(trained.weights, knocked_out=tuple((3, k) for k in range(8)))
    found, _ = finished(KnockOutJob(state, trained.images, ((0, 0),)))
    assert found.accuracy_before == found.accuracy_after < 0.3


def test_bad_input_is_told_in_a_sentence(trained):
    state, images = trained.weights, trained.images
    with pytest.raises(JobError, match="Block 2, ReLU, has no filters"):
        AscentJob(state, 1, 0)
    with pytest.raises(JobError, match="no filter 7: it has 6"):
        ExcitingImagesJob(state, images, 0, 6)
    with pytest.raises(JobError, match="no block 9"):
        AscentJob(state, 8, 0)
    with pytest.raises(JobError, match="output layer cannot"):
        KnockOutJob(state, images, ((7, 0),))
    with pytest.raises(JobError, match="steps"):
        AscentJob(state, 0, 0, steps=0)
    with pytest.raises(JobError, match="can be shown"):
        ExcitingImagesJob(state, images, 0, 0, count=0)
    other = dataclasses.replace(images, test_x=images.test_x[:, :, :4])
    with pytest.raises(JobError, match="images of 1 × 8 × 8"):
        ExcitingImagesJob(state, other, 0, 0)
