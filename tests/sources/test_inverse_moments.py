"""Inverse moments of piecewise-linear spectra against adaptive integration and 40 digits."""

from __future__ import annotations

import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from bayes_cevns.errors import ArgumentError
from bayes_cevns.sources import Spectrum

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def spectrum(energy, flux) -> Spectrum:
    return Spectrum("test", np.asarray(energy, dtype=float), np.asarray(flux, dtype=float))


def slow_moment(spec: Spectrum, minimum: float, power: int) -> float:
    energy = spec.energy_mev
    edges = [max(minimum, energy[0]), *energy[energy > minimum]]
    return math.fsum(
        quad(
            lambda e: np.interp(e, energy, spec.flux_per_cm2_s_mev) * e**-power,
            low,
            high,
            epsabs=0,
            epsrel=1e-12,
        )[0]
        for low, high in pairwise(edges)
        if high > low
    )


@st.composite
def spectra(draw, *, from_zero=False):
    first = 0.0 if from_zero else draw(st.floats(0.01, 5.0))
    steps = draw(st.lists(st.floats(1e-3, 4.0), min_size=1, max_size=8))
    energy = first + np.concatenate([[0.0], np.cumsum(steps)])
    sizes = st.one_of(st.just(0.0), st.floats(1e-3, 1e7))
    flux = draw(st.lists(sizes, min_size=energy.size, max_size=energy.size))
    return spectrum(energy, flux)


@QUICK
@given(spec=spectra(), where=st.floats(0.0, 1.0))
def test_against_adaptive_integration(spec, where):
    low, high = spec.energy_mev[0], spec.energy_mev[-1]
    minimum = low + where * (high - low)
    found = spec.inverse_moments(minimum)
    for power in (0, 1, 2):
        expected = slow_moment(spec, minimum, power)
        # Rounding of the intercept and slope is relative to the largest flux.
        scale = spec.flux_per_cm2_s_mev.max() * max(minimum, low) ** -power * (high - minimum)
        assert found[power] == pytest.approx(expected, rel=1e-10, abs=1e-11 * scale + 1e-300)


@QUICK
@given(spec=spectra(from_zero=True), minimum=st.floats(1e-3, 40.0))
def test_a_spectrum_that_starts_at_zero(spec, minimum):
    """1/E diverges at E = 0, but no minimum energy is there."""
    found = spec.inverse_moments(minimum)
    assert np.all(np.isfinite(found))
    scale = spec.flux_per_cm2_s_mev.max() * spec.energy_mev[-1]
    for power in (0, 1, 2):
        expected = slow_moment(spec, minimum, power) if minimum < spec.energy_mev[-1] else 0.0
        bound = 1e-11 * scale * minimum**-power
        assert found[power] == pytest.approx(expected, rel=1e-10, abs=bound)


@QUICK
@given(spec=spectra())
def test_below_the_first_energy_everything_counts(spec):
    first = spec.energy_mev[0]
    whole = spec.inverse_moments(first)
    np.testing.assert_array_equal(spec.inverse_moments(first / 3), whole)
    assert whole[0] == pytest.approx(spec.total_per_cm2_s, rel=1e-12, abs=1e-300)


@QUICK
@given(spec=spectra(), beyond=st.floats(0.0, 1e6))
def test_from_the_last_energy_on_there_is_nothing(spec, beyond):
    assert not spec.inverse_moments(spec.energy_mev[-1] + beyond).any()


@QUICK
@given(spec=spectra(), factor=st.floats(1e-3, 1e3))
def test_linear_in_the_flux(spec, factor):
    queries = np.linspace(spec.energy_mev[0], spec.energy_mev[-1], 7)
    scaled = spectrum(spec.energy_mev, spec.flux_per_cm2_s_mev * factor)
    np.testing.assert_allclose(
        scaled.inverse_moments(queries),
        factor * spec.inverse_moments(queries),
        rtol=1e-9,
        atol=1e-12 * factor * (spec.flux_per_cm2_s_mev.max() + 1e-300),
    )


@QUICK
@given(spec=spectra())
def test_fall_with_the_minimum_energy(spec):
    queries = np.linspace(spec.energy_mev[0], spec.energy_mev[-1], 50)
    moments = spec.inverse_moments(queries)
    slack = 1e-12 * (moments.max(axis=1, keepdims=True) + 1e-300)
    assert np.all(np.diff(moments, axis=1) <= slack)


@QUICK
@given(spec=spectra(), where=st.floats(0.05, 0.95))
def test_a_point_added_on_the_line_changes_nothing(spec, where):
    low, high = spec.energy_mev[:2]
    energy = low + where * (high - low)
    flux = np.interp(energy, spec.energy_mev, spec.flux_per_cm2_s_mev)
    finer = spectrum(
        np.insert(spec.energy_mev, 1, energy), np.insert(spec.flux_per_cm2_s_mev, 1, flux)
    )
    queries = np.linspace(spec.energy_mev[0], spec.energy_mev[-1], 9)
    coarse = spec.inverse_moments(queries)
    np.testing.assert_allclose(
        finer.inverse_moments(queries),
        coarse,
        rtol=1e-9,
        atol=1e-9 * (spec.flux_per_cm2_s_mev.max() + 1e-300),
    )


@pytest.mark.parametrize(
    ("last", "precision"),
    # The intercept of a steep line costs the digits that the interval is short.
    [(3.0, 1e-14), (5.0, 1e-8)],
)
def test_short_intervals_keep_their_digits(last, precision):
    """An interval of 1.3e-7 MeV at 9.7 MeV: 1/a - 1/b and log(b/a) would lose eight digits."""
    low, high = 9.7, 9.7 + 1.3e-7
    found = spectrum([low, high], [3.0, last]).inverse_moments(low)
    with mpmath.workdps(40):
        a, b = mpmath.mpf(low), mpmath.mpf(high)
        expected = [
            float(mpmath.quad(lambda e, p=p: (3 + (last - 3) * (e - a) / (b - a)) / e**p, [a, b]))
            for p in (0, 1, 2)
        ]
    np.testing.assert_allclose(found, expected, rtol=precision)


def test_hand_computed():
    """Flux 2 from 1 to 4 MeV, then falling to zero at 6 MeV."""
    spec = spectrum([1.0, 4.0, 6.0], [2.0, 2.0, 0.0])
    assert spec.total_per_cm2_s == 8.0
    zeroth = 2 * (4 - 2) + 2.0
    first = 2 * math.log(4 / 2) + 6 * math.log(6 / 4) - 2
    second = 2 * (1 / 2 - 1 / 4) + 6 * (1 / 4 - 1 / 6) - math.log(6 / 4)
    np.testing.assert_allclose(spec.inverse_moments(2.0), [zeroth, first, second], rtol=1e-14)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (5,), (2, 3), (2, 0, 3)])
def test_shapes(shape):
    spec = spectrum([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])
    queries = np.full(shape, 0.5)
    values = spec.inverse_moments(queries)
    assert values.shape == (3, *shape)
    if values.size:
        np.testing.assert_array_equal(
            values[(slice(None), *(0,) * len(shape))], spec.inverse_moments(0.5)
        )


@pytest.mark.parametrize("query", [1, [1, 2], np.array([1, 2], dtype=np.uint8), np.float32(1)])
def test_integers_and_lists(query):
    spec = spectrum([0.0, 1.0, 3.0], [0.0, 1.0, 0.0])
    exact = spec.inverse_moments(np.asarray(query, dtype=float))
    np.testing.assert_array_equal(spec.inverse_moments(query), exact)


@pytest.mark.parametrize("query", [0.0, -1.0, np.nan, np.inf, [1.0, 0.0], [[1.0], [np.nan]], None])
def test_minimum_energies_must_be_positive_and_finite(query):
    spec = spectrum([0.0, 1.0, 3.0], [0.0, 1.0, 0.0])
    with pytest.raises(ArgumentError, match="finite and > 0 MeV"):
        spec.inverse_moments(query)
