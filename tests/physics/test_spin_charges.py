"""Charges of axial, pseudoscalar and tensor interactions, against spin matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bayes_cevns.errors import TableError, UnknownNameError
from bayes_cevns.physics.nuclei import isotope
from bayes_cevns.physics.spin import spin_expectation, spin_structure
from bayes_cevns.physics.spin_charges import (
    axial_nucleon_couplings,
    pseudoscalar_charge_squared,
    pseudoscalar_nucleon_couplings,
    spin_charge_squared_at_rest,
    spin_charges_squared,
    tensor_nucleon_couplings,
)
from bayes_cevns.physics.spin_kinematics import axial_kinematics

G_F = 1.1663787e-11
KLOS = ["Na-23", "Si-29", "Ge-73", "I-127", "Xe-129", "Xe-131"]


def angular_momentum(j):
    """J_x, J_y, J_z of a multiplet."""
    m = np.arange(j, -j - 1, -1)
    raising = np.diag(np.sqrt(j * (j + 1) - m[1:] * (m[1:] + 1)), 1)
    return np.array([(raising + raising.T) / 2, (raising - raising.T) / 2j, np.diag(m)])


@pytest.mark.parametrize("label", [*KLOS, "Cs-133"])
@pytest.mark.parametrize("couplings", [(1.0, 1.0), (0.842, -0.427), (1.0, 0.0)])
def test_charge_at_rest_is_the_mean_square_spin(label, couplings):
    """<c sigma> = 2 c <S> J / j in the multiplet; averaged over orientations in each direction."""
    nucleus = isotope(label)
    j = nucleus.spin
    spin = sum(c * s for c, s in zip(couplings, spin_expectation(nucleus), strict=True))
    for component in 2 * spin * angular_momentum(j) / j:
        expected = np.trace(component @ component.conj().T).real / (2 * j + 1)
        assert spin_charge_squared_at_rest(nucleus, *couplings) == pytest.approx(expected)


def test_a_nucleon_has_charge_one():
    """J = 1/2, <S> = 1/2: (4/3) x 3 x 1/4."""
    assert 4 / 3 * 3 * 0.25 == 1
    # 129Xe: (4/3) x 3 x (0.329 + 0.010)^2
    found = spin_charge_squared_at_rest(isotope("Xe-129"), 1.0, 1.0)
    assert found == pytest.approx(4 * 0.339**2)


@pytest.mark.parametrize("label", KLOS)
def test_structure_functions_agree_with_expectation_values_at_rest(label):
    """For isoscalar couplings, which have no two-body currents: 1%, the rounding of the spins."""
    nucleus = isotope(label)
    couplings = axial_nucleon_couplings()
    transverse, longitudinal = spin_charges_squared(nucleus, 0.0, *couplings)
    expected = spin_charge_squared_at_rest(nucleus, *couplings)
    assert transverse == pytest.approx(expected, rel=1e-2)
    assert longitudinal == pytest.approx(transverse, rel=1e-6)


@pytest.mark.parametrize("q_mev", [0.0, 15.0, 60.0])
@pytest.mark.parametrize("label", ["Xe-129", "Xe-131"])
def test_axial_cross_section_of_the_standard_model(label, q_mev):
    """Hoferichter, Menendez and Schwenk (2020): F_A = 8 pi/(2J+1) (g_A)^2 S^T_11, g_A^s = 0,

    dsigma/dT = (G_F^2 m / 4 pi) (1 + m T/(2 E^2) - T/E) F_A. The Z couples to nucleons with
    a_p = -a_n = g_A/2 where L = -sqrt2 G_F (nubar_L gamma nu_L)(Nbar a_N gamma gamma_5 N).
    """
    g_a, energy, recoil = 1.27641, 20.0, 1e-3
    nucleus = isotope(label)
    m, j = nucleus.mass_mev, nucleus.spin
    # a_0 = a_p + a_n = 0 and a_1 = a_p - a_n = 1 give S_11.
    s_11 = spin_structure(nucleus).transverse(q_mev, 0.5, -0.5)
    form = 8 * math.pi / (2 * j + 1) * g_a**2 * s_11
    spectral = 1 + m * recoil / (2 * energy**2) - recoil / energy
    expected = G_F**2 * m / (4 * math.pi) * spectral * form
    charge = spin_charges_squared(nucleus, q_mev, g_a / 2, -g_a / 2)[0]
    kinematics = axial_kinematics(recoil, m) @ energy ** -np.arange(3.0)
    assert 2 * G_F**2 * charge * kinematics == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("label", KLOS)
def test_the_form_with_2m_needs_a_quarter_of_the_structure_function(label):
    """2m/(2J+1) (2 + ...) S_T is right if a_0 = (a_p + a_n)/2, four times too high otherwise."""
    nucleus = isotope(label)
    j, a = nucleus.spin, 0.415
    right = spin_charges_squared(nucleus, 20.0, a, a)[0] / (4 * math.pi)
    half = spin_structure(nucleus).transverse(20.0, a / 2, a / 2)
    full = spin_structure(nucleus).transverse(20.0, a, a)
    assert 2 / (2 * j + 1) * half == pytest.approx(right, rel=1e-12)
    assert 2 / (2 * j + 1) * full == pytest.approx(4 * right, rel=1e-12)


def test_nucleon_couplings():
    assert axial_nucleon_couplings() == pytest.approx((0.339, 0.339))
    assert axial_nucleon_couplings(1.0, 0.0) == (0.777, -0.438)
    legacy = [axial_nucleon_couplings(*g, quark_spins="legacy") for g in ((1, 1), (1, -1), (1, 0))]
    np.testing.assert_allclose(legacy, [(0.415, 0.415), (1.269, -1.269), (0.842, -0.427)])
    with pytest.raises(UnknownNameError, match=r"quark spins 'new' \(available: lattice, legacy\)"):
        axial_nucleon_couplings(quark_spins="new")
    assert tensor_nucleon_couplings() == pytest.approx((0.31, 0.31))
    assert tensor_nucleon_couplings(0.0, 1.0) == (-0.23, 0.54)
    proton, neutron = pseudoscalar_nucleon_couplings()
    assert proton == pytest.approx(938.27208816 * (1.65 / 2.16 + 0.375 / 4.67))
    assert neutron / proton == pytest.approx(939.56542052 / 938.27208816)


def test_pseudoscalar_charge_of_a_nucleus():
    """Q_P^2 = (m / m_N)^2 w_L: at rest the spin counts A^2 times, and none without spin."""
    nucleus = isotope("Xe-129")
    at_rest = pseudoscalar_charge_squared(nucleus, 0.0, 2.0, 2.0)
    a_squared = (nucleus.mass_mev / 938.9187543) ** 2
    assert a_squared == pytest.approx(129**2, rel=2e-2)
    expected = a_squared * spin_charge_squared_at_rest(nucleus, 2.0, 2.0)
    assert at_rest == pytest.approx(expected, rel=1e-2)
    q = np.array([0.0, 30.0, 60.0])
    longitudinal = 4 * math.pi / 2 * spin_structure(nucleus).longitudinal(q, 2.0, 2.0)
    found = pseudoscalar_charge_squared(nucleus, q, 2.0, 2.0)
    np.testing.assert_allclose(found, a_squared * longitudinal, rtol=1e-8)
    np.testing.assert_array_equal(
        pseudoscalar_charge_squared(isotope("Xe-132"), q, 2.0, 2.0), [0.0, 0.0, 0.0]
    )


def test_shapes_and_errors():
    nucleus = isotope("Xe-129")
    assert spin_charges_squared(nucleus, np.ones((2, 3)), 1.0, 1.0).shape == (2, 2, 3)
    assert spin_charges_squared(isotope("Ar-40"), 1.0, 1.0, 1.0).shape == (2,)
    low, high = (spin_charges_squared(nucleus, 9.0, 1.0, 0.0, band=b)[0] for b in ("low", "high"))
    assert low != high
    one_body = spin_charges_squared(nucleus, 9.0, 1.0, 1.0, model="anand2013")
    assert np.all(one_body < spin_charges_squared(nucleus, 9.0, 1.0, 1.0))
    with pytest.raises(UnknownNameError, match="Cs-133"):
        spin_charges_squared(isotope("Cs-133"), 1.0, 1.0, 1.0, model="klos2013")
    found = spin_charges_squared(isotope("Cs-133"), 0.0, 1.0, 1.0)
    np.testing.assert_allclose(found, spin_charge_squared_at_rest(isotope("Cs-133"), 1.0, 1.0))
    with pytest.raises(TableError, match="expected q up to"):
        spin_charges_squared(nucleus, 500.0, 1.0, 1.0)
