"""Antineutrinos per fission of the four fuel isotopes, and per neutron captured on 238U."""

from __future__ import annotations

import math
from itertools import pairwise

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import Rows, check_integral, read_rows

RAW = RawRelease("reactor_flux", "from the sources in data/reactor/REFERENCE")

HUBER = "Huber, Phys. Rev. C 84 (2011) 024617, arXiv:1106.0687"
MUELLER = "Mueller et al., Phys. Rev. C 83 (2011) 054615, arXiv:1101.2663"
BESTIOLE = "Perisse et al., Phys. Rev. C 108 (2023) 055501, arXiv:2304.14992"

#: Isotope -> (file of the converted spectrum, its separator), trusted from 2 to 8 MeV.
CONVERTED: dict[str, tuple[str, str | None]] = {
    "u235": ("Ricochet_Huber/U235-anti-neutrino-flux-250keV.dat", None),
    "u238": ("RitterCat/mueller_u238.txt", ","),
    "pu239": ("Ricochet_Huber/Pu239-anti-neutrino-flux-250keV.dat", None),
    "pu241": ("Ricochet_Huber/Pu241-anti-neutrino-flux-250keV.dat", None),
}
#: Isotope -> neutrinos per fission of the summation calculation.
SUMMED = {"u235": 6.078, "u238": 7.163, "pu239": 5.503, "pu241": 6.261}
#: Isotopes that decay after a neutron was captured on 238U, one neutrino each.
CAPTURE = ("u239", "np239")
LOW_MEV, HIGH_MEV, STEP_MEV = 2.0, 8.0, 0.025
_TOLERANCE = 1e-3


@builder(RAW)
def build(raw: RawFolder) -> Files:
    """Build the spectra from the raw copies of the published tables."""
    columns = {name: _fission(raw, name) for name in SUMMED}
    capture = _capture(raw)
    energies = [energy for energy, _ in columns["u235"]]
    table = [
        (energy, *(rows[index][1] for rows in columns.values()), capture.get(energy, 0.0))
        for index, energy in enumerate(energies)
    ]
    comments = [
        "Reactor antineutrinos: energy in MeV; anti nu_e per MeV and fission of an isotope, and",
        f"per MeV and neutron captured on 238U. {HUBER}; {MUELLER}; {BESTIOLE}; see REFERENCE.",
    ]
    names = ["energy_mev", *columns, "u238_capture"]
    return {"spectra.csv": csv_text(comments, names, table)}


def _fission(raw: RawFolder, isotope: str) -> Rows:
    """Return energy and density: summation, conversion from 2 to 8 MeV, summation."""
    summed = _summed(raw, isotope, SUMMED[isotope])
    return [
        (0.0, 0.0),
        *(row for row in summed if row[0] < LOW_MEV),
        *_converted(raw, isotope),
        *(row for row in summed if row[0] > HIGH_MEV),
    ]


def _summed(raw: RawFolder, isotope: str, total: float) -> Rows:
    relative = f"RitterCat/bestiole_{isotope}.txt"
    rows = read_rows(raw, relative, "energy, density")
    even = all(abs(b[0] - a[0] - STEP_MEV) <= 1e-9 for a, b in pairwise(rows))
    raw.expect(relative, even, f"bins of {STEP_MEV} MeV")
    found = STEP_MEV * math.fsum(density for _, density in rows)
    check_integral(
        raw, relative, found, expected=total, tolerance=_TOLERANCE, what="neutrinos per decay"
    )
    return [(round(energy, 4), float(f"{density:.6g}")) for energy, density in rows]


def _converted(raw: RawFolder, isotope: str) -> Rows:
    """Return a converted spectrum on a finer grid, linear in its logarithm between points."""
    relative, separator = CONVERTED[isotope]
    rows = read_rows(raw, relative, "energy, density", separator=separator)
    rows = [row for row in rows if LOW_MEV <= row[0] <= HIGH_MEV]
    whole = bool(rows) and rows[0][0] == LOW_MEV and rows[-1][0] == HIGH_MEV
    raw.expect(relative, whole, f"a spectrum from {LOW_MEV} to {HIGH_MEV} MeV")
    positive = all(density > 0 for _, density in rows)
    raw.expect(relative, positive, "densities > 0, whose logarithm is interpolated")
    fine: Rows = []
    for low, high in pairwise(rows):
        steps = round((high[0] - low[0]) / STEP_MEV)
        for step in range(steps):
            energy, part = low[0] + step * STEP_MEV, step / steps
            density = low[1] ** (1 - part) * high[1] ** part
            fine.append((round(energy, 4), float(f"{density:.6g}")))
    return [*fine, rows[-1]]


def _capture(raw: RawFolder) -> dict[float, float]:
    """Return energy -> density after a neutron capture on 238U."""
    table: dict[float, float] = {}
    for isotope in CAPTURE:
        for energy, density in _summed(raw, isotope, 1.0):
            table[energy] = float(f"{table.get(energy, 0.0) + density:.6g}")
    return table
