from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import pion_decay


def build(folder) -> dict[str, str]:
    files = pion_decay.build(folder.parent).files
    return {name: content.decode() for name, content in files.items()}


def table(text: str) -> tuple[str, np.ndarray]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return lines[0], np.loadtxt(lines[1:], delimiter=",")


def test_timing(pion_decay_raw):
    names, rows = table(build(pion_decay_raw)["timing.csv"])
    assert names == "low_ns,high_ns,nu_mu,nu_e,anti_nu_mu"
    expected = [[0, 10, 0.9, 0.2, 0.3], [10, 20, 0.1, 0.8, 0.7]]
    np.testing.assert_allclose(rows, expected, rtol=1e-6)


def test_energy(pion_decay_raw):
    names, rows = table(build(pion_decay_raw)["energy.csv"])
    assert names == "energy_mev,nu_mu,nu_e,anti_nu_mu"
    np.testing.assert_array_equal(rows, [[1, 0, 0.0212, 0], [2, 0.0848, 0.0636, 0.0848]])


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (pion_decay.TIMES, "10.0 20.0", "11.0 20.0", "without gaps"),
        (pion_decay.TIMES, "0.2", "0.3", "distribution of nu_e of integral 1, found 1.1"),
        (pion_decay.TIMES, "0.2", "-0.2", ">= 0"),
        (pion_decay.ENERGIES, "0.0212", "0.0", "distribution of nu_e of integral 0.0848"),
        (pion_decay.ENERGIES, "0.0212", "", "rows of energy, nuE"),
    ],
)
def test_damaged_input_is_named(pion_decay_raw, file, old, new, message):
    text = (pion_decay_raw / file).read_text()
    assert old in text
    (pion_decay_raw / file).write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(pion_decay_raw)
    assert file in str(caught.value)
    assert "data/pion_decay/REFERENCE" in str(caught.value)
