"""Isotopes, radii and electrons of all elements, beside independent sources."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import constants

import bayes_cevns as bc
from bayes_cevns.physics.atoms import electrons_above, orbitals
from bayes_cevns.physics.form_factors import HelmRms, helm, standard
from bayes_cevns.physics.nuclei import elements, isotope, target

#: Standard atomic weights of IUPAC in periodictable 2.1.0; masses in u, abundances in % and spins
#: in mendeleev 1.3.0.
WEIGHTS = {
    "H": 1.008,
    "He": 4.002602,
    "C": 12.011,
    "N": 14.007,
    "O": 15.999,
    "F": 18.998403162,
    "Ne": 20.1797,
    "Na": 22.98976928,
    "Mg": 24.305,
    "Al": 26.9815384,
    "Si": 28.085,
    "Cl": 35.45,
    "Ar": 39.95,
    "K": 39.0983,
    "Ca": 40.078,
    "Zn": 65.38,
    "Ge": 72.63,
    "Se": 78.971,
    "Br": 79.904,
    "Mo": 95.95,
    "Te": 127.6,
    "I": 126.90447,
    "Xe": 131.293,
    "Cs": 132.90545196,
    "W": 183.84,
    "Pb": 207.2,
    "Bi": 208.9804,
}
ISOTOPES = {
    "He-4": (4.00260325413, 99.9998, 0.0),
    "O-16": (15.99491461926, 99.757, 0.0),
    "O-17": (16.99913175595, 0.03835, 2.5),
    "F-19": (18.99840316207, 100.0, 0.5),
    "Al-27": (26.981538408, 100.0, 2.5),
    "Ca-40": (39.96259085, 96.941, 0.0),
    "Ca-48": (47.952522654, 0.187, 0.0),
    "Zn-67": (66.927127422, 4.04, 2.5),
    "Se-77": (76.91991415, 7.6, 0.5),
    "W-183": (182.950224416, 14.31, 0.5),
    "W-186": (185.95436514, 28.43, 0.0),
}


@pytest.mark.parametrize("element", WEIGHTS)
def test_mean_masses_are_standard_atomic_weights(element):
    assert target(element).mean_atomic_mass_u == pytest.approx(WEIGHTS[element], rel=1e-4)


@pytest.mark.parametrize("label", ISOTOPES)
def test_isotopes(label):
    found, (mass, percent, spin) = isotope(label), ISOTOPES[label]
    assert found.atomic_mass_u == pytest.approx(mass, abs=1e-7)
    assert 100 * found.abundance == pytest.approx(percent, rel=1e-9)
    assert found.spin == spin


def test_there_are_the_elements_of_detectors():
    assert set(WEIGHTS) <= set(elements())
    assert {"S", "Ti"} <= set(elements())
    assert len(elements()) == 84
    assert sum(len(target(element).isotopes) for element in elements()) == 289


@pytest.mark.parametrize(
    ("label", "name", "tolerance"),
    [
        ("He-4", "alpha particle rms charge radius", 0.002),
        ("H-2", "deuteron rms charge radius", 0.007),
        ("H-1", "proton rms charge radius", 0.05),  # before and after muonic hydrogen
    ],
)
def test_radii_beside_codata(label, name, tolerance):
    measured_fm = constants.physical_constants[name][0] * 1e15
    assert isotope(label).charge_radius_fm == pytest.approx(measured_fm, rel=tolerance)


def test_radii_missing_are_known():
    missing = {
        each.label
        for element in elements()
        for each in target(element).isotopes
        if each.charge_radius_fm is None
    }
    assert missing == {"S-33", "V-50", "Ta-180", "Pa-231"}


def rms_radius_fm(form, nucleus) -> float:
    """The radius from the slope of F at q = 0."""
    q_mev = 1.0
    missing = 1.0 - float(form.proton(q_mev, nucleus))
    return float(np.sqrt(6.0 * missing) * constants.hbar * constants.c / constants.e * 1e9 / q_mev)


@pytest.mark.parametrize("element", elements())
def test_the_default_form_factor_has_the_measured_radius(element):
    """Helm's formula within 2.7% from Na on; lighter nuclei take the measured radius itself.

    Cs and I take the shell model, whose charge radius is compared in test_standard_form_factor.
    """
    for nucleus in target(element).isotopes:
        for of_nucleons in (standard.proton, standard.neutron):
            assert float(of_nucleons(0.0, nucleus)) == pytest.approx(1.0, rel=1e-12)
            values = of_nucleons([0.0, 1.0, 20.0, 50.0, 100.0], nucleus)
            assert np.all(np.isfinite(values))
            assert np.all(np.abs(values) <= 1.0)
        if nucleus.charge_radius_fm is not None and nucleus.label not in standard.shell_model:
            tolerance = 1e-4 if nucleus.a < 23 else 0.027
            found = rms_radius_fm(standard, nucleus)
            assert found == pytest.approx(nucleus.charge_radius_fm, rel=tolerance), nucleus.label


def test_the_formula_of_lewin_and_smith_fails_for_light_nuclei():
    """What is said of it in the docstring of the default."""

    def error(label: str) -> float:
        nucleus = isotope(label)
        return rms_radius_fm(helm, nucleus) / nucleus.charge_radius_fm - 1.0

    assert error("He-4") == pytest.approx(0.31, abs=0.005)
    assert error("Li-6") == pytest.approx(-0.107, abs=0.001)
    light = [i for e in ("Li", "Be", "B", "C", "N", "O", "F", "Ne") for i in target(e).isotopes]
    assert max(abs(error(i.label)) for i in light if i.label != "Li-6") < 0.07


def test_light_nuclei_cite_their_radii():
    assert standard.cite_for(isotope("O-16")) == HelmRms.cite
    assert standard.cite_for(isotope("Na-23")) == helm.cite


@pytest.mark.parametrize("element", elements())
def test_electrons_of_every_element(element):
    z = target(element).isotopes[0].z
    shells = orbitals(element)
    assert sum(shell.electrons for shell in shells) == z
    assert {shell.z for shell in shells} == {z}
    assert float(electrons_above(200.0, element)) == z
    assert float(electrons_above(1e-5, element)) == 0.0


def test_shells_of_tungsten():
    """4f14 5d4 6s2; edges of the X-ray Data Booklet, and the first ionisation energy (NIST)."""
    found = {s.name: (s.electrons, s.binding_ev["experiment"]) for s in orbitals("W")}
    assert found["1s"] == (2, 69525.0)
    assert found["2p3/2"] == (4, 10207.0)
    assert (found["4f5/2"][0], found["4f7/2"][0]) == (6, 8)
    assert found["5d3/2"] == (4, 7.864)
    assert found["6s"] == (2, 7.864)
    assert "5d5/2" not in found


@pytest.mark.parametrize("name", ["CaWO4", "Al2O3", "CF3I", "He", "(CH3)2CO"])
def test_electrons_scatter_in_compounds(name):
    """Above the K edge of tungsten all electrons of a formula unit take part, as if free."""
    bound = bc.rate("electron", source="solar", target=name).total([80.0])
    free = bc.rate("electron", source="solar", target=name, theory=bc.Theory(atoms="free")).total(
        [80.0]
    )
    assert bound == pytest.approx(free, rel=1e-12)
    assert bound[0] > 0
