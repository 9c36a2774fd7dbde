from __future__ import annotations

import numpy as np
import pytest
import torch

from playground.experiments.cnn import CnnExperiment
from playground.experiments.cnn_block_spec import activation, conv, course_mlp, pool
from playground.experiments.cnn_explain import (
    GradCamJob,
    OcclusionJob,
    PredictJob,
    SaliencyJob,
    ShiftJob,
    cam_blocks,
    is_quick,
    predict_now,
)
from playground.experiments.cnn_network import network_from
from playground.experiments.cnn_snapshot import NetworkState
from playground.experiments.cnn_spec import CnnSpec, with_blocks
from playground.experiments.jobs import JobError
from playground.experiments.spec import parse_assignments


@pytest.fixture(scope="module")
def trained():
    blocks = (conv(6), activation(), pool(), conv(8), activation())
    spec = parse_assignments(with_blocks(CnnSpec(), blocks), ("training.rate=0.01",))
    experiment = CnnExperiment(spec, 0)
    experiment.advance(3 * experiment.steps_to_mark())
    return experiment.snapshot(frozenset({"weights", "features:5"}))


@pytest.fixture(scope="module")
def pixels(trained):
    return trained.images.test_x[5]


def finished(job):
    steps = job.run()
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return end.value, seen


def plain(trained):
    """The same network as a plain program has it."""
    nn = torch.nn
    network = nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(128, 10),
    )
    arrays = trained.weights.arrays
    network.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
    return network


def test_an_answer_at_once_is_that_of_the_job(trained, pixels):
    at_once = predict_now(trained.weights, pixels)
    prediction, _ = finished(PredictJob(trained.weights, pixels))
    np.testing.assert_array_equal(at_once.probabilities, prediction.probabilities)
    with pytest.raises(JobError, match="1 × 8 × 8"):
        predict_now(trained.weights, np.zeros((28, 28)))


@pytest.mark.parametrize(("filters", "quick"), [(8, True), (256, False)])
def test_large_networks_are_not_quick(filters, quick):
    blocks = (conv(filters), activation(), conv(filters), activation(), pool(), pool())
    state = NetworkState(blocks, (1, 28, 28), tuple("0123456789"), {})
    assert is_quick(state) is quick


def test_prediction_is_that_of_the_network(trained, pixels):
    prediction, _ = finished(PredictJob(trained.weights, pixels, layers=True))
    known = trained.features[5].prediction
    np.testing.assert_allclose(prediction.probabilities, known.probabilities, atol=1e-6)
    assert [layer.title for layer in prediction.layers] == [layer.title for layer in known.layers]
    expected = plain(trained)(torch.tensor(pixels)[None])[0].double().softmax(0)
    np.testing.assert_allclose(prediction.probabilities, expected.detach().numpy(), atol=1e-6)
    assert finished(PredictJob(trained.weights, pixels))[0].layers == ()


def test_image_without_channels_is_taken(trained, pixels):
    prediction, _ = finished(PredictJob(trained.weights, pixels[0].astype(float)))
    assert prediction.pixels.shape == (1, 8, 8)


@pytest.mark.parametrize("target", [None, 3])
def test_saliency_is_the_gradient_of_autograd(trained, pixels, target):
    found, _ = finished(SaliencyJob(trained.weights, pixels, target))
    x = torch.tensor(pixels)[None].requires_grad_()
    outputs = plain(trained)(x)[0]
    chosen = int(outputs.argmax()) if target is None else target
    outputs[chosen].backward()
    assert found.target == chosen
    np.testing.assert_allclose(found.gradient, x.grad[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(found.strength, x.grad[0].abs().amax(0).numpy(), atol=1e-5)


def test_saliency_is_the_slope_of_small_changes(trained, pixels):
    found, _ = finished(SaliencyJob(trained.weights, pixels, 2))
    network = plain(trained).double()
    x = torch.tensor(pixels, dtype=torch.float64)[None]
    for row, column in ((1, 3), (4, 4), (6, 2)):
        moved = x.clone()
        moved[0, 0, row, column] += 1e-6
        slope = float((network(moved)[0, 2] - network(x)[0, 2]).detach()) / 1e-6
        assert found.gradient[0, row, column] == pytest.approx(slope, abs=1e-3)


def test_grad_cam_is_its_definition(trained, pixels):
    found, _ = finished(GradCamJob(trained.weights, pixels, None, 5))
    assert found.block == 4
    network = plain(trained)
    maps = network[:5](torch.tensor(pixels)[None]).detach().requires_grad_()
    network[5:](maps)[0, 5].backward()
    alpha = maps.grad[0].mean((1, 2))
    coarse = torch.relu((alpha[:, None, None] * maps[0]).sum(0)).detach()
    np.testing.assert_allclose(found.weights, alpha.numpy(), atol=1e-6)
    np.testing.assert_allclose(found.coarse, coarse.numpy(), atol=1e-5)
    assert found.coarse.shape == (4, 4)
    assert found.heat.shape == (8, 8)
    assert 0.0 <= found.heat.min() <= found.heat.max() <= 1.0


def test_grad_cam_of_any_block_that_leaves_an_image(trained, pixels):
    assert cam_blocks(trained.weights) == (0, 1, 2, 3, 4)
    assert finished(GradCamJob(trained.weights, pixels, 2))[0].coarse.shape == (4, 4)
    with pytest.raises(JobError, match="one of 1, 2, 3, 4, 5"):
        GradCamJob(trained.weights, pixels, 7)
    mlp = CnnExperiment(with_blocks(CnnSpec(), course_mlp()), 0)
    state = mlp.snapshot(frozenset({"weights"})).weights
    with pytest.raises(JobError, match="needs a convolution"):
        GradCamJob(state, pixels)


def test_occlusion_is_the_probability_of_covered_images(trained, pixels):
    job = OcclusionJob(trained.weights, pixels, 1, patch=3, stride=2, value=0.5)
    found, seen = finished(job)
    # Places 0, 2, 4 and 5: the last one touches the end.
    assert found.covered.shape == (4, 4)
    network = plain(trained)
    covered = pixels.copy()
    covered[:, 2:5, 5:8] = 0.5
    expected = network(torch.tensor(covered)[None])[0].softmax(0)[1].detach()
    assert found.covered[1, 3] == pytest.approx(float(expected), abs=1e-6)
    # The corner lies under one patch alone.
    assert found.drop[0, 0] == pytest.approx(found.probability - found.covered[0, 0], abs=1e-6)
    assert found.drop[7, 7] == pytest.approx(found.probability - found.covered[3, 3], abs=1e-6)
    assert seen[-1].fraction == 1.0


def test_occlusion_refuses_impossible_patches(trained, pixels):
    with pytest.raises(JobError, match="1 to 8 pixels wide"):
        OcclusionJob(trained.weights, pixels, patch=9)
    with pytest.raises(JobError, match="stride"):
        OcclusionJob(trained.weights, pixels, stride=0)
    default = OcclusionJob(trained.weights, pixels)
    assert (default.patch, default.stride) == (2, 1)


def test_shift_is_the_fast_gradient_sign(trained, pixels):
    label = int(trained.images.test_y[5])
    found, _ = finished(ShiftJob(trained.weights, pixels, 0.1, label))
    x = torch.tensor(pixels)[None].requires_grad_()
    torch.nn.functional.cross_entropy(plain(trained)(x), torch.tensor([label])).backward()
    expected = (x + 0.1 * x.grad.sign()).clamp(0.0, 1.0).detach()[0]
    np.testing.assert_allclose(found.after.pixels, expected.numpy(), atol=1e-6)
    assert found.after.probabilities[label] < found.before.probabilities[label]
    assert found.epsilons[0] == 0.0
    assert found.epsilons[-1] == pytest.approx(0.3)
    np.testing.assert_allclose(found.probabilities[0], found.before.probabilities, atol=1e-6)
    flips = found.epsilons[found.probabilities.argmax(1) != label]
    assert found.flips_at == (flips[0] if len(flips) else None)
    still, _ = finished(ShiftJob(trained.weights, pixels, 0.0))
    np.testing.assert_array_equal(still.after.pixels, pixels)


def test_bad_input_is_told_in_a_sentence(trained, pixels):
    with pytest.raises(JobError, match=r"images of 1 × 8 × 8 .* not of 1 × 28 × 28"):
        PredictJob(trained.weights, np.zeros((28, 28)))
    with pytest.raises(JobError, match="finite"):
        PredictJob(trained.weights, np.full((8, 8), np.nan))
    with pytest.raises(JobError, match="no class 10"):
        SaliencyJob(trained.weights, pixels, 10)
    with pytest.raises(JobError, match="from 0 to 1"):
        ShiftJob(trained.weights, pixels, 1.5)


def test_network_from_a_state_only_answers(trained):
    network = network_from(trained.weights)
    assert not network.training
    assert not any(weight.requires_grad for weight in network.parameters())
