"""Chemical formulas: how many atoms of each element are in a formula unit."""

from __future__ import annotations

import re
from collections.abc import Collection

from bayes_cevns.errors import ArgumentError, UnknownNameError, shown

#: Limits of what is taken for a formula: crystals and molecules of detectors are far below them.
LONGEST, MOST_ATOMS = 100, 1000

_ELEMENT = re.compile(r"[A-Z][a-z]?")
_COUNT = re.compile("[0-9]*")
_OPENING, _CLOSING = "([", {")": "(", "]": "["}


def atoms_of(formula: str, known: Collection[str]) -> dict[str, int]:
    """Return how many atoms of each element are in a formula unit.

    Parameters
    ----------
    formula
        Elements and whole numbers, with parentheses around groups: ``"CaWO4"``, ``"(CH3)2CO"``.
    known
        Symbols of the elements that there are.

    Returns
    -------
    dict
        Element -> number of atoms, in the order in which they come first.

    Raises
    ------
    ArgumentError
        If it is no formula; the message says what is wrong at which character.
    UnknownNameError
        If an element is not known.

    Examples
    --------
    >>> atoms_of("(CH3)2CO", ["C", "H", "O"])
    {'C': 3, 'H': 6, 'O': 1}
    """
    if not isinstance(formula, str) or not 0 < len(formula) <= LONGEST:
        raise ArgumentError(
            f"expected a chemical formula of at most {LONGEST} characters, such as 'CaWO4', got "
            f"{shown(formula)}"
        )
    groups: list[tuple[str, int, dict[str, int]]] = [("", 0, {})]  # how it opens, where, its atoms
    place = 0
    while place < len(formula):
        sign = formula[place]
        if sign in _OPENING:
            groups.append((sign, place, {}))
            place += 1
            continue
        if sign in _CLOSING:
            opened, _, part = groups.pop()
            if opened != _CLOSING[sign]:
                raise _wrong(formula, place, f"{sign!r} closes no {_CLOSING[sign]!r}")
            if not part:
                raise _wrong(formula, place, "nothing is in the parentheses")
            place += 1
        elif found := _ELEMENT.match(formula, place):
            part = {_known(formula, place, found[0], known): 1}
            place = found.end()
        else:
            raise _wrong(formula, place, "expected an element, such as Ca")
        times, place = _count(formula, place)
        for element, number in part.items():
            atoms = groups[-1][2]
            atoms[element] = atoms.get(element, 0) + times * number
    if len(groups) > 1:
        raise _wrong(formula, groups[-1][1], f"{groups[-1][0]!r} is not closed")
    atoms = groups[0][2]
    if sum(atoms.values()) > MOST_ATOMS:
        raise ArgumentError(f"formula {shown(formula)}: more than {MOST_ATOMS} atoms")
    return atoms


def _known(formula: str, place: int, symbol: str, known: Collection[str]) -> str:
    if symbol not in known:
        where = f" (formula {shown(formula)}, character {place + 1})" if formula != symbol else ""
        raise UnknownNameError(f"element{where}", symbol, known)
    return symbol


def _count(formula: str, place: int) -> tuple[int, int]:
    """Return the number that stands at a place, 1 if there is none, and where it ends."""
    found = _COUNT.match(formula, place)
    assert found is not None, "nothing is a number of no digits"
    if not found[0]:
        return 1, place
    if found[0].startswith("0") or len(found[0]) > len(str(MOST_ATOMS)):
        raise _wrong(formula, place, f"expected a number from 1 to {MOST_ATOMS}, got {found[0]}")
    return int(found[0]), found.end()


def _wrong(formula: str, place: int, problem: str) -> ArgumentError:
    return ArgumentError(f"formula {shown(formula)}, character {place + 1}: {problem}")
