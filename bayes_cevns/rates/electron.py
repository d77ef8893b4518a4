"""Electronic recoils: neutrino-electron scattering on bound electrons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.atoms import electrons_above
from bayes_cevns.physics.interactions import ELECTRON
from bayes_cevns.physics.interactions.guard import electron_terms
from bayes_cevns.physics.interactions.standard_model import electron_standard_model
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev
from bayes_cevns.physics.many_body import MANY_BODY, MANY_BODY_ELEMENTS, many_body_ratio
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory
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
    The rate on free electrons times how many of an atom take part (`electrons_of`), which is
    another number for each power of the coupling.
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
        moments = self.source.inverse_moments(minimum)
        electrons = self._electrons(energy_mev)
        standard = fold(electron_standard_model(energy_mev, self.theory.charges), moments)
        standard *= electrons[0]
        if self.interaction is None:
            return standard[None]
        terms = electron_terms(self.interaction, energy_mev, masses_mev, self.theory.charges)
        if self.interaction.axis.moves_flux:
            key = self.interaction, self.source, energy_mev
            new = fold_by_mass(terms, *key, const.ELECTRON_MASS_MEV, masses_mev)
        else:
            new = fold(terms, moments, masses_mev.ndim)
        masses = (1,) * masses_mev.ndim
        new *= electrons[1:].reshape((2, *masses, *energy_mev.shape))
        return np.concatenate([np.broadcast_to(standard, new.shape[1:])[None], new])

    def _electrons(self, energy_mev: Array) -> Array:
        return electrons_of(
            self.target, energy_mev, self.theory, binding_energies=self.binding_energies
        )

    def _settings(self) -> tuple[object, ...]:
        return (*self.theory.on(ELECTRON), self.binding_energies)


def electrons_of(
    target: Target,
    energy_mev: Array,
    theory: Theory = STANDARD_THEORY,
    *,
    binding_energies: str = "experiment",
) -> Array:
    """Return how many electrons of an atom take part in recoils of some energies.

    Parameters
    ----------
    target
        The target; the mean over its atoms is returned.
    energy_mev
        Recoil energies in MeV, shape R.
    theory
        How atoms respond, and ``atomic_response`` s.
    binding_energies
        As of `ElectronRecoilRate`.

    Returns
    -------
    ndarray
        Shape (3, *R), for each power of the coupling: the step function times r in the Standard
        Model, f of what is quadratic in the coupling, and sqrt(r f) of the interference.

    Raises
    ------
    ArgumentError
        If many-body theory is asked for by its name, and there is no table of an element.

    Notes
    -----
    r is `many_body_ratio`, and f = 1 + s (r - 1): many-body theory changes new physics by another
    amount than the Standard Model, where operators or the dependence on T are others (a magnetic
    moment, a light mediator). s = 1 is the same effect, s = 0 none. With sqrt(r f), the geometric
    mean, the rate stays a sum of squared amplitudes and is nowhere negative; where a mediator is
    heavy, it interferes through the operators of the Standard Model, and s = 1 is exact.
    """
    shares: dict[str, float] = {}
    for isotope in target.isotopes:
        shares[isotope.symbol] = shares.get(isotope.symbol, 0.0) + isotope.abundance
    if theory.atoms == "rrpa":
        _check_many_body(shares)
    energy_kev = energy_mev * const.KEV_PER_MEV
    total = np.zeros((3, *energy_mev.shape))
    for symbol, share in shares.items():
        electrons = electrons_above(
            energy_kev, symbol, bound=theory.atoms != "free", energies=binding_energies
        )
        standard = new = np.ones_like(electrons)
        if theory.atoms in MANY_BODY:
            standard = many_body_ratio(energy_kev, symbol)
            new = 1.0 + theory["atomic_response"] * (standard - 1.0)
        total += share * electrons * np.stack([standard, np.sqrt(standard * new), new])
    return total


def _check_many_body(elements: Iterable[str]) -> None:
    """Check that there is a table of many-body theory for all elements of a target."""
    missing = [element for element in elements if element not in MANY_BODY_ELEMENTS]
    if missing:
        raise ArgumentError(
            f"atoms = 'rrpa' has a table of {', '.join(MANY_BODY_ELEMENTS)} alone, and none of "
            f"{', '.join(missing)}: take 'standard', which is 'stepping' there"
        )
