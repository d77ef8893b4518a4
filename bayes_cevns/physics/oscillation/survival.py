"""Two flavours by day: incoherent mass eigenstates after an adiabatic way out of the Sun.

The limit of large dm31, as in most papers. The default of the package, with three flavours, level
crossings and the Earth, is `bayes_cevns.physics.oscillation.propagation`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics.oscillation.couplings import NO_NSI, NsiCouplings
from bayes_cevns.physics.oscillation.matter import cos_2theta_matter, hamiltonian_terms
from bayes_cevns.physics.oscillation.parameters import DEFAULT_MIXING, OscillationParameters
from bayes_cevns.physics.oscillation.solar_models import (
    DEFAULT_MODEL,
    ProductionZone,
    SolarModel,
    solar_model,
)


def mean_cos_2theta(
    component: str | ProductionZone,
    energy_mev: ArrayLike,
    *,
    model: str | SolarModel = DEFAULT_MODEL,
    parameters: OscillationParameters = DEFAULT_MIXING,
    couplings: NsiCouplings = NO_NSI,
) -> Array:
    """Return C(E) = <cos 2 theta_M>, the mean over the production zone.

    Parameters
    ----------
    component
        Neutrino component, such as ``"8b"``, or a production zone of one's own.
    energy_mev
        Neutrino energies in MeV, > 0, any shape.
    model
        Name of a solar model, or the model.
    parameters, couplings
        Mixing and non-standard interactions.

    Returns
    -------
    ndarray
        Shape of `energy_mev`, between -1 and 1.

    Raises
    ------
    UnknownNameError, ArgumentError
        If component or model are unknown, or an energy is not positive and finite.
    """
    if isinstance(component, ProductionZone):
        zone = component
    else:
        zone = (solar_model(model) if isinstance(model, str) else model).zone(component)
    x, s = hamiltonian_terms(
        energy_mev, zone.electrons_mol_per_cm3, zone.neutrons_mol_per_cm3, parameters, couplings
    )
    return np.asarray(cos_2theta_matter(x, s) @ zone.weights)


def mass_state_probabilities(mean_cos: ArrayLike, parameters: OscillationParameters) -> Array:
    """Return the shares P_1, P_2, P_3 of mass eigenstates, shape (3, ...).

    P_1 = c13^2 (1 + C)/2, P_2 = c13^2 (1 - C)/2, P_3 = s13^2.
    """
    c = np.asarray(mean_cos, dtype=float)
    c13 = parameters.cos2_theta13
    third = np.full_like(c, parameters.sin2_theta13)
    return np.stack([0.5 * c13 * (1.0 + c), 0.5 * c13 * (1.0 - c), third])


def electron_probability(mean_cos: ArrayLike, parameters: OscillationParameters) -> Array:
    """Return P_ee = c13^4 (1 + C cos 2 theta_12)/2 + s13^4, shape of `mean_cos`."""
    effective = 0.5 * (1.0 + np.asarray(mean_cos, dtype=float) * parameters.cos_2theta12)
    return np.asarray(parameters.cos2_theta13**2 * effective + parameters.sin2_theta13**2)


def survival_probability(
    component: str | ProductionZone,
    energy_mev: ArrayLike,
    *,
    model: str | SolarModel = DEFAULT_MODEL,
    parameters: OscillationParameters = DEFAULT_MIXING,
    couplings: NsiCouplings = NO_NSI,
) -> Array:
    """Return the survival probability P_ee of solar neutrinos by day.

    Adiabatic two-flavour evolution in the limit of large dm31, averaged over the production
    zone of the component. Arguments and errors are those of `mean_cos_2theta`.

    Returns
    -------
    ndarray
        Shape of `energy_mev`.

    Examples
    --------
    >>> from bayes_cevns.physics.oscillation import survival_probability
    >>> round(float(survival_probability("8b", 10.0)), 3)
    0.328

    Notes
    -----
    Compared with three flavours (`flavour_probabilities` and `Propagation`, the default) it is
    right to 1.2e-3 in the Standard Model; see `bayes_cevns.physics.oscillation.three_flavour` for
    its error with non-standard interactions. In narrow ranges of large eps_emu and eps_etau
    evolution is not adiabatic, and this result is wrong: see `crossing_probability`.

    References
    ----------
    Parke, Phys. Rev. Lett. 57 (1986) 1275; Aristizabal Sierra, Mishra and Strigari,
    arXiv:2409.02003, eqs. 9-16.
    """
    mean = mean_cos_2theta(
        component, energy_mev, model=model, parameters=parameters, couplings=couplings
    )
    return electron_probability(mean, parameters)
