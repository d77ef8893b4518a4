"""Observables along which an experiment is binned, with edges, as its table says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed

#: Variables of a table with the edges of bins along an observable begin like this.
_EDGES = "edges_"

#: Beginning of the long name of such a variable, before the name of the observable.
_TEXT = ("bin edges of the ", "bin edges of ")


@dataclass(frozen=True, eq=False, repr=False)
class Observable(Displayed):
    """A quantity along which events are counted.

    Attributes
    ----------
    label
        What it is, with its unit.
    edges
        Edges of its bins, shape (bins + 1,); ``None`` where runs have bins of their own.
    """

    label: str
    edges: Array | None


def bin_edges(data: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the edges of bins in a table: name of an observable -> edges, dims ([run,] edge).

    They are the variables ``edges_NAME`` of numbers that increase.
    """
    found = {}
    for key, values in data.data_vars.items():
        name, dims = str(key), [dim for dim in values.dims if dim != "run"]
        if not name.startswith(_EDGES) or len(dims) != 1 or values.dtype.kind not in "iuf":
            continue
        edges = values.transpose(..., dims[0])
        if edges.sizes[dims[0]] > 1 and np.all(np.diff(edges.values.astype(float), axis=-1) > 0):
            found[name.removeprefix(_EDGES)] = edges
    return found


def observable(name: str, edges: Mapping[str, xr.DataArray], runs: Sequence[str]) -> Observable:
    """Return what is known of an observable.

    Parameters
    ----------
    name
        Its name in the table.
    edges
        Those of `bin_edges`.
    runs
        The runs that are used.
    """
    if name not in edges:
        return Observable(f"{name}, number of the bin", None)
    known = edges[name]
    text, unit = str(known.attrs.get("long_name", "")), str(known.attrs.get("units", "1"))
    label = next((text.removeprefix(start) for start in _TEXT if text.startswith(start)), name)
    label += "" if unit == "1" else f" [{unit}]"
    values = known.sel(run=list(runs)) if "run" in known.dims else known
    rows = np.atleast_2d(values.values.astype(float))
    if np.any(rows != rows[0]):
        return Observable(f"{label}, number of the bin (each run has its own edges)", None)
    return Observable(label, rows[0])


def only_observable(edges: Mapping[str, xr.DataArray], bins: int) -> str | None:
    """Return the name of the observable of bins that are along one alone, or ``None``."""
    if len(edges) != 1:
        return None
    ((name, values),) = edges.items()
    return name if values.sizes[values.dims[-1]] == bins + 1 else None
