"""Two-body kinematics and nuclear charges, against numbers worked out by hand."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.kinematics import (
    minimum_neutrino_energy_mev,
    momentum_transfer_mev,
    propagator_mev2,
)
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.weak_charges import TREE

XENON = target("Xe")
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


@QUICK
@given(energy=st.floats(1e-3, 1e3), mass=st.floats(1e2, 1e6))
def test_minimum_energy_inverts_the_end_point(energy, mass):
    end_point = 2 * energy**2 / (mass + 2 * energy)
    assert minimum_neutrino_energy_mev(end_point, mass) == pytest.approx(energy, rel=1e-12)


@QUICK
@given(recoil=st.floats(1e-9, 1e-1), mass=st.floats(1e3, 1e6))
def test_a_neutrino_of_the_minimum_energy_scatters_straight_back(recoil, mass):
    """Energy and momentum are conserved when the neutrino turns round."""
    with mpmath.workdps(40):
        energy = mpmath.mpf(float(minimum_neutrino_energy_mev(recoil, mass)))
        nucleus_momentum = mpmath.sqrt(mpmath.mpf(recoil) ** 2 + 2 * mpmath.mpf(mass) * recoil)
        imbalance = energy + (energy - recoil) - nucleus_momentum
        assert abs(imbalance) <= 1e-14 * float(energy)


def test_momentum_transfer_of_132_xe_at_1_kev():
    xe132 = XENON.isotopes[6]
    assert (xe132.z, xe132.n, xe132.a) == (54, 78, 132)
    # 131.904155083 u x 931.49410242 - 54 x 0.51099895 = 122840.35 MeV
    assert xe132.mass_mev == pytest.approx(122840.35, abs=0.01)
    assert momentum_transfer_mev(1e-3, xe132.mass_mev) == pytest.approx(15.6742, abs=1e-4)
    np.testing.assert_allclose(
        propagator_mev2(xe132.mass_mev, 1e-3, [1.0, 10.0]), [246.6807, 345.6807], rtol=1e-6
    )


def test_propagator_shape_is_masses_then_energies():
    values = propagator_mev2(XENON.isotopes[0].mass_mev, np.ones((2, 5)), np.ones((3, 4)))
    assert values.shape == (3, 4, 2, 5)
    assert propagator_mev2(XENON.isotopes[0].mass_mev, 1.0, 1.0).shape == ()


@pytest.mark.parametrize(
    ("symbol", "a", "charge"),
    [
        # Z (1/2 - 2 x 0.23857) - N/2 = Z x 0.02286 - N/2
        ("Xe", 132, 54 * 0.02286 - 39.0),
        ("Xe", 129, 54 * 0.02286 - 37.5),
        ("Ar", 40, 18 * 0.02286 - 11.0),
        ("Ge", 74, 32 * 0.02286 - 21.0),
    ],
)
def test_weak_charge(symbol, a, charge):
    (isotope,) = (i for i in target(symbol).isotopes if i.a == a)
    found = TREE.of_nucleus(isotope, 1e-3, form_factor("point-like"))
    assert found == pytest.approx(charge, rel=1e-12)


def test_natural_xenon():
    assert len(XENON.isotopes) == 9
    assert sum(i.abundance for i in XENON.isotopes) == pytest.approx(1.0, abs=1e-9)
    # IUPAC 131.293(6) u, so 4.5868e27 atoms in a tonne.
    assert XENON.mean_atomic_mass_u == pytest.approx(131.293, abs=0.006)
    assert XENON.atoms_per_tonne == pytest.approx(4.58681e27, rel=2e-5)
    assert XENON.mean_nuclear_mass_mev == pytest.approx(122270.8, rel=1e-5)


def test_unknown_target_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"'xe'; did you mean 'Xe'\? .*Ar, .*, Xe"):
        target("xe")
