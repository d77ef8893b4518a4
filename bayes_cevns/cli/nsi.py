"""The command nsi: posteriors of non-standard interactions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from bayes_cevns.names import (
    DEFAULT_FORM_FACTOR,
    NSI_PHASE_CONVENTION,
    PHASE_CONVENTION_TEXTS,
)

if TYPE_CHECKING:
    from bayes_cevns.inference.fit import Fit
    from bayes_cevns.inference.sample_nsi import NsiResult

#: Options that take several words.
_LISTS = ("--parameters", "--pairs", "--bounds", "--levels")


class NsiCommand(TyperCommand):
    """Lets an option take several words: ``--parameters ee_u ee_d``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the command line."""
        from bayes_cevns.cli.parsing import repeated

        return super().parse_args(ctx, repeated(args, _LISTS))


def nsi(
    experiments: Annotated[
        list[str], typer.Argument(help="One experiment with solar 8B CEvNS, or several.")
    ],
    parameters: Annotated[
        list[str], typer.Option(help="Free couplings, such as ee_u ee_d; the others are zero.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")],
    one_at_a_time: Annotated[
        bool, typer.Option("--one-at-a-time", help="Each coupling alone, not all together.")
    ] = False,
    bounds: Annotated[
        list[str] | None, typer.Option(help="Bounds of flat priors, such as ee_u=-1:1 (default).")
    ] = None,
    levels: Annotated[
        list[str] | None, typer.Option(help="Credible levels; 0.68 0.9 0.95 by default.")
    ] = None,
    pairs: Annotated[
        list[str] | None,
        typer.Option(help="Pairs to draw, such as ee_u:ee_d, or none; all by default."),
    ] = None,
    detection: Annotated[
        str, typer.Option(help="density-matrix, or propagation-basis as arXiv:2409.02003.")
    ] = "density-matrix",
    propagation: Annotated[
        bool, typer.Option(help="Whether the couplings act in the Sun as well.")
    ] = True,
    solar: Annotated[str | None, typer.Option(help="Name of a solar model.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random numbers.")] = 1,
    runs: Annotated[str | None, typer.Option(help="Comma list of runs; all by default.")] = None,
    nuisance: Annotated[
        list[str] | None,
        typer.Option("--nuisance", help="Alternative prior, such as flux_8b=sno."),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Another solar 8B source.")] = None,
    data: Annotated[str, typer.Option(help="observed, asimov or toy:SEED.")] = "observed",
    form_factor: Annotated[str, typer.Option(help="Nuclear form factor.")] = DEFAULT_FORM_FACTOR,
    allow_overlap: Annotated[
        bool, typer.Option("--allow-overlap", help="Accept experiments that share exposure.")
    ] = False,
    allow_conflict: Annotated[
        bool,
        typer.Option("--allow-conflict", help="Accept experiments that contradict each other."),
    ] = False,
    draws: Annotated[int, typer.Option(help="Draws for each chain and branch.")] = 1000,
    tune: Annotated[int, typer.Option(help="Warm-up draws for each chain.")] = 300,
    chains: Annotated[int, typer.Option(help="Number of chains.")] = 4,
    cores: Annotated[int, typer.Option(help="Chains sampled at the same time.")] = 2,
) -> None:
    """Sample non-standard interactions: intervals, credible regions and their figures."""
    from bayes_cevns.cli import parsing
    from bayes_cevns.inference.sample_nsi import LEVELS, sample_nsi
    from bayes_cevns.inference.settings import SamplerSettings
    from bayes_cevns.nsi.specification import checked_names
    from bayes_cevns.physics.oscillation import DEFAULT_MODEL

    names = checked_names(parameters)
    chosen = _pairs(pairs, names, together=not one_at_a_time)
    result = sample_nsi(
        parsing.experiments(experiments, runs=runs, source=source, data=data),
        parameters=names,
        one_at_a_time=one_at_a_time,
        bounds=parsing.ranges(bounds or [], what="--bounds"),
        levels=parsing.numbers(",".join(levels), what="--levels") if levels else LEVELS,
        detection=detection,
        propagation=propagation,
        solar=solar or DEFAULT_MODEL,
        seed=seed,
        nuisance_priors=parsing.choices(nuisance or [], what="--nuisance"),
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
        settings=SamplerSettings(draws=draws, tune=tune, chains=chains, cores=cores),
        out=out,
        on_fit=_show,
    )
    _print_intervals(result)
    _draw(result, chosen, out)
    typer.echo(f"complete: {len(result.fits)} fits, in {out}")


def _show(name: str, fit: Fit) -> None:
    weights = ", ".join(f"{w:.3f}" for w in fit.quality["weight"].values)
    verdict = "" if fit.passed else f"; failed: {fit.reason}"
    typer.echo(f"{name}: branch weights {weights}{verdict}", err=True)


def _print_intervals(result: NsiResult) -> None:
    from math import degrees

    phase = degrees(result.spec.mixing.delta_cp_rad)
    typer.echo(f"phases: {PHASE_CONVENTION_TEXTS[NSI_PHASE_CONVENTION]}, delta = {phase:.4g} deg")
    for name in result.spec.parameters:
        for level in result.levels:
            pieces = ", ".join(
                f"[{i.low:.3f}, {i.high:.3f}] (weight {i.branch_weight:.2f})"
                for i in result.intervals(name, level)
            )
            typer.echo(f"{name}, {100 * level:.4g}% credible: {pieces}")
        for note in result.notes(name):
            typer.echo(f"  {note}")


def _draw(result: NsiResult, pairs: list[tuple[str, str]], out: Path) -> None:
    from bayes_cevns.report import region_figure, save_figure

    for one, two in pairs:
        for note in result.regions(one, two).notes:
            typer.echo(f"{one}, {two}: {note}: --bounds")
        for path in save_figure(region_figure(result, one, two), out, f"region_{one}_{two}"):
            typer.echo(path)


def _pairs(
    words: list[str] | None, names: tuple[str, ...], *, together: bool
) -> list[tuple[str, str]]:
    """Return the pairs of couplings to draw: all, those asked for, or none."""
    from itertools import combinations

    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.nsi.specification import checked_names

    if words is None:
        return list(combinations(names, 2)) if together else []
    if words == ["none"]:
        return []
    found = []
    for word in words:
        parts = word.split(":")
        if len(parts) != 2:
            raise ArgumentError(f"--pairs: expected one:other, such as ee_u:ee_d, got {word!r}")
        one, two = checked_names(parts)
        if not together or one not in names or two not in names:
            raise ArgumentError(f"--pairs: {one} and {two} are not free together")
        found.append((one, two))
    return found
