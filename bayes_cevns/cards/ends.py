"""Counts that a signal loses because the table of its response ends."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.errors import RangeWarning
from bayes_cevns.rates import Rate

#: Share of a signal that a table may lose without a warning: small compared with the errors of all
#: fluxes, the best of which, that of 8B neutrinos, is known to 2%.
LARGEST_LOSS = 0.01

#: How far beyond the ends recoils are counted, as a ratio of energies, and the number of steps.
_REACH, _STEPS = 1e3, 128
#: The slope at an end is that between the end and the nearest node that is this ratio away.
_APART = 1.2
_STEEPEST = 30.0


@dataclass(frozen=True)
class Loss:
    """What lies beyond the ends of a response.

    Attributes
    ----------
    below, above
        Share of all counts that is below the first and above the last recoil energy.
    """

    below: float
    above: float


def loss(rate: Rate, recoil_energy_kev: Array, response: Array) -> Loss:
    """Estimate what a table loses at its ends, with the Standard Model's spectrum.

    Parameters
    ----------
    rate
        The recoil spectrum, of the Standard Model alone.
    recoil_energy_kev, response
        The recoil energies of the table and the probability there, in any unit, shape (n,).

    Notes
    -----
    A table is zero beyond its ends. For the loss, the response is continued as a power of the
    recoil energy, with the slope at its end but never rising outwards, and multiplied by the
    spectrum. This is exact for a constant efficiency, and too large for the tail of a resolution.
    Spectra that are steeper than that of the Standard Model, such as those of light mediators, lose
    more below.
    """
    first, last = recoil_energy_kev[[0, -1]]
    below = first * np.geomspace(1 / _REACH, 1, _STEPS)
    above = last * np.geomspace(1, _REACH, _STEPS)
    points = np.concatenate([below, recoil_energy_kev, above])
    continued = [
        _continued(recoil_energy_kev, response, below),
        response,
        _continued(recoil_energy_kev[::-1], response[::-1], above),
    ]
    counts = rate.components(points)[0] * np.concatenate(continued)
    ends = (0, below.size, points.size - above.size, points.size)
    lost_below, within, lost_above = (
        float(np.trapezoid(counts[low:high], points[low:high])) for low, high in pairwise(ends)
    )
    total = lost_below + within + lost_above
    return Loss(lost_below / total, lost_above / total) if total > 0 else Loss(0.0, 0.0)


def _continued(outwards_kev: Array, response: Array, points_kev: Array) -> Array:
    """Return the response at points beyond the first of some recoil energies."""
    end, at_end = outwards_kev[0], response[0]
    if at_end <= 0:
        return np.zeros_like(points_kev)
    inner = int(np.argmax(np.abs(np.log(outwards_kev / end)) >= np.log(_APART))) or -1
    rise = np.log(max(response[inner], 1e-300) / at_end) / abs(np.log(outwards_kev[inner] / end))
    power = np.clip(rise, 0.0, _STEEPEST)
    return np.asarray(at_end * np.exp(-power * np.abs(np.log(points_kev / end))))


def warn_of_ends(what: str, rate: Rate, recoil_energy_kev: Array, response: Array) -> None:
    """Warn of a response that loses more than `LARGEST_LOSS` where its table ends.

    Parameters
    ----------
    what
        What the response is of, for the message.
    rate, recoil_energy_kev, response
        As in `loss`.

    Warns
    -----
    RangeWarning
        With the end and the share that is lost.
    """
    first, last = recoil_energy_kev[[0, -1]]
    found = loss(rate, recoil_energy_kev, response)
    for share, where, end, value in (
        (found.below, "begins", first, response[0]),
        (found.above, "ends", last, response[-1]),
    ):
        if share > LARGEST_LOSS:
            warnings.warn(
                f"{what}: its response {where} at {end:.4g} keV, where it is "
                f"{value / response.max():.1%} of its largest value; with the spectrum of "
                f"{rate.source.name!r} about {share:.0%} of the counts are lost beyond: "
                "tabulate more recoil energies, or declare in the card that the cut is meant, with "
                f"recoil_range_kev = [{first:.4g}, {last:.4g}]",
                RangeWarning,
                stacklevel=4,
            )
