"""How much a limit owes to its prior: limits with the other named priors, and power scaling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, override

import numpy as np
from pydantic import PrivateAttr

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import PRIORS, CouplingPrior, prior_text
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.coupling_likelihood import CouplingLikelihood
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    experiments_label,
    labels,
    prior_label,
)
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.options import Level, Mass, asked
from bayes_cevns.studies.parts import SampledParts
from bayes_cevns.studies.power_scaling import PowerScaling, power_scaling
from bayes_cevns.studies.sample import ModelRun, SampleStudy
from bayes_cevns.studies.stores import ValueStore
from bayes_cevns.studies.study import Result, SampledStudy
from bayes_cevns.summary.cross_validation import GOOD_K, check_draws
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import Limit, limits

SENSITIVITY_COLUMNS = (
    *("experiment", "interaction", "mass_mev", *LABEL_COLUMNS, "level", "side"),
    *("prior", PRIOR_TEXT, "limit", "mc_error", "at_bound"),
    *("ratio", "method", "pareto_k", "passed"),
    *("psense_coupling", "psense_nuisances", "psense_likelihood", "diagnosis"),
)

#: Where the fit is kept, as `bayes_cevns.sample` writes it, and those with other priors.
FIT_FOLDER = "fit"
_OTHERS = "fit_{}"


@dataclass(frozen=True)
class PriorLimit:
    """A limit with one of the named priors.

    Attributes
    ----------
    prior
        Name of the prior.
    limit
        The limit.
    ratio
        It over that with the prior of the fit.
    method
        ``"weighted"`` if draws of the fit gave it, ``"sampled"`` if it was sampled anew.
    pareto_k
        Shape of the tail of the weights; above 0.7 they are not used.
    reason
        Why the fit that it is from failed its gate; empty if it did not.
    """

    prior: str
    limit: Limit
    ratio: float
    method: str
    pareto_k: float
    reason: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class PriorFindings(Displayed):
    """What the limits of a fit owe to its prior, without the fit.

    Attributes
    ----------
    limits
        For each prior and side.
    scaling
        Power scaling.
    likelihood
        Marginal likelihood of x, averaged over draws.
    priors
        The named priors.
    counts
        Expected neutrino events at nominal nuisances: factors of 1, x and x^2, shape (3,).
    """

    limits: tuple[PriorLimit, ...]
    scaling: PowerScaling
    likelihood: CouplingLikelihood
    priors: Mapping[str, CouplingPrior]
    counts: Array


@dataclass(frozen=True, eq=False, repr=False)
class PriorSensitivity(PriorFindings, Result):
    """What the limits of a fit owe to its prior.

    Attributes
    ----------
    fit
        The fit.
    level
        Credible level of the limits.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.prior_sensitivity(
    ...     "xenonnt_2024_s2", interaction="b-l", mass_mev=10.0, seed=1
    ... )
    >>> [one.prior for one in found.limits]
    ['flat', 'flat-rate', 'log']
    """

    fit: ModelRun = field(kw_only=True)
    level: float = field(kw_only=True)

    @classmethod
    def of(cls, findings: PriorFindings, fit: ModelRun, level: float) -> PriorSensitivity:
        """Return what was found of a fit with the fit."""
        own = {one.name: getattr(findings, one.name) for one in fields(PriorFindings)}
        return cls(**own, fit=fit, level=level)

    def _rows(self) -> dict[str, object]:
        found = {
            f"{one.prior} ({one.limit.side})": f"{one.limit.value:.4g}, {one.method}"
            for one in self.limits
        }
        return {"fit": self.fit, "level": self.level, **found, "diagnosis": self.scaling.diagnosis}

    @property
    def spec(self) -> ModelSpec:
        """The model of the fit."""
        return self.fit.spec

    @property
    def mass_mev(self) -> float | None:
        """Mediator mass of the fit."""
        return self.fit.mass_mev

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each prior and side, with the columns of prior_sensitivity.csv."""
        assert self.spec.interaction is not None
        return [
            {
                "experiment": experiments_label(self.spec.experiments),
                "interaction": self.spec.interaction.name,
                "mass_mev": "" if self.mass_mev is None else self.mass_mev,
                **labels(self.spec, CREDIBLE),
                "level": self.level,
                "side": found.limit.side,
                "prior": found.prior,
                **prior_label(self.spec, found.prior),
                "limit": found.limit.value,
                "mc_error": found.limit.mc_error,
                "at_bound": found.limit.ends.at_bound,
                "ratio": found.ratio,
                "method": found.method,
                "pareto_k": found.pareto_k,
                "passed": not found.reason,
                "psense_coupling": self.scaling.coupling,
                "psense_nuisances": self.scaling.nuisances,
                "psense_likelihood": self.scaling.likelihood,
                "diagnosis": self.scaling.diagnosis,
            }
            for found in self.limits
        ]

    def tables(self) -> dict[str, str]:
        """Return prior_sensitivity.csv."""
        return {"prior_sensitivity.csv": csv_text(SENSITIVITY_COLUMNS, self.rows())}

    def report(self) -> dict[str, Any]:
        """Return whether the fit passed its gate."""
        return {"passed": self.fit.passed, "reason": self.fit.reason}

    def failures(self) -> dict[str, str]:
        """Return why the fit failed."""
        return self.fit.failures()

    def lines(self) -> list[str]:
        """Return the limits and the power scaling."""
        assert self.fit.prior is not None
        coupling = self.fit.prior.coupling
        found = [
            f"{one.prior} ({prior_text(one.prior, coupling)}): {100 * self.level:.4g}% credible "
            f"limit ({one.limit.side}): {coupling.symbol} < {one.limit.value:.4g}"
            f"{coupling.unit_text} (Monte-Carlo error {one.limit.mc_error:.1g}), {one.ratio:.3f} "
            f"of that with prior {self.fit.prior.kind}; {one.method}, Pareto k {one.pareto_k:.2f}"
            + (f"; failed: {one.reason}" if one.reason else "")
            for one in self.limits
        ]
        scaling = self.scaling
        found.append(
            f"power scaling: prior of the coupling {scaling.coupling:.3f}, of the nuisances "
            f"{scaling.nuisances:.3f}, likelihood {scaling.likelihood:.3f}: {scaling.diagnosis}"
        )
        return found


class PriorSensitivityStudy(SampledStudy[PriorFindings, PriorSensitivity, PriorSensitivity]):
    """Sample a posterior, and find its limits with every named prior.

    Returns
    -------
    PriorSensitivity
        Its limits come from the draws of the one fit, weighted (`CouplingLikelihood`); where the
        weights cannot be trusted, or do not give the limits of the fit itself, from a fit with the
        other prior. In `out` the fit is in the folder ``fit``, as `bayes_cevns.sample` writes it,
        and fits with other priors are in ``fit_PRIOR``.

    Raises
    ------
    ArgumentError, UnknownNameError, ChannelError, TableError, OutputError
        If something asked for does not exist or cannot be.
    ConvergenceError
        If the data are impossible at draws of the posterior.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.prior_sensitivity(
    ...     "xenonnt_2024_s2", interaction="b-l", mass_mev=10.0, seed=1
    ... )
    >>> found.limits[0].ratio
    1.0
    """

    kind = "prior-sensitivity"

    mass_mev: Mass = asked("Mediator mass in MeV, if there is a mediator.", None)
    level: Level = asked("Credible level of the limits.", 0.9)

    _parts: SampledParts = PrivateAttr()

    def check_fields(self) -> None:
        """Check that there is a coupling, its mass, and that there are enough draws."""
        if self.interaction is None:
            raise ArgumentError("the Standard Model has no coupling: name an --interaction")
        _ = self.spec, self.mass
        check_draws(self.settings.chains * self.settings.draws)

    @cached_property
    def mass(self) -> float | None:
        """The mediator mass; ``None`` without a mediator."""
        return checked_mass(self.interaction, self.mass_mev)

    @cached_property
    def samples(self) -> dict[str, SampleStudy]:
        """What is sampled in each folder below, if it is needed."""
        others = {_OTHERS.format(kind): self._sample(kind) for kind in PRIORS}
        return {FIT_FOLDER: self._sample(self.prior), **others}

    def _sample(self, prior: str) -> SampleStudy:
        common = {name: getattr(self, name) for name in SampledStudy.model_fields}
        return SampleStudy(**{**common, "prior": prior, "mass_mev": self.mass_mev})

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return the requests of the fits."""
        return {place: study.request() for place, study in self.samples.items()}

    def check(self) -> None:
        """Check that the tables reach the mass, and that every prior can be made."""
        for study in self.samples.values():
            study.check()

    def size(self) -> int:
        """Return 1."""
        return 1

    def store(self, folder: KeptRun | None) -> ValueStore[PriorFindings]:
        """Return where it is kept what was found; the fits are in folders below."""
        self._parts = SampledParts(folder, self.samples)
        return ValueStore(folder, PriorFindings)

    @override
    def beside(self, number: int) -> dict[str, Fit]:
        """Return the fits that there are."""
        return self._parts.known(self.samples)

    @override
    def take_beside(self, number: int, made: Mapping[str, Fit]) -> None:
        """Keep fits."""
        self._parts.take(made)

    @override
    def compute(self, number: int) -> PriorFindings:
        """Sample, weigh the draws, and sample with other priors where weights do not serve."""
        from bayes_cevns.density.data import prior_at
        from bayes_cevns.inference.at_draws import ModelAtDraws
        from bayes_cevns.inference.marginal import agreeing, coupling_likelihood

        fit = self._parts[FIT_FOLDER]
        assert fit.prior is not None
        model = ModelAtDraws(self.spec, self.mass)
        likelihood = coupling_likelihood(model, fit)
        priors = {
            kind: prior_at(replace(self.spec, prior=kind), model.tables, self.mass)
            for kind in PRIORS
        }
        agreed = all(agreeing(likelihood, fit, self.level))
        quoted = likelihood.limits(fit.prior, self.level) if agreed else limits(fit, self.level)
        found = []
        for kind, other in priors.items():
            k, method, reason = likelihood.pareto_k(other), "weighted", fit.reason
            values = likelihood.limits(other, self.level)
            if not (k <= GOOD_K and agreed):
                method = "sampled"
                anew = self._parts[_OTHERS.format(kind)]
                values, reason = limits(anew, self.level), anew.reason
            found += [
                PriorLimit(kind, value, value.value / reference.value, method, k, reason)
                for value, reference in zip(values, quoted, strict=True)
            ]
        counts = np.sum([table.nominal(self.mass) for table in model.tables], axis=0)
        scaling = power_scaling(model, fit)
        return PriorFindings(tuple(found), scaling, likelihood.averaged(), priors, counts)

    @override
    def point(self, number: int, content: PriorFindings) -> PriorSensitivity:
        """Return what was found with the fit."""
        return PriorSensitivity.of(content, self._parts[FIT_FOLDER], self.level)

    def has_failed(self, point: PriorSensitivity) -> bool:
        """Return whether the fit did not pass its gate."""
        return not point.fit.passed

    def result(self, points: Mapping[int, PriorSensitivity]) -> PriorSensitivity:
        """Return the one point."""
        return points[0]


prior_sensitivity = function_of(PriorSensitivityStudy)


def rate_quantiles(sensitivity: PriorSensitivity, kind: str, shares: Array) -> tuple[Array, Array]:
    """Return quantiles of prior and posterior in the expected neutrino events.

    Parameters
    ----------
    sensitivity
        What `prior_sensitivity` returned.
    kind
        Name of the prior.
    shares
        Probabilities in (0, 1), shape (n,): many of them stand for the density.

    Returns
    -------
    tuple of ndarray
        Events at nominal nuisances, for quantiles of x by the prior and by the posterior, shape
        (n,) each and not ordered, for events are not monotonic in x.
    """
    prior = sensitivity.priors[kind]
    coordinate = prior.lowest + shares * (prior.upper - prior.lowest)
    standard, linear, squared = sensitivity.counts

    def events(x: Array) -> Array:
        return np.asarray(standard + linear * x + squared * x**2)

    posterior = sensitivity.likelihood.quantiles(prior, shares)
    return events(prior.product(coordinate)), events(posterior)
