"""Electronic recoils: neutrino-electron scattering on bound electrons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.names import DEFAULT_ATOMS
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.atoms import electrons_above
from bayes_cevns.physics.interactions import ELECTRON
from bayes_cevns.physics.interactions.guard import electron_terms
from bayes_cevns.physics.interactions.standard_model import electron_standard_model
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.rates.base import Rate, fold
from bayes_cevns.rates.moving_flux import fold_by_mass


@dataclass(frozen=True, kw_only=True, repr=False)
class ElectronRecoilRate(Rate):
    """dR/dT of electronic recoils.

    Attributes
    ----------
    binding_energies
        ``"experiment"`` (default) or ``"hartree-fock"``, see `bayes_cevns.physics.atoms`.

    Notes
    -----
    Chen et al., Phys. Lett. B 774 (2017) 656: with atomic wave functions (RRPA) the rate on
    xenon is 20-25% smaller at energies of keV than with the step function.
    """

    channel: ClassVar[str] = "electron"
    energy: ClassVar[str] = "electronic recoil energy"

    binding_energies: str = "experiment"

    def __post_init__(self) -> None:
        self._electrons(np.ones(1))  # raises for unknown names and elements

    @property
    def recoil_mass_mev(self) -> float:
        """Mass of the electron."""
        return const.ELECTRON_MASS_MEV

    def _components(self, energy_mev: Array, masses_mev: Array) -> Array:
        minimum = minimum_neutrino_energy_mev(energy_mev, const.ELECTRON_MASS_MEV)
        electrons = self._electrons(energy_mev)
        moments = self.source.inverse_moments(minimum) * electrons
        standard = fold(electron_standard_model(energy_mev), moments)
        if self.interaction is None:
            return standard[None]
        terms = electron_terms(self.interaction, energy_mev, masses_mev)
        if self.interaction.axis.moves_flux:
            new = electrons * fold_by_mass(
                terms,
                self.interaction,
                self.source,
                energy_mev,
                const.ELECTRON_MASS_MEV,
                masses_mev,
            )
        else:
            new = fold(terms, moments, masses_mev.ndim)
        return np.concatenate([np.broadcast_to(standard, new.shape[1:])[None], new])

    def _electrons(self, energy_mev: Array) -> Array:
        return electrons_of(
            self.target, energy_mev, self.theory.atoms, binding_energies=self.binding_energies
        )

    def _settings(self) -> tuple[object, ...]:
        return (*self.theory.on(ELECTRON), self.binding_energies)


def electrons_of(
    target: Target,
    energy_mev: Array,
    atoms: str = DEFAULT_ATOMS,
    *,
    binding_energies: str = "experiment",
) -> Array:
    """Return how many electrons of an atom take part in recoils of some energies, shape R.

    Mean over the atoms of a target; for the options see `Theory` and `ElectronRecoilRate`.
    """
    shares: dict[str, float] = {}
    for isotope in target.isotopes:
        shares[isotope.symbol] = shares.get(isotope.symbol, 0.0) + isotope.abundance
    energy_kev, bound = energy_mev * const.KEV_PER_MEV, atoms != "free"
    found = [
        share * electrons_above(energy_kev, symbol, bound=bound, energies=binding_energies)
        for symbol, share in shares.items()
    ]
    return np.sum(found, axis=0)
