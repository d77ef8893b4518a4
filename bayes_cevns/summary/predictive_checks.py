"""Posterior predictive checks: whether the model predicts data like the observed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.likelihoods.base import folded
from bayes_cevns.cards.observables import Observable, observable, only_observable
from bayes_cevns.cards.priors import Prior
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError

#: Ends of the central 68% and 95%, with the median.
QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)

#: Suffix of coordinates of the bins that number the bins of one observable.
_OBSERVABLE = "_bin"

TOTAL, ALL_BINS, CONSTRAINT = "total", "bins", "constraint"


@dataclass(frozen=True)
class PredictiveCheck:
    """One statistic of the data, beside its values for replicas.

    Attributes
    ----------
    experiment, run
        Where; run is ``"all"`` if runs are added up.
    observable
        ``"total"``, ``"bins"`` for all bins, the name of an observable for its marginal, or
        ``"constraint NAME"`` for the measurement that the prior of a nuisance stands for.
    statistic
        ``"counts"``, ``"deviance"`` from the expected counts, or ``"value"`` of a nuisance.
    observed
        Of the data; the posterior median where it depends on parameters.
    low, median, high
        Of the replicas, with the central 95%.
    p_value
        Of a deviance, the probability of a replica with a larger one; two-sided otherwise.
    """

    experiment: str
    run: str
    observable: str
    statistic: str
    observed: float
    low: float
    median: float
    high: float
    p_value: float


@dataclass(frozen=True, eq=False, repr=False)
class ObservablePrediction(Displayed):
    """The counts along one observable, runs added up, beside those of replicas.

    Attributes
    ----------
    experiment, observable
        Of which.
    label
        What the observable is, with its unit.
    edges
        Edges of its bins, shape (n + 1,); ``None`` where they are not known, or bins of several
        runs or observables stand side by side.
    observed
        Counts, shape (n,).
    quantiles
        `QUANTILES` of the replicas' counts, shape (5, n).
    p_value
        Of the deviance.
    """

    experiment: str
    observable: str
    label: str
    edges: Array | None
    observed: Array
    quantiles: Array
    p_value: float


@dataclass(frozen=True, eq=False, repr=False)
class PredictiveChecks(Displayed):
    """All checks of a fit.

    Attributes
    ----------
    checks
        One for each number.
    predictions
        One for each observable, for figures.
    """

    checks: tuple[PredictiveCheck, ...]
    predictions: tuple[ObservablePrediction, ...]

    @property
    def worst(self) -> PredictiveCheck:
        """The check with the least p-value."""
        return min(self.checks, key=lambda check: check.p_value)


def predictive_checks(
    experiments: Sequence[Experiment],
    expected: Sequence[Array],
    draws: xr.Dataset,
    constraints: Mapping[str, Prior],
    *,
    seed: int,
) -> PredictiveChecks:
    """Compare data with replicas, one for each draw.

    Parameters
    ----------
    experiments
        The experiments.
    expected
        Expected counts of each, shape (chain, draw, run, bin).
    draws
        The draws that they belong to, dims (chain, draw, ...).
    constraints
        Name of a nuisance in the model -> its prior; uniform ones are left out.
    seed
        Seed of the replicas.

    Notes
    -----
    Checked are the counts of each run, the deviance of all bins and of the marginal of each
    observable, and the auxiliary measurement behind each prior but uniform ones, repeated at the
    draws (`bayes_cevns.cards.densities`): it shows a nuisance that a wrong model has pulled away.
    The p-values use the data twice, so that they are near one half more often than uniform ones
    (Gelman, Meng and Stern, Stat. Sin. 6 (1996) 733; Meng, Ann. Stat. 22 (1994) 1142): a small one
    is significant, a large one is no proof.
    """
    random = np.random.default_rng(seed)
    checks: list[PredictiveCheck] = []
    predictions: list[ObservablePrediction] = []
    for experiment, means in zip(experiments, expected, strict=True):
        mean = means.reshape(-1, *means.shape[2:])
        replica = _replicas(experiment, mean, random)
        checks += _totals(experiment, replica)
        for name, where in _observables(experiment).items():
            check, prediction = _marginal(experiment, name, where, mean, replica)
            checks.append(check)
            predictions += [prediction]
    checks += [c for name, p in constraints.items() for c in _constraints(name, p, draws, random)]
    return PredictiveChecks(tuple(checks), tuple(predictions))


def _replicas(experiment: Experiment, mean: Array, random: np.random.Generator) -> Array:
    return experiment.likelihood.drawn(mean, random)


def _totals(experiment: Experiment, replica: Array) -> list[PredictiveCheck]:
    counts = experiment.observed.values.sum(axis=1)
    return [
        _two_sided(experiment.name, run, TOTAL, "counts", float(counts[i]), replica[:, i].sum(1))
        for i, run in enumerate(experiment.runs)
    ]


def _observables(experiment: Experiment) -> dict[str, NDArray[np.int64] | None]:
    """Return the position of each bin along each observable, ``None`` for all bins apart."""
    found: dict[str, NDArray[np.int64] | None] = {ALL_BINS: None}
    alone = only_observable(experiment.edges, experiment.observed.sizes["bin"])
    along = bins_along(experiment)
    if alone is not None and len(experiment.runs) == 1:
        del along[alone]  # all bins apart
    return found | along


def bins_along(experiment: Experiment) -> dict[str, NDArray[np.int64]]:
    """Return the position of each bin of a run along each observable, shape (bin,)."""
    found: dict[str, NDArray[np.int64]] = {}
    alone = only_observable(experiment.edges, experiment.observed.sizes["bin"])
    if alone is not None:
        found[alone] = np.arange(experiment.observed.sizes["bin"])
    for name, coordinate in experiment.observed.coords.items():
        if coordinate.dims == ("bin",) and str(name).endswith(_OBSERVABLE):
            found[str(name).removesuffix(_OBSERVABLE)] = coordinate.values.astype(int)
    return found


def _marginal(
    experiment: Experiment,
    name: str,
    where: NDArray[np.int64] | None,
    mean: Array,
    replica: Array,
) -> tuple[PredictiveCheck, ObservablePrediction]:
    """Return the deviance along one observable; all bins are those of each run."""
    bins = np.arange(mean.shape[-2] * mean.shape[-1])
    number = bins if where is None else np.tile(where, mean.shape[-2])
    counts = experiment.observed.values.astype(float)
    likelihood = experiment.likelihood
    observed = likelihood.deviance(counts, mean, number)
    repeated = likelihood.deviance(replica, mean, number)
    p_value = float(np.mean(repeated >= observed))
    low, _, middle, _, high = np.quantile(repeated, QUANTILES)
    check = PredictiveCheck(
        experiment.name, "all", name, "deviance", float(np.median(observed)),
        float(low), float(middle), float(high), p_value,
    )  # fmt: skip
    quantiles = np.quantile(folded(replica, number), QUANTILES, axis=0)
    along = _along(experiment, name)
    return check, ObservablePrediction(
        experiment.name, name, along.label, along.edges, folded(counts, number), quantiles, p_value
    )


def _along(experiment: Experiment, name: str) -> Observable:
    """Return what the bins of a prediction are along."""
    if name != ALL_BINS:
        return observable(name, experiment.edges, experiment.runs)
    alone = only_observable(experiment.edges, experiment.observed.sizes["bin"])
    if alone is not None and len(experiment.runs) == 1:
        return observable(alone, experiment.edges, experiment.runs)
    of = " and ".join(experiment.edges)
    runs = ", run after run" if len(experiment.runs) > 1 else ""
    return Observable(f"number of the bin{f' of {of}' if of else ''}{runs}", None)


def _constraints(
    name: str, prior: Prior, draws: xr.Dataset, random: np.random.Generator
) -> list[PredictiveCheck]:
    """Return checks of the measurements behind a prior: their centre was observed."""
    if not prior.measured:
        return []
    values = draws[name].transpose("chain", "draw", ...).values
    flat = values.reshape(values.shape[0] * values.shape[1], -1)
    runs = [str(run) for run in draws[name].coords[draws[name].dims[-1]].values]
    if values.ndim == 2:
        runs = ["all"]
    owner, _, short = name.rpartition(".")
    found = []
    for column, run in enumerate(runs):
        density = prior.of_run(run).density
        replica = np.array([density.remeasured(v, random).centre for v in flat[:, column]])
        observable = f"{CONSTRAINT} {short}"
        found.append(_two_sided(owner or "shared", run, observable, "value", prior.centre, replica))
    return found


def _two_sided(
    experiment: str, run: str, observable: str, statistic: str, observed: float, replica: Array
) -> PredictiveCheck:
    """Return a check with a two-sided p-value; half of the replicas that tie count."""
    if replica.size == 0:
        raise ArgumentError("a predictive check needs draws, got none")
    above = float(np.mean(replica > observed) + 0.5 * np.mean(replica == observed))
    low, _, middle, _, high = np.quantile(replica, QUANTILES)
    return PredictiveCheck(
        experiment, run, observable, statistic, observed,
        float(low), float(middle), float(high), 2.0 * min(above, 1.0 - above),
    )  # fmt: skip
