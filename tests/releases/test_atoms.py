from __future__ import annotations

import pytest

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
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
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
