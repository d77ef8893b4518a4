"""What an interaction is: how it adds to a cross section, as a polynomial in one coupling.

The coupling enters as an amplitude x: the product g_nu g_f of a mediator (g^2 where one gauge
coupling fixes both), a magnetic or anapole moment, a shift of the weak mixing angle. Every
rate is exactly

    rate = sm + x * interference + x^2 * new_physics,

so that an interaction only has to provide the last two terms.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, ChannelError
from bayes_cevns.physics.checks import LARGEST, finite, positive
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.axis import MEDIATOR_MASS, MassAxis
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.physics.kinematics import outer_mass, propagator_mev2
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.weak_charges import TREE, WeakCharges

#: Names of the rate components, in the order of the powers 0, 1, 2 of the coupling.
COMPONENTS = ("sm", "interference", "new_physics")

#: The name under which the Standard Model alone stands wherever an interaction is asked for.
STANDARD_MODEL = "sm"

NUCLEUS, ELECTRON = "nucleus", "electron"


class Sign(StrEnum):
    """What is known of the sign of x; it needs limits of its own only where it is observable."""

    FIXED = "fixed by the model"
    UNSEEN = "not seen"
    OBSERVABLE = "observable"


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """A new interaction of neutrinos; subclasses override `nuclear_terms`, `electron_terms`.

    Attributes
    ----------
    name
        Name in the catalogue.
    title
        Name on a figure.
    formula
        What it does to the cross section, in plain text.
    coupling
        The quoted coupling: its symbol, definition and unit, and the power of |x| that it is.
    cite
        Citation keys of the formula.
    scatters_on
        What neutrinos scatter on through it: ``"nucleus"``, ``"electron"`` or both.
    has_mass
        Whether it has a mass, of a mediator if `axis` does not say otherwise.
    axis
        What its mass is.
    sign_fixed
        Whether the model fixes the sign of x: it is the square of one gauge coupling.
    product_range
        Least and largest x that mean anything; priors end there at the latest.
    """

    name: str
    title: str
    formula: str
    coupling: Coupling
    cite: tuple[str, ...]
    scatters_on: tuple[str, ...] = (NUCLEUS, ELECTRON)
    has_mass: bool = True
    axis: MassAxis = MEDIATOR_MASS
    sign_fixed: bool = False
    product_range: tuple[float, float] = (-math.inf, math.inf)

    @property
    def acts_on_spins(self) -> bool:
        """Whether it acts on the spins of quarks, and so on the break-up of deuterons (SNO)."""
        return False

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return the coefficients of E^-n for scattering on a nucleus.

        Parameters
        ----------
        isotope
            Nucleus that recoils.
        recoil_energy_mev
            Recoil energies in MeV, shape R.
        mediator_mass_mev
            Mediator masses in MeV, shape M; one number, not used, without a mediator.
        form_factor
            Form factors of protons and neutrons.

        Returns
        -------
        ndarray
            Shape (2, F, 3, *M, *R): power of x (x, x^2), flavour (one entry where all are
            alike, six otherwise, in the order of `FLAVOURS`), power n of 1/E, mass, recoil
            energy. In MeV^(n - 3).

        Raises
        ------
        ChannelError
            If it does not scatter on nuclei.
        """
        raise self._lacks(NUCLEUS)

    def electron_terms(self, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike) -> Array:
        """Return the coefficients of E^-n for scattering on a free electron at rest.

        As `nuclear_terms`, shape (2, F, 3, *M, *R).

        Raises
        ------
        ChannelError
            If it does not scatter on electrons.
        """
        raise self._lacks(ELECTRON)

    def _lacks(self, what: str) -> ChannelError:
        return ChannelError(
            f"{self.name!r} does not scatter on a free {what} (it scatters on: "
            f"{', '.join(self.scatters_on)}): choose another channel or interaction"
        )

    @property
    def interferes_on(self) -> tuple[str, ...]:
        """What it interferes on: targets where a term linear in x is there; none by default."""
        return ()

    @property
    def flavours_seen(self) -> tuple[str, ...]:
        """The neutrinos that it acts on, of `FLAVOURS`; all of them by default."""
        return FLAVOURS

    @property
    def matter_effect(self) -> float:
        """How far it splits the flavours in the Sun: x of it over m_V^2 beside sqrt2 G_F; or 0."""
        return 0.0

    def sign_on(self, targets: Iterable[str]) -> Sign:
        """Return what is known of the sign of x where neutrinos scatter on these targets.

        Parameters
        ----------
        targets
            ``"nucleus"``, ``"electron"`` or both: those of all channels that are looked at.
        """
        if self.sign_fixed:
            return Sign.FIXED
        return Sign.UNSEEN if set(self.interferes_on).isdisjoint(targets) else Sign.OBSERVABLE

    @property
    def summary(self) -> str:
        """What it is in one line: formula, how the coupling enters, targets and citations."""
        on = " and ".join(self.interferes_on)
        linear = f", x (on {on})" if on else ""
        sign = self.sign_on(self.scatters_on)
        return (
            f"{self.formula}. Coupling: {self.coupling.named}, "
            f"{self.coupling.definition}. Rate: 1{linear} and x^2, x = {self.coupling.amplitude}; "
            f"sign of x: {sign}{f' on {on}' if sign is Sign.OBSERVABLE else ''}. {self._mass_text}"
            f"Scatters on: {', '.join(self.scatters_on)}. Cite: {', '.join(self.cite)}."
        )

    @property
    def _mass_text(self) -> str:
        """What its mass is, where it is not that of a mediator."""
        return f"Mass (--masses, in MeV): {self.axis.name}. " if self.axis.moves_flux else ""

    def check_masses(self, mediator_mass_mev: ArrayLike | None) -> Array:
        """Return masses after checking them; one, not used, without a mediator.

        Raises
        ------
        ArgumentError
            If a mass is missing or not positive and finite, or if there is one for an
            interaction that has no mediator: nothing may be ignored silently.
        """
        if self.has_mass:
            if mediator_mass_mev is None:
                raise ArgumentError(
                    f"{self.name!r} needs a {self.axis.name}, in MeV: mass_mev=10.0 (--mass 10)"
                )
            return positive(mediator_mass_mev, what=f"a {self.axis.name}", unit="MeV")
        if mediator_mass_mev is not None:
            raise ArgumentError(
                f"{self.name!r} has no mediator, got a mass of {mediator_mass_mev} MeV: "
                "leave the mass out"
            )
        return np.asarray(1.0)

    def quoted(self, product: ArrayLike) -> Array:
        """Return the quoted coupling |x|^power for x of any shape."""
        return np.asarray(np.abs(np.asarray(product, dtype=float)) ** self.coupling.power)

    def product(self, coupling: float) -> float:
        """Return x >= 0 for a quoted coupling: the inverse of `quoted`.

        Raises
        ------
        ArgumentError
            If the coupling is negative, not finite, or so large that rates would not be finite.
        """
        if not 0 <= coupling <= LARGEST:
            raise ArgumentError(
                f"a coupling must be finite and >= 0, got {coupling:g} (at most {LARGEST:g})"
            )
        product = coupling ** (1.0 / self.coupling.power)
        return float(finite(product, what=f"x of {self.name!r}"))

    def check_product(self, product: ArrayLike) -> Array:
        """Return x of any shape as an array after checking it.

        Raises
        ------
        ArgumentError
            If a value is not finite, or outside `product_range`.
        """
        x = finite(product, what="a coupling product")
        low, high = self.product_range
        bad = ~((x >= low) & (x <= high))
        if np.any(bad):
            raise ArgumentError(
                f"x of {self.name!r} must lie between {low:g} and {high:g}, got "
                f"{float(x[bad].flat[0]):g} ({self.formula})"
            )
        return x


@dataclass(frozen=True, kw_only=True)
class Interfering(Interaction):
    """An interaction with a term linear in x, which has the charges of the Standard Model in it.

    Its methods are given these charges, at tree level or with radiative corrections. One that has
    such a term and is no `Interfering` has those of tree level in it, and is refused with others
    (`guard`).
    """

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
        weak: WeakCharges = TREE,
    ) -> Array:
        """Return the coefficients of E^-n with the charges of the Standard Model in `weak`."""
        del weak
        return super().nuclear_terms(isotope, recoil_energy_mev, mediator_mass_mev, form_factor)

    def electron_terms(
        self,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        weak: WeakCharges = TREE,
    ) -> Array:
        """Return the coefficients of E^-n with the charges of the Standard Model in `weak`."""
        del weak
        return super().electron_terms(recoil_energy_mev, mediator_mass_mev)


def incoherent(quadratic: Array) -> Array:
    """Return the terms of an interaction without interference that is alike for all flavours.

    Parameters
    ----------
    quadratic
        Coefficients of x^2, shape (3, *M, *R).

    Returns
    -------
    ndarray
        Shape (2, 1, 3, *M, *R): zero and `quadratic`.
    """
    return np.stack([np.zeros_like(quadratic), quadratic])[:, None]


def exchange(
    kinematics: Array,
    charge_squared: ArrayLike,
    *,
    mass_mev: float,
    recoil_energy_mev: ArrayLike,
    mediator_mass_mev: ArrayLike,
) -> Array:
    """Return the terms of a mediator that does not interfere, alike for all flavours.

    Parameters
    ----------
    kinematics
        Coefficients of E^-n for unit charge without the propagator, shape (3, *R).
    charge_squared
        Squared charge of the target per unit of x^2, broadcast against R.
    mass_mev
        Mass of the target.
    recoil_energy_mev, mediator_mass_mev
        Shapes R and M.

    Returns
    -------
    ndarray
        Zero and charge^2 kinematics / (q^2 + M^2)^2 with q^2 = 2 m T, shape (2, 1, 3, *M, *R).
    """
    propagator = propagator_mev2(mass_mev, recoil_energy_mev, mediator_mass_mev)
    strength = np.asarray(charge_squared) / propagator**2
    return incoherent(outer_mass(kinematics, strength, recoil_energy_mev))


def check_masses(mediator_mass_mev: ArrayLike) -> Array:
    """Return mediator masses as an array after checking that they are positive and finite.

    Raises
    ------
    ArgumentError
        If a mass is zero, negative, infinite or not a number, naming the first such value.
    """
    return positive(mediator_mass_mev, what="a mediator mass", unit="MeV")
