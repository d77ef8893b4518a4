from __future__ import annotations

import tomllib

import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import nuclei


def build(nuclei_raw) -> dict[str, str]:
    files = nuclei.build(nuclei_raw.parent.parent).files
    return {name: content.decode() for name, content in files.items()}


def test_isotopes_are_sorted_and_marks_are_dropped(nuclei_raw):
    lines = build(nuclei_raw)["isotopes.csv"].splitlines()
    assert lines[0].startswith("# Kondev")
    assert lines[1:] == [
        "symbol,z,a,abundance,atomic_mass_u,spin_parity",
        "Yy,1,2,1,2.01,1+",
        "Xx,54,129,0.75,128.9,1/2+",
        "Xx,54,131,0.25,130.9,3/2+",
    ]


def test_matrix_elements(nuclei_raw):
    elements = tomllib.loads(build(nuclei_raw)["nucleon_matrix_elements.toml"])
    assert elements == {
        "H15": {
            "proton": {"f_u": 0.0208, "f_d": 0.0411, "f_s": 0.043},
            "neutron": {"f_u": 0.0189, "f_d": 0.0451, "f_s": 0.043},
        }
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("isotopes.csv", "0.25", "0.35", "abundances of Xx that sum to 1, found 1.1"),
        ("isotopes.csv", "0.25", "-0.25", "expected a mole fraction"),
        ("isotopes.csv", "130.9", "13.09", "a mass close to A"),
        ("isotopes.csv", "130.9", "nan", "a mass close to A"),
        ("isotopes.csv", "54,131", "54,many", "expected columns symbol, Z, A"),
        ("isotopes.csv", "abundance", "share", "expected columns symbol, Z, A"),
        ("isotopes.csv", ",3/2+*", "", "expected columns symbol, Z, A"),
        ("nucleon_matrix_elements.csv", "H15,f_s", "H16,f_s", "expected f_u, f_d, f_s"),
        ("nucleon_matrix_elements.csv", "0.0451", "4.51", "not between 0 and 1"),
        ("nucleon_matrix_elements.csv", "0.0451", "", "expected f_u, f_d, f_s"),
    ],
)
def test_damaged_input_is_named(nuclei_raw, file, old, new, message):
    text = (nuclei_raw / file).read_text()
    assert old in text
    (nuclei_raw / file).write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(nuclei_raw)
    assert file in str(caught.value)


def test_no_isotopes(nuclei_raw):
    (nuclei_raw / "isotopes.csv").write_text("symbol,Z,A,abundance,atomic_mass_u,Jpi\n")
    with pytest.raises(DataError, match=r"isotopes\.csv: expected isotopes, found none"):
        build(nuclei_raw)
