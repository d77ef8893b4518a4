"""Rate tables: the fold of every card against its whole table, and the density of joint fits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray
from page import section, table

import bayes_cevns as bc
from bayes_cevns.cards.folds import signal_fold
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.describe import joint
from bayes_cevns.density.starts import near_middle
from bayes_cevns.density.writer import arrays_of
from bayes_cevns.tables.fold_kernels import fold_adjoint, fold_counts
from bayes_cevns.tables.kernels import (
    add_contraction,
    add_contraction_adjoint,
    add_plain,
    add_plain_adjoint,
    local_support,
)

sys.path.append(str(Path(__file__).parents[1] / "validation"))
from limit_table import SETS  # of the committed limits

type Array = NDArray[np.float64]

INTERACTION, MASS_MEV = "scalar-universal", 10.0

#: Of several experiments with a limit of their own.
JOINT = {"all": SETS["all"], "solar": SETS["solar"]}

_ROUNDS, _SECONDS, _POINTS = 15, 0.01, 20


@dataclass(frozen=True)
class Row:
    """One card or joint fit, in microseconds.

    Attributes
    ----------
    name
        Of the card or fit.
    sizes
        Nodes of the axes, components and bins of the whole table of the signals; none of joint
        fits.
    whole, fold
        Counts and their adjoint from the whole table, and from the fold.
    density
        Log-density and gradient.
    """

    name: str
    sizes: tuple[int, ...]
    whole: float
    fold: float
    density: float


def measure() -> list[Row]:
    """Measure every card with observed counts, then the joint fits."""
    rows = []
    for name in bc.experiments().index:
        if bc.experiment(name).data != "none":
            one = spec_of([name]).tables()[0]
            whole, fold = _of_signals(one)
            sizes = one.coefficients(MASS_MEV).shape
            rows.append(Row(name, sizes, whole, fold, _density([name])))
    rows += [Row(name, (), np.nan, np.nan, _density(names)) for name, names in JOINT.items()]
    return rows


def spec_of(names: Iterable[str]) -> bc.ModelSpec:
    """Return the model of some experiments."""
    some = [bc.experiment(name) for name in names]
    return bc.ModelSpec.of(some, interaction=INTERACTION).merging_bins()


def _density(names: Sequence[str]) -> float:
    """Return the microseconds of a log-density with its gradient."""
    spec = spec_of(names)
    parts = joint(spec, spec.tables(), MASS_MEV)
    model = CompiledModel(arrays_of(parts))
    points = np.array([near_middle(parts, seed) for seed in range(_POINTS)])
    points = points[np.isfinite(model.log_density(points)[0])]
    return _median(lambda n: model.log_density(np.tile(points, (n, 1))), len(points))


def _of_signals(one: RateTable) -> tuple[float, float]:
    """Return the microseconds of counts and adjoint: from the whole table, and from the fold."""
    axes, coefficients = one.experiment.signal_axes, one.coefficients(MASS_MEV)
    components, bins = coefficients.shape[-2:]
    place = np.array([0.4 * axis.nodes[0] + 0.6 * axis.nodes[-1] for axis in axes])
    factors, slope = np.full(components, 1e-3), np.full(bins, -0.3)
    outputs = np.zeros(bins), np.zeros(components), np.zeros(len(axes))
    fold = signal_fold(one, MASS_MEV)
    nodes, work = np.zeros(fold.nodes, dtype=np.int64), np.zeros(fold.work)
    rows = coefficients.reshape(-1, bins)
    most = max((len(axis.knots) for axis in axes), default=0)
    knots = np.full((len(axes), most), np.nan)
    for filled, axis in zip(knots, axes, strict=True):
        filled[: len(axis.knots)] = axis.knots
    sizes = np.array([len(axis.nodes) for axis in axes], dtype=np.int64)
    quartets = 4 ** max(len(axes) - 1, 0)
    support = np.zeros((len(axes), 4)), np.zeros((len(axes), 4)), np.zeros(quartets, dtype=np.int64)
    whole = (rows, knots, sizes, place, factors, *support, np.zeros(quartets), slope, *outputs)
    folded = (fold.whole, fold.real, place, factors, nodes, work, slope, *outputs)
    if axes:
        return _median(lambda n: _whole_loop(n, *whole)), _median(lambda n: _fold_loop(n, *folded))
    plain = (rows, factors, slope, *outputs[:2])
    return _median(lambda n: _plain_loop(n, *plain)), _median(lambda n: _fold_loop(n, *folded))


@njit
def _fold_loop(n, whole, real, place, factors, nodes, work, slope, counts, to_factors, to_place):
    for _ in range(n):
        counts[:] = 0.0
        fold_counts(whole, real, place, factors, nodes, work, counts)
        fold_adjoint(whole, real, factors, nodes, work, slope, to_factors, to_place)


@njit
def _whole_loop(
    n,
    rows,
    knots,
    sizes,
    place,
    factors,
    value,
    slopes,
    node,
    weight,
    slope,
    counts,
    to_factors,
    to_place,
):
    for _ in range(n):
        counts[:] = 0.0
        local_support(knots, sizes, place, value, slopes, node, weight)
        add_contraction(rows, factors, value, node, weight, counts)
        add_contraction_adjoint(
            rows, factors, value, slopes, node, weight, slope, to_factors, to_place
        )


@njit
def _plain_loop(n, rows, factors, slope, counts, to_factors):
    for _ in range(n):
        counts[:] = 0.0
        add_plain(rows, factors, counts)
        add_plain_adjoint(rows, slope, to_factors)


def _median(loop: Callable[[int], object], calls: int = 1) -> float:
    """Return microseconds a call: the median of CPU times of loops that take a while."""
    count = 1
    while True:
        start = time.thread_time()
        loop(count)
        if time.thread_time() - start > _SECONDS:
            break
        count *= 2
    seconds = []
    for _ in range(_ROUNDS):
        start = time.thread_time()
        loop(count)
        seconds.append(time.thread_time() - start)
    return 1e6 * float(np.median(seconds)) / (count * calls)


def report(rows: Sequence[Row]) -> str:
    """Return the section of the page."""
    cells = []
    for row in rows:
        read = 4 ** (len(row.sizes) - 2) * prod(row.sizes[-2:]) if row.sizes else 0
        parts = [" x ".join(map(str, row.sizes)), f"{read}", f"{row.whole:.2f}", f"{row.fold:.2f}"]
        ratio = [f"{row.whole / row.fold:.1f}"]
        cells.append([row.name, *(parts + ratio if row.sizes else ["-"] * 5), f"{row.density:.2f}"])
    return section(
        "Rate tables",
        f"{INTERACTION} at {MASS_MEV:g} MeV, empty bins merged. Table of the signals: nodes of the "
        "axes, components, bins; what a call reads of it; µs for expected counts with their "
        "adjoint from the whole table and from the fold (`tables/separable.py`), and for the whole "
        f"log-density with its gradient. CPU time of one thread, median of {_ROUNDS}.",
        table([" card", " table", "read", "whole", "fold", "ratio", "density"], cells),
    )


if __name__ == "__main__":
    print(report(measure()))
