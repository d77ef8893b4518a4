"""Slabs of the box of couplings, and how the unit cube is mapped to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode

from bayes_cevns.couplings.slab import Slab, place
from bayes_cevns.errors import ArgumentError

PYTHON = Mode(linker="py", optimizer=None)

BOX = Slab.box([-1.0, -0.5, 0.0], [1.0, 0.5, 2.0])
SLABS = {
    "box": BOX,
    "half": replace(BOX, normal=np.array([1.0, 2.0, 0.5]), low=0.3),
    "between": replace(BOX, normal=np.array([-0.4, 1.0, 0.7]), low=-0.1, high=0.6),
    "along": replace(BOX, normal=np.array([0.0, 0.0, -1.0]), low=-1.5, high=-0.5),
}


def placed(slab: Slab, coordinates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the couplings of coordinates in the unit cube, in their own order, and Jacobians."""
    count = slab.lower.size
    at = pt.dvector()
    outputs = place(at, pt.constant(slab.numbers), pt.constant(slab.ends), count)
    function = pytensor.function([at], outputs, mode=PYTHON)
    values, log_width = zip(*(function(row) for row in coordinates), strict=True)
    found = np.empty((len(coordinates), count))
    found[:, slab.order] = values
    return found, np.array(log_width)


@pytest.mark.parametrize("slab", SLABS.values(), ids=SLABS.keys())
def test_a_slab_is_filled_uniformly(slab: Slab) -> None:
    """Against points of the box that lie between the planes: volume, and two moments."""
    rng = np.random.default_rng(1)
    couplings, log_width = placed(slab, rng.uniform(size=(3000, 3)))
    span = slab.upper - slab.lower
    assert np.all(couplings >= slab.lower - 1e-9)
    assert np.all(couplings <= slab.upper + 1e-9)
    along = couplings @ slab.normal
    assert np.all(along >= slab.low - 1e-6)
    assert np.all(along <= slab.high + 1e-6)
    box = slab.lower + span * rng.uniform(size=(200_000, 3))
    twin = box[slab.contains(box)]
    weight = np.exp(log_width)
    assert weight.mean() == pytest.approx(len(twin) / len(box), rel=0.03)
    mean = weight @ couplings / weight.sum()
    np.testing.assert_allclose(mean, twin.mean(axis=0), atol=0.03)
    spread = np.sqrt(weight @ (couplings - mean) ** 2 / weight.sum())
    np.testing.assert_allclose(spread, twin.std(axis=0), rtol=0.06)


def test_parts_fill_the_box_without_overlap() -> None:
    parts = BOX.cut(np.array([1.0, -1.0, 0.3]), [-0.4, 0.5])
    assert [(part.low, part.high) for part in parts] == [
        (-np.inf, -0.4),
        (-0.4, 0.5),
        (0.5, np.inf),
    ]
    points = np.random.default_rng(2).uniform(BOX.lower, BOX.upper, (1000, 3))
    assert np.all(sum(part.contains(points).astype(int) for part in parts) == 1)


def test_the_steepest_coupling_is_placed_last() -> None:
    slab = replace(BOX, normal=np.array([0.5, 3.0, -1.0]))
    assert slab.order.tolist() == [0, 2, 1]  # slopes 1, 3, 2 over the box


@pytest.mark.parametrize(("low", "high"), [(0.5, 0.5), (1.0, -1.0), (9.0, np.inf), (-np.inf, -9.0)])
def test_nothing_between_the_planes_is_an_error(low: float, high: float) -> None:
    with pytest.raises(ArgumentError, match="nothing of the box"):
        replace(BOX, low=low, high=high)
