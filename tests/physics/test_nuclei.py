"""Isotopes with spins and radii; compounds as targets."""

from __future__ import annotations

import pytest

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics.formulas import atoms_of
from bayes_cevns.physics.nuclei import COMPOUNDS, elements, isotope, target, target_names
from bayes_cevns.rates import NuclearRecoilRate
from bayes_cevns.sources import source


@pytest.mark.parametrize(
    ("label", "spin", "parity", "radius"),
    [
        # Spins of NUBASE2020, radii of Angeli and Marinova 2013.
        ("Na-23", 1.5, 1, 2.9936),
        ("Si-29", 0.5, 1, 3.1176),
        ("Ar-40", 0.0, 1, 3.4274),
        ("Ge-73", 4.5, 1, 4.0632),
        ("I-127", 2.5, 1, 4.7500),
        ("Xe-129", 0.5, 1, 4.7775),
        ("Xe-131", 1.5, 1, 4.7808),
        ("Cs-133", 3.5, 1, 4.8041),
    ],
)
def test_spins_and_radii(label, spin, parity, radius):
    found = isotope(label)
    assert (found.label, found.spin, found.parity) == (label, spin, parity)
    assert found.charge_radius_fm == radius
    assert 0 < found.charge_radius_error_fm < 0.01


@pytest.mark.parametrize("name", ["Na", "Si", "Ar", "Ge", "I", "Xe", "Cs"])
def test_a_nucleus_has_spin_if_a_nucleon_is_unpaired(name):
    for each in target(name).isotopes:
        assert (2 * each.spin) % 2 == each.a % 2
        assert (each.spin > 0) == (each.a % 2 == 1)
        # r_0 A^(1/3) with r_0 = 0.95 fm (heavy) to 1.05 fm (light nuclei)
        assert 0.93 < each.charge_radius_fm / each.a ** (1 / 3) < 1.06


def test_caesium_iodide():
    """COHERENT: 14.6 kg of CsI are 3.384e25 molecules (259.81 u)."""
    compound = target("CsI")
    assert [i.label for i in compound.isotopes] == ["Cs-133", "I-127"]
    assert compound.atoms_per_formula_unit == 2
    assert compound.formula_mass_u == pytest.approx(259.81, abs=1e-2)
    assert compound.mean_atomic_mass_u == pytest.approx(259.81 / 2, abs=5e-3)
    assert compound.atoms_per_tonne * 14.6e-3 == pytest.approx(3.3841e25, rel=1e-4)


def test_a_tonne_of_a_compound_is_its_elements():
    """The rate of a compound is that of the mass of each element it holds."""
    for name in (*COMPOUNDS, "(CH3)2CO"):
        atoms = atoms_of(name, elements())
        compound = target(name)
        energies = [0.5, 1.0, 3.0]
        found = NuclearRecoilRate(source=source("solar_8b"), target=compound).components(energies)[
            0
        ]
        total = 0.0
        for element, count in atoms.items():
            part = target(element)
            tonnes = count * part.mean_atomic_mass_u / compound.formula_mass_u
            total = (
                total
                + tonnes
                * NuclearRecoilRate(source=source("solar_8b"), target=part).components(energies)[0]
            )
        assert found == pytest.approx(total, rel=1e-12)


def test_elements_count_atoms():
    for name in elements():
        element = target(name)
        assert element.atoms_per_formula_unit == pytest.approx(1, abs=1e-4)
        assert element.formula_mass_u == element.mean_atomic_mass_u
    assert set(target_names()) == {*elements(), *COMPOUNDS}


def test_unknown_names_list_the_known_ones():
    with pytest.raises(
        UnknownNameError, match=r"unknown target 'Csl'.*available: .*Cs, CsI, .*NaI"
    ):
        target("Csl")
    with pytest.raises(UnknownNameError, match=r"unknown isotope 'Xe-133'.*Xe-131, Xe-132"):
        isotope("Xe-133")
