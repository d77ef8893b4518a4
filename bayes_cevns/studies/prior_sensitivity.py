"""How much a limit owes to its prior: limits with the other named priors, and power scaling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from arviz_stats import psense

from bayes_cevns.arguments import out_folder
from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import PRIORS, CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, ConvergenceError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.at_draws import ModelAtDraws
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.marginal import CouplingLikelihood, agreeing, coupling_likelihood
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.model import prior_at
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.interactions import Interaction
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    experiment_label,
    labels,
    prior_label,
)
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.variables import COUPLING, PRODUCT
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.comparison.assessment import impossible_text
from bayes_cevns.studies.fit_files import run_directory
from bayes_cevns.studies.sample import prepare, sample_model, sample_request
from bayes_cevns.summary.cross_validation import GOOD_K, check_draws, log_likelihood
from bayes_cevns.summary.draws import check_level
from bayes_cevns.summary.limits import Limit, limits

SENSITIVITY_COLUMNS = (
    *("experiment", "interaction", "mass_mev", *LABEL_COLUMNS, "level", "side"),
    *("prior", PRIOR_TEXT, "limit", "mc_error", "at_bound"),
    *("ratio", "method", "pareto_k", "passed"),
    *("psense_coupling", "psense_nuisances", "psense_likelihood", "diagnosis"),
)

#: Where the fit is kept, as `bayes_cevns.sample` writes it.
FIT_FOLDER = "fit"

#: Power scaling by this much each way, and what counts as sensitive (Kallioinen et al. 2024).
_ALPHAS = (0.99, 1.01)
_SENSITIVE = 0.05


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


@dataclass(frozen=True)
class PowerScaling:
    """Change of the posterior of the quoted coupling as a part of the density is raised to a power.

    Attributes
    ----------
    coupling
        To the prior of the coupling, as a density in log g: in this coordinate the named priors
        are powers of one another (g^0, g^2 and, without interference, g^4). Not a number for the
        log prior, g^0, which has no powers.
    nuisances
        To the priors of the nuisances.
    likelihood
        To the likelihood.

    References
    ----------
    Kallioinen et al., Stat. Comput. 34 (2024) 57.
    """

    coupling: float
    nuisances: float
    likelihood: float

    @property
    def diagnosis(self) -> str:
        """What the values mean."""
        if np.isnan(self.coupling):
            return "a log prior has no powers: compare the limits with other priors"
        sensitive = max(self.coupling, self.nuisances) >= _SENSITIVE
        if not sensitive:
            return "insensitive to priors"
        if self.likelihood < _SENSITIVE:
            return "priors outweigh the likelihood"
        part = "coupling" if self.coupling >= self.nuisances else "nuisances"
        return f"sensitive to the prior of the {part}"


@dataclass(frozen=True, eq=False, repr=False)
class PriorSensitivity(Displayed):
    """What the limits of a fit owe to its prior.

    Attributes
    ----------
    spec, mass_mev, level, fit
        The fit, and the credible level of the limits.
    limits
        For each prior and side.
    scaling
        Power scaling.
    likelihood
        Marginal likelihood of x.
    priors
        The named priors.
    counts
        Expected neutrino events at nominal nuisances: factors of 1, x and x^2, shape (3,).
    """

    spec: ModelSpec
    mass_mev: float | None
    level: float
    fit: Fit
    limits: tuple[PriorLimit, ...]
    scaling: PowerScaling
    likelihood: CouplingLikelihood
    priors: Mapping[str, CouplingPrior]
    counts: Array

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each prior and side, with the columns of prior_sensitivity.csv."""
        assert self.spec.interaction is not None
        return [
            {
                "experiment": "+".join(experiment_label(e) for e in self.spec.experiments),
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


def prior_sensitivity(
    experiments: Sequence[Experiment],
    *,
    interaction: str | Interaction,
    mass_mev: float | None = None,
    prior: str = "flat",
    level: float = 0.9,
    seed: int = 1,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
    settings: SamplerSettings | None = None,
    out: Path | str | None = None,
) -> PriorSensitivity:
    """Sample a posterior, and find its limits with every named prior.

    Parameters
    ----------
    experiments, interaction, mass_mev, prior, seed, nuisance_priors, form_factor
        As in `bayes_cevns.sample`: the fit that is quoted.
    level
        Credible level of the limits.
    allow_overlap, allow_conflict, settings
        As in `bayes_cevns.sample`.
    out
        Folder for prior_sensitivity.csv and run.toml, with what `bayes_cevns.sample` writes of the
        fit in its folder ``fit``, and of fits with other priors in ``fit_PRIOR``.

    Returns
    -------
    PriorSensitivity
        Its limits come from the draws of the one fit, weighted (`CouplingLikelihood`); where the
        weights cannot be trusted, or do not give the limits of the fit itself, from a fit with the
        other prior.

    Raises
    ------
    ArgumentError, UnknownNameError, ChannelError, TableError, OutputError
        If something asked for does not exist or cannot be.
    ConvergenceError
        If the data are impossible at draws of the posterior.
    """
    level, seed, out = check_level(level), check_seed(seed), out_folder(out)
    spec = ModelSpec.of(
        experiments,
        interaction=interaction,
        prior=prior,
        nuisance_priors=nuisance_priors,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
    )
    if spec.interaction is None:
        raise ArgumentError("the Standard Model has no coupling: name an --interaction")
    mass_mev = checked_mass(spec.interaction, mass_mev)
    settings = SamplerSettings.of(settings)
    check_draws(settings.chains * settings.draws)
    specs = {kind: replace(spec, prior=kind) for kind in PRIORS}
    for one in (spec, *specs.values()):
        prepare(one, mass_mev, seed=seed, settings=settings)
    requests = {kind: sample_request(specs[kind], mass_mev, seed, settings) for kind in specs}
    own = sample_request(spec, mass_mev, seed, settings)
    request = {"kind": "prior-sensitivity", "level": level, "fit": own}
    parts = {FIT_FOLDER: own, **{f"{FIT_FOLDER}_{kind}": one for kind, one in requests.items()}}
    with run_directory(out, request, parts=parts) as directory:

        def sampled(spec: ModelSpec, name: str) -> Fit:
            folder = None if directory is None else directory.path / name
            return sample_model(spec, mass_mev, seed=seed, settings=settings, out=folder)

        fit = sampled(spec, FIT_FOLDER)
        result = _sensitivity_of(
            spec, mass_mev, level, fit, lambda kind: sampled(specs[kind], f"{FIT_FOLDER}_{kind}")
        )
        if directory is not None:
            text = csv_text(SENSITIVITY_COLUMNS, result.rows())
            directory.write("prior_sensitivity.csv", text)
            report = {"passed": fit.passed, "reason": fit.reason}
            directory.finish(None, complete=True, report=report)
    return result


def _sensitivity_of(
    spec: ModelSpec,
    mass_mev: float | None,
    level: float,
    fit: Fit,
    sampled: Callable[[str], Fit],
) -> PriorSensitivity:
    """Return what the limits of a fit owe to its prior; `sampled` gives fits with other priors."""
    model = ModelAtDraws(spec, mass_mev)
    likelihood = coupling_likelihood(model, fit)
    assert fit.prior is not None
    priors = {kind: prior_at(replace(spec, prior=kind), model.tables, mass_mev) for kind in PRIORS}
    agreed = all(agreeing(likelihood, fit, level))
    quoted = likelihood.limits(fit.prior, level) if agreed else limits(fit, level)
    found = []
    for kind, other in priors.items():
        k, method, reason = likelihood.pareto_k(other), "weighted", fit.reason
        values = likelihood.limits(other, level)
        if not (k <= GOOD_K and agreed):
            method = "sampled"
            anew = sampled(kind)
            values, reason = limits(anew, level), anew.reason
        found += [
            PriorLimit(kind, value, value.value / reference.value, method, k, reason)
            for value, reference in zip(values, quoted, strict=True)
        ]
    counts = np.sum([table.nominal(mass_mev) for table in model.tables], axis=0)
    scaling = power_scaling(model, fit)
    return PriorSensitivity(
        spec, mass_mev, level, fit, tuple(found), scaling, likelihood, priors, counts
    )


def power_scaling(model: ModelAtDraws, fit: Fit) -> PowerScaling:
    """Return the power-scaling sensitivity of the quoted coupling.

    Parameters
    ----------
    model
        The model of the fit, at its mass.
    fit
        A fit with a coupling.
    """
    assert fit.prior is not None
    draws = fit.draws()
    points = model.points(draws)
    dims = ("chain", "draw")
    product = draws[PRODUCT].transpose(*dims).values
    per_log = np.log(np.abs(product)) + np.log(fit.prior.density(product))
    nuisances = model.log_prior(points)[..., 1:].sum(axis=-1)
    logs = log_likelihood(model.spec.experiments, model.expected(points))
    if reason := impossible_text(model.spec.experiments, logs):
        raise ConvergenceError(reason)
    likelihood = logs.sum(axis=-1)
    parts = {"prior": {"coupling": per_log, "rest": nuisances}, "likelihood": {"all": likelihood}}
    tree = xr.DataTree.from_dict(
        {
            "posterior": draws[[COUPLING]],
            **{
                f"log_{group}": xr.Dataset({k: (dims, v) for k, v in values.items()})
                for group, values in parts.items()
            },
        }
    )

    def sensitivity(group: str, name: str) -> float:
        if np.ptp(parts[group][name]) < 1e-9:  # a constant has no powers
            return float("nan") if name == "coupling" else 0.0
        options = {"group": group, "group_var_names": [name], "sample_dims": list(dims)}
        return float(psense(tree, var_names=[COUPLING], alphas=_ALPHAS, **options)[COUPLING])

    return PowerScaling(
        sensitivity("prior", "coupling"),
        sensitivity("prior", "rest"),
        sensitivity("likelihood", "all"),
    )


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
