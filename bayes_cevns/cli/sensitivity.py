"""The command that asks what limits are expected without a signal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bayes_cevns.cli.inference import (
    ALLOW_CONFLICT,
    ALLOW_OVERLAP,
    CHAINS,
    CHARGES,
    CORES,
    DRAWS,
    EXPERIMENTS,
    FORM_FACTOR,
    INTERACTION,
    LEVEL,
    NUISANCE,
    OUT,
    PRIOR,
    RUNS,
    SEED,
    SOURCE,
    TUNE,
    sampler_settings,
)
from bayes_cevns.names import DEFAULT_FORM_FACTOR

if TYPE_CHECKING:
    from bayes_cevns.experiments import Experiment
    from bayes_cevns.studies.sensitivity.sensitivity import SensitivityPoint
    from bayes_cevns.studies.sensitivity.standard_model_toys import ToyNuisances


def sensitivity(
    experiments: EXPERIMENTS,
    interaction: INTERACTION,
    out: OUT,
    masses: Annotated[
        str | None,
        typer.Option(
            "--masses", "--mass", help="Mediator masses in MeV: low:high:number or a comma list."
        ),
    ] = None,
    toys: Annotated[int, typer.Option(help="Data sets without a signal; 0: Asimov only.")] = 100,
    toy_nuisances: Annotated[
        str, typer.Option(help="Nuisances of toys: prior (drawn for every toy) or nominal.")
    ] = "prior",
    exposure_scale: Annotated[
        float | None, typer.Option(help="Project to this many times the exposure.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Project to another threshold, in keV.")
    ] = None,
    prior: PRIOR = "flat",
    level: LEVEL = 0.9,
    seed: SEED = 1,
    runs: RUNS = None,
    nuisance: NUISANCE = None,
    source: SOURCE = None,
    charges: CHARGES = None,
    form_factor: FORM_FACTOR = DEFAULT_FORM_FACTOR,
    allow_overlap: ALLOW_OVERLAP = False,
    allow_conflict: ALLOW_CONFLICT = False,
    draws: DRAWS = 1000,
    tune: TUNE = 300,
    chains: CHAINS = 4,
    cores: CORES = 2,
) -> None:
    """Find the limits that are expected without a signal, beside the observed ones."""
    from bayes_cevns.cli import parsing
    from bayes_cevns.studies.masses import check_scan_masses

    interaction = parsing.interaction(interaction, charges)
    mass_list = None if masses is None else check_scan_masses(parsing.masses(masses))
    from bayes_cevns.cli.progress import SensitivityProgress
    from bayes_cevns.figures.catalogue import save_figure
    from bayes_cevns.figures.expected_limits import sensitivity_figure
    from bayes_cevns.specification.columns import PRIOR_TEXT, prior_label
    from bayes_cevns.studies.sensitivity.sensitivity import sensitivity as run_sensitivity

    loaded = parsing.experiments(experiments, runs=runs, source=source)
    try:
        with SensitivityProgress() as progress:
            result = run_sensitivity(
                _projected(loaded, exposure_scale, threshold),
                interaction=interaction,
                masses_mev=mass_list,
                toys=toys,
                toy_nuisances=cast("ToyNuisances", toy_nuisances),
                prior=prior,
                level=level,
                seed=seed,
                nuisance_priors=parsing.choices(nuisance or [], what="--nuisance"),
                form_factor=form_factor,
                allow_overlap=allow_overlap,
                allow_conflict=allow_conflict,
                settings=sampler_settings(draws, tune, chains, cores),
                out=out,
                on_fit=progress.fit,
                on_compile=progress.compiling,
            )
    except KeyboardInterrupt:
        typer.echo(f"the finished fits are kept in {out}; the same command goes on", err=True)
        raise
    if mass_list is not None:
        for path in save_figure(sensitivity_figure(result), out, "sensitivity"):
            typer.echo(path)
    told = {**result.labels, **prior_label(result.spec)}
    unit = "" if told["unit"] == "1" else f" in {told['unit']}"
    typer.echo(
        f"{100 * level:.4g}% credible limits on {told['coupling']}{unit}; prior: {told[PRIOR_TEXT]}"
    )
    for point in result.points():
        typer.echo(_text(point))
    failed = result.record.failed
    typer.echo(f"complete: {len(result.record.data())} data sets, {failed} fits failed, in {out}")


def _projected(
    loaded: list[Experiment], exposure_scale: float | None, threshold: float | None
) -> list[Experiment]:
    from bayes_cevns.experiments.projections import scaled, with_threshold

    if threshold is not None:
        loaded = [with_threshold(e, threshold) for e in loaded]
    if exposure_scale is not None:
        loaded = [scaled(e, exposure=exposure_scale) for e in loaded]
    return loaded


def _text(point: SensitivityPoint) -> str:
    """Return what is known of one side at one mass, in a line."""
    place = "" if point.mass_mev is None else f"{point.mass_mev:g} MeV "
    words = [
        f"{name} {limit.value:.4g}"
        for name, limit in (("observed", point.observed), ("Asimov", point.asimov))
        if limit is not None
    ]
    values = {quantile.sigma: quantile.value for quantile in point.expected}
    if not math.isnan(values[0]):
        words.append(f"median {values[0]:.4g}")
    words += [
        f"{sigma} sigma {values[-sigma]:.4g} to {values[sigma]:.4g}"
        for sigma in (1, 2)
        if not math.isnan(values[sigma])
    ]
    return f"{place}({point.side}): {', '.join(words)}; {point.toys} toys"
