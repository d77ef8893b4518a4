"""The only place that assembles a ``pm.Model``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add, mul

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pymc.distributions.transforms import log_exp_m1
from pytensor.graph.traversal import ancestors
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.errors import CardError
from bayes_cevns.experiments import Experiment, Template
from bayes_cevns.experiments.card import Prior
from bayes_cevns.experiments.possible import check_possible
from bayes_cevns.experiments.rate_table import RateTable
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.interactions import STANDARD_MODEL, Interaction
from bayes_cevns.priors import CouplingPrior, coupling_prior
from bayes_cevns.specification import ModelSpec, checked_mass, chosen_prior
from bayes_cevns.stretched import Stretched
from bayes_cevns.tables.rate_op import RateOp
from bayes_cevns.tables.shape_axes import ShapeAxis

type Array = NDArray[np.float64]

COORDINATE = "coupling_coordinate"
PRODUCT = "coupling_product"
COUPLING = "coupling"
COUPLING_MAP = "coupling_map"
EXPECTED_SIGNAL = "expected_signal"
LOG_LIKELIHOOD = "log_likelihood"


def build_model(
    experiments: Sequence[Experiment],
    *,
    interaction: str | Interaction = STANDARD_MODEL,
    mass_mev: float | None = None,
    prior: str = "flat",
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
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
        Alternative priors by nuisance, such as ``{"flux_8b": "sno"}``.
    form_factor
        Name of the nuclear form factor, as ``bayes-cevns list "form factors"`` prints them.
    allow_overlap, allow_conflict
        Accept experiments that share exposure, as if their events were independent, and those
        whose cards say that they contradict each other.

    Returns
    -------
    pm.Model
        With coords and dims, the tables and the observed counts as ``pm.Data``, and for a
        mediator the deterministics ``coupling_product`` (x) and ``coupling`` (what is quoted of
        it: `Interaction.coupling`).

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
    N_b = flux (S_b + x I_b + x^2 P_b) + sum_j nuisance_j B_jb. The posterior of a signed
    coupling has two modes, between which NUTS does not cross reliably:
    `bayes_cevns.sample` samples them apart and weighs them, ``pm.sample`` does not.
    """
    spec = ModelSpec.of(
        experiments,
        interaction=interaction,
        prior=prior,
        nuisance_priors=nuisance_priors,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
    )
    return assemble(spec, spec.tables(), checked_mass(spec.interaction, mass_mev))


def data_at(
    spec: ModelSpec, tables: Sequence[RateTable], mass_mev: float | None
) -> tuple[dict[str, Array], CouplingPrior | None]:
    """Return the data of a model that depend on mass and interaction, and its prior.

    Returns
    -------
    dict
        ``pm.Data`` name -> value: the rate tables and the numbers of the prior.
    CouplingPrior or None
        The prior of the coupling; ``None`` for the Standard Model.

    Raises
    ------
    ArgumentError
        If the Standard Model is given a mass.
    ImpossibleDataError
        If there are events where the model expects none at any of its parameters.
    """
    mass_mev = checked_mass(spec.interaction, mass_mev)
    data = {table_name(t.experiment): t.coefficients(mass_mev) for t in tables}
    for table in tables:
        check_possible(table, data[table_name(table.experiment)])
    if spec.interaction is None:
        return data, None
    prior = prior_at(spec, tables, mass_mev)
    return {**data, **prior_data(prior)}, prior


def prior_at(spec: ModelSpec, tables: Sequence[RateTable], mass_mev: float | None) -> CouplingPrior:
    """Return the prior of the coupling of a specification at one mass."""
    return coupling_prior(spec.prior, tables, mass_mev=mass_mev, max_coupling=spec.max_coupling)


def prior_data(
    prior: CouplingPrior,
    interval: tuple[float, float] | None = None,
    *,
    length: float = 0.0,
) -> dict[str, Array]:
    """Return the data of a coupling prior, on the whole coordinate or on one branch of it.

    `length` says how the sampler walks there (`bayes_cevns.stretched`), and changes nothing else.
    """
    lower, upper = interval or (prior.lower, prior.upper)
    return {COUPLING_MAP: np.array([lower, upper, prior.centre, prior.scale, length])}


def assemble(
    spec: ModelSpec,
    tables: Sequence[RateTable],
    mass_mev: float | None,
    *,
    monitored: bool = False,
) -> pm.Model:
    """Put the model of a specification together; see `build_model` and `joint_model`."""
    data, _ = data_at(spec, tables, mass_mev)

    def scales() -> list[list[TensorVariable]]:
        return [_coupling_powers(spec, data)] * len(tables)

    alternatives = dict(spec.nuisance_priors)
    return joint_model(tables, data, scales, nuisance_priors=alternatives, monitored=monitored)


def joint_model(
    tables: Sequence[RateTable],
    data: Mapping[str, Array],
    scales: Callable[[], Sequence[Sequence[TensorVariable] | TensorVariable]],
    *,
    nuisance_priors: Mapping[str, str],
    monitored: bool = False,
) -> pm.Model:
    """Put the joint likelihood of some tables together, whatever multiplies their signal.

    Parameters
    ----------
    tables
        One for each experiment.
    data
        ``pm.Data`` name -> value, among them the coefficients of each table (`table_name`).
    scales
        Creates the parameters of the signal, inside the model, and returns for each table the
        factors of its signal components, without the flux: scalars, or a vector if there are
        many.
    nuisance_priors
        Alternative priors: nuisance -> name of the alternative on its card.
    monitored
        Add two deterministics, functions of all parameters that calibration looks at:
        ``expected_signal``, the counts that neutrinos make in all experiments together, and
        ``log_likelihood``, of the data at hand.
    """
    alternatives = dict(nuisance_priors)
    with pm.Model() as model:
        signal_scales = scales()
        signals, likelihoods = [], []
        nuisances: dict[str, list[TensorVariable]] = {}
        for table, powers in zip(tables, signal_scales, strict=True):
            experiment = table.experiment
            model.add_coord(f"{experiment.name}.run", list(experiment.runs))
            model.add_coord(f"{experiment.name}.bin", experiment.observed["bin"].values.tolist())
            for name in experiment.nuisances():
                entry = experiment.card.nuisance[name]
                key = nuisance_name(experiment, name)
                if key not in nuisances:
                    chosen = chosen_prior(name, entry, alternatives)
                    dims = f"{experiment.name}.run" if entry.per_run else None
                    nuisances[key] = _nuisance(key, chosen, experiment.runs, dims)
            signal, mean = _expected_counts(table, data, powers, nuisances)
            signals.append(signal)
            likelihoods.append(_likelihood(table, mean))
        if monitored:
            pm.Deterministic(EXPECTED_SIGNAL, reduce(add, [s.sum() for s in signals]))
            pm.Deterministic(LOG_LIKELIHOOD, reduce(add, likelihoods))
    return model


def _likelihood(table: RateTable, mean: TensorVariable) -> TensorVariable:
    """Compare the expected counts of an experiment, flat, with what was observed.

    Returns the log-likelihood, which the model has already.
    """
    experiment = table.experiment
    name = experiment.name
    if table.merges:
        counts = table.merge(experiment.observed.values.ravel())
        bins: tuple[str, ...] = (f"{name}.merged_bin",)
        pm.modelcontext(None).add_coord(bins[0], list(range(counts.size)))
    else:
        counts = experiment.observed.values
        bins = (f"{name}.run", f"{name}.bin")
        mean = mean.reshape(counts.shape)
    mean.name = _expected_name(experiment)
    if experiment.sigma is not None:
        observed = pm.Data(f"{name}.observed", counts, dims=bins)
        sigma = experiment.sigma.values
        counts_rv = pm.Normal(f"{name}.counts", mean, sigma, observed=observed, dims=bins)
    elif experiment.data == "asimov":
        # Poisson's formula goes on between whole counts, pm.Poisson does not.
        observed = pm.Data(f"{name}.observed", counts, dims=bins)
        # Where none are expected, neither by the data, 0 log 0 = 0 with its gradient.
        occupied = pt.switch(pt.gt(observed, 0.0), mean, 1.0)
        density = observed * pt.log(occupied) - mean - pt.gammaln(observed + 1.0)
        return pm.Potential(f"{name}.counts", density.sum())
    else:
        # As pm.Data whole numbers have 32 bits, so that 3e9 events would be -1294967296.
        observed = pm.Data(f"{name}.observed", counts.astype(np.float64), dims=bins)
        counts_rv = pm.Poisson(f"{name}.counts", mu=mean, observed=observed, dims=bins)
    return pm.logp(counts_rv, observed).sum()


def _coupling_powers(spec: ModelSpec, data: Mapping[str, Array]) -> list[TensorVariable]:
    """Return 1, x and x^2, or 1 alone in the Standard Model."""
    one = pt.constant(1.0)
    if spec.interaction is None:
        return [one]
    numbers = pm.Data(COUPLING_MAP, data[COUPLING_MAP])
    lower, upper, centre, scale, length = (numbers[i] for i in range(5))
    t = pm.Uniform(COORDINATE, lower=lower, upper=upper, default_transform=Stretched(length))
    if spec.prior == "flat":
        offset = t
    elif spec.prior == "flat-rate":
        offset = pt.sign(t) * pt.sqrt(pt.abs(t))
    else:
        offset = pt.sign(t) * pt.exp(2.0 * pt.abs(t))
    x = centre + scale * offset
    if not spec.signed:
        x = pt.abs(x)
    pm.Deterministic(PRODUCT, x)
    pm.Deterministic(COUPLING, pt.abs(x) ** spec.interaction.coupling.power)
    return [one, x, x**2]


def _expected_counts(
    table: RateTable,
    data: Mapping[str, Array],
    powers: Sequence[TensorVariable] | TensorVariable,
    nuisances: Mapping[str, list[TensorVariable]],
) -> tuple[TensorVariable, TensorVariable]:
    """Return the expected counts of one experiment in its bins, flat: signals alone, and all.

    One `RateOp` for the signals with the backgrounds that share their shape axes, one for each
    further set of axes, or for each run of it if a place on these axes is a run's own.
    """
    experiment = table.experiment

    def of_run(name: str, run: int) -> TensorVariable:
        values = nuisances[nuisance_name(experiment, name)]
        return values[run] if experiment.per_run([name]) else values[0]

    def scale(part: Template, run: int) -> TensorVariable:
        return reduce(mul, [of_run(name, run) for name in part.scaled_by])

    def scales_of(part: Template) -> list[TensorVariable]:
        runs = len(experiment.runs) if experiment.per_run(part.scaled_by) else 1
        return [scale(part, run) for run in range(runs)]

    def contract(
        axes: Sequence[ShapeAxis], rates: TensorVariable, scales: TensorVariable, run: int = 0
    ) -> TensorVariable:
        shape = [of_run(axis.name, run) for axis in axes]
        return RateOp(axes)(rates, scales, pt.stack(shape) if axes else pt.zeros(0))

    key = table_name(experiment)
    companions = [factor for part in table.companions for factor in scales_of(part)]
    if isinstance(powers, Sequence):
        scaled = [
            factor * power
            for signal in table.signals
            for factor in scales_of(signal.signal)
            for power in powers[: table.components(signal)]
        ]

        def scales(beside: Sequence[TensorVariable]) -> TensorVariable:
            # Vectors are made of scalars, or added: to join vectors takes seconds to compile.
            return pt.stack([*scaled, *beside])
    else:
        (only,) = table.signals
        factors = scales_of(only.signal)

        def scales(beside: Sequence[TensorVariable]) -> TensorVariable:
            return _vector_scales(factors, powers, beside)

    rates = pm.Data(key, data[key])
    mean = contract(experiment.signal_axes, rates, scales(companions))
    signal = contract(experiment.signal_axes, rates, scales([pt.constant(0.0)] * len(companions)))
    for axes, parts in table.other_backgrounds.items():
        if experiment.per_run(axis.name for axis in axes):
            for run in range(len(experiment.runs)):
                rates = pt.constant(table.background_coefficients(parts, run))
                factors = pt.stack([scale(part, run) for part in parts])
                mean = mean + contract(axes, rates, factors, run)
        else:
            rates = pt.constant(table.background_coefficients(parts))
            factors = pt.stack([factor for part in parts for factor in scales_of(part)])
            mean = mean + contract(axes, rates, factors)
    return signal, mean


def _vector_scales(
    factors: list[TensorVariable], powers: TensorVariable, companions: Sequence[TensorVariable]
) -> TensorVariable:
    """Return what scales the many components of one signal, and the companions.

    The factors are those of the whole signal, one, or one for each run.
    """
    (count,) = powers.type.shape
    size = count * len(factors)
    scaled = pt.stack([*[pt.constant(0.0)] * size, *companions])
    for place, factor in enumerate(factors):
        padding = pt.constant(np.eye(count, size + len(companions), place * count))
        scaled = scaled + factor * RateOp()(padding, powers, pt.zeros(0))
    return scaled


def _nuisance(
    key: str, prior: Prior, runs: tuple[str, ...], dims: str | None
) -> list[TensorVariable]:
    """Create the random variable of a nuisance; return its scalars, one or one for each run."""
    variable = _random_variable(key, prior, runs, dims)
    return [variable[i] for i in range(len(runs))] if dims else [variable]


def _random_variable(
    key: str, prior: Prior, runs: tuple[str, ...], dims: str | None
) -> TensorVariable:
    if prior.uniform is not None:
        return pm.Uniform(key, *prior.uniform, dims=dims)
    if prior.normal is None:
        raise CardError(f"nuisance {key!r} has neither a normal nor a uniform prior")
    mean, width = prior.normal
    sigma = np.array([width[run] for run in runs]) if isinstance(width, dict) else width
    if prior.lower is None and prior.upper is None:
        return pm.Normal(key, mean, sigma, dims=dims)
    # Softplus instead of the default log: a nuisance that may vanish is sampled in half the steps.
    positive = prior.lower == 0.0 and prior.upper is None
    options = {"default_transform": log_exp_m1} if positive else {}
    return pm.TruncatedNormal(
        key, mu=mean, sigma=sigma, lower=prior.lower, upper=prior.upper, dims=dims, **options
    )


def expected_variable(model: pm.Model, experiment: Experiment) -> TensorVariable:
    """Return the expected counts of an experiment in a model, shaped as its observed ones there."""
    name = _expected_name(experiment)
    likelihood = model[f"{experiment.name}.counts"]
    return next(v for v in ancestors([likelihood]) if v.name == name)


def _expected_name(experiment: Experiment) -> str:
    return f"{experiment.name}.expected"


def nuisance_name(experiment: Experiment, name: str) -> str:
    """Return the name of a nuisance in the model: shared ones carry no experiment."""
    return name if experiment.card.nuisance[name].shared else f"{experiment.name}.{name}"


def table_name(experiment: Experiment) -> str:
    """Return the name of the ``pm.Data`` that holds the rate table of an experiment."""
    return f"{experiment.name}.rate_table"
