"""Commands that sample: sample (one mass) and scan (many)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayes_cevns.names import DEFAULT_FORM_FACTOR

if TYPE_CHECKING:
    from bayes_cevns.inference.settings import SamplerSettings

EXPERIMENTS = Annotated[
    list[str], typer.Argument(help="One experiment, or several for a joint fit.")
]
INTERACTION = Annotated[str, typer.Option(help="Name of an interaction (see 'list').")]
CHARGES = Annotated[
    str | None,
    typer.Option(
        help="Charges of the interaction 'vector', such as u=1,d=-1,nu_e=1, or a TOML file of them."
    ),
]
PRIOR = Annotated[str, typer.Option(help="Prior of the coupling: flat, flat-rate or log.")]
LEVEL = Annotated[float, typer.Option(help="Credible level.")]
OUT = Annotated[Path, typer.Option("--out", help="Folder for the results.")]
SEED = Annotated[int, typer.Option(help="Seed of the random numbers.")]
RUNS = Annotated[str | None, typer.Option(help="Comma list of runs; all by default.")]
NUISANCE = Annotated[
    list[str] | None,
    typer.Option("--nuisance", help="Alternative prior, such as flux_8b=sno; may be repeated."),
]
SOURCE = Annotated[str | None, typer.Option(help="Another neutrino source.")]
DATA = Annotated[
    str, typer.Option(help="observed, or a projection: asimov (what is expected) or toy:SEED.")
]
FORM_FACTOR = Annotated[str, typer.Option(help="Nuclear form factor.")]
ALLOW_OVERLAP = Annotated[
    bool, typer.Option("--allow-overlap", help="Accept experiments that share exposure.")
]
ALLOW_CONFLICT = Annotated[
    bool, typer.Option("--allow-conflict", help="Accept experiments that contradict each other.")
]
DRAWS = Annotated[int, typer.Option(help="Draws for each chain.")]
TUNE = Annotated[int, typer.Option(help="Warm-up draws for each chain.")]
CHAINS = Annotated[int, typer.Option(help="Number of chains.")]
CORES = Annotated[int, typer.Option(help="Chains sampled at the same time.")]


def sampler_settings(draws: int, tune: int, chains: int, cores: int) -> SamplerSettings:
    """Return the settings of the sampler that four options make."""
    from bayes_cevns.inference.settings import SamplerSettings

    return SamplerSettings(draws=draws, tune=tune, chains=chains, cores=cores)


def scan(
    experiments: EXPERIMENTS,
    interaction: INTERACTION,
    masses: Annotated[
        str, typer.Option(help="Mediator masses in MeV: low:high:number or a comma list.")
    ],
    out: OUT,
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
    """Scan mediator masses: posteriors, credible limits and the exclusion figure."""
    from bayes_cevns.cli import parsing
    from bayes_cevns.studies.masses import check_scan_masses

    interaction = parsing.interaction(interaction, charges)
    mass_list = check_scan_masses(parsing.masses(masses))
    from bayes_cevns.cli.progress import ScanProgress
    from bayes_cevns.figures.catalogue import save_figure
    from bayes_cevns.figures.exclusion import exclusion_figure
    from bayes_cevns.studies.scan import scan as run_scan

    loaded = parsing.experiments(
        experiments, runs=runs, source=source, data=data, form_factor=form_factor
    )
    try:
        with ScanProgress(len(mass_list)) as progress:
            result = run_scan(
                loaded,
                interaction=interaction,
                masses_mev=mass_list,
                prior=prior,
                level=level,
                seed=seed,
                nuisance_priors=parsing.choices(nuisance or [], what="--nuisance"),
                form_factor=form_factor,
                allow_overlap=allow_overlap,
                allow_conflict=allow_conflict,
                settings=sampler_settings(draws, tune, chains, cores),
                out=out,
                on_point=progress.point,
                on_compile=progress.compiling,
            )
    except KeyboardInterrupt:
        typer.echo(f"the finished masses are kept in {out}; the same command goes on", err=True)
        raise
    for path in save_figure(exclusion_figure(result), out, "exclusion"):
        typer.echo(path)
    _print_priors(result.points[0].fit, result.points[-1].fit)
    for text in result.zero_texts():
        typer.echo(text)
    for point in result.failed:
        typer.echo(f"failed at {point.mass_mev:g} MeV: {point.fit.reason}", err=True)
    typer.echo(f"complete: {len(result.points)} masses, {len(result.failed)} failed, in {out}")


def sample(
    experiments: EXPERIMENTS,
    interaction: INTERACTION = "sm",
    mass: Annotated[float | None, typer.Option(help="Mediator mass in MeV, if it has one.")] = None,
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
    """Sample one posterior (at a mass, of a moment, of the Standard Model) and summarise it."""
    from bayes_cevns.cli import parsing
    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.inference.at_draws import ModelAtDraws
    from bayes_cevns.inference.marginal import prior_ratios
    from bayes_cevns.specification.model_spec import ModelSpec
    from bayes_cevns.studies.sample import sample as run_sample
    from bayes_cevns.summary.draws import check_level
    from bayes_cevns.summary.table import summary_text

    interaction = parsing.interaction(interaction, charges)
    check_level(level)
    if interaction == "sm" and mass is not None:
        raise ArgumentError("--mass needs an --interaction")
    loaded = parsing.experiments(
        experiments, runs=runs, source=source, data=data, form_factor=form_factor
    )
    model: dict[str, Any] = {
        "interaction": interaction,
        "prior": prior,
        "nuisance_priors": parsing.choices(nuisance or [], what="--nuisance"),
        "form_factor": form_factor,
        "allow_overlap": allow_overlap,
        "allow_conflict": allow_conflict,
    }
    settings = sampler_settings(draws, tune, chains, cores)
    fit = run_sample(loaded, mass_mev=mass, seed=seed, settings=settings, out=out, **model)
    ratios = None
    if fit.prior is not None:
        at_draws = ModelAtDraws(ModelSpec.of(loaded, **model).merging_bins(), mass)
        ratios = prior_ratios(at_draws, fit, mass, level)
    typer.echo(summary_text(fit, level, ratios))
    if out is not None:
        typer.echo(f"results in {out}")


def _print_priors(*fits: object) -> None:
    from bayes_cevns.inference.fit import Fit

    for fit in fits:
        if isinstance(fit, Fit) and fit.prior is not None:
            typer.echo(f"prior: {fit.prior.range_text}")
