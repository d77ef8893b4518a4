from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import atmospheric


def build(folder) -> dict[str, str]:
    files = atmospheric.build(folder.parent.parent).files
    return {name: content.decode() for name, content in files.items()}


def table(text: str) -> tuple[list[str], np.ndarray]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return lines[0].split(","), np.loadtxt(lines[1:], delimiter=",")


@pytest.mark.parametrize(
    ("name", "total"), [("fluka_gran_sasso.csv", 10.55), ("fluka_kamioka.csv", 7.345)]
)
def test_flavours_keep_their_columns(atmospheric_raw, name, total):
    names, rows = table(build(atmospheric_raw)[name])
    assert names == ["energy_mev", "nu_e", "anti_nu_e", "nu_mu", "anti_nu_mu"]
    np.testing.assert_allclose(rows[:, 1:], total * np.array([[0.1, 0.2, 0.3, 0.4]] * 2))


def test_the_supernova_table_gets_its_total(atmospheric_raw):
    names, rows = table(build(atmospheric_raw)["dsnb.csv"])
    assert names == ["energy_mev", "flux_per_cm2_s_mev"]
    assert np.trapezoid(rows[:, 1], rows[:, 0]) == pytest.approx(85.7, rel=1e-6)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("atm_fluka_lngs.csv", "14.0,", "15.0,", "integral 10.55, found 21.1"),
        ("atm_fluka_lngs.csv", "14.0,", "12.0,", "strictly increasing values of energy"),
        ("atm_fluka_kamioka.csv", "14.0,", "x,", "rows of energy, nu_e"),
        ("atm_fluka_kamioka.csv", "14.0,", "# ", "two or more rows"),
        ("dsnb_normalised_neutrinofog.csv", "10.0,", "9.0,", "integral 1, found 0.95"),
    ],
)
def test_damaged_input_is_named(atmospheric_raw, file, old, new, message):
    text = (atmospheric_raw / file).read_text()
    assert old in text
    (atmospheric_raw / file).write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(atmospheric_raw)
    assert file in str(caught.value)
    assert "data/atmospheric/REFERENCE" in str(caught.value)
