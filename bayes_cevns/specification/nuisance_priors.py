"""Priors of nuisances that are chosen in place of those of the cards."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bayes_cevns.arguments import mapping, named
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.densities import Uniform
from bayes_cevns.cards.prior_words import FORMS, looks_like_a_prior, parsed
from bayes_cevns.cards.priors import Prior
from bayes_cevns.errors import ArgumentError, UnknownNameError, shown


def check_nuisance_priors(
    experiments: Sequence[Experiment], nuisance_priors: Mapping[str, str | Prior] | None
) -> dict[str, str]:
    """Return other priors of nuisances after checking them, as words.

    Parameters
    ----------
    experiments
        The experiments.
    nuisance_priors
        Nuisance -> name of an alternative on its card, a `Prior`, or the same as a word
        (`bayes_cevns.cards.prior_words`).

    Returns
    -------
    dict
        Nuisance -> name or word; equal priors have equal words.

    Raises
    ------
    UnknownNameError
        If a nuisance or alternative does not exist.
    ArgumentError
        If they are not given by nuisance, or a prior is none, or has nothing within the bounds of
        the nuisance.
    """
    given = mapping(nuisance_priors, what="priors by nuisance, such as {'flux_8b': 'sno'}")
    known = {n for e in experiments for n in e.nuisances()}
    found: dict[str, str] = {}
    for key, choice in given.items():
        nuisance = named(key, "nuisance", known)
        for e in experiments:
            if nuisance in e.nuisances():
                found[nuisance] = _word(e, nuisance, choice)
                chosen_prior(e, nuisance, found)
    return found


def _word(experiment: Experiment, name: str, choice: object) -> str:
    """Return the word of a choice for one nuisance."""
    alternatives = experiment.card.nuisance[name].alternatives
    if isinstance(choice, str) and choice in alternatives:
        return choice
    try:
        if isinstance(choice, Prior):
            return choice.text
        if isinstance(choice, str) and looks_like_a_prior(choice):
            return parsed(choice).text
    except ArgumentError as error:
        raise ArgumentError(f"prior of {name}: {error}") from None
    if not isinstance(choice, str):
        raise ArgumentError(
            f"prior of {name}: expected a name of its card, a Prior or a word such as {FORMS}, got "
            f"{shown(choice)}"
        )
    unknown = UnknownNameError(f"alternative prior of {name}", choice, alternatives)
    unknown.args = (f"{unknown}; or give one of your own, such as 1.0+-0.05",)
    raise unknown


def chosen_prior(experiment: Experiment, name: str, choices: Mapping[str, str]) -> Prior:
    """Return the prior of a nuisance: that of its card, or what was chosen for it.

    A prior that is no alternative of the card is cut at the bounds of the nuisance: those of the
    card's prior, zero for a scale, the nodes of the table for an axis.

    Raises
    ------
    ArgumentError
        If nothing is left of it.
    """
    entry = experiment.card.nuisance[name]
    choice = choices.get(name)
    if choice is None:
        return entry.prior
    if choice in entry.alternatives:
        return entry.alternatives[choice].prior
    own = parsed(choice)
    low, high = _bounds(experiment, name)
    what = f"prior of {name}: {choice}"
    if isinstance(own.density, Uniform) and (own.density.low < low or own.density.high > high):
        raise ArgumentError(
            f"{what}: {name} is within {low:g} to {high:g}, and a uniform prior must end there"
        )
    try:
        return own.within(low, high)
    except ArgumentError as error:
        raise ArgumentError(f"{what}: {name} is within {low:g} to {high:g}: {error}") from None


def _bounds(experiment: Experiment, name: str) -> tuple[float, float]:
    """Return the bounds of a nuisance, whatever its prior is."""
    entry = experiment.card.nuisance[name]
    low, high = (-math.inf, math.inf) if entry.axis else (0.0, math.inf)
    for part in experiment.components:
        for axis in (*part.axes, *getattr(part, "theory_axes", ())):
            if axis.name == name:
                low, high = max(low, axis.nodes[0]), min(high, axis.nodes[-1])
    for prior in entry.priors.values():
        if not isinstance(prior.density, Uniform):
            ends = prior.support
            return max(low, ends[0]), min(high, ends[1])
    return low, high
