"""What a name stands for, and what to cite for it: `bayes-cevns show NAME`, `cite NAME`.

A name may be that of an experiment, an interaction, a source, a published limit, or the folder of a
run; a key of the bibliography can be cited as well.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bayes_cevns.cards.loading import experiment, experiment_names
from bayes_cevns.errors import ArgumentError, UnknownNameError, shown
from bayes_cevns.physics.interactions import interaction, interactions
from bayes_cevns.published.table import published_limit, published_limits
from bayes_cevns.reports.account import read_account
from bayes_cevns.reports.answers.catalogue import answer_of
from bayes_cevns.reports.data_sources import data_sources
from bayes_cevns.reports.priors import prior_words
from bayes_cevns.sources.catalogue import source, source_texts
from bayes_cevns.sources.flux_file import is_flux_file
from bayes_cevns.specification.references import bibtex
from bayes_cevns.storage.record import RUN_FILE
from bayes_cevns.storage.resources import bibliography, data_dir


@dataclass(frozen=True)
class Thing(ABC):
    """Something that has a name."""

    name: str

    @abstractmethod
    def lines(self) -> Iterator[str]:
        """Yield what it is."""

    @abstractmethod
    def references(self) -> str:
        """Return the BibTeX entries of what to cite."""


class ExperimentThing(Thing):
    """An experiment of the package, or the card of a user."""

    def lines(self) -> Iterator[str]:
        """Yield data, likelihood, every nuisance with its prior and origin, and the source."""
        one = experiment(self.name)
        yield f"experiment {one.name}: {one.card.heading}"
        yield from (f"  {word}: {why}" for word, why in one.card.reasons.items())
        yield from repr(one).splitlines()[1:]
        yield "nuisances"
        for name in one.nuisances():
            entry = one.card.nuisance[name]
            shared = ", shared" if entry.shared else ""
            yield f"  {name}: {entry.title}{shared}: {prior_words(entry.prior)} [{entry.origin}]"
            for key, other in entry.alternatives.items():
                yield f"    or {key}: {prior_words(other.prior)} [{other.origin}]"
        (found,) = data_sources([one])
        if found.doi:
            yield f"data: https://doi.org/{found.doi}; licence: {found.licence}; {found.paper}"
        yield f"cite: {', '.join(one.card.cite)}"
        if one.package_table:
            reference = (data_dir() / one.package_table).with_name("REFERENCE")
            yield ""
            yield reference.read_text(encoding="utf-8").rstrip()

    def references(self) -> str:
        """Return what the card cites, and the fluxes of its signals."""
        one = experiment(self.name)
        fluxes = [key for signal in one.signals for key in signal.source.cite]
        return bibtex(list(dict.fromkeys([*one.card.cite, *fluxes])))


class InteractionThing(Thing):
    """An interaction of the catalogue, or of a plug-in."""

    def lines(self) -> Iterator[str]:
        """Yield formula, coupling, targets and mass."""
        new = interaction(self.name)
        yield f"interaction {new.name}"
        yield f"  formula    {new.formula}"
        yield f"  coupling   {new.coupling.named}: {new.coupling.definition}"
        yield f"  amplitude  x = {new.coupling.amplitude}, quoted |x|^{new.coupling.power:g}"
        yield f"  on         {', '.join(new.scatters_on)}"
        yield f"  sign of x  {new.sign_on(new.scatters_on)}"
        yield f"  mass       {f'{new.axis.name}, in MeV' if new.has_mass else 'none'}"
        yield f"  cite       {', '.join(new.cite)}"
        names = [limit.name for limit in published_limits(new)]
        if names:
            yield f"  published  {', '.join(names)}"

    def references(self) -> str:
        """Return what its formula cites."""
        return bibtex(interaction(self.name).cite)


class SourceThing(Thing):
    """A source of neutrinos, or a flux of a user."""

    def lines(self) -> Iterator[str]:
        """Yield flux by flavour and energies."""
        text = source_texts().get(self.name, "a flux of a user")
        first, *rest = repr(source(self.name)).splitlines()
        yield f"{first[0].lower()}{first[1:]}: {text}"
        yield from rest

    def references(self) -> str:
        """Return what its fluxes cite."""
        return bibtex(source(self.name).cite)


class PublishedThing(Thing):
    """A published limit."""

    def lines(self) -> Iterator[str]:
        """Yield coupling, masses, confidence, reference and licence."""
        limit = published_limit(self.name)
        yield f"published limit {limit.name}"
        yield from repr(limit).splitlines()[1:]
        yield f"  licence     {limit.licence}"

    def references(self) -> str:
        """Return the entry of the paper: from the bibliography, or of what the table knows."""
        limit = published_limit(self.name)
        if limit.key in bibliography():
            return bibtex([limit.key])
        given = {
            "title": limit.title,
            "eprint": limit.arxiv,
            "archivePrefix": "arXiv" if limit.arxiv else "",
            "doi": limit.doi,
        }
        fields = [f"  {name} = {{{value}}}" for name, value in given.items() if value]
        return "\n".join([f"@misc{{{limit.key or limit.name},", ",\n".join(fields), "}", ""])


class RunThing(Thing):
    """The folder of a run."""

    def lines(self) -> Iterator[str]:
        """Yield question, answer, failures and files."""
        account = read_account(self.name)
        answer = answer_of(account)
        yield f"run of {account.study.kind} in {account.folder}, {account.record['status']}"
        yield f"  {answer.question}"
        yield from (f"  {sentence}" for sentence in answer.sentences)
        yield from (f"  caution: {caution}" for caution in answer.cautions)
        yield from (f"  failed: {name}: {why}" for name, why in account.failures.items())
        yield f"  written {account.record['written']}, identity {account.record['identity']}"
        files = sorted(entry.name for entry in account.folder.iterdir() if entry.is_file())
        yield f"  files: {', '.join(files)}"

    def references(self) -> str:
        """Return what its ``citations.bib`` has."""
        return bibtex(read_account(self.name).keys)


class KeyThing(Thing):
    """An entry of the bibliography."""

    def lines(self) -> Iterator[str]:
        """Yield the entry."""
        yield from bibliography()[self.name].rstrip().splitlines()

    def references(self) -> str:
        """Return the entry."""
        return bibtex([self.name])


def things(name: str) -> list[Thing]:
    """Return all that a name stands for.

    Raises
    ------
    ArgumentError
        If it is no text.
    UnknownNameError
        If there is nothing of this name; the nearest ones are named.
    """
    if not isinstance(name, str) or "\0" in name or not name:
        raise ArgumentError(f"expected a name or the folder of a run, got {shown(name)}")
    if (Path(name) / RUN_FILE).is_file():
        return [RunThing(name)]
    if name.endswith(".toml"):
        return [ExperimentThing(name)]
    if is_flux_file(name):
        return [SourceThing(name)]
    known: dict[type[Thing], set[str]] = {
        ExperimentThing: set(experiment_names()),
        InteractionThing: set(interactions()),
        SourceThing: set(source_texts()),
        PublishedThing: {limit.name for limit in published_limits()},
        KeyThing: set(bibliography()),
    }
    found = [kind(name) for kind, names in known.items() if name in names]
    if not found:
        every = {each for kind, names in known.items() for each in names if kind is not KeyThing}
        raise UnknownNameError(
            "experiment, interaction, source, published limit or run", name, every
        )
    return found


def show(name: str) -> str:
    """Return what an experiment, interaction, source, published limit or run is.

    Parameters
    ----------
    name
        Its name, or the folder of a run; also the path of a card or of a flux of your own.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is nothing of this name.

    Examples
    --------
    >>> print(show("solar_8b").splitlines()[0])
    source solar_8b: solar 8B, ...
    """
    return "\n\n".join("\n".join(thing.lines()) for thing in things(name)) + "\n"


def cite(name: str) -> str:
    """Return the BibTeX entries of what to cite for a name, as `show` takes it; or of a key.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is nothing of this name.

    Examples
    --------
    >>> print(cite("Freedman:1973yd").splitlines()[0])
    @article{Freedman:1973yd,
    """
    return "\n".join(dict.fromkeys(thing.references() for thing in things(name)))
