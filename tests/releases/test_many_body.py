"""The ratio of many-body theory to the step function on xenon."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import many_body


def built(folder: Path) -> np.ndarray:
    text = many_body.build(folder.parent.parent).files["xenon.csv"].decode()
    return np.loadtxt(text.splitlines(), delimiter=",", skiprows=3)


def test_the_ratio_of_two_curves(many_body_raw: Path) -> None:
    energy, ratio = built(many_body_raw).T
    np.testing.assert_allclose(ratio, 0.8, rtol=1e-12)
    low, high = many_body.RANGE_KEV
    assert energy.size == many_body.CELLS
    assert low < energy[0] < energy[-1] < high


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("pp.txt", "30.0", "20.0", "rates > 0 from 0.2538 to 27 keV"),
        ("rrpa_rate.txt", "1.6e-31", "0e-31", "rates > 0 from 0.2538 to 27 keV"),
        ("rrpa_rate.txt", "3.2", "9.2", "a rate below that of pp.txt"),
        ("pp.txt", "2.0e-31", "much", "rows of energy, rate"),
    ],
)
def test_damaged_input_is_named(
    many_body_raw: Path, file: str, old: str, new: str, message: str
) -> None:
    path = many_body_raw / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        built(many_body_raw)
    assert file in str(caught.value)
