"""The odd nucleon of a nucleus: its orbital, its spin, and how the spin falls off with q.

In the extreme single-particle model a nucleus of odd A has the spin of its last odd nucleon, in an
orbital n l j of the harmonic oscillator with l and j from the spin and parity of the nucleus.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics.nuclei import Isotope

#: Number of nucleons that fills each shell, and its orbitals (n, l, 2 j), n counted from 1.
_SHELLS: Final = (
    (2, ((1, 0, 1),)),
    (8, ((1, 1, 3), (1, 1, 1))),
    (20, ((1, 2, 5), (2, 0, 1), (1, 2, 3))),
    (28, ((1, 3, 7),)),
    (50, ((2, 1, 3), (1, 3, 5), (2, 1, 1), (1, 4, 9))),
    (82, ((1, 4, 7), (2, 2, 5), (2, 2, 3), (3, 0, 1), (1, 5, 11))),
    (126, ((1, 5, 9), (2, 3, 7), (2, 3, 5), (3, 1, 3), (3, 1, 1), (1, 6, 13))),
    (184, ((2, 4, 9), (1, 6, 11), (3, 2, 5), (2, 4, 7), (4, 0, 1), (3, 2, 3), (1, 7, 15))),
)

_LETTERS: Final = "spdfghij"

#: Points of the quadratures over radius and polar angle: exact to 1e-12 where u is below 6.
_RADII, _ANGLES = 64, 48


@dataclass(frozen=True)
class Orbital:
    """An orbital of the harmonic oscillator.

    Attributes
    ----------
    n, l
        Radial quantum number, counted from 1, and orbital angular momentum.
    j
        Total angular momentum, l + 1/2 or l - 1/2.
    """

    n: int
    l: int  # noqa: E741 - its name in every textbook
    j: float

    @property
    def label(self) -> str:
        """Its name, such as ``"1g7/2"``."""
        return f"{self.n}{_LETTERS[self.l]}{round(2 * self.j)}/2"

    @property
    def spin(self) -> float:
        """<S_z> at maximal projection: 1/2 for j = l + 1/2, -j / (2 (j + 1)) for j = l - 1/2."""
        return 0.5 if self.j > self.l else -self.j / (2.0 * (self.j + 1.0))

    def spin_form_factors(self, u: ArrayLike) -> Array:
        """Return S_T(q) / S_T(0) and S_L(q) / S_L(0) of a nucleon in it.

        They are the means over m and m' of |<j m'| exp(i q z) sigma |j m>|^2, with sigma_x (T) and
        sigma_z (L), relative to q = 0. With q along z the projection of l is conserved, so that
        only F_k(q) = <n l k| exp(i q z) |n l k> is needed.

        Parameters
        ----------
        u
            q^2 b^2 / 2 with the oscillator length b, any shape.

        Returns
        -------
        ndarray
            Shape (2, *u).
        """
        u = np.asarray(u, dtype=float)
        return self._mean_squares(u) / self._mean_squares(np.zeros((1,) * u.ndim))

    def _mean_squares(self, u: Array) -> Array:
        m = np.arange(-self.j, self.j + 1.0)
        both = np.sqrt((self.l + 0.5 + np.stack([m, -m])) / (2 * self.l + 1))
        up, down = both if self.j > self.l else (-both[1], both[0])
        densities = self._densities(u)
        # The nucleon of spin up has the projection m - 1/2 of l, that of spin down m + 1/2; where
        # there is no such projection its amplitude is zero.
        lower, upper = (
            densities[np.minimum(np.abs(np.rint(m + half)), self.l).astype(int)]
            for half in (-0.5, 0.5)
        )
        z = np.einsum("m,m...->m...", up**2, lower) - np.einsum("m,m...->m...", down**2, upper)
        flips = np.einsum("m,m...->m...", up[1:] * down[:-1], upper[:-1])
        return np.stack([2.0 * np.sum(flips**2, axis=0), np.sum(z**2, axis=0)])

    def _densities(self, u: Array) -> Array:
        """Return F_k(q), k = 0 to l, shape (l + 1, *u)."""
        from scipy.special import eval_genlaguerre, lpmv

        radius, weight = np.polynomial.hermite.hermgauss(_RADII)  # of r / b, with exp(-r^2 / b^2)
        cosine, angular = np.polynomial.legendre.leggauss(_ANGLES)
        square = eval_genlaguerre(self.n - 1, self.l + 0.5, radius**2) ** 2
        radial = weight * radius ** (2 * self.l + 2) * square
        projections = np.arange(self.l + 1)[:, None]
        harmonics = angular * lpmv(projections, self.l, cosine) ** 2
        phase = np.sqrt(2.0 * u)[..., None, None] * np.multiply.outer(radius, cosine)
        found = np.einsum(
            "...rc,r,kc->k...",
            np.cos(phase),
            radial / radial.sum(),
            harmonics / harmonics.sum(axis=1, keepdims=True),
        )
        return np.asarray(found)


def odd_nucleon(isotope: Isotope) -> tuple[str, Orbital]:
    """Return which nucleon is odd, ``"proton"`` or ``"neutron"``, and its orbital.

    The orbital of the spin and parity of the nucleus, in the shell that is being filled.

    Raises
    ------
    UnknownNameError
        If not just one of the numbers of protons and neutrons is odd, or the shell has no such
        orbital.
    """
    odd = [kind for kind, number in _numbers(isotope).items() if number % 2]
    if len(odd) == 1:
        number = _numbers(isotope)[odd[0]]
        orbitals = next((shell for full, shell in _SHELLS if number <= full), ())
        for n, l, twice_j in orbitals:  # noqa: E741 - its name in every textbook
            if twice_j == round(2 * isotope.spin) and (-1) ** l == isotope.parity:
                return odd[0], Orbital(n, l, 0.5 * twice_j)
    known = (f"one odd nucleon in an orbital of its shell, not J = {isotope.spin:g}",)
    raise UnknownNameError("single-particle nucleus", isotope.label, known)


def schmidt_spins(isotope: Isotope) -> tuple[float, float]:
    """Return <S_p> and <S_n> of the odd nucleon alone.

    An estimate: shell models give 0.2 to 1 of it, and in deformed nuclei even the other sign.

    Raises
    ------
    UnknownNameError
        As `odd_nucleon`.

    References
    ----------
    Schmidt, Z. Phys. 106 (1937) 358; for dark matter Engel, Pittel and Vogel, Int. J. Mod. Phys. E
    1 (1992) 1.
    """
    kind, orbital = odd_nucleon(isotope)
    return (orbital.spin, 0.0) if kind == "proton" else (0.0, orbital.spin)


def _numbers(isotope: Isotope) -> dict[str, int]:
    return {"proton": isotope.z, "neutron": isotope.n}
