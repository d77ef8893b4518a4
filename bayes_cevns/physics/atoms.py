"""Atomic electrons: binding energies, occupancies, and how many a recoil can free.

The step function counts whole electrons. It is known to be too high at low energies: many-body
theory (relativistic random-phase approximation, Chen et al., Phys. Lett. B 774 (2017) 656) finds
10 to 30% fewer solar-neutrino events on xenon: `bayes_cevns.physics.many_body` has their ratio.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.checks import numbers
from bayes_cevns.storage.resources import data_file

#: Where binding energies come from: measured ones for every element; Dirac-Hartree-Fock
#: energies of the free atom, as papers on xenon use them, for Xe, Ar, Ge and Si.
BINDING_ENERGIES = ("experiment", "hartree-fock")

_EV_PER_KEV = 1e3


@dataclass(frozen=True)
class Orbital:
    """A sub-shell of a neutral atom.

    Attributes
    ----------
    element
        Chemical symbol.
    z
        Proton number.
    shell, name
        Its names in X-ray and in spectroscopic notation, such as ``"L3"`` and ``"2p3/2"``.
    electrons
        Number of electrons in it.
    binding_ev
        Binding energies in eV, by their origin (`BINDING_ENERGIES`).
    """

    element: str
    z: int
    shell: str
    name: str
    electrons: int
    binding_ev: Mapping[str, float]


@cache
def _table() -> dict[str, tuple[Orbital, ...]]:
    table: dict[str, list[Orbital]] = {}
    with data_file("atoms/electrons.csv").open() as stream:
        for row in csv.DictReader(line for line in stream if not line.startswith("#")):
            columns = zip(BINDING_ENERGIES, ("experiment_ev", "hartree_fock_ev"), strict=True)
            orbital = Orbital(
                element=row["element"],
                z=int(row["z"]),
                shell=row["shell"],
                name=row["orbital"],
                electrons=int(row["electrons"]),
                binding_ev=MappingProxyType({k: float(row[c]) for k, c in columns if row[c]}),
            )
            table.setdefault(orbital.element, []).append(orbital)
    return {element: tuple(orbitals) for element, orbitals in table.items()}


def orbitals(element: str) -> tuple[Orbital, ...]:
    """Return the occupied sub-shells of a neutral atom, innermost first.

    Parameters
    ----------
    element
        Chemical symbol, of an element up to uranium.

    Raises
    ------
    UnknownNameError
        If the element is not in the table; the known ones are listed.

    References
    ----------
    See ``data/atoms/REFERENCE``.
    """
    table = _table()
    if element not in table:
        raise UnknownNameError("element with tabulated electrons", element, table)
    return table[element]


def electrons_above(
    recoil_energy_kev: ArrayLike,
    element: str,
    *,
    bound: bool = True,
    energies: str = "experiment",
) -> Array:
    """Return how many electrons of an atom a recoil of some energy can free.

    Parameters
    ----------
    recoil_energy_kev
        Energy T given to the electron, in keV, >= 0, any shape.
    element
        Chemical symbol. For a compound, add its elements atom by atom.
    bound
        Whether to sum over sub-shells with T >= B alone, or all Z electrons.
    energies
        Origin of the binding energies, one of `BINDING_ENERGIES`.

    Returns
    -------
    ndarray
        Number of electrons per atom, shape of `recoil_energy_kev`. It multiplies the cross
        section on one free electron.

    Raises
    ------
    UnknownNameError
        If the element, or the origin of the energies (for this element), is unknown.
    ArgumentError
        If an energy is negative or not finite.

    References
    ----------
    Step function: Chen et al., Phys. Lett. B 774 (2017) 656, arXiv:1610.04177; Majumdar,
    Papoulias and Srivastava, arXiv:2112.03309, eq. 25, whose factor 1/Z is not here: this is per
    atom.
    """
    energy = numbers(recoil_energy_kev, what="an electron recoil energy")
    if not np.all(np.isfinite(energy) & (energy >= 0)):
        raise ArgumentError("electron recoil energies must be finite and >= 0 keV")
    shells = orbitals(element)
    if energies not in shells[0].binding_ev:
        raise UnknownNameError(f"origin of {element}'s energies", energies, shells[0].binding_ev)
    if not bound:
        return np.full(energy.shape, float(shells[0].z))
    levels_ev = np.array([shell.binding_ev[energies] for shell in shells])
    order = np.argsort(levels_ev)
    occupied = np.array([shell.electrons for shell in shells], dtype=float)[order]
    counted = np.concatenate([[0.0], np.cumsum(occupied)])
    thresholds_kev = levels_ev[order] / _EV_PER_KEV
    return np.asarray(counted[np.searchsorted(thresholds_kev, energy, side="right")])
