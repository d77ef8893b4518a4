"""Quenching: which part of a nuclear recoil is seen as if an electron had made it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.checks import check_outside, curve, energies, interpolate, positive
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, TableError
from bayes_cevns.physics.checks import numbers

_RECOIL = "nuclear recoil energies in keV"
_BISECTIONS = 200


class Quenching(ABC):
    """The ratio of electron-equivalent to recoil energy, E_ee = Q(T) T.

    A subclass gives `electron_equivalent_kev`; the rest follows.
    """

    @abstractmethod
    def electron_equivalent_kev(self, recoil_energy_kev: ArrayLike) -> Array:
        """Return E_ee in keV for recoil energies T >= 0 in keV, same shape."""

    def __call__(self, recoil_energy_kev: ArrayLike) -> Array:
        """Return the quenching factor Q(T), for recoil energies T > 0 in keV, same shape.

        Raises
        ------
        ArgumentError
            If an energy is not positive and finite.
        """
        recoil = energies(recoil_energy_kev, _RECOIL)
        if np.any(recoil == 0):
            raise ArgumentError("a quenching factor needs a recoil energy > 0 keV")
        return np.asarray(self.electron_equivalent_kev(recoil) / recoil)

    def recoil_energy_kev(
        self, electron_equivalent_kev: ArrayLike, *, within_kev: tuple[float, float]
    ) -> Array:
        """Return the recoil energy T that is seen as E_ee, by bisection.

        Parameters
        ----------
        electron_equivalent_kev
            Energies E_ee in keV, any shape.
        within_kev
            Recoil energies between which T is, where E_ee(T) must increase.

        Raises
        ------
        TableError
            If an E_ee is not reached within these recoil energies.
        """
        wanted = energies(electron_equivalent_kev, "electron-equivalent energies in keV")
        low, high = self.electron_equivalent_kev(np.array(within_kev))
        if wanted.size and (wanted.min() < low or wanted.max() > high):
            raise TableError(
                f"recoils from {within_kev[0]:g} to {within_kev[1]:g} keV are seen as {low:g} to "
                f"{high:g} keV, asked for {wanted.min():g} to {wanted.max():g} keV"
            )
        below = np.full(wanted.shape, within_kev[0])
        above = np.full(wanted.shape, within_kev[1])
        for _ in range(_BISECTIONS):
            middle = 0.5 * (below + above)
            less = self.electron_equivalent_kev(middle) < wanted
            below, above = np.where(less, middle, below), np.where(less, above, middle)
        return np.asarray(0.5 * (below + above))


@dataclass(frozen=True)
class ConstantQuenching(Quenching):
    """One factor at all energies, such as 0.15 for xenon; 1 for electronic recoils.

    Attributes
    ----------
    factor
        Q, above 0 and at most 1.
    """

    factor: float

    def __post_init__(self) -> None:
        if not 0 < numbers(self.factor, what="a quenching factor") <= 1:
            raise ArgumentError(f"a quenching factor is above 0 and at most 1, got {self.factor}")

    def electron_equivalent_kev(self, recoil_energy_kev: ArrayLike) -> Array:
        """Return Q T in keV, shape of `recoil_energy_kev`."""
        return np.asarray(self.factor * energies(recoil_energy_kev, _RECOIL))


@dataclass(frozen=True)
class Lindhard(Quenching):
    """Lindhard's quenching factor.

    Attributes
    ----------
    z, a
        Proton number, and mass number (the mean one for natural elements).
    k
        Strength of the electronic stopping; 0.133 Z^(2/3) A^(-1/2) by default (0.166 for Xe).

    Notes
    -----
    Q = k g/(1 + k g), g = 3 e^0.15 + 0.7 e^0.6 + e, e = 11.5 Z^(-7/3) T/keV. It is a model; at
    T below 1 keV, where the binding of atoms counts, measurements depart from it.

    References
    ----------
    Lindhard et al., Mat. Fys. Medd. Dan. Vid. Selsk. 33, no. 10 (1963); Lewin and Smith, Astropart.
    Phys. 6 (1996) 87. Eq. 20 of arXiv:2112.03309 prints Z^(-2/3), which gives 0.0008 for Xe.
    """

    z: int
    a: float
    k: float | None = None

    def __post_init__(self) -> None:
        positive(self.z, "a proton number")
        positive(self.a, "a mass number")
        positive(self.strength, "Lindhard's k")

    @property
    def strength(self) -> float:
        """The k in use."""
        if self.k is not None:
            return self.k
        return 0.133 * math.pow(self.z, 2.0 / 3.0) / math.sqrt(self.a)

    def electron_equivalent_kev(self, recoil_energy_kev: ArrayLike) -> Array:
        """Return Q(T) T in keV, shape of `recoil_energy_kev`."""
        recoil = energies(recoil_energy_kev, _RECOIL)
        reduced = 11.5 * float(self.z) ** (-7.0 / 3.0) * recoil
        stopping = self.strength * (3.0 * reduced**0.15 + 0.7 * reduced**0.6 + reduced)
        return np.asarray(recoil * stopping / (1.0 + stopping))


@dataclass(frozen=True)
class PolynomialQuenching(Quenching):
    """E_ee as a polynomial of the recoil energy without a constant term.

    Attributes
    ----------
    coefficients
        c_1, c_2, ... of E_ee = c_1 T + c_2 T^2 + ..., both energies in keV.
    maximum_kev
        Highest recoil energy for which the polynomial was made; above it is an error.
    """

    coefficients: tuple[float, ...]
    maximum_kev: float

    def __post_init__(self) -> None:
        positive(self.maximum_kev, "the highest recoil energy of a polynomial")
        if not self.coefficients or not np.all(np.isfinite(self.coefficients)):
            raise ArgumentError("a polynomial needs one finite coefficient or more")

    @classmethod
    def from_mev(
        cls, coefficients: tuple[float, ...], *, maximum_kev: float
    ) -> PolynomialQuenching:
        """Return the polynomial whose coefficients are for energies in MeV, as for CsI of 2021."""
        in_kev = tuple(c * 1e-3**power for power, c in enumerate(coefficients))
        return cls(in_kev, maximum_kev)

    def electron_equivalent_kev(self, recoil_energy_kev: ArrayLike) -> Array:
        """Return the polynomial in keV, shape of `recoil_energy_kev`.

        Raises
        ------
        TableError
            If an energy is above `maximum_kev`, or the polynomial is negative there.
        """
        recoil = energies(recoil_energy_kev, _RECOIL)
        if recoil.size and recoil.max() > self.maximum_kev:
            raise TableError(
                f"{recoil.max():g} keV is above the range of this quenching polynomial, which "
                f"ends at {self.maximum_kev:g} keV"
            )
        seen = np.polynomial.polynomial.polyval(recoil, (0.0, *self.coefficients))
        if np.any(seen < 0):
            raise TableError(
                f"the quenching polynomial is negative at {recoil[seen < 0].flat[0]:g} keV: use it "
                "at lower energies only"
            )
        return np.asarray(seen)


@dataclass(frozen=True, eq=False, repr=False)
class TabulatedQuenching(Displayed, Quenching):
    """A quenching factor, linear in recoil energy between the points of a table.

    Attributes
    ----------
    energy_kev, factor
        Recoil energies, increasing, and Q there, shape (n,).
    outside
        ``"error"`` (default), or ``"zero"``: recoils outside the table are not seen.
    cutoff_kev
        Recoils below are not seen, whatever the table says.
    """

    energy_kev: Array
    factor: Array
    outside: str = "error"
    cutoff_kev: float = 0.0

    def __post_init__(self) -> None:
        energy, factor = curve(self.energy_kev, self.factor, "quenching table")
        object.__setattr__(self, "energy_kev", energy)
        object.__setattr__(self, "factor", factor)
        check_outside(self.outside)
        energies(self.cutoff_kev, "a quenching cutoff in keV")

    def electron_equivalent_kev(self, recoil_energy_kev: ArrayLike) -> Array:
        """Return Q(T) T in keV, shape of `recoil_energy_kev`.

        Raises
        ------
        TableError
            If an energy is outside the table, not below the cutoff, and `outside` is ``"error"``.
        """
        recoil = energies(recoil_energy_kev, _RECOIL)
        seen = recoil >= self.cutoff_kev
        # Below the cutoff the table is not asked.
        asked = np.where(seen, recoil, self.energy_kev[0])
        table = self.energy_kev, self.factor
        factor = interpolate(asked, *table, outside=self.outside, what="quenching table")
        return np.asarray(np.where(seen, factor * recoil, 0.0))
