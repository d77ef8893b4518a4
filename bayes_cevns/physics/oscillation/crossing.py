"""Levels that come close on the way out of the Sun: evolution that is not adiabatic.

Couplings can cancel the vacuum mixing, so that the levels of nu_1 and nu_2 nearly meet at some
radius r_c. There the square of their gap, for three flavours and with the composition of the solar
model, is g^2 + v^2 (r - r_c)^2, and the probability of changing from one level to the other is that
of Landau and Zener,

    p = exp(-gamma / cos chi),   gamma = pi g^2 / (4 E v),

for neutrinos that cross the sphere of radius r_c at an angle chi to the normal. Neutrinos made
inside cross it once; half of those made outside move inwards, and cross it twice or not at all,
so that 2 p (1 - p) of them change. Phases between crossings average out. For neutrinos made at
radius r in all directions, with mu the cosine of their direction,

    inside    F = 1/2 int_-1^1 dmu p,            cos^2 chi = 1 - (r/r_c)^2 (1 - mu^2),
    outside   F = 1/2 int_0^1 dc 2 p (1 - p) c / (rho sqrt(rho^2 - 1 + c^2)),   c = cos chi,
              rho = r/r_c.

The transition from one to the other is as wide as the table of radii is fine (0.005 solar radii);
the evolution itself takes about as long.

Compared with the equation of motion of three flavours, averaged over positions and directions in
the production zone, for 60 random points of [-1, 1]^12 with gamma below 12 (one point in thirty)
and energies of 4 to 15 MeV: shares are right to 1.4e-2 at worst, 1e-3 in the median for gamma < 3,
and 5e-4 at worst from 5 on; without the crossing they are wrong by up to 0.4.

The levels of nu_2 and nu_3 could cross in the same way. Of 4000 random points of [-1, 1]^12 none
has an exponent below 30 there: their gap is thirty times as large. It is not looked for.

References: Parke, Phys. Rev. Lett. 57 (1986) 1275; Kuo and Pantaleone, Rev. Mod. Phys. 61 (1989)
937, section IV.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.physics.oscillation.levels import levels
from bayes_cevns.physics.oscillation.solar_models import SolarModel

type Indices = NDArray[np.int64]

SOLAR_RADIUS_KM = 6.957e5  # IAU 2015 resolution B3

#: Radii beyond this have no crossings: the potential is below 1 mol/cm^3 (and production zero).
OUTERMOST = 0.496

#: Radii with less of the production than this count as without.
NEGLIGIBLE = 1e-7

#: The square of the gap is a polynomial through this many radii around its minimum.
STENCIL = 5

#: Gauss-Legendre nodes and weights from 0 to 1, for the mean over directions.
DIRECTIONS, DIRECTION_WEIGHTS = (
    0.5 * (values + shift)
    for values, shift in zip(np.polynomial.legendre.leggauss(8), (1.0, 0.0), strict=True)
)


@dataclass(frozen=True, repr=False)
class Radii(Displayed):
    """Radii of a solar model as they are tabulated, shape (r,) each.

    Attributes
    ----------
    radius
        In solar radii, in equal steps but for the first.
    electrons_mol_per_cm3, ratio
        Electron density and neutrons per electron.
    weights
        Share of a component that is produced there, sum one.
    """

    radius: Array
    electrons_mol_per_cm3: Array
    ratio: Array
    weights: Array

    @classmethod
    def of(cls, model: SolarModel, component: str) -> Radii:
        """Return the radii of a model up to `OUTERMOST`, with the production of a component."""
        inner = model.radius < OUTERMOST
        radius, density = model.radius[inner], model.production[component][inner]
        weights = np.zeros_like(radius)
        weights[:-1] += 0.5 * np.diff(radius) * density[:-1]
        weights[1:] += 0.5 * np.diff(radius) * density[1:]
        weights[weights < NEGLIGIBLE * weights.sum()] = 0.0
        electrons = model.electrons_mol_per_cm3[inner]
        ratio = model.neutrons_mol_per_cm3[inner] / electrons
        return cls(radius, electrons, ratio, weights / weights.sum())


def shares_with_crossings(
    radii: Radii,
    potential: Array,
    vacuum: Array,
    constant: Array,
    per_neutron: Array,
    *,
    pair: int,
    exponent_per_ev2: Array | None,
) -> Array:
    """Return the mean shares by level at the surface, from all radii, shape (3, k).

    Parameters
    ----------
    radii
        Solar model and production.
    potential
        2 sqrt2 G_F E per density of one mole per cm^3, in eV^2, shape (k,).
    vacuum, constant, per_neutron
        Hamiltonian as in `sun.mass_state_shares`, shapes (9,) and (k, 9).
    pair
        The lower of the two levels that may come close.
    exponent_per_ev2
        pi R / (4 E) with the solar radius R, in 1/eV^2, shape (k,); ``None`` for adiabatic
        evolution.
    """
    scale = np.multiply.outer(potential, radii.electrons_mol_per_cm3)
    entries = [
        v + scale * (c[:, None] + np.multiply.outer(n, radii.ratio))
        for v, c, n in zip(vacuum, constant.T, per_neutron.T, strict=True)
    ]
    found = levels(entries)
    shares = found.shares
    if exponent_per_ev2 is not None:
        kept = np.ones(scale.shape)
        squared = found.gaps[pair] ** 2
        rows, middle = minima(squared)
        exponent, place = landau_zener(squared, rows, middle, radii.radius, exponent_per_ev2)
        ratio = radii.radius / place[:, None]
        inside = logistic((place[:, None] - radii.radius) / _step(radii.radius))
        np.multiply.at(kept, rows, 1.0 - 2.0 * change(exponent[:, None], ratio, inside))
        moved = 0.5 * (1.0 - kept) * (shares[pair + 1] - shares[pair])
        shares[pair] += moved
        shares[pair + 1] -= moved
    return np.asarray(shares @ radii.weights)


def minima(squared: Array) -> tuple[Indices, Indices]:
    """Return row and column of the minima of squared gaps along the radius, shape (k, r)."""
    here = squared[:, 2:-2]
    rows, columns = np.nonzero((here < squared[:, 1:-3]) & (here <= squared[:, 3:-1]))
    return rows, columns + 2


def landau_zener(
    squared: Array, rows: Indices, middle: Indices, radius: Array, exponent_per_ev2: Array
) -> tuple[Array, Array]:
    """Return the exponents gamma at some minima, and their radii, shape (m,) each.

    The polynomial through `STENCIL` radii, by its value and derivatives at the minimum.
    """
    step = _step(radius)
    values = squared[rows[:, None], middle[:, None] + np.arange(STENCIL) - STENCIL // 2]
    place = minimum_of_quartic(values)
    least = np.maximum(np.sum(values * quartic(place), axis=1), 0.0)
    curvature = 0.5 * np.sum(values * quartic(place, 2), axis=1) / step**2
    exponent = exponent_per_ev2[rows] * least / np.sqrt(np.maximum(curvature, 1e-300))
    return exponent, radius[middle] + place * step


def minimum_of_quartic(values: Array) -> Array:
    """Return where the polynomial through five equidistant values is least, in steps.

    From the parabola through the middle three, by Newton's method, within one step.
    """
    below, here, above = values[:, 1], values[:, 2], values[:, 3]
    place = 0.5 * (below - above) / (below - 2.0 * here + above)
    for _ in range(6):
        slope = np.sum(values * quartic(place, 1), axis=1)
        second = np.sum(values * quartic(place, 2), axis=1)
        place = np.clip(place - slope / np.where(second > 0, second, np.inf), -1.0, 1.0)
    return place


#: Coefficients of the Lagrange polynomials of -2, -1, 0, 1, 2, highest power first, shape (5, 5).
LAGRANGE = np.linalg.inv(np.vander(np.arange(-2.0, 3.0), STENCIL)).T


def quartic(place: Array, derivative: int = 0) -> Array:
    """Return the Lagrange polynomials of five equidistant points, or derivatives, (m, 5)."""
    rows = [np.polyval(np.polyder(row, derivative), place) for row in LAGRANGE]
    return np.stack(rows, axis=-1)


def change(exponent: Array, ratio: Array, inside: Array) -> Array:
    """Return the probability to change level, averaged over directions, shape (m, r).

    Parameters
    ----------
    exponent
        gamma, shape (m, 1).
    ratio
        Radius of production over that of the crossing, shape (m, r).
    inside
        How much of the production is taken as inside, shape (m, r).
    """
    within, beyond = np.minimum(ratio, 1.0), np.maximum(ratio, 1.0)
    once, twice = np.zeros(ratio.shape), np.zeros(ratio.shape)
    for node, weight in zip(DIRECTIONS, DIRECTION_WEIGHTS, strict=True):
        cosine = np.sqrt(1.0 - within**2 * (1.0 - node**2))
        once += weight * np.exp(-exponent / cosine)
        p = np.exp(-exponent / node)
        twice += weight * p * (1.0 - p) * node / np.sqrt(beyond**2 - 1.0 + node**2)
    return inside * once + (1.0 - inside) * twice / beyond


def logistic(x: Array) -> Array:
    """Return 1/(1 + exp(-4 x)), whose slope in the middle is one."""
    return np.asarray(0.5 * (1.0 + np.tanh(2.0 * x)))


def _step(radius: Array) -> float:
    return float(radius[2] - radius[1])
