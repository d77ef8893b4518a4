"""P_ee of two flavours by day and by night, averaged over the year for a latitude.

At energies below 7 MeV, where P_1 and P_2 are nearly equal, night minus day is up to a sixth less
than with three flavours (`propagation`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.oscillation.couplings import NO_NSI, NsiCouplings
from bayes_cevns.physics.oscillation.earth import Earth, first_state_to_electron
from bayes_cevns.physics.oscillation.parameters import DEFAULT_MIXING, OscillationParameters
from bayes_cevns.physics.oscillation.solar_models import DEFAULT_MODEL, SolarModel
from bayes_cevns.physics.oscillation.survival import (
    electron_probability,
    mass_state_probabilities,
    mean_cos_2theta,
)

#: Latitudes of underground laboratories, in degrees north.
LATITUDES_DEG = {"gran-sasso": 42.45, "jinping": 28.15, "sanford": 44.35}

_OBLIQUITY_DEG = 23.44
_BINS = 200


@dataclass(frozen=True, eq=False, repr=False)
class DayNight(Displayed):
    """Survival probabilities of one neutrino component.

    Attributes
    ----------
    day, night
        Mean over the days and over the nights of a year.
    average
        Mean over the year, half of it night.
    """

    day: Array
    night: Array

    @property
    def average(self) -> Array:
        """Mean over the year: every place has as much day as night (of a point-like Sun)."""
        return 0.5 * (self.day + self.night)

    @property
    def asymmetry(self) -> Array:
        """2 (night - day)/(night + day)."""
        return (self.night - self.day) / self.average


def night_exposure(latitude: str | float, bins: int = _BINS) -> tuple[Array, Array]:
    """Return how the nights of a year are shared among nadir angles of the Sun.

    Parameters
    ----------
    latitude
        Name of a laboratory (`LATITUDES_DEG`) or degrees north.
    bins
        Number of equal bins in the cosine of the nadir angle.

    Returns
    -------
    tuple of ndarray
        Cosines at the middle of the bins, and the share of the neutrinos, sum one.

    Raises
    ------
    UnknownNameError, ArgumentError
        If there is no laboratory of that name, or a latitude is beyond the poles.

    Notes
    -----
    The flux goes as the inverse square of the distance to the Sun, and so does its angular
    velocity on the ecliptic (Kepler's second law): all longitudes contribute alike.
    """
    if isinstance(latitude, str):
        if latitude not in LATITUDES_DEG:
            raise UnknownNameError("laboratory", latitude, LATITUDES_DEG)
        latitude = LATITUDES_DEG[latitude]
    if not -90.0 <= latitude <= 90.0:
        raise ArgumentError(f"a latitude must lie between -90 and 90 degrees, got {latitude:g}")
    middle = (np.arange(720) + 0.5) / 720
    longitude, hour = np.pi * (middle[:, None] - 0.5), np.pi * middle
    sin_declination = np.sin(np.deg2rad(_OBLIQUITY_DEG)) * np.sin(longitude)
    sine, cosine = np.sin(np.deg2rad(latitude)), np.cos(np.deg2rad(latitude))
    height = sine * sin_declination + cosine * np.sqrt(1.0 - sin_declination**2) * np.cos(hour)
    counts, edges = np.histogram(-height, bins=bins, range=(0.0, 1.0))
    return 0.5 * (edges[1:] + edges[:-1]), counts / counts.sum()


def day_night_probability(
    component: str,
    energy_mev: ArrayLike,
    *,
    latitude: str | float,
    model: str | SolarModel = DEFAULT_MODEL,
    parameters: OscillationParameters = DEFAULT_MIXING,
    couplings: NsiCouplings = NO_NSI,
    earth: Earth | None = None,
) -> DayNight:
    """Return the survival probability by day and by night.

    Parameters
    ----------
    component
        Neutrino component, such as ``"8b"``.
    energy_mev
        Neutrino energies in MeV, > 0, any shape.
    latitude
        Name of a laboratory (`LATITUDES_DEG`) or degrees north.
    model, parameters, couplings
        As in `survival_probability`.
    earth
        The Earth; PREM by default.

    Returns
    -------
    DayNight
        Arrays of the shape of `energy_mev`.

    Raises
    ------
    UnknownNameError, ArgumentError
        If a name is unknown, an energy or a latitude out of range.

    Notes
    -----
    Mass eigenstates arrive incoherently: P_night = sum_k P_k <P_ke> with P_ke averaged over
    the nadir angles of the nights. Detectors are at the surface, the Sun is a point.
    """
    mean = mean_cos_2theta(
        component, energy_mev, model=model, parameters=parameters, couplings=couplings
    )
    cosines, shares = night_exposure(latitude)
    keep = shares > 0
    energies = np.asarray(energy_mev, dtype=float)
    first = first_state_to_electron(
        energies.ravel(), cosines[keep], parameters=parameters, couplings=couplings, earth=earth
    )
    to_first = (first @ shares[keep]).reshape(energies.shape)
    p1, p2, p3 = mass_state_probabilities(mean, parameters)
    night = p1 * to_first + p2 * (parameters.cos2_theta13 - to_first)
    night = night + p3 * parameters.sin2_theta13
    return DayNight(electron_probability(mean, parameters), night)
