"""Neutrinos of the Spallation Neutron Source in time, and in energy for a cross-check."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from bayes_cevns.releases.columns import Rows, check_integral, csv_text, read_rows
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER = "coherent_sns_flux_2021"
ORIGIN = "from the sources in data/pion_decay/REFERENCE"

TIMES = "snsFlux2D_time_marginals_10ns.txt"
ENERGIES = "snsFlux2D_energy_marginals_1MeV.txt"
PAPER = "Akimov et al. (COHERENT), Phys. Rev. Lett. 129 (2022) 081801, arXiv:2110.07730"
#: Flavour -> its column counted from the first flavour: nuE nuEBar nuMu nuMuBar.
FLAVOURS = {"nu_mu": 2, "nu_e": 0, "anti_nu_mu": 3}
#: Neutrinos of each flavour per proton.
PER_PROTON = 0.0848
_TOLERANCE = 1e-4

REFERENCE = f"""\
Neutrinos from pions that decay at rest in the target of the Spallation Neutron Source

Sources
  timing.csv, energy.csv   {PAPER}:
                           the simulated flux snsFlux2D.root of the CsI release, whose
                           marginal distributions were read in github.com/BarbeauGroup/
                           chi2_pull_test.

Licence
  None is stated with the tables; the paper is to be cited.

What was derived, and how (bayes_cevns.releases.pion_decay)
  timing.csv: probability per 10 ns since the start of the beam pulse, up to 15 us, for the three
  flavours, each normalised to one; the 0.1% that arrive later are left out. The beam's shape in
  time is included. Of energy.csv only its use as a check of the analytic spectra of
  bayes_cevns.sources.pion_decay: neutrinos per proton and MeV.
  The anti nu_e (0.1% of a flavour) are left out of both.

  The builder reads {TIMES} (low edge, high edge, nuE, nuEBar, nuMu,
  nuMuBar) and {ENERGIES} (energy, the same flavours) below
  {FOLDER}; inputs.toml has their digests.

Doubts
  The raw energy table calls its energies low edges of bins of 1 MeV. They are centres: the line
  of 29.79 MeV is in the bin of 30, and the decay spectra, which end at 52.83 MeV, fill a third
  of the bin of 53 and agree bin by bin with the analytic ones only so. We take them as centres.

Check values
  {PER_PROTON} neutrinos of each flavour per proton; 99.4% of nu_mu in the bin of 29.5-30.5 MeV.
  Mean arrival 0.501 us (nu_mu), 2.68 us (nu_e), 2.67 us (anti nu_mu); the delayed flavours fall
  with 2.20 us, the life time of the muon.
"""


def build(releases_dir: Path) -> Product:
    """Build the distributions from the raw marginal distributions.

    Raises
    ------
    DataError
        If an input is missing, damaged, or not normalised as recorded.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    files = {
        "timing.csv": _timing(raw).encode(),
        "energy.csv": _energy(raw).encode(),
        "REFERENCE": REFERENCE.encode(),
    }
    return Product(files=files, inputs=raw.digests())


def _timing(raw: RawFolder) -> str:
    what = "low edge, high edge, nuE, nuEBar, nuMu, nuMuBar"
    rows = read_rows(raw, TIMES, columns=6, what=what, separator=None)
    if any(row[1] != following[0] for row, following in pairwise(rows)):
        raise raw.error(TIMES, "expected bins in time without gaps")
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
    rows = read_rows(raw, ENERGIES, columns=5, what=what, separator=None)
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
