"""Comparison of models of the same data: evidence, cross-validation, predictive checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from bayes_cevns.arguments import callbacks, out_folder, path_of
from bayes_cevns.arguments import names as names_of
from bayes_cevns.couplings.priors import check_max_coupling
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.interactions import STANDARD_MODEL
from bayes_cevns.physics.interactions import interaction as get_interaction
from bayes_cevns.specification.columns import (
    LABEL_COLUMNS,
    PRIOR_TEXT,
    experiment_label,
    labels,
    prior_label,
)
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass, listed_experiments
from bayes_cevns.specification.references import bibtex, citations
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.comparison.assessment import (
    Assessment,
    assess,
    checked_against,
    prior_ends,
)
from bayes_cevns.studies.comparison.comparable import check_same_assumptions, check_same_data
from bayes_cevns.studies.comparison.model_run import ModelRun, load_run
from bayes_cevns.studies.fit_files import RunDirectory, run_directory
from bayes_cevns.studies.identity import run_request
from bayes_cevns.studies.sample import prepare, sample_model, sample_request
from bayes_cevns.summary.cross_validation import check_draws

COMPARE_COLUMNS = (
    *("experiment", "model", "mass_mev", *LABEL_COLUMNS, "prior", PRIOR_TEXT),
    *("coupling_low", "coupling_high"),
    *("log_evidence", "log_evidence_error", "log_bayes_factor", "log_bayes_factor_error"),
    *("log_dickey_ratio", "log_dickey_ratio_error"),
    *("elpd_loo", "elpd_loo_se", "elpd_difference", "elpd_difference_se", "p_loo", "pareto_k"),
    *("ppc_p_value", "ppc_worst", "passed"),
)
CHECK_COLUMNS = (
    *("model", "mass_mev", *LABEL_COLUMNS, "experiment", "run", "observable", "statistic"),
    *("observed", "low", "median", "high", "p_value"),
)
FACTOR_COLUMNS = (
    *("model", "mass_mev", *LABEL_COLUMNS, "prior", PRIOR_TEXT, "max_coupling"),
    *("log_bayes_factor", "log_bayes_factor_error"),
)


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Displayed):
    """Models of the same data side by side.

    Attributes
    ----------
    models
        One for each model; Bayes factors and differences are to the first one.
    """

    models: tuple[Assessment, ...]

    def _rows(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for model in self.models:
            factor, error = self.log_bayes_factor(model)
            wrong = f"; failed: {model.reason}" if model.reason else ""
            found[model.run.label] = f"ln B {factor:.3f} +- {error:.2g}{wrong}"
        return found

    @property
    def reference(self) -> Assessment:
        """The model that the others are compared with."""
        return self.models[0]

    def log_bayes_factor(self, model: Assessment) -> tuple[float, float]:
        """Return log(evidence / evidence of the reference) and its standard error."""
        if model is self.reference:
            return 0.0, 0.0
        difference = model.log_evidence - self.reference.log_evidence
        error = np.hypot(model.log_evidence_error, self.reference.log_evidence_error)
        return float(difference), float(error)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each model, with the columns of ``compare.csv``."""
        found = []
        for model in self.models:
            run, spec, prior = model.run, model.run.spec, model.run.fit.prior
            ends = prior_ends(prior)
            factor, factor_error = self.log_bayes_factor(model)
            elpd, elpd_error = model.loo.difference(self.reference.loo)
            worst = model.predictive.worst
            found.append(
                {
                    "experiment": "+".join(experiment_label(e) for e in spec.experiments),
                    "model": run.name,
                    "mass_mev": "" if run.mass_mev is None else run.mass_mev,
                    **labels(spec, "evidence"),
                    "prior": "" if prior is None else prior.kind,
                    **prior_label(spec),
                    "coupling_low": ends[0],
                    "coupling_high": ends[1],
                    "log_evidence": model.log_evidence,
                    "log_evidence_error": model.log_evidence_error,
                    "log_bayes_factor": factor,
                    "log_bayes_factor_error": factor_error,
                    "log_dickey_ratio": model.log_dickey_ratio,
                    "log_dickey_ratio_error": model.log_dickey_ratio_error,
                    "elpd_loo": model.loo.total,
                    "elpd_loo_se": model.loo.error,
                    "elpd_difference": elpd,
                    "elpd_difference_se": elpd_error,
                    "p_loo": float(model.loo.effective_parameters.sum()),
                    "pareto_k": float(model.loo.pareto_k.max()),
                    "ppc_p_value": worst.p_value,
                    "ppc_worst": " ".join((worst.experiment, worst.run, worst.observable)),
                    "passed": not model.reason,
                }
            )
        return found

    def check_rows(self) -> list[dict[str, Any]]:
        """Return the predictive checks of all models, with the columns of ``checks.csv``."""
        return [
            {**_model_columns(model.run), **labels(model.run.spec, "predictive"), **asdict(check)}
            for model in self.models
            for check in model.predictive.checks
        ]

    def factor_rows(self) -> list[dict[str, Any]]:
        """Return Bayes factors to the Standard Model against the end of the prior."""
        return [
            {
                **_model_columns(model.run),
                **labels(model.run.spec, "evidence"),
                "prior": model.run.spec.prior,
                **prior_label(model.run.spec),
                "max_coupling": float(end),
                "log_bayes_factor": float(value),
                "log_bayes_factor_error": float(error),
            }
            for model in self.models
            if (factors := model.bayes_factors) is not None
            for end, value, error in zip(
                factors.max_coupling, factors.log_bayes_factor, factors.error, strict=True
            )
        ]


def compare(
    runs: Sequence[ModelRun | Path | str],
    *,
    experiments: Sequence[Experiment] | None = None,
    out: Path | str | None = None,
    on_model: Callable[[Assessment], None] | None = None,
) -> Comparison:
    """Compare models that have been sampled.

    Parameters
    ----------
    runs
        Folders that `bayes_cevns.sample` has written, or runs in memory, of the same data. The
        Standard Model, if it is among them, is what the others are compared with, otherwise the
        first one.
    experiments
        The experiments of folders, where they cannot be loaded by their names.
    out
        Folder for compare.csv, checks.csv, bayes_factors.csv and run.toml.
    on_model
        Called after each model, to show progress.

    Returns
    -------
    Comparison
        A model of which something is wrong is in it, with the reason.

    Raises
    ------
    ArgumentError
        If there are fewer than one, or their data or assumptions differ.
    DataError, OutputError
        If a folder holds no run, or one that was altered.

    Notes
    -----
    An evidence is an average over the prior: twice the width of a prior that data do not reach
    halves it, which `Assessment.bayes_factors` shows. Leaving out bins knows nothing of that.
    """
    out = out_folder(out)
    callbacks(on_model=on_model)
    if experiments is not None:
        experiments = listed_experiments(experiments)
    loaded = [
        run if isinstance(run, ModelRun) else load_run(run, experiments=experiments)
        for run in _listed(runs)
    ]
    check_same_data(loaded)
    check_same_assumptions(loaded)
    loaded.sort(key=lambda run: run.name != STANDARD_MODEL)
    models = [run_request(run.spec, run.mass_mev, run.seed) for run in loaded]
    posteriors = [run.digest() for run in loaded]
    with run_directory(out, _request(models, posteriors=posteriors)) as directory:
        return _compared(loaded, directory, on_model)


def _request(models: list[dict[str, Any]], **rest: Any) -> dict[str, Any]:
    """Return everything that decides the outcome, as TOML values."""
    return {"kind": "comparison", "models": models, **rest}


def _listed(runs: Sequence[ModelRun | Path | str]) -> list[ModelRun | Path | str]:
    """Return the runs of a comparison after checking that they are a list of runs or folders."""
    is_one = isinstance(runs, str | bytes | PathLike | Mapping | Set)
    if is_one or not isinstance(runs, Iterable):
        raise ArgumentError(f"expected a list of runs or of their folders, got {shown(runs)}")
    found = list(runs)
    if not found:
        raise ArgumentError("a comparison needs one model or more, got none")
    for run in found:
        if not isinstance(run, ModelRun):
            path_of(run, what="the folder of a run")
    return found


def _compared(
    runs: Sequence[ModelRun],
    directory: RunDirectory | None,
    on_model: Callable[[Assessment], None] | None,
) -> Comparison:
    """Compare runs of the same data, in the order in which they are given."""
    found: list[Assessment] = []
    for run in runs:
        model = assess(run)
        if found and found[0].run.name == STANDARD_MODEL and run.name != STANDARD_MODEL:
            model = checked_against(model, found[0])
        found.append(model)
        if on_model:
            on_model(model)
    result = Comparison(tuple(found))
    if directory is not None:
        _write(result, directory)
    return result


def _write(result: Comparison, directory: RunDirectory) -> None:
    directory.write("compare.csv", csv_text(COMPARE_COLUMNS, result.rows()))
    directory.write("checks.csv", csv_text(CHECK_COLUMNS, result.check_rows()))
    directory.write("bayes_factors.csv", csv_text(FACTOR_COLUMNS, result.factor_rows()))
    cited = {key: None for model in result.models for key in citations(model.run.spec)}
    directory.write("citations.bib", bibtex(tuple(cited)))
    failures = {model.run.label: model.reason for model in result.models if model.reason}
    directory.finish(None, complete=True, report={"failures": failures})


def compare_models(
    experiments: Sequence[Experiment],
    *,
    interactions: Sequence[str],
    mass_mev: float | None = None,
    prior: str = "flat",
    max_coupling: float | None = None,
    seed: int = 1,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
    settings: SamplerSettings | None = None,
    out: Path | str | None = None,
    on_model: Callable[[Assessment], None] | None = None,
) -> Comparison:
    """Sample the Standard Model and some interactions, and compare them.

    Parameters
    ----------
    experiments
        Experiments of the joint fit.
    interactions
        Names of interactions; none for the Standard Model alone.
    mass_mev
        Mediator mass in MeV of those that have one.
    prior
        Prior of the couplings.
    max_coupling
        Upper end of the prior of the quoted coupling. By default the coupling that makes ten times
        the data, a rule that is the same for all interactions: their factors to each other
        depend on it little, those to the Standard Model do.
    seed, nuisance_priors, form_factor, allow_overlap, allow_conflict, settings
        As in `bayes_cevns.sample`.
    out
        Folder for the results, as `compare` writes them, with a folder ``models/NAME`` of each
        model, as `bayes_cevns.sample` writes it.
    on_model
        Called after each model, to show progress.

    Returns
    -------
    Comparison
        To the Standard Model.

    Raises
    ------
    ArgumentError, UnknownNameError, ChannelError, TableError, OutputError
        If something asked for does not exist or cannot be, before anything is sampled: an
        infinite `max_coupling` among it, with which a prior is improper.
    """
    given = names_of(interactions, what="a list of interactions, such as ['b-l']")
    names = [name for name in given if name != STANDARD_MODEL]
    if len(set(names)) < len(names):
        raise ArgumentError(f"an interaction is named twice: {', '.join(names)}")
    seed, out = check_seed(seed), out_folder(out)
    callbacks(on_model=on_model)
    check_max_coupling(max_coupling)
    settings = SamplerSettings.of(settings)
    check_draws(settings.chains * settings.draws)

    def spec_of(name: str) -> ModelSpec:
        return ModelSpec.of(
            experiments,
            interaction=name,
            prior=prior,
            nuisance_priors=nuisance_priors,
            form_factor=form_factor,
            allow_overlap=allow_overlap,
            allow_conflict=allow_conflict,
            max_coupling=None if name == STANDARD_MODEL else max_coupling,
        )

    asked: list[tuple[ModelSpec, float | None]] = [(spec_of(STANDARD_MODEL), None)]
    for name in names:
        new = get_interaction(name)
        if new.has_mass and mass_mev is None:
            raise ArgumentError(f"{name!r} needs a mediator mass, mass_mev (--mass)")
        mass = checked_mass(new, mass_mev if new.has_mass else None)
        asked.append((spec_of(name), mass))
    for spec, mass in asked:
        prepare(spec, mass, seed=seed, settings=settings)
    places = [f"models/{name}" for name in (STANDARD_MODEL, *names)]
    models = [run_request(spec, mass, seed) for spec, mass in asked]
    requests = [sample_request(spec, mass, seed, settings) for spec, mass in asked]
    parts = dict(zip(places, requests, strict=True))
    request = _request(models, sampler=settings.as_request())
    with run_directory(out, request, parts=parts) as directory:
        runs = []
        for (spec, mass), place in zip(asked, places, strict=True):
            folder = None if directory is None else directory.path / place
            fit = sample_model(spec, mass, seed=seed, settings=settings, out=folder)
            runs.append(ModelRun(spec, mass, fit, seed))
        return _compared(runs, directory, on_model)


def _model_columns(run: ModelRun) -> dict[str, Any]:
    return {"model": run.name, "mass_mev": "" if run.mass_mev is None else run.mass_mev}
