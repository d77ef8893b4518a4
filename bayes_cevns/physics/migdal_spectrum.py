"""From nuclear recoils to detected energy by the Migdal effect, as one matrix per shell.

A recoil T that ejects an electron of kinetic energy E_e from a shell nl is seen as

    E_det = E_ee(T) + E_e + |E_nl|,      E_ee = electron equivalent of the recoil,

since the hole is filled again and its binding energy released. So

    dR/dE_det = sum_nl integral dT dR/dT (1/2 pi) (q_e / 1 eV)^2 dp_nl/dE_e

is linear in dR/dT, and one matrix serves neutrinos, dark matter and every component of a rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, TableError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.checks import numbers
from bayes_cevns.physics.foreign import checked_array, code_of, read_only
from bayes_cevns.physics.migdal import Shell, electron_momentum_squared_ev2, shell, shells
from bayes_cevns.physics.nuclei import target

type ElectronEquivalent = Callable[[Array], Array]

_EV_PER_KEV = 1e3
_POINTS_PER_DECADE = 60
_GAUSS_POINTS = 8
_POINTS_PER_PANEL = 6
_FINEST_KEV = 1e-3
_ENERGY_STEP = 1.25


@dataclass(frozen=True, eq=False, repr=False)
class MigdalOperator(Displayed):
    """The linear map from a nuclear recoil spectrum to the Migdal spectrum in detected energy.

    Attributes
    ----------
    element
        Chemical symbol.
    shells
        Names of the shells, shape (s,).
    detected_energy_kev
        Detected energies E_det, electron equivalent, shape (d,).
    recoil_energy_kev
        Nuclear recoil energies, equally spaced in their logarithm, at which a rate is to be
        evaluated, shape (n,).
    electromagnetic_kev
        Energy that leaves the nucleus, E_e + |E_nl| = E_det - E_ee(T), whatever the shell; for
        kinematics (`by_deposit`). Shape (d, n); negative where there is no such event.
    matrix
        Weights, without unit, shape (s, d, n).
    """

    element: str
    shells: tuple[str, ...]
    detected_energy_kev: Array
    recoil_energy_kev: Array
    electromagnetic_kev: Array
    matrix: Array

    def by_shell(self, recoil_rate: Array) -> Array:
        """Return the Migdal spectrum of each shell.

        Parameters
        ----------
        recoil_rate
            dR/dT at `recoil_energy_kev`, shape (..., n), such as the components of a rate. It is
            the spectrum of elastic recoils: see `migdal_operator` on kinematics.

        Returns
        -------
        ndarray
            dR/dE_det per shell, shape (s, ..., d), in the unit of `recoil_rate`.

        Raises
        ------
        TableError
            If the last dimension is not that of `recoil_energy_kev`.
        """
        rate = self._checked(recoil_rate, (self.recoil_energy_kev.size,))
        return np.asarray(np.einsum("sdn,...n->s...d", self.matrix, rate, optimize=True))

    def total(self, recoil_rate: Array) -> Array:
        """Return the sum of `by_shell` over the shells, shape (..., d)."""
        rate = self._checked(recoil_rate, (self.recoil_energy_kev.size,))
        return np.asarray(rate @ self.matrix.sum(axis=0).T)

    def by_deposit(self, recoil_rate: Array) -> Array:
        """Return the Migdal spectrum of each shell for rates that know what electrons take.

        Parameters
        ----------
        recoil_rate
            dR/dT at `recoil_energy_kev` when `electromagnetic_kev` goes to electrons, shape
            (..., d, n).

        Returns
        -------
        ndarray
            dR/dE_det per shell, shape (s, ..., d), in the unit of `recoil_rate`.

        Raises
        ------
        TableError
            If the last two dimensions are not those of `electromagnetic_kev`.
        """
        rate = self._checked(recoil_rate, self.electromagnetic_kev.shape)
        return np.asarray(np.einsum("sdn,...dn->s...d", self.matrix, rate, optimize=True))

    @staticmethod
    def _checked(recoil_rate: Array, shape: tuple[int, ...]) -> Array:
        rate = np.asarray(recoil_rate, dtype=float)
        if rate.shape[-len(shape) :] != shape:
            raise TableError(
                f"expected a rate with last dimensions {shape}, one value for each energy of the "
                f"operator, got shape {rate.shape}"
            )
        return rate


def migdal_operator(
    element: str,
    detected_energy_kev: ArrayLike,
    *,
    electron_equivalent_kev: ElectronEquivalent,
    recoil_range_kev: tuple[float, float] = (1e-7, 100.0),
    only_shells: Sequence[str] | None = None,
    nuclear_mass_mev: float | None = None,
    points_per_decade: int = _POINTS_PER_DECADE,
) -> MigdalOperator:
    """Return the Migdal operator of an element and a quenching.

    Parameters
    ----------
    element
        Chemical symbol: Xe, Ar, Ge or Si.
    detected_energy_kev
        Detected energies, electron equivalent, > 0, shape (d,).
    electron_equivalent_kev
        Electron-equivalent energy of recoils, a continuous function that does not decrease,
        such as the method of this name of a quenching.
    recoil_range_kev
        Lowest and highest recoil energy. It must contain what recoils there are: the integral
        ends at its ends, and the interpolated rate with it.
    only_shells
        Names of shells; all of them by default.
    nuclear_mass_mev
        Nuclear mass for q_e and for the lower limit; the mean of the natural element by default,
        which is right to 1e-3 for xenon and silicon and to 2e-3 for germanium. The matrix is
        proportional to its inverse.
    points_per_decade
        Density of the recoil energies.

    Raises
    ------
    UnknownNameError
        If the element or a shell has no probabilities.
    ArgumentError
        If energies, range or density are out of their domain, or `electron_equivalent_kev`
        decreases.
    TableError
        If a detected energy needs electrons above the table (70 keV above the least binding
        energy; Si 20 keV).

    Notes
    -----
    Kinematics. To give omega = E_e + |E_nl| to an electron, a massless projectile of energy E
    that is scattered by a nucleus m must transfer |q| >= omega, hence T >= omega^2 / (2 m) (eq.
    2.7 of arXiv:2311.17719), which is the lower limit here; it is below 1e-6 keV for omega up to
    15 keV and matters only for nearly massless mediators. Their upper limit (2.8),
    |q| <= 2 E - omega, lowers the end point by the fraction omega / E: for omega = 0.1 keV by
    1e-5 for 8B and 3e-4 for pp neutrinos. It needs E, which dR/dT no longer knows, so that
    `by_shell` and `total` take the elastic end point. A rate that knows omega goes through
    `by_deposit` (for a neutrino E_min grows by omega / 2): for dark matter this is necessary,
    since omega is a large part of its energy (`bayes_cevns.physics.dark_matter`).

    The rate is interpolated by cubics in log T through four neighbouring points, and the
    integral over each product with the kernel is done by Gauss-Legendre panels that follow both
    T and E_e up to the edge E_e = 0: 1e-4 for smooth rates, tested. At the end point of a
    neutrino line a rate has a kink (Standard Model: 5e-4 of the line's events) or a step (scalar
    mediator: 4%), which more points per decade reduce in proportion or faster.

    References
    ----------
    Ibe et al., JHEP 03 (2018) 194; Herrera, JHEP 05 (2024) 288, arXiv:2311.17719, section 2;
    the sign of E_nl in eq. 2.6 of arXiv:2411.14206 is a misprint.
    """
    detected = numbers(detected_energy_kev, what="a detected energy")
    if detected.ndim != 1 or not np.all(np.isfinite(detected) & (detected > 0)):
        raise ArgumentError("detected energies must be a vector, finite and > 0 keV")
    chosen = shells(element) if only_shells is None else _named(element, only_shells)
    mass = target(element).mean_nuclear_mass_mev if nuclear_mass_mev is None else nuclear_mass_mev
    if not (np.isfinite(mass) and mass > 0):
        raise ArgumentError(f"a nuclear mass must be > 0 MeV, got {mass}")
    recoil = _recoil_grid(recoil_range_kev, points_per_decade)
    who = f"quenching {getattr(electron_equivalent_kev, '__qualname__', 'of the Migdal effect')}"
    with code_of(who):
        returned = electron_equivalent_kev(read_only(recoil))
    equivalent = checked_array(who, returned, (recoil.shape,))
    if np.any(equivalent < 0) or np.any(np.diff(equivalent) < 0):
        raise ArgumentError("electron-equivalent energies must be >= 0 and never decrease with T")
    lower = np.maximum(recoil[0], detected**2 / (2.0 * mass * const.KEV_PER_MEV))
    quadrature = _Quadrature(recoil, equivalent, electron_equivalent_kev)
    return MigdalOperator(
        element=element,
        shells=tuple(each.name for each in chosen),
        detected_energy_kev=detected,
        recoil_energy_kev=recoil,
        electromagnetic_kev=detected[:, None] - equivalent,
        matrix=np.stack([quadrature.matrix(each, detected, lower, mass) for each in chosen]),
    )


def _named(element: str, names: Sequence[str]) -> tuple[Shell, ...]:
    if not names:
        raise ArgumentError("no shell was named: leave only_shells out for all of them")
    return tuple(shell(element, name) for name in names)


def _recoil_grid(recoil_range_kev: tuple[float, float], points_per_decade: int) -> Array:
    low, high = recoil_range_kev
    if not (0 < low < high < np.inf) or points_per_decade < 4:
        raise ArgumentError(
            "expected recoil energies 0 < low < high, in keV, and 4 or more points per decade, "
            f"got {recoil_range_kev} and {points_per_decade}"
        )
    count = max(4, int(np.ceil(np.log10(high / low) * points_per_decade)) + 1)
    return np.geomspace(low, high, count)


@dataclass(frozen=True, eq=False)
class _Quadrature:
    """Integrals of cardinal cubics in log T with the kernel of a shell."""

    recoil_kev: Array
    equivalent_kev: Array
    electron_equivalent_kev: ElectronEquivalent

    def matrix(self, one: Shell, detected: Array, lower: Array, mass_mev: float) -> Array:
        """Return the weights of the recoil energies, shape (d, n)."""
        available = detected - one.binding_kev
        result = np.zeros((detected.size, self.recoil_kev.size))
        rows = np.flatnonzero(available > 0)
        if not rows.size:
            return result
        breaks = self._breaks(available[rows], lower[rows])
        x, w = np.polynomial.legendre.leggauss(_GAUSS_POINTS)
        half = 0.5 * np.diff(breaks, axis=1)[..., None]
        log_recoil = breaks[:, :-1, None] + half * (1.0 + x)
        recoil = np.exp(log_recoil)
        energy = available[rows, None, None] - self.electron_equivalent_kev(recoil)
        kernel = one.density(np.maximum(energy, 0.0)) * _EV_PER_KEV / (2.0 * np.pi)
        kernel *= electron_momentum_squared_ev2(recoil, mass_mev)
        result[rows] = self._spread(log_recoil, half * w * recoil * kernel)
        return result

    def _breaks(self, available: Array, lower: Array) -> Array:
        """Return log T of the ends of panels, from the lower limit to the edge E_e = 0."""
        edge = self._inverse(available)
        lower = np.minimum(lower, edge)
        low, high = np.log(self.recoil_kev[[0, -1]])
        count = self.recoil_kev.size // _POINTS_PER_PANEL + 2
        in_recoil = np.broadcast_to(np.linspace(low, high, count), (available.size, count))
        steps = np.ceil(np.log(available.max() / _FINEST_KEV) / np.log(_ENERGY_STEP))
        energies = _FINEST_KEV * _ENERGY_STEP ** np.arange(max(steps, 0) + 1)
        # Only where panels end: linear interpolation of the inverse is good enough.
        inverse = self.equivalent_kev, np.log(self.recoil_kev)
        near_edge = np.interp(available[:, None] - energies, *inverse)
        ends = np.log(np.stack([lower, edge], axis=1))
        breaks = np.concatenate([in_recoil, near_edge, ends], axis=1)
        return np.sort(np.clip(breaks, ends[:, :1], ends[:, 1:]), axis=1)

    def _inverse(self, equivalent: Array) -> Array:
        """Return the highest recoil energy with at most this electron equivalent, by bisection."""
        below = np.full(equivalent.shape, np.log(self.recoil_kev[0]))
        above = np.full(equivalent.shape, np.log(self.recoil_kev[-1]))
        above_fits = self.equivalent_kev[-1] <= equivalent
        for _ in range(60):
            middle = 0.5 * (below + above)
            fits = self.electron_equivalent_kev(np.exp(middle)) <= equivalent
            below, above = np.where(fits, middle, below), np.where(fits, above, middle)
        return np.where(above_fits, self.recoil_kev[-1], np.exp(below))

    def _spread(self, log_recoil: Array, weight: Array) -> Array:
        """Give the weight of each point to the four recoil energies around it."""
        size = self.recoil_kev.size
        start, end = np.log(self.recoil_kev[[0, -1]])
        position = (log_recoil - start) / (end - start) * (size - 1)
        first = np.clip(np.floor(position).astype(np.intp) - 1, 0, size - 4)
        u = position - first
        cardinal = (
            -(u - 1) * (u - 2) * (u - 3) / 6,
            u * (u - 2) * (u - 3) / 2,
            -u * (u - 1) * (u - 3) / 2,
            u * (u - 1) * (u - 2) / 6,
        )
        row = np.arange(log_recoil.shape[0])[:, None, None] * size
        total = np.zeros(log_recoil.shape[0] * size)
        for offset, value in enumerate(cardinal):
            index = (row + first + offset).ravel()
            total += np.bincount(index, (weight * value).ravel(), minlength=total.size)
        return total.reshape(-1, size)
