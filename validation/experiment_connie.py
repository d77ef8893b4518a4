"""CONNIE's skipper CCDs as a projection: no spectrum with the reactor on and off is public.

Efficiency and background were digitised by a third party, the quenching is assumed: the numbers
here are compared with an integral written anew, not with a publication.
"""

from __future__ import annotations

import numpy as np
from rows import Row, number

import bayes_cevns as bc
from bayes_cevns.cards import experiment

NAME = "connie"
#: Silicon, Lindhard's k, and where the efficiency of the table begins and ends, in keVee.
Z, K, RANGE_KEVEE = 14, 0.146, (0.02, 0.84)


def rows() -> list[Row]:
    """Return the expectations for 14.9 g d."""
    counts = bc.expected_counts(NAME)["on"]
    return [
        number(
            "Standard-Model recoils in 14.9 g d",
            "integral of dR/dT times Lindhard and the mean efficiency of each bin, no smearing",
            _without_resolution(),
            counts["sm"],
            "Angra 2: 3.8 GW at 30 m (arXiv:1906.02200, abstract); quenching assumed",
        ),
        number(
            "background in 14.9 g d, 0.02 to 0.84 keVee",
            "3711 per kg, day and keV, flat",
            3711.3 * 14.9e-3 * (RANGE_KEVEE[1] - RANGE_KEVEE[0]),
            counts["background"],
            "unit of the digitised figure assumed",
        ),
    ]


def _without_resolution() -> float:
    """Return the counts of a detector that sees every ionisation energy as it is."""
    one = experiment(NAME)
    (signal,) = one.signals
    response = signal.values.sel(lindhard_k_si=K).isel(run=0).sum("bin").values
    exposure = float(one.exposure_tonne_year.values[0])
    efficiency = response / exposure
    recoil = np.geomspace(0.05, 4.5, 20001)
    reduced = 11.5 * Z ** (-7 / 3) * recoil
    stopping = K * (3 * reduced**0.15 + 0.7 * reduced**0.6 + reduced)
    seen = recoil * stopping / (1 + stopping)
    inside = (seen >= RANGE_KEVEE[0]) & (seen <= RANGE_KEVEE[1])
    smooth = np.interp(recoil, signal.recoil_energy_kev, efficiency)
    above = np.interp(1.15 * RANGE_KEVEE[0], seen, recoil)  # where the smearing ends
    flat = np.where(recoil < above, np.interp(above, recoil, smooth), smooth)
    rate = bc.rate(source="reactor_angra", target="Si").total(recoil)
    return float(exposure * np.trapezoid(rate * inside * flat, recoil))
