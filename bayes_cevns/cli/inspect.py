"""Commands that look and do not sample: list, rates, spectrum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bayes_cevns.cli.signal import Signal, takes
from bayes_cevns.cli.studies import OTHER_SOURCE

_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def list_names(
    section: Annotated[
        str | None, typer.Argument(help="One section, such as interactions.")
    ] = None,
    as_json: _JSON = False,
) -> None:
    """List experiments, interactions, channels, priors, sources, targets and other names."""
    from bayes_cevns.cards.card_file import read_card
    from bayes_cevns.cards.loading import experiment_names
    from bayes_cevns.errors import UnknownNameError
    from bayes_cevns.names import (
        ATOMS_TEXTS,
        COUPLING_TEXTS,
        NSI_TEXTS,
        PRIOR_TEXTS,
        WEAK_CHARGES_TEXTS,
    )
    from bayes_cevns.physics.form_factors import FORM_FACTORS
    from bayes_cevns.physics.interactions import interactions
    from bayes_cevns.physics.interactions.charges import VECTOR, VECTOR_TEXT
    from bayes_cevns.physics.nuclei import target_names
    from bayes_cevns.published.table import published_limits
    from bayes_cevns.rates import CHANNELS
    from bayes_cevns.sources.catalogue import source_texts
    from bayes_cevns.storage.resources import models_dir

    cards = {name: read_card(models_dir() / f"{name}.toml").card for name in experiment_names()}
    sections: dict[str, dict[str, str]] = {
        "experiments": {
            name: f"{card.heading} (runs {', '.join(card.runs)})" for name, card in cards.items()
        },
        "interactions": {
            "sm": "the Standard Model",
            VECTOR: VECTOR_TEXT,
            **{entry.name: entry.summary for entry in interactions().values()},
        },
        "couplings": COUPLING_TEXTS,
        "nsi": NSI_TEXTS,
        "channels": CHANNELS,
        "priors": PRIOR_TEXTS,
        "nuisances": {
            f"{name}:{key}": f"{nuisance.title}; alternatives: {', '.join(nuisance.alternatives)}"
            for name, card in cards.items()
            for key, nuisance in card.nuisance.items()
            if nuisance.alternatives
        },
        "sources": {
            **source_texts(),
            "FILE.csv": "a flux of your own, see docs/own_target_and_flux.md",
        },
        "targets": {
            **dict.fromkeys(target_names(), ""),
            "FORMULA": "any compound of these elements",
        },
        "form factors": {
            name: (type(form).__doc__ or "").partition("\n")[0]
            for name, form in FORM_FACTORS.items()
        },
        "weak charges": WEAK_CHARGES_TEXTS,
        "atoms": ATOMS_TEXTS,
        "published": {limit.name: limit.summary for limit in published_limits()},
    }
    if section is not None:
        if section not in sections:
            raise UnknownNameError("section", section, sections)
        sections = {section: sections[section]}
    if as_json:
        typer.echo(json.dumps(sections, indent=2))
        return
    for title, entries in sections.items():
        typer.echo(title)
        for name, text in entries.items():
            typer.echo(f"  {name}  {text}".rstrip())


@takes(signal=Signal)
def rates(
    experiment: Annotated[str, typer.Argument(help="Name of an experiment.")],
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
    counts = expected_counts(loaded, mass_mev=signal.mass, theory=signal.theory, **asked)
    if as_json:
        typer.echo(json.dumps({"experiment": loaded.name, "counts": counts}))
        return
    names = list(next(iter(counts.values())))
    width = max(12, *(len(name) + 2 for name in names))
    typer.echo("run     " + "".join(f"{name:>{width}}" for name in names))
    for run, parts in counts.items():
        typer.echo(f"{run:<8}" + "".join(f"{parts[name]:>{width}.4g}" for name in names))


@takes(signal=Signal)
def spectrum(
    target: Annotated[str, typer.Option(help="Chemical symbol or formula of the target.")],
    energies: Annotated[
        str, typer.Option(help="Energies in keV (of the recoil, or detected), comma list.")
    ],
    signal: Signal,
    channel: Annotated[str, typer.Option(help="Channel: see `list`.")] = "cevns",
    source: Annotated[
        str, typer.Option("--source", "--flux", help="Neutrino source, or a CSV file of your own.")
    ] = "solar_8b",
    as_json: _JSON = False,
) -> None:
    """Print dR/dT in events per tonne, year and keV, in total and by component."""
    import numpy as np

    from bayes_cevns.couplings.spectrum import coupling_spectrum
    from bayes_cevns.couplings.values import standard_values
    from bayes_cevns.physics.interactions import COMPONENTS
    from bayes_cevns.rates import RATE_UNIT, SCATTERER
    from bayes_cevns.rates import rate as get_rate
    from bayes_cevns.studies import words

    recoil_kev = words.numbers(energies, what="--energies")
    common: dict[str, Any] = {"source": source, "target": target, "theory": signal.theory}
    if signal.by_name:
        values = signal.values()

        def at(given: Mapping[str, complex]) -> list[float]:
            rate = coupling_spectrum(
                channel,
                recoil_kev,
                couplings=given,
                mass_mev=signal.mass,
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
        parts = powers * rate.components(recoil_kev, signal.mass)
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
    typer.echo(f"{what} [keV], then dR/dE [{RATE_UNIT}]: total, {', '.join(components)}")
    for row in zip(recoil_kev, total, *components.values(), strict=True):
        typer.echo("".join(f"{value:>14.6g}" for value in row))
