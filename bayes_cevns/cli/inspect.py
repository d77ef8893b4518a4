"""Commands that look and do not sample: list, rates, spectrum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

import typer

from bayes_cevns.cli.studies import PROPAGATION
from bayes_cevns.names import DEFAULT_FORM_FACTOR

_FLAVOURS = Annotated[str, typer.Option(help=PROPAGATION["flavours"])]
_EARTH = Annotated[str, typer.Option(help=PROPAGATION["earth"])]
_MATTER = Annotated[bool, typer.Option(help="Whether the couplings act in Sun and Earth as well.")]
_SOLAR = Annotated[str | None, typer.Option(help=PROPAGATION["solar"])]
_DETECTION = Annotated[str, typer.Option(help=PROPAGATION["detection"])]
_CHARGES = Annotated[
    str | None,
    typer.Option(
        help="Charges of the interaction 'vector', such as u=1,d=-1,nu_e=1, or a TOML file of them."
    ),
]
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_MASS = Annotated[float | None, typer.Option("--mass", help="Mediator mass in MeV.")]
_COUPLING = Annotated[
    float | None,
    typer.Option("--coupling", help="The quoted coupling of the interaction: see `list`."),
]
_COUPLINGS = Annotated[
    str | None,
    typer.Option(
        help="Couplings by name, such as eps_ee_u=0.1,eps_emu_d=0.2@90 (modulus @ phase in "
        "degrees); see 'list couplings'."
    ),
]
_NEGATIVE = Annotated[
    bool,
    typer.Option("--negative", help="Take x < 0 (where its sign is observable)."),
]


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
    from bayes_cevns.names import COUPLING_TEXTS, NSI_TEXTS, PRIOR_TEXTS
    from bayes_cevns.physics.form_factors import FORM_FACTORS
    from bayes_cevns.physics.interactions import interactions
    from bayes_cevns.physics.interactions.charges import VECTOR, VECTOR_TEXT
    from bayes_cevns.physics.nuclei import target_names
    from bayes_cevns.rates import CHANNELS
    from bayes_cevns.sources.catalogue import SOURCE_TEXTS
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
        "sources": SOURCE_TEXTS,
        "targets": dict.fromkeys(target_names(), ""),
        "form factors": {
            name: (type(form).__doc__ or "").partition("\n")[0]
            for name, form in FORM_FACTORS.items()
        },
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


def rates(
    experiment: Annotated[str, typer.Argument(help="Name of an experiment.")],
    interaction: Annotated[str, typer.Option(help="Name of an interaction.")] = "sm",
    mass: _MASS = None,
    coupling: _COUPLING = None,
    negative: _NEGATIVE = False,
    runs: Annotated[str | None, typer.Option(help="Comma list of runs; all by default.")] = None,
    source: Annotated[str | None, typer.Option(help="Another neutrino source.")] = None,
    charges: _CHARGES = None,
    couplings: _COUPLINGS = None,
    matter: _MATTER = True,
    flavours: _FLAVOURS = "three",
    earth: _EARTH = "year",
    detection: _DETECTION = "density-matrix",
    solar: _SOLAR = None,
    form_factor: Annotated[str, typer.Option(help="Nuclear form factor.")] = DEFAULT_FORM_FACTOR,
    as_json: _JSON = False,
) -> None:
    """Print the expected counts of each run and component at nominal nuisances."""
    from bayes_cevns.cards.signal_table import scatterers
    from bayes_cevns.specification.expected_counts import expected_counts
    from bayes_cevns.studies import words
    from bayes_cevns.studies.experiment_words import from_words

    loaded = from_words(
        {"experiments": [experiment], "runs": words.listed(runs), "source": source}
    )[0]
    if couplings is None:
        interaction = words.interaction(interaction, charges)
        product = _product(interaction, mass, coupling, scatterers([loaded]), negative=negative)
        counts = expected_counts(
            loaded,
            interaction=interaction,
            mass_mev=mass,
            coupling_product=product,
            form_factor=form_factor,
        )
    else:
        _refuse_beside_couplings(interaction, coupling, charges, negative=negative)
        counts = expected_counts(
            loaded,
            couplings=words.couplings(couplings),
            mass_mev=mass,
            propagation=words.propagation(flavours, earth, detection, solar),
            matter=matter,
            form_factor=form_factor,
        )
    if as_json:
        typer.echo(json.dumps({"experiment": loaded.name, "counts": counts}))
        return
    names = list(next(iter(counts.values())))
    width = max(12, *(len(name) + 2 for name in names))
    typer.echo("run     " + "".join(f"{name:>{width}}" for name in names))
    for run, parts in counts.items():
        typer.echo(f"{run:<8}" + "".join(f"{parts[name]:>{width}.4g}" for name in names))


def spectrum(
    target: Annotated[str, typer.Option(help="Chemical symbol of the target.")],
    energies: Annotated[
        str, typer.Option(help="Energies in keV (of the recoil, or detected), comma list.")
    ],
    interaction: Annotated[str, typer.Option(help="Name of an interaction.")] = "sm",
    mass: _MASS = None,
    coupling: _COUPLING = None,
    negative: _NEGATIVE = False,
    channel: Annotated[str, typer.Option(help="Channel: see `list`.")] = "cevns",
    source: Annotated[str, typer.Option(help="Neutrino source.")] = "solar_8b",
    charges: _CHARGES = None,
    couplings: _COUPLINGS = None,
    matter: _MATTER = True,
    flavours: _FLAVOURS = "three",
    earth: _EARTH = "year",
    detection: _DETECTION = "density-matrix",
    solar: _SOLAR = None,
    form_factor: Annotated[str, typer.Option(help="Nuclear form factor.")] = DEFAULT_FORM_FACTOR,
    binding: Annotated[str, typer.Option(help="Electrons: step (bound) or free.")] = "step",
    as_json: _JSON = False,
) -> None:
    """Print dR/dT in events per tonne, year and keV, in total and by component."""
    import numpy as np

    from bayes_cevns.cards.signal_table import SCATTERER
    from bayes_cevns.couplings.spectrum import coupling_spectrum
    from bayes_cevns.couplings.values import standard_values
    from bayes_cevns.physics.interactions import COMPONENTS
    from bayes_cevns.rates import RATE_UNIT
    from bayes_cevns.rates import rate as get_rate
    from bayes_cevns.studies import words

    recoil_kev = words.numbers(energies, what="--energies")
    if couplings is not None:
        _refuse_beside_couplings(interaction, coupling, charges, negative=negative)
        values = words.couplings(couplings)
        way = words.propagation(flavours, earth, detection, solar)

        def at(given: Mapping[str, complex]) -> list[float]:
            rate = coupling_spectrum(
                channel,
                recoil_kev,
                source=source,
                target=target,
                couplings=given,
                mass_mev=mass,
                propagation=way,
                matter=matter,
                form_factor=form_factor,
            )
            return [float(value) for value in rate]

        what, total = "recoil energy", at(values)
        standard = at(standard_values(values))
        change = [one - other for one, other in zip(total, standard, strict=True)]
        components = {COMPONENTS[0]: standard, COMPONENTS[-1]: change}
    else:
        interaction = words.interaction(interaction, charges)
        rate = get_rate(
            channel,
            source=source,
            target=target,
            interaction=interaction,
            form_factor=form_factor,
            binding=binding,
        )
        product = _product(interaction, mass, coupling, {SCATTERER[channel]}, negative=negative)
        powers = np.array([1.0, product, product**2])[:, None]
        parts = powers * rate.components(recoil_kev, mass)
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


def _refuse_beside_couplings(
    interaction: str, coupling: float | None, charges: str | None, *, negative: bool
) -> None:
    """Refuse what belongs to an interaction where couplings are given by name."""
    from bayes_cevns.errors import ArgumentError

    given = {
        "--interaction": interaction != "sm",
        "--coupling": coupling is not None,
        "--charges": charges is not None,
        "--negative": negative,
    }
    for option, is_given in given.items():
        if is_given:
            raise ArgumentError(f"either --couplings or an interaction: {option} is for the latter")


def _product(
    interaction: str,
    mass: float | None,
    coupling: float | None,
    targets: set[str],
    *,
    negative: bool,
) -> float:
    """Return x from the quoted coupling and its sign, for scattering on some targets."""
    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.physics.interactions import Sign
    from bayes_cevns.physics.interactions import interaction as get_interaction

    if interaction == "sm":
        given = {"--mass": mass is not None, "--coupling": coupling is not None}
        for option, is_given in {**given, "--negative": negative}.items():
            if is_given:
                raise ArgumentError(f"{option} needs an --interaction")
        return 0.0
    entry = get_interaction(interaction)
    if coupling is None:
        needed = "--mass (in MeV) and --coupling" if entry.has_mass else "--coupling"
        quoted = entry.coupling
        raise ArgumentError(f"{interaction} needs {needed}: {quoted.named}, {quoted.definition}")
    sign = entry.sign_on(targets)
    if negative and sign is not Sign.OBSERVABLE:
        where = "" if sign is Sign.FIXED else f" in scattering on {' and '.join(sorted(targets))}"
        raise ArgumentError(
            f"--negative is not for {interaction}: the sign of {entry.coupling.amplitude} is "
            f"{sign}{where}"
        )
    product = entry.product(coupling)
    return float(entry.check_product(-product if negative else product))
