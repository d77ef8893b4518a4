from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

from bayes_cevns.errors import DataError, OutputError, UnknownNameError
from bayes_cevns.releases import BUILDERS, build, default_releases_dir, verify
from bayes_cevns.storage.resources import check_file, recorded_checksums

FILES = {
    "nuclei": {
        "REFERENCE",
        "anand2013.csv",
        "hoferichter2020.csv",
        "inputs.toml",
        "isotopes.csv",
        "klos2013.csv",
        "nucleon_matrix_elements.toml",
        "spin_expectation_values.csv",
    },
    "atmospheric": {
        "REFERENCE",
        "inputs.toml",
        "fluka_gran_sasso.csv",
        "fluka_kamioka.csv",
        "dsnb.csv",
    },
    "pion_decay": {"REFERENCE", "inputs.toml", "timing.csv", "energy.csv"},
    "published_limits": {"REFERENCE", "curves.csv", "inputs.toml", "points.csv"},
    "reactor": {"REFERENCE", "inputs.toml", "spectra.csv"},
    "lz_8b": {"REFERENCE", "inputs.toml", "response.nc"},
    "pandax4t_8b": {"REFERENCE", "inputs.toml", "paired.nc", "us2.nc"},
    "xenon1t_s2only": {"REFERENCE", "inputs.toml", "response.nc"},
    "connie": {"REFERENCE", "inputs.toml", "response.nc"},
    "conus_plus": {"REFERENCE", "inputs.toml", "response.nc"},
    "conus_plus_spectrum": {"REFERENCE", "inputs.toml", "response.nc"},
    "dresden_ii": {"REFERENCE", "inputs.toml", "response.nc"},
    "earth": {"REFERENCE", "inputs.toml", "prem.csv"},
    "atoms": {"REFERENCE", "electrons.csv", "inputs.toml"},
    "many_body": {"REFERENCE", "inputs.toml", "xenon.csv"},
    "migdal": {
        "REFERENCE",
        "ar.csv",
        "ge.csv",
        "inputs.toml",
        "shells.csv",
        "si.csv",
        "xe.csv",
    },
    "solar": {
        *("pp.csv", "hep.csv", "13n.csv", "15o.csv", "17f.csv", "lines.csv"),
        *("8b_bahcall1996.csv", "8b_winter2006.csv", "8b_ortiz2000.csv"),
        "REFERENCE",
        "fluxes.toml",
        "inputs.toml",
    },
    "coherent_ge": {"REFERENCE", "inputs.toml", "response.nc"},
    "coherent_ge_counts": {"REFERENCE", "inputs.toml", "response.nc"},
    "coherent_lar": {"REFERENCE", "inputs.toml", "response.nc"},
    "coherent_csi": {"REFERENCE", "inputs.toml", "response.nc"},
    "coherent_csi_2017": {"REFERENCE", "inputs.toml", "response.nc"},
    "solar_models": {
        "REFERENCE",
        "b16_agss09met.csv",
        "b16_gs98.csv",
        "b23_sf3_gs98.csv",
        "inputs.toml",
    },
    **{name: {"REFERENCE", "inputs.toml", "response.nc"} for name in ("lz_er", "pandax4t_er")},
    "xenon_1ty": {"REFERENCE", "inputs.toml", "response.nc", "response_er.nc"},
    "xlzd": {"REFERENCE", "inputs.toml", "response.nc"},
    "xlzd_er": {"REFERENCE", "inputs.toml", "response.nc"},
    "xenonnt_2024": {"REFERENCE", "inputs.toml", "response.nc", "response_s2.nc"},
    "xenonnt_cevns": {"REFERENCE", "inputs.toml", "response.nc"},
    "xenonnt_er": {"REFERENCE", "inputs.toml", "response.nc"},
    "xenonnt_s2only": {"REFERENCE", "inputs.toml", "response.nc"},
    "yields": {
        "REFERENCE",
        "inputs.toml",
        "pandax4t_run0_charge.csv",
        "pandax4t_run0_light.csv",
        "pandax4t_run1_charge.csv",
        "pandax4t_run1_light.csv",
    },
}


@pytest.fixture
def raw(
    mini,
    atmospheric_raw,
    atoms_raw,
    csi_2017_raw,
    csi_raw,
    connie_raw,
    conus_plus_raw,
    conus_plus_spectrum_raw,
    dresden_ii_raw,
    earth_raw,
    lz_8b_raw,
    ge_grid_raw,
    ge_raw,
    lar_raw,
    electron_recoils_raw,
    many_body_raw,
    migdal_raw,
    nuclei_raw,
    pandax4t_8b_raw,
    pion_decay_raw,
    published_limits_raw,
    reactor_raw,
    s2only_raw,
    solar_models_raw,
    solar_raw,
    xenon1t_raw,
    xenonnt_2024_raw,
    yields_raw,
) -> Path:
    del (
        atmospheric_raw,
        atoms_raw,
        csi_2017_raw,
        csi_raw,
        connie_raw,
        conus_plus_raw,
        conus_plus_spectrum_raw,
        dresden_ii_raw,
        earth_raw,
        lz_8b_raw,
        ge_grid_raw,
        ge_raw,
        lar_raw,
        electron_recoils_raw,
        many_body_raw,
        migdal_raw,
        nuclei_raw,
        pandax4t_8b_raw,
        pion_decay_raw,
        published_limits_raw,
        reactor_raw,
        s2only_raw,
        solar_models_raw,
        solar_raw,
        xenon1t_raw,
        xenonnt_2024_raw,
        yields_raw,
    )
    return mini.releases_dir


def test_builds_every_target_and_lists_it(raw, tmp_path):
    out = tmp_path / "new" / "data"
    written = build(raw, out_dir=out)
    expected = {out / target / name for target, names in FILES.items() for name in names}
    assert set(written) == expected | {out / "checksums.toml"}
    assert set(out.rglob("*")) == set(written) | {out / target for target in FILES}
    assert set(verify(out).values()) == {"ok"}
    assert check_file(out, "xenonnt_cevns/response.nc").is_file()
    assert list(recorded_checksums(out)) == sorted(recorded_checksums(out))


def test_files_are_readable_by_everyone(raw, tmp_path):
    written = build(raw, names=["solar"], out_dir=tmp_path / "data")
    plain = tmp_path / "plain"
    plain.write_text("")
    assert {path.stat().st_mode for path in written} == {plain.stat().st_mode}


def test_other_targets_stay_listed_and_old_files_do_not(raw, tmp_path):
    build(raw, names=["nuclei"], out_dir=tmp_path)
    checksums = tmp_path / "checksums.toml"
    checksums.write_text(checksums.read_text() + '"other/x.toml" = "12"\n"solar/old" = "34"\n')
    build(raw, names=["solar", "solar"], out_dir=tmp_path)
    listed = recorded_checksums(tmp_path)
    assert listed["other/x.toml"] == "12"
    assert "solar/old" not in listed
    assert {path.split("/")[0] for path in listed} == {"nuclei", "other", "solar"}


def test_unknown_target(tmp_path):
    with pytest.raises(UnknownNameError, match=r"unknown data table 'solr'; did you mean 'solar'"):
        build(tmp_path, names=["solr"], out_dir=tmp_path)


def test_nothing_is_written_when_one_target_fails(raw, nuclei_raw, tmp_path):
    (nuclei_raw / "nucleon_matrix_elements.csv").unlink()
    with pytest.raises(DataError, match=r"nucleon_matrix_elements\.csv"):
        build(raw, names=["solar", "nuclei"], out_dir=tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_unwritable_folder(raw, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"cannot write .*file.*expected a writable folder"):
        build(raw, names=["solar"], out_dir=tmp_path / "file" / "data")


def test_broken_checksum_list(raw, tmp_path):
    (tmp_path / "checksums.toml").write_text("not = = toml")
    with pytest.raises(DataError, match=r"checksums\.toml is not valid TOML"):
        build(raw, names=["solar"], out_dir=tmp_path)


def test_changed_input_is_refused_unless_allowed(raw, mini, tmp_path):
    out = tmp_path / "data"
    build(raw, names=["xenonnt_cevns"], out_dir=out)
    before = (out / "xenonnt_cevns/response.nc").read_bytes()
    mini.write_template(mini.path("er"), mini.values())
    with pytest.raises(DataError, match=r"raw inputs sr0/er are not those .*allow_changed=True"):
        build(raw, names=["xenonnt_cevns"], out_dir=out)
    assert (out / "xenonnt_cevns/response.nc").read_bytes() == before
    build(raw, names=["xenonnt_cevns"], out_dir=out, allow_changed=True)
    assert (out / "xenonnt_cevns/response.nc").read_bytes() != before
    assert set(verify(out).values()) == {"ok"}


def test_unreadable_record_of_inputs(raw, tmp_path):
    (tmp_path / "solar").mkdir()
    (tmp_path / "solar/inputs.toml").write_text("= nothing")
    with pytest.raises(DataError, match=r"inputs\.toml is not valid TOML"):
        build(raw, names=["solar"], out_dir=tmp_path)


def test_input_digests_can_be_made_with_sha256sum(raw, mini, tmp_path):
    build(raw, names=["xenonnt_cevns"], out_dir=tmp_path)
    recorded = tomllib.loads((tmp_path / "xenonnt_cevns/inputs.toml").read_text())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  templates/sr0/rg/{path.name}\n"
        for path in (mini.root / "templates/sr0/rg").iterdir()
    ]
    assert recorded["sr0/rg"] == hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def test_releases_folder_from_the_environment(monkeypatch):
    monkeypatch.setenv("BAYES_CEVNS_RELEASES", "somewhere/else")
    assert default_releases_dir() == Path("somewhere/else")
    monkeypatch.delenv("BAYES_CEVNS_RELEASES")
    assert default_releases_dir().parts[-2:] == ("shared", "data")


def test_targets():
    assert set(BUILDERS) == set(FILES)
