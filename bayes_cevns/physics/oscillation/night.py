"""The Earth, averaged over the nights of a year at a latitude, for any couplings.

Mass eigenstates arrive incoherently, and in the Earth nu_3 takes no part (but see `propagation`).
With lengths of Bloch vectors in units of dm21, the Hamiltonian of nu_1 and nu_2 is

    H = dm21/(4E) (-n + n_e x) . sigma,   x = (4 sqrt2 G_F E / dm21) m,

where n points to nu_1 and M = m_0 + m . sigma is the block of nu_1 and nu_2 of the potential per
electron. The composition is taken as the same everywhere (Y_n, weighted with the matter that is
crossed), so that m is one vector; by rotation about n only its parts along n and across, x_n and
x_t, matter. What was n leaves the Earth as

    n - g0 n + f1 x_t e_1 + f2 x_t e_2,   e_1 along the part of x across, e_2 = n x e_1,

and g0, f1, f2, averaged over the year, are functions of E/dm21, x_n and x_t which depend on the
latitude alone. They are tabulated here once, kept on disk (`year_cache`) and interpolated by cubic
splines, g0 as g0/(x_t^2 + SOFTENING^2).

Nadir angles are quantiles of their distribution over the year. Energies are spread by 6% around
each node, a different one for each angle: remote layers show as oscillations in energy that no
detector of CEvNS resolves, and a few nodes could not carry. Layers are of constant density (100 km
thick, 300 km in the core). The ocean of PREM, which is not above laboratories, is rock.

Errors, with those of all else, as part of a year's rate Tr[rho G^2] of 8B on xenon at Gran Sasso:
against three flavours through PREM and its composition, 25 random points of [-1, 1]^12 give 2e-5 in
the median, 2.3e-4 for nine out of ten and 9.5e-4 at most, where the Earth does 0.4%, 3% and 5%. In
the Standard Model night minus day is right to 2%.

References: Akhmedov, Tortola and Valle, JHEP 05 (2004) 057, hep-ph/0404083; Dziewonski and
Anderson, Phys. Earth Planet. Inter. 25 (1981) 297.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.checks import real
from bayes_cevns.physics.oscillation.earth import Earth, prem_table

type Single = NDArray[np.float32]

#: Nodes of the table. Energies in MeV for dm21 = 1e-4 eV^2; x in 1/(mol/cm^3).
ENERGY_NODES = np.array([0.8, 2.0, 4.0, 6.7, 10.0, 14.0, 19.0, 26.0])
ALONG_NODES = np.array(
    [
        *(-0.82, -0.6, -0.42, -0.3, -0.21, -0.14, -0.09, -0.05, -0.02, 0.01, 0.04),
        *(0.08, 0.12, 0.16, 0.2, 0.24, 0.29, 0.36, 0.46, 0.62, 0.82),
    ]
)
ACROSS_NODES = np.array([0.0, 0.03, 0.06, 0.1, 0.15, 0.22, 0.32, 0.46, 0.62, 0.82])

#: Vectors x longer than this are shortened to it: matter then decides the states alone. Couplings
#: in [-1, 1]^12 stay below for the energies of 8B neutrinos.
LONGEST = 0.8

SOFTENING = 0.05

_REFERENCE_DM21_EV2 = 1e-4
_LEAST_ACROSS = 0.005
_ANGLES = 2584
_BLOCK = 136
_SPREAD = 0.06
_GOLDEN = 0.5 * (np.sqrt(5.0) - 1.0)
_OBLIQUITY_DEG = 23.44
_SHALLOW_KM, _DEEP_KM, _CORE_KM = 100.0, 300.0, 3480.0

#: dm^2 L / (4 E) for one km, eV^2 and MeV.
_PHASE = 1e-12 * 1e18 / const.HBARC_MEV_FM / 4.0


def latitude(degrees: float) -> float:
    """Return a latitude in degrees north after checking it.

    Raises
    ------
    ArgumentError
        If it is not a number between -90 and 90.
    """
    value = real(degrees, what="a latitude")
    if not -90.0 <= value <= 90.0:
        raise ArgumentError(f"a latitude must lie between -90 and 90 degrees, got {value:g}")
    return value


def nadir_cosines(latitude_deg: float, count: int) -> Array:
    """Return equally likely cosines of the nadir angle of the Sun at night, increasing.

    All ecliptic longitudes contribute alike (`day_night.night_exposure`).

    Raises
    ------
    ArgumentError
        If the latitude is not between -90 and 90 degrees.
    """
    latitude_rad = np.deg2rad(latitude(latitude_deg))
    middle = (np.arange(1200) + 0.5) / 1200
    sin_declination = np.sin(np.deg2rad(_OBLIQUITY_DEG)) * np.sin(np.pi * (middle - 0.5))
    sine, cosine = np.sin(latitude_rad), np.cos(latitude_rad)
    cos_declination = np.sqrt(1.0 - sin_declination**2)
    height = np.add.outer(
        sine * sin_declination, np.zeros(middle.size)
    ) + cosine * np.multiply.outer(cos_declination, np.cos(np.pi * middle))
    below = np.sort(-height[height < 0])
    return np.asarray(below[((np.arange(count) + 0.5) / count * below.size).astype(int)])


def layered() -> tuple[Array, Array, Array]:
    """Return edges in km, (n + 1,), and electron and neutron densities of layers, (n,) each."""
    earth = without_ocean(prem_table())
    jumps = np.flatnonzero(np.diff(earth.radius_km) <= 0)
    edges, electrons, neutrons = [np.zeros(1)], [], []
    for first, last in zip([0, *(jumps + 1)], [*jumps, earth.radius_km.size - 1], strict=True):
        part = slice(first, last + 1)
        radius = earth.radius_km[part]
        thickness = _DEEP_KM if radius[-1] <= _CORE_KM else _SHALLOW_KM
        count = int(np.ceil((radius[-1] - radius[0]) / thickness))
        around = np.linspace(radius[0], radius[-1], count + 1)
        middle = 0.5 * (around[1:] + around[:-1])
        edges.append(around[1:])
        electrons.append(np.interp(middle, radius, earth.electrons_mol_per_cm3[part]))
        neutrons.append(np.interp(middle, radius, earth.neutrons_mol_per_cm3[part]))
    return np.concatenate(edges), np.concatenate(electrons), np.concatenate(neutrons)


def without_ocean(earth: Earth) -> Earth:
    """Return an Earth with the rock below the ocean up to the surface."""
    top = int(np.flatnonzero(np.diff(earth.radius_km) <= 0)[-1])
    radius = np.append(earth.radius_km[: top + 1], earth.radius_km[-1])
    columns = (earth.electrons_mol_per_cm3, earth.neutrons_mol_per_cm3)
    return Earth(radius, *(np.append(c[: top + 1], c[top]) for c in columns))


@cache
def crossed_ratio(latitude_deg: float) -> float:
    """Return Y_n of the matter that is crossed in the nights of a year."""
    edges, electrons, neutrons = layered()
    lengths = _lengths(edges, nadir_cosines(latitude_deg, 500)).sum(axis=1)
    return float((lengths @ neutrons) / (lengths @ electrons))


@cache
def surface_electrons_mol_per_cm3() -> float:
    """Return the electron density of the rock around laboratories."""
    return float(layered()[1][-1])


def computed_year(latitude_deg: float) -> Array:
    """Return g0/(x_t^2 + SOFTENING^2), f1 and f2 at the nodes of the table, (e, n, t, 3)."""
    edges, electrons, _ = layered()
    cosines = nadir_cosines(latitude_deg, _ANGLES)
    spread = 1.0 + _SPREAD * (2.0 * ((np.arange(_ANGLES) * _GOLDEN) % 1.0) - 1.0)
    across = np.maximum(ACROSS_NODES, _LEAST_ACROSS)
    along, perpendicular = np.meshgrid(ALONG_NODES, across, indexing="ij")
    total = np.zeros((ENERGY_NODES.size, 3, along.size))
    for start in range(0, _ANGLES, _BLOCK):
        block = slice(start, start + _BLOCK)
        lengths = _lengths(edges, cosines[block])
        ways = (electrons, spread[block], along.ravel(), perpendicular.ravel())
        for i, energy in enumerate(ENERGY_NODES):
            phase = _PHASE * _REFERENCE_DM21_EV2 / (energy * spread[block]) * lengths
            total[i] += _left(*(v.astype(np.float32) for v in (phase, *ways)))
    mean = (total / _ANGLES).reshape(ENERGY_NODES.size, 3, *along.shape)
    first = 1.0 / (perpendicular**2 + SOFTENING**2)
    first[:, ACROSS_NODES == 0.0] = 0.0
    return np.stack(
        [mean[:, 0] * first, mean[:, 1] / perpendicular, mean[:, 2] / perpendicular], -1
    )


def _lengths(edges: Array, cosines: Array) -> Array:
    """Return half of each way in each layer in km, shape (layers, angles)."""
    closest2 = edges[-1] ** 2 * (1.0 - cosines**2)
    return np.diff(np.sqrt(np.clip(edges[:, None] ** 2 - closest2, 0.0, None)), axis=0)


def _left(phase: Single, electrons: Single, spread: Single, along: Single, across: Single) -> Array:
    """Return the sums over ways of g0, f1 x_t and f2 x_t, shape (3, x).

    The first half of a way, from the surface inwards, is ((a, b), (-b*, a*)). The second is its
    transpose, because the Hamiltonian is real and symmetric in the plane of n and x. Single
    precision, with which the functions are right to 1e-4.
    """
    a = np.ones((along.size, spread.size), dtype=np.complex64)
    b = np.zeros_like(a)
    for layer in range(len(electrons) - 1, -1, -1):
        if not phase[layer].any():
            break
        density = electrons[layer] * spread
        h_n, h_t = np.multiply.outer(along, density) - 1.0, np.multiply.outer(across, density)
        size = np.sqrt(h_n * h_n + h_t * h_t)
        angle = size * phase[layer]
        sine = np.sin(angle) / size
        p, q = np.empty_like(a), np.zeros_like(a)
        p.real, p.imag, q.imag = np.cos(angle), -sine * h_n, -sine * h_t
        a, b = p * a - q * b.conj(), p * b + q * a.conj()
    lower = (a * b).imag
    upper = a * a + (b * b).conj()
    return np.stack([8.0 * lower**2, 4.0 * lower * upper.imag, 4.0 * lower * upper.real]).sum(
        -1, dtype=float
    )


@dataclass(frozen=True, repr=False)
class Year(Displayed):
    """The table of one latitude.

    Attributes
    ----------
    values
        As `computed_year` returns them.
    """

    values: Array

    @cached_property
    def knots(self) -> tuple[Array, Array]:
        """Knots of the splines along and across, the same whatever the values are."""
        along, across = (
            _spline(nodes, np.zeros(nodes.size), 0)[0] for nodes in (ALONG_NODES, ACROSS_NODES)
        )
        return along, across

    @cached_property
    def _in_energy(self) -> tuple[Array, Array]:
        """Knots of the spline in the logarithm of the energy, and coefficients of all splines.

        A spline is linear in its values, so that those in x are made once and not at each energy.
        """
        along = _spline(ALONG_NODES, self.values, 1)[1]
        across = _spline(ACROSS_NODES, along, 2)[1]
        return _spline(np.log(ENERGY_NODES), across, 0)

    def coefficients(self, energy_mev: ArrayLike, dm21_ev2: float) -> Array:
        """Return coefficients of the splines in x at some energies, shape (n, along, across, 3).

        Below the first energy node the functions are those of the first, where all phases have
        averaged out.
        """
        return self._coefficients(energy_mev, dm21_ev2, 0)

    def slopes(self, energy_mev: ArrayLike, dm21_ev2: float) -> Array:
        """Return the derivatives of `coefficients` in the logarithm of dm21, of the same shape."""
        return -self._coefficients(energy_mev, dm21_ev2, 1)

    def _coefficients(self, energy_mev: ArrayLike, dm21_ev2: float, derivative: int) -> Array:
        """Return coefficients, or their derivatives in log energy: they depend on E / dm21."""
        from scipy.interpolate import BSpline

        scaled = np.asarray(energy_mev, dtype=float) * (_REFERENCE_DM21_EV2 / dm21_ev2)
        inside = np.clip(scaled, ENERGY_NODES[0], ENERGY_NODES[-1])
        at_energies = BSpline(*self._in_energy, 3)(np.log(inside), nu=derivative)
        if derivative:
            at_energies[inside != scaled] = 0.0
        return at_energies


def _spline(nodes: Array, values: Array, axis: int) -> tuple[Array, Array]:
    """Return knots and coefficients of the cubic spline through values along an axis."""
    from scipy.interpolate import make_interp_spline

    spline = make_interp_spline(nodes, np.moveaxis(values, axis, 0), k=3)
    return spline.t, np.moveaxis(spline.c, 0, axis)


def night_change(knots: tuple[Array, Array], coefficients: Array, x: Array) -> Array:
    """Return the change of the Bloch vector n by a night, shape (batch, n, 3).

    Parameters
    ----------
    knots
        `Year.knots`.
    coefficients
        `Year.coefficients`, shape (n, along, across, 3).
    x
        Vectors x, the part along n last, shape (batch, n, 3).
    """
    from scipy.interpolate import BSpline

    short = x * np.minimum(1.0, LONGEST / np.maximum(np.linalg.norm(x, axis=-1), 1e-300))[..., None]
    across2 = short[..., 0] ** 2 + short[..., 1] ** 2
    bases = [
        BSpline(t, np.eye(t.size - 4), 3)(values)
        for t, values in zip(knots, (short[..., 2], np.sqrt(across2)), strict=True)
    ]
    g0, f1, f2 = np.einsum("bni,nijk,bnj->kbn", bases[0], coefficients, bases[1], optimize=True)
    return np.stack(
        [
            f1 * short[..., 0] - f2 * short[..., 1],
            f1 * short[..., 1] + f2 * short[..., 0],
            -g0 * (across2 + SOFTENING**2),
        ],
        axis=-1,
    )
