"""Bad spectra are refused with the name of the source; good ones are left as they are."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError
from bayes_cevns.sources import Spectrum


def build(energy, flux) -> Spectrum:
    return Spectrum("beam", np.array(energy), np.array(flux))


@pytest.mark.parametrize(
    ("energy", "flux", "message"),
    [
        ([1.0, 2.0], [1.0], "same length"),
        ([1.0], [1.0], "same length"),
        ([], [], "same length"),
        ([[1.0, 2.0]], [[1.0, 2.0]], "two vectors"),
        (1.0, 1.0, "two vectors"),
        ([1.0, np.nan], [1.0, 1.0], "must be finite"),
        ([1.0, np.inf], [1.0, 1.0], "must be finite"),
        ([1.0, 2.0], [1.0, np.nan], "must be finite"),
        ([1.0, 2.0], [np.inf, 1.0], "must be finite"),
        ([2.0, 1.0], [1.0, 1.0], "increase"),
        ([1.0, 1.0], [1.0, 1.0], "increase"),
        ([-1.0, 1.0], [1.0, 1.0], ">= 0"),
        ([1.0, 2.0], [1.0, -1e-9], ">= 0"),
    ],
)
def test_bad_spectra(energy, flux, message):
    with pytest.raises(ArgumentError, match=f"spectrum 'beam'.*{message}"):
        build(energy, flux)


def test_scaling_changes_only_the_total():
    spec = Spectrum("beam", np.array([1.0, 2.0, 4.0]), np.array([0.0, 3.0, 1.0]), ("Key:2000ab",))
    scaled = spec.scaled_to(11.0)
    assert spec.total_per_cm2_s == 5.5
    assert scaled.total_per_cm2_s == pytest.approx(11.0, rel=1e-15)
    np.testing.assert_allclose(scaled.flux_per_cm2_s_mev, [0.0, 6.0, 2.0], rtol=1e-15)
    assert (scaled.name, scaled.cite) == (spec.name, spec.cite)
    np.testing.assert_array_equal(spec.flux_per_cm2_s_mev, [0.0, 3.0, 1.0])
    assert not spec.scaled_to(0.0).flux_per_cm2_s_mev.any()


@pytest.mark.parametrize("total", [-1.0, np.nan, np.inf])
def test_bad_totals(total):
    with pytest.raises(ArgumentError, match="total flux must be finite and >= 0"):
        build([1.0, 2.0], [1.0, 1.0]).scaled_to(total)


def test_a_dark_source_cannot_be_scaled():
    with pytest.raises(ArgumentError, match="flux"):
        build([1.0, 2.0], [0.0, 0.0]).scaled_to(1.0)


@pytest.mark.parametrize(
    "kind",
    [
        np.uint8,
        np.int16,
        np.float32,
    ],
)
def test_narrow_dtypes_do_not_overflow(kind):
    narrow = Spectrum("beam", np.array([1, 2, 3], dtype=kind), np.array([3, 1, 200], dtype=kind))
    wide = build([1.0, 2.0, 3.0], [3.0, 1.0, 200.0])
    np.testing.assert_allclose(narrow.inverse_moments(1.5), wide.inverse_moments(1.5), rtol=1e-12)
    assert narrow.total_per_cm2_s == pytest.approx(wide.total_per_cm2_s, rel=1e-12)


def test_unsigned_energies_that_fall_are_noticed():
    with pytest.raises(ArgumentError, match="increase"):
        Spectrum("beam", np.array([3, 2, 1], dtype=np.uint8), np.ones(3))


def test_lists_are_taken_as_arrays():
    spec = Spectrum("beam", [1.0, 2.0], [1.0, 1.0])
    assert spec.total_per_cm2_s == 1.0


def test_times_weighs_the_points_and_stays_linear_between():
    spec = Spectrum("beam", np.array([1.0, 2.0, 4.0]), np.array([0.0, 3.0, 1.0]), ("Key:2000ab",))
    weighted = spec.times(lambda energy: energy / 4)
    np.testing.assert_array_equal(weighted.flux_per_cm2_s_mev, [0.0, 1.5, 1.0])
    np.testing.assert_array_equal(weighted.energy_mev, spec.energy_mev)
    assert weighted.cite == spec.cite
    # Linear from 1.5 at 2 MeV to 1 at 4 MeV; the product of the two lines would be 1.5 at 3 MeV.
    assert weighted.inverse_moments(3.0)[0] == pytest.approx((1.25 + 1.0) / 2, rel=1e-15)


def test_weights_that_sum_to_one_split_a_spectrum_exactly():
    spec = build([0.5, 1.0, 3.0, 4.0], [1.0, 5.0, 2.0, 0.0])
    queries = np.linspace(0.1, 5, 40)
    parts = [spec.times(lambda e: np.exp(-e)), spec.times(lambda e: 1 - np.exp(-e))]
    total = sum(part.inverse_moments(queries) for part in parts)
    np.testing.assert_allclose(total, spec.inverse_moments(queries), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (lambda _: 0.5, r"shape \(2,\), got shape \(\)"),
        (lambda e: e[:1], r"got shape \(1,\)"),
        (lambda e: -e, "finite and >= 0"),
        (lambda e: np.nan * e, "finite and >= 0"),
        (lambda e: np.inf * e, "finite and >= 0"),
    ],
)
def test_bad_weights(weight, message):
    with pytest.raises(ArgumentError, match=f"weight of 'beam'.*{message}"):
        build([1.0, 2.0], [1.0, 1.0]).times(weight)


@pytest.mark.parametrize("factor", [-1.0, np.nan, np.inf])
def test_bad_factors(factor):
    with pytest.raises(ArgumentError, match="factor of 'beam' must be finite and >= 0"):
        build([1.0, 2.0], [1.0, 1.0]).scaled(factor)
