"""Natural isotopes of NUBASE2020 with the charge radii of Angeli and Marinova."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.wheels import Wheel

WHEEL = Wheel(
    "nucleardatapy", "1.0.2", "6d8f57cf056696f39ee45fe4d516bc4eae7a2461c9aba5d83c2012b499116d61"
)
NUBASE_FILE = "nucleardatapy/data/nuclei/masses/AME/2020_nubase_4.mas20.txt"
RADII_FILE = "nucleardatapy/data/nuclei/radch/2013-Angeli.csv"

NUBASE = "Kondev et al. (NUBASE2020), Chin. Phys. C 45 (2021) 030001"
ANGELI = "Angeli and Marinova, At. Data Nucl. Data Tables 99 (2013) 69"

COLUMNS = (
    *("symbol", "z", "a", "abundance", "atomic_mass_u"),
    *("spin_parity", "charge_radius_fm", "charge_radius_error_fm"),
)
#: keV: the energy of an atomic mass unit in the mass evaluation of 2020.
ATOMIC_MASS_UNIT_KEV = 931494.10242

_ABUNDANCE_TOLERANCE = 1e-4
_DIGITS_OF_MASS = 9
_ABUNDANCE = re.compile(r"IS=([\d.]+)")
_ELEMENT = re.compile(r"\d+([A-Z][a-z]?)")
_SPIN_PARITY = re.compile(r"\d+(/2)?[+-]")


type _Radii = dict[tuple[int, int], tuple[float, float]]


@dataclass(frozen=True)
class _Isotope:
    """A line of NUBASE that has an abundance; with radius and error in fm, if they are known."""

    symbol: str
    z: int
    a: int
    abundance: float
    mass_u: float
    spin_parity: str
    radius: tuple[float, float] | None

    def cells(self) -> tuple[str, ...]:
        numbers = f"{self.abundance:.10g}", f"{round(self.mass_u, _DIGITS_OF_MASS):.12g}"
        sizes = ("", "") if self.radius is None else (f"{size:g}" for size in self.radius)
        return (self.symbol, str(self.z), str(self.a), *numbers, self.spin_parity, *sizes)


def isotope_table(raw: RawFolder) -> str:
    """Return the CSV text of all isotopes with an abundance, by charge and mass number.

    The mass of the neutral atom in u is the mass number plus the mass excess over
    `ATOMIC_MASS_UNIT_KEV`; of Ta-180, which is natural as an isomer, that of the isomer.
    """
    radii = _radii(raw)
    found, totals = [], defaultdict[str, float](float)
    for line in raw.read_text(NUBASE_FILE, group="nubase_4.mas20.txt").splitlines():
        share = _ABUNDANCE.search(line)
        if line.startswith("#") or share is None:
            continue
        with raw.parsing(NUBASE_FILE, f"the columns that its head describes, found {line!r}"):
            isotope = _isotope(line, float(share[1]) / 100.0, radii)
        _check(raw, isotope)
        found.append(isotope)
        totals[isotope.symbol] += isotope.abundance
    raw.expect(NUBASE_FILE, bool(found), "isotopes with an abundance, found none")
    for symbol, total in totals.items():
        whole = abs(total - 1) <= _ABUNDANCE_TOLERANCE
        raw.expect(NUBASE_FILE, whole, f"abundances of {symbol} that sum to 1, found {total:.6g}")
    rows = [isotope.cells() for isotope in sorted(found, key=lambda one: (one.z, one.a))]
    return csv_text([f"{NUBASE}; radii: {ANGELI}; see REFERENCE."], COLUMNS, rows)


def _isotope(line: str, abundance: float, radii: _Radii) -> _Isotope:
    a, z = int(line[:3]), int(line[4:7])
    element = _ELEMENT.fullmatch(line[11:16].strip())
    if element is None:
        raise ValueError(f"no element in {line[11:16]!r}")
    mass_u = a + float(line[18:31]) / ATOMIC_MASS_UNIT_KEV
    spin = line[88:102].strip().rstrip("*")
    return _Isotope(element[1], z, a, abundance, mass_u, spin, radii.get((z, a)))


def _radii(raw: RawFolder) -> _Radii:
    """Return rms charge radius and its error in fm, by charge and mass number."""
    found = {}
    for line in raw.read_text(RADII_FILE, group="2013-Angeli.csv").splitlines():
        if line and not line.startswith("#"):
            with raw.parsing(
                RADII_FILE, f"z, symbol, n, a, a radius in fm, its error; found {line!r}"
            ):
                z, _, _, a, radius, error = line.split(",")[:6]
                found[int(z), int(a)] = (float(radius), float(error))
    return found


def _check(raw: RawFolder, isotope: _Isotope) -> None:
    found = ", ".join(isotope.cells())
    good = 0 < isotope.abundance <= 1 and abs(isotope.mass_u - isotope.a) < 1
    raw.expect(NUBASE_FILE, good, f"a mole fraction and a mass close to A, found {found}")
    good = _SPIN_PARITY.fullmatch(isotope.spin_parity) is not None
    raw.expect(NUBASE_FILE, good, f"a spin-parity such as 3/2+, found {found}")
    if isotope.radius is not None:
        radius, error = isotope.radius
        good = 0.8 < radius / isotope.a ** (1 / 3) < 1.8 and 0 < error < radius
        raw.expect(RADII_FILE, good, f"a radius in fm and its error, found {found}")
