"""Commands that look and do not sample: rates, spectrum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayes_cevns.cli.columns import aligned
from bayes_cevns.cli.completion import experiment_words
from bayes_cevns.cli.signal import Signal, takes
from bayes_cevns.cli.studies import OTHER_SOURCE
from bayes_cevns.errors import ArgumentError

if TYPE_CHECKING:
    from bayes_cevns.cards import Experiment

_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@takes(signal=Signal)
def rates(
    experiment: Annotated[
        str,
        typer.Argument(help="Name of an experiment.", autocompletion=experiment_words),
    ],
    signal: Signal,
    runs: Annotated[str | None, typer.Option(help="Comma list of runs; all by default.")] = None,
    source: Annotated[str | None, typer.Option("--source", "--flux", help=OTHER_SOURCE)] = None,
    as_json: _JSON = False,
) -> None:
    """Print the expected counts of each run and component at nominal nuisances."""
    from bayes_cevns.cards.signal_table import scatterers
    from bayes_cevns.specification.expected_counts import expected_counts
    from bayes_cevns.studies import words
    from bayes_cevns.studies.experiment_words import from_words

    (loaded,) = from_words(
        {"experiments": [experiment], "runs": words.listed(runs), "source": source}
    )
    if signal.by_name:
        asked = {**signal.by_name_options(), "couplings": signal.values()}
    else:
        product = signal.product(scatterers([loaded]))
        asked = {"interaction": signal.interaction_name, "coupling_product": product}
    counts = expected_counts(loaded, mass_mev=signal.mass_mev, theory=signal.theory, **asked)
    if as_json:
        record = {"experiment": loaded.name, "counts": counts, "unit": "counts"}
        typer.echo(json.dumps({**record, "observed": _observed(loaded)}))
        return
    typer.echo(f"{loaded.name}: {loaded.card.heading}")
    no_data = "; no observed counts are public" if loaded.data == "none" else ""
    typer.echo(f"counts by run, nuisances at their nominal values{no_data}")
    typer.echo(aligned(_rate_rows(loaded, counts), right=range(2, len(counts) + 3)))


def _rate_rows(
    experiment: Experiment, counts: Mapping[str, Mapping[str, float]]
) -> list[tuple[str, ...]]:
    """Return components, their sum and the observed counts as rows, with the sum over runs."""
    runs = list(counts)
    several = len(runs) > 1

    def row(name: str, words: str, values: list[float], digits: str = ".4g") -> tuple[str, ...]:
        every = [*values, sum(values)] if several else values
        return (name, words, *(f"{value:{digits}}" for value in every))

    names = list(counts[runs[0]])
    head = ("component", "", *runs, *(["all runs"] if several else []))
    found = [row(n, _words(experiment, n), [counts[r][n] for r in runs]) for n in names]
    found.append(row("total", "expected counts", [sum(counts[r].values()) for r in runs]))
    events = _observed(experiment)
    if events is not None:
        found.append(row("data", f"{experiment.data} counts", list(events.values()), ".10g"))
    return [head, *found]


def _observed(experiment: Experiment) -> dict[str, float] | None:
    """Return the observed counts of each run, if there are any."""
    if experiment.data == "none":
        return None
    return {run: float(experiment.observed.sel(run=run).sum()) for run in experiment.runs}


def _words(experiment: Experiment, component: str) -> str:
    """Return what a component is: of a background the title of the nuisance of its name."""
    from bayes_cevns.physics.interactions import COMPONENTS

    signal, _, part = component.rpartition(".")
    if part in COMPONENTS and component not in experiment.card.background:
        texts = ("neutrinos of the Standard Model", "interference with it", "new physics")
        what = dict(zip(COMPONENTS, texts, strict=True))[part]
        return f"{signal}: {what}" if signal else what
    nuisance = experiment.card.nuisance.get(component)
    title = component.replace("_", " ") if nuisance is None else nuisance.title
    return title.partition(" / ")[0]


@takes(signal=Signal)
def spectrum(
    target: Annotated[str, typer.Option(help="Chemical symbol or formula of the target.")],
    energies: Annotated[
        str,
        typer.Option(
            metavar="ENERGIES",
            help="Energies in keV (of the recoil, or detected): a comma list, or low:high:number, "
            "spaced in the logarithm; also with units, such as 100eV:5keV:50.",
        ),
    ],
    signal: Signal,
    channel: Annotated[str, typer.Option(help="Channel: see `list`.")] = "cevns",
    source: Annotated[
        str, typer.Option("--source", "--flux", help="Neutrino source, or a CSV file of your own.")
    ] = "solar_8b",
    as_json: _JSON = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, with a header.")] = False,
) -> None:
    """Print dR/dT in events per tonne, year and keV, in total and by component."""
    import numpy as np

    from bayes_cevns.couplings.spectrum import coupling_spectrum
    from bayes_cevns.couplings.values import standard_values
    from bayes_cevns.physics.interactions import COMPONENTS
    from bayes_cevns.rates import RATE_UNIT, SCATTERER
    from bayes_cevns.rates import rate as get_rate
    from bayes_cevns.storage.csv_tables import csv_text
    from bayes_cevns.studies import words

    if as_json and as_csv:
        raise ArgumentError("--json and --csv contradict each other: give one of them")
    recoil_kev = words.energies(energies)
    common: dict[str, Any] = {"source": source, "target": target, "theory": signal.theory}
    if signal.by_name:
        values = signal.values()

        def at(given: Mapping[str, complex]) -> list[float]:
            rate = coupling_spectrum(
                channel,
                recoil_kev,
                couplings=given,
                mass_mev=signal.mass_mev,
                **common,
                **signal.by_name_options(),
            )
            return [float(value) for value in rate]

        what, total = "recoil energy", at(values)
        standard = at(standard_values(values))
        change = [one - other for one, other in zip(total, standard, strict=True)]
        components = {COMPONENTS[0]: standard, COMPONENTS[-1]: change}
    else:
        rate = get_rate(channel, interaction=signal.interaction_name, **common)
        product = signal.product({SCATTERER[channel]})
        powers = np.array([1.0, product, product**2])[:, None]
        parts = powers * rate.components(recoil_kev, signal.mass_mev)
        names = COMPONENTS if rate.interaction is not None else COMPONENTS[:1]
        components = {name: part.tolist() for name, part in zip(names, parts, strict=False)}
        what, total = rate.energy, parts.sum(axis=0).tolist()
    if as_json:
        record = {
            "recoil_energy_kev": recoil_kev,
            "rate": total,
            "components": components,
            "unit": RATE_UNIT,
        }
        typer.echo(json.dumps(record))
        return
    if as_csv:
        columns = (f"{what.replace(' ', '_')}_kev", "rate", *components)
        rows = zip(recoil_kev, total, *components.values(), strict=True)
        table = [dict(zip(columns, row, strict=True)) for row in rows]
        typer.echo(csv_text(columns, table).rstrip())
        return
    typer.echo(f"{what} [keV], then dR/dE [{RATE_UNIT}]: total, {', '.join(components)}")
    for row in zip(recoil_kev, total, *components.values(), strict=True):
        typer.echo("".join(f"{value:>14.6g}" for value in row))
