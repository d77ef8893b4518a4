"""Nuclear recoils: coherent elastic neutrino-nucleus scattering, isotope by isotope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.interactions.standard_model import nuclear_standard_model
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev
from bayes_cevns.rates.base import Rate, fold

type Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class NuclearRecoilRate(Rate):
    """dR/dT of nuclear recoils.

    Attributes
    ----------
    form_factor
        Name of the nuclear form factor.

    Notes
    -----
    dR/dT = N_T sum_i f_i dR_i/dT over natural isotopes i with mole fractions f_i, each with
    its own nuclear mass; N_T counts atoms by the mean atomic mass.
    """

    channel: ClassVar[str] = "cevns"
    energy: ClassVar[str] = "nuclear recoil energy"

    form_factor: str = "helm"

    def __post_init__(self) -> None:
        form_factor(self.form_factor)  # raises for an unknown name

    @property
    def recoil_mass_mev(self) -> float:
        """Mean nuclear mass of the target."""
        return self.target.mean_nuclear_mass_mev

    def _components(self, energy_mev: Array, masses_mev: Array) -> Array:
        form = form_factor(self.form_factor)
        isotopes = self.target.isotopes
        nuclear = np.array([i.mass_mev for i in isotopes]).reshape(-1, *(1,) * energy_mev.ndim)
        moments = self.source.inverse_moments(minimum_neutrino_energy_mev(energy_mev, nuclear))
        standard = np.zeros(energy_mev.shape)
        new = np.zeros((2, *masses_mev.shape, *energy_mev.shape))
        for k, isotope in enumerate(isotopes):
            share = isotope.abundance * moments[:, :, k]
            standard += fold(nuclear_standard_model(isotope, energy_mev, form), share)
            if self.interaction is not None:
                terms = self.interaction.nuclear_terms(isotope, energy_mev, masses_mev, form)
                new += fold(terms, share, masses_mev.ndim)
        if self.interaction is None:
            return standard[None]
        return np.concatenate([np.broadcast_to(standard, new.shape[1:])[None], new])

    def _settings(self) -> tuple[object, ...]:
        return (self.form_factor,)
