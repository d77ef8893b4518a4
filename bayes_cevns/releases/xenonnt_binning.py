"""Bin edges and events of the XENONnT solar-8B release."""

from __future__ import annotations

import numpy as np
import yaml
from numpy.typing import NDArray

from bayes_cevns.releases.columns import Array
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.reading import read_columns

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


def read_edges(raw: RawFolder, run: str) -> Array:
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


def count_events(raw: RawFolder, run: str, *, edges: Array) -> NDArray[np.int32]:
    """Return the number of observed events per bin of a run, shape (81,), in C order.

    As in ``numpy.histogram``, a bin includes its lower edge, and the last one also its upper.

    Raises
    ------
    DataError
        If the file is missing, lacks a column, holds something that is not a number, or an
        event outside the edges.
    """
    relative = f"data/{run}.csv"
    events = read_columns(raw, relative, list(OBSERVABLES.values()), group="data")
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


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
