"""The HDF5 templates of the XENONnT solar-8B release: some 6900 small histograms."""

from __future__ import annotations

import numpy as np

from bayes_cevns.releases.columns import Array
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.xenonnt_binning import BINS_PER_AXIS, OBSERVABLES

SHAPE = (BINS_PER_AXIS,) * len(OBSERVABLES)
N_BINS = BINS_PER_AXIS ** len(OBSERVABLES)

# The YAML edges are printed with 12 decimals, the HDF5 ones are binary.
_EDGE_TOLERANCE = 1e-9


def read_template(raw: RawFolder, relative: str, *, group: str, edges: Array) -> Array:
    """Return one template, shape (81,), in C order of the four observables.

    Parameters
    ----------
    raw
        The release.
    relative
        Path of the HDF5 file in it.
    group
        Group that the file's digest goes into.
    edges
        The bin edges that it must have, shape (observable 4, edge 4).

    Raises
    ------
    DataError
        If the file is missing, truncated, of another shape, on other edges, or holds a value
        that is negative or not finite.
    """
    content = raw.read(relative, group=group)
    try:
        values, found = _parse(content)
    except (OSError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        problem = f"expected a template on {len(OBSERVABLES)} axes, cannot read it ({reason})"
        raise raw.error(relative, problem) from None
    difference = np.abs(found - edges).max(axis=1)
    if not difference.max() <= _EDGE_TOLERANCE:
        axis = int(np.argmax(~(difference <= _EDGE_TOLERANCE)))
        raise raw.error(
            relative,
            f"expected the {list(OBSERVABLES)[axis]} edges of the binning file, "
            f"{edges[axis].tolist()}, found {found[axis].tolist()}",
        )
    # Written so that NaN fails both comparisons.
    if not (values.min() >= 0 and values.max() < np.inf):
        worst = values[~(values >= 0) | ~(values < np.inf)][0]
        raise raw.error(relative, f"expected finite values >= 0, found {worst}")
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
