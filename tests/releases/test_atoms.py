from __future__ import annotations

import pytest
from wheel_files import ELEMENTS, write_atoms

from bayes_cevns.errors import DataError
from bayes_cevns.releases import atoms


def build(atoms_raw) -> list[str]:
    files = atoms.build(atoms_raw.parent.parent).files
    return files["electrons.csv"].decode().splitlines()


def test_occupied_shells(atoms_raw):
    assert build(atoms_raw)[1:] == [
        "element,z,shell,orbital,electrons,experiment_ev,hartree_fock_ev",
        "Be,4,K,1s,2,111.5,128.8",
        "Be,4,L1,2s,2,9.3,",
        "He,2,K,1s,2,24.6,",
        "B,5,K,1s,2,188,",
        "B,5,L1,2s,2,12,",
        "B,5,L2,2p1/2,1,8.298,",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("111.5", "111.6", "shells of Be as xraydb and mendeleev have them"),
        ("2s,2", "2s,1", "occupancies of Be that sum to 4, found 3"),
        ("2s,2", "2s,two", "expected columns element, Z, shell"),
        ("n_e", "electrons", "expected columns element, Z, shell"),
        ("111.5", "-111.5", "expected positive binding energies"),
        ("111.5", "inf", "expected positive binding energies"),
        ("9.3", "", "expected positive binding energies"),
        ("128.8", "nan", "expected positive binding energies"),
    ],
)
def test_damaged_input_is_named(atoms_raw, old, new, message):
    path = atoms_raw / "binding_energies.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(atoms_raw)
    assert "binding_energies.csv" in str(caught.value)
    assert "data/atoms/REFERENCE" in str(caught.value)


def test_no_shells(atoms_raw):
    path = atoms_raw / "binding_energies.csv"
    path.write_text(path.read_text().split("Be")[0])
    with pytest.raises(DataError, match="expected electron shells, found none"):
        build(atoms_raw)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[He] 2s2 2p", "[He] 2s2 2p2", "occupancies of B that sum to 5, found 6"),
        ("[He] 2s2 2p", "[He] 2s2 2x", "the ground state of B .*'2x'"),
        ("[He] 2s2 2p", "[Ne] 2s2", "the ground state of B .*KeyError"),
        ("8.29802", "-1", "the ground state of B .*binding energy of -1.0 eV"),
        ("5,0,8.29802", "6,0,8.29802", "the ground state of B .*KeyError"),
        ("electronic_configuration", "configuration", "no such column"),
    ],
)
def test_a_damaged_database_is_named(atoms_raw, old, new, message):
    assert old in "".join(ELEMENTS)
    changed = tuple(statement.replace(old, new) for statement in ELEMENTS)
    write_atoms(atoms_raw.parent.parent, elements=changed)
    with pytest.raises(DataError, match=message) as caught:
        build(atoms_raw)
    assert "elements.db" in str(caught.value)
    assert "pip download --no-deps mendeleev==" in str(caught.value)
