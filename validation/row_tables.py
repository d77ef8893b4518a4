"""Tables of dataclasses: a csv file with a column for each field."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_CONVERT: dict[Any, Callable[[str], Any]] = {
    "float": float,
    "int": int,
    "bool": lambda text: text == "True",
    "str": str,
}


def read[T: DataclassInstance](kind: type[T], path: Path) -> list[T]:
    """Return the rows of a table; none if it is not there."""
    if not path.is_file():
        return []
    convert = {field.name: _CONVERT[field.type] for field in fields(kind)}
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return [kind(**{key: convert[key](value) for key, value in row.items()}) for row in rows]


def write[T: DataclassInstance](rows: Iterable[T], kind: type[T], path: Path) -> None:
    """Write a table in place of the old one."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, [field.name for field in fields(kind)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(buffer.getvalue(), encoding="utf-8")
    temporary.replace(path)
