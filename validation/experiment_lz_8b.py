"""LZ's search for solar 8B: Standard-Model events with the public efficiency.

Nothing else is public: no likelihood, only expected rates and projections.
"""

from __future__ import annotations

import numpy as np
from rows import Row, number

import bayes_cevns as bc
from bayes_cevns.releases import default_releases_dir

EXPOSURE_TONNE_YEAR = 5.7
WHERE = "HEPData 167350, table t4"


def rows() -> list[Row]:
    """Return the expected events with several ways to continue the efficiency."""
    (run,) = bc.expected_counts(bc.experiment("lz_8b")).values()
    note = (
        "the energies of the table are 0.5 keV apart; here the logarithm of the efficiency is "
        "continued by a cubic spline. How the number was made is not known to us: "
        f"{_otherwise()}. The card has 10% for it"
    )
    return [number(f"SM events in {EXPOSURE_TONNE_YEAR} t yr", WHERE, 19.6, run["sm"], note)]


def _otherwise() -> str:
    """Return the events with other interpolations, if the raw release is there."""
    path = default_releases_dir() / "lz_pandax_digitised" / "LZ8B2025" / "LZB8-v2-Efficiency.csv"
    if not path.is_file():
        return "other ways need the raw release"
    lines = [line for line in path.read_text().splitlines() if line[:1].isdigit()]
    energy, efficiency = np.array([line.split(",") for line in lines], dtype=float).T
    recoil = np.linspace(0.01, 6.0, 6000)
    found = []
    for source in ("solar_8b", "solar_8b_winter2006"):
        rate = EXPOSURE_TONNE_YEAR * bc.rate(source=source, target="Xe").total(recoil)
        linear = np.interp(recoil, energy, efficiency)
        some = efficiency > 0
        logarithm = np.interp(recoil, energy[some], np.log(efficiency[some]), left=-np.inf)
        events = [np.trapezoid(rate * e, recoil) for e in (linear, np.exp(logarithm))]
        found.append(f"{events[0]:.1f} linearly and {events[1]:.1f} log-linearly ({source})")
    return ", ".join(found)
