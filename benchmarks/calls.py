"""Microseconds per call of hand-written code, the rate op and the model as nutpie calls it."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytensor.tensor as pt
from bare import DIMENSION
from loops import density_loop, kernel_loop, model_loop, op_loop
from numpy.typing import NDArray
from page import section, table
from problem import build_problem, check_against, experiment
from pytensor.link.numba.dispatch.basic import numba_funcify_and_cache_key

import bayes_cevns as bc
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.describe import joint
from bayes_cevns.density.writer import arrays_of
from bayes_cevns.inference.engine import Engine
from bayes_cevns.tables.rate_op import RateAdjointOp, RateOp
from bayes_cevns.tables.shape_axes import ShapeAxis

type Array = NDArray[np.float64]
type Loop = Callable[[int], float]

INTERACTION, MASS_MEV, PRIOR = "scalar-universal", 10.0, "flat"

#: The model as the engine calls it may take this many times the bare kernel on all bins.
TARGET = 3.0

_ROUNDS = 31
_CALLS = 2_000


@dataclass(frozen=True)
class Calls:
    """What was measured.

    Attributes
    ----------
    bins
        Number of bins, all and merged.
    microseconds
        For kernel, density, op and model in this order, all bins and merged, shape (4, 2).
    worst
        Largest relative difference between hand-written and package log-density or gradient.
    """

    bins: tuple[int, int]
    microseconds: Array
    worst: float

    @property
    def ratio(self) -> float:
        """The model as the engine calls it, in units of the bare kernel on all bins."""
        return float(self.microseconds[3, 1] / self.microseconds[0, 0])


def measure() -> Calls:
    """Compare hand-written and package likelihood at random points, then time them."""
    spec = bc.ModelSpec.of([experiment()], interaction=INTERACTION, prior=PRIOR)
    engine = Engine(spec)
    engine.compile(MASS_MEV)
    whole = CompiledModel(arrays_of(joint(spec, spec.tables(), MASS_MEV)))
    loops: list[Loop] = []
    bins, worst = [], 0.0
    merged = engine.compile(MASS_MEV).compiled
    for one, model in ((spec, whole), (engine.spec, merged)):
        problem, _ = build_problem(
            experiment(),
            interaction=INTERACTION,
            mass_mev=MASS_MEV,
            prior=PRIOR,
            merged=one.merged,
        )
        worst = max(worst, check_against(problem, model.log_density))
        n = problem.observed.size
        bins.append(n)
        scales, cotangent = np.ones(8), np.full(n, -0.3)
        loops += [
            partial(_kernel, problem, scales, cotangent, np.empty(n), np.empty(10)),
            partial(_density, np.full(DIMENSION, 0.1), problem, np.empty(DIMENSION)),
            _op(one.tables()[0], cotangent),
            _model(model),
        ]
    seconds = np.array(_medians(loops))
    return Calls((bins[0], bins[1]), 1e6 * seconds.reshape(2, 4).T, worst)


def _medians(loops: Sequence[Loop]) -> list[float]:
    """Return seconds per call: the median of CPU times, measured in turns."""
    for loop in loops:
        if not np.isfinite(loop(2)):
            raise RuntimeError("a benchmark did not evaluate")
    seconds = np.empty((_ROUNDS, len(loops)))
    for turn in seconds:
        for i, loop in enumerate(loops):
            start = time.thread_time()
            loop(_CALLS)
            turn[i] = time.thread_time() - start
    return [float(v) for v in np.median(seconds, axis=0) / _CALLS]


def _kernel(*arguments: Any) -> float:
    return float(kernel_loop(arguments[-1], *arguments[:-1]))


def _density(*arguments: Any) -> float:
    return float(density_loop(arguments[-1], *arguments[:-1]))


def _op(rates: RateTable, cotangent: Array) -> Loop:
    """Return a loop over the Numba functions of the ops, as PyTensor gets them."""
    axes = rates.experiment.signal_axes
    ((no_axes, parts),) = rates.other_backgrounds.items()
    functions = (*_functions(axes), *_functions(no_axes))
    tables = (rates.coefficients(MASS_MEV), rates.background_coefficients(parts))
    points = (np.ones(tables[1].shape[0]), np.full(len(axes), 0.1), np.empty(0), cotangent)
    return lambda n: float(op_loop(n, *functions, *tables, *points))


def _functions(axes: tuple[ShapeAxis, ...]) -> tuple[Any, Any]:
    op = RateOp(axes)
    inputs = [pt.tensor(shape=(None,) * (len(axes) + 2)), pt.vector(), pt.vector()]
    adjoint = RateAdjointOp(op.knots)
    nodes = (op.make_node(*inputs), adjoint.make_node(*inputs, pt.vector()))
    value, back = (numba_funcify_and_cache_key(node.op, node=node)[0] for node in nodes)
    return value, back


_LOGP = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)


def _model(model: CompiledModel) -> Loop:
    """Return a loop over the C function that nutpie calls."""
    point, gradient, value = np.full(DIMENSION, 0.1), np.empty(DIMENSION), np.empty(())
    buffers = (point, gradient, value, model.user_data)
    function = _LOGP(model.log_density_address)

    def loop(n: int) -> float:
        addresses = tuple(buffer.ctypes.data for buffer in buffers)
        return float(model_loop(n, function, DIMENSION, point, addresses))

    return loop


def report(calls: Calls) -> str:
    """Return the section of the page."""
    names = (
        "bare kernel: contraction and adjoint",
        "bare log-density and gradient",
        "`RateOp` and `RateAdjointOp`",
        "model: log-density and gradient, as nutpie calls it",
    )
    reference = calls.microseconds[0, 0]
    rows = []
    for merged, bins in enumerate(calls.bins):
        column = calls.microseconds[:, merged]
        for name, value in zip(names, column, strict=True):
            ratios = (value / reference, value / column[0], value / column[1])
            rows.append([name, str(bins), f"{value:.2f}", *(f"{r:.2f}" for r in ratios)])
    verdict = "met" if calls.ratio <= TARGET else "**missed**"
    return section(
        "Microseconds per call",
        f"{INTERACTION} at {MASS_MEV:g} MeV, prior {PRIOR}, 9 parameters, the three runs of "
        f"XENONnT: {calls.bins[0]} bins, or {calls.bins[1]} when those without events are merged, "
        "as the engine does. CPU time of one thread in compiled loops, median of "
        f"{_ROUNDS} x {_CALLS} calls. Bare: the same likelihood by hand in Numba (`bare.py`); its "
        "value and gradient equal the package's at random points to "
        f"{calls.worst:.0e} (relative).",
        table(
            [
                " what",
                "bins",
                "µs",
                f"/ bare kernel, {calls.bins[0]} bins",
                "/ bare kernel, same bins",
                "/ bare log-density, same bins",
            ],
            rows,
        ),
        f"Target: model as the engine calls it <= {TARGET:g} x bare kernel on {calls.bins[0]} "
        f"bins. {calls.ratio:.2f}: {verdict}.",
    )
