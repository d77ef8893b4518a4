"""The joint model of some experiments, put together from its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

import pymc as pm
import pytensor.tensor as pt
from pytensor.graph.traversal import ancestors
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.priors import Prior
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.box import BoxPrior, box_prior
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import CouplingTable, of_couplings
from bayes_cevns.density.describe import joint, joint_of_box, joint_of_part
from bayes_cevns.density.parts import Amplitude, ByValue, InPart, Joint
from bayes_cevns.model.couplings import (
    arriving_states,
    couplings_in_part,
    named_couplings,
    single_coupling,
)
from bayes_cevns.model.expected import ExpectedCounts
from bayes_cevns.model.nuisances import Nuisances
from bayes_cevns.model.observed import observe
from bayes_cevns.physics.interactions import STANDARD_MODEL, Interaction
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.variables import (
    EXPECTED_SIGNAL,
    LOG_LIKELIHOOD,
    expected_name,
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

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> model = bc.build_model("xenonnt_2024_s2", interaction="b-l", mass_mev=10.0)
    >>> "flux_8b" in [variable.name for variable in model.free_RVs]
    True
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
    return model_of(joint(spec, tables, mass_mev), monitored=monitored)


def assemble_box(spec: ModelSpec, tables: Sequence[RateTable], box: BoxPrior) -> pm.Model:
    """Put the model of several couplings together, each of them a variable of its own name."""
    return model_of(joint_of_box(spec, tables, box))


def assemble_branch(
    spec: ModelSpec, tables: Sequence[CouplingTable], part: BoxPart, chosen: Sequence[int]
) -> pm.Model:
    """Put the model of several couplings together as it is sampled (`joint_of_part`)."""
    return model_of(joint_of_part(spec, tables, part, chosen))


def model_of(parts: Joint, *, monitored: bool = False) -> pm.Model:
    """Return the ``pm.Model`` of some parts."""
    with pm.Model() as model:
        couplings = _couplings(parts)
        for counts in parts.counts:
            experiment = counts.table.experiment
            model.add_coord(f"{experiment.name}.run", list(experiment.runs))
            model.add_coord(f"{experiment.name}.bin", experiment.observed["bin"].values.tolist())
        nuisances = Nuisances(parts.variables)
        states = arriving_states(parts.ways, couplings, parts.data, nuisances)
        signals, likelihoods = [], []
        for counts in parts.counts:
            signal, mean = ExpectedCounts(counts, parts.data, nuisances).counts(couplings, states)
            signals.append(signal)
            likelihoods.append(observe(counts.table, mean))
        if monitored:
            pm.Deterministic(EXPECTED_SIGNAL, reduce(add, [s.sum() for s in signals]))
            pm.Deterministic(LOG_LIKELIHOOD, reduce(add, likelihoods))
    return model


def _couplings(parts: Joint) -> TensorVariable:
    """Create the couplings in the model at hand; return them, differences if there are several."""
    kind = parts.couplings
    if isinstance(kind, Amplitude):
        return single_coupling(kind.prior, parts.data)
    if isinstance(kind, InPart):
        return couplings_in_part(kind.size, parts.data)
    return named_couplings(kind.box) if isinstance(kind, ByValue) else pt.zeros(0)


def expected_variable(model: pm.Model, experiment: Experiment) -> TensorVariable:
    """Return the expected counts of an experiment in a model, shaped as its observed ones there."""
    name = expected_name(experiment)
    likelihood = model[f"{experiment.name}.counts"]
    return next(v for v in ancestors([likelihood]) if v.name == name)
