"""Target materials as mixtures of their natural isotopes."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Final

from bayes_cevns.arguments import named
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, PlugInError, UnknownNameError, shown
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.formulas import MOST_ATOMS, atoms_of
from bayes_cevns.plug_ins import Catalogue, PlugIn
from bayes_cevns.storage.resources import data_file

GROUP = "bayes_cevns.targets"

#: Compounds that ``bayes-cevns list targets`` names as examples: any formula is a target.
COMPOUNDS: tuple[str, ...] = (
    *("CsI", "NaI", "CaWO4", "Al2O3", "CF3I", "C3F8", "CaF2"),
    *("ZnSe", "TeO2", "PbWO4", "LiF", "Bi4Ge3O12", "SiO2", "CH4"),
)


@dataclass(frozen=True)
class Isotope:
    """A nucleus with its share of a target.

    Attributes
    ----------
    symbol, z, a
        Element, proton number and mass number.
    abundance
        Number of atoms per atom of an element (the mole fraction in the natural element), or
        per formula unit of a compound.
    atomic_mass_u
        Mass of the neutral atom in atomic mass units (NUBASE2020).
    spin, parity
        Spin J of the ground state and its parity, +1 or -1 (NUBASE2020).
    charge_radius_fm, charge_radius_error_fm
        Rms charge radius and its uncertainty (Angeli and Marinova 2013); ``None`` if unknown.
    """

    symbol: str
    z: int
    a: int
    abundance: float
    atomic_mass_u: float
    spin: float = 0.0
    parity: int = 1
    charge_radius_fm: float | None = None
    charge_radius_error_fm: float | None = None

    @property
    def n(self) -> int:
        """Number of neutrons."""
        return self.a - self.z

    @property
    def label(self) -> str:
        """Name of the nucleus, such as ``"Xe-131"``."""
        return f"{self.symbol}-{self.a}"

    @property
    def mass_mev(self) -> float:
        """Nuclear mass: the atom less its electrons, whose binding (2e-6) is neglected."""
        return self.atomic_mass_u * const.ATOMIC_MASS_UNIT_MEV - self.z * const.ELECTRON_MASS_MEV


@dataclass(frozen=True, repr=False)
class Target(Displayed):
    """A natural element or a compound as a detector target.

    Attributes
    ----------
    name
        Chemical symbol or formula.
    isotopes
        Its stable isotopes. The abundances sum to one for an element and to the number of
        atoms per formula unit for a compound.

    Notes
    -----
    A rate per tonne is ``atoms_per_tonne * sum(i.abundance * rate_per_nucleus(i))`` for both.
    """

    name: str
    isotopes: tuple[Isotope, ...]

    def _rows(self) -> dict[str, object]:
        return {
            "isotopes": {i.label: i.abundance for i in self.isotopes},
            "mean atomic mass": f"{self.mean_atomic_mass_u:.5g} u",
        }

    @property
    def atoms_per_formula_unit(self) -> float:
        """Number of atoms in a formula unit; 1 for an element."""
        return sum(i.abundance for i in self.isotopes)

    @property
    def formula_mass_u(self) -> float:
        """Mass of a formula unit, the mean atomic mass of an element, in atomic mass units."""
        units = max(1, round(self.atoms_per_formula_unit))
        return self.mean_atomic_mass_u * units

    @property
    def mean_atomic_mass_u(self) -> float:
        """Abundance-weighted mass per atom, in atomic mass units."""
        total = self.atoms_per_formula_unit
        return sum(i.abundance * i.atomic_mass_u for i in self.isotopes) / total

    @property
    def atoms_per_tonne(self) -> float:
        """Number of atoms of an element, or of formula units of a compound, in a tonne."""
        return const.GRAMS_PER_TONNE / self.formula_mass_u * const.AVOGADRO_PER_MOL

    @property
    def mean_nuclear_mass_mev(self) -> float:
        """Abundance-weighted nuclear mass."""
        total = self.atoms_per_formula_unit
        return sum(i.abundance * i.mass_mev for i in self.isotopes) / total


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
                spin=float(Fraction(row["spin_parity"][:-1])),
                parity={"+": 1, "-": -1}[row["spin_parity"][-1]],
                charge_radius_fm=_number(row["charge_radius_fm"]),
                charge_radius_error_fm=_number(row["charge_radius_error_fm"]),
            )
            table.setdefault(isotope.symbol, []).append(isotope)
    return {symbol: tuple(isotopes) for symbol, isotopes in table.items()}


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def elements() -> tuple[str, ...]:
    """Return the symbols of the elements that have natural isotopes, by proton number."""
    return tuple(_isotope_table())


def target_names() -> tuple[str, ...]:
    """Return names of targets: natural elements, examples of compounds, and plug-ins."""
    return (*elements(), *COMPOUNDS, *MATERIALS)


def target(name: str) -> Target:
    """Return a natural element by its chemical symbol, or a compound by its formula.

    Parameters
    ----------
    name
        Chemical symbol or formula, such as ``"Xe"``, ``"CaWO4"`` or ``"(CH3)2CO"``; or the name of
        a target of a plug-in.

    Raises
    ------
    UnknownNameError
        If an element is not known; the known ones are listed.
    ArgumentError
        If it is no formula; the message says what is wrong at which character.

    Notes
    -----
    A recoil is that of one nucleus, so that molecules and crystals are the sum of their atoms.
    Hydrogen counts as any other nucleus, by its weak vector charge 1/2 - 2 sin^2(theta_W), whose
    square is 17 000 times less than that of carbon. Its axial charge, which dominates elastic
    scattering on free protons, is not in the channel ``"cevns"``, as that of other nuclei with
    spin is not; its electrons are in the channel ``"electron"``.

    References
    ----------
    Kondev et al., Chin. Phys. C 45 (2021) 030001 (NUBASE2020); Angeli and Marinova, At. Data
    Nucl. Data Tables 99 (2013) 69 (charge radii).

    Examples
    --------
    >>> [isotope.label for isotope in target("CsI").isotopes]
    ['Cs-133', 'I-127']
    >>> f"{target('CaWO4').formula_mass_u:.2f}"
    '287.92'
    """
    table = _isotope_table()
    if isinstance(name, str) and name in table:
        return Target(name=name, isotopes=table[name])
    if isinstance(name, str) and name in MATERIALS:
        return MATERIALS[name]
    try:
        atoms = atoms_of(name, table)
    except ArgumentError:
        if isinstance(name, str) and not name.isalpha():
            raise
        raise UnknownNameError("target", name, target_names()) from None
    isotopes = [
        replace(isotope, abundance=number * isotope.abundance)
        for element, number in atoms.items()
        for isotope in table[element]
    ]
    return Target(name=name, isotopes=tuple(isotopes))


def isotope(label: str) -> Isotope:
    """Return one natural isotope by its label.

    Parameters
    ----------
    label
        Symbol and mass number, such as ``"Xe-131"``.

    Raises
    ------
    UnknownNameError
        If the isotope is not in the table; the known ones are listed.
    """
    known = {each.label: each for isotopes in _isotope_table().values() for each in isotopes}
    return known[named(label, "isotope", known)]


def _material(plug_in: PlugIn) -> Target:
    """Return the target of a plug-in after checking it: a `Target` of the name of its entry point.

    Raises
    ------
    PlugInError
        If it is anything else, or its isotopes cannot be.
    """
    found, who = plug_in.offered, plug_in.origin
    if not isinstance(found, Target):
        raise PlugInError(f"{who} offers {shown(found)}, expected a Target")
    if found.name != plug_in.name or _is_formula(plug_in.name):
        raise PlugInError(
            f"{who}: expected the name of its entry point, {plug_in.name!r}, which is no formula, "
            f"got {shown(found.name)}"
        )
    if not isinstance(found.isotopes, tuple) or not found.isotopes:
        raise PlugInError(f"{who}: expected a tuple of isotopes, got {shown(found.isotopes)}")
    for one in found.isotopes:
        if not isinstance(one, Isotope):
            raise PlugInError(f"{who}: expected an Isotope, got {shown(one)}")
        if not (0 < one.z <= one.a and 0 < one.abundance <= MOST_ATOMS):
            raise PlugInError(f"{who}: {one.label} needs 0 < z <= a and 0 < abundance")
        if not abs(one.atomic_mass_u - one.a) < 1:
            raise PlugInError(
                f"{who}: expected a mass close to {one.a} u of {one.label}, got {one.atomic_mass_u}"
            )
    return found


def _is_formula(name: str) -> bool:
    try:
        return bool(atoms_of(name, _isotope_table()))
    except (ArgumentError, UnknownNameError):
        return False


#: Targets of plug-ins (entry points ``bayes_cevns.targets``) by name, such as enriched materials.
MATERIALS: Final = Catalogue[Target]({}, what="target", group=GROUP, check=_material)
