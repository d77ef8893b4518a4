from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import reactor


def build(folder) -> str:
    return reactor.build(folder.parent).files["spectra.csv"].decode()


def table(text: str) -> dict[str, np.ndarray]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = np.loadtxt(lines[1:], delimiter=",")
    return dict(zip(lines[0].split(","), rows.T, strict=True))


def test_each_range_comes_from_its_own_table(reactor_raw):
    spectra = table(build(reactor_raw))
    energy = spectra["energy_mev"]
    assert energy[0] == 0.0
    assert energy[-1] == 12.4875
    assert np.all(np.diff(energy) > 0)
    converted = (energy >= 2) & (energy <= 8)
    for isotope, total in reactor.SUMMED.items():
        density = spectra[isotope]
        assert density[0] == 0
        # Four times less every 0.25 MeV: a straight line in the logarithm.
        np.testing.assert_allclose(
            density[converted], 4.0 ** (-4 * (energy[converted] - 2)), rtol=1e-5
        )
        np.testing.assert_allclose(density[1:][~converted[1:]], total / 12.5, rtol=1e-5)


def test_two_neutrinos_per_capture(reactor_raw):
    spectra = table(build(reactor_raw))
    energy, density = spectra["energy_mev"], spectra["u238_capture"]
    assert np.all(density[energy > 1] == 0)
    assert 0.025 * density[energy < 1].sum() == pytest.approx(2, rel=1e-5)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("RitterCat/bestiole_pu241.txt", "1.0125,", "1.0126,", "bins of 0.025 MeV"),
        ("RitterCat/bestiole_np239.txt", "0.1125,1.0", "0.1125,2.0", "neutrinos per decay"),
        ("Ricochet_Huber/U235-anti-neutrino-flux-250keV.dat", "8.0 ", "8.1 ", "from 2.0 to 8.0"),
        ("Ricochet_Huber/U235-anti-neutrino-flux-250keV.dat", "2.25 0.25", "2.25 0.0", "> 0"),
        ("RitterCat/mueller_u238.txt", "2.0,", "two,", "rows of energy, density"),
    ],
)
def test_damaged_input_is_named(reactor_raw, file, old, new, message):
    text = (reactor_raw / file).read_text()
    assert old in text
    (reactor_raw / file).write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as caught:
        build(reactor_raw)
    assert file in str(caught.value)
    assert "data/reactor/REFERENCE" in str(caught.value)
