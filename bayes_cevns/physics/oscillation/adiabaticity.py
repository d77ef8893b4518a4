"""Where adiabatic evolution in the Sun fails: level crossings that couplings close."""

from __future__ import annotations

import numpy as np

from bayes_cevns.physics.oscillation.couplings import NO_NSI, NsiCouplings
from bayes_cevns.physics.oscillation.crossing import Radii, landau_zener, minima
from bayes_cevns.physics.oscillation.levels import levels
from bayes_cevns.physics.oscillation.matter import check_energies
from bayes_cevns.physics.oscillation.matter_couplings import matter_couplings, matter_terms
from bayes_cevns.physics.oscillation.parameters import DEFAULT_MIXING, OscillationParameters
from bayes_cevns.physics.oscillation.solar_models import DEFAULT_MODEL, SolarModel, solar_model
from bayes_cevns.physics.oscillation.sun import EXPONENT_UNIT, TWO_POTENTIALS, vacuum_levels


def crossing_probability(
    energy_mev: float,
    *,
    start_radius: float = 0.05,
    model: str | SolarModel = DEFAULT_MODEL,
    parameters: OscillationParameters = DEFAULT_MIXING,
    couplings: NsiCouplings = NO_NSI,
) -> float:
    """Return the largest Landau-Zener probability on a radial way out of the Sun.

    `Propagation` includes level crossings; the two-flavour functions (`survival_probability` and
    what builds on it) take the evolution as adiabatic. That is so unless couplings cancel the
    vacuum mixing at a resonance; this function tells.

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
        exp(-pi g^2 / (4 E v)) where the gap g of the levels of nu_1 and nu_2, for three flavours,
        is least on the way, and 2 v^2 the second derivative of its square; the largest of them,
        zero if the gap has no minimum. Up to half of the solar radius.

    Raises
    ------
    ArgumentError, UnknownNameError
        If the energy is not positive and finite, or the model is unknown.

    Notes
    -----
    Of single couplings up to 1 these give more than 1e-2 for 6 to 14 MeV, with the default
    parameters: eps_emu_u from -0.65 to -0.52, eps_emu_d below -0.82, eps_etau_u above 0.93.
    Without CP phase: eps_emu_u below -0.86, eps_etau_u from 0.52 to 0.64, eps_etau_d above 0.80.

    References
    ----------
    Parke, Phys. Rev. Lett. 57 (1986) 1275.
    """
    energy = np.atleast_1d(check_energies(energy_mev))
    sun = solar_model(model) if isinstance(model, str) else model
    radii = Radii.of(sun, "8b")
    vacuum, order = vacuum_levels(parameters)
    constant, per_neutron = matter_terms(matter_couplings(couplings))
    potential = TWO_POTENTIALS * energy * radii.electrons_mol_per_cm3
    matter = constant[:, None] + np.multiply.outer(per_neutron, radii.ratio)
    pair = int(np.flatnonzero(order == 0)[0])
    squared = levels(vacuum[:, None] + potential * matter).gaps[pair][None] ** 2
    rows, middle = minima(squared)
    exponent, place = landau_zener(squared, rows, middle, radii.radius, EXPONENT_UNIT / energy)
    return float(np.exp(-exponent[place > start_radius]).max(initial=0.0))
