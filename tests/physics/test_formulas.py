"""Chemical formulas as targets."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.formulas import atoms_of
from bayes_cevns.physics.nuclei import elements, target


@pytest.mark.parametrize(
    ("formula", "atoms"),
    [
        ("CaWO4", {"Ca": 1, "W": 1, "O": 4}),
        ("Ca(WO4)", {"Ca": 1, "W": 1, "O": 4}),
        ("CF3I", {"C": 1, "F": 3, "I": 1}),
        ("Al2O3", {"Al": 2, "O": 3}),
        ("(CH3)2CO", {"C": 3, "H": 6, "O": 1}),
        ("CH3CH3", {"C": 2, "H": 6}),
        ("[Fe(CN)6]3K4", {"Fe": 3, "C": 18, "N": 18, "K": 4}),
        ("Xe", {"Xe": 1}),
        ("O2", {"O": 2}),
        ("CO", {"C": 1, "O": 1}),
        ("Co", {"Co": 1}),
        ("NaI", {"Na": 1, "I": 1}),
    ],
)
def test_atoms(formula, atoms):
    assert atoms_of(formula, elements()) == atoms
    assert list(atoms_of(formula, elements())) == list(atoms)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("CaWO4)", "formula 'CaWO4)', character 6: ')' closes no '('"),
        ("Ca(WO4", "formula 'Ca(WO4', character 3: '(' is not closed"),
        ("Ca(WO4]", "character 7: ']' closes no '['"),
        ("Ca()2", "character 4: nothing is in the parentheses"),
        ("Ca0", "character 3: expected a number from 1 to 1000, got 0"),
        ("Ca01", "character 3: expected a number from 1 to 1000, got 01"),
        ("C99999", "character 2: expected a number from 1 to 1000, got 99999"),
        ("2CaO", "character 1: expected an element, such as Ca"),
        ("Ca O", "character 3: expected an element, such as Ca"),
        ("CaWO4.2", "character 6: expected an element"),
        ("C٣", "character 2: expected an element"),
        ("(C100)11", "formula '(C100)11': more than 1000 atoms"),
        ("", "expected a chemical formula of at most 100 characters, such as 'CaWO4', got ''"),
        ("C1" * 51, "expected a chemical formula of at most 100 characters"),
    ],
)
def test_what_is_wrong_is_said_and_where(formula, message):
    with pytest.raises(ArgumentError, match=re.escape(message)):
        target(formula)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("CaWq4", r"unknown element \(formula 'CaWq4', character 3\) 'Wq'; did you mean 'W'"),
        ("Tc", r"unknown element 'Tc'.*available: .*Ta, Tb, Te"),
        ("xenon", r"unknown target 'xenon'.*Xe"),
        ("Xenon", r"unknown target 'Xenon'.*Xe"),
        (5, r"unknown target 5 "),
        (None, r"unknown target None "),
    ],
)
def test_unknown_elements_list_the_known_ones(formula, message):
    with pytest.raises(UnknownNameError, match=message):
        target(formula)


counts = st.integers(1, 5)
parts = st.lists(
    st.tuples(st.sampled_from(["H", "C", "Ca", "W", "O"]), counts), min_size=1, max_size=4
)


@given(first=parts, group=parts, times=counts)
def test_a_group_counts_as_often_as_it_says(first, group, times):
    def text(some):
        return "".join(f"{element}{number}" for element, number in some)

    expected: dict[str, int] = {}
    for element, number in [*first, *((e, n * times) for e, n in group)]:
        expected[element] = expected.get(element, 0) + number
    assert atoms_of(f"{text(first)}({text(group)}){times}", elements()) == expected


def test_spellings_of_a_compound_are_the_same_material():
    one, other = target("CaWO4"), target("Ca(WO4)")
    assert one.isotopes == other.isotopes
    assert one.formula_mass_u == pytest.approx(287.92, abs=0.01)  # 40.078 + 183.84 + 4 x 15.999
    assert one.atoms_per_tonne == pytest.approx(1e6 * 6.02214076e23 / 287.92, rel=1e-4)


def test_a_formula_of_one_element_is_the_element():
    """Molecules are the sum of their atoms: a tonne of O2 is a tonne of oxygen."""
    molecule, element = target("O2"), target("O")
    assert 2 * molecule.atoms_per_tonne == pytest.approx(element.atoms_per_tonne, rel=1e-12)
