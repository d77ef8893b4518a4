"""The tables of a result as rows, for whatever writes them: a page, CSV, JSON, HEPData."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np

from bayes_cevns.specification.columns import CREDIBLE, data_label, experiments_label
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.studies.scan_result import Scan, ScanPoint
from bayes_cevns.studies.study import Result

#: One row of a table: column -> text, number, truth value, or ``None`` where it says nothing.
type Row = dict[str, Any]
type Rows = list[Row]

#: Columns of texts that may look like a number, such as "1" for no unit.
_TEXTS = ("unit", "run")


def rows_of(result: Result) -> dict[str, Rows]:
    """Return the tables of a result, name of its CSV file -> rows.

    A fit at one mass, whose folder has no table, has those of a scan of this mass.
    """
    if isinstance(result, ModelRun):
        if result.prior is None:
            return {"parameters.csv": parameter_rows(result)}
        result = scan_of(result)
    return {name: parsed(text) for name, text in result.tables().items()}


def scan_of(run: ModelRun) -> Scan:
    """Return a fit at one mass, or without one, as a scan of a single point."""
    previews = tuple(agreement.preview for agreement in run.agreements)
    mass = math.nan if run.mass_mev is None else run.mass_mev
    point = ScanPoint(mass, run.fit(), run.level, run.prior_ratios(), previews)
    return Scan(run.spec, run.level, run.seed, [point])


#: Level of the central interval of one standard deviation.
_ONE_SIGMA = 0.6827


def parameter_rows(run: ModelRun) -> Rows:
    """Return median and central 68% interval of every nuisance of a fit without new couplings."""
    shares = [(1.0 - _ONE_SIGMA) / 2.0, 0.5, (1.0 + _ONE_SIGMA) / 2.0]
    rows = []
    for name, variable in run.draws().data_vars.items():
        others = [dim for dim in variable.dims if dim not in ("chain", "draw")]
        stacked = variable.stack(each=others) if others else variable.expand_dims("each", -1)
        for number in range(stacked.sizes["each"]):
            own = stacked.isel(each=number)
            label = "" if not others else f"[{own['each'].item()[0]}]"
            low, median, high = (float(v) for v in np.quantile(own.values, shares))
            rows.append(
                {
                    "experiment": experiments_label(run.spec.experiments),
                    "parameter": f"{name}{label}",
                    "data": data_label(run.spec.experiments),
                    "kind": CREDIBLE,
                    "prior_text": "of the card",
                    "level": _ONE_SIGMA,
                    "low": low,
                    "median": median,
                    "high": high,
                    "passed": run.passed,
                }
            )
    return rows


def parsed(text: str) -> Rows:
    r"""Return the rows of a CSV table with its numbers and truth values as such.

    >>> parsed("a,b,c\n1e-6,true,\n")
    [{'a': 1e-06, 'b': True, 'c': None}]
    """
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [
        {name: cell if name in _TEXTS else value_of(cell) for name, cell in row.items()}
        for row in rows
    ]


def value_of(cell: str) -> Any:
    """Return what the text of a cell says."""
    if cell in ("", "nan"):
        return None
    if cell in ("true", "false"):
        return cell == "true"
    try:
        return float(cell)
    except ValueError:
        return cell
