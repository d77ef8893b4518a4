"""Migdal effect: the probability that a nuclear recoil ejects an atomic electron.

The tables of Ibe et al. are for isolated atoms. Excitation to bound states is not in them, and
the outermost shell (5p of Xe, 3p of Ar, ...) is that of a gas, not of a liquid or a crystal.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, TableError, UnknownNameError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.checks import numbers
from bayes_cevns.storage.resources import data_file

_EV_PER_KEV = 1e3
_EV_PER_MEV = 1e6


@dataclass(frozen=True, eq=False, repr=False)
class Shell(Displayed):
    """One shell nl of an atom and the electrons it may lose.

    Attributes
    ----------
    element, name
        Chemical symbol, and the shell in spectroscopic notation, such as ``"4d"``.
    binding_kev
        Binding energy |E_nl| in keV, released with the electron's kinetic energy.
    electron_energy_kev
        Kinetic energies of the table, equally spaced in their logarithm, shape (n,).
    density_per_ev
        dp/dE_e at q_e = 1 eV, in 1/eV, summed over the electrons of the shell, shape (n,).
    """

    element: str
    name: str
    binding_kev: float
    electron_energy_kev: Array
    density_per_ev: Array

    @property
    def maximum_kev(self) -> float:
        """Largest tabulated kinetic energy."""
        return float(self.electron_energy_kev[-1])

    def density(self, electron_energy_kev: ArrayLike) -> Array:
        """Return dp/dE_e in 1/eV at the reference q_e = 1 eV.

        Parameters
        ----------
        electron_energy_kev
            Kinetic energies E_e >= 0 of the ejected electron in keV, any shape.

        Returns
        -------
        ndarray
            Shape of `electron_energy_kev`: linear in log-log between the points of the table.

        Raises
        ------
        TableError
            If an energy is above the table (70 keV, for Si 20 keV), where nothing is known.
        ArgumentError
            If an energy is negative or not finite.

        Notes
        -----
        Below its first point, 1 eV, the table is continued by its first value. An electron
        that leaves a positive ion has a finite probability density at threshold (its wave
        function near the ion no longer depends on its small energy), so that this continuation
        is the physical one, and zero would take away a quarter of the 5p electrons of xenon. It
        matters only within 1 eV of the binding energies, which no detector resolves.
        """
        energy = numbers(electron_energy_kev, what="an energy of a Migdal electron")
        if not np.all(np.isfinite(energy) & (energy >= 0)):
            raise ArgumentError("energies of Migdal electrons must be finite and >= 0 keV")
        if energy.size and energy.max() > self.maximum_kev * (1 + 1e-12):
            raise TableError(
                f"a Migdal electron of {energy.max():g} keV from {self.element} {self.name} is "
                f"above the table, which ends at {self.maximum_kev:g} keV: ask for less"
            )
        clipped = np.clip(energy, self.electron_energy_kev[0], self.maximum_kev)
        logs = np.log(self.electron_energy_kev), np.log(self.density_per_ev)
        return np.asarray(np.exp(np.interp(np.log(clipped), *logs)))


@cache
def _table() -> dict[str, dict[str, Shell]]:
    binding: dict[str, dict[str, float]] = {}
    with data_file("migdal/shells.csv").open() as stream:
        for row in csv.DictReader(line for line in stream if not line.startswith("#")):
            binding.setdefault(row["element"], {})[row["shell"]] = float(row["ev"]) / _EV_PER_KEV
    return {element: _shells_of(element, energies) for element, energies in binding.items()}


def _shells_of(element: str, binding_kev: dict[str, float]) -> dict[str, Shell]:
    with data_file(f"migdal/{element.lower()}.csv").open() as stream:
        head, *rows = [line for line in stream if not line.startswith("#")]
    names = head.strip().split(",")[1:]
    energy, *densities = np.loadtxt(rows, delimiter=",", unpack=True)
    return {
        name: Shell(element, name, binding_kev[name], energy / _EV_PER_KEV, density)
        for name, density in zip(names, densities, strict=True)
    }


def elements() -> tuple[str, ...]:
    """Return the elements that have Migdal probabilities."""
    return tuple(_table())


def shells(element: str) -> tuple[Shell, ...]:
    """Return the shells of an element with their Migdal probabilities, innermost first.

    Parameters
    ----------
    element
        Chemical symbol: Xe, Ar, Ge or Si.

    Raises
    ------
    UnknownNameError
        If the element has no tabulated probabilities; the known ones are listed.

    References
    ----------
    Ibe, Nakano, Shoji and Suzuki, JHEP 03 (2018) 194, arXiv:1707.07258.
    """
    table = _table()
    if element not in table:
        raise UnknownNameError("element with Migdal probabilities", element, table)
    return tuple(table[element].values())


def shell(element: str, name: str) -> Shell:
    """Return one shell of an element.

    Raises
    ------
    UnknownNameError
        If the element or the shell is not known; the known ones are listed.
    """
    known = {each.name: each for each in shells(element)}
    if name not in known:
        raise UnknownNameError(f"shell of {element}", name, known)
    return known[name]


def electron_momentum_squared_ev2(
    recoil_energy_kev: ArrayLike, nuclear_mass_mev: ArrayLike
) -> Array:
    """Return q_e^2 = m_e^2 2 T / m_N in eV^2, the square of m_e times the nuclear velocity."""
    recoil_mev = np.asarray(recoil_energy_kev, dtype=float) / const.KEV_PER_MEV
    electron_mass_ev = const.ELECTRON_MASS_MEV * _EV_PER_MEV
    return np.asarray(electron_mass_ev**2 * 2.0 * recoil_mev / np.asarray(nuclear_mass_mev))


def probability(
    element: str,
    name: str,
    electron_energy_kev: ArrayLike,
    recoil_energy_kev: ArrayLike,
    nuclear_mass_mev: float,
) -> Array:
    """Return the probability density that a recoil ejects an electron from a shell.

    Parameters
    ----------
    element, name
        Chemical symbol and shell, such as ``"Xe"`` and ``"4d"``.
    electron_energy_kev
        Kinetic energy E_e of the electron in keV, >= 0.
    recoil_energy_kev
        Nuclear recoil energy T in keV, >= 0; broadcasts with `electron_energy_kev`.
    nuclear_mass_mev
        Nuclear mass m_N in MeV.

    Returns
    -------
    ndarray
        dP/dE_e in 1/keV, for all electrons of the shell together.

    Raises
    ------
    UnknownNameError, TableError, ArgumentError
        As `shell` and `Shell.density`; or if a recoil is negative or the mass not positive.

    Notes
    -----
    dP/dE_e = (1/2 pi) (q_e / 1 eV)^2 dp/dE_e with q_e = m_e sqrt(2 T / m_N): the first order in
    the nuclear velocity. It is not a small number for fast nuclei (0.08 for 5p of xenon at
    1e-3 c, about 60 keV), where higher orders begin to count.

    References
    ----------
    Ibe et al., JHEP 03 (2018) 194, arXiv:1707.07258, with its ancillary files at q_e = 1 eV.
    """
    recoil = numbers(recoil_energy_kev, what="a nuclear recoil energy")
    if not np.all(np.isfinite(recoil) & (recoil >= 0)):
        raise ArgumentError("nuclear recoil energies must be finite and >= 0 keV")
    if not (np.isfinite(nuclear_mass_mev) and nuclear_mass_mev > 0):
        raise ArgumentError(f"a nuclear mass must be > 0 MeV, got {nuclear_mass_mev}")
    momentum = electron_momentum_squared_ev2(recoil, nuclear_mass_mev)
    density = shell(element, name).density(electron_energy_kev)
    return np.asarray(_EV_PER_KEV / (2.0 * np.pi) * momentum * density)
