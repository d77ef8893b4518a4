"""Neutrinos of the Spallation Neutron Source in time, and in energy for a cross-check."""

from __future__ import annotations

from itertools import pairwise

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import Rows, check_integral, read_rows

RAW = RawRelease("coherent_sns_flux_2021", "from the sources in data/pion_decay/REFERENCE")

TIMES = "snsFlux2D_time_marginals_10ns.txt"
ENERGIES = "snsFlux2D_energy_marginals_1MeV.txt"
PAPER = "Akimov et al. (COHERENT), Phys. Rev. Lett. 129 (2022) 081801, arXiv:2110.07730"
#: Flavour -> its column counted from the first flavour: nuE nuEBar nuMu nuMuBar.
FLAVOURS = {"nu_mu": 2, "nu_e": 0, "anti_nu_mu": 3}
#: Neutrinos of each flavour per proton.
PER_PROTON = 0.0848
_TOLERANCE = 1e-4


@builder(RAW)
def build(raw: RawFolder) -> Files:
    """Build the distributions from the raw marginal distributions."""
    return {"timing.csv": _timing(raw), "energy.csv": _energy(raw)}


def read_times(raw: RawFolder) -> Rows:
    """Return rows of low and high edge in ns, without gaps, and the share of each flavour."""
    what = "low edge, high edge, nuE, nuEBar, nuMu, nuMuBar"
    rows = read_rows(raw, TIMES, what, separator=None)
    touching = all(row[1] == following[0] for row, following in pairwise(rows))
    raw.expect(TIMES, touching, "bins in time without gaps")
    return rows


def _timing(raw: RawFolder) -> str:
    rows = read_times(raw)
    totals = {name: sum(row[2 + column] for row in rows) for name, column in FLAVOURS.items()}
    for name, total in totals.items():
        what = f"a distribution of {name}"
        check_integral(raw, TIMES, total, expected=1, tolerance=_TOLERANCE, what=what)
    kept: Rows = [
        (row[0], row[1], *(_short(row[2 + FLAVOURS[name]] / totals[name]) for name in FLAVOURS))
        for row in rows
    ]
    comments = [
        "Arrival time at the Spallation Neutron Source: edges in ns since the start of the beam",
        f"pulse, probability per bin. {PAPER}; see REFERENCE.",
    ]
    return csv_text(comments, ["low_ns", "high_ns", *FLAVOURS], kept)


def _energy(raw: RawFolder) -> str:
    what = "energy, nuE, nuEBar, nuMu, nuMuBar"
    rows = read_rows(raw, ENERGIES, what, separator=None)
    for name, column in FLAVOURS.items():
        total = sum(row[1 + column] for row in rows)
        what = f"a distribution of {name}"
        check_integral(raw, ENERGIES, total, expected=PER_PROTON, tolerance=_TOLERANCE, what=what)
    kept: Rows = [(row[0], *(row[1 + column] for column in FLAVOURS.values())) for row in rows]
    comments = [
        "Energies at the Spallation Neutron Source: centre of a bin of 1 MeV, neutrinos per",
        f"proton and bin. {PAPER}; see REFERENCE.",
    ]
    return csv_text(comments, ["energy_mev", *FLAVOURS], kept)


def _short(value: float) -> float:
    return float(f"{value:.6g}")
