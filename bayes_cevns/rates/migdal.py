"""Migdal ionisation that follows nuclear recoils of neutrinos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.quenching import ConstantQuenching, Quenching
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.migdal import shell, shells
from bayes_cevns.physics.migdal_spectrum import MigdalOperator, migdal_operator
from bayes_cevns.rates.base import Rate
from bayes_cevns.rates.nuclear import NuclearRecoilRate

#: Recoil energies that a Migdal spectrum is made of; neutrinos of the atmosphere reach the end.
RECOIL_RANGE_KEV = (1e-7, 1000.0)

#: Quenching of arXiv:2311.17719, for xenon.
XENON_QUENCHING = ConstantQuenching(0.15)


@dataclass(frozen=True, kw_only=True, repr=False)
class MigdalRate(Rate):
    """dR/dE_det of events in which a nuclear recoil ejects an electron.

    Attributes
    ----------
    quenching
        Electron equivalent of the nuclear recoil; 0.15 by default, as arXiv:2311.17719.
    shells
        Names of the shells that are counted, such as ``("4d",)``; ``None`` for all of them.
    theory
        As in `NuclearRecoilRate`.

    Notes
    -----
    The spectrum of `NuclearRecoilRate` through `bayes_cevns.physics.migdal_spectrum`, with
    E_det = Q(T) T + E_e + |E_nl|. These are events by themselves: the probability that no
    electron is ejected, close to one, is not taken off the spectrum of nuclear recoils.
    """

    channel: ClassVar[str] = "migdal"
    energy: ClassVar[str] = "detected energy, electron equivalent"

    quenching: Quenching = XENON_QUENCHING
    shells: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        shells(self.target.name)  # these raise for unknown names
        for name in self.shells or ():
            shell(self.target.name, name)

    @property
    def nuclear_recoils(self) -> NuclearRecoilRate:
        """The nuclear recoils that eject the electrons."""
        return NuclearRecoilRate(
            source=self.source,
            target=self.target,
            interaction=self.interaction,
            theory=self.theory,
        )

    @property
    def recoil_mass_mev(self) -> float:
        """Mean nuclear mass of the target."""
        return self.target.mean_nuclear_mass_mev

    def operator(self, detected_energy_kev: Array) -> MigdalOperator:
        """Return the operator to these detected energies, shape (d,)."""
        return migdal_operator(
            self.target.name,
            detected_energy_kev,
            electron_equivalent_kev=self.quenching.electron_equivalent_kev,
            recoil_range_kev=RECOIL_RANGE_KEV,
            only_shells=self.shells,
        )

    def _components(self, energy_mev: Array, masses_mev: Array) -> Array:
        operator = self.operator(energy_mev.ravel() * const.KEV_PER_MEV)
        # Recoils that alone are seen as more than is detected take no part, and cross sections
        # that are tabulated may end before them.
        weighted = np.any(operator.matrix != 0, axis=(0, 1))
        recoil_mev = operator.recoil_energy_kev[weighted] / const.KEV_PER_MEV
        found = self.nuclear_recoils._components(recoil_mev, masses_mev)
        recoils = np.zeros((*found.shape[:-1], weighted.size))
        recoils[..., weighted] = found
        spectra = operator.total(recoils)
        return spectra.reshape((*spectra.shape[:-1], *energy_mev.shape))

    def behind(self) -> tuple[object, ...]:
        """Return the interaction, the form factor and the quenching."""
        return (*self.nuclear_recoils.behind(), self.quenching)

    def _settings(self) -> tuple[object, ...]:
        return (self.quenching, self.shells, *self.nuclear_recoils._settings())
