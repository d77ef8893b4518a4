"""What figures say of a model: interaction, data, prior, and whether the data are simulated."""

from __future__ import annotations

from collections.abc import Iterable

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.priors import prior_latex
from bayes_cevns.physics.interactions import Coupling, MassAxis
from bayes_cevns.physics.interactions.axis import MEDIATOR_MASS
from bayes_cevns.specification.model_spec import ModelSpec

OBSERVED = "observed"


def is_projection(experiments: Iterable[Experiment]) -> bool:
    """Return whether any of the data are simulated, so that nothing is excluded by them."""
    return any(experiment.data != OBSERVED for experiment in experiments)


def data_kind(experiment: Experiment) -> str:
    """Return what the counts of an experiment are: "observed", "Asimov projection" or "toy 7"."""
    kind, _, number = experiment.data.partition(":")
    words = {"asimov": "Asimov projection", "toy": "toy", "none": "projection"}.get(kind, kind)
    return f"{words} {number}".strip()


def projection_text(experiments: Iterable[Experiment]) -> str:
    """Return which data are simulated, as "Asimov projection for xenonnt_cevns"; or nothing."""
    by_kind: dict[str, list[str]] = {}
    for experiment in experiments:
        by_kind.setdefault(data_kind(experiment), []).append(experiment.name)
    if set(by_kind) <= {OBSERVED}:
        return ""
    return ", ".join(f"{kind} for {' + '.join(names)}" for kind, names in by_kind.items())


def data_words(experiments: Iterable[Experiment]) -> str:
    """Return what data are called in a legend: "observed", "toy 7", or the kinds that there are."""
    return " and ".join(dict.fromkeys(data_kind(experiment) for experiment in experiments))


def interaction_title(spec: ModelSpec) -> str:
    """Return the title of the interaction of a model."""
    return "Standard Model" if spec.interaction is None else spec.interaction.title


def titled(text: str, experiments: Iterable[Experiment]) -> str:
    """Return a title, with the data if they are simulated."""
    projection = projection_text(experiments)
    return f"{text}: {projection}" if projection else text


def data_text(experiments: Iterable[Experiment]) -> str:
    """Return the titles of experiments, with a word on those that are disputed or second-hand."""
    return " + ".join(experiment.card.heading for experiment in experiments)


def names_text(spec: ModelSpec) -> str:
    """Return the names of the experiments of a model."""
    return " + ".join(experiment.name for experiment in spec.experiments)


def mass_text(mass_mev: float | None) -> str:
    """Return a mass behind a title; nothing without one."""
    return "" if mass_mev is None else f", {mass_mev:g} MeV"


def axis_of(spec: ModelSpec) -> MassAxis:
    """Return what the mass of the interaction of a model is."""
    return MEDIATOR_MASS if spec.interaction is None else spec.interaction.axis


def coupling_of(spec: ModelSpec) -> Coupling:
    """Return the coupling that is quoted of the interaction of a model that has one."""
    assert spec.interaction is not None
    return spec.interaction.coupling


def prior_caption(spec: ModelSpec) -> str:
    """Return in what the prior of a model is flat, in mathtext."""
    return prior_latex(spec.prior, coupling_of(spec))
