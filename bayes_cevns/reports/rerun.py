"""A run once more, and whether its digits are the same: `bayes-cevns rerun FOLDER`."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bayes_cevns.arguments import out_folder, path_of
from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, DataError, OutputError
from bayes_cevns.progress.choice import Progress, checked_progress
from bayes_cevns.reports.tables import Rows, parsed
from bayes_cevns.storage.kept_run import POSTERIOR_FILE
from bayes_cevns.storage.names import PLAN_FILE
from bayes_cevns.storage.record import COMPLETE, read_run
from bayes_cevns.storage.resources import sha256
from bayes_cevns.storage.seal import read_sealed
from bayes_cevns.studies.kept_fluxes import PREFIX
from bayes_cevns.studies.load import checked_analysis
from bayes_cevns.studies.run import run


@dataclass(frozen=True)
class Difference:
    """A column, or a parameter of the draws, whose values are not those of the first time.

    Attributes
    ----------
    table, column
        Where it is.
    number, of
        How many values differ, and how many there are.
    largest
        Largest relative difference of numbers; NaN of words.
    then, now
        The values where it is largest.
    """

    table: str
    column: str
    number: int
    of: int
    largest: float
    then: str
    now: str

    @property
    def text(self) -> str:
        """The difference in a line."""
        size = "" if math.isnan(self.largest) else f", by {self.largest:.2g} of itself at most"
        return (
            f"{self.table}, {self.column}: {self.number} of {self.of} values differ{size} "
            f"({self.then} then, {self.now} now)"
        )


@dataclass(frozen=True, repr=False)
class Rerun(Displayed):
    """What a run gave the second time.

    Attributes
    ----------
    folder
        The run.
    differences
        What differs; nothing if all digits are the same.
    compared
        How many values of tables, and how many draws, were compared.
    versions
        Package -> its version then and now, of those that differ.
    data
        Data files that have changed since.
    """

    folder: Path
    differences: tuple[Difference, ...]
    compared: int
    versions: Mapping[str, tuple[str, str]]
    data: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether all digits are the same."""
        return not self.differences

    def lines(self) -> list[str]:
        """Return what is said of it."""
        found = [f"same digits: {self.compared:,} values compared"]
        if not self.same:
            found = [f"{len(self.differences)} columns differ:"]
            found += [f"  {difference.text}" for difference in self.differences]
        found += [f"  {name}: {a} then, {b} now" for name, (a, b) in self.versions.items()]
        found += [f"  {name} has changed" for name in self.data]
        return found


def rerun(folder: Path | str, *, out: Path | str | None = None, progress: Progress = None) -> Rerun:
    """Run an analysis again, and compare every digit with those of its folder.

    Parameters
    ----------
    folder
        The folder of a complete run, of this version of the package or of another one.
    out
        A new folder for what it gives; by default a temporary one, which is removed.
    progress
        As in `bayes_cevns.run`.

    Returns
    -------
    Rerun
        Whether all digits of the tables and of the draws are the same, or which are not; and the
        versions and data that have changed since.

    Raises
    ------
    ArgumentError
        If the folder is that of a grid, the run was interrupted, or words cannot make it again.
    DataError
        If there is no run, or its files were altered.
    OutputError
        If ``out`` is not empty.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.scan(
    ...     "conus_plus", interaction="b-l", masses_mev=[10.0], seed=1, out="b-l"
    ... )
    >>> bc.rerun("b-l").same
    True
    """
    path = path_of(folder, what="the folder of a run")
    place = out_folder(out)
    progress = checked_progress(progress)
    if (path / PLAN_FILE).is_file():
        raise ArgumentError(
            f"{path} is the folder of a grid: name one of the folders of its studies, below it"
        )
    record = read_run(path)
    if record["status"] != COMPLETE:
        raise ArgumentError(f"{path} is not complete: bayes-cevns run {path} goes on")
    study = checked_analysis(path, record, None)
    if place is not None and place.exists() and any(place.iterdir()):
        raise OutputError(f"{place} is not empty: name a new folder for the second run")
    before = _tables(path, record)
    posterior = path / POSTERIOR_FILE
    if posterior.is_file() and read_sealed(posterior) is None:
        raise DataError(f"{posterior} was altered or damaged: restore it")
    with nullcontext(place) if place is not None else tempfile.TemporaryDirectory() as made:
        second = Path(str(made))
        result = run(study, out=second, judged=False, progress=progress)
        after = {name: parsed(text) for name, text in result.tables().items()}
        found = [*_of_tables(before, after)]
        draws, number = _of_draws(posterior, second / POSTERIOR_FILE)
        now = read_run(second)
    number += sum(len(row) for rows in before.values() for row in rows)
    return Rerun(path, (*found, *draws), number, *_changes(record, now))


def _tables(folder: Path, record: Mapping[str, Any]) -> dict[str, Rows]:
    """Return the tables of a run as they are in its folder, unaltered."""
    found = {}
    for name, digest in record.get("products", {}).items():
        file = folder / name
        if file.suffix != ".csv" or "/" in name or name.startswith(PREFIX):
            continue
        if not file.is_file() or sha256(file) != digest:
            raise DataError(f"{file} is missing, or not as it was written: restore it")
        found[name] = parsed(file.read_text(encoding="utf-8"))
    return found


def _changes(
    then: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[dict[str, tuple[str, str]], tuple[str, ...]]:
    """Return the versions and the data that two records do not have in common."""
    one, two = then.get("versions", {}), now.get("versions", {})
    versions = {
        name: (str(one.get(name, "none")), str(two.get(name, "none")))
        for name in dict.fromkeys([*one, *two])
        if one.get(name) != two.get(name)
    }
    old, new = then.get("data", {}), now.get("data", {})
    return versions, tuple(name for name in new if name in old and old[name] != new[name])


def _of_tables(before: Mapping[str, Rows], after: Mapping[str, Rows]) -> Iterator[Difference]:
    for name in dict.fromkeys([*before, *after]):
        one, two = before.get(name), after.get(name)
        if one is None or two is None or len(one) != len(two):
            counts = ["no table" if rows is None else f"{len(rows)} rows" for rows in (one, two)]
            yield Difference(name, "rows", 1, 1, math.nan, *counts)
            continue
        for column in dict.fromkeys([*(one[0] if one else ()), *(two[0] if two else ())]):
            pairs = [(a.get(column), b.get(column)) for a, b in zip(one, two, strict=True)]
            found = _difference(name, column, pairs)
            if found is not None:
                yield found


def _difference(table: str, column: str, pairs: list[tuple[Any, Any]]) -> Difference | None:
    """Return how the values of a column differ, if they do."""
    other = [(a, b) for a, b in pairs if a != b]
    if not other:
        return None
    numbers = [(a, b) for a, b in other if isinstance(a, float) and isinstance(b, float)]
    largest, (then, now) = math.nan, other[0]
    if numbers:
        then, now = max(numbers, key=lambda pair: _relative(*pair))
        largest = _relative(then, now)
    return Difference(table, column, len(other), len(pairs), largest, str(then), str(now))


def _relative(one: float, two: float) -> float:
    """Return a difference over the larger of two numbers."""
    return abs(one - two) / max(abs(one), abs(two))


def _of_draws(one: Path, two: Path) -> tuple[list[Difference], int]:
    """Return how draws differ, and how many were compared; none where a study keeps none."""
    if not one.is_file() or not two.is_file():
        return [], 0
    first, second = _draws(one), _draws(two)
    found, number = [], 0
    for name in dict.fromkeys([*first, *second]):
        a, b = first.get(name), second.get(name)
        if a is None or b is None or a.shape != b.shape:
            shapes = ["none" if each is None else str(each.shape) for each in (a, b)]
            found.append(Difference(POSTERIOR_FILE, name, 1, 1, math.nan, *shapes))
            continue
        number += a.size
        wrong = ~((a == b) | (np.isnan(a) & np.isnan(b)))
        pairs = list(zip(a[wrong].tolist(), b[wrong].tolist(), strict=True))
        each = _difference(POSTERIOR_FILE, name, pairs)
        if each is not None:
            found.append(replace(each, of=a.size))
    return found, number


def _draws(file: Path) -> dict[str, Array]:
    """Return all draws in a file, by the names of their groups and parameters."""
    import xarray as xr

    with xr.open_datatree(file, engine="h5netcdf") as tree:
        return {
            f"{node.path.strip('/')}/{name}": np.asarray(variable.values, dtype=float)
            for node in tree.subtree
            for name, variable in node.data_vars.items()
            if "draw" in variable.dims and variable.dtype.kind in "fiub"
        }
