"""Slabs of the box of couplings, and where a posterior is cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode

from bayes_cevns.couplings.slab import Slab, place
from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments import Experiment
from bayes_cevns.nsi.branches import NominalSignal, find_branches, steepest
from bayes_cevns.nsi.specification import NsiSpec
from bayes_cevns.physics.oscillation import NsiCouplings, mean_cos_2theta

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


def test_steepest_direction_of_a_quadratic_form() -> None:
    span = np.array([2.0, 1.0])
    normal = np.array([0.6, 2.4])  # (normal . couplings)^2, with slopes 1.2 and 2.4 over the box
    found = steepest(lambda at: float((at @ normal) ** 2), np.zeros(2), span)
    np.testing.assert_allclose(found, np.array([1.0, 2.0]) / np.sqrt(5), atol=1e-6)


@pytest.fixture(scope="module")
def signal(xenonnt: Experiment) -> NominalSignal:
    spec = NsiSpec.of([xenonnt], parameters=["ee_u", "emu_d"])
    return NominalSignal(spec, spec.tables(merged=True))


def test_nominal_signal_is_that_of_the_table(signal: NominalSignal) -> None:
    (table,) = signal.spec.tables(merged=False)
    axes = table.experiment.signal_axes
    nominal = tuple(axis.nodes.index(0.0) for axis in axes)
    for values in ([0.0, 0.0], [0.3, -0.2], [-0.7, 0.4]):
        couplings = NsiCouplings.of(dict(zip(signal.spec.parameters, values, strict=True)))
        mean = mean_cos_2theta(
            signal.spec.zone,
            table.nodes.energy_mev,
            parameters=signal.spec.mixing,
            couplings=couplings,
        )
        counts = table.signal_counts(
            couplings,
            mean_cos=mean,
            parameters=signal.spec.mixing,
            detection=signal.spec.detection,
        )[nominal]
        assert signal(values) == pytest.approx(float(counts.sum()), rel=1e-6)


def test_a_posterior_with_two_modes_is_cut_between_them(signal: NominalSignal) -> None:
    """A likelihood of the counts alone, as sharp as if there were a thousand."""
    most = signal([0.0, 0.0])

    def log_likelihood(points: np.ndarray) -> np.ndarray:
        return np.array([-0.5 * ((signal(p) / most - 1.0) / 0.03) ** 2 for p in points])

    lower, upper = find_branches(signal, log_likelihood)
    assert lower.high == upper.low
    assert lower.contains([0.0, 0.0]) or upper.contains([0.0, 0.0])
    # The mirror image of the Standard Model: as many counts, across the plane.
    across = lower.normal / np.linalg.norm(lower.normal)
    line = np.concatenate([np.linspace(-0.6, -0.1, 501), np.linspace(0.1, 0.6, 501)])
    counts = np.array([signal(t * across) for t in line])
    mirror = line[np.argmin(np.abs(counts - most))] * across
    assert signal(mirror) == pytest.approx(most, rel=0.01)
    assert bool(lower.contains(mirror)) != bool(lower.contains([0.0, 0.0]))
    assert find_branches(signal, lambda points: np.zeros(len(points)))[0].low == -np.inf


def test_one_mode_is_one_branch(signal: NominalSignal) -> None:
    (whole,) = find_branches(signal, lambda points: -(points**2).sum(axis=1))
    assert (whole.low, whole.high) == (-np.inf, np.inf)
