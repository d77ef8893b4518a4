"""Electrons of atoms: occupancies, edges, and the step function."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.atoms import electrons_above, orbitals

ELEMENTS = {"Xe": 54, "Ar": 18, "Ge": 32, "Cs": 55, "I": 53, "Na": 11, "Si": 14}
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


@pytest.mark.parametrize(("element", "z"), ELEMENTS.items())
def test_occupancies_sum_to_z(element, z):
    shells = orbitals(element)
    assert sum(shell.electrons for shell in shells) == z
    assert {shell.z for shell in shells} == {z}
    assert all(1 <= shell.electrons <= 6 for shell in shells)
    assert electrons_above(50.0, element) == z
    assert electrons_above(0.0, element) == 0
    assert electrons_above(0.0, element, bound=False) == z


def slow_twin(energy_kev: float, element: str, energies: str) -> int:
    return sum(
        shell.electrons
        for shell in orbitals(element)
        if shell.binding_ev[energies] <= 1e3 * energy_kev
    )


@QUICK
@given(energy=st.floats(0.0, 40.0), element=st.sampled_from(list(ELEMENTS)))
def test_against_a_loop_over_shells(energy, element):
    assert electrons_above(energy, element) == slow_twin(energy, element, "experiment")


@pytest.mark.parametrize("element", ["Xe", "Ar", "Ge", "Si"])
def test_hartree_fock_against_a_loop_and_near_experiment(element):
    energies = np.geomspace(1e-3, 40, 300)
    counted = electrons_above(energies, element, energies="hartree-fock")
    expected = [slow_twin(energy, element, "hartree-fock") for energy in energies]
    np.testing.assert_array_equal(counted, expected)
    # Free atoms are bound by at most 4% more than elements, for edges above 200 eV.
    for shell in orbitals(element):
        measured, free = (shell.binding_ev[key] for key in ("experiment", "hartree-fock"))
        if measured > 200:
            assert 1.0 <= free / measured < 1.09, shell


def test_steps_of_xenon():
    """Edges of the X-ray Data Booklet: L1 5453, M1 1148.7, M5 676.4 and N1 213.2 eV."""
    energies = [0.2131, 0.2133, 0.6765, 1.1486, 1.1488, 5.0, 5.4531, 34.5]
    expected = [54 - 2 - 8 - 18 - 2, 26, 32, 42, 44, 44 + 4, 52, 52]
    np.testing.assert_array_equal(electrons_above(energies, "Xe"), expected)


def test_xenon_3d_is_not_the_misprint():
    """694.9 eV, above the measured 676.4 eV as every free atom's level; not 649.9 eV."""
    level = next(shell for shell in orbitals("Xe") if shell.name == "3d5/2")
    assert level.binding_ev["hartree-fock"] == pytest.approx(694.9, abs=0.05)


def test_shape_and_monotony():
    grid = np.linspace(0, 40, 600).reshape(2, 300)
    counted = electrons_above(grid, "Cs")
    assert counted.shape == grid.shape
    assert np.all(np.diff(counted.ravel()) >= 0)
    np.testing.assert_array_equal(electrons_above(grid, "Cs", bound=False), 55.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: orbitals("Pu"), UnknownNameError, "element with tabulated electrons 'Pu'"),
        (lambda: electrons_above(1.0, "Xen"), UnknownNameError, "did you mean 'Xe'"),
        (
            lambda: electrons_above(1.0, "Cs", energies="hartree-fock"),
            UnknownNameError,
            "origin of Cs's energies 'hartree-fock'.*available: experiment",
        ),
        (lambda: electrons_above(-1.0, "Xe"), ArgumentError, "finite and >= 0 keV"),
        (lambda: electrons_above([1.0, np.nan], "Xe"), ArgumentError, "finite and >= 0 keV"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
