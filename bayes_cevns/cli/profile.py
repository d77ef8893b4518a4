"""The command that profiles: confidence limits beside the credible ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from bayes_cevns.inference.profile.parameter import ProfileResult
    from bayes_cevns.studies.profile import ProfilePoint


def profile(
    experiments: EXPERIMENTS,
    interaction: Annotated[str, typer.Option(help="Name of an interaction (see 'list').")] = "sm",
    masses: Annotated[
        str | None,
        typer.Option(
            "--masses", "--mass", help="Mediator masses in MeV: low:high:number or a comma list."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the limits on a coupling.")
    ] = None,
    parameter: Annotated[
        str | None, typer.Option(help="A nuisance, such as flux_8b, instead of the coupling.")
    ] = None,
    free: Annotated[
        bool, typer.Option("--free", help="Leave out the constraint of this nuisance.")
    ] = False,
    level: Annotated[float, typer.Option(help="Confidence level.")] = 0.9,
    critical_value: Annotated[
        float | None,
        typer.Option(help="Of -2 ln L above its least; chi^2 with 1 degree of freedom by default."),
    ] = None,
    calibrate: Annotated[str, typer.Option(help="wilks, or toys (Feldman-Cousins).")] = "wilks",
    toys: Annotated[int, typer.Option(help="Toys for each end of a region.")] = 500,
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
    """Profile the likelihood: best fits, confidence limits (CL) and regions; no priors."""
    from bayes_cevns.cli import parsing
    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.studies.masses import check_scan_masses

    interaction = parsing.interaction(interaction, charges)
    mass_list = None if masses is None else check_scan_masses(parsing.masses(masses))
    from bayes_cevns.figures.catalogue import save_figure
    from bayes_cevns.figures.exclusion import profile_figure
    from bayes_cevns.inference.profile import parameter as profiles
    from bayes_cevns.studies.neutron_radius import neutron_radius_text
    from bayes_cevns.studies.profile import profile_scan

    loaded = parsing.experiments(experiments, runs=runs, source=source, data=data)
    alternatives = parsing.choices(nuisance or [], what="--nuisance")
    if parameter is not None:
        if out is not None or (mass_list is not None and len(mass_list) > 1):
            raise ArgumentError("--parameter goes with one of --masses and without --out")
        result = profiles.profile(
            loaded,
            interaction=interaction,
            mass_mev=mass_list[0] if mass_list else None,
            parameter=parameter,
            level=level,
            free=free,
            critical_value=critical_value,
            calibrate=calibrate,
            toys=toys,
            seed=seed,
            nuisance_priors=alternatives,
            form_factor=form_factor,
            allow_overlap=allow_overlap,
            allow_conflict=allow_conflict,
        )
        typer.echo(profiles.result_text(result))
        if radii := neutron_radius_text(result, loaded, form_factor):
            typer.echo(radii)
        return
    if free:
        raise ArgumentError("--free needs a --parameter")

    def show(point: ProfilePoint) -> None:
        _show(point.result, point.reason, point.mass_mev)

    scanned = profile_scan(
        loaded,
        interaction=interaction,
        masses_mev=mass_list,
        level=level,
        critical_value=critical_value,
        calibrate=calibrate,
        toys=toys,
        seed=seed,
        nuisance_priors=alternatives,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
        out=out,
        on_point=show,
    )
    if out is not None:
        if mass_list is not None:
            for path in save_figure(profile_figure(scanned), out, "exclusion_cl"):
                typer.echo(path)
        typer.echo(f"complete: {len(scanned.points)} profiles, {len(scanned.failed)} failed")


def _show(result: ProfileResult | None, reason: str, mass_mev: float | None) -> None:
    from bayes_cevns.inference.profile.parameter import result_text

    if result is not None:
        typer.echo(result_text(result))
    else:
        where = "" if mass_mev is None else f" at {mass_mev:g} MeV"
        typer.echo(f"failed{where}: {reason}", err=True)
