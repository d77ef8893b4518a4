"""A branch of a posterior that is being sampled: attempts until it passes its gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.inference.gate import GateReport
from bayes_cevns.inference.modes.branch import Branch, Evidence
from bayes_cevns.inference.modes.bridge import log_evidence
from bayes_cevns.inference.modes.spread import spread_evidence
from bayes_cevns.inference.nuts import Running, begin_points
from bayes_cevns.inference.settings import SamplerSettings, attempt_seed
from bayes_cevns.inference.target import Evaluated, Target


@dataclass(eq=False, repr=False)
class Sampling[Model: Evaluated](Displayed):
    """A branch that is sampled from when this is made, by threads of the sampler's own.

    Attributes
    ----------
    target, compiled
        The model, and its values with the data of the branch.
    settings, seed, evidence, unjudged, log_width, uniform, nothing
        As in `bayes_cevns.inference.sampler.Sampler.begin`.
    start
        A seed -> where a chain begins, shape (parameters,).
    straight
        Whether the density is close to standard normal.
    cores
        Chains of the first attempt that are sampled at the same time; others are waited for, and
        have those of the settings.
    """

    target: Target[Model]
    compiled: Model
    settings: SamplerSettings
    seed: int
    start: Callable[[int], Array]
    straight: bool
    evidence: bool
    unjudged: Sequence[str]
    log_width: float
    uniform: int
    nothing: float
    cores: int
    _running: Running = field(init=False)

    def __post_init__(self) -> None:
        self._running = self._begun(0)

    def stop(self) -> None:
        """Stop, for draws that are not wanted any more."""
        self._running.stop()

    def result(self) -> Branch:
        """Return the branch, sampled until it passes its gate or the retries are used up."""
        attempt = 0
        while True:
            points, stats, draws, report = self._attempt(attempt)
            found, last = Evidence(), attempt == self.settings.retries
            if self.evidence:
                report, found = _with_evidence(
                    self.compiled, points, report, self.uniform, self.seed
                )
            if found.best[0] < self.nothing and not found.disagreement:
                report = replace(report, reason="")
            if report.passed or last:
                break
            attempt += 1
            self._running = self._begun(attempt)
        return Branch(draws, stats, report, attempt + 1, found, self.log_width)

    def _begun(self, attempt: int) -> Running:
        """Begin an attempt, with 2^attempt times as many draws."""
        cores = self.settings.cores if attempt else self.cores
        return begin_points(
            self.compiled,
            replace(self.settings, cores=cores),
            seed=attempt_seed(self.seed, attempt),
            start=self.start,
            longer=2**attempt,
            straight=self.straight,
        )

    def _attempt(self, attempt: int) -> tuple[Array, xr.Dataset, xr.Dataset, GateReport]:
        """Return what an attempt has sampled, its draws thinned to as many as are asked for."""
        more = 2**attempt
        points, stats = self._running.result()
        divergences = int(stats["diverging"].sum())
        points, stats = points[:, ::more], _thin(stats, more)
        draws = self.target.draws(self.compiled, points)
        judged = draws.drop_vars(self.unjudged, errors="ignore")
        return points, stats, draws, self.settings.gate.check(judged, divergences=divergences)


def _with_evidence(
    compiled: Evaluated, points: Array, report: GateReport, uniform: int, seed: int
) -> tuple[GateReport, Evidence]:
    """Return the evidence of draws, and their report with the reasons why it is not valid."""
    reasons = [report.reason]
    found = Evidence()

    def log_density(at: Array) -> Array:
        return compiled.log_density(at)[0]

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


def _thin(data: xr.Dataset, step: int) -> xr.Dataset:
    """Keep every `step`-th draw, numbered anew."""
    if step == 1:
        return data
    thinned = data.isel(draw=slice(None, None, step))
    return thinned.assign_coords(draw=np.arange(thinned.sizes["draw"]))
