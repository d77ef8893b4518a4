"""Regeneration in the Earth: solar mass eigenstates that cross it on their way up, at night.

Two flavours in shells; `night` averages them over the year for any couplings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.oscillation.couplings import NO_NSI, NsiCouplings
from bayes_cevns.physics.oscillation.matter import check_energies, hamiltonian_terms
from bayes_cevns.physics.oscillation.parameters import DEFAULT_MIXING, OscillationParameters
from bayes_cevns.storage.resources import data_file

#: Shells of constant density are at most so thick: P_night is then right to 1e-5.
_STEP_KM = 25.0

#: Phase in radians of L dm^2 / (4 E) for one km, eV^2 and 1/MeV.
_PHASE_PER_KM_EV2_PER_MEV = 1e-12 * 1e18 / const.HBARC_MEV_FM / 4.0


@dataclass(frozen=True, eq=False, repr=False)
class Earth(Displayed):
    """Matter along the radius of the Earth.

    Attributes
    ----------
    radius_km
        Increasing from 0 to the surface, shape (n,); twice the same where a density jumps.
    electrons_mol_per_cm3, neutrons_mol_per_cm3
        Densities in units of Avogadro's number, shape (n,), linear between the radii.
    """

    radius_km: Array
    electrons_mol_per_cm3: Array
    neutrons_mol_per_cm3: Array

    def refined(self, step_km: float) -> Earth:
        """Return the same Earth with shells that are no thicker than a step."""
        counts = np.ceil(np.diff(self.radius_km) / step_km).astype(int)
        index = np.arange(self.radius_km.size, dtype=float)
        position = [i + np.arange(max(n, 1)) / max(n, 1) for i, n in enumerate(counts)]
        fine = np.concatenate([*position, index[-1:]])
        columns = (self.radius_km, self.electrons_mol_per_cm3, self.neutrons_mol_per_cm3)
        return Earth(*(np.interp(fine, index, column) for column in columns))

    def path(self, cos_nadir: ArrayLike) -> tuple[Array, Array, Array]:
        """Return the way from the surface to the deepest point as shells of constant density.

        Parameters
        ----------
        cos_nadir
            Cosines of the nadir angle of the Sun, from 0 (horizon) to 1, shape (a,).

        Returns
        -------
        tuple of ndarray
            Lengths in km, shape (shells, a), zero for shells that are not reached, from the
            surface inwards; densities of electrons and of neutrons, the same shape, at the
            middle of each way. The way out is the same backwards.

        Raises
        ------
        ArgumentError
            If a cosine is not between 0 and 1.
        """
        cosine = np.atleast_1d(np.asarray(cos_nadir, dtype=float))
        if cosine.ndim > 1 or not np.all((cosine >= 0) & (cosine <= 1)):
            raise ArgumentError("expected a vector of cosines of the nadir angle from 0 to 1")
        closest2 = self.radius_km[-1] ** 2 * (1.0 - cosine**2)
        reached = np.sqrt(np.clip(self.radius_km[:, None] ** 2 - closest2, 0.0, None))
        outer, inner = reached[1:], reached[:-1]
        middle = np.sqrt(closest2 + (0.5 * (outer + inner)) ** 2)
        low, high = self.radius_km[:-1, None], self.radius_km[1:, None]
        width = np.where(high > low, high - low, 1.0)
        share = np.clip((middle - low) / width, 0.0, 1.0)

        def within(values: Array) -> Array:
            return np.asarray(values[:-1, None] * (1 - share) + values[1:, None] * share)

        electrons = within(self.electrons_mol_per_cm3)
        neutrons = within(self.neutrons_mol_per_cm3)
        return (outer - inner)[::-1], electrons[::-1], neutrons[::-1]


@cache
def prem_table() -> Earth:
    """Return the Preliminary Reference Earth Model as it is tabulated.

    References
    ----------
    Dziewonski and Anderson, Phys. Earth Planet. Inter. 25 (1981) 297.
    """
    lines = data_file("earth/prem.csv").read_text().splitlines()
    rows = [line for line in lines if line[:1].isdigit()]
    radius, density, fraction = np.loadtxt(rows, delimiter=",", unpack=True)
    return Earth(radius, density * fraction, density * (1.0 - fraction))


@cache
def prem() -> Earth:
    """Return the same in shells no thicker than 25 km: P_night is then right to 1e-5."""
    return prem_table().refined(_STEP_KM)


def first_state_to_electron(
    energy_mev: ArrayLike,
    cos_nadir: ArrayLike,
    *,
    parameters: OscillationParameters = DEFAULT_MIXING,
    couplings: NsiCouplings = NO_NSI,
    earth: Earth | None = None,
) -> Array:
    """Return the probability that nu_1, having crossed the Earth, is seen as nu_e.

    That of nu_2 is c13^2 less this one, that of nu_3 is s13^2 as in vacuum.

    Parameters
    ----------
    energy_mev
        Neutrino energies in MeV, > 0, shape (e,) or a scalar.
    cos_nadir
        Cosines of the nadir angle, from 0 to 1, shape (a,) or a scalar.
    parameters, couplings
        Mixing and non-standard interactions.
    earth
        The Earth; PREM by default.

    Returns
    -------
    ndarray
        Shape (e, a).

    Raises
    ------
    ArgumentError
        If an energy is not positive and finite, or a cosine not between 0 and 1.

    Notes
    -----
    The two-flavour Hamiltonian of `matter`, exponentiated shell by shell.
    """
    energy = np.atleast_1d(check_energies(energy_mev))
    lengths, electrons, neutrons = (earth or prem()).path(cos_nadir)
    shape = (energy.size, lengths.shape[1])
    x, s = hamiltonian_terms(energy, electrons.ravel(), neutrons.ravel(), parameters, couplings)
    x, s = x.reshape(energy.size, *lengths.shape), s.reshape(energy.size, *lengths.shape)
    size = np.sqrt(x**2 + np.abs(s) ** 2)
    angle = _PHASE_PER_KM_EV2_PER_MEV * lengths * size / energy[:, None, None]
    cosine, sine = np.cos(angle), np.sin(angle) / size
    # exp(-i H L) = ((alpha, beta), (-beta*, alpha*)).
    alpha, beta = cosine + 1j * sine * x, -1j * sine * s
    upper = np.full(shape, np.sqrt(1.0 - parameters.sin2_theta12), dtype=complex)
    lower = np.full(shape, -np.sqrt(parameters.sin2_theta12), dtype=complex)
    shells = range(lengths.shape[0])
    for i in (*shells, *reversed(shells)):
        a, b = alpha[:, i], beta[:, i]
        upper, lower = a * upper + b * lower, -b.conj() * upper + a.conj() * lower
    return np.asarray(parameters.cos2_theta13 * np.abs(upper) ** 2)
