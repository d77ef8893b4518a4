"""What a nuclear form factor is: the class of which all of them are."""

from __future__ import annotations

from abc import ABC, abstractmethod

from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics.nuclei import Isotope


class FormFactor(ABC):
    """How protons and neutrons are spread in a nucleus.

    Subclasses are frozen dataclasses: equal parameters are equal form factors.

    Attributes
    ----------
    cite
        Citation keys of the formula and its parameters.
    """

    cite: tuple[str, ...] = ()

    @abstractmethod
    def proton(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_p(q), one at q = 0.

        Parameters
        ----------
        q_mev
            Momentum transfer in MeV, any shape.
        isotope
            The nucleus.

        Returns
        -------
        ndarray
            Shape of `q_mev`.
        """

    @abstractmethod
    def neutron(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_n(q), one at q = 0; otherwise as `proton`."""

    def both(self, q_mev: ArrayLike, isotope: Isotope) -> tuple[Array, Array]:
        """Return F_p(q) and F_n(q)."""
        return self.proton(q_mev, isotope), self.neutron(q_mev, isotope)

    def cite_for(self, isotope: Isotope) -> tuple[str, ...]:
        """Return the citation keys of what an isotope takes from this form factor."""
        del isotope  # most have one formula for all nuclei
        return self.cite

    def point_radii_fm(self, isotope: Isotope) -> tuple[float, float] | None:
        """Return the rms radii of point protons and neutrons, without the sizes of nucleons.

        None where a form factor does not tell the two apart.
        """
        del isotope
        return None
