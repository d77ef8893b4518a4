from __future__ import annotations

import tomllib

import pytest
from wheel_files import NUBASE, RADII, write_nuclei

from bayes_cevns.errors import DataError
from bayes_cevns.releases import nuclei


def build(nuclei_raw) -> dict[str, str]:
    files = nuclei.build(nuclei_raw.parent.parent).files
    return {name: content.decode() for name, content in files.items()}


def test_isotopes_are_sorted_and_marks_are_dropped(nuclei_raw):
    lines = build(nuclei_raw)["isotopes.csv"].splitlines()
    assert lines[0].startswith("# Kondev")
    assert lines[1:] == [
        "symbol,z,a,abundance,atomic_mass_u,spin_parity,charge_radius_fm,charge_radius_error_fm",
        "Yy,1,2,1,2.01,1+,1.5,0.1",
        "Xx,54,129,0.75,128.9,1/2+,4.6,0.005",
        "Xx,54,131,0.25,130.9,3/2+,4.7,0.005",
    ]


def test_matrix_elements(nuclei_raw):
    elements = tomllib.loads(build(nuclei_raw)["nucleon_matrix_elements.toml"])
    assert elements == {
        "H15": {
            "proton": {"f_u": 0.0208, "f_d": 0.0411, "f_s": 0.043},
            "neutron": {"f_u": 0.0189, "f_d": 0.0451, "f_s": 0.043},
        },
        "HMS20": {
            "proton": {
                "charge_radius_squared_fm2": 0.7,
                "strange_radius_squared_fm2": -0.005,
                "anomalous_moment": 1.8,
            },
            "neutron": {
                "charge_radius_squared_fm2": -0.1,
                "strange_radius_squared_fm2": -0.005,
                "anomalous_moment": -1.9,
            },
        },
    }


def test_weak_form_factors(nuclei_raw):
    lines = build(nuclei_raw)["hoferichter2020.csv"].splitlines()
    assert lines[1] == "z,a,b_fm,operator,c0,c1,c2,c3,c4,c5"
    assert lines[2] == "53,127,2.25,m_plus,127,-125.5,35,-3.5,0.125,-0.0005"
    assert lines[4] == "53,127,2.25,phi2_plus,-26,18,-3.5,0.25,-0.004,0"
    assert len(lines) == 6


def test_spins(nuclei_raw):
    lines = build(nuclei_raw)["spin_expectation_values.csv"].splitlines()
    assert lines[1] == "symbol,z,a,spin,proton,neutron"
    assert lines[2] == "He,2,3,0.5,-0.081,0.552"
    assert lines[11] == f"Na,11,23,0.5,0.25,{-1 / 23:.12g}"
    names = " ".join(line.split(",")[0] for line in lines[2:])
    assert names == "He Li Be B C N O F Ne Na Mg Al Si P Cl K Zn Ge Nb I Xe Xe W Pb"


def test_structure_functions(nuclei_raw):
    lines = build(nuclei_raw)["klos2013.csv"].splitlines()
    assert len(lines) == 2 + 6 * 5
    names = [line.split(",")[3] for line in lines[2:7]]
    assert names == ["s00", "s11_min", "s11_max", "s01_a", "s01_b"]
    table = {tuple(line.split(",")[:4]): line.split(",")[4:] for line in lines[2:]}
    s_00, s_11 = (table["Xe", "54", "131", name] for name in ("s00", "s11_max"))
    assert len(s_00) == 10
    assert float(s_11[3]) == pytest.approx(0.8e-3 * float(s_00[0]), rel=1e-9)


def test_spin_responses(nuclei_raw):
    lines = build(nuclei_raw)["anand2013.csv"].splitlines()
    assert len(lines) == 2 + 5 * 2 * 3
    assert [line.split(",")[3:6] for line in lines[2:8]] == [
        ["longitudinal", "00", "1.5"],
        ["longitudinal", "01", "3"],
        ["longitudinal", "11", "4.5"],
        ["transverse", "00", "3"],
        ["transverse", "01", "6"],
        ["transverse", "11", "9"],
    ]
    assert lines[2].split(",")[-1] == "1.5e-10"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("hms2020_vector_formfactors.csv", "M_plus,127", "M_plus,126", "c0 = 127 of m_plus"),
        ("hms2020_vector_formfactors.csv", "M_minus,-21", "M_minus,21", "c0 = -21 of m_minus"),
        ("hms2020_vector_formfactors.csv", "Phi2_plus", "Phi3_plus", "expected Z, A, b_fm"),
        ("hms2020_vector_formfactors.csv", "2.25,Phi2", "-2.25,Phi2", "expected b > 0"),
        ("hms2020_vector_formfactors.csv", "35,-3.5", "35,nan", "expected b > 0"),
        ("spin_expectation_values.csv", "obscura,Ge", "Other,Ge", "with every nucleus .*Ge"),
        ("spin_expectation_values.csv", "1,0.5,0.25", "1,0.5,0.75", "spins of"),
        ("spin_expectation_values.csv", "Sp", "proton", "expected columns source"),
        ("nucleon_matrix_elements.csv", "HMS20,kappa", "HMS20,k", "kappa of the set HMS20"),
    ],
)
def test_damaged_responses_are_named(nuclei_raw, file, old, new, message):
    test_damaged_input_is_named(nuclei_raw, file, old, new, message)


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("ddcalc_klos2013_sdff/54_131.dat", lambda v: v[:-1], "expected 50 finite numbers, found"),
        (
            "ddcalc_klos2013_sdff/54_131.dat",
            lambda v: ["0.2", *v[1:]],
            r"expected S_00\(0\) = 0.02",
        ),
        ("ddcalc_klos2013_sdff/54_131.dat", lambda v: [*v[:-1], "nan"], "50 finite numbers"),
        ("ddcalc_wbar_anand2013/32_73.dat", lambda v: [*v[:-1], "x"], "expected numbers"),
        ("ddcalc_wbar_anand2013/32_73.dat", lambda v: v[44:] + v[:44], "W_Sigma' = 2 W_Sigma''"),
    ],
)
def test_damaged_tables_are_named(nuclei_raw, file, change, message):
    path = nuclei_raw / file
    path.write_text("\n".join(change(path.read_text().split())))
    with pytest.raises(DataError, match=message) as caught:
        build(nuclei_raw)
    assert file in str(caught.value)


def test_no_form_factors(nuclei_raw):
    path = nuclei_raw / "hms2020_vector_formfactors.csv"
    path.write_text("Z,A,b_fm,operator,c0,c1,c2,c3,c4,c5\n")
    with pytest.raises(DataError, match="expected nuclei, found none"):
        build(nuclei_raw)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("IS=25", "IS=35", "abundances of Xx that sum to 1, found 1.1"),
        ("IS=25", "IS=0", "expected a mole fraction"),
        ("131 054", "131 many", "expected the columns that its head describes"),
        ("131Xx", "131xx", "no element in '131xx'"),
        ("3/2+*", "(3/2)", r"a spin-parity such as 3/2\+, found Xx"),
        (" -93149", "-993149", "a mass close to A"),
        ("IS=", "SI=", "isotopes with an abundance, found none"),
    ],
)
def test_a_damaged_evaluation_is_named(nuclei_raw, old, new, message):
    assert old in NUBASE
    write_nuclei(nuclei_raw.parent.parent, nubase=NUBASE.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(nuclei_raw)
    assert "nubase_4.mas20.txt" in str(caught.value)
    assert "pip download --no-deps nucleardatapy==" in str(caught.value)


@pytest.mark.parametrize("radius", ["47,0.005", "0.005,4.7", "4.7,", "many,0.1", "nan,0.1"])
def test_damaged_radii_are_named(nuclei_raw, radius):
    write_nuclei(nuclei_raw.parent.parent, radii=RADII.replace("4.7,0.005", radius))
    with pytest.raises(DataError, match="a radius in fm") as caught:
        build(nuclei_raw)
    assert "2013-Angeli.csv" in str(caught.value)


def test_an_isotope_without_a_radius_is_kept(nuclei_raw):
    write_nuclei(nuclei_raw.parent.parent, radii="# nothing\n")
    lines = build(nuclei_raw)["isotopes.csv"].splitlines()
    assert lines[-1] == "Xx,54,131,0.25,130.9,3/2+,,"
