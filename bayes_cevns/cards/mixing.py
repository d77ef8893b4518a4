"""Uncertain mixing of solar neutrinos: nuisances that a model adds to the cards of experiments.

A fit of couplings by name computes the flavour states at each value of both (`states_by`). The
tables of one amplitude are linear in the probabilities of arrival, which are smooth in
sin^2 theta_12: it is an axis of theirs, each node of which has the source at that mixing. They do
not depend on dm21: one standard deviation of it moves the events on electrons of pp by 0.01%, of
7Be, CNO and pep by 0.06% at most, of 8B by 0.2%, as those of charges by flavour on nuclei; its flux
is known to 4% at best (docs/design/propagation.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache

from bayes_cevns.cards.card import NuisanceCard
from bayes_cevns.cards.card_file import shared_nuisances
from bayes_cevns.cards.experiment import Experiment, Signal
from bayes_cevns.physics.oscillation import DEFAULT_MIXING
from bayes_cevns.sources import Source
from bayes_cevns.sources.components import at_mixing
from bayes_cevns.tables.shape_axes import ShapeAxis

#: sin^2 theta_12, and dm21 in units of `DELTA_M21_UNIT_EV2`, as the shared nuisances have them.
SIN2_THETA12, DELTA_M21 = "sin2_theta12", "delta_m21"
MIXING = (SIN2_THETA12, DELTA_M21)
DELTA_M21_UNIT_EV2 = 1e-5

#: sin^2 theta_12 in the tables of one amplitude: to four standard deviations of KamLAND alone, the
#: widest of its priors. Interpolation is off by 5e-5 of the events at most, by 3e-6
#: within four standard deviations of the default prior.
THETA12_AXIS = ShapeAxis(SIN2_THETA12, (0.15, 0.19, 0.23, 0.28, 0.33, 0.39, 0.47, 0.56))


@cache
def mixing_nuisances() -> dict[str, NuisanceCard]:
    """Return the nuisances of `MIXING`, from ``models/shared/nuisances.toml``."""
    return shared_nuisances(MIXING)


def with_states(experiment: Experiment, signals: Collection[str]) -> Experiment:
    """Return an experiment the states of some of whose signals depend on the mixing as well.

    Parameters
    ----------
    experiment
        The experiment.
    signals
        Names of these signals; without any, it stays as it is.
    """
    if not signals:
        return experiment
    return _with(
        experiment,
        MIXING,
        (replace(s, states_by=MIXING) if s.name in signals else s for s in experiment.signals),
    )


def with_theta12(experiment: Experiment, signals: Collection[str]) -> Experiment:
    """Return an experiment the tables of some of whose signals have `THETA12_AXIS` as well.

    Its card has the nuisance in any case: models that are compared differ in their signals alone.
    """
    return _with(
        experiment,
        (SIN2_THETA12,),
        (_on_theta12(s) if s.name in signals else s for s in experiment.signals),
    )


def _with(experiment: Experiment, names: Iterable[str], signals: Iterable[Signal]) -> Experiment:
    known = experiment.card.nuisance | {name: mixing_nuisances()[name] for name in names}
    card = experiment.card.model_copy(update={"nuisance": known})
    return replace(experiment, card=card, signals=tuple(signals))


def _on_theta12(signal: Signal) -> Signal:
    if THETA12_AXIS in signal.theory_axes:
        return signal
    return replace(signal, theory_axes=(*signal.theory_axes, THETA12_AXIS))


@cache
def _source_at(source: Source, sin2_theta12: float) -> Source:
    return at_mixing(source, replace(DEFAULT_MIXING, sin2_theta12=sin2_theta12))


def source_at(source: Source, values: Mapping[str, float]) -> Source:
    """Return a source at the values of some nuisances, among them perhaps sin^2 theta_12."""
    return _source_at(source, values[SIN2_THETA12]) if SIN2_THETA12 in values else source
