"""Files of the XENONnT solar-8B release: bin edges, events, and some 6900 small HDF5 histograms."""

from __future__ import annotations

import numpy as np
import yaml
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
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
SHAPE = (BINS_PER_AXIS,) * len(OBSERVABLES)
N_BINS = BINS_PER_AXIS ** len(OBSERVABLES)

# The YAML edges are printed with 12 decimals, the HDF5 ones are binary.
_EDGE_TOLERANCE = 1e-9


def read_edges(raw: RawFolder, run: str) -> Array:
    """Return the bin edges of a run, which increase, shape (observable 4, edge 4)."""
    relative = f"binning/{run}.yaml"
    text = raw.read_text(relative, group="binning")
    with raw.parsing(relative, f"bin edges of {', '.join(OBSERVABLES.values())}", yaml.YAMLError):
        table = yaml.safe_load(text)
        edges = np.array([table[key] for key in OBSERVABLES.values()], dtype=np.float64)
    expected = (len(OBSERVABLES), BINS_PER_AXIS + 1)
    good = edges.shape == expected and np.all(np.diff(edges) > 0) and np.all(np.isfinite(edges))
    what = f"{expected[1]} increasing edges for each of {expected[0]} observables"
    raw.expect(relative, good, f"{what}, found {edges.tolist()}")
    return edges


def count_events(raw: RawFolder, run: str, *, edges: Array) -> NDArray[np.int32]:
    """Return the number of observed events per bin of a run, shape (81,), in C order.

    As in ``numpy.histogram``, a bin includes its lower edge, and the last one also its upper. An
    event outside of all bins is an error.
    """
    relative = f"data/{run}.csv"
    events = read_columns(raw, relative, list(OBSERVABLES.values()), group="data")
    outside = np.argwhere(~((events >= edges[:, 0]) & (events <= edges[:, -1])))
    for event, observable in outside[:1]:
        name, (low, *_, high) = list(OBSERVABLES)[observable], edges[observable]
        problem = f"event {event} has {name} = {events[event, observable]:g}"
        raise raw.error(
            relative, f"{problem}, expected {low:g} to {high:g} as in binning/{run}.yaml"
        )
    counts, _ = np.histogramdd(events, bins=list(edges))
    return counts.astype(np.int32).ravel()


def read_template(raw: RawFolder, relative: str, *, group: str, edges: Array) -> Array:
    """Return one template, shape (81,), in C order of the four observables.

    Its edges must be `edges`, shape (observable 4, edge 4), and its values finite and >= 0.
    """
    content = raw.read(relative, group=group)
    with raw.parsing(relative, f"a template on {len(OBSERVABLES)} axes, cannot read it", OSError):
        values, found = _parse(content)
    for name, given, should in zip(OBSERVABLES, found, edges, strict=True):
        same = np.abs(given - should).max() <= _EDGE_TOLERANCE
        what = f"the {name} edges of the binning file, {should.tolist()}, found {given.tolist()}"
        raw.expect(relative, same, what)
    # Written so that NaN fails the comparison.
    bad = values[~((values >= 0) & (values < np.inf))]
    raw.expect(relative, not bad.size, f"finite values >= 0, found {', '.join(map(str, bad[:1]))}")
    return values.ravel()


def _parse(content: bytes) -> tuple[Array, Array]:
    """Return the values (3, 3, 3, 3) and edges (4, 4) of an HDF5 file.

    The low-level interface of h5py is three times faster than the usual one; opening the bytes
    in memory reads a file only once, for its digest and for its values.
    """
    import h5py.h5f as h5f

    file = h5f.open_file_image(content)
    try:
        values = _dataset(file, b"templates/template", SHAPE)
        edge_count = (BINS_PER_AXIS + 1,)
        axes = [_dataset(file, b"bins/%d" % axis, edge_count) for axis in range(len(OBSERVABLES))]
    finally:
        file.close()
    return values, np.stack(axes)


def _dataset(file: object, name: bytes, shape: tuple[int, ...]) -> Array:
    import h5py.h5d as h5d
    import h5py.h5s as h5s

    dataset = h5d.open(file, name)
    if dataset.shape != shape:
        raise ValueError(f"{name.decode()} has shape {dataset.shape}, expected {shape}")
    values = np.empty(shape)
    dataset.read(h5s.ALL, h5s.ALL, values)
    return values
