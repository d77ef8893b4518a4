"""Slow twins of propagation: the equation of motion of three flavours in the Sun and the Earth.

They share nothing with the package but its constants, its tables of the Sun and of PREM, and the
mixing matrix: eigenvectors are those of a library, and every step is an exponential.
"""

from __future__ import annotations

import numba
import numpy as np
from scipy.interpolate import CubicSpline

from bayes_cevns.physics import constants as const
from bayes_cevns.physics.oscillation import OscillationParameters, solar_model, to_matrix
from bayes_cevns.physics.oscillation.earth import Earth, prem_table

#: sqrt2 G_F for one mole per cm^3 in eV^2/MeV, and the phase of eV^2 km/MeV.
SQRT2_GF = (
    np.sqrt(2.0)
    * const.FERMI_CONSTANT_PER_MEV2
    * const.AVOGADRO_PER_MOL
    * (const.HBARC_MEV_FM * 1e-13) ** 3
    * 1e12
)
PHASE = 1e-12 * 1e18 / const.HBARC_MEV_FM
SOLAR_RADIUS_KM = 6.957e5


def vacuum(parameters: OscillationParameters) -> np.ndarray:
    mixing = parameters.mixing_matrix()
    return (mixing * [0.0, parameters.dm21_ev2, parameters.dm31_ev2]) @ mixing.conj().T


def potential(matter: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Return the potential per electron as matrices, from couplings (3, 9), shape (n, 3, 3)."""
    up, down, electron = to_matrix(matter)
    ratio = np.asarray(ratio)[..., None, None]
    return np.diag([1.0, 0.0, 0.0]) + electron + (2.0 + ratio) * up + (1.0 + 2.0 * ratio) * down


def adiabatic_shares(
    energy: float, matter: np.ndarray, parameters: OscillationParameters, component: str = "8b"
) -> np.ndarray:
    """Return shares of mass eigenstates from all radii by diagonalisation, (3,)."""
    zone = solar_model().zone(component)
    electrons = zone.electrons_mol_per_cm3
    scale = 2.0 * SQRT2_GF * energy * electrons[:, None, None]
    h = vacuum(parameters) + scale * potential(matter, zone.neutrons_mol_per_cm3 / electrons)
    states = np.linalg.eigh(h).eigenvectors
    shares = np.empty(3)
    order = np.argsort([0.0, parameters.dm21_ev2, parameters.dm31_ev2])
    shares[order] = zone.weights @ np.abs(states[:, 0, :]) ** 2
    return shares


@numba.njit(cache=False)
def _along_chords(chords, energy, vacuum, first, second, radius, density, ratio, produced, steps):
    """Sum over chords: production-weighted |<level at the surface|U|nu_e>|^2, and the weight."""
    total, norm = np.zeros(3), 0.0
    outer = radius[-1]
    for c in range(chords.shape[1]):
        end = np.sqrt(outer**2 - chords[0, c] ** 2)
        step = 2.0 * end / steps
        arrived = np.zeros((3, 3), dtype=np.complex128)
        for i in range(steps):  # from the surface backwards: every point may be a starting point
            s = end - (i + 0.5) * step
            r = np.sqrt(chords[0, c] ** 2 + s * s)
            n, y = np.exp(np.interp(r, radius, density)), np.interp(r, radius, ratio)
            values, states = np.linalg.eigh(
                vacuum + 2.0 * SQRT2_GF * energy * n * (first + y * second)
            )
            if i == 0:
                arrived = np.conj(states.T).astype(np.complex128)
            half = np.exp(-0.5j * values * step * SOLAR_RADIUS_KM * PHASE / (2.0 * energy))
            unitary = (states * half) @ np.conj(states.T)
            arrived = arrived @ unitary
            weight = np.interp(r, radius, produced) * step * chords[1, c] * chords[0, c]
            norm += weight
            for k in range(3):
                total[k] += weight * np.abs(arrived[k, 0]) ** 2
            arrived = arrived @ unitary
    return total / norm


def integrated_shares(
    energy: float, matter: np.ndarray, parameters: OscillationParameters, chords: int = 40
) -> np.ndarray:
    """Return shares of mass eigenstates of 8B by integration, normal ordering, (3,).

    Straight ways through the Sun at `chords` distances from the centre, 4000 steps each, averaged
    over production in space; splines through the solar model.
    """
    sun = solar_model()
    radius = np.linspace(5e-4, 0.5, 4000)
    density = CubicSpline(sun.radius, np.log(sun.electrons_mol_per_cm3))(radius)
    ratio = CubicSpline(sun.radius, sun.neutrons_mol_per_cm3 / sun.electrons_mol_per_cm3)(radius)
    per_volume = sun.production["8b"][2:] / sun.radius[2:] ** 2
    produced = np.interp(radius, sun.radius[2:], per_volume)
    nodes, weights = np.polynomial.legendre.leggauss(chords)
    distances = np.stack([0.11 * (1.0 + nodes), 0.11 * weights])
    first = potential(matter, np.zeros(()))
    second = potential(matter, np.ones(())) - first
    return _along_chords(
        distances, energy, vacuum(parameters), first, second, radius, density, ratio, produced, 4000
    )


def earth_without_ocean(step_km: float) -> Earth:
    """Return PREM in steps, with the rock below the ocean up to the surface."""
    table = prem_table()
    ocean = table.radius_km >= 6368.0
    rock = np.flatnonzero(~ocean)[-1]
    tables = (table.electrons_mol_per_cm3, table.neutrons_mol_per_cm3)
    columns = [np.where(ocean, values[rock], values) for values in tables]
    return Earth(table.radius_km, *columns).refined(step_km)


@numba.njit(cache=False)
def _through(cosines, values, states, edges, energy, start):
    total = np.zeros((3, 3, 3), dtype=np.complex128)
    count = values.shape[0]
    for c in range(cosines.size):
        closest2 = edges[-1] ** 2 * (1.0 - cosines[c] ** 2)
        s = np.eye(3).astype(np.complex128)
        for j in range(2 * count):
            i = count - 1 - j if j < count else j - count
            if edges[i + 1] ** 2 <= closest2:
                continue
            inner = np.sqrt(max(edges[i] ** 2 - closest2, 0.0))
            length = np.sqrt(edges[i + 1] ** 2 - closest2) - inner
            turned = np.exp(-1j * values[i] * length * PHASE / (2.0 * energy))
            s = (states[i] * turned) @ (np.conj(states[i].T) @ s)
        s = s @ start
        for k in range(3):
            total[k] += np.outer(s[:, k], np.conj(s[:, k]))
    return total / cosines.size


def night_states(
    energy: float,
    matter: np.ndarray,
    parameters: OscillationParameters,
    cosines: np.ndarray,
    step_km: float = 100.0,
) -> np.ndarray:
    """Return the mean density matrix at the detector of each mass eigenstate, shape (3, 3, 3)."""
    earth = earth_without_ocean(step_km)
    thick = np.diff(earth.radius_km) > 0
    electrons, neutrons = (
        (0.5 * (c[1:] + c[:-1]))[thick]
        for c in (earth.electrons_mol_per_cm3, earth.neutrons_mol_per_cm3)
    )
    edges = np.concatenate([earth.radius_km[:1], earth.radius_km[1:][thick]])
    scale = 2.0 * SQRT2_GF * energy * electrons[:, None, None]
    h = vacuum(parameters) + scale * potential(matter, neutrons / electrons)
    values, states = np.linalg.eigh(h)
    return _through(np.asarray(cosines), values, states, edges, energy, parameters.mixing_matrix())


def sky(latitude_deg: float, count: int) -> np.ndarray:
    """Return cosines of the nadir angle of the nights of a year, in order of date and hour."""
    middle = (np.arange(count) + 0.5) / count
    sine = np.sin(np.deg2rad(23.44)) * np.sin(np.pi * (middle - 0.5))[:, None]
    latitude = np.deg2rad(latitude_deg)
    height = np.sin(latitude) * sine
    height = height + np.cos(latitude) * np.sqrt(1.0 - sine**2) * np.cos(np.pi * middle)
    return -height[height < 0]
