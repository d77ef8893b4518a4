"""Microseconds per call of the likelihood with all NSI of quarks free, as nutpie calls it."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass

import numpy as np
import nutpie
from loops import model_loop
from page import section, table
from problem import experiment

import bayes_cevns as bc
from bayes_cevns.couplings.box import box_prior
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.model import assemble_branch
from bayes_cevns.physics.oscillation import COUPLINGS

TARGET_US = 60.0

_ROUNDS, _CALLS = 31, 1_000
_LOGP = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)


@dataclass(frozen=True)
class NsiCalls:
    """Bins, seconds to compile and microseconds per call, merged first."""

    bins: tuple[int, int]
    compile_s: tuple[float, float]
    microseconds: tuple[float, float]


def measure() -> NsiCalls:
    """Compile the model with merged and with all bins, and time each."""
    results = [_measure(merged) for merged in (True, False)]
    (b0, s0, u0), (b1, s1, u1) = results
    return NsiCalls((b0, b1), (s0, s1), (u0, u1))


def _measure(merged: bool) -> tuple[int, float, float]:
    spec = bc.ModelSpec.of([experiment()], couplings=CouplingModel.of(COUPLINGS))
    spec = spec.merging_bins() if merged else spec
    tables = of_couplings(spec.tables())
    assert spec.couplings is not None
    box = box_prior(spec.couplings, tables, spec.bounds).box
    model = assemble_branch(spec, tables, box, range(len(COUPLINGS)))
    start = time.perf_counter()
    compiled = nutpie.compile_pymc_model(model)
    seconds = time.perf_counter() - start
    size = compiled.n_dim
    point, gradient, value = np.full(size, 0.1), np.empty(size), np.empty(())
    buffers = (point, gradient, value, compiled.user_data)
    addresses = tuple(buffer.ctypes.data for buffer in buffers)
    function = _LOGP(compiled.compiled_logp_func.address)
    times = np.empty(_ROUNDS)
    for i in range(_ROUNDS):
        begin = time.thread_time()
        if not np.isfinite(model_loop(_CALLS, function, size, point, addresses)):
            raise RuntimeError("a benchmark did not evaluate")
        times[i] = time.thread_time() - begin
    bins = int(np.size(model["xenonnt_cevns.observed"].get_value()))
    return bins, seconds, float(1e6 * np.median(times) / _CALLS)


def report(calls: NsiCalls) -> str:
    """Return the section of the page."""
    rows = [
        [str(bins), f"{us:.1f}", f"{seconds:.1f}"]
        for bins, us, seconds in zip(calls.bins, calls.microseconds, calls.compile_s, strict=True)
    ]
    verdict = "met" if max(calls.microseconds) <= TARGET_US else "**missed**"
    return section(
        "Non-standard interactions",
        "All 12 couplings free, in propagation and detection, with the 8 nuisances of the three "
        "runs of XENONnT, three flavours and the Earth: log-density and gradient as nutpie calls "
        f"it. CPU time of one thread, median of {_ROUNDS} x {_CALLS} calls.",
        table(["bins", "µs", "compilation, s"], rows),
        f"Target: at most {TARGET_US:g} µs: {verdict}.",
    )
