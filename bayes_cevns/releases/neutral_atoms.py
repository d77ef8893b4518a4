"""Sub-shells of neutral atoms from two databases: who is where, and how strongly bound."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.wheels import Wheel

#: Binding energies of Elam et al. and the X-ray Data Booklet.
XRAYDB = Wheel(
    "xraydb", "4.5.8", "2215baafa6a03d00d0254a94525aafc6493c8c285e4ac4477fbd6271b25e6a51"
)
#: Configurations of the ground states and first ionisation energies.
MENDELEEV = Wheel(
    "mendeleev", "1.3.0", "76f415767b654634e51dead755513ef431abf200e892eab8468aa659ff218d1c"
)
LEVELS_FILE, ELEMENTS_FILE = "xraydb/xraydb.sqlite", "mendeleev/elements.db"

#: The last element: that of the heaviest natural isotopes.
LAST_Z = 92

_LETTERS = "spdf"
_PART = re.compile(r"(\d)([spdf])(\d*)")


@dataclass(frozen=True)
class Shell:
    """An occupied sub-shell of a neutral atom.

    Attributes
    ----------
    element, z
        The atom.
    shell, orbital
        Its names, such as ``"L3"`` and ``"2p3/2"``.
    electrons
        Number of electrons.
    binding_ev
        Measured binding energy; the first ionisation energy where none is tabulated.
    """

    element: str
    z: int
    shell: str
    orbital: str
    electrons: int
    binding_ev: str


def neutral_atoms(levels: RawFolder, elements: RawFolder) -> dict[str, tuple[Shell, ...]]:
    """Return the occupied sub-shells of the elements up to uranium, innermost first.

    The electrons of an open shell nl fill j = l - 1/2 first.
    """
    bound: dict[tuple[str, str], float] = {}
    with _database(levels, LEVELS_FILE, "binding energies") as rows:
        query = "select element, iupac_symbol, absorption_edge from xray_levels"
        bound = {(str(e), str(shell)): float(edge) for e, shell, edge in rows.execute(query)}
    configurations, first = {}, {}
    with _database(elements, ELEMENTS_FILE, "configurations and ionisation energies") as rows:
        query = "select symbol, atomic_number, electronic_configuration from elements"
        for symbol, z, text in rows.execute(query):
            configurations[str(symbol)] = (int(z), str(text))
        query = "select atomic_number, ionization_energy from ionizationenergies where ion_charge=0"
        first = {int(z): float(energy) for z, energy in rows.execute(query) if energy is not None}
    found = {}
    for symbol, (z, _) in sorted(configurations.items(), key=lambda item: item[1][0]):
        if z > LAST_Z:
            continue
        with elements.parsing(ELEMENTS_FILE, f"the ground state of {symbol}"):
            occupied = _occupied(symbol, configurations)
            shells = [
                Shell(symbol, z, name, orbital, electrons, _energy(bound, symbol, name, first[z]))
                for name, orbital, electrons in occupied
            ]
        total = sum(shell.electrons for shell in shells)
        what = f"occupancies of {symbol} that sum to {z}, found {total}"
        elements.expect(ELEMENTS_FILE, total == z, what)
        found[symbol] = tuple(shells)
    elements.expect(ELEMENTS_FILE, bool(found), "elements, found none")
    return found


def _energy(bound: dict[tuple[str, str], float], symbol: str, shell: str, first: float) -> str:
    energy = bound.get((symbol, shell), round(first, 3))
    if energy <= 0:
        raise ValueError(f"a binding energy of {energy} eV")
    return f"{energy:.10g}"


def _occupied(
    symbol: str, configurations: dict[str, tuple[int, str]]
) -> list[tuple[str, str, int]]:
    """Return (X-ray name, orbital, electrons) of the sub-shells, by n, l and j."""
    numbers: dict[tuple[int, int], int] = {}
    _add(configurations[symbol][1], configurations, numbers)
    found = []
    for (n, angular), electrons in sorted(numbers.items()):
        shell = "KLMNOPQ"[n - 1]
        lower = min(electrons, 2 * angular)
        if angular == 0:
            found.append((shell if n == 1 else f"{shell}1", f"{n}s", electrons))
            continue
        letter = _LETTERS[angular]
        found.append((f"{shell}{2 * angular}", f"{n}{letter}{2 * angular - 1}/2", lower))
        if electrons > lower:
            upper = electrons - lower
            found.append((f"{shell}{2 * angular + 1}", f"{n}{letter}{2 * angular + 1}/2", upper))
    return found


def _add(
    text: str, configurations: dict[str, tuple[int, str]], numbers: dict[tuple[int, int], int]
) -> None:
    """Add the electrons of a configuration such as ``[Xe] 4f14 5d4 6s2``."""
    for word in text.split():
        if word.startswith("["):
            _add(configurations[word.strip("[]")][1], configurations, numbers)
            continue
        part = _PART.fullmatch(word)
        if part is None:
            raise ValueError(f"{word!r} in {text!r}")
        key = int(part[1]), _LETTERS.index(part[2])
        numbers[key] = numbers.get(key, 0) + int(part[3] or 1)


@contextmanager
def _database(raw: RawFolder, relative: str, what: str) -> Iterator[sqlite3.Connection]:
    content = raw.read(relative, group=relative)
    with (
        raw.parsing(relative, what, sqlite3.Error),
        closing(sqlite3.connect(":memory:")) as rows,
    ):
        rows.deserialize(content)
        yield rows
