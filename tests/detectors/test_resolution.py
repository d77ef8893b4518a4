"""Bin probabilities: moments, densities, sharp limit."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from bayes_cevns.detectors import GammaResolution, GaussianResolution
from bayes_cevns.errors import ArgumentError

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def root(mean):
    return 0.8 * np.sqrt(mean)


def normal_density(x, mean, sigma):
    return math.exp(-0.5 * ((x - mean) / sigma) ** 2) / (math.sqrt(2 * math.pi) * sigma)


def gamma_density(x, mean, sigma):
    shape, rate = (mean / sigma) ** 2, mean / sigma**2
    return math.exp(
        (shape - 1) * math.log(x) + shape * math.log(rate) - rate * x - math.lgamma(shape)
    )


@pytest.mark.parametrize(
    ("kind", "density"), [(GaussianResolution, normal_density), (GammaResolution, gamma_density)]
)
@pytest.mark.parametrize("mean", [0.7, 5.0, 40.0])
def test_against_the_integrated_density(kind, density, mean):
    edges = np.array([0.5, 1.0, 4.0, 6.0, 30.0, 60.0])
    sigma = float(root(mean))
    expected = [
        quad(lambda x: density(x, mean, sigma), low, high, epsabs=1e-15, limit=200)[0]
        for low, high in pairwise(edges)
    ]
    found = kind(root).bin_probabilities(mean, edges)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("kind", [GaussianResolution, GammaResolution])
@pytest.mark.parametrize("mean", [3.0, 20.0, 90.0])
def test_moments(kind, mean):
    edges = np.linspace(-60, 240, 30001)
    middle = 0.5 * (edges[:-1] + edges[1:])
    found = kind(root).bin_probabilities(mean, edges)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert found @ middle == pytest.approx(mean, rel=1e-5)
    assert math.sqrt(found @ (middle - mean) ** 2) == pytest.approx(root(mean), rel=1e-4)


def test_gamma_of_csi():
    """Shape 1 + 9.56 E and rate (0.0749/E) shape in photoelectrons (COHERENT 2021)."""
    energy = 1.5
    shape = 1 + 9.56 * energy
    rate = 0.0749 / energy * shape
    mean = energy / 0.0749

    def sigma(signal):
        return signal / np.sqrt(1 + 9.56 * 0.0749 * signal)

    def density(x):
        return math.exp(
            (shape - 1) * math.log(x) + shape * math.log(rate) - rate * x - math.lgamma(shape)
        )

    found = GammaResolution(sigma).bin_probabilities(mean, [10.0, 20.0])
    assert found[0] == pytest.approx(quad(density, 10, 20)[0], rel=1e-9)


@pytest.mark.parametrize("kind", [GaussianResolution, GammaResolution])
def test_sharp_limit_is_counting(kind):
    edges = [0.0, 1.0, 2.0, 3.0]
    means = np.array([0.0, 0.4, 1.0, 1.5, 2.999, 3.0])
    expected = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    np.testing.assert_array_equal(kind(np.zeros_like).bin_probabilities(means, edges), expected)
    narrow = kind(lambda mean: 1e-6 * mean).bin_probabilities(means[[1, 3]], edges)
    np.testing.assert_allclose(narrow, np.array(expected)[[1, 3]], atol=1e-12)


@pytest.mark.parametrize("kind", [GaussianResolution, GammaResolution])
def test_far_tail_keeps_its_digits(kind):
    edges = [40.0, 41.0, 1e4]
    found = kind(lambda mean: 0.25 * mean).bin_probabilities(10.0, edges)
    assert np.all(found > 0)
    assert found[1] < found[0] < 1e-9


@QUICK
@given(mean=st.floats(0, 100), scale=st.floats(0.01, 3))
def test_probabilities(mean, scale):
    edges = np.linspace(0, 120, 13)
    for kind in (GaussianResolution, GammaResolution):
        found = kind(lambda m: scale * np.sqrt(m)).bin_probabilities(mean, edges)
        assert found.shape == (12,)
        assert np.all(found >= 0)
        assert found.sum() <= 1 + 1e-12


def test_noise_around_zero():
    """Gaussian noise smears a mean of zero; a Gamma has nothing to smear."""
    edges = [-1.0, 0.0, 1.0]
    noise = GaussianResolution(lambda mean: 0.5 + 0 * mean).bin_probabilities(0.0, edges)
    np.testing.assert_allclose(noise, 0.5 * math.erf(math.sqrt(2)), rtol=1e-12)
    nothing = GammaResolution(lambda mean: 1 / mean).bin_probabilities(0.0, edges)
    np.testing.assert_array_equal(nothing, [0, 1])


def test_shapes():
    found = GaussianResolution(root).bin_probabilities(np.ones((2, 3)), [0, 1, 2])
    assert found.shape == (2, 3, 2)


@pytest.mark.parametrize(
    ("sigma", "mean", "edges", "message"),
    [
        (root, -1.0, [0, 1], "mean signals must be finite and >= 0"),
        (root, 1.0, [0], "two or more finite bin edges"),
        (root, 1.0, [0, math.nan], "two or more finite bin edges"),
        (root, 1.0, [1, 0], "bin edges must increase"),
        (lambda m: -m, 1.0, [0, 1], "returned -1, expected standard deviations >= 0"),
        (lambda _: 1.0, [1.0, 2.0], [0, 1], r"shape \(\), expected \(2, 1\)"),
    ],
)
def test_bad_input(sigma, mean, edges, message):
    with pytest.raises(ArgumentError, match=message):
        GaussianResolution(sigma).bin_probabilities(mean, edges)
