"""What there is to choose from, by sections: the command list."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bayes_cevns.cli.columns import aligned

#: What heads the columns of the section of experiments.
_EXPERIMENTS = (
    *("name", "target", "channel", "source", "exposure [t yr]", "events", "data"),
    *("recommended", "title"),
)
_NUMBERS = (4, 5)


def list_names(
    section: Annotated[
        str | None, typer.Argument(help="One section, such as interactions.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List experiments, interactions, channels, priors, sources, targets and other names."""
    from bayes_cevns.arguments import named

    sections = _sections()
    if section is not None:
        sections = {named(section, "section", sections): sections[section]}
    if as_json:
        typer.echo(json.dumps(sections, indent=2))
        return
    for title, entries in sections.items():
        typer.echo(title)
        if title == "experiments":
            typer.echo(aligned([_EXPERIMENTS, *experiment_rows()], right=_NUMBERS, indent=2))
        else:
            typer.echo(aligned(list(entries.items()), indent=2))


def experiment_rows() -> list[tuple[str, ...]]:
    """Return the experiments as rows of words, with the columns of the table."""
    from bayes_cevns.cards.listing import experiments

    return [
        (
            str(row.Index),
            row.target,
            row.channels,
            _short(row.sources.split(", ")),
            f"{row.exposure_tonne_year:.3g}",
            _events(row.events) if row.has_data else "-",
            "yes" if row.has_data else "no",
            "yes" if row.recommended else "",
            row.title,
        )
        for row in experiments().itertuples()
    ]


def _events(number: float) -> str:
    return f"{number:.0f}" if number >= 1000 else f"{number:.4g}"


def _short(sources: list[str]) -> str:
    """Return one source, or what the names of several begin with: ``solar`` of ``solar_pp``, ..."""
    common = sources[0].split("_")
    for source in sources[1:]:
        words = source.split("_")
        same = [a == b for a, b in zip(common, words, strict=False)]
        common = common[: (*same, False).index(False)]
    return "_".join(common) or ", ".join(sources)


def _sections() -> dict[str, dict[str, str]]:
    """Return the sections: title -> name -> what it is."""
    from bayes_cevns.cards.card_file import read_card
    from bayes_cevns.cards.loading import experiment_names
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
    return {
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
