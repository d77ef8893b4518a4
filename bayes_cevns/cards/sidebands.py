"""The counts in the region of interest that a background counted elsewhere is compared with."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from bayes_cevns.cards.card import Card
from bayes_cevns.cards.card_file import CardFile
from bayes_cevns.cards.densities import Counted
from bayes_cevns.cards.experiment import Template
from bayes_cevns.cards.priors import Prior
from bayes_cevns.cards.table_file import at_nominal_nodes


def with_expected(file: CardFile, backgrounds: tuple[Template, ...]) -> Card:
    """Return a card whose counted priors know the counts that are expected at a scale of 1.

    These are the counts of all backgrounds with that scale, in all bins and runs of the card, where
    the other nuisances are nominal. They stay what they are when runs are left out or the exposure
    is scaled afterwards.

    Raises
    ------
    CardError
        If none are expected.
    """
    card, found = file.card, dict(file.card.nuisance)
    for name, entry in card.nuisance.items():
        unknown = {key for key, prior in entry.priors.items() if _unknown(prior)}
        if not unknown:
            continue
        expected = sum(_counts(card, part, name) for part in backgrounds if name in part.scaled_by)
        if not expected > 0:
            key = f"nuisance.{name}.{min(unknown)}"
            raise file.error(key, "counted: the backgrounds that it scales have no counts")
        others = {
            key: other.model_copy(update={"prior": _known(other.prior, expected)})
            for key, other in entry.alternatives.items()
        }
        update = {"prior": _known(entry.prior, expected), "alternatives": others}
        found[name] = entry.model_copy(update=update)
    return card.model_copy(update={"nuisance": found})


def _unknown(prior: Prior) -> bool:
    return isinstance(prior.density, Counted) and prior.density.expected is None


def _known(prior: Prior, expected: float) -> Prior:
    density = prior.density
    if isinstance(density, Counted) and density.expected is None:
        return replace(prior, density=replace(density, expected=expected))
    return prior


def _counts(card: Card, part: Template, scale: str) -> float:
    """Return the counts of a background where its scale is 1."""
    others = prod(card.nuisance[name].nominal for name in part.scaled_by if name != scale)
    return others * float(at_nominal_nodes(card, part.values.sum(("run", "bin"))))
