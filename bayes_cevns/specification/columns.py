"""Columns that every table of results has: of what coupling, from which data, of what kind."""

from __future__ import annotations

from collections.abc import Iterable

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.priors import prior_text
from bayes_cevns.specification.model_spec import ModelSpec

#: Symbol and unit of the quoted coupling, `data_label`, and `CREDIBLE` or `CL`.
LABEL_COLUMNS = ("coupling", "unit", "data", "kind")
#: In what the prior is uniform, in the words of the coupling, and chosen priors of nuisances.
PRIOR_TEXT = "prior_text"

#: What limits and intervals are: of a posterior, or of a profile likelihood.
CREDIBLE, CL = "credible", "CL"

#: What counts that stand for no measurement are called.
ASIMOV, TOY = "asimov", "toy"


def toy_label(seed: int) -> str:
    """Return what the counts of a toy are called: "toy:7" for the seed or number 7."""
    return f"{TOY}:{seed}"


def data_label(experiments: Iterable[Experiment]) -> str:
    """Return what data are: "observed", "asimov" or "toy:7", joined with + where they differ."""
    kinds = [experiment.data for experiment in experiments]
    return "+".join(kinds[:1] if len(set(kinds)) == 1 else kinds)


def labels(spec: ModelSpec, kind: str, data: str | None = None) -> dict[str, str]:
    """Return the values of `LABEL_COLUMNS` for the coupling of a model.

    Parameters
    ----------
    spec
        The model; without an interaction coupling and unit are empty.
    kind
        `CREDIBLE` or `CL`; empty where neither is meant.
    data
        What the data are, where they are not those of the model's experiments.
    """
    symbol, unit = "", ""
    if spec.interaction is not None:
        symbol, unit = spec.interaction.coupling.symbol, spec.interaction.coupling.unit
    given = data_label(spec.experiments) if data is None else data
    return dict(zip(LABEL_COLUMNS, (symbol, unit, given, kind), strict=True))


def prior_label(spec: ModelSpec, kind: str | None = None) -> dict[str, str]:
    """Return the value of `PRIOR_TEXT` for a model's prior, or for another of the named ones."""
    new = spec.interaction
    own = [] if new is None else [prior_text(kind or spec.prior, new.coupling)]
    return {PRIOR_TEXT: with_nuisances(spec, *own)}


def with_nuisances(spec: ModelSpec, *texts: str) -> str:
    """Return texts of priors with those that were chosen for nuisances in a model."""
    return "; ".join([*texts, *(f"{name}: {choice}" for name, choice in spec.nuisance_priors)])


def experiment_label(experiment: Experiment) -> str:
    """Return the name of an experiment, with its runs in brackets unless it has all of them.

    A disputed or second-hand one is called so, in every table of limits.
    """
    word = experiment.card.marks
    if experiment.runs == experiment.card.runs:
        return experiment.name + word
    return f"{experiment.name}[{','.join(experiment.runs)}]{word}"


def experiments_label(experiments: Iterable[Experiment]) -> str:
    """Return the names of experiments as `experiment_label`, joined with ``+``."""
    return "+".join(map(experiment_label, experiments))
