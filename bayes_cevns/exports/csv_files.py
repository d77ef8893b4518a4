"""Tables as CSV with units in their headers."""

from __future__ import annotations

import csv
import io

from bayes_cevns.exports.columns import unit_of
from bayes_cevns.reports.account import Account


def csv_files(account: Account) -> dict[str, bytes]:
    """Return the tables of a run, name -> content, with a header such as ``limit [mu_B]``.

    Numbers are those of the tables of the run; words and truth values have no unit.
    """
    return {f"csv/{name}": _text(name, account).encode() for name in account.rows}


def _text(name: str, account: Account) -> str:
    rows = account.rows[name]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    columns = list(rows[0]) if rows else []
    units = {column: unit_of(column, name, rows) for column in columns}
    writer.writerow([f"{c} [{units[c]}]" if units[c] else c for c in columns])
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
    return stream.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else str(value)
