"""Uncertain mixing of solar neutrinos: nuisances that a model adds to the cards of experiments."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cache

from bayes_cevns.cards.card import NuisanceCard
from bayes_cevns.cards.card_file import shared_nuisances
from bayes_cevns.cards.experiment import Experiment

#: sin^2 theta_12, and dm21 in units of `DELTA_M21_UNIT_EV2`, as the shared nuisances have them.
SIN2_THETA12, DELTA_M21 = "sin2_theta12", "delta_m21"
MIXING = (SIN2_THETA12, DELTA_M21)
DELTA_M21_UNIT_EV2 = 1e-5


@cache
def mixing_nuisances() -> dict[str, NuisanceCard]:
    """Return the nuisances of `MIXING`, from ``models/shared/nuisances.toml``."""
    return shared_nuisances(MIXING)


def with_mixing(experiment: Experiment, signals: Collection[str]) -> Experiment:
    """Return an experiment some of whose signals depend on the mixing as well.

    Parameters
    ----------
    experiment
        The experiment.
    signals
        Names of these signals; without any, it stays as it is.
    """
    if not signals:
        return experiment
    card = experiment.card
    known = {**card.nuisance, **mixing_nuisances()}
    return replace(
        experiment,
        card=card.model_copy(update={"nuisance": known}),
        signals=tuple(
            replace(signal, states_by=MIXING) if signal.name in signals else signal
            for signal in experiment.signals
        ),
    )
