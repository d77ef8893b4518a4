"""Rates of interactions whose mass decides which neutrinos of a source count.

A mediator mass enters the cross section alone, and the inverse moments of a source serve all
masses. A massive neutrino in the final state needs more energy, and oscillation to sterile
neutrinos takes away part of the flux: here moments are made anew for every mass.
"""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.interactions import Interaction, Role
from bayes_cevns.physics.kinematics import POWERS, minimum_neutrino_energy_mev
from bayes_cevns.physics.upscattering import minimum_upscattering_energy_mev
from bayes_cevns.sources import Source
from bayes_cevns.sources.oscillated import sterile_part


def fold_by_mass(
    terms: Array,
    interaction: Interaction,
    source: Source,
    recoil_mev: Array,
    target_mass_mev: float,
    masses_mev: Array,
) -> Array:
    """Sum coefficients of E^-n times inverse moments that depend on the mass.

    Parameters
    ----------
    terms
        What an interaction adds, shape (2, F, 3, *M, *R), F = 1 or 6.
    interaction, source
        The interaction, whose `axis` says how its mass enters, and the neutrinos.
    recoil_mev, target_mass_mev
        Recoil energies, shape R, and the mass of what recoils.
    masses_mev
        Masses of the interaction, shape M.

    Returns
    -------
    ndarray
        Factors of x and x^2 per scatterer, shape (2, *M, *R).

    Raises
    ------
    ChannelError
        If neutrinos are to oscillate and the source has no baseline.
    """
    moments = _moments(
        interaction, source, recoil_mev, target_mass_mev, masses_mev, alike=terms.shape[1] == 1
    )
    return np.asarray(np.einsum("kfn...,fn...->k...", terms, moments))


def _moments(
    interaction: Interaction,
    source: Source,
    recoil_mev: Array,
    target_mass_mev: float,
    masses_mev: Array,
    *,
    alike: bool,
) -> Array:
    """Return inverse moments, shape (F, 3, *M, *R): of all flavours together if they are alike."""

    def of(one: Source, least: Array) -> Array:
        return one.total_inverse_moments(least)[None] if alike else one.inverse_moments(least)

    if interaction.axis.role is Role.FINAL_STATE:
        return of(source, minimum_upscattering_energy_mev(recoil_mev, target_mass_mev, masses_mev))
    least = minimum_neutrino_energy_mev(recoil_mev, target_mass_mev)
    found = np.zeros((1 if alike else len(FLAVOURS), POWERS, masses_mev.size, *recoil_mev.shape))
    for place, mass in enumerate(masses_mev.flat):
        found[:, :, place] = of(sterile_part(source, float(mass) ** 2), least)
    return found.reshape(*found.shape[:2], *masses_mev.shape, *recoil_mev.shape)
