"""Recoil spectra: a source folded with the cross sections of a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import minimum_neutrino_energy_mev
from bayes_cevns.physics.form_factors import form_factor as get_form_factor
from bayes_cevns.physics.interactions import (
    COMPONENTS,
    Interaction,
    check_masses,
    standard_model,
)
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.sources import Spectrum

type Array = NDArray[np.float64]

RATE_UNIT = "1/(t yr keV)"


@dataclass(frozen=True)
class RecoilRate:
    """dR/dT of a source on a target, split by powers of the coupling.

    Attributes
    ----------
    source, target
        What scatters on what.
    interaction
        The new interaction, or ``None`` for the Standard Model alone.
    form_factor
        Name of the nuclear form factor.
    """

    source: Spectrum
    target: Target
    interaction: Interaction | None = None
    form_factor: str = "helm"

    def components(
        self, recoil_energy_kev: ArrayLike, mediator_mass_mev: ArrayLike | None = None
    ) -> Array:
        """Return dR/dT of each component, without its coupling.

        Parameters
        ----------
        recoil_energy_kev
            Nuclear recoil energies in keV, > 0, shape R.
        mediator_mass_mev
            Mediator masses in MeV, > 0, shape M; not used by the Standard Model.

        Returns
        -------
        ndarray
            Shape (3, *M, *R), in events per tonne, year and keV: Standard Model, factor of
            x, factor of x^2. Recoils beyond the kinematic end point have rate zero.

        Raises
        ------
        ArgumentError
            If an energy or a mass is not positive and finite, or a mass is missing.

        Notes
        -----
        dR/dT = N_T sum_i f_i sum_n a_n^i(T) integral_{E_min^i(T)} flux(E) E^-n dE,
        over natural isotopes i with mole fractions f_i.
        """
        recoil_kev = _check_energies(recoil_energy_kev)
        if self.interaction is not None and mediator_mass_mev is None:
            raise ArgumentError(f"{self.interaction.name!r} needs a mediator mass, in MeV")
        masses = check_masses(1.0 if mediator_mass_mev is None else mediator_mass_mev)
        if self.interaction is None:
            masses = np.asarray(1.0)
        recoil = recoil_kev / const.KEV_PER_MEV
        form = get_form_factor(self.form_factor)
        shape = (len(COMPONENTS), *np.shape(masses), *recoil.shape)
        total = np.zeros(shape)
        for isotope in self.target.isotopes:
            minimum = minimum_neutrino_energy_mev(recoil, isotope.mass_mev)
            moments = self.source.inverse_moments(minimum)
            if self.interaction is None:
                sm = standard_model(isotope, recoil, form)
                total[0] += isotope.abundance * np.einsum("n...,n...->...", sm, moments)
            else:
                terms = self.interaction.components(isotope, recoil, masses, form)
                moments = moments.reshape(3, *(1,) * np.ndim(masses), *recoil.shape)
                total += isotope.abundance * np.einsum("kn...,n...->k...", terms, moments)
        return total * _per_tonne_year_kev(self.target)

    def total(
        self,
        recoil_energy_kev: ArrayLike,
        mediator_mass_mev: float | None = None,
        coupling_product: float = 0.0,
    ) -> Array:
        """Return dR/dT with its couplings put in, shape of `recoil_energy_kev`.

        Parameters
        ----------
        recoil_energy_kev
            Nuclear recoil energies in keV, > 0.
        mediator_mass_mev
            Mediator mass in MeV.
        coupling_product
            x = g_nu g_q.

        Raises
        ------
        ArgumentError
            As `components`; or if the coupling is not finite, or has no interaction.
        """
        if not np.isfinite(coupling_product):
            raise ArgumentError(f"a coupling product must be finite, got {coupling_product:g}")
        if self.interaction is None and coupling_product != 0:
            raise ArgumentError("the Standard Model has no coupling: name an interaction")
        powers = np.array([1.0, coupling_product, coupling_product**2])
        parts = self.components(recoil_energy_kev, mediator_mass_mev)
        return np.asarray(np.tensordot(powers, parts, axes=1))


def _per_tonne_year_kev(target: Target) -> float:
    """Convert atoms x flux x cross section from natural units to 1/(t yr keV)."""
    return (
        target.atoms_per_tonne
        * const.HBARC_SQUARED_MEV2_CM2
        * const.SECONDS_PER_YEAR
        / const.KEV_PER_MEV
    )


def _check_energies(recoil_energy_kev: ArrayLike) -> Array:
    energies = np.asarray(recoil_energy_kev, dtype=float)
    bad = ~(np.isfinite(energies) & (energies > 0))
    if np.any(bad):
        value = float(energies[bad].flat[0])
        raise ArgumentError(f"a recoil energy must be positive and finite, in keV; got {value:g}")
    return energies
