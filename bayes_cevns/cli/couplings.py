"""The command couplings: posteriors of several couplings, such as non-standard interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from bayes_cevns.cli.inference import (
    ALLOW_CONFLICT,
    ALLOW_OVERLAP,
    CHAINS,
    CORES,
    DATA,
    DRAWS,
    EXPERIMENTS,
    FORM_FACTOR,
    NUISANCE,
    OUT,
    RUNS,
    SEED,
    SOURCE,
    TUNE,
    sampler_settings,
)
from bayes_cevns.names import (
    DEFAULT_FORM_FACTOR,
    NSI_PHASE_CONVENTION,
    PHASE_CONVENTION_TEXTS,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from bayes_cevns.inference.fit import Fit
    from bayes_cevns.studies.couplings import CouplingFits

#: Options that take several words.
_LISTS = ("--free", "--pairs", "--bounds", "--levels")

FLAVOURS = Annotated[
    str, typer.Option(help="Flavours of solar neutrinos: three, or two as arXiv:2409.02003.")
]
EARTH = Annotated[
    str, typer.Option(help="The Earth, for solar neutrinos: year (nights and days) or none.")
]
MATTER = Annotated[bool, typer.Option(help="Whether the couplings act in Sun and Earth as well.")]
SOLAR = Annotated[str | None, typer.Option(help="Name of a solar model.")]
DETECTION = Annotated[
    str, typer.Option(help="With two flavours: density-matrix or propagation-basis.")
]


class CouplingsCommand(TyperCommand):
    """Lets an option take several words: ``--free ee_u ee_d``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the command line."""
        from bayes_cevns.cli.parsing import repeated

        return super().parse_args(ctx, repeated(args, _LISTS))


def couplings(
    experiments: EXPERIMENTS,
    free: Annotated[
        list[str],
        typer.Option(help="Free couplings, such as ee_u ee_d; see 'list couplings'."),
    ],
    out: OUT,
    mass: Annotated[
        float | None, typer.Option("--mass", help="Mediator mass in MeV, for x_ couplings.")
    ] = None,
    one_at_a_time: Annotated[
        bool, typer.Option("--one-at-a-time", help="Each coupling alone, not all together.")
    ] = False,
    bounds: Annotated[
        list[str] | None, typer.Option(help="Bounds of flat priors, such as ee_u=-1:1.")
    ] = None,
    levels: Annotated[
        list[str] | None, typer.Option(help="Credible levels; 0.68 0.9 0.95 by default.")
    ] = None,
    pairs: Annotated[
        list[str] | None,
        typer.Option(
            help="Pairs to draw, such as ee_u:ee_d or ee_u:flux_8b, or none; all couplings by "
            "default."
        ),
    ] = None,
    matter: MATTER = True,
    flavours: FLAVOURS = "three",
    earth: EARTH = "year",
    detection: DETECTION = "density-matrix",
    solar: SOLAR = None,
    seed: SEED = 1,
    runs: RUNS = None,
    nuisance: NUISANCE = None,
    source: SOURCE = None,
    data: DATA = "observed",
    form_factor: FORM_FACTOR = DEFAULT_FORM_FACTOR,
    allow_overlap: ALLOW_OVERLAP = False,
    allow_conflict: ALLOW_CONFLICT = False,
    draws: DRAWS = 1000,
    tune: TUNE = 300,
    chains: CHAINS = 4,
    cores: CORES = 2,
) -> None:
    """Sample several couplings: intervals, credible regions and their figures."""
    from bayes_cevns.cli import parsing
    from bayes_cevns.couplings.model import CouplingModel
    from bayes_cevns.studies.couplings import LEVELS, nuisances_of, sample_couplings

    way = parsing.propagation(flavours, earth, detection, solar)
    names = CouplingModel.of(free, mass_mev=mass, propagation=way).names
    loaded = parsing.experiments(experiments, runs=runs, source=source, data=data)
    chosen = _pairs(pairs, names, nuisances_of(loaded), together=not one_at_a_time)
    result = sample_couplings(
        loaded,
        couplings=names,
        mass_mev=mass,
        one_at_a_time=one_at_a_time,
        bounds=parsing.ranges(bounds or [], what="--bounds"),
        levels=parsing.numbers(",".join(levels), what="--levels") if levels else LEVELS,
        propagation=way,
        matter=matter,
        seed=seed,
        nuisance_priors=parsing.choices(nuisance or [], what="--nuisance"),
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
        settings=sampler_settings(draws, tune, chains, cores),
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


def _print_intervals(result: CouplingFits) -> None:
    from math import degrees

    if result.has_phase:
        phase = degrees(result.model.propagation.parameters.delta_cp_rad)
        convention = PHASE_CONVENTION_TEXTS[NSI_PHASE_CONVENTION]
        typer.echo(f"phases: {convention}, delta = {phase:.4g} deg")
    for name in result.names:
        for level in result.levels:
            pieces = ", ".join(
                f"[{i.low:.4g}, {i.high:.4g}] (weight {i.branch_weight:.2f})"
                for i in result.intervals(name, level)
            )
            typer.echo(f"{name}, {100 * level:.4g}% credible: {pieces}")
        for note in result.notes(name):
            typer.echo(f"  {note}")


def _draw(result: CouplingFits, pairs: list[tuple[str, str]], out: Path) -> None:
    from bayes_cevns.figures.catalogue import save_figure
    from bayes_cevns.figures.coupling_regions import region_figure

    for one, two in pairs:
        for note in result.regions(one, two).notes:
            typer.echo(f"{one}, {two}: {note}: --bounds")
        for path in save_figure(region_figure(result, one, two), out, f"region_{one}_{two}"):
            typer.echo(path)


def _pairs(
    words: list[str] | None, names: tuple[str, ...], nuisances: Collection[str], *, together: bool
) -> list[tuple[str, str]]:
    """Return the pairs to draw: all of couplings, those asked for, or none."""
    from itertools import combinations

    from bayes_cevns.arguments import named
    from bayes_cevns.couplings.named import known_names
    from bayes_cevns.errors import ArgumentError

    if words is None:
        return list(combinations(names, 2)) if together else []
    if words == ["none"]:
        return []
    found = []
    for word in words:
        parts = word.split(":")
        if len(parts) != 2:
            raise ArgumentError(f"--pairs: expected one:other, such as ee_u:ee_d, got {word!r}")
        whole = [f"eps_{part}" if f"eps_{part}" in names else part for part in parts]
        if not together or not set(parts) & set(known_names(names)):
            raise ArgumentError(
                f"--pairs: {' and '.join(whole)} are not free together: one of each pair is a "
                f"coupling ({', '.join(names)})"
            )
        for part in whole:
            named(part, "coupling or nuisance", (*names, *nuisances))
        if whole[0] == whole[1]:
            raise ArgumentError(f"--pairs: a region needs two parameters, got {whole[0]} twice")
        found.append((whole[0], whole[1]))
    return found
