"""Target materials as mixtures of their natural isotopes."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics import constants as const
from bayes_cevns.resources import data_file


@dataclass(frozen=True)
class Isotope:
    """A nucleus with its share of the natural element.

    Attributes
    ----------
    symbol, z, a
        Element, proton number and mass number.
    abundance
        Mole fraction in the natural element.
    atomic_mass_u
        Mass of the neutral atom in atomic mass units (NUBASE2020).
    """

    symbol: str
    z: int
    a: int
    abundance: float
    atomic_mass_u: float

    @property
    def n(self) -> int:
        """Number of neutrons."""
        return self.a - self.z

    @property
    def mass_mev(self) -> float:
        """Nuclear mass: the atom less its electrons, whose binding (2e-6) is neglected."""
        return self.atomic_mass_u * const.ATOMIC_MASS_UNIT_MEV - self.z * const.ELECTRON_MASS_MEV


@dataclass(frozen=True)
class Target:
    """A natural element as a detector target.

    Attributes
    ----------
    name
        Chemical symbol.
    isotopes
        Its stable isotopes; the abundances sum to one.
    """

    name: str
    isotopes: tuple[Isotope, ...]

    @property
    def mean_atomic_mass_u(self) -> float:
        """Abundance-weighted atomic mass, in atomic mass units."""
        total = sum(i.abundance for i in self.isotopes)
        return sum(i.abundance * i.atomic_mass_u for i in self.isotopes) / total

    @property
    def atoms_per_tonne(self) -> float:
        """Number of atoms in a tonne of the natural element."""
        return const.GRAMS_PER_TONNE / self.mean_atomic_mass_u * const.AVOGADRO_PER_MOL

    @property
    def mean_nuclear_mass_mev(self) -> float:
        """Abundance-weighted nuclear mass."""
        return sum(i.abundance * i.mass_mev for i in self.isotopes)


@cache
def _isotope_table() -> dict[str, tuple[Isotope, ...]]:
    table: dict[str, list[Isotope]] = {}
    with data_file("nuclei/isotopes.csv").open() as stream:
        rows = csv.DictReader(line for line in stream if not line.startswith("#"))
        for row in rows:
            isotope = Isotope(
                symbol=row["symbol"],
                z=int(row["z"]),
                a=int(row["a"]),
                abundance=float(row["abundance"]),
                atomic_mass_u=float(row["atomic_mass_u"]),
            )
            table.setdefault(isotope.symbol, []).append(isotope)
    return {symbol: tuple(isotopes) for symbol, isotopes in table.items()}


def target(name: str) -> Target:
    """Return a natural element by its chemical symbol.

    Parameters
    ----------
    name
        Chemical symbol, such as ``"Xe"``.

    Raises
    ------
    UnknownNameError
        If the element is not in the isotope table; the known ones are listed.

    References
    ----------
    Kondev et al., Chin. Phys. C 45 (2021) 030001 (NUBASE2020).
    """
    table = _isotope_table()
    if name not in table:
        raise UnknownNameError("target", name, table)
    return Target(name=name, isotopes=table[name])
