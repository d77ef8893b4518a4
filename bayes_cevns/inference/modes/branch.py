"""Branches of a posterior, and how they are combined into one fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.density.chart import Chart
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.display import Displayed
from bayes_cevns.inference.gate import GateReport
from bayes_cevns.specification.variables import COORDINATES, VALUES
from bayes_cevns.summary.fit import Fit

#: The two log-evidences of a branch may differ by this plus so many of their standard errors.
_TOLERANCE = 0.05
_SIGMAS = 4.0

#: No log-evidence is taken to be more precise than this.
_LEAST_ERROR = 1e-4


@dataclass(frozen=True)
class Evidence:
    """The evidence of a branch.

    Attributes
    ----------
    log_z, error
        Log-evidence by bridge sampling, with its standard error.
    spread, spread_error
        The same by importance sampling from points all over the branch (`spread_evidence`); NaN if
        it was not computed.
    """

    log_z: float = np.nan
    error: float = np.nan
    spread: float = np.nan
    spread_error: float = np.nan

    @property
    def best(self) -> tuple[float, float]:
        """The mean of the two with weights 1 / error^2, and its error; the first if it is alone."""
        if not np.isfinite(self.spread):
            return self.log_z, self.error
        values, errors = [self.log_z, self.spread], [self.error, self.spread_error]
        weights = np.square(np.maximum(errors, _LEAST_ERROR)) ** -1.0
        return float(np.average(values, weights=weights)), float(weights.sum() ** -0.5)

    @property
    def disagreement(self) -> str:
        """A sentence if the two evidences do not agree; empty if they do."""
        difference = self.spread - self.log_z
        allowed = _TOLERANCE + _SIGMAS * float(np.hypot(self.error, self.spread_error))
        if abs(difference) <= allowed:
            return ""
        if difference > 0:
            return (
                f"the chains missed {1.0 - np.exp(-difference):.0%} of this branch: points all "
                f"over it give a log-evidence higher by {difference:.2f} (allowed {allowed:.2f})"
            )
        return (
            f"points all over this branch give a log-evidence lower by {-difference:.2f} than the "
            f"chains (allowed {allowed:.2f})"
        )


#: Names that `Part.place` may have -> their dims in `Fit.quality`, beside ``branch``.
PLACES: dict[str, tuple[str, ...]] = {
    "normal": ("parameter",),
    "low": (),
    "high": (),
    "plane_normal": ("plane", "parameter"),
    "plane_number": ("plane",),
    "octant": (),
}


@dataclass(frozen=True, eq=False, repr=False)
class Part(Displayed):
    """A part of a posterior that is sampled separately.

    Attributes
    ----------
    data
        Values of the model's ``pm.Data`` that restrict it to this part.
    starts
        Starting points of chains, in the coordinates of the sampler, shape (n, d); by default the
        initial points of the model.
    log_width
        Logarithm of its prior probability, up to a constant, where the model does not contain it.
    place
        Its location, by the names in `PLACES`.
    order
        With several couplings: the number of the coupling at each place of the sampled vector.
    height
        Log-density of its highest known maximum. Parts with high maxima are sampled first.
    flips
        Variables x whose draws are those of 1 - x.
    chart
        Coordinates in which it is close to standard normal, if they are known.
    """

    data: Mapping[str, Array]
    starts: Array | None = None
    log_width: float = 0.0
    place: Mapping[str, Any] = field(default_factory=dict)
    order: tuple[int, ...] = ()
    height: float = 0.0
    flips: tuple[str, ...] = ()
    chart: Chart | None = None

    @property
    def charted(self) -> Callable[[CompiledModel], CompiledModel] | None:
        """What gives a model the coordinates of the chart, if there is one."""
        return None if self.chart is None else lambda model: model.with_chart(self.chart)


@dataclass(frozen=True, eq=False, repr=False)
class Branch(Displayed):
    """One branch of a posterior.

    Attributes
    ----------
    draws, stats
        Draws and sampler statistics, dims (chain, draw, ...).
    report
        The verdict of the gate.
    attempts
        How often it was sampled.
    evidence
        Its evidence; NaN where there is only one branch, which needs no weight.
    log_width
        Logarithm of its prior probability, where the evidence does not contain it.
    """

    draws: xr.Dataset
    stats: xr.Dataset
    report: GateReport
    attempts: int
    evidence: Evidence
    log_width: float = 0.0


def join(prior: CouplingPrior | None, branches: Sequence[Branch]) -> Fit:
    """Combine branches into a fit, weighted by evidence times prior probability."""
    if len(branches) == 1:
        weight = np.ones(1)
    else:
        log_weight = np.array([b.evidence.best[0] + b.log_width for b in branches])
        if not np.all(np.isfinite(log_weight)):  # the fit has failed; its weights mean nothing
            log_weight = np.zeros(len(branches))
        weight = np.exp(log_weight - np.logaddexp.reduce(log_weight))
    columns: dict[str, Any] = {
        "weight": weight,
        "log_evidence": [b.evidence.best[0] for b in branches],
        "log_evidence_error": [b.evidence.best[1] for b in branches],
        "rhat": [b.report.rhat for b in branches],
        "ess_bulk": [b.report.ess_bulk for b in branches],
        "ess_tail": [b.report.ess_tail for b in branches],
        "divergences": [b.report.divergences for b in branches],
        "attempts": [b.attempts for b in branches],
        "passed": [b.report.passed for b in branches],
        "reason": np.array([b.report.reason for b in branches], dtype=object),
    }
    if any(np.isfinite(b.evidence.spread) for b in branches):
        columns["log_evidence_bridge"] = [b.evidence.log_z for b in branches]
        columns["log_evidence_bridge_error"] = [b.evidence.error for b in branches]
        columns["log_evidence_spread"] = [b.evidence.spread for b in branches]
        columns["log_evidence_spread_error"] = [b.evidence.spread_error for b in branches]
    return Fit(
        prior=prior,
        posterior=_stacked([b.draws for b in branches]),
        sample_stats=_stacked([b.stats for b in branches]),
        quality=xr.Dataset({name: ("branch", values) for name, values in columns.items()}),
    )


def _stacked(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return datasets along the dim ``branch``, of which there is mostly one."""
    if len(parts) == 1:
        return parts[0].expand_dims("branch")
    return xr.concat(parts, dim="branch", join="exact")


def named(branch: Branch, placed: Sequence[str], names: Sequence[str]) -> Branch:
    """Return a branch in which each coupling is a variable, in place of the vector of all."""
    values = branch.draws[VALUES]
    (dim,) = set(values.dims) - {"chain", "draw"}
    couplings = {
        name: values.isel({dim: placed.index(name)}, drop=True).rename(name) for name in names
    }
    rest = branch.draws.drop_vars([COORDINATES, VALUES])
    rest = rest.drop_vars([c for c in rest.coords if str(c).startswith("couplings_")])
    return replace(branch, draws=rest.assign(couplings)[[*names, *rest.data_vars]])


def flipped(branch: Branch, names: Sequence[str]) -> Branch:
    """Return a branch in which some of its variables, if it has them, are one minus themselves."""
    turned = {name: 1.0 - branch.draws[name] for name in names if name in branch.draws}
    return replace(branch, draws=branch.draws.assign(turned)) if turned else branch
