"""LZ's search for solar 8B: Standard-Model events with the public efficiency, and one number.

No events are public: `lz_8b` is for expected rates and projections. `lz_8b_number` fits the 8B
flux that was found, (3.1 +2.1 -1.3)e6 per cm2 s, as the amplitude of the Standard-Model spectrum.
It is second-hand: it was read in the README of a public repository, not in the paper, and is said
to be so with every limit.
"""

from __future__ import annotations

import numpy as np
from rows import Row, number

import bayes_cevns as bc
from bayes_cevns.releases import default_releases_dir

EXPOSURE_TONNE_YEAR = 5.7
WHERE = "HEPData 167350, table t4"
#: Flux of the source `solar_8b`, and the probability of one standard deviation.
UNIT_PER_CM2_S, ONE_SIGMA = 5.46e6, 0.6826895


def rows() -> list[Row]:
    """Return the expected events with several ways to continue the efficiency."""
    (run,) = bc.expected_counts(bc.experiment("lz_8b")).values()
    note = (
        "the energies of the table are 0.5 keV apart; here the logarithm of the efficiency is "
        "continued by a cubic spline. How the number was made is not known to us: "
        f"{_otherwise()}. The card has 10% for it"
    )
    events = f"SM events in {EXPOSURE_TONNE_YEAR} t yr"
    return [number(events, WHERE, 19.6, run["sm"], note), *_amplitude()]


def _amplitude() -> list[Row]:
    """Return the number that was measured, fitted here, and how far no signal is away."""
    one = bc.experiment("lz_8b_number")
    found = bc.profile([one], parameter="flux_8b", free=True, level=ONE_SIGMA)
    (interval,) = found.intervals
    ends = [found.best, interval.high - found.best, found.best - interval.low]
    best, up, down = (UNIT_PER_CM2_S * 1e-6 * value for value in ends)
    none = np.zeros(one.observed.shape)
    pull = np.sqrt(one.likelihood.deviance(one.observed.values, none, np.arange(none.size)))
    return [
        Row(
            "8B flux (1e6 per cm2 s)",
            "second-hand (data/lz_8b/REFERENCE)",
            "3.1 +2.1 -1.3",
            f"{best:.1f} +{up:.1f} -{down:.1f}",
            "the input itself, through card, likelihood and profile",
        ),
        Row(
            "no 8B at all",
            "arXiv:2512.08065, abstract",
            "4.5 sigma",
            f"{pull:.1f} sigma",
            "a variance that is linear in the flux, down to a floor, goes on so far by a guess: "
            "2.4 by two halves of normal densities",
        ),
    ]


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
