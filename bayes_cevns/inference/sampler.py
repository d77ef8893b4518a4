"""A compiled model, sampled by nutpie branch by branch: the only module that knows nutpie."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import nutpie
import pymc as pm
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.inference.gate import GateReport
from bayes_cevns.inference.modes.branch import Branch, Evidence
from bayes_cevns.inference.modes.bridge import log_evidence
from bayes_cevns.inference.modes.ridge import Density
from bayes_cevns.inference.modes.spread import spread_evidence
from bayes_cevns.inference.settings import SamplerSettings, attempt_seed
from bayes_cevns.inference.trace import read_trace
from bayes_cevns.model.compiling import same_digits

_STATS = {
    "diverging": "diverging",
    "energy": "energy",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "logp": "lp",
}
_POINTS = {"unconstrained_draw": "unconstrained"}

#: With several starting points, a chain begins within this distance of one of them.
_NEAR = 0.1

#: Number of starting points that are tried; the best of them is used.
_STARTS = 4


class Sampler:
    """A compiled model, sampled with any values of its data.

    Parameters
    ----------
    model
        The model; its ``pm.Data`` may be swapped.
    spread_out
        Start the chains at draws of the prior instead of near its middle. They are then far apart,
        and R-hat is large if only some of them found a mode.

    Attributes
    ----------
    compiled
        The compiled model of nutpie.
    """

    def __init__(self, model: pm.Model, *, spread_out: bool = False) -> None:
        self._variables = tuple(rv.name for rv in (*model.free_RVs, *model.deterministics))
        strategy = "prior" if spread_out else "support_point"
        with same_digits():
            self.compiled: Any = nutpie.compile_pymc_model(
                model, default_initialization_strategy=strategy
            )

    def log_density(self, data: Mapping[str, Array], points: Array) -> tuple[Array, Array]:
        """Return the log-density and its gradient at unconstrained points, shape (n, d)."""
        return evaluate(self.compiled.with_data(**data), points)

    def density(self, data: Mapping[str, Array]) -> Density:
        """Return the log-density and its gradient as a function of one unconstrained point."""
        return _density(self.compiled.with_data(**data))

    def starts(self, data: Mapping[str, Array]) -> Array:
        """Return some points where the sampler may begin, shape (m, d)."""
        compiled = self.compiled.with_data(**data)
        return np.array([compiled.initial_point_func(seed) for seed in range(_STARTS)])

    def sample(
        self,
        data: Mapping[str, Array],
        settings: SamplerSettings,
        *,
        seed: int,
        evidence: bool = False,
        unjudged: Sequence[str] = (),
        log_width: float = 0.0,
        uniform: int = 0,
        starts: Array | None = None,
        nothing: float = -np.inf,
    ) -> Branch:
        """Sample one branch until it passes its gate or the retries are used up.

        Parameters
        ----------
        data
            New values of the ``pm.Data`` of the model, by name.
        settings
            How to sample.
        seed
            Seed of the random numbers.
        evidence
            Whether to compute the evidence by bridge sampling.
        unjudged
            Variables that the gate ignores.
        log_width
            Logarithm of the prior probability of the branch, up to a constant, where the model does
            not contain it. It is added to the log-evidence.
        uniform
            Number of leading coordinates that are logits of quantities uniform in (0, 1). If there
            are any, the evidence is compared with importance sampling from points spread evenly
            over them (`spread_evidence`).
        starts
            Each chain begins near one of these points, shape (n, d), in all coordinates of the
            sampler; by default at the initial points of the model.
        nothing
            A branch with a lower log-evidence is negligible. It need not pass its gate, provided
            that its two evidences agree.
        """
        compiled = self.compiled.with_data(**data)
        if starts is not None:
            compiled = replace(compiled, initial_point_func=_around(starts))
        attempt = 0
        while True:
            draws, stats, report = self._attempt(
                compiled, settings, attempt, seed=seed, points=evidence, unjudged=unjudged
            )
            found, last = Evidence(), attempt == settings.retries
            if evidence:
                report, found = _with_evidence(
                    compiled, stats["unconstrained"].values, report, uniform, seed
                )
            if found.best[0] < nothing and not found.disagreement:
                report = replace(report, reason="")
            if report.passed or last:
                break
            attempt += 1
        kept = stats[list(_STATS.values())]
        return Branch(draws, kept, report, attempt + 1, found, log_width)

    def _attempt(
        self,
        compiled: Any,
        settings: SamplerSettings,
        attempt: int,
        *,
        seed: int,
        points: bool,
        unjudged: Sequence[str],
    ) -> tuple[xr.Dataset, xr.Dataset, GateReport]:
        """Sample once, with 2^attempt times as many draws, which are thinned by the same factor."""
        more = 2**attempt
        trace = _nutpie_trace(
            compiled,
            draws=settings.draws * more,
            tune=settings.tune * more,
            chains=settings.chains,
            cores=settings.cores,
            seed=attempt_seed(seed, attempt),
            target_accept=1.0 - (1.0 - settings.target_accept) / more,
            store_unconstrained=points,
        )
        draws, stats = read_trace(
            trace,
            variables=self._variables,
            statistics={**_STATS, **(_POINTS if points else {})},
            coords=compiled.coords,
        )
        divergences = int(stats["diverging"].sum())
        draws, stats = _thin(draws, more), _thin(stats, more)
        judged = draws.drop_vars(unjudged, errors="ignore")
        return draws, stats, settings.gate.check(judged, divergences=divergences)


def _with_evidence(
    compiled: Any, points: Array, report: GateReport, uniform: int, seed: int
) -> tuple[GateReport, Evidence]:
    """Return the evidence of draws, and their report with the reasons why it is not valid."""
    reasons = [report.reason]
    found = Evidence()

    def log_density(at: Array) -> Array:
        return evaluate(compiled, at)[0]

    rng = np.random.default_rng(seed)
    try:
        found = Evidence(*log_evidence(log_density, points, rng=rng))
        if uniform:
            spread = spread_evidence(log_density, points, uniform=uniform, rng=rng)
            found = replace(found, spread=spread[0], spread_error=spread[1])
            reasons.append(found.disagreement)
    except ConvergenceError as failure:
        reasons.append(str(failure))
    return replace(report, reason="; ".join(text for text in reasons if text)), found


def _around(starts: Array) -> Callable[[Any], Array]:
    """Return a function that draws where a chain begins.

    With one point, up to one unit from it in each coordinate; with several, close to one of them,
    drawn at random, since they are far apart already.
    """
    reach = 1.0 if len(starts) == 1 else _NEAR

    def draw(seed: Any = None) -> Array:
        rng = np.random.default_rng(seed)
        return np.asarray(rng.choice(starts) + rng.uniform(-reach, reach, starts.shape[1]))

    return draw


def _nutpie_trace(compiled: Any, **options: Any) -> Any:
    """Return the raw trace of nutpie, or stop at once at Ctrl-C.

    ``nutpie.sample`` by itself ends early at Ctrl-C and returns the draws so far as if they were
    complete.
    """
    sampler = nutpie.sample(
        compiled, blocking=False, return_raw_trace=True, progress_bar=False, **options
    )
    try:
        return sampler.wait()
    except BaseException:
        sampler.cancel()
        raise


def _thin(data: xr.Dataset, step: int) -> xr.Dataset:
    """Keep every `step`-th draw, numbered anew."""
    thinned = data.isel(draw=slice(None, None, step))
    return thinned.assign_coords(draw=np.arange(thinned.sizes["draw"]))


_LOGP = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)


def _density(compiled: Any) -> Density:
    """Return the compiled log-density and its gradient as a function of one point."""

    def density(point: Array) -> tuple[float, Array]:
        value, gradient = evaluate(compiled, point[None])
        return float(value[0]), gradient[0]

    return density


def evaluate(compiled: Any, points: Array) -> tuple[Array, Array]:
    """Call the compiled log-density as the sampler does; see `Engine.log_density`.

    A point at which it cannot be evaluated has log-density minus infinity.
    """
    function = _LOGP(compiled.compiled_logp_func.address)
    points = np.ascontiguousarray(points, dtype=float)
    value = np.full(len(points), -np.inf)
    gradient = np.full(points.shape, np.nan)
    user_data = compiled.user_data.ctypes.data
    scratch = np.zeros(())
    for i, point in enumerate(points):
        code = function(
            point.size, point.ctypes.data, gradient[i].ctypes.data, scratch.ctypes.data, user_data
        )
        if code == 0:
            value[i] = scratch
    return value, gradient
