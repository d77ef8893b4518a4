"""Spectra of all parts and pairs of charges as rows of a matrix, each pair in its own units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bayes_cevns.arrays import Array


def sizes_of_pairs(weights: Array) -> Array:
    """Return the size of the largest part for each pair of charges, shape (pairs,).

    Units of couplings differ by many powers of ten, so that what is small is decided for each pair.
    """
    largest = np.linalg.norm(weights, axis=(-2, -1)).max(axis=0)
    return np.where(largest > 0, largest, 1.0)


def scaled_rows(weights: Sequence[Array], sizes: Sequence[Array]) -> Array:
    """Return the weights of all parts and pairs, by their sizes, as rows."""
    return np.concatenate(
        [
            (each / size[:, None, None]).reshape(each.shape[0] * each.shape[1], -1)
            for each, size in zip(weights, sizes, strict=True)
        ]
    )
