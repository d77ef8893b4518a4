"""Where adiabatic evolution in the Sun fails: level crossings that couplings close."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.physics import constants as const
from bayes_cevns.physics.oscillation.couplings import NO_NSI, NsiCouplings
from bayes_cevns.physics.oscillation.matter import hamiltonian_terms
from bayes_cevns.physics.oscillation.parameters import NUFIT_5_3, OscillationParameters
from bayes_cevns.physics.oscillation.solar_models import DEFAULT_MODEL, SolarModel, solar_model

type Array = NDArray[np.float64]

_SOLAR_RADIUS_KM = 6.957e5  # IAU 2015 resolution B3
_PER_MEV_PER_EV2 = 1e-12 * 1e18 / const.HBARC_MEV_FM
_STEPS = 4000


def crossing_probability(
    energy_mev: float,
    *,
    start_radius: float = 0.05,
    model: str | SolarModel = DEFAULT_MODEL,
    parameters: OscillationParameters = NUFIT_5_3,
    couplings: NsiCouplings = NO_NSI,
) -> float:
    """Return the largest Landau-Zener probability on the way out of the Sun.

    `survival_probability` and all that builds on it take the evolution as adiabatic. That is so
    unless couplings cancel the vacuum mixing at a resonance, X and S small at once in
    `bayes_cevns.physics.oscillation.matter`; this function tells.

    Parameters
    ----------
    energy_mev
        Neutrino energy in MeV, > 0.
    start_radius
        Where the neutrino is made, in solar radii.
    model, parameters, couplings
        As in `survival_probability`.

    Returns
    -------
    float
        exp(-pi g^2 / (4 E v)) where the gap g = sqrt(X^2 + |S|^2) is least and v = |d(X, S)/dr|;
        the largest of them, zero if the gap has no minimum on the way.

    Raises
    ------
    ArgumentError, UnknownNameError
        If the energy is not positive and finite, or the model is unknown.

    Notes
    -----
    Of single couplings up to 1 these give more than 1e-2 for 6 to 14 MeV, with the default
    parameters: eps_emu_u from -0.70 to -0.54, eps_emu_d below -0.87, eps_etau_u above 0.87.
    Without CP phase: eps_emu_u below -0.88, eps_etau_u from 0.52 to 0.65, eps_etau_d above 0.81.

    References
    ----------
    Parke, Phys. Rev. Lett. 57 (1986) 1275.
    """
    sun = solar_model(model) if isinstance(model, str) else model
    radius = np.linspace(start_radius, sun.radius[-2], _STEPS)
    # Densities fall exponentially: their logarithms are interpolated.
    electrons, neutrons = (
        np.exp(np.interp(radius, sun.radius, np.log(density)))
        for density in (sun.electrons_mol_per_cm3, sun.neutrons_mol_per_cm3)
    )
    x, s = hamiltonian_terms(energy_mev, electrons, neutrons, parameters, couplings)
    gap2 = x**2 + np.abs(s) ** 2
    least = 1 + np.flatnonzero((gap2[1:-1] < gap2[:-2]) & (gap2[1:-1] <= gap2[2:]))
    if not least.size:
        return 0.0
    speed = np.hypot(np.gradient(x, radius), np.abs(np.gradient(s, radius))) / _SOLAR_RADIUS_KM
    exponent = np.pi * gap2[least] * _PER_MEV_PER_EV2 / (4.0 * energy_mev * speed[least])
    return float(np.exp(-exponent).max())
