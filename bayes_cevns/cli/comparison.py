"""Commands that judge models and priors: compare, prior-sensitivity."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayes_cevns.cli.inference import (
    ALLOW_CONFLICT,
    ALLOW_OVERLAP,
    CHAINS,
    CHARGES,
    CORES,
    DATA,
    DRAWS,
    EXPERIMENTS,
    FORM_FACTOR,
    LEVEL,
    NUISANCE,
    PRIOR,
    RUNS,
    SEED,
    SOURCE,
    TUNE,
    sampler_settings,
)
from bayes_cevns.names import DEFAULT_FORM_FACTOR

if TYPE_CHECKING:
    from bayes_cevns.studies.comparison.assessment import Assessment
    from bayes_cevns.studies.comparison.compare import Comparison

_MASS = Annotated[float | None, typer.Option(help="Mediator mass in MeV, of those that have one.")]


def compare(
    context: typer.Context,
    experiments: Annotated[
        list[str],
        typer.Argument(help="Experiments, or folders of runs that 'sample --out' has written."),
    ],
    interactions: Annotated[
        str, typer.Option(help="Comma list of interactions, besides the Standard Model.")
    ] = "",
    mass: _MASS = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the results.")] = None,
    prior: PRIOR = "flat",
    max_coupling: Annotated[
        float | None,
        typer.Option(help="Upper end of the prior of the coupling; ten times the data by default."),
    ] = None,
    seed: SEED = 1,
    runs: RUNS = None,
    nuisance: NUISANCE = None,
    source: SOURCE = None,
    data: DATA = "observed",
    charges: CHARGES = None,
    form_factor: FORM_FACTOR = DEFAULT_FORM_FACTOR,
    allow_overlap: ALLOW_OVERLAP = False,
    allow_conflict: ALLOW_CONFLICT = False,
    draws: DRAWS = 1000,
    tune: TUNE = 300,
    chains: CHAINS = 4,
    cores: CORES = 2,
) -> None:
    """Compare models of the same data: evidences, leave-one-out and predictive checks."""
    from bayes_cevns.cli import parsing
    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.studies.comparison.compare import compare as compare_runs
    from bayes_cevns.studies.comparison.compare import compare_models

    folders = [name for name in experiments if Path(name).is_dir()]
    if folders:
        others = [name for name in experiments if name not in folders]
        others += parsing.given_options(context, besides=("experiments", "out"))
        if others:
            raise ArgumentError(
                "compare takes either folders of runs, with no option but --out, or experiments; "
                f"got the folder {folders[0]!r} with {', '.join(others)}"
            )
        found = compare_runs(folders, out=out, on_model=_show)
    else:
        found = compare_models(
            parsing.experiments(
                experiments, runs=runs, source=source, data=data, form_factor=form_factor
            ),
            interactions=parsing.interactions(interactions, charges),
            mass_mev=mass,
            prior=prior,
            max_coupling=max_coupling,
            seed=seed,
            nuisance_priors=parsing.choices(nuisance or [], what="--nuisance"),
            form_factor=form_factor,
            allow_overlap=allow_overlap,
            allow_conflict=allow_conflict,
            settings=sampler_settings(draws, tune, chains, cores),
            out=out,
            on_model=_show,
        )
    _finish(found, out)


def _show(model: Assessment) -> None:
    worst = model.predictive.worst
    typer.echo(
        f"{model.run.name}: ln Z {model.log_evidence:.3f} +- {model.log_evidence_error:.2g}, "
        f"elpd {model.loo.total:.2f} +- {model.loo.error:.2g} "
        f"(Pareto k {model.loo.pareto_k.max():.2f}), least predictive p {worst.p_value:.2g} "
        f"({worst.experiment} {worst.run} {worst.observable})"
    )


def _finish(found: Comparison, out: Path | None) -> None:
    """Print what the models are to each other, and write the figures."""
    reference = found.reference
    for model in found.models[1:]:
        factor, error = found.log_bayes_factor(model)
        elpd, elpd_error = model.loo.difference(reference.loo)
        typer.echo(
            f"{model.run.name} to {reference.run.name}: ln B {factor:.3f} +- {error:.2g}, "
            f"elpd {elpd:+.2f} +- {elpd_error:.2g}"
        )
        if model.run.fit.prior is not None:
            typer.echo(f"  prior: {model.run.fit.prior.range_text}")
    for model in found.models:
        if model.reason:
            typer.echo(f"failed: {model.run.name}: {model.reason}", err=True)
    if len(found.models) > 1:
        typer.echo("a Bayes factor depends on the width of the prior: see bayes_factors.csv")
    if out is not None:
        from bayes_cevns.figures.catalogue import save_figure
        from bayes_cevns.figures.models import comparison_figure, predictive_figure

        figures = {"predictive": predictive_figure(found)}
        if len(found.models) > 1:
            figures["compare"] = comparison_figure(found)
        for name, figure in figures.items():
            for path in save_figure(figure, out, name):
                typer.echo(path)
        typer.echo(f"complete: {len(found.models)} models in {out}")


def prior_sensitivity(
    experiments: EXPERIMENTS,
    interaction: Annotated[str, typer.Option(help="Name of an interaction (see 'list').")],
    mass: _MASS = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the results.")] = None,
    prior: PRIOR = "flat",
    level: LEVEL = 0.9,
    seed: SEED = 1,
    runs: RUNS = None,
    nuisance: NUISANCE = None,
    source: SOURCE = None,
    data: DATA = "observed",
    charges: CHARGES = None,
    form_factor: FORM_FACTOR = DEFAULT_FORM_FACTOR,
    allow_overlap: ALLOW_OVERLAP = False,
    allow_conflict: ALLOW_CONFLICT = False,
    draws: DRAWS = 1000,
    tune: TUNE = 300,
    chains: CHAINS = 4,
    cores: CORES = 2,
) -> None:
    """Find a limit with every named prior, and what it owes to prior and likelihood."""
    from bayes_cevns.cli import parsing
    from bayes_cevns.couplings.priors import prior_text
    from bayes_cevns.studies.prior_sensitivity import prior_sensitivity as run_sensitivity

    interaction = parsing.interaction(interaction, charges)
    found = run_sensitivity(
        parsing.experiments(
            experiments, runs=runs, source=source, data=data, form_factor=form_factor
        ),
        interaction=interaction,
        mass_mev=mass,
        prior=prior,
        level=level,
        seed=seed,
        nuisance_priors=parsing.choices(nuisance or [], what="--nuisance"),
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
        settings=sampler_settings(draws, tune, chains, cores),
        out=out,
    )
    assert found.fit.prior is not None
    coupling = found.fit.prior.coupling
    for one in found.limits:
        typer.echo(
            f"{one.prior} ({prior_text(one.prior, coupling)}): {100 * level:.4g}% credible limit "
            f"({one.limit.side}): {coupling.symbol} < {one.limit.value:.4g}{coupling.unit_text} "
            f"(Monte-Carlo error {one.limit.mc_error:.1g}), "
            f"{one.ratio:.3f} of that with prior {prior}; {one.method}, "
            f"Pareto k {one.pareto_k:.2f}" + (f"; failed: {one.reason}" if one.reason else "")
        )
    scaling = found.scaling
    typer.echo(
        f"power scaling: prior of the coupling {scaling.coupling:.3f}, of the nuisances "
        f"{scaling.nuisances:.3f}, likelihood {scaling.likelihood:.3f}: {scaling.diagnosis}"
    )
    if not found.fit.passed:
        typer.echo(f"failed: {found.fit.reason}", err=True)
    if out is not None:
        from bayes_cevns.figures.catalogue import save_figure
        from bayes_cevns.figures.prior_posterior import prior_sensitivity_figure

        for path in save_figure(prior_sensitivity_figure(found), out, "prior_posterior"):
            typer.echo(path)
        typer.echo(f"complete: results in {out}")
