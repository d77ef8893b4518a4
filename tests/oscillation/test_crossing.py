"""Level crossings in the Sun against the equation of motion of three flavours."""

from __future__ import annotations

import numpy as np
import oscillation_twins as twins
import pytest

from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DEFAULT_MIXING,
    NUFIT_5_3,
    NsiCouplings,
    crossing_probability,
    matter_couplings,
)
from bayes_cevns.physics.oscillation.crossing import change, minimum_of_quartic
from bayes_cevns.physics.oscillation.matter_couplings import matter_terms
from bayes_cevns.physics.oscillation.sun import Sun, least_exponent, mass_state_shares

SUN = Sun.of(DEFAULT_MIXING, "b16-gs98", "8b")
#: With this mixing eps_emu_u = -0.6 closes the gap.
CLOSING = NUFIT_5_3


def shares(
    energy: float, matter: np.ndarray, *, crossings: bool = True, sun: Sun = SUN
) -> np.ndarray:
    constant, per_neutron = (part[None] for part in matter_terms(matter))
    energies = np.array([energy])
    return mass_state_shares(sun, energies, constant, per_neutron, crossings=crossings)[:, 0, 0]


@pytest.mark.parametrize("value", [-0.53, -0.57, -0.6, -0.65])
@pytest.mark.parametrize("energy", [7.0, 12.0])
def test_a_line_on_which_the_gap_closes(value, energy):
    """eps_emu_u: adiabatic evolution is wrong by up to 0.3 in the shares, this by 5e-3."""
    matter = matter_couplings(NsiCouplings.of({"eps_emu_u": value}))
    sun = Sun.of(CLOSING, "b16-gs98", "8b")
    expected = twins.integrated_shares(energy, matter, CLOSING)
    np.testing.assert_allclose(shares(energy, matter, sun=sun), expected, rtol=0, atol=5e-3)
    if value == -0.6:
        adiabatic = shares(energy, matter, crossings=False, sun=sun)
        assert np.abs(adiabatic - expected).max() > 0.25


def test_random_couplings_with_crossings():
    """Points of [-1, 1]^12 with exponents below 5: one in a hundred."""
    generator, errors, adiabatic = np.random.default_rng(21), [], []
    while len(errors) < 6:
        row = generator.uniform(-1.0, 1.0, 12)
        matter = matter_couplings(NsiCouplings.of(dict(zip(COUPLINGS, row, strict=True))))
        energy = generator.uniform(5.0, 15.0)
        constant, per_neutron = (part[None] for part in matter_terms(matter))
        if least_exponent(SUN, constant, per_neutron)[0] > 5.0 * energy:
            continue
        expected = twins.integrated_shares(energy, matter, DEFAULT_MIXING)
        errors.append(np.abs(shares(energy, matter) - expected).max())
        off = shares(energy, matter, crossings=False) - expected
        adiabatic.append(np.abs(off).max())
    assert max(errors) < 1.5e-2
    assert np.median(errors) < 3e-3
    assert max(adiabatic) > 5 * max(errors)


def test_where_levels_meet_exactly_neutrinos_keep_their_flavour():
    """Without vacuum mixing levels cross: the shares are those of the diabatic states."""
    matter = matter_couplings(NsiCouplings.of({"eps_emu_u": -0.6}))
    sun = Sun.of(CLOSING, "b16-gs98", "8b")
    steps = [shares(10.0, matter + d * matter, sun=sun) for d in (-1e-4, 0.0, 1e-4)]
    assert np.abs(np.diff(steps, axis=0)).max() < 5e-3


def test_the_probability_of_one_way():
    """Not averaged: a neutrino of the centre crosses once; none comes back without a gap."""
    couplings = NsiCouplings.of({"eps_emu_u": -0.6})
    options = {"couplings": couplings, "parameters": CLOSING}
    assert crossing_probability(10.0, **options) > 0.9
    assert crossing_probability(10.0, start_radius=0.3, **options) == 0.0
    assert crossing_probability(10.0, couplings=NsiCouplings.of({"eps_emu_u": -0.45})) < 1e-3
    for energy in (0.3, 1.0, 5.0, 15.0):
        assert crossing_probability(energy) == 0.0


def test_the_mean_over_directions():
    """Against a sum over many directions of neutrinos made inside and outside."""
    directions = (np.arange(40_000) + 0.5) / 20_000 - 1.0
    for exponent in (0.05, 0.5, 2.0):
        for ratio in (0.2, 0.8, 1.3, 2.5):
            cosine2 = 1.0 - ratio**2 * (1.0 - directions**2)
            p = np.exp(-exponent / np.sqrt(np.clip(cosine2, 1e-12, None)))
            if ratio > 1:
                p = np.where((cosine2 > 0) & (directions > 0), 2 * p * (1 - p), 0.0)
            inside = np.array([[float(ratio < 1)]])
            found = change(np.array([[exponent]]), np.array([[ratio]]), inside)[0, 0]
            assert found == pytest.approx(p.mean(), abs=2e-3)


def test_the_least_of_a_quartic():
    x = np.arange(-2.0, 3.0)
    values = 0.3 + 1.2 * (x - 0.37) ** 2 + 0.02 * (x - 0.37) ** 3
    assert minimum_of_quartic(values[None])[0] == pytest.approx(0.37, abs=1e-10)
