from __future__ import annotations

import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import migdal


def build(migdal_raw) -> dict[str, list[str]]:
    files = migdal.build(migdal_raw.parent.parent).files
    return {name: content.decode().splitlines() for name, content in files.items()}


def test_tables_and_shells(migdal_raw):
    files = build(migdal_raw)
    assert files["xe.csv"][2:] == [
        "electron_energy_ev,1s,2p",
        "1,1e-12,4e-10",
        "2,2e-12,3e-10",
        "4,1e-12,2.5e-10",
    ]
    assert files["xe.csv"][0].startswith("# Xe:")
    assert files["shells.csv"][1:4] == ["element,shell,ev", "Xe,1s,3200", "Xe,2p,240.5"]
    assert len(files["shells.csv"]) == 2 + 4 * 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2.0,2e-12", "3.0,2e-12", "equally spaced in their logarithm"),
        ("4.0,1e-12", "1.0,1e-12", "equally spaced in their logarithm"),
        ("2e-12", "-2e-12", "positive energies and densities"),
        ("2e-12", "nan", "positive energies and densities"),
        ("2e-12", "many", "rows of numbers"),
        ("2.0,2e-12,3e-10", "2.0,2e-12", "one column for each shell"),
        ("Ee_eV", "E", "expected Ee_eV and one column"),
        ("1_0,2_1", "1_0,2_7", "expected a head Ee_eV,1_0"),
        ("1_0,2_1", "1_0,1_0", "one column for each shell"),
        ("1_0=3200, ", "", "a binding energy for each of 1_0, 2_1"),
        ("1_0=3200", "1_0=0", "a binding energy for each of 1_0, 2_1"),
    ],
)
def test_damaged_input_is_named(migdal_raw, old, new, message):
    path = migdal_raw / "ibe2018_Ge.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(migdal_raw)
    assert "ibe2018_Ge.csv" in str(caught.value)
    assert "data/migdal/REFERENCE" in str(caught.value)


def test_empty_input(migdal_raw):
    (migdal_raw / "ibe2018_Si.csv").write_text("# nothing\n")
    with pytest.raises(DataError, match="expected a head Ee_eV"):
        build(migdal_raw)
