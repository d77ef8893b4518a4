"""Energies and masses in words: a number, or a number with a unit, such as ``100keV``."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

#: Unit -> its power of ten of eV. Case matters: meV is not MeV.
UNITS: Final = {"meV": -3, "eV": 0, "keV": 3, "MeV": 6, "GeV": 9, "TeV": 12}

_WORD = re.compile(r"(.*?)\s*([A-Za-z]*eV)$", re.IGNORECASE)


def in_unit(word: str, unit: str) -> float:
    """Return an energy in a unit.

    The number is scaled as a decimal, so that ``100keV`` in MeV is the same number as ``0.1``.

    Parameters
    ----------
    word
        A number in that unit, or with one of `UNITS` behind it.
    unit
        One of `UNITS`.

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> in_unit("1GeV", "MeV"), in_unit("100 keV", "MeV"), in_unit("0.3", "keV")
    (1000.0, 0.1, 0.3)
    """
    found = _WORD.fullmatch(word.strip())
    if found is None:
        return float(word)
    number, own = found.groups()
    if own not in UNITS:
        raise ValueError(f"{own!r} is no unit")
    try:
        return float(Decimal(number).scaleb(UNITS[own] - UNITS[unit]))
    except InvalidOperation:
        raise ValueError(f"{number!r} is no number") from None
