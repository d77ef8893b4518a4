"""What every rate is: events per tonne, year and keV, split by powers of a coupling."""

from __future__ import annotations

import hashlib
import math
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.bounds import check_grid
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, UnitWarning
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.checks import finite, positive
from bayes_cevns.physics.interactions import COMPONENTS, Interaction
from bayes_cevns.physics.interactions.guard import check_rates
from bayes_cevns.physics.kinematics import POWERS
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory
from bayes_cevns.sources import Source
from bayes_cevns.storage.digests import digest_of

RATE_UNIT = "1/(t yr keV)"


@dataclass(frozen=True, kw_only=True, repr=False)
class Rate(Displayed, ABC):
    """dR/dE of a source on a target, split by powers of the coupling.

    Subclasses give `_components`; everything else is common to all channels.

    Attributes
    ----------
    source, target
        What scatters on what.
    interaction
        The new interaction, or ``None`` for the Standard Model alone.
    theory
        What is assumed of nuclei, weak charges and atoms.
    """

    #: Name of the channel.
    channel: ClassVar[str]
    #: What the energy of the spectrum is.
    energy: ClassVar[str]

    source: Source
    target: Target
    interaction: Interaction | None = None
    theory: Theory = STANDARD_THEORY

    def _rows(self) -> dict[str, object]:
        new = "Standard Model" if self.interaction is None else self.interaction.name
        own = {field.name for field in fields(self)} - {field.name for field in fields(Rate)}
        return {
            "channel": self.channel,
            "source": self.source.name,
            "target": self.target.name,
            "interaction": new,
            "theory": self.theory.text,
            **{name: getattr(self, name) for name in sorted(own)},
            "unit": RATE_UNIT,
        }

    @property
    @abstractmethod
    def recoil_mass_mev(self) -> float:
        """Mean mass of what the neutrino scatters on: q^2 = 2 m T in the propagator."""

    @abstractmethod
    def _components(self, energy_mev: Array, masses_mev: Array) -> Array:
        """Return the components per atom in natural units, shape (3, *M, *R).

        Cross section in MeV^-3 times flux in 1/(cm^2 s); the Standard Model alone has one
        component, shape (1, *R).
        """

    def components(
        self, energy_kev: ArrayLike, mediator_mass_mev: ArrayLike | None = None
    ) -> Array:
        """Return dR/dE of each component, without its coupling.

        Parameters
        ----------
        energy_kev
            Energies in keV, > 0, shape R: of the recoil, or what is detected (Migdal).
        mediator_mass_mev
            Mediator masses in MeV, > 0, shape M; not used by the Standard Model.

        Returns
        -------
        ndarray
            Shape (3, *M, *R), in events per tonne, year and keV: Standard Model, factor of
            x, factor of x^2. Beyond the kinematic end point it is zero.

        Raises
        ------
        ArgumentError
            If an energy or a mass is not positive and finite, or a mass is missing, or one is
            given to an interaction without a mediator.
        ChannelError
            If the interaction does not exist in this channel or on this target.
        PlugInError
            If it breaks its contract, or makes negative rates.

        Warns
        -----
        UnitWarning
            If the rate of the Standard Model is zero at all energies.

        Notes
        -----
        For each scatterer, dR/dT = sum over flavours f and n of a_nf(T) M_nf(E_min(T)), with
        the coefficients a of the cross section and the inverse moments M of the flux.
        """
        energy = check_energies(energy_kev) / const.KEV_PER_MEV
        masses = self._masses(mediator_mass_mev)
        check_grid(masses.size, energy.size)
        with np.errstate(over="ignore", invalid="ignore"):  # of an interaction: checked below
            found = self._components(energy, masses)
        total = np.zeros((len(COMPONENTS), *masses.shape, *energy.shape))
        total[: len(found)] = found
        if self.interaction is not None:
            check_rates(self.interaction, total)
        if energy.size and not total[0].any():
            self._warn_of_nothing(energy * const.KEV_PER_MEV)
        return total * per_tonne_year_kev(self.target)

    def _warn_of_nothing(self, energy_kev: Array) -> None:
        low, high = float(energy_kev.min()), float(energy_kev.max())
        asked = f"{low:.3g} keV" if low == high else f"{low:.3g} to {high:.3g} keV"
        warnings.warn(
            f"no neutrino of {self.source.name!r}, whose highest energy is "
            f"{self.source.highest_energy_mev:.4g} MeV, reaches {asked} ({self.energy}) on "
            f"{self.target.name}: the rate is 0; are the energies of the source in MeV, and those "
            "asked for in keV?",
            UnitWarning,
            stacklevel=3,
        )

    def total(
        self,
        energy_kev: ArrayLike,
        mediator_mass_mev: float | None = None,
        coupling_product: ArrayLike = 0.0,
    ) -> Array:
        """Return dR/dE with its couplings put in.

        Parameters
        ----------
        energy_kev
            Energies in keV, > 0, shape R.
        mediator_mass_mev
            Mediator mass in MeV; ``None`` without a mediator.
        coupling_product
            x, shape X.

        Returns
        -------
        ndarray
            Shape (*X, *R).

        Raises
        ------
        ArgumentError
            As `components`; or if a coupling is not finite, beyond `Interaction.product_range`,
            or has no interaction.
        """
        if self.interaction is not None:
            x = self.interaction.check_product(coupling_product)
        else:
            x = finite(coupling_product, what="a coupling product")
            if np.any(x != 0):
                raise ArgumentError("the Standard Model has no coupling: name an interaction")
        parts = self.components(energy_kev, mediator_mass_mev)
        return np.asarray(np.tensordot(np.stack([np.ones_like(x), x, x**2], -1), parts, axes=1))

    def digest(self) -> str:
        """Return a digest of everything that decides the rate but the code."""
        text = digest_of((self.channel, self.target, self.interaction, self._settings()))
        return hashlib.sha256((self.source.digest() + text).encode()).hexdigest()

    def behind(self) -> tuple[object, ...]:
        """Return the objects whose code decides the rate; some may be those of plug-ins."""
        return () if self.interaction is None else (self.interaction,)

    def _settings(self) -> tuple[object, ...]:
        """Return what else decides the rate, of the theory as well, for `digest_of`."""
        return ()

    def _masses(self, mediator_mass_mev: ArrayLike | None) -> Array:
        if self.interaction is None:  # one table of the Standard Model serves every mass
            return np.asarray(1.0)
        return self.interaction.check_masses(mediator_mass_mev)


def fold(coefficients: Array, moments: Array, masses: int = 0) -> Array:
    """Sum coefficients of E^-n times inverse moments over flavours and n.

    Parameters
    ----------
    coefficients
        Shape (..., F, 3, *M, *R), F = 1 (all flavours alike) or 6.
    moments
        Inverse moments by flavour, shape (6, 3, *R), or summed, shape (1, 3, *R).
    masses
        Number of axes M.

    Returns
    -------
    ndarray
        Shape (..., *M, *R).
    """
    energies = moments.shape[2:]
    flavour = coefficients.ndim - len(energies) - masses - 2
    lead, count = coefficients.shape[:flavour], coefficients.shape[flavour]
    rest = coefficients.shape[flavour + 2 :]
    by_flavour = moments if count > 1 else moments.sum(axis=0, keepdims=True)
    size = math.prod(energies)
    flat = coefficients.reshape((*lead, count, POWERS, math.prod(rest[:masses]), size))
    folded = np.einsum("...fnmr,fnr->...mr", flat, by_flavour.reshape(count, POWERS, size))
    return np.asarray(folded).reshape((*lead, *rest))


def check_energies(energy_kev: ArrayLike) -> Array:
    """Return energies as an array after checking that they are positive and finite.

    Raises
    ------
    ArgumentError
        Naming the first that is not.
    """
    return positive(energy_kev, what="an energy", unit="keV")


def per_tonne_year_kev(target: Target) -> float:
    """Convert atoms x flux x cross section from natural units to 1/(t yr keV)."""
    return (
        target.atoms_per_tonne
        * const.HBARC_SQUARED_MEV2_CM2
        * const.SECONDS_PER_YEAR
        / const.KEV_PER_MEV
    )
