"""The joint model of some experiments, put together from its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.graph.traversal import ancestors
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.mixing import MIXING
from bayes_cevns.cards.possible import check_possible
from bayes_cevns.cards.priors import Prior
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.box import BoxPrior, box_prior
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.priors import CouplingPrior, coupling_prior
from bayes_cevns.couplings.table import CouplingTable, of_couplings
from bayes_cevns.model.couplings import (
    arriving_states,
    couplings_in_part,
    named_couplings,
    part_data,
    prior_data,
    single_coupling,
)
from bayes_cevns.model.expected import ExpectedCounts, table_data
from bayes_cevns.model.nuisances import Nuisances
from bayes_cevns.model.observed import observe
from bayes_cevns.physics.interactions import STANDARD_MODEL, Interaction
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.variables import (
    EXPECTED_SIGNAL,
    LOG_LIKELIHOOD,
    MATTER,
    OCTANT,
    expected_name,
    table_name,
)


def build_model(
    experiments: Sequence[Experiment],
    *,
    interaction: str | Interaction = STANDARD_MODEL,
    mass_mev: float | None = None,
    prior: str = "flat",
    nuisance_priors: Mapping[str, str | Prior] | None = None,
    theory: Theory = STANDARD_THEORY,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
    couplings: CouplingModel | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    mixing: str = "fixed",
) -> pm.Model:
    """Build the joint model of some experiments: a plain ``pm.Model``.

    Parameters
    ----------
    experiments
        What `bayes_cevns.experiment` returns, one or more.
    interaction
        Name of an interaction, or ``"sm"``; or what `bayes_cevns.interaction` returns.
    mass_mev
        Mediator mass in MeV; ``None`` without a mediator, not used by the Standard Model.
    prior
        Prior of the coupling: ``"flat"`` in the amplitude x, ``"flat-rate"`` or ``"log"``.
    nuisance_priors
        Other priors by nuisance: an alternative of its card, ``{"flux_8b": "sno"}``, or one of your
        own, ``{"flux_8b": bc.Prior.normal(1.0, 0.05)}`` or the same as text, ``"1.0+-0.05"``.
    theory
        What is assumed of nuclei, weak charges and atoms: a `bayes_cevns.Theory`.
    allow_overlap, allow_conflict
        Accept experiments that share exposure, as if their events were independent, and those
        whose cards say that they contradict each other.

    couplings, bounds
        Several couplings in place of an interaction (`bayes_cevns.couplings`), and the bounds of
        their uniform priors by name.
    mixing
        ``"free"`` for the mixing of solar neutrinos as nuisances, where flavours matter.

    Returns
    -------
    pm.Model
        With coords and dims, the tables and the observed counts as ``pm.Data``, and for a
        mediator the deterministics ``coupling_product`` (x) and ``coupling`` (what is quoted of
        it: `Interaction.coupling`); several couplings are free variables of their own names.

    Raises
    ------
    UnknownNameError, ArgumentError, TableError
        If a name is unknown, a mass is missing, not positive, outside the table, or given to
        an interaction without a mediator.
    ImpossibleDataError
        If there are events where the model expects none at any of its parameters.

    Notes
    -----
    The likelihood is the extended Poisson likelihood of every bin,
    N_b = flux (S_b + x I_b + x^2 P_b) + sum_j nuisance_j B_jb, a quadratic form in several
    couplings. The posterior of a signed coupling has two modes, and that of several may have more,
    between which NUTS does not cross reliably: `bayes_cevns.sample` samples them apart and weighs
    them, ``pm.sample`` does not.
    """
    spec = ModelSpec.of(
        experiments,
        interaction=interaction,
        prior=prior,
        nuisance_priors=nuisance_priors,
        theory=theory,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
        couplings=couplings,
        bounds=bounds,
        mixing=mixing,
    )
    tables, mass_mev = spec.tables(), checked_mass(spec.interaction, mass_mev)
    if spec.couplings is None:
        return assemble(spec, tables, mass_mev)
    return assemble_box(spec, tables, box_prior(spec.couplings, of_couplings(tables), spec.bounds))


def data_at(
    spec: ModelSpec, tables: Sequence[RateTable], mass_mev: float | None
) -> tuple[dict[str, Array], CouplingPrior | None]:
    """Return the data of a model that depend on mass and couplings, and the prior of an amplitude.

    Returns
    -------
    dict
        ``pm.Data`` name -> value: the rate tables, the forms by which couplings multiply their
        components, and the numbers of the prior of an interaction.
    CouplingPrior or None
        The prior of the coupling of an interaction; ``None`` for the Standard Model, and for
        several couplings (`box_prior`).

    Raises
    ------
    ArgumentError
        If the Standard Model is given a mass.
    ImpossibleDataError
        If there are events where the model expects none at any of its parameters.
    """
    mass_mev = checked_mass(spec.interaction, mass_mev)
    data: dict[str, Array] = {}
    for table in tables:
        data |= table_data(table, mass_mev)
        check_possible(table, data[table_name(table.experiment)])
    if spec.interaction is None:
        return data | matter_data(spec, tables), None
    prior = prior_at(spec, tables, mass_mev)
    return data | prior_data(prior), prior


def prior_at(spec: ModelSpec, tables: Sequence[RateTable], mass_mev: float | None) -> CouplingPrior:
    """Return the prior of the coupling of an interaction at one mass."""
    return coupling_prior(spec.prior, tables, mass_mev=mass_mev, max_coupling=spec.max_coupling)


def matter_data(spec: ModelSpec, tables: Sequence[RateTable]) -> dict[str, Array]:
    """Return what the free couplings of some tables add to those in matter, shape (k, 27)."""
    model = spec.couplings
    if model is None:
        return {}
    if not any(table.arriving for table in tables):  # no neutrinos of the Sun
        return {}
    chosen = list(of_couplings(tables)[0].chosen)
    slopes = {MATTER: model.matter_slopes.reshape(len(model.couplings), -1)[chosen]}
    two = model.varies_mixing and model.octant != "lma"
    return slopes | ({OCTANT: np.zeros(())} if two else {})


def branch_data(
    spec: ModelSpec, tables: Sequence[CouplingTable], part: BoxPart, chosen: Sequence[int]
) -> dict[str, Array]:
    """Return the data by which chosen couplings are free, and sampled in a part of their box.

    One compiled model serves all choices of as many couplings; the others are as in the Standard
    Model.

    Parameters
    ----------
    spec, tables
        With couplings, and their tables.
    part
        The part of the box of the chosen couplings.
    chosen
        Their numbers, in the order of the part's box.
    """
    assert spec.couplings is not None
    order = [chosen[place] for place in part.slab.order]
    ordered = [table.choose(order) for table in tables]
    data = part_data(part, spec.couplings.standard_values[order]) | matter_data(spec, ordered)
    for table in ordered:
        data |= table_data(table)
    return data


def assemble(
    spec: ModelSpec,
    tables: Sequence[RateTable],
    mass_mev: float | None,
    *,
    monitored: bool = False,
) -> pm.Model:
    """Put the model of an interaction together as it is sampled, all numbers of which are data.

    Parameters
    ----------
    spec, tables, mass_mev
        What to fit, its tables, and the mass of the mediator.
    monitored
        Add two deterministics, functions of all parameters that calibration looks at:
        ``expected_signal``, the counts that neutrinos make in all experiments together, and
        ``log_likelihood``, of the data at hand.
    """
    data, prior = data_at(spec, tables, mass_mev)

    def coupling() -> TensorVariable:
        return pt.zeros(0) if prior is None else single_coupling(prior, data)

    return _joint(spec, tables, data, coupling, monitored=monitored)


def assemble_box(spec: ModelSpec, tables: Sequence[RateTable], box: BoxPrior) -> pm.Model:
    """Put the model of several couplings together, each of them a variable of its own name."""
    data, _ = data_at(spec, tables, None)
    return _joint(spec, tables, data, lambda: named_couplings(box))


def assemble_branch(
    spec: ModelSpec, tables: Sequence[CouplingTable], part: BoxPart, chosen: Sequence[int]
) -> pm.Model:
    """Put the model of several couplings together as it is sampled (`branch_data`)."""
    some = [table.choose(chosen) for table in tables]
    data = data_at(spec, some, None)[0] | branch_data(spec, tables, part, chosen)
    return _joint(spec, some, data, lambda: couplings_in_part(len(chosen), data))


def _joint(
    spec: ModelSpec,
    tables: Sequence[RateTable],
    data: Mapping[str, Array],
    couplings: Callable[[], TensorVariable],
    *,
    monitored: bool = False,
) -> pm.Model:
    """Put the joint likelihood of some tables together, with couplings made inside the model."""
    with pm.Model() as model:
        values = couplings()
        nuisances = Nuisances(dict(spec.nuisance_priors))
        for table in tables:
            experiment = table.experiment
            model.add_coord(f"{experiment.name}.run", list(experiment.runs))
            model.add_coord(f"{experiment.name}.bin", experiment.observed["bin"].values.tolist())
            nuisances.add(experiment)
        states = {}
        if spec.couplings is not None:
            mixing = nuisances.common(MIXING)
            states = arriving_states(spec.couplings, of_couplings(tables), values, data, mixing)
        signals, likelihoods = [], []
        for table in tables:
            signal, mean = ExpectedCounts(table, data, nuisances).counts(values, states)
            signals.append(signal)
            likelihoods.append(observe(table, mean))
        if monitored:
            pm.Deterministic(EXPECTED_SIGNAL, reduce(add, [s.sum() for s in signals]))
            pm.Deterministic(LOG_LIKELIHOOD, reduce(add, likelihoods))
    return model


def expected_variable(model: pm.Model, experiment: Experiment) -> TensorVariable:
    """Return the expected counts of an experiment in a model, shaped as its observed ones there."""
    name = expected_name(experiment)
    likelihood = model[f"{experiment.name}.counts"]
    return next(v for v in ancestors([likelihood]) if v.name == name)
