"""From a specification to the parts of its joint model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment, Template
from bayes_cevns.cards.folds import background_fold, signal_fold
from bayes_cevns.cards.mixing import MIXING
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.table import CouplingTable, of_couplings
from bayes_cevns.density.data import branch_data, data_at
from bayes_cevns.density.parts import (
    Amplitude,
    ByValue,
    Counts,
    Couplings,
    Fold,
    InPart,
    Joint,
    NoCoupling,
    Place,
    SolarWay,
    Variable,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.nuisance_priors import chosen_prior
from bayes_cevns.specification.variables import nuisance_name
from bayes_cevns.tables.shape_axes import ShapeAxis


def joint(spec: ModelSpec, tables: Sequence[RateTable], mass_mev: float | None) -> Joint:
    """Return the model of an interaction, or of the Standard Model."""
    data, prior = data_at(spec, tables, mass_mev)
    couplings = NoCoupling() if prior is None else Amplitude(prior)
    return _joint(spec, tables, data, couplings, mass_mev)


def joint_of_box(spec: ModelSpec, tables: Sequence[RateTable], box: BoxPrior) -> Joint:
    """Return the model of several couplings, each a parameter of its own name."""
    return _joint(spec, tables, data_at(spec, tables, None)[0], ByValue(box))


def joint_of_part(
    spec: ModelSpec, tables: Sequence[CouplingTable], part: BoxPart, chosen: Sequence[int]
) -> Joint:
    """Return the model of chosen couplings in a part of their box, as it is sampled."""
    some = [table.choose(chosen) for table in tables]
    data = data_at(spec, some, None)[0] | branch_data(spec, tables, part, chosen)
    return _joint(spec, some, data, InPart(len(chosen)))


def _joint(
    spec: ModelSpec,
    tables: Sequence[RateTable],
    data: Mapping[str, Array],
    couplings: Couplings,
    mass_mev: float | None = None,
) -> Joint:
    variables: dict[str, Variable] = {}
    for table in tables:
        variables |= _variables(spec, table.experiment, known=variables)
    ways = _ways(spec, tables, variables)
    counts = tuple(_counts(table, mass_mev) for table in tables)
    return Joint(couplings, tuple(variables.values()), counts, ways, data)


def _variables(
    spec: ModelSpec, experiment: Experiment, known: Mapping[str, Variable]
) -> dict[str, Variable]:
    """Return the nuisances of an experiment that are not known yet; those of one name are one."""
    found: dict[str, Variable] = {}
    for name in experiment.nuisances():
        key = nuisance_name(experiment, name)
        if key not in known:
            per_run = experiment.card.nuisance[name].per_run
            runs = experiment.runs if per_run else None
            dims = f"{experiment.name}.run" if per_run else None
            prior = chosen_prior(experiment, name, dict(spec.nuisance_priors))
            found[key] = Variable(key, prior, runs, dims)
    return found


def _ways(
    spec: ModelSpec, tables: Sequence[RateTable], variables: Mapping[str, Variable]
) -> tuple[SolarWay, ...]:
    """Return the ways of solar neutrinos whose states couplings change."""
    model = spec.couplings
    ways = dict.fromkeys(way for table in tables for way, _, _ in table.arriving)
    if model is None or not ways:
        return ()
    nodes = of_couplings(tables)[0].nodes
    mixing = {name: Place(name) for name in MIXING if name in variables}
    return tuple(
        SolarWay(way, model.propagation_to(way), nodes[way.component].energy_mev, mixing)
        for way in ways
    )


def _counts(table: RateTable, mass_mev: float | None) -> Counts:
    """Return the parts of the expected counts of one experiment."""
    experiment = table.experiment
    signals = [
        scaled
        for signal in table.signals
        for scaled in _factors(experiment, signal.signal)
        for _ in range(signal.count)
    ]
    companions = [f for part in table.companions for f in _factors(experiment, part)]
    axes = experiment.signal_axes
    scales = (*signals, *companions)
    packed = signal_fold(table, mass_mev)
    first = Fold(axes, _places(experiment, axes, 0), None, scales, packed)
    return Counts(table, (first, *_others(table)), len(signals))


def _others(table: RateTable) -> tuple[Fold, ...]:
    """Return the backgrounds on other axes; run by run where a place on them is a run's own."""
    experiment, found = table.experiment, []
    for axes, parts in table.other_backgrounds.items():
        if experiment.per_run(axis.name for axis in axes):
            for run in range(len(experiment.runs)):
                rates = table.background_coefficients(parts, run)
                factors = tuple(_factor(experiment, part, run) for part in parts)
                packed = background_fold(table, parts, run)
                places = _places(experiment, axes, run)
                found.append(Fold(axes, places, rates, factors, packed))
        else:
            rates = table.background_coefficients(parts)
            factors = tuple(f for part in parts for f in _factors(experiment, part))
            packed = background_fold(table, parts)
            found.append(Fold(axes, _places(experiment, axes, 0), rates, factors, packed))
    return tuple(found)


def _places(experiment: Experiment, axes: Sequence[ShapeAxis], run: int) -> tuple[Place, ...]:
    return tuple(_place(experiment, axis.name, run) for axis in axes)


def _place(experiment: Experiment, name: str, run: int) -> Place:
    """Return a nuisance, that of one run where each has its own."""
    return Place(nuisance_name(experiment, name), run if experiment.per_run([name]) else 0)


def _factor(experiment: Experiment, part: Template, run: int) -> tuple[Place, ...]:
    """Return the nuisances whose product scales a component."""
    return tuple(_place(experiment, name, run) for name in part.scaled_by)


def _factors(experiment: Experiment, part: Template) -> list[tuple[Place, ...]]:
    """Return those of a component, or of each run if these have their own."""
    runs = len(experiment.runs) if experiment.per_run(part.scaled_by) else 1
    return [_factor(experiment, part, run) for run in range(runs)]
