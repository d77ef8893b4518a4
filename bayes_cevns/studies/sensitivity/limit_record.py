"""The limits of many data sets at many masses, and the rows of the table that keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bayes_cevns.display import Displayed
from bayes_cevns.ends import Ends
from bayes_cevns.specification.columns import LABEL_COLUMNS
from bayes_cevns.storage.ledger import Row, row_of
from bayes_cevns.summary.limits import Limit

#: The columns of which no two rows have the same values.
KEY = ("mass_mev", "data")
_ERROR, _BOUND, _ZERO = "_error", "_at_bound", "_zero_excluded"


@dataclass(frozen=True, repr=False)
class DataLimits(Displayed):
    """The limits of one data set at one mass.

    Attributes
    ----------
    mass_mev
        Mediator mass; ``None`` without a mediator.
    data
        Name of the data set: ``"observed"``, ``"asimov"`` or ``"toy:7"``.
    limits
        One for each side. What is read from a row knows of their ends which are those of the
        prior, and no more.
    passed
        Whether the fit passed its gate.
    zero_excluded
        For each side whether zero lies outside of its region; empty where it was not looked at,
        as for toys.
    """

    mass_mev: float | None
    data: str
    limits: tuple[Limit, ...]
    passed: bool
    zero_excluded: tuple[bool, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What its row has in the columns `KEY`."""
        return key_of(self.mass_mev, self.data)


def key_of(mass_mev: float | None, data: str) -> tuple[str, str]:
    """Return what the row of a data set at a mass has in the columns `KEY`."""
    return "" if mass_mev is None else repr(mass_mev), data


def columns_of(sides: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of the table of limits with some sides."""
    ends = (f"{side}{end}" for side in sides for end in ("", _ERROR, _BOUND, _ZERO))
    return ("mass_mev", *LABEL_COLUMNS, *ends, "passed")


def row_of_limits(found: DataLimits, quoted: Mapping[str, str]) -> Row:
    """Return the row of the limits of a data set at a mass, with all digits.

    Parameters
    ----------
    found
        The limits.
    quoted
        What every row says of the coupling (`bayes_cevns.specification.columns.labels`).
    """
    row: dict[str, object] = {**quoted, **dict(zip(KEY, found.key, strict=True))}
    row["passed"] = str(found.passed).lower()
    for limit in found.limits:
        row |= {
            limit.side: repr(limit.value),
            f"{limit.side}{_ERROR}": repr(limit.mc_error),
            f"{limit.side}{_BOUND}": limit.ends.at_bound,
        }
    for limit, zero_excluded in zip(found.limits, found.zero_excluded, strict=False):
        row[f"{limit.side}{_ZERO}"] = str(zero_excluded).lower()
    return row_of(columns_of(limit.side for limit in found.limits), row)


def limits_of_row(row: Row, sides: Sequence[str]) -> DataLimits:
    """Return the limits that a row is of.

    Raises
    ------
    KeyError, ValueError
        If it is no such row.
    """
    limits = tuple(
        Limit(
            side,
            float(row[side]),
            float(row[f"{side}{_ERROR}"]),
            Ends.of_range(row[f"{side}{_BOUND}"], row["coupling"]),
        )
        for side in sides
    )
    words = [row[f"{side}{_ZERO}"] for side in sides]
    return DataLimits(
        float(row["mass_mev"]) if row["mass_mev"] else None,
        row["data"],
        limits,
        row["passed"] == "true",
        tuple(word == "true" for word in words if word),
    )


class LimitRecord:
    """Limits by mass and data set.

    Parameters
    ----------
    masses
        Mediator masses; ``[None]`` without a mediator.
    sides
        Sides of the limits of every fit.
    found
        What is known.
    """

    def __init__(
        self,
        masses: Sequence[float | None],
        sides: tuple[str, ...],
        found: Iterable[DataLimits] = (),
    ) -> None:
        self.masses = tuple(masses)
        self.sides = sides
        self._found = {(one.mass_mev, one.data): one for one in found}

    def get(self, mass_mev: float | None, data: str) -> DataLimits | None:
        """Return the limits of a data set at a mass, if they are known."""
        return self._found.get((mass_mev, data))

    def data(self) -> list[str]:
        """Return the names of all data sets that have limits."""
        return list(dict.fromkeys(data for _, data in self._found))

    @property
    def failed(self) -> list[DataLimits]:
        """Those whose fit did not pass its gate."""
        return [found for found in self._found.values() if not found.passed]
