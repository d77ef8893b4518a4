"""What to cite: the data, fluxes, formulas and programs that a model used, as BibTeX."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bayes_cevns.arguments import names, of_kind
from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.many_body import MANY_BODY, MANY_BODY_CITE, MANY_BODY_ELEMENTS
from bayes_cevns.physics.weak_charges import CORRECTIONS_CITE
from bayes_cevns.storage.resources import bibliography

if TYPE_CHECKING:
    from bayes_cevns.specification.model_spec import ModelSpec

_ALWAYS = ("Freedman:1973yd", "Kondev:2021lzi", "AbrilPla:2023pymc", "Seyboldt:nutpie")


def citations(spec: ModelSpec) -> tuple[str, ...]:
    """Return the citation keys of everything that a model uses, each once.

    Raises
    ------
    UnknownNameError
        If there is no such form factor.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> spec = bc.ModelSpec.of(["xenonnt_cevns"], interaction="b-l")
    >>> "XENON:2026cevns" in bc.citations(spec)
    True
    """
    from bayes_cevns.specification.model_spec import (
        ModelSpec,  # it needs xarray, which takes time to load
    )

    of_kind(spec, ModelSpec, what="a ModelSpec, as ModelSpec.of makes it")
    keys: list[str] = []
    form = form_factor(spec.theory.form_factor)
    nuclei: list[str] = []
    for experiment in spec.experiments:
        nuclei += [key for i in experiment.target.isotopes for key in form.cite_for(i)]
        keys += experiment.card.cite
        for signal in experiment.signals:
            keys += signal.source.cite
    if spec.interaction is not None:
        keys += spec.interaction.cite
    keys += _of_theory(spec)
    keys += [*nuclei, *_ALWAYS]
    return tuple(dict.fromkeys(keys))


def _of_theory(spec: ModelSpec) -> list[str]:
    """Return the keys of weak charges and atoms."""
    keys = list(CORRECTIONS_CITE) if spec.theory.weak_charges == "radiative" else []
    elements = {
        isotope.symbol
        for e in spec.experiments
        for isotope in e.target.isotopes
        if any(signal.channel == "electron" for signal in e.signals)
    }
    if spec.theory.atoms in MANY_BODY and elements.intersection(MANY_BODY_ELEMENTS):
        keys += MANY_BODY_CITE
    return keys


def bibtex(keys: Iterable[str]) -> str:
    """Return the BibTeX entries of some citation keys.

    Raises
    ------
    UnknownNameError
        If a key has no entry.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> print(bc.bibtex(["Freedman:1973yd"]).splitlines()[0])
    @article{Freedman:1973yd,
    """
    entries = bibliography()
    wanted = names(keys, what="a list of citation keys, as bayes_cevns.citations returns it")
    for key in wanted:
        if key not in entries:  # they are many: a message has those that are like it
            close = get_close_matches(key, entries, n=3, cutoff=0.0)
            raise UnknownNameError("citation key", key, close)
    return "\n".join(entries[key] for key in wanted)


def citation_keys() -> tuple[str, ...]:
    """Return the keys of all entries of ``models/references.bib``."""
    return tuple(bibliography())
