"""Tables of results as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any


def csv_text(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as CSV with the given columns; numbers with ten digits, as `log_masses`."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {
                k: f"{v:.10g}"
                if isinstance(v, float)
                else str(v).lower()
                if isinstance(v, bool)
                else v
                for k, v in row.items()
            }
        )
    return stream.getvalue()
