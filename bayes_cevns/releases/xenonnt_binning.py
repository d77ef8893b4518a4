"""Bin edges and events of the XENONnT solar-8B release."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import yaml

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bayes_cevns.releases.inputs import RawFolder

#: Our short name -> name in the release, in the order of the axes of the templates.
OBSERVABLES = {
    "cs2": "cs2",
    "s2_shadow": "s2_shadow_s2_time_shadow_quantile",
    "s1_bdt": "s1_bdt_score",
    "s2_bdt": "s2_bdt_score",
}
#: Unit of each observable; the others are a quantile and two classifier scores.
OBSERVABLE_UNITS = {"cs2": "PE", "s2_shadow": "1", "s1_bdt": "1", "s2_bdt": "1"}
BINS_PER_AXIS = 3


def read_edges(raw: RawFolder, run: str) -> NDArray[np.float64]:
    """Return the bin edges of a run, shape (observable 4, edge 4).

    Raises
    ------
    DataError
        If the file is missing, is not YAML, or does not hold four increasing edges per
        observable.
    """
    relative = f"binning/{run}.yaml"
    text = raw.read_text(relative, group="binning")
    try:
        table = yaml.safe_load(text)
        edges = np.array([table[key] for key in OBSERVABLES.values()], dtype=np.float64)
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        problem = f"expected bin edges of {', '.join(OBSERVABLES.values())} ({_one_line(error)})"
        raise raw.error(relative, problem) from None
    expected = (len(OBSERVABLES), BINS_PER_AXIS + 1)
    if edges.shape != expected or not np.all(np.diff(edges) > 0) or not np.all(np.isfinite(edges)):
        raise raw.error(
            relative,
            f"expected {expected[1]} increasing edges for each of {expected[0]} observables, "
            f"found {edges.tolist()}",
        )
    return edges


def count_events(raw: RawFolder, run: str, *, edges: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return the number of observed events per bin of a run, shape (81,), in C order.

    As in ``numpy.histogram``, a bin includes its lower edge, and the last one also its upper.

    Raises
    ------
    DataError
        If the file is missing, lacks a column, holds something that is not a number, or an
        event outside the edges.
    """
    relative = f"data/{run}.csv"
    events = _read_events(raw, relative)
    inside = (events >= edges[:, 0]) & (events <= edges[:, -1])
    outside = np.argwhere(~inside)
    if outside.size:
        event, observable = outside[0]
        low, high = edges[observable, 0], edges[observable, -1]
        raise raw.error(
            relative,
            f"event {event} has {list(OBSERVABLES)[observable]} = {events[event, observable]:g}, "
            f"expected {low:g} to {high:g} as in binning/{run}.yaml",
        )
    counts, _ = np.histogramdd(events, bins=list(edges))
    return counts.astype(np.int32).ravel()


def _read_events(raw: RawFolder, relative: str) -> NDArray[np.float64]:
    """Return the four observables of every event, shape (event, 4)."""
    reader = csv.DictReader(raw.read_text(relative, group="data").splitlines())
    columns = list(OBSERVABLES.values())
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise raw.error(
            relative, f"expected a column {missing[0]!r}, found {reader.fieldnames or 'none'}"
        )
    rows = []
    for number, row in enumerate(reader):
        try:
            rows.append([float(row[column]) for column in columns])
        except (TypeError, ValueError):
            found = [row[column] for column in columns]
            raise raw.error(
                relative, f"event {number}: expected 4 numbers, found {found}"
            ) from None
    return np.array(rows, dtype=np.float64).reshape(-1, len(columns))


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
