"""The Earth over a year: exposure, layers and the table, against slow twins."""

from __future__ import annotations

import numpy as np
import oscillation_twins as twins
import pytest

from bayes_cevns.physics.oscillation import DEFAULT_MIXING, OscillationParameters
from bayes_cevns.physics.oscillation import year_cache as cache_module
from bayes_cevns.physics.oscillation.day_night import night_exposure
from bayes_cevns.physics.oscillation.night import (
    LONGEST,
    computed_year,
    crossed_ratio,
    layered,
    nadir_cosines,
    night_change,
    surface_electrons_mol_per_cm3,
)
from bayes_cevns.physics.oscillation.year_cache import year

LATITUDE = 42.4


def test_exposure():
    """Quantiles of the nadir angle are those of the shares of bins."""
    cosines, shares = night_exposure(LATITUDE, bins=200)
    found = np.histogram(nadir_cosines(LATITUDE, 20_000), bins=200, range=(0.0, 1.0))[0] / 20_000
    np.testing.assert_allclose(found, shares, atol=2e-4)
    assert np.mean(nadir_cosines(LATITUDE, 4000)) == pytest.approx(cosines @ shares, abs=1e-3)


def test_layers():
    edges, electrons, neutrons = layered()
    assert edges[0] == 0.0
    assert edges[-1] == 6371.0
    assert np.all(np.diff(edges) > 0)
    fine = twins.earth_without_ocean(10.0)
    for layers, column in (
        (electrons, fine.electrons_mol_per_cm3),
        (neutrons, fine.neutrons_mol_per_cm3),
    ):
        expected = np.trapezoid(column, fine.radius_km)
        assert np.diff(edges) @ layers == pytest.approx(expected, rel=2e-3)
    assert surface_electrons_mol_per_cm3() == pytest.approx(1.29, abs=0.01)  # 2.6 g/cm^3 of rock


def test_composition_lies_between_mantle_and_core():
    assert 1.012 < crossed_ratio(LATITUDE) < crossed_ratio(28.15) < 1.137


@pytest.mark.parametrize("x", [[0.02, 0.0, 0.01], [0.05, 0.0, -0.15], [0.1, 0.0, 0.12]])
@pytest.mark.parametrize("energy", [6.0, 11.0])
def test_the_table_against_three_flavours_without_the_third(x, energy):
    """A potential within nu_1 and nu_2 alone, with dm31 so large that nu_3 takes no part.

    The table is an average over 6% in energy, and so is the twin.
    """
    heavy = OscillationParameters(dm31_ev2=1e3, delta_cp_rad=0.0)
    mixing = heavy.mixing_matrix()
    spread = energy * np.linspace(0.94, 1.06, 25)
    nights = twins.sky(LATITUDE, 90)
    order = np.random.default_rng(0).permutation(nights.size)
    expected = np.zeros(3)
    for i, one in enumerate(spread):
        m = np.array(x) * heavy.dm21_ev2 / (4.0 * twins.SQRT2_GF * energy)
        block = np.array([[m[2], m[0], 0.0], [m[0], -m[2], 0.0], [0.0, 0.0, 0.0]])
        wanted = mixing @ block @ mixing.conj().T - np.diag([1.0, 0.0, 0.0])
        matter = np.zeros((3, 9))
        matter[2] = [*wanted.real[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]], 0.0, 0.0, 0.0]
        states = twins.night_states(one, matter, heavy, nights[order[i::25]])
        first = mixing.conj().T @ states[0] @ mixing
        bloch = [2 * first[0, 1].real, -2 * first[0, 1].imag, (first[0, 0] - first[1, 1]).real]
        expected += (np.array(bloch) - [0.0, 0.0, 1.0]) / spread.size
    table = year(LATITUDE)
    coefficients = table.coefficients(np.array([energy]), heavy.dm21_ev2)
    found = night_change(table.knots, coefficients, np.array(x)[None, None])[0, 0]
    np.testing.assert_allclose(found, expected, atol=0.05 * np.abs(expected).max())


def test_long_vectors_are_shortened():
    table = year(LATITUDE)
    coefficients = table.coefficients(np.array([10.0]), DEFAULT_MIXING.dm21_ev2)
    direction = np.array([0.6, 0.0, -0.8])
    at_end, beyond = (
        night_change(table.knots, coefficients, (length * direction)[None, None])
        for length in (LONGEST, 5.0 * LONGEST)
    )
    np.testing.assert_allclose(at_end, beyond, rtol=1e-12)


def test_the_table_is_kept_and_checked(tmp_path, monkeypatch):
    monkeypatch.setenv("BAYES_CEVNS_CACHE", str(tmp_path))
    calls = []

    def counted(latitude_deg: float) -> np.ndarray:
        calls.append(latitude_deg)
        return np.full((8, 21, 10, 3), latitude_deg)

    monkeypatch.setattr(cache_module, "computed_year", counted)
    fresh = year.__wrapped__
    first = fresh(11.0)
    np.testing.assert_array_equal(fresh(11.0).values, first.values)
    assert calls == [11.0]
    (file,) = tmp_path.glob("earth-*.arrays")
    file.write_bytes(file.read_bytes()[:-8])
    fresh(11.0)
    assert calls == [11.0, 11.0]
    fresh(12.0)
    assert calls[-1] == 12.0
    monkeypatch.setenv("BAYES_CEVNS_CACHE", str(file / "no-folder"))
    fresh(11.0)
    assert len(calls) == 4


def test_computed_values_are_those_of_the_table():
    np.testing.assert_allclose(year(LATITUDE).values, computed_year(LATITUDE), rtol=1e-5, atol=1e-5)
