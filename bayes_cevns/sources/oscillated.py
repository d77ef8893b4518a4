"""The part of a source that arrives as sterile neutrinos, for an oscillation of full amplitude."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ChannelError
from bayes_cevns.physics.baseline import Baseline, phase
from bayes_cevns.sources.line import Line
from bayes_cevns.sources.source import Flux, Source
from bayes_cevns.sources.spectrum import Spectrum

#: Between points of a spectrum the flux is linear: the phase grows by so much at most, in radian,
#: and the energy by this share, down to this share of the end point.
_PHASE_STEP, _LOG_STEP, _LEAST = 0.05, 0.01, 1e-3
#: Beyond so many standard deviations of the phase, or radian, oscillations average to one half.
_DAMPED, _LARGEST_PHASE = 4.5, 1000.0


def sterile_probability(energy_mev: Array, baseline: Baseline, splitting_mev2: float) -> Array:
    """Return sin^2(Delta m^2 L / (4 E)), averaged over the distances, in the shape of E.

    [1 - cos(phi) exp(-(phi s / L)^2 / 2)] / 2 with phi = Delta m^2 L / (2 E), for distances that
    are normal with mean L and standard deviation s.

    Parameters
    ----------
    energy_mev
        Neutrino energies, >= 0; at zero the average, one half.
    baseline
        Distance and its spread.
    splitting_mev2
        Delta m^2_41 in MeV^2.
    """
    energy = np.asarray(energy_mev, dtype=float)
    with np.errstate(divide="ignore"):
        full = phase(energy, baseline.distance_m, splitting_mev2)
    followed = full <= _largest_phase(baseline)
    angle = np.where(followed, full, 0.0)
    damping = 0.5 * (angle * baseline.spread_m / baseline.distance_m) ** 2
    # 1 - cos(phi) e^-d without cancellation at small phases.
    found = 0.5 * (2.0 * np.sin(0.5 * angle) ** 2 * np.exp(-damping) - np.expm1(-damping))
    return np.where(followed, found, 0.5)


def _largest_phase(baseline: Baseline) -> float:
    spread = baseline.spread_m / baseline.distance_m
    return min(_LARGEST_PHASE, _DAMPED / spread) if spread else _LARGEST_PHASE


@lru_cache(maxsize=64)
def sterile_part(source: Source, splitting_mev2: float) -> Source:
    """Return the neutrinos that arrive as sterile ones if sin^2(2 theta) is one.

    Parameters
    ----------
    source
        A source with a baseline.
    splitting_mev2
        Delta m^2_41 in MeV^2.

    Raises
    ------
    ChannelError
        If the source has no baseline.
    """
    baseline = source.baseline
    if baseline is None:
        raise ChannelError(
            f"source {source.name!r} has no baseline, over which neutrinos could oscillate: choose "
            "a stopped-pion source or a reactor, or give your Source a baseline"
        )

    def lost(flux: Flux) -> Flux:
        fine = flux if isinstance(flux, Line) else _refined(flux, baseline, splitting_mev2)
        return fine.times(lambda energy: sterile_probability(energy, baseline, splitting_mev2))

    fluxes = {flavour: tuple(map(lost, parts)) for flavour, parts in source.fluxes.items()}
    return Source(source.name, fluxes, source.cite, baseline)


def _refined(spectrum: Spectrum, baseline: Baseline, splitting_mev2: float) -> Spectrum:
    """Return the same spectrum at more energies, so dense that its oscillation is seen."""
    grid = spectrum.energy_mev
    low, high = max(float(grid[0]), _LEAST * float(grid[-1])), float(grid[-1])
    slow = np.geomspace(low, high, int(np.log(high / low) / _LOG_STEP) + 2)
    first, last = (float(phase(e, baseline.distance_m, splitting_mev2)) for e in (high, low))
    last = min(last, _largest_phase(baseline))
    fast = np.zeros(0)
    if first < last and last - first > _PHASE_STEP:
        steps = np.linspace(first, last, int((last - first) / _PHASE_STEP) + 2)
        fast = first * high / steps
    energy = np.unique(np.concatenate([grid, slow[1:-1], fast[1:]]))
    energy = energy[(energy >= grid[0]) & (energy <= high)]
    apart = np.concatenate([[True], np.diff(energy) > 1e-12 * high])
    energy = energy[apart]
    flux = np.interp(energy, grid, spectrum.flux_per_cm2_s_mev)
    return Spectrum(spectrum.name, energy, flux, spectrum.cite)
