from __future__ import annotations

import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import yields

FILE = "pandax4t_run1_nr_qy_below_10keV.csv"


def build(yields_raw) -> dict[str, list[str]]:
    files = yields.build(yields_raw.parent).files
    return {name: content.decode().splitlines() for name, content in files.items()}


def test_points_are_kept(yields_raw):
    files = build(yields_raw)
    for run in ("run0", "run1"):
        for kind in ("charge", "light"):
            lines = files[f"pandax4t_{run}_{kind}.csv"]
            assert f"{run}, {kind} yield" in lines[0]
            assert lines[1:] == ["recoil_energy_kev,quanta_per_kev", "1.1,6.3", "2.0,6.2"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("e_per_keV", "photons_per_keV", "expected the columns E_nr_keV,e_per_keV"),
        ("2.0,6.2\n", "", "two rows or more"),
        ("2.0", "1.0", "increasing energies and positive yields"),
        ("6.2", "-6.2", "increasing energies and positive yields"),
        ("6.2", "nan", "increasing energies and positive yields"),
        ("2.0,6.2", "2.0", "expected rows of energy, yield"),
        ("2.0,6.2", "two,6.2", "expected rows of energy, yield"),
    ],
)
def test_damaged_input_is_named(yields_raw, old, new, message):
    path = yields_raw / FILE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(yields_raw)
    assert FILE in str(caught.value)
    assert "data/yields/REFERENCE" in str(caught.value)


def test_empty_input(yields_raw):
    (yields_raw / FILE).write_text("")
    with pytest.raises(DataError, match="expected the columns"):
        build(yields_raw)
