"""Two flavours against three, and adiabatic evolution against the equation of motion."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.physics.constants import HBARC_MEV_FM
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DEFAULT_MIXING,
    NO_NSI,
    NUFIT_5_3,
    NsiCouplings,
    OscillationParameters,
    Propagation,
    crossing_probability,
    solar_model,
    survival_probability,
    three_flavour,
)

ENERGIES = np.array([1.0, 3.0, 5.5, 8.0, 11.0, 15.0])


def difference(couplings: NsiCouplings, parameters=DEFAULT_MIXING) -> float:
    options = {"couplings": couplings, "parameters": parameters}
    two = survival_probability("8b", ENERGIES, **options)
    three = three_flavour.survival_probability("8b", ENERGIES, **options)
    return float(np.abs(two - three).max())


def test_standard_model():
    assert difference(NO_NSI) < 1.5e-3


def test_what_a_third_flavour_does_to_the_survival_probability():
    """8B at 10 MeV with NuFIT 5.3: 0.3251 with three flavours, 0.3258 in the limit of large dm31.

    Both by diagonalisation at all radii; the numbers are those of an independent calculation.
    """
    two = survival_probability("8b", 10.0, parameters=NUFIT_5_3)
    three = three_flavour.survival_probability("8b", 10.0, parameters=NUFIT_5_3)
    fast = Propagation(earth="none", parameters=NUFIT_5_3).probabilities(10.0)[0]
    assert (float(two), float(three)) == pytest.approx((0.3258, 0.3251), abs=5e-5)
    assert float(fast[0]) == pytest.approx(float(three), abs=1e-6)


def test_two_flavours_are_the_limit_of_large_dm31():
    couplings = NsiCouplings.of(dict(zip(COUPLINGS, np.linspace(-0.2, 0.3, 12), strict=True)))
    sizes = [
        difference(couplings, OscillationParameters(dm31_ev2=scale * 2.5e-3))
        for scale in (1.0, 10.0, 100.0)
    ]
    assert sizes[1] < 0.2 * sizes[0]
    assert sizes[2] < 0.2 * sizes[1]
    assert sizes[2] < 2e-4


def test_inverted_ordering_differs_as_little():
    assert difference(NO_NSI, OscillationParameters(dm31_ev2=-2.4e-3)) < 1.5e-3


@pytest.mark.parametrize(("size", "most"), [(0.1, 3e-3), (0.3, 5e-3), (1.0, 7e-2)])
def test_how_good_two_flavours_are(size, most):
    """The largest error of P_ee over one coupling at a time, of either sign."""
    worst = max(
        difference(NsiCouplings.of({name: sign * size})) for name in COUPLINGS for sign in (1, -1)
    )
    assert worst < most


def evolve(
    energy_mev: float,
    start: float,
    couplings: NsiCouplings,
    steps: int,
    parameters: OscillationParameters = DEFAULT_MIXING,
) -> np.ndarray:
    """Return the shares of mass eigenstates of a nu_e made at a radius, step by step.

    The amplitudes of three flavours obey i d psi/dr = H psi; H is constant in each step.
    """
    sun, radius_km = solar_model(), 6.957e5
    edges = np.linspace(start, 1.0, steps + 1)
    middle = 0.5 * (edges[1:] + edges[:-1])
    electrons, neutrons = (
        np.exp(np.interp(middle, sun.radius, np.log(density)))
        for density in (sun.electrons_mol_per_cm3, sun.neutrons_mol_per_cm3)
    )
    matrices = three_flavour.hamiltonian(energy_mev, electrons, neutrons, parameters, couplings)
    values, states = np.linalg.eigh(matrices)
    length = (edges[1] - edges[0]) * radius_km * 1e18 / HBARC_MEV_FM  # in 1/MeV
    phases = np.exp(-1j * values * 1e-12 / (2 * energy_mev) * length)
    steps_taken = (states * phases[:, None, :]) @ states.conj().swapaxes(1, 2)
    while len(steps_taken) > 1:
        if len(steps_taken) % 2:
            steps_taken = np.concatenate([steps_taken, np.eye(3)[None]])
        steps_taken = steps_taken[1::2] @ steps_taken[::2]
    return np.abs(states[-1].conj().T @ steps_taken[0][:, 0]) ** 2


@pytest.mark.parametrize("energy", [3.0, 10.0])
@pytest.mark.parametrize(
    "values", [{}, {"eps_emu_u": 0.2, "eps_tautau_d": -0.3}, {"eps_ee_u": -0.4}]
)
def test_the_sun_is_adiabatic(energy, values):
    couplings = NsiCouplings.of(values)
    sun, start = solar_model(), 0.05
    electrons, neutrons = (
        np.interp(start, sun.radius, density)
        for density in (sun.electrons_mol_per_cm3, sun.neutrons_mol_per_cm3)
    )
    made = three_flavour.hamiltonian(energy, electrons, neutrons, DEFAULT_MIXING, couplings)
    adiabatic = np.abs(np.linalg.eigh(made).eigenvectors[0]) ** 2
    evolved = evolve(energy, start, couplings, 40_000)
    np.testing.assert_allclose(evolved, adiabatic, rtol=0, atol=5e-5)


@pytest.mark.parametrize("value", [-0.62, -0.58, -0.5])
def test_where_evolution_is_not_adiabatic(value):
    """eps_emu_u closes the gap at -0.6: the crossing probability, without its interference."""
    couplings, sun = NsiCouplings.of({"eps_emu_u": value}), solar_model()
    starts = np.linspace(0.045, 0.055, 40)
    electrons, neutrons = (
        np.interp(starts, sun.radius, density)
        for density in (sun.electrons_mol_per_cm3, sun.neutrons_mol_per_cm3)
    )
    made = three_flavour.hamiltonian(10.0, electrons, neutrons, NUFIT_5_3, couplings)
    adiabatic = np.mean(np.abs(np.linalg.eigh(made).eigenvectors[:, 0]) ** 2, axis=0)
    evolved = np.mean([evolve(10.0, r, couplings, 8000, NUFIT_5_3) for r in starts], axis=0)
    found = (adiabatic[0] - evolved[0]) / (adiabatic[0] - adiabatic[1])
    expected = crossing_probability(10.0, couplings=couplings, parameters=NUFIT_5_3)
    assert found == pytest.approx(expected, abs=0.03)


def test_without_couplings_nothing_crosses():
    for energy in (0.3, 1.0, 5.0, 15.0):
        assert crossing_probability(energy) == 0.0
