"""One posterior: a fit that passed its gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bayes_cevns.arguments import out_folder
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.interactions import STANDARD_MODEL, Interaction
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.references import bibtex, citations
from bayes_cevns.studies.fit_files import fit_tree, run_directory
from bayes_cevns.studies.identity import run_request


def sample(
    experiments: Sequence[Experiment],
    *,
    interaction: str | Interaction = STANDARD_MODEL,
    mass_mev: float | None = None,
    prior: str = "flat",
    seed: int = 1,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
    max_coupling: float | None = None,
    settings: SamplerSettings | None = None,
    out: Path | str | None = None,
) -> Fit:
    """Sample the posterior at one mass, of an interaction without one, or of the Standard Model.

    Parameters
    ----------
    experiments
        Experiments of the joint fit.
    interaction
        Name of an interaction, or ``"sm"``; or what `bayes_cevns.interaction` returns.
    mass_mev
        Mediator mass in MeV; ``None`` without a mediator, not used by the Standard Model.
    prior
        Prior of the coupling.
    seed
        Seed of the random numbers.
    nuisance_priors
        Alternative priors by nuisance.
    form_factor
        Name of the nuclear form factor.
    allow_overlap, allow_conflict
        Accept experiments that share exposure, as if their events were independent, and those
        whose cards say that they contradict each other.
    max_coupling
        Upper end of the prior of the quoted coupling; by default far above what data allow.
    settings
        How to sample.
    out
        Folder for posterior.nc, run.toml and citations.bib; one that holds the same request
        already is read, not written.

    Returns
    -------
    Fit
        Its posterior has the dims (branch, chain, draw); `Fit.draws` puts the branches
        together for arviz.

    Raises
    ------
    ConvergenceError
        If the fit fails its gate after all retries; with `out`, it is written nevertheless.
    ArgumentError, UnknownNameError, TableError, OutputError
        If something asked for does not exist or cannot be.
    """
    spec = ModelSpec.of(
        experiments,
        interaction=interaction,
        prior=prior,
        nuisance_priors=nuisance_priors,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
        max_coupling=max_coupling,
    )
    settings = SamplerSettings.of(settings)
    out = out_folder(out)
    fit = sample_model(spec, mass_mev, seed=seed, settings=settings, out=out)
    if not fit.passed:
        raise ConvergenceError(
            f"the fit failed its gate after {settings.retries} retries ({fit.reason}): "
            "use more draws or warm-up"
        )
    return fit


def sample_model(
    spec: ModelSpec,
    mass_mev: float | None,
    *,
    seed: int,
    settings: SamplerSettings,
    out: Path | str | None = None,
) -> Fit:
    """Sample the posterior of a specification, whether it passes its gate or not; see `sample`."""
    seed, mass_mev = check_seed(seed), checked_mass(spec.interaction, mass_mev)
    engine, references = prepare(spec, mass_mev, seed=seed, settings=settings)
    with run_directory(out, sample_request(spec, mass_mev, seed, settings)) as directory:
        finished = directory.load_complete() if directory else None
        if finished is not None:
            fit = replace(finished[0], prior=engine.prior(mass_mev))
        else:
            fit = engine.fit(mass_mev, seed=seed)
        if directory is not None:
            directory.write("citations.bib", references)
            directory.finish(
                fit_tree(fit, spec.experiments) if finished is None else None,
                complete=True,
                report={"passed": fit.passed, "reason": fit.reason},
            )
    return fit


def prepare(
    spec: ModelSpec, mass_mev: float | None, *, seed: int, settings: SamplerSettings
) -> tuple[Engine, str]:
    """Return the engine and the citations of a fit, after checking all that may be refused.

    Raises
    ------
    ArgumentError, UnknownNameError, TableError
        If something asked for does not exist or cannot be.
    """
    engine = Engine(spec, settings)
    engine.check([mass_mev], seed=seed)
    return engine, bibtex(citations(spec))


def sample_request(
    spec: ModelSpec, mass_mev: float | None, seed: int, settings: SamplerSettings
) -> dict[str, Any]:
    """Return everything that decides the outcome of `sample_model`, as TOML values."""
    return {**run_request(spec, mass_mev, seed), "sampler": settings.as_request()}
