"""What a grid has found: one table of all its studies."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_cevns.arguments import named
from bayes_cevns.display import Displayed
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.storage.record import COMPLETE

if TYPE_CHECKING:
    import pandas as pd

GRID_TABLE, STUDIES_TABLE = "grid.csv", "studies.csv"

#: Of a study that an error has ended, or whose points have all failed; and before its turn.
FAILED, MISSING = "failed", "missing"

#: Columns that both tables begin with, before the options that are varied.
_FIRST = ("folder", "study")
#: Columns of the table of studies, after these options.
_OF_STUDIES = ("status", "points", "finished", "failed", "reason")


@dataclass(frozen=True, repr=False)
class GridStudy(Displayed):
    """What became of one study.

    Attributes
    ----------
    name, kind
        Its folder, and the name of the study.
    varied
        What it has of the options that differ between studies.
    status
        ``"complete"``, ``"interrupted"``, `FAILED`, or `MISSING`.
    points, finished, failed
        Points that it asks for, that are finished, and those of them that failed.
    reason
        Why it failed, or why its first failed point did.
    rows
        The rows of its table: texts, by columns.
    """

    name: str
    kind: str
    varied: Mapping[str, Any]
    status: str
    points: int
    finished: int = 0
    failed: int = 0
    reason: str = ""
    rows: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, repr=False)
class Grid(Displayed):
    """The studies of a grid.

    Attributes
    ----------
    folder
        Where they are, each in a folder of its own.
    varied
        The options that differ between studies.
    studies
        What became of each.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.grid(
    ...     {
    ...         "study": "preview",
    ...         "experiments": [["xenonnt_2024_s2"]],
    ...         "interaction": ["b-l", "scalar-universal"],
    ...         "masses_mev": [10.0],
    ...     },
    ...     out="grid",
    ... )
    >>> len(found.frame())
    2
    """

    folder: Path
    varied: tuple[str, ...]
    studies: tuple[GridStudy, ...] = field(default=())

    def _title(self) -> str:
        return f"Grid in {self.folder}: {self.summary}"

    def _rows(self) -> dict[str, object]:
        return {
            "varied": list(self.varied),
            "rows": sum(len(one.rows) for one in self.studies),
            "studies": [one.name for one in self.studies],
            "failed": list(self.failures()),
        }

    @property
    def summary(self) -> str:
        """How many studies are complete and how many failed."""
        complete = sum(one.status == COMPLETE for one in self.studies)
        failed = sum(one.status == FAILED for one in self.studies)
        points = sum(one.failed for one in self.studies)
        return (
            f"{complete:,} of {len(self.studies):,} studies complete, {failed:,} failed, "
            f"{points:,} failed points"
        )

    def failures(self) -> dict[str, str]:
        """Return why studies failed, by their names."""
        return {one.name: one.reason for one in self.studies if one.status == FAILED}

    def load(self, name: str) -> Any:
        """Return the result of one study, as `bayes_cevns.load` reads it.

        Raises
        ------
        UnknownNameError
            If there is no such study.
        DataError
            If it has no finished point.
        """
        from bayes_cevns.studies.load import load

        return load(self.folder / named(name, "study of the grid", [s.name for s in self.studies]))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of ``grid.csv``: folder, study, what is varied, and those of the tables."""
        every = [column for one in self.studies for row in one.rows[:1] for column in row]
        return tuple(dict.fromkeys([*_FIRST, *self.varied, *every]))

    def table(self) -> list[dict[str, Any]]:
        """Return the rows of ``grid.csv``; what a table says of an option, it says itself."""
        return [
            {"folder": one.name, "study": one.kind, **one.varied, **row}
            for one in self.studies
            for row in one.rows
        ]

    def frame(self) -> pd.DataFrame:
        """Return the table as a frame of pandas."""
        import pandas as pd

        return pd.read_csv(io.StringIO(self.tables()[GRID_TABLE]))

    def tables(self) -> dict[str, str]:
        """Return the texts of ``grid.csv`` and ``studies.csv``."""
        states = [
            {
                "folder": one.name,
                "study": one.kind,
                **one.varied,
                **{name: getattr(one, name) for name in _OF_STUDIES},
            }
            for one in self.studies
        ]
        return {
            GRID_TABLE: csv_text(self.columns, self.table()),
            STUDIES_TABLE: csv_text([*_FIRST, *self.varied, *_OF_STUDIES], states),
        }


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a table of a study."""
    return list(csv.DictReader(io.StringIO(text, newline="")))
