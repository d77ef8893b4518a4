from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO

import h5py
import numpy as np
import pytest
import xarray as xr

from bayes_cevns import __version__
from bayes_cevns.errors import DataError
from bayes_cevns.releases import xenonnt_cevns
from bayes_cevns.releases.xenonnt_cevns import ENERGIES_KEV, EXPOSURE_TONNE_YEAR, PULLS


def build(mini) -> xr.Dataset:
    product = xenonnt_cevns.build(mini.releases_dir)
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


def test_layout_of_the_release():
    assert list(EXPOSURE_TONNE_YEAR) == ["sr0", "sr1", "sr2"]
    assert len(ENERGIES_KEV) == 46
    assert ENERGIES_KEV[:3] == (0.5, 0.6, 0.7)
    assert ENERGIES_KEV[-1] == 5.0
    assert tuple(range(-3, 4)) == PULLS


def test_every_number_is_at_its_place(mini):
    table = build(mini)
    flat = mini.values().ravel()
    np.testing.assert_array_equal(table["ac"].sel(run="sr0"), 2 * flat)
    np.testing.assert_array_equal(table["er"].sel(run="sr0"), 3 * flat)
    for tly, tqy in mini.pulls:
        found = table["neutron"].sel(run="sr0", tly=tly, tqy=tqy)
        np.testing.assert_array_equal(found, 4 * mini.values(tly=tly, tqy=tqy).ravel())
        for energy in mini.energies:
            found = table["response"].sel(run="sr0", recoil_energy=energy, tly=tly, tqy=tqy)
            expected = mini.values(energy=energy, tly=tly, tqy=tqy).ravel()
            np.testing.assert_array_equal(found, expected.astype(np.float32))


def test_names_types_and_units(mini):
    table = build(mini)
    assert table["response"].dims == ("run", "recoil_energy", "tly", "tqy", "bin")
    assert table["response"].dtype == np.float32
    assert table["observed"].dtype == np.int32
    assert table["neutron"].dims == ("run", "tly", "tqy", "bin")
    assert {table[name].dtype for name in ("neutron", "ac", "er")} == {np.dtype("float64")}
    assert {table[name].attrs["units"] for name in ("neutron", "ac", "er")} == {"1/(t yr)"}
    assert table["exposure"].item() == 2.0
    assert table["exposure"].attrs["units"] == "t yr"
    assert table["recoil_energy"].attrs["units"] == "keV"
    assert all("long_name" in table[name].attrs for name in table.variables)


def test_bins_are_in_c_order(mini):
    table = build(mini)
    index = [table[f"{name}_bin"] for name in ("cs2", "s2_shadow", "s1_bdt", "s2_bdt")]
    np.testing.assert_array_equal(np.ravel_multi_index(index, (3, 3, 3, 3)), table["bin"])
    np.testing.assert_allclose(table["edges_cs2"].sel(run="sr0"), mini.edges[0])
    np.testing.assert_allclose(table["edges_s2_bdt"].sel(run="sr0"), mini.edges[3])


def test_counts_equal_a_readable_count(mini):
    counts = dict.fromkeys(range(81), 0)
    for event in mini.events:
        number = 0
        for value, edges in zip(event, mini.edges, strict=True):
            number = 3 * number + min(sum(value >= edge for edge in edges[1:]), 2)
        counts[number] += 1
    observed = build(mini)["observed"].sel(run="sr0")
    assert observed.values.tolist() == list(counts.values())
    assert observed.sum() == len(mini.events)


def test_a_run_may_have_no_events(mini):
    mini.write_events(())
    assert build(mini)["observed"].sum() == 0


def test_attributes_tell_where_it_comes_from(mini):
    product = xenonnt_cevns.build(mini.releases_dir)
    attributes = build(mini).attrs
    assert attributes["doi"] == "10.5281/zenodo.20576156"
    assert attributes["licence"] == "CC-BY-4.0"
    assert "2604.06002" in attributes["paper"]
    assert attributes["builder_version"] == __version__
    assert json.loads(attributes["input_sha256"]) == product.inputs
    assert set(product.inputs) == {"binning", "data", "sr0/ac", "sr0/er", "sr0/mono", "sr0/rg"}


def test_rebuilding_gives_the_same_bytes(mini):
    first, second = (xenonnt_cevns.build(mini.releases_dir).files for _ in range(2))
    assert first == second


def with_value(value: float) -> Callable[..., None]:
    def damage(mini) -> None:
        values = mini.values()
        values[1, 2, 0, 1] = value
        mini.write_template(mini.mono(1.0, 0.0, -1.0), values)

    return damage


def moved_edges(mini) -> None:
    edges = mini.edges.copy()
    edges[2, 1] += 1e-6
    mini.write_template(mini.path("ac"), mini.values(), edges=edges)


def nan_edges(mini) -> None:
    mini.write_template(mini.path("ac"), mini.values(), edges=mini.edges * np.nan)


def wrong_shape(mini) -> None:
    mini.write_template(mini.path("er"), mini.values()[:2])


def wrong_type(mini) -> None:
    mini.write_template(mini.path("er"), np.full((3, 3, 3, 3), b"text"))


def other_name(mini) -> None:
    with h5py.File(mini.root / mini.path("er"), "r+") as file:
        file.move("templates/template", "templates/other")


def more_than_one(mini) -> None:
    mini.write_template(mini.mono(0.5, 0.0, 0.0), np.full((3, 3, 3, 3), 0.1))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (with_value(np.nan), r"mono_1\.000_cevns_tly_0\.0_tqy_-1\.0\.h5.*>= 0, found nan"),
        (with_value(-1e-12), r"mono_1\.000.*expected finite values >= 0, found -1e-12"),
        (with_value(np.inf), r"mono_1\.000.*found inf"),
        (moved_edges, r"sr0_ac_cevns\.h5: expected the s1_bdt edges .*0\.25.* found .*0\.250001"),
        (nan_edges, r"expected the cs2 edges .* found \[nan"),
        (wrong_shape, r"sr0_er_cevns\.h5.*shape \(2, 3, 3, 3\), expected \(3, 3, 3, 3\)"),
        (wrong_type, r"sr0_er_cevns\.h5.*cannot read it"),
        (other_name, r"sr0_er_cevns\.h5.*cannot read it"),
        (more_than_one, r"templates/sr0/mono: .* sum to at most 1, found 8\.1"),
        (lambda mini: mini.write_text("binning/sr0.yaml", "a: [1"), r"sr0\.yaml.*ParserError"),
        (lambda mini: mini.write_text("binning/sr0.yaml", "cs2: [1]"), r"sr0\.yaml.*KeyError"),
        (lambda mini: mini.write_text("binning/sr0.yaml", ""), r"sr0\.yaml.*TypeError"),
        (lambda mini: mini.write_text("data/sr0.csv", ""), r"sr0\.csv: .* cs2, .*found nothing"),
        (lambda mini: mini.write_events(((100.0, 0.1, 0.1),)), r"row 0 has .*None"),
        (
            lambda mini: mini.write_events(((100.0, 0.5, 0.5, 0.9), (89.0, 0.5, 0.5, 0.9))),
            r"sr0\.csv: event 1 has cs2 = 89, expected 90 to 500",
        ),
        (
            lambda mini: mini.write_text(
                "data/sr0.csv",
                (mini.root / "data/sr0.csv").read_text().replace("0.95", "nan"),
            ),
            r"event 0 has s2_bdt = nan, expected 0\.8 to 1",
        ),
    ],
)
def test_damaged_input_is_named(mini, damage, message):
    damage(mini)
    with pytest.raises(DataError, match=message) as caught:
        build(mini)
    assert "bayes-cevns data fetch xenonnt_cevns" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unordered_edges(mini):
    path = mini.root / "binning/sr0.yaml"
    path.write_text(path.read_text().replace("150.0", "350.0"))
    with pytest.raises(DataError, match=r"sr0\.yaml: expected 4 increasing edges"):
        build(mini)


def test_binary_text_file(mini):
    (mini.root / "data/sr0.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"sr0\.csv: expected text"):
        build(mini)


@pytest.mark.parametrize(
    "relative",
    [
        "binning/sr0.yaml",
        "data/sr0.csv",
        "templates/sr0/ac/template_XENONnT_sr0_ac_cevns.h5",
        "templates/sr0/mono/template_XENONnT_sr0_mono_1.000_cevns_tly_1.0_tqy_-1.0.h5",
    ],
)
def test_missing_file(mini, relative):
    (mini.root / relative).unlink()
    with pytest.raises(DataError, match=r"expected a file, found none") as caught:
        build(mini)
    assert relative in str(caught.value)


def test_unreadable_file(mini):
    path = mini.root / "data/sr0.csv"
    path.unlink()
    path.mkdir()
    with pytest.raises(DataError, match=r"sr0\.csv: cannot be read"):
        build(mini)


@pytest.mark.parametrize("fraction", [0.0, 0.01, 0.3, 0.7, 0.999])
def test_truncated_template(mini, fraction):
    path = mini.root / mini.path("ac")
    content = path.read_bytes()
    path.write_bytes(content[: int(fraction * len(content))])
    with pytest.raises(DataError, match=r"sr0_ac_cevns\.h5: .*cannot read it"):
        build(mini)


def test_missing_release(tmp_path):
    with pytest.raises(DataError, match=r"expected the raw release at .*xenonnt_cevns_2026"):
        xenonnt_cevns.build(tmp_path)
