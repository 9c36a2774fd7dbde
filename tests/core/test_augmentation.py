from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from playground.core import augmentation
from playground.core.augmentation import Strengths, augment, displacements


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def smooth_images(count=3, height=24, width=20):
    """Images without sharp edges, dark at the border: interpolation hardly changes them."""
    rng = np.random.default_rng(0)
    noise = ndimage.gaussian_filter(rng.random((count, 1, height, width)), (0, 0, 2.5, 2.5))
    noise -= noise.min()
    window = np.outer(np.hanning(height), np.hanning(width))
    return torch.tensor(noise / noise.max() * window, dtype=torch.float32)


def fixed(monkeypatch, *drawn):
    """Let the five draws of every image be these numbers in −1…1."""

    def rand(shape, generator):
        return (torch.tensor(drawn).expand(shape) + 1.0) / 2.0

    monkeypatch.setattr(torch, "rand", rand)


def test_nothing_to_vary_changes_and_draws_nothing():
    images = smooth_images()
    source = generator()
    before = source.get_state()
    assert augment(images, Strengths(), source) is images
    assert torch.equal(source.get_state(), before)


def test_same_generator_same_variation():
    images = smooth_images()
    strong = Strengths(3, 20, 0.2, 10, 20, 4)
    first = augment(images, strong, generator(5))
    assert torch.equal(first, augment(images, strong, generator(5)))
    assert not torch.equal(first, augment(images, strong, generator(6)))
    assert first.shape == images.shape
    assert first.min() >= 0
    assert first.max() <= images.max() + 1e-6
    # Each image goes its own way.
    same = augment(images[:1].repeat(3, 1, 1, 1), strong, generator(5))
    assert not torch.allclose(same[0], same[1], atol=1e-3)


def test_whole_pixels_are_shifted_exactly(monkeypatch):
    images = smooth_images()
    fixed(monkeypatch, 1.0, -0.5, 0.0, 0.0, 0.0)
    moved = augment(images, Strengths(shift=4), generator())
    expected = torch.zeros_like(images)
    expected[:, :, :-2, 4:] = images[:, :, 2:, :-4]
    torch.testing.assert_close(moved, expected, atol=2e-6, rtol=0)


@pytest.mark.parametrize(
    ("strengths", "drawn", "matrix"),
    [
        (Strengths(rotation=90), (0, 0, 1, 0, 0), [[0, -1], [1, 0]]),
        (Strengths(rotation=60), (0, 0, -0.5, 0, 0), None),
        (Strengths(scaling=0.25), (0, 0, 0, 1, 0), [[0.8, 0], [0, 0.8]]),
        (Strengths(skew=45), (0, 0, 0, 0, 1), [[1, 0], [-1, 1]]),
        (Strengths(2, 40, 0.2, 20), (1, -1, 0.5, -0.5, 0.25), "all"),
    ],
)
def test_affine_variations_are_those_of_scipy(monkeypatch, strengths, drawn, matrix):
    images = smooth_images()
    fixed(monkeypatch, *map(float, drawn))
    moved = augment(images, strengths, generator())
    angle = np.radians(strengths.rotation * drawn[2])
    rotate = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lean = np.array([[1, np.tan(np.radians(strengths.skew * drawn[4]))], [0, 1]])
    forward = rotate @ lean * (1 + strengths.scaling * drawn[3])
    # scipy counts rows first: both axes of the map are swapped.
    inverse = np.linalg.inv(forward)[::-1, ::-1]
    if isinstance(matrix, list):
        np.testing.assert_allclose(inverse, matrix, atol=1e-12)
    centre = (np.array(images.shape[2:]) - 1) / 2
    shift = np.array([drawn[1], drawn[0]]) * strengths.shift
    for image, found in zip(images[:, 0], moved[:, 0], strict=True):
        offset = centre - inverse @ (centre + shift)
        expected = ndimage.affine_transform(image.numpy(), inverse, offset, order=1)
        np.testing.assert_allclose(found[2:-2, 2:-2], expected[2:-2, 2:-2], atol=1e-5)


def test_displacements_are_smoothed_noise():
    strengths = Strengths(elastic=34, smoothness=4)
    found = displacements(2, 28, 20, strengths, generator(3))
    noise = torch.rand((2, 2, 28, 20), generator=generator(3)) * 2 - 1
    expected = 34 * ndimage.gaussian_filter(
        noise.numpy(), (0, 0, 4, 4), mode="constant", truncate=3.0
    )
    np.testing.assert_allclose(found.permute(0, 3, 1, 2), expected, atol=1e-4)
    # Simard's numbers move strokes by a pixel or two.
    assert 0.5 < float(found.std()) < 3.0


def test_elastic_distortion_moves_pixels_by_the_displacements():
    images = smooth_images(2)
    strengths = Strengths(elastic=20, smoothness=3)
    found = augment(images, strengths, generator(1))
    moved = displacements(2, 24, 20, strengths, generator(1)).numpy()
    rows, columns = np.indices((24, 20))
    for place in range(2):
        where = [rows + moved[place, ..., 1], columns + moved[place, ..., 0]]
        expected = ndimage.map_coordinates(images[place, 0].numpy(), where, order=1)
        np.testing.assert_allclose(found[place, 0], expected, atol=1e-3)


def test_channels_move_together():
    grey = smooth_images()
    found = augment(grey.repeat(1, 3, 1, 1), Strengths(2, 10, elastic=10), generator())
    assert torch.equal(found[:, 0], found[:, 2])


def test_gaussian_sums_to_one_inside():
    matrix = augmentation._gaussian_matrix(40, 2.0)
    np.testing.assert_allclose(matrix.sum(1)[10:30], 1.0, rtol=1e-6)
