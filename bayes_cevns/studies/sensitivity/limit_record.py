"""The limits of many data sets at many masses, kept one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bayes_cevns.ends import Ends
from bayes_cevns.specification.columns import LABEL_COLUMNS
from bayes_cevns.storage.folder import RunFolder, ledger_in
from bayes_cevns.summary.limits import Limit

_KEY = ("mass_mev", "data")
_ERROR, _BOUND, _ZERO = "_error", "_at_bound", "_zero_excluded"
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class DataLimits:
    """The limits of one data set at one mass.

    Attributes
    ----------
    limits
        One for each side. What a record returns knows of their ends which are those of the prior,
        and no more.
    passed
        Whether the fit passed its gate.
    zero_excluded
        For each side whether zero lies outside of its region; empty where it was not looked at,
        as for toys.
    """

    limits: tuple[Limit, ...]
    passed: bool
    zero_excluded: tuple[bool, ...] = ()


class LimitRecord:
    """Limits by mass and data set, on the disk as soon as they are known.

    Parameters
    ----------
    masses
        Mediator masses; ``None`` without a mediator.
    sides
        Sides of the limits of every fit.
    quoted
        What every row says of the coupling (`bayes_cevns.specification.columns.labels`).
    folder, name
        Folder of the run and name of the CSV file, one row for each fit, with those of earlier
        runs if it exists; without a folder all is kept in memory.

    Raises
    ------
    OutputError
        If the file cannot be read or written, or is one of other sides.
    """

    def __init__(
        self,
        masses: Sequence[float | None],
        sides: tuple[str, ...],
        quoted: Mapping[str, str],
        folder: RunFolder | None = None,
        name: str = "",
    ) -> None:
        self.masses = tuple(masses)
        self.sides = sides
        self.quoted = quoted
        ends = (f"{side}{end}" for side in sides for end in ("", _ERROR, _BOUND, _ZERO))
        columns = ("mass_mev", *LABEL_COLUMNS, *ends, "passed")
        self._ledger = ledger_in(folder, name, columns, key=_KEY)
        self._found: dict[tuple[float | None, str], DataLimits] = {}
        for row in self._ledger.rows:
            self._read(row)

    def get(self, mass_mev: float | None, data: str) -> DataLimits | None:
        """Return the limits of a data set at a mass, if they are known."""
        return self._found.get((mass_mev, data))

    def add(self, mass_mev: float | None, data: str, found: DataLimits) -> None:
        """Keep the limits of a data set at a mass, with all digits.

        Raises
        ------
        OutputError
            If they cannot be written.
        """
        row: dict[str, object] = {**self.quoted, "data": data, "passed": str(found.passed).lower()}
        if mass_mev is not None:
            row["mass_mev"] = repr(mass_mev)
        for limit in found.limits:
            row |= {
                limit.side: repr(limit.value),
                f"{limit.side}{_ERROR}": repr(limit.mc_error),
                f"{limit.side}{_BOUND}": limit.ends.at_bound,
            }
        for limit, zero_excluded in zip(found.limits, found.zero_excluded, strict=False):
            row[f"{limit.side}{_ZERO}"] = str(zero_excluded).lower()
        self._ledger.append(row)
        kept = (replace(limit, ends=self._ends(limit.ends.at_bound)) for limit in found.limits)
        self._found[mass_mev, data] = replace(found, limits=tuple(kept))

    def data(self) -> list[str]:
        """Return the names of all data sets that have limits, in the order of their fits."""
        return list(dict.fromkeys(data for _, data in self._found))

    @property
    def failed(self) -> int:
        """How many fits did not pass their gate."""
        return sum(not found.passed for found in self._found.values())

    def _ends(self, at_bound: str) -> Ends:
        return Ends.of_range(at_bound, self.quoted.get("coupling", ""))

    def _read(self, row: Mapping[str, str]) -> None:
        """Take a row of the file; one that is damaged is left out, and its fit done again."""
        try:
            mass = float(row["mass_mev"]) if row["mass_mev"] else None
            found = tuple(
                Limit(
                    side,
                    float(row[side]),
                    float(row[f"{side}{_ERROR}"]),
                    self._ends(row[f"{side}{_BOUND}"]),
                )
                for side in self.sides
            )
            passed = _TRUTH[row["passed"]]
            words = [row[f"{side}{_ZERO}"] for side in self.sides]
            zero_excluded = tuple(_TRUTH[word] for word in words if word)
        except (KeyError, TypeError, ValueError):
            return
        if mass in self.masses:
            self._found[mass, row["data"]] = DataLimits(found, passed, zero_excluded)
