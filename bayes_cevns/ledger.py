"""Rows that are kept as they come: what was computed is never lost."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bayes_cevns import atomic
from bayes_cevns.errors import OutputError

type Row = dict[str, str]


class Ledger:
    """A table to which rows are added one at a time, each on disk before the next is computed.

    Parameters
    ----------
    path
        The CSV file, with the rows of earlier runs if it exists; ``None`` to keep all in memory.
    columns
        Its columns.

    Attributes
    ----------
    rows
        All rows, as text, in the order in which they were added.

    Raises
    ------
    OutputError
        If the file cannot be read or written, or has other columns.
    """

    def __init__(self, path: Path | None, columns: Sequence[str]) -> None:
        self.path = path
        self.columns = tuple(columns)
        self.rows: list[Row] = []
        if path is not None:
            self._open(path)

    def _open(self, path: Path) -> None:
        try:
            if not path.exists():
                atomic.write_text(path, self._line(self.columns))
                return
            text = path.read_text(encoding="utf-8")
            # A run that was killed may leave half a line.
            whole = text[: text.rfind("\n") + 1]
            if whole != text:
                atomic.write_text(path, whole)
        except (OSError, UnicodeDecodeError) as error:
            raise OutputError(f"cannot go on with {path}: {error}") from None
        reader = csv.DictReader(io.StringIO(whole))
        if tuple(reader.fieldnames or ()) != self.columns:
            raise OutputError(f"{path} has other columns than this study: remove it")
        self.rows = list(reader)

    def append(self, row: Mapping[str, object]) -> None:
        """Add a row.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        texts = {column: str(row.get(column, "")) for column in self.columns}
        if self.path is not None:
            try:
                with self.path.open("a", encoding="utf-8", newline="") as stream:
                    stream.write(self._line(texts.values()))
                    stream.flush()
                    os.fsync(stream.fileno())
            except OSError as error:
                raise OutputError(f"cannot write to {self.path}: {error}") from None
        self.rows.append(texts)

    @staticmethod
    def _line(values: Iterable[object]) -> str:
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerow(values)
        return stream.getvalue()
