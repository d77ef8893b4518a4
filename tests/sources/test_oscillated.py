"""Neutrinos that arrive as sterile ones, against the textbook's formula and adaptive integrals."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from bayes_cevns.errors import ArgumentError, ChannelError
from bayes_cevns.physics.baseline import Baseline, phase
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.rates import rate
from bayes_cevns.sources import Source, Spectrum, source
from bayes_cevns.sources.oscillated import sterile_part, sterile_probability
from bayes_cevns.sources.source import combine

EV2 = 1e-12  # MeV^2


@pytest.mark.parametrize("splitting_ev2", [1e-3, 0.5, 7.0])
def test_the_phase_of_the_textbook(splitting_ev2):
    """sin^2(1.267 Delta m^2 [eV^2] L [m] / E [MeV])."""
    energy = np.array([3.0, 29.8, 52.0])
    found = sterile_probability(energy, Baseline(19.3), splitting_ev2 * EV2)
    expected = np.sin(1.26693268 * splitting_ev2 * 19.3 / energy) ** 2
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_allclose(
        phase(energy, 19.3, splitting_ev2 * EV2), 2 * 1.26693268 * splitting_ev2 * 19.3 / energy,
        rtol=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize("splitting_ev2", [0.1, 3.0, 40.0])
def test_the_average_over_distances(splitting_ev2):
    """The normal distribution of distances, summed by hand."""
    energy, distance, spread = 8.0, 20.7, 0.9
    steps = np.linspace(-8, 8, 40001)
    weights = np.exp(-0.5 * steps**2)
    angle = 0.5 * phase(energy, 1.0, splitting_ev2 * EV2) * (distance + spread * steps)
    expected = np.sum(weights * np.sin(angle) ** 2) / weights.sum()
    found = sterile_probability(np.array(energy), Baseline(distance, spread), splitting_ev2 * EV2)
    assert float(found) == pytest.approx(expected, rel=1e-6, abs=3e-5)


def test_fast_oscillations_average_to_one_half():
    found = sterile_probability(np.array([0.0, 1.0, 50.0]), Baseline(20.0, 0.3), 1e6 * EV2)
    np.testing.assert_array_equal(found, 0.5)


@pytest.mark.parametrize("name", ["sns_csi_2021_delayed", "reactor_conus_plus"])
@pytest.mark.parametrize("splitting_ev2", [1e-3, 0.3, 2.0, 10.0, 60.0, 1e4])
def test_moments_against_adaptive_integration(name, splitting_ev2):
    whole = source(name)
    found = sterile_part(whole, splitting_ev2 * EV2)
    least = 4.0 if "reactor" in name else 15.0
    for flavour, (spectrum,) in whole.fluxes.items():
        grid = spectrum.energy_mev

        def integrand(energy, n, spectrum=spectrum):
            flux = np.interp(energy, spectrum.energy_mev, spectrum.flux_per_cm2_s_mev)
            weight = sterile_probability(np.array(energy), whole.baseline, splitting_ev2 * EV2)
            return float(flux * weight * energy**-n)

        step = max(1, grid.size // 100)
        edges = np.unique(np.concatenate([[least], grid[grid > least][::step], grid[-1:]]))
        for n in (0, 2):
            expected = sum(
                quad(integrand, low, high, args=(n,), limit=400, epsrel=1e-7)[0]
                for low, high in pairwise(edges)
            )
            value = found.inverse_moments(least)[FLAVOURS.index(flavour), n]
            assert value == pytest.approx(expected, rel=3e-4), (flavour, n)


def test_a_source_without_a_distance_is_refused():
    with pytest.raises(ChannelError, match="'solar_8b' has no baseline"):
        rate(source="solar_8b", target="Xe", interaction="sterile-oscillation").components(
            1.0, 1e-6
        )


@pytest.mark.parametrize(
    ("name", "distance_m"),
    [
        ("sns_csi_2021_prompt", 19.3),
        ("sns_csi_2017_delayed", 19.3),
        ("sns_lar_2020_delayed", 27.5),
        ("sns_ge_2024", 19.2),
        ("reactor_dresden_ii", 10.39),
        ("reactor_conus_plus", 20.7),
    ],
)
def test_distances_of_experiments(name, distance_m):
    assert source(name).baseline.distance_m == distance_m
    assert source("solar_8b").baseline is None


def test_a_distance_stays_with_a_source():
    one = source("sns_csi_2021_delayed")
    assert one.scaled(2.0).baseline == one.select("nu_e").baseline == one.baseline
    assert one.times(np.ones_like).baseline == one.baseline
    assert combine("both", one, one).baseline == one.baseline
    assert combine("both", one, source("reactor_conus_plus")).baseline is None
    assert one.digest() != Source(one.name, one.fluxes, one.cite).digest()


@pytest.mark.parametrize("distance", [0.0, -1.0, np.nan])
def test_what_is_no_distance(distance):
    with pytest.raises(ArgumentError, match="a baseline must be positive and finite, in m"):
        Baseline(distance)


def test_only_the_flavours_that_oscillate_are_lost():
    shape = Spectrum("shape", np.array([1.0, 20.0, 50.0]), np.array([1e5, 2e5, 0.0]))
    beam = Source("beam", {"nu_e": (shape,), "nu_mu": (shape.scaled(3.0),)}, (), Baseline(20.0))
    whole, e, mu = (
        rate(source=beam, target="Ge", interaction=interaction(name)).components(3.0, 1e-6)
        for name in ("sterile-oscillation", "sterile-oscillation-nu_e", "sterile-oscillation-nu_mu")
    )
    assert mu[1] == pytest.approx(3 * e[1], rel=1e-12)
    assert whole[1] == pytest.approx(e[1] + mu[1], rel=1e-12)
    assert -whole[0] < whole[1] < 0
    assert not whole[2].any()
