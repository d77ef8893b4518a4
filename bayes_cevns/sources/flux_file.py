"""A flux of one's own: a CSV file that says its units and its flavours.

Comments of the form ``# key = value`` come first, then column names, then rows of numbers::

    # energy_unit = MeV
    # flux_unit = 1/(cm2 s MeV)
    # name = my-reactor
    # cite = Mention:2011rk
    energy,anti_nu_e
    0.1,5.2e12
    0.2,6.0e12

``energy_unit`` (eV, keV, MeV or GeV) and ``flux_unit`` (per cm2 or m2; s, d or yr; and an energy)
are required; the other keys are not. Columns other than ``energy`` are called as the flavours of
neutrinos. A ``flux_unit`` without an energy, such as ``1/(cm2 s)``, makes each row a line, that is
neutrinos of this energy alone. Other comments have no equals sign after their first word.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Final, NoReturn

import numpy as np

from bayes_cevns.errors import ArgumentError, UnknownNameError, shown
from bayes_cevns.physics.constants import SECONDS_PER_YEAR
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.sources.line import Line
from bayes_cevns.sources.source import Flux, Source, SourceFile
from bayes_cevns.sources.spectrum import Spectrum

SUFFIX: Final = ".csv"
ENERGY: Final = "energy"
KEYS: Final = ("energy_unit", "flux_unit", "name", "cite")

_ENERGY_MEV: Final = {"eV": 1e-6, "keV": 1e-3, "MeV": 1.0, "GeV": 1e3}
_AREA_CM2: Final = {"cm2": 1.0, "m2": 1e4}
_TIME_S: Final = {"s": 1.0, "d": 86400.0, "yr": SECONDS_PER_YEAR}

#: Of what one reads: the tables of this package have some thousands of rows.
_LARGEST_BYTES: Final = 10_000_000
_KEY: Final = re.compile(r"#\s*(\w+)\s*=\s*(.*)")
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,59}")


def is_flux_file(name: object) -> bool:
    """Return whether something is the path of a flux, and not the name of a source."""
    text = fspath(name) if isinstance(name, str | PathLike) else None
    return isinstance(text, str) and text.endswith(SUFFIX) and "\0" not in text


def read_flux(path: Path) -> Source:
    """Return the source that a CSV file holds; see the module for what is in it.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Source
        Called as the file, or as its key ``name``; fluxes in 1/(cm^2 s MeV), linear between the
        energies and zero beyond, or lines.

    Raises
    ------
    ArgumentError, UnknownNameError
        If it cannot be read, lacks a unit, has an unknown key, unit or flavour, or a cell that is
        no number >= 0; the message names file, line, and key or column.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ArgumentError(f"{path} is larger than {_LARGEST_BYTES} bytes: thin out its rows")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ArgumentError(f"cannot read the flux {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ArgumentError(f"{path}: expected a CSV file in UTF-8, found other bytes") from None
    return parsed_flux(path, text)


def parsed_flux(path: Path, text: str) -> Source:
    """Return the source of a file that was read; otherwise as `read_flux`."""
    return _Reading(path, text).source()


def with_name(text: str, name: str) -> str:
    """Return the text of a flux that says its name, for a copy in a file of another name."""
    said = any(
        (found := _KEY.match(line.strip())) and found[1] == "name" for line in text.splitlines()
    )
    return text if said else f"# name = {name}\n{text}"


@dataclass
class _Reading:
    """A file that is being read."""

    path: Path
    text: str

    def wrong(self, line: int, key: str, problem: str) -> NoReturn:
        raise ArgumentError(f"{self.path}, line {line}, {key}: {problem}")

    def source(self) -> Source:
        keys, rows = self._split()
        values = {key: value for key, (_, value) in keys.items()}
        name = values.get("name", self.path.stem)
        if not _NAME.fullmatch(name):
            problem = f"expected letters, digits and _ . + -, got {shown(name)}"
            self.wrong(keys.get("name", (1, ""))[0], "name", f"{problem}: give a '# name = ...'")
        cite = tuple(re.findall(r"[^\s,\"'\[\]]+", values.get("cite", "")))
        energy_mev = self._energy_unit(keys)
        factor, is_line = self._flux_unit(keys)
        columns, table = self._table(rows)
        if not is_line:
            self._check_spectrum(rows, table[:, 0])
        elif not table[:, 0].all():
            line = rows[1 + int(np.argmin(table[:, 0]))][0]
            self.wrong(line, ENERGY, "the energy of a line must be > 0")
        if not table[:, 1:].any():
            self.wrong(rows[0][0], columns[1], "every flux is zero: nothing would be seen")
        energies = table[:, 0] * energy_mev
        fluxes: dict[str, tuple[Flux, ...]] = {}
        for flavour, column in zip(columns[1:], table.T[1:] * factor, strict=True):
            fluxes[flavour] = (
                _lines(name, energies, column) if is_line else (Spectrum(name, energies, column),)
            )
        return Source(name, fluxes, cite, file=SourceFile(self.path.resolve(), self.text))

    def _split(self) -> tuple[dict[str, tuple[int, str]], list[tuple[int, str]]]:
        """Return key -> (line, value) of the comments, and the other lines with their numbers."""
        keys: dict[str, tuple[int, str]] = {}
        rows = []
        for number, line in enumerate(self.text.splitlines(), start=1):
            stripped = line.strip()
            if not stripped:
                continue
            if not stripped.startswith("#"):
                rows.append((number, stripped))
                continue
            found = _KEY.match(stripped)
            if found is None:
                continue
            key, value = found[1], found[2].strip().strip("\"'")
            if key not in KEYS:
                raise UnknownNameError(f"key in {self.path}, line {number}:", key, KEYS)
            if key in keys:
                self.wrong(number, key, f"is given twice, first on line {keys[key][0]}")
            keys[key] = (number, value)
        return keys, rows

    def _energy_unit(self, keys: dict[str, tuple[int, str]]) -> float:
        line, unit = self._required(keys, "energy_unit", "MeV")
        if unit not in _ENERGY_MEV:
            self.wrong(line, "energy_unit", f"expected {', '.join(_ENERGY_MEV)}, got {shown(unit)}")
        return _ENERGY_MEV[unit]

    def _flux_unit(self, keys: dict[str, tuple[int, str]]) -> tuple[float, bool]:
        """Return the flux in 1/(cm2 s MeV), or in 1/(cm2 s) for lines, and whether they are."""
        line, unit = self._required(keys, "flux_unit", "1/(cm2 s MeV)")
        factor, missing = 1.0, {"area": _AREA_CM2, "time": _TIME_S, "energy": _ENERGY_MEV}
        for part in _per(unit):
            kind = next((kind for kind, known in missing.items() if part in known), None)
            if kind is None:
                self.wrong(line, "flux_unit", self._expected_unit(unit))
            factor /= missing.pop(kind)[part]
        if not set(missing) <= {"energy"}:
            self.wrong(line, "flux_unit", self._expected_unit(unit))
        return factor, bool(missing)

    @staticmethod
    def _expected_unit(unit: str) -> str:
        return (
            f"expected an area ({', '.join(_AREA_CM2)}), a time ({', '.join(_TIME_S)}) and, unless "
            f"the rows are lines, an energy ({', '.join(_ENERGY_MEV)}), such as 1/(cm2 s MeV), got "
            f"{shown(unit)}"
        )

    def _required(self, keys: dict[str, tuple[int, str]], key: str, such: str) -> tuple[int, str]:
        if key not in keys:
            self.wrong(1, key, f"not said: expected a comment '# {key} = {such}' above the table")
        return keys[key]

    def _table(self, rows: list[tuple[int, str]]) -> tuple[list[str], np.ndarray]:
        if not rows:
            self.wrong(
                1, ENERGY, f"no table: expected column names such as {ENERGY},nu_e, and rows"
            )
        line, head = rows[0]
        columns = [cell.strip().strip('"') for cell in head.split(",")]
        if columns[0] != ENERGY:
            self.wrong(line, columns[0], f"the first column must be {ENERGY!r}, then flavours")
        if len(columns) == 1:
            self.wrong(line, ENERGY, f"no flavour: expected columns such as {FLAVOURS[0]}")
        for column in columns[1:]:
            if column not in FLAVOURS:
                what = f"flavour (column of {self.path}, line {line})"
                raise UnknownNameError(what, column, FLAVOURS)
            if columns.count(column) > 1:
                self.wrong(line, column, "there are two columns of this name")
        if len(rows) == 1:
            self.wrong(line, ENERGY, "expected rows of numbers below the names")
        return columns, np.array([self._row(number, text, columns) for number, text in rows[1:]])

    def _row(self, number: int, text: str, columns: list[str]) -> list[float]:
        cells = text.split(",")
        if len(cells) != len(columns):
            self.wrong(number, ENERGY, f"expected {len(columns)} cells, got {len(cells)}")
        values = []
        for column, cell in zip(columns, cells, strict=True):
            try:
                value = float(cell)
            except ValueError:
                self.wrong(number, column, f"expected a number, got {shown(cell.strip())}")
            if not 0.0 <= value < math.inf:
                self.wrong(number, column, f"expected a finite number >= 0, got {cell.strip()}")
            values.append(value)
        return values

    def _check_spectrum(self, rows: list[tuple[int, str]], energies: np.ndarray) -> None:
        if energies.size == 1:
            self.wrong(rows[1][0], ENERGY, "one row is no spectrum: for a line give 1/(cm2 s)")
        wrong = np.flatnonzero(np.diff(energies) <= 0)
        if wrong.size:
            number = rows[2 + int(wrong[0])][0]
            self.wrong(number, ENERGY, "energies must increase from row to row")


def _per(unit: str) -> list[str]:
    """Return what a flux is per: ``["cm2", "s", "MeV"]`` of 1/(cm2 s MeV) and other spellings."""
    text = re.sub(r"\^|\*\*|[{}$]", "", unit).replace("*", " ").replace("·", " ").strip()
    if (grouped := re.fullmatch(r"1?\s*/\s*\((.*)\)", text)) is not None:
        return grouped[1].replace("/", " ").split()
    if (listed := re.fullmatch(r"1?\s*/(.*)", text)) is not None:
        return [part.strip() for part in listed[1].split("/")]
    parts = [re.fullmatch(r"([A-Za-z]+)-([12])", part) for part in text.split()]
    return ["" if p is None else p[1] + ("2" if p[2] == "2" else "") for p in parts]


def _lines(name: str, energies_mev: np.ndarray, fluxes: np.ndarray) -> tuple[Flux, ...]:
    return tuple(
        Line(name, float(energy), float(flux))
        for energy, flux in zip(energies_mev, fluxes, strict=True)
    )
