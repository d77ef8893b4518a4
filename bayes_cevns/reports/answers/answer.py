"""What is answered: a question, sentences that can be pasted, and why there are none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bayes_cevns.cards import Experiment
from bayes_cevns.reports.voices import Voice, listed
from bayes_cevns.specification.model_spec import ModelSpec

#: What data are called in a sentence.
_DATA = {
    "observed": "observed data",
    "asimov": "Asimov data",
    "toys": "toys",
    "none": "no observed data",
}


@dataclass(frozen=True)
class Answer:
    """What a run answers.

    Attributes
    ----------
    question
        What was asked.
    sentences
        What can be pasted. Numbers of fits that failed their gate are in none of them.
    cautions
        What has to be known before they are: failed fits, ends of priors, disputed data.
    """

    question: str
    sentences: tuple[str, ...]
    cautions: tuple[str, ...] = ()


def data_words(data: str) -> str:
    """Return what data are, in a sentence.

    >>> data_words("observed"), data_words("toy:7"), data_words("observed+asimov")
    ('observed data', 'simulated data (toy 7)', 'observed data and Asimov data')
    """

    def one(kind: str) -> str:
        name, _, number = kind.partition(":")
        return f"simulated data (toy {number})" if number else _DATA.get(name, name)

    return listed(dict.fromkeys(map(one, data.split("+"))))


def is_simulated(data: str) -> bool:
    """Return whether any of the data are simulated: nothing is excluded by them."""
    return any(kind != "observed" for kind in data.split("+"))


def titles(experiments: Iterable[Experiment], voice: Voice) -> str:
    """Return the titles of experiments, with their runs where not all of them are used."""
    found = []
    for one in experiments:
        runs = "" if one.runs == one.card.runs else f", runs {listed(one.runs)}"
        found.append(voice.text(f"{one.card.heading}{runs}"))
    return listed(found)


def interaction_words(spec: ModelSpec, voice: Voice) -> str:
    """Return what the new interaction is, or several couplings."""
    if spec.couplings is not None:
        return listed(voice.text(name) for name in spec.couplings.names)
    if spec.interaction is None:
        return "the Standard Model"
    return f"{_article(spec.interaction.title)}{voice.title(spec.interaction.title)}"


def _article(title: str) -> str:
    """Return the article of the title of an interaction, with its space; none before a formula.

    >>> [_article(title) for title in ("universal scalar", "axial vector", "$B-L$ vector")]
    ['a ', 'an ', 'a ']
    """
    plain = title.lstrip("$")
    if plain.startswith("\\"):
        return ""
    return "an " if plain[0] in "aeioAEIOL" else "a "


def at_mass(spec: ModelSpec, mass_mev: float | None, voice: Voice) -> str:
    """Return the mass in a sentence; nothing without one."""
    if mass_mev is None:
        return ""
    name = "mediator mass" if spec.interaction is None else spec.interaction.axis.name
    return f" at a {voice.text(name)} of {voice.given(mass_mev)} MeV"


def data_cautions(experiments: Iterable[Experiment]) -> list[str]:
    """Return what has to be said of data that are simulated, disputed or second-hand."""
    found = []
    for one in experiments:
        if is_simulated(one.data):
            found.append(f"{one.name} has {data_words(one.data)}: nothing is excluded by them")
        found += [f"{one.name} is {word}: {why}" for word, why in one.card.reasons.items()]
    return found
