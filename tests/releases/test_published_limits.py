"""Curves of the raw releases: thinned, without what is no bound, each with its paper."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import published_limits
from bayes_cevns.releases.published_limits import TOLERANCE, thinned


def build(raw: Path) -> dict[str, list[dict[str, str]]]:
    files = published_limits.build(raw.parent.parent).files
    return {
        name: list(csv.DictReader(files[name].decode().splitlines()[1:]))
        for name in ("curves.csv", "points.csv")
    }


def points_of(found: dict[str, list[dict[str, str]]], name: str) -> list[list[str]]:
    return [list(row.values())[1:] for row in found["points.csv"] if row["curve"] == name]


def test_masses_are_in_mev_and_papers_are_named(published_limits_raw: Path) -> None:
    found = build(published_limits_raw)
    row = next(row for row in found["curves.csv"] if row["name"] == "b-l.na64_2019")
    assert row["published_for"] == "hidden-photon"
    assert (row["key"], row["arxiv"], row["doi"]) == ("Name:na64_2019", "1234.56789", "10.1/1")
    assert points_of(found, "b-l.na64_2019") == [["0", "1", "1e-05", ""], ["0", "2", "2e-05", ""]]
    assert points_of(found, "b-l.sun_2023")[0] == ["0", "1e-06", "1e-13", ""], "from eV"


def test_masses_without_a_bound_part_a_curve(published_limits_raw: Path) -> None:
    path = published_limits_raw / "B-L_boson" / "E137_Bjorken2009mm.lmt"
    none = "1.0e+05 1.0e+05"
    rows = ["1e-3 1e-8 1e-5", "2e-3 2e-8 1e-5", f"3e-3 {none}", "4e-3 3e-8 1e-6", "5e-3 3e-8 1e-6"]
    path.write_text("# mass lower upper\n" + "\n".join(rows) + "\n")
    found = points_of(build(published_limits_raw), "b-l.e137_2009")
    assert [(part, mass) for part, mass, *_ in found] == [
        ("0", "1"),
        ("0", "2"),
        ("1", "4"),
        ("1", "5"),
    ]
    assert found[0][2:] == ["1e-08", "1e-05"]


def test_a_model_without_a_bound_has_no_curve(published_limits_raw: Path) -> None:
    (published_limits_raw / "B_boson" / "Texono_Bauer2018onh.lmt").write_text("# mass lower\n")
    names = {row["name"] for row in build(published_limits_raw)["curves.csv"]}
    assert "b-boson.texono_2018" not in names
    assert "b-l.texono_2018" in names


def test_a_thinned_curve_is_as_close_as_said() -> None:
    mass = np.geomspace(1.0, 1e3, 400)
    lower = 1e-6 * (1 + 0.3 * np.sin(5 * np.log(mass))) * mass
    part = np.column_stack([mass, lower, np.full(400, np.inf)])
    few = thinned(part)
    again = np.interp(np.log(mass), np.log(few[:, 0]), np.log(few[:, 1]))
    assert len(few) < 100
    assert np.abs(again - np.log(lower)).max() <= TOLERANCE * (1 + 1e-9)
    straight = np.column_stack([mass, mass**2, mass**3])
    np.testing.assert_array_equal(thinned(straight), straight[[0, -1]])


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("B-L_boson/NA64_NA642019imj.lmt", "2.0e-03", "0.5e-03", "masses increasing"),
        ("B-L_boson/NA64_NA642019imj.lmt", "2.0e-05", "-2.0e-05", "positive numbers"),
        ("B-L_boson/NA64_NA642019imj.lmt", "2.0e-05", "many", "rows of mass, coupling"),
        ("B-L_boson/NA64_NA642019imj.lmt", "2.0e-05", "", "rows of mass, coupling"),
        ("notes/NA64_NA642019imj.notes.txt", "dark_photon", "axial", "one model of B-L_boson"),
        ("notes/NA64_NA642019imj.notes.txt", "@article{", "", "the BibTeX entry"),
        ("../limits_axionlimits/VectorB-L_Sun.csv", "2e-13", "-1", "positive masses and couplings"),
    ],
)
def test_damaged_input_is_named(
    published_limits_raw: Path, file: str, old: str, new: str, message: str
) -> None:
    path = published_limits_raw / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as caught:
        build(published_limits_raw)
    assert path.name in str(caught.value)
