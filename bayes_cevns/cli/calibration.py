"""The commands that check posteriors: calibrate (ranks of truths) and coverage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayes_cevns.cli.inference import (
    ALLOW_CONFLICT,
    ALLOW_OVERLAP,
    CHARGES,
    DATA,
    EXPERIMENTS,
    FORM_FACTOR,
    NUISANCE,
    RUNS,
    SEED,
    SOURCE,
)
from bayes_cevns.names import DEFAULT_FORM_FACTOR

_MASS = Annotated[float | None, typer.Option(help="Mediator mass in MeV, if it has one.")]
_PRIOR = Annotated[str, typer.Option(help="Prior of the coupling: flat, flat-rate or log.")]
_OUT = Annotated[
    Path, typer.Option("--out", help="Folder for the results; the same command goes on in it.")
]


def calibrate(
    experiments: EXPERIMENTS,
    out: _OUT,
    interaction: Annotated[str, typer.Option(help="Name of an interaction (see 'list').")] = "sm",
    mass: _MASS = None,
    prior: _PRIOR = "flat-rate",
    fits: Annotated[int, typer.Option(help="How many data sets are made and fitted.")] = 1000,
    reach: Annotated[
        float, typer.Option(help="End of the prior in x, in units of the 90% limit.")
    ] = 2.0,
    seed: SEED = 1,
    runs: RUNS = None,
    nuisance: NUISANCE = None,
    source: SOURCE = None,
    data: DATA = "observed",
    charges: CHARGES = None,
    form_factor: FORM_FACTOR = DEFAULT_FORM_FACTOR,
    allow_overlap: ALLOW_OVERLAP = False,
    allow_conflict: ALLOW_CONFLICT = False,
) -> None:
    """Calibrate by simulation: fit data made from the prior, and rank the truths."""
    from bayes_cevns.cli import parsing
    from bayes_cevns.cli.progress import FitProgress
    from bayes_cevns.figures.calibration import calibration_figure
    from bayes_cevns.figures.catalogue import save_figure
    from bayes_cevns.studies.calibration.ranking import calibrate as run_calibrate

    interaction = parsing.interaction(interaction, charges)
    loaded = parsing.experiments(
        experiments, runs=runs, source=source, data=data, form_factor=form_factor
    )
    alternatives = parsing.choices(nuisance or [], what="--nuisance")
    with FitProgress(fits) as progress:
        study = run_calibrate(
            loaded,
            interaction=interaction,
            mass_mev=mass,
            prior=prior,
            fits=fits,
            reach=reach,
            seed=seed,
            nuisance_priors=alternatives,
            form_factor=form_factor,
            allow_overlap=allow_overlap,
            allow_conflict=allow_conflict,
            out=out,
            on_fit=progress.fit,
        )
    for path in save_figure(calibration_figure(study), out, "ranks"):
        typer.echo(path)
    typer.echo("quantity: p-value of uniform ranks")
    for name, p_value in study.p_values.items():
        note = "" if p_value > 0.05 else ", outside the 95% band"
        typer.echo(f"  {name}: {p_value:.3g}{note}")
    verdict = "what chance explains" if study.passed else "more than chance explains: do not quote"
    typer.echo(
        f"{len(study.outside)} of {len(study.quantities)} outside their bands, {verdict}; "
        f"{study.fits} fits, {len(study.reasons)} failed, {study.seconds:.0f} s, in {out}"
    )


def coverage(
    experiments: EXPERIMENTS,
    interaction: Annotated[str, typer.Option(help="Name of an interaction (see 'list').")],
    out: _OUT,
    mass: _MASS = None,
    prior: _PRIOR = "flat",
    truths: Annotated[
        str | None,
        typer.Option(help="True x, a comma list; zero, the 90% limit and twice it by default."),
    ] = None,
    levels: Annotated[str, typer.Option(help="Credible levels, a comma list.")] = "0.68,0.9,0.95",
    toys: Annotated[int, typer.Option(help="Data sets for each truth.")] = 600,
    precision: Annotated[float, typer.Option(help="Largest error of a coverage.")] = 0.02,
    seed: SEED = 1,
    runs: RUNS = None,
    nuisance: NUISANCE = None,
    source: SOURCE = None,
    data: DATA = "observed",
    charges: CHARGES = None,
    form_factor: FORM_FACTOR = DEFAULT_FORM_FACTOR,
    allow_overlap: ALLOW_OVERLAP = False,
    allow_conflict: ALLOW_CONFLICT = False,
) -> None:
    """Count how often credible intervals hold a fixed coupling."""
    from bayes_cevns.cli import parsing
    from bayes_cevns.cli.progress import FitProgress
    from bayes_cevns.figures.calibration import coverage_figure
    from bayes_cevns.figures.catalogue import save_figure
    from bayes_cevns.studies.calibration.coverage import TRUTHS
    from bayes_cevns.studies.calibration.coverage import coverage as run_coverage

    interaction = parsing.interaction(interaction, charges)
    values = parsing.numbers(truths, what="--truths") if truths is not None else None
    named = None if values is None else {f"{x:g}": x for x in values}
    loaded = parsing.experiments(
        experiments, runs=runs, source=source, data=data, form_factor=form_factor
    )
    alternatives = parsing.choices(nuisance or [], what="--nuisance")
    with FitProgress(toys * len(named or TRUTHS)) as progress:
        study = run_coverage(
            loaded,
            interaction=interaction,
            mass_mev=mass,
            prior=prior,
            truths=named,
            levels=parsing.numbers(levels, what="--levels"),
            toys=toys,
            precision=precision,
            seed=seed,
            nuisance_priors=alternatives,
            form_factor=form_factor,
            allow_overlap=allow_overlap,
            allow_conflict=allow_conflict,
            out=out,
            on_fit=progress.fit,
        )
    for path in save_figure(coverage_figure(study), out, "coverage"):
        typer.echo(path)
    new = study.spec.interaction
    symbol = "" if new is None else new.coupling.named
    typer.echo(f"truth ({symbol}): interval, level, coverage; prior {study.spec.prior}")
    for found in study.results:
        typer.echo(
            f"  {found.truth} ({found.coupling:.3g}): {found.interval}, {found.level:g}, "
            f"{found.coverage:.3f} +- {found.error:.3f}"
        )
    typer.echo(f"{len(study.reasons)} fits failed, {study.seconds:.0f} s, in {out}")
