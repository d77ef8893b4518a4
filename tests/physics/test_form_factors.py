"""Form factors against the Fourier transform of the density they stand for."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erf

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics.form_factors import (
    FORM_FACTORS,
    form_factor,
    helm,
    klein_nystrand,
    point_like,
)

HBARC = 197.3269804
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def transform(density, q_mev, reach_fm):
    """Integrate 4 pi r^2 density(r) sin(k r)/(k r) over a sphere, and divide by k = 0."""
    k = q_mev / HBARC
    wave = quad(lambda r: r**2 * density(r) * np.sinc(k * r / np.pi), 0, reach_fm, limit=400)[0]
    return wave / quad(lambda r: r**2 * density(r), 0, reach_fm, limit=400)[0]


@pytest.mark.parametrize("a", [40, 132])
@pytest.mark.parametrize("q_mev", [1.0, 15.7, 32.0, 60.0, 90.0])
def test_helm_is_a_ball_smeared_by_a_gaussian(a, q_mev):
    c = 1.23 * a ** (1 / 3) - 0.60
    radius = math.sqrt(c**2 + 7 / 3 * math.pi**2 * 0.52**2 - 5 * 0.9**2)
    s = 0.9

    def density(r):
        r = max(r, 1e-9)
        up, down = (radius + r) / (math.sqrt(2) * s), (radius - r) / (math.sqrt(2) * s)
        surface = math.exp(-(up**2)) - math.exp(-(down**2))
        return (erf(up) + erf(down)) / 2 + s / (math.sqrt(2 * math.pi) * r) * surface

    expected = transform(density, q_mev, radius + 10 * s)
    assert helm(q_mev, a) == pytest.approx(expected, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("q_mev", [1.0, 15.7, 32.0, 60.0])
def test_klein_nystrand_is_a_ball_folded_with_a_yukawa(q_mev):
    """The transform of a folding is the product of the transforms."""
    radius, reach = 1.23 * 132 ** (1 / 3), 0.7
    ball = transform(lambda _: 1.0, q_mev, radius)
    yukawa = transform(lambda r: math.exp(-r / reach) / max(r, 1e-12), q_mev, 40 * reach)
    assert klein_nystrand(q_mev, 132) == pytest.approx(ball * yukawa, rel=1e-7)


@pytest.mark.parametrize(
    ("form", "mean_square_radius"),
    [
        (helm, lambda a: 0.6 * ((1.23 * a ** (1 / 3) - 0.6) ** 2 + 6.2272 - 4.05) + 3 * 0.81),
        (klein_nystrand, lambda a: 0.6 * (1.23 * a ** (1 / 3)) ** 2 + 6 * 0.49),
    ],
)
@pytest.mark.parametrize("a", [28, 74, 131])
def test_small_q_gives_the_radius(form, mean_square_radius, a):
    k = 0.02  # 1/fm
    slope = (1 - float(form(k * HBARC, a))) * 6 / k**2
    assert slope == pytest.approx(mean_square_radius(a), rel=1e-2)


@pytest.mark.parametrize("name", FORM_FACTORS)
def test_normalisation_and_names(name):
    form = form_factor(name)
    assert form(0.0, 132) == 1.0
    assert form([0.0, 1.0], 132).shape == (2,)
    assert form(np.zeros((2, 3)), 132).shape == (2, 3)


def test_point_like_is_one_everywhere():
    np.testing.assert_array_equal(point_like([[0.0, 50.0]], 132), [[1.0, 1.0]])


@pytest.mark.parametrize("form", [helm, klein_nystrand])
def test_no_step_where_the_series_takes_over(form):
    """3 j1(x)/x switches from its series to its closed form at x = 0.01.

    The series is good to rounding; the closed form loses five digits there, to 1e-11.
    """
    a = 132
    edge = 0.01
    if form is helm:
        c = 1.23 * a ** (1 / 3) - 0.60
        radius = math.sqrt(c**2 + 7 / 3 * math.pi**2 * 0.52**2 - 5 * 0.9**2)
    else:
        radius = 1.23 * a ** (1 / 3)
    for x in (edge * (1 - 1e-9), edge * (1 + 1e-9), 0.003, 0.03):
        k = x / radius
        with mpmath.workdps(40):
            y = mpmath.mpf(x)
            ball = 3 * (mpmath.sin(y) - y * mpmath.cos(y)) / y**3
            damping = (
                mpmath.exp(-((k * 0.9) ** 2) / 2) if form is helm else 1 / (1 + (k * 0.7) ** 2)
            )
            expected = float(ball * damping)
        precision = 1e-14 if x < edge else 1e-11
        assert form(k * HBARC, a) == pytest.approx(expected, rel=precision)


@QUICK
@given(low=st.floats(1e-3, 30.0), step=st.floats(0.1, 10.0), a=st.integers(20, 140))
def test_falls_with_q_below_its_first_zero(low, step, a):
    for form in (helm, klein_nystrand):
        assert 1.0 >= form(low, a) > form(low + step, a) > 0


def test_unknown_form_factor_suggests_a_name():
    with pytest.raises(UnknownNameError, match=r"unknown form factor 'Helm'; did you mean 'helm'"):
        form_factor("Helm")
