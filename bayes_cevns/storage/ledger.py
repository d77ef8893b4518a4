"""Tables that grow row by row: no finished row is lost, and none is counted twice."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bayes_cevns.errors import OutputError, RepairWarning
from bayes_cevns.storage import atomic

type Row = dict[str, str]

#: The last column of every ledger: a digest of the row, the columns and the run.
CHECK = "check"
_DIGITS = 12


class Ledger:
    """A table to which rows are added one at a time, each on disk before the next is computed.

    Each line ends with a digest of the row and of the identity of its run. Lines that were damaged
    or edited, or belong to another run, are ignored and their rows computed again. Of two rows with
    the same key the first one counts.

    Parameters
    ----------
    path
        The CSV file, with the rows of earlier runs if it exists; ``None`` to keep all in memory.
    columns
        Its columns, without the last one, ``check``.
    key
        The columns of which no two rows have the same values.
    identity
        Identity of the run that the rows belong to.
    read_only
        Leave the file as it is, whatever is wrong with it.

    Attributes
    ----------
    rows
        All rows, as text, in the order in which they were added.

    Raises
    ------
    OutputError
        If the file cannot be read or written, or has other columns.

    Warns
    -----
    RepairWarning
        If rows were damaged.
    """

    def __init__(
        self,
        path: Path | None,
        columns: Sequence[str],
        *,
        key: Sequence[str],
        identity: str = "",
        read_only: bool = False,
    ) -> None:
        self.path = path
        self.columns = tuple(columns)
        self.key = tuple(key)
        self.identity = identity
        self.read_only = read_only
        self._rows: dict[tuple[str, ...], Row] = {}
        if path is not None:
            self._open(path)

    @property
    def rows(self) -> list[Row]:
        """All rows, in the order in which they were added."""
        return list(self._rows.values())

    def _open(self, path: Path) -> None:
        try:
            if not path.exists():
                if not self.read_only:
                    atomic.write_text(path, self._text())
                return
            text = path.read_bytes().decode("utf-8", errors="replace")
        except OSError as error:
            raise OutputError(f"cannot go on with {path}: {error.strerror or error}") from None
        header, *lines = text.split("\n")
        damaged = 0
        for line in lines:
            row = _row(line, self.columns, self.identity)
            if row is not None:
                self._rows.setdefault(self._key_of(row), row)
            # The last line is empty, or what a run that was killed left of its last row.
            elif line and line is not lines[-1]:
                damaged += 1
        if not self._rows and any(lines) and _is_of_other_columns(header, self.columns):
            raise OutputError(f"{path} has other columns than this study: remove it")
        if damaged:
            warnings.warn(
                f"{path}: {damaged} damaged or edited rows are computed again",
                RepairWarning,
                stacklevel=3,
            )
        if text != self._text() and not self.read_only:
            self._rewrite(path)

    def _rewrite(self, path: Path) -> None:
        try:
            atomic.write_text(path, self._text())
        except OSError as error:
            raise OutputError(f"cannot write to {path}: {error.strerror or error}") from None

    def put_in_order(self, keys: Sequence[tuple[str, ...]]) -> None:
        """Put the rows into the order of their keys, if they are in another one.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        ordered = {key: self._rows[key] for key in keys if key in self._rows}
        if len(ordered) == len(self._rows) and list(ordered) != list(self._rows):
            self._rows = ordered
            if self.path is not None:
                self._rewrite(self.path)

    def append(self, row: Mapping[str, object]) -> None:
        """Add a row; one whose key is there already is not added.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        texts = row_of(self.columns, row)
        if self._key_of(texts) in self._rows:
            return
        if self.path is not None:
            try:
                with self.path.open("a", encoding="utf-8", newline="") as stream:
                    stream.write(self._line(texts))
                    stream.flush()
                    os.fsync(stream.fileno())
            except OSError as error:
                raise OutputError(f"cannot write to {self.path}: {error}") from None
        self._rows[self._key_of(texts)] = texts

    def _key_of(self, row: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(row[column] for column in self.key)

    def _text(self) -> str:
        return _csv_line((*self.columns, CHECK)) + "".join(map(self._line, self.rows))

    def _line(self, row: Row) -> str:
        values = [row[column] for column in self.columns]
        return _csv_line((*values, _digest(self.columns, values, self.identity)))


def row_of(columns: Iterable[str], values: Mapping[str, object]) -> Row:
    """Return values as a row of a table has them: texts, empty where there is none."""
    # One row is one line, so that a damaged one does not reach into the next.
    return {column: " ".join(str(values.get(column, "")).splitlines()) for column in columns}


def has_rows(path: Path) -> bool:
    """Return whether a file has more than the first line of a table."""
    return path.read_bytes().count(b"\n") > 1


def holds_rows_of(path: Path, identity: str) -> bool:
    """Return whether a file is a ledger with a row of a run."""
    try:
        header, *lines = path.read_bytes().decode("utf-8", errors="replace").split("\n")
    except OSError:
        return False
    *columns, last = _fields(header) or [""]
    return last == CHECK and any(_row(line, columns, identity) is not None for line in lines)


def _row(line: str, columns: Sequence[str], identity: str) -> Row | None:
    """Return the row of a line, if it is whole."""
    fields = _fields(line)
    if len(fields) != len(columns) + 1:
        return None
    *values, check = fields
    if check != _digest(columns, values, identity):
        return None
    return dict(zip(columns, values, strict=True))


def _digest(columns: Sequence[str], values: Sequence[str], identity: str) -> str:
    text = "\x1f".join((identity, *columns, *values))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _is_of_other_columns(header: str, columns: Sequence[str]) -> bool:
    """Return whether the first line of a file, if it can be read, is that of another table."""
    return header.isprintable() and _fields(header) != [*columns, CHECK]


def _fields(line: str) -> list[str]:
    # A row of many toys is longer than what csv takes for a mistake.
    csv.field_size_limit(max(csv.field_size_limit(), len(line) + 1))
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _csv_line(values: Iterable[object]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow(values)
    return stream.getvalue()
