"""A model with its posterior: just sampled, or read from where `sample` has written it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import xarray as xr

from bayes_cevns.display import Displayed
from bayes_cevns.errors import DataError
from bayes_cevns.experiments import Experiment, experiment
from bayes_cevns.inference.fit import Fit
from bayes_cevns.model import prior_at
from bayes_cevns.sources import source
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.digests import digest_of
from bayes_cevns.storage.record import read_run
from bayes_cevns.studies.fit_files import read_posterior
from bayes_cevns.studies.identity import content_digest


@dataclass(frozen=True, eq=False, repr=False)
class ModelRun(Displayed):
    """A model with its posterior.

    Attributes
    ----------
    spec
        The model.
    mass_mev
        Mediator mass, if it has one.
    fit
        The posterior.
    seed
        Seed of the fit.
    """

    spec: ModelSpec
    mass_mev: float | None
    fit: Fit
    seed: int

    def _title(self) -> str:
        return f"ModelRun {self.label}"

    @property
    def name(self) -> str:
        """Name of the interaction, ``"sm"`` for the Standard Model."""
        return "sm" if self.spec.interaction is None else self.spec.interaction.name

    @property
    def label(self) -> str:
        """Its name with the mass and the prior, which no two runs of a comparison share."""
        mass = "" if self.mass_mev is None else f" at {self.mass_mev:g} MeV"
        prior = "" if self.fit.prior is None else f", {self.fit.prior.range_text}"
        return f"{self.name}{mass}{prior}"

    def digest(self) -> str:
        """Return a digest of the draws."""
        draws = self.fit.posterior
        parts = [draws[name].values.tobytes() for name in sorted(map(str, draws.data_vars))]
        return hashlib.sha256(b"".join(parts)).hexdigest()


def load_run(path: Path | str, *, experiments: Sequence[Experiment] | None = None) -> ModelRun:
    """Read what `bayes_cevns.sample` has written.

    Parameters
    ----------
    path
        Its folder.
    experiments
        The experiments of the run, where they cannot be loaded by their names.

    Raises
    ------
    DataError
        If there is no run, it is not complete, not of one mass, or of experiments that have
        changed since.
    OutputError
        If its posterior was altered.
    """
    folder = Path(path)
    record = read_run(folder)
    request = record.get("request", {})
    if record.get("status") != "complete" or "seed" not in request:
        raise DataError(f"{folder} holds no complete run of `sample`")
    other = {"masses_mev", "kind"} & set(request)
    if other or "interaction" not in request:
        raise DataError(
            f"{folder} holds a run of many masses or of another kind: compare runs of "
            "`bayes-cevns sample --out`, one for each model"
        )
    groups = read_posterior(folder, record)
    fit = Fit(None, *(groups[name] for name in ("posterior", "sample_stats", "quality")))
    observed = groups["observed_data"]
    loaded = experiments or [_load(request, name) for name in request["experiments"]]
    loaded = [_with_counts(e, observed, request["data"][e.name]) for e in loaded]
    for e in loaded:
        if content_digest(e) != request["content"].get(e.name):
            raise DataError(
                f"{e.name} is not what it was when {folder} was written (its card, table or source "
                "differs): sample again, or give the experiments of the run"
            )
    spec = ModelSpec.of(
        loaded,
        interaction=request["interaction"],
        prior=request["prior"],
        nuisance_priors=request["nuisance_priors"],
        form_factor=request["form_factor"],
        allow_overlap=True,
        allow_conflict=True,
        max_coupling=request.get("max_coupling"),
    )
    if digest_of(spec.interaction) != request.get("interaction_sha256"):
        raise DataError(
            f"{folder} is of another interaction than what is named {request['interaction']!r} "
            "now: sample again"
        )
    mass = request.get("mass_mev")
    if spec.interaction is not None:
        fit = replace(fit, prior=prior_at(spec, spec.tables(), mass))
    return ModelRun(spec, mass, fit, request["seed"])


def _load(request: Mapping[str, Any], name: str) -> Experiment:
    """Load an experiment by its name, with the runs and the source of a request."""
    loaded = experiment(name).select_runs(request["experiments"][name])
    wanted = request["sources"].get(f"{name}.{loaded.signals[0].name}", {}).get("name")
    if len(loaded.signals) == 1 and loaded.signals[0].source.name != wanted:
        loaded = loaded.with_source(source(wanted))
    return loaded


def _with_counts(one: Experiment, observed: xr.Dataset, data: str) -> Experiment:
    """Return an experiment with the counts that were fitted, which may be a projection."""
    counts = observed[f"{one.name}.counts"].values
    if data == one.data:
        return one
    return replace(one, observed=one.observed.astype(counts.dtype).copy(data=counts), data=data)
