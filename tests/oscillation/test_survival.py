"""The survival probability: published values, limits, and quadratures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.oscillation import (
    COMPONENTS,
    COUPLINGS,
    DE_SALAS_2020,
    DEFAULT_MIXING,
    NO_NSI,
    SOLAR_MODELS,
    NsiCouplings,
    OscillationParameters,
    mass_state_probabilities,
    mean_cos_2theta,
    solar_model,
    survival_probability,
)
from bayes_cevns.physics.oscillation.matter import (
    POTENTIAL_EV2_PER_MEV,
    Projections,
    hamiltonian_terms,
)

REFERENCE = OscillationParameters(sin2_theta12=0.307, sin2_theta13=0.0222, dm21_ev2=7.41e-5)


def test_reference_value():
    """0.3268 is that of B23-SF3-GS98 with electrons of hydrogen and helium alone."""
    model = solar_model("b23-sf3-gs98").hydrogen_and_helium()
    found = survival_probability("8b", 10.0, model=model, parameters=REFERENCE)
    assert found == pytest.approx(0.3268, abs=5e-5)


@pytest.mark.parametrize(
    ("model", "expected"),
    [("b16-gs98", 0.32585), ("b16-agss09met", 0.32572), ("b23-sf3-gs98", 0.32623)],
)
def test_the_models_agree(model, expected):
    """Summed over all 1000 (2000) zones of the raw tables with the density of protons."""
    found = survival_probability("8b", 10.0, model=model, parameters=REFERENCE)
    assert found == pytest.approx(expected, abs=1e-5)


def test_the_potential():
    """2 sqrt2 G_F N_A E = 1.526e-7 eV^2 for one mole of electrons per cm^3 and 1 MeV."""
    potential = 2 * POTENTIAL_EV2_PER_MEV
    assert potential == pytest.approx(1.5264e-7, rel=1e-4)


@pytest.mark.parametrize("component", COMPONENTS)
def test_vacuum_and_matter_limits(component):
    p = DEFAULT_MIXING
    s13 = p.sin2_theta13
    low, high = survival_probability(component, [1e-4, 1e5], parameters=p)
    vacuum = (1 - s13) ** 2 * (1 - 0.5 * p.sin_2theta12**2) + s13**2
    assert low == pytest.approx(vacuum, abs=1e-5)
    assert high == pytest.approx((1 - s13) ** 2 * p.sin2_theta12 + s13**2, abs=1e-5)
    energies = np.geomspace(0.1, 20.0, 60)
    assert np.all(np.diff(survival_probability(component, energies)) < 0)


def test_published_probabilities_at_low_and_high_energy():
    """Borexino, Nature 562 (2018) 505: 0.57 +- 0.09 for pp, 0.53 +- 0.05 for 7Be, 0.43 +- 0.11
    for pep and 0.37 +- 0.08 for 8B at 8.1 MeV."""
    found = [
        float(survival_probability(component, energy))
        for component, energy in (("pp", 0.267), ("7be", 0.862), ("pep", 1.44), ("8b", 8.1))
    ]
    np.testing.assert_array_less(
        np.abs(np.array(found) - [0.57, 0.53, 0.43, 0.37]), [0.09, 0.05, 0.11, 0.08]
    )


def epsilon_by_hand(p, c):
    """eps_D and eps_N as printed in arXiv:2409.02003, eqs. 14 and 15, for one quark."""
    s13, c13 = np.sqrt(p.sin2_theta13), np.sqrt(1 - p.sin2_theta13)
    s23, c23 = np.sqrt(p.sin2_theta23), np.sqrt(1 - p.sin2_theta23)
    difference = s23**2 - s13**2 * c23**2
    diagonal = (
        -0.5 * c13**2 * c["ee"]
        + 0.5 * (c13**2 - difference) * c["mumu"]
        + 0.5 * difference * c["tautau"]
        + s13 * c13 * s23 * c["emu"]
        + s13 * c13 * c23 * c["etau"]
        - (1 + s13**2) * c23 * s23 * c["mutau"]
    )
    off_diagonal = (
        -s13 * c23 * s23 * c["mumu"]
        + s13 * c23 * s23 * c["tautau"]
        + c13 * c23 * c["emu"]
        - c13 * s23 * c["etau"]
        + s13 * (s23**2 - c23**2) * c["mutau"]
    )
    return diagonal, off_diagonal


def test_projections_as_printed():
    projections = Projections.of(DE_SALAS_2020)
    pairs = ("ee", "mumu", "tautau", "emu", "etau", "mutau")
    for position, pair in enumerate(pairs):
        unit = dict.fromkeys(pairs, 0.0) | {pair: 1.0}
        diagonal, off_diagonal = epsilon_by_hand(DE_SALAS_2020, unit)
        assert projections.diagonal[position] == pytest.approx(diagonal, abs=1e-14)
        assert projections.off_diagonal[position] == pytest.approx(off_diagonal, abs=1e-14)


def test_the_hamiltonian_is_a_block_of_the_full_one():
    """Rotate the matter part of three flavours by hand, with a CP phase and both quarks."""
    p = DEFAULT_MIXING
    couplings = NsiCouplings.of({"eps_emu_u": 0.3, "eps_mutau_d": -0.2, "eps_ee_d": 0.1})
    energy, electrons, neutrons = 9.0, 80.0, 35.0
    x, s = hamiltonian_terms(energy, np.array([electrons]), np.array([neutrons]), p, couplings)
    full = np.diag([electrons, 0.0, 0.0])
    full = full + (2 * electrons + neutrons) * couplings.up
    full = full + (electrons + 2 * neutrons) * couplings.down
    basis = p.propagation_basis()
    block = 2 * energy * POTENTIAL_EV2_PER_MEV * (basis.conj().T @ full @ basis)[:2, :2]
    angle = np.arcsin(np.sqrt(p.sin2_theta12))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    block += turn @ np.diag([0.0, p.dm21_ev2]) @ turn.T
    block -= 0.5 * np.trace(block) * np.eye(2)
    assert x[0] == pytest.approx(-2 * block[0, 0].real, rel=1e-12)
    assert s[0] == pytest.approx(2 * block[0, 1], rel=1e-12)


def test_flavour_universal_couplings_do_nothing_on_the_way():
    universal = NsiCouplings(0.4 * np.eye(3), -0.7 * np.eye(3))
    energies = np.linspace(1.0, 16.0, 7)
    np.testing.assert_allclose(
        survival_probability("8b", energies, couplings=universal),
        survival_probability("8b", energies),
        rtol=1e-12,
    )


def test_couplings_stand_for_matter():
    """eps_ee = 1/Y is one more potential of electrons; -1/Y takes it away: vacuum."""
    model = solar_model().hydrogen_and_helium()
    zone = model.quadrature("8b", 1)
    ratio = zone.neutrons_mol_per_cm3[0] / zone.electrons_mol_per_cm3[0]
    gone = NsiCouplings.of({"eps_ee_u": -1 / (2 + ratio)})
    twice = NsiCouplings.of({"eps_ee_d": 1 / (1 + 2 * ratio)})
    assert mean_cos_2theta(zone, 10.0, couplings=gone) == pytest.approx(DEFAULT_MIXING.cos_2theta12)
    double = mean_cos_2theta(zone, 10.0, couplings=twice)
    assert double == pytest.approx(float(mean_cos_2theta(zone, 20.0)), rel=1e-12)


couplings_of_size = st.lists(st.floats(-1.0, 1.0, allow_nan=False), min_size=12, max_size=12).map(
    lambda values: NsiCouplings.of(dict(zip(COUPLINGS, values, strict=True)))
)


@settings(max_examples=40, deadline=None)
@given(couplings_of_size, st.floats(0.1, 20.0))
def test_probabilities_stay_probabilities(couplings, energy):
    mean = mean_cos_2theta("8b", energy, couplings=couplings)
    shares = mass_state_probabilities(mean, DEFAULT_MIXING)
    assert abs(mean) <= 1.0
    assert np.all(shares >= 0)
    assert shares.sum() == pytest.approx(1.0)
    probability = survival_probability("8b", energy, couplings=couplings)
    weights = np.abs(DEFAULT_MIXING.mixing_matrix()[0]) ** 2
    assert probability == pytest.approx(weights @ shares, rel=1e-12)


@pytest.mark.parametrize("name", SOLAR_MODELS)
def test_a_few_radii_are_enough(name):
    """The Gauss rule of eight points against all points of the table."""
    model = solar_model(name)
    rng = np.random.default_rng(3)
    energies = np.linspace(1.0, 16.0, 12)
    for component in COMPONENTS:
        zone = model.quadrature(component, 8)
        assert zone.weights.sum() == pytest.approx(1.0)
        assert np.all(zone.weights > 0)
        for values in (np.zeros(12), *rng.uniform(-0.1, 0.1, (4, 12))):
            couplings = NsiCouplings.of(dict(zip(COUPLINGS, values, strict=True)))
            few = mean_cos_2theta(zone, energies, couplings=couplings)
            all_radii = mean_cos_2theta(component, energies, model=name, couplings=couplings)
            np.testing.assert_allclose(few, all_radii, rtol=0, atol=2e-5)


def test_wrong_arguments():
    with pytest.raises(UnknownNameError, match="solar model 'B16'"):
        survival_probability("8b", 10.0, model="B16")
    with pytest.raises(UnknownNameError, match="solar neutrino component '9B'"):
        survival_probability("9B", 10.0)
    for energy in (0.0, -1.0, np.nan, [1.0, np.inf]):
        with pytest.raises(ArgumentError, match="neutrino energy must be positive"):
            survival_probability("8b", energy, couplings=NO_NSI)
    with pytest.raises(ArgumentError, match="1 to 20 points"):
        solar_model().quadrature("8b", 0)
