"""What is said of one model: its evidence, how it predicts bins, what its replicas look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.priors import Prior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.nuisance_priors import chosen_prior
from bayes_cevns.specification.variables import nuisance_name
from bayes_cevns.studies.comparison.comparable import by_name
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.summary.cross_validation import (
    CrossValidation,
    leave_one_out,
    log_left_out,
    possible_bins,
)
from bayes_cevns.summary.predictive_checks import PredictiveChecks, predictive_checks

if TYPE_CHECKING:
    from bayes_cevns.inference.coupling_likelihood import CouplingLikelihood

#: Ends of priors for which a Bayes factor is given, and the first one over the 90% limit.
_ENDS = 40
_FIRST_END = 0.1

#: Log-evidences by bridge sampling and by Dickey's ratio may differ by this and so many errors.
_TOLERANCE, _SIGMAS = 0.1, 4.0


@dataclass(frozen=True, eq=False, repr=False)
class BayesFactors(Displayed):
    """Bayes factor of an interaction to the Standard Model, against the end of its prior.

    Attributes
    ----------
    max_coupling
        Upper ends of the prior of the quoted coupling, shape (n,).
    log_bayes_factor, error
        Logarithm of the factor and its standard error, shape (n,).
    """

    max_coupling: Array
    log_bayes_factor: Array
    error: Array


@dataclass(frozen=True, eq=False, repr=False)
class Findings(Displayed):
    """What is said of one model, without its draws.

    Attributes
    ----------
    log_evidence, log_evidence_error
        By bridge sampling.
    log_dickey_ratio, log_dickey_ratio_error
        Logarithm of its Bayes factor to the Standard Model from its own posterior at zero
        coupling; zero for the Standard Model itself.
    loo
        Leave-one-out cross-validation over bins.
    predictive
        Posterior predictive checks.
    bayes_factors
        Against the end of the prior; ``None`` for the Standard Model.
    reason
        What is wrong; empty if nothing is.
    """

    log_evidence: float
    log_evidence_error: float
    log_dickey_ratio: float
    log_dickey_ratio_error: float
    loo: CrossValidation
    predictive: PredictiveChecks
    bayes_factors: BayesFactors | None
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Assessment(Findings):
    """What is said of one model.

    Attributes
    ----------
    run
        The model and its posterior.
    """

    run: ModelRun = field(kw_only=True)

    @classmethod
    def of(cls, run: ModelRun, findings: Findings) -> Assessment:
        """Return what is said of a model with the model."""
        own = {one.name: getattr(findings, one.name) for one in fields(Findings)}
        return cls(**own, run=run)

    def _title(self) -> str:
        return f"Assessment of {self.run.label}"

    def _rows(self) -> dict[str, object]:
        return {
            "log evidence": f"{self.log_evidence:.4g} +- {self.log_evidence_error:.2g}",
            "log Dickey ratio": f"{self.log_dickey_ratio:.4g} +- {self.log_dickey_ratio_error:.2g}",
            "elpd": f"{self.loo.total:.4g} +- {self.loo.error:.2g}",
            "least predictive p": self.predictive.worst.p_value,
            "wrong": self.reason,
        }

    def line(self) -> str:
        """Return what is said of the model in a line."""
        worst = self.predictive.worst
        return (
            f"{self.run.name}: ln Z {self.log_evidence:.3f} +- {self.log_evidence_error:.2g}, "
            f"elpd {self.loo.total:.2f} +- {self.loo.error:.2g} "
            f"(Pareto k {self.loo.pareto_k.max():.2f}), least predictive p {worst.p_value:.2g} "
            f"({worst.experiment} {worst.run} {worst.observable})"
        )


def assess(run: ModelRun) -> Findings:
    """Compute evidence, cross-validation and predictive checks of one model.

    The last two are from all draws, or from as many of them as fit into memory with all bins
    (`bayes_cevns.inference.at_draws.as_many_as_fit`).
    """
    from bayes_cevns.inference.at_draws import ModelAtDraws, as_many_as_fit
    from bayes_cevns.inference.marginal import coupling_likelihood
    from bayes_cevns.inference.modes.evidence import fit_evidence

    # Bins left out are compared one by one, so that they are in the order of the names.
    spec = replace(run.spec, experiments=tuple(by_name(run)))
    model = ModelAtDraws(spec, run.mass_mev)
    reasons = [run.reason]
    try:
        log_z, error = fit_evidence(run, model, seed=run.seed)
    except ConvergenceError as failure:
        reasons.append(str(failure))
        log_z, error = np.nan, np.nan
    draws = as_many_as_fit(run.draws(), spec.experiments)
    expected = model.expected(model.points(draws))
    number = draws.sizes["chain"] * draws.sizes["draw"]
    logs = log_left_out(spec.experiments, expected)
    least = float(run.quality["ess_bulk"].min())
    loo = leave_one_out(logs, relative_ess=min(1.0, least / number))
    reasons.append(impossible_text(spec.experiments, logs))
    checks = predictive_checks(spec.experiments, expected, draws, _constraints(spec), seed=run.seed)
    ratio, ratio_error, factors = 0.0, 0.0, None
    if run.prior is not None:
        likelihood = coupling_likelihood(model, run)
        ratio, ratio_error = likelihood.log_bayes_factor(run.prior)
        factors = _against_the_end(likelihood, run.prior)
    reason = "; ".join(text for text in reasons if text)
    return Findings(log_z, error, ratio, ratio_error, loo, checks, factors, reason)


def predictive(run: ModelRun) -> PredictiveChecks:
    """Return posterior predictive checks of a fit, from its draws, or as many of them as fit."""
    from bayes_cevns.inference.at_draws import ModelAtDraws, as_many_as_fit

    model = ModelAtDraws(run.spec, run.mass_mev)
    draws = as_many_as_fit(run.draws(), run.spec.experiments)
    expected = model.expected(model.points(draws))
    constraints = _constraints(run.spec)
    return predictive_checks(run.spec.experiments, expected, draws, constraints, seed=run.seed)


def impossible_text(experiments: Sequence[Experiment], logs: Array) -> str:
    """Return what is wrong if observed counts are impossible at draws; empty if nothing is.

    Parameters
    ----------
    experiments
        The experiments.
    logs
        What `bayes_cevns.summary.cross_validation.log_left_out` returned.
    """
    names = [
        f"{e.name}, run {run}, bin {label}"
        for e in experiments
        for run in e.runs
        for label in e.observed["bin"].values
    ]
    bad = np.flatnonzero(~possible_bins(logs))
    if bad.size == 0:
        return ""
    draws = int((~np.isfinite(logs[..., bad[0]])).sum())
    return (
        f"the counts of {bad.size} bins are impossible at draws of the posterior ({names[bad[0]]}: "
        f"at {draws}): they are not draws of this model and these data"
    )


def _constraints(spec: ModelSpec) -> dict[str, Prior]:
    """Return the priors of nuisances by their names in the model."""
    alternatives = dict(spec.nuisance_priors)
    return {
        nuisance_name(e, name): chosen_prior(e, name, alternatives)
        for e in spec.experiments
        for name in e.nuisances()
    }


def _against_the_end(likelihood: CouplingLikelihood, prior: CouplingPrior) -> BayesFactors:
    """Return Bayes factors for priors that end earlier, from well below the limit upwards."""
    _, last = prior_ends(prior)
    first = _FIRST_END * min(limit.value for limit in likelihood.limits(prior, 0.9))
    if prior.kind == "log":
        first = max(first, 2.0 * float(prior.quoted(prior.scale)))
    ends = np.geomspace(min(first, 0.5 * last), last, _ENDS)
    found = np.array([likelihood.log_bayes_factor(prior.up_to(float(end))) for end in ends])
    return BayesFactors(ends, found[:, 0], found[:, 1])


def checked_against(model: Assessment, standard: Assessment) -> Assessment:
    """Compare the two ways to its Bayes factor: evidences, and the posterior at zero coupling."""
    factor = model.log_evidence - standard.log_evidence
    error = np.hypot(model.log_evidence_error, standard.log_evidence_error)
    allowed = _TOLERANCE + _SIGMAS * float(np.hypot(error, model.log_dickey_ratio_error))
    if model.reason or abs(factor - model.log_dickey_ratio) <= allowed:
        return model
    reason = (
        f"the log Bayes factor is {factor:.2f} by the evidences and {model.log_dickey_ratio:.2f} "
        f"by the posterior at zero coupling (allowed difference {allowed:.2f})"
    )
    return replace(model, reason=reason)


def prior_ends(prior: CouplingPrior | None) -> tuple[float, float]:
    """Return the ends of the prior in the quoted coupling; NaN without one."""
    if prior is None:
        return np.nan, np.nan
    low, high = (float(v) for v in prior.quoted(prior.product([prior.lowest, prior.upper])))
    return low, high
