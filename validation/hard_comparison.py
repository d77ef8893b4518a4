"""A posterior by the package, by nested sampling and by the preview, as rows of the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from code_commit import code_commit
from hard_case import Case, Number
from hard_settings import LEVEL, seed_of
from nested_density import NestedRun, NuisancePriors, run_nested
from numpy.typing import NDArray

import bayes_cevns as bc
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.summary.fit import Fit

type Array = NDArray[np.float64]
type Pieces = list[tuple[float, float]]

#: Errors of ends and limits are standard deviations over so many resamplings: of blocks of so many
#: draws of the package, and of the points of a nested run.
_RESAMPLED, _BLOCK = 40, 25

#: A limit by nested sampling with a larger relative error is not known.
_VAGUE = 0.05

#: Points of a nested run are laid out as so many chains.
_CHAINS = 4


@dataclass(frozen=True)
class Deterministic:
    """A posterior that was computed without a sampler.

    Attributes
    ----------
    weights
        Of the branches.
    log_evidence
        Of the whole posterior.
    fit
        The posterior as a fit.
    limits
        By side.
    """

    weights: Array
    log_evidence: float
    fit: Fit
    limits: dict[str, float]


@dataclass(frozen=True)
class WithoutSampling:
    """What is known of a posterior without sampling.

    Attributes
    ----------
    preview
        By the preview: Laplace's approximation along the ridge.
    integral, integral_error
        By quadrature along the ridge, and the standard error of its log-evidence.
    reason
        Why the preview must not be used; empty if it may.
    seconds
        Wall time of the preview.
    """

    preview: Deterministic
    integral: Deterministic
    integral_error: float
    reason: str
    seconds: float


@dataclass(frozen=True)
class Task:
    """A fit, and what is needed to compare it with nested runs.

    Attributes
    ----------
    experiment, model, hard
        What it is, for the table.
    experiments, compiled
        The experiments, and the density with its data.
    fit, log_evidence, seconds
        The fit, its log-evidence with the error, and the time it took.
    names
        Names of the couplings, in the order of the density.
    folded
        Places in the unit cube with those that mean the same put together, shape (n, d).
    split
        Share of each branch at places in the unit cube, from shape (n, d) to (branches, n).
    nested_fit
        Points of equal weight in the unit cube, shape (n, d), as a fit.
    cube
        Couplings of draws as places in the unit cube.
    regions
        Highest-density region of each coupling of a fit.
    limits
        Limits of a fit by side.
    unsampled
        What is known without sampling, or why nothing is.
    nested
        Settings of the nested run.
    """

    experiment: str
    model: str
    hard: str
    experiments: tuple[Any, ...]
    compiled: CompiledModel
    fit: Fit
    log_evidence: tuple[float, float]
    seconds: float
    names: tuple[str, ...]
    folded: Callable[[Array], Array]
    split: Callable[[Array], Array]
    nested_fit: Callable[[Array], Fit]
    cube: Callable[[xr.Dataset], dict[str, Array]]
    regions: Callable[[Fit], dict[str, Pieces]]
    limits: Callable[[Fit], dict[str, float]]
    unsampled: WithoutSampling | str
    nested: Mapping[str, int] = field(default_factory=dict)


def compare(task: Task) -> tuple[Case, list[Number]]:
    """Run dynesty on the density of a fit, and put all methods side by side."""
    seed = seed_of((task.experiment, task.model))
    priors = NuisancePriors.of(task.experiments)
    run = run_nested(task.compiled, priors, len(task.names), seed=seed, **task.nested)
    run = run.at(task.folded(run.cube))
    rng = np.random.default_rng(seed)
    # As many points as the run is worth, so that a region knows how noisy they are.
    nested = task.nested_fit(run.equal(round(run.effective), rng))
    both = (
        _Sampled(task.fit, [resampled(task.fit, rng) for _ in range(_RESAMPLED)]),
        _Sampled(nested, [task.nested_fit(run.resampled(rng)) for _ in range(_RESAMPLED)]),
    )
    numbers = [*_weights(task, run), _evidence(task, run)]
    numbers += _all_ends(task, both)
    numbers += _limits(task, both)
    distances = _distances(task, priors, run)
    worst = max(distances, key=lambda name: distances[name])
    known = None if isinstance(task.unsampled, str) else task.unsampled
    own, theirs = (_words(task.regions(one.fit)) for one in both)
    case = Case(
        experiment=task.experiment,
        model=task.model,
        hard=task.hard,
        branches=task.fit.quality.sizes["branch"],
        distance=round(distances[worst], 4),
        distance_of=worst,
        intervals_90=own,
        nested_intervals_90=theirs,
        effective=round(run.effective),
        calls=run.calls,
        preview_reason=str(task.unsampled) if known is None else known.reason,
        seconds=round(task.seconds, 1),
        nested_seconds=round(run.seconds, 1),
        preview_seconds=0.0 if known is None else round(known.seconds, 2),
        passed=task.fit.passed,
        reason=task.fit.reason,
        version=bc.__version__,
        commit=code_commit(),
        seed=seed,
    )
    return case, numbers


@dataclass(frozen=True)
class _Sampled:
    """A fit, and resamplings of it for the errors of what is taken from it."""

    fit: Fit
    again: list[Fit]


def _deterministic(task: Task) -> tuple[Deterministic | None, Deterministic | None]:
    """Return the preview, if it may be used, and the integral along the ridge."""
    if isinstance(task.unsampled, str):
        return None, None
    return None if task.unsampled.reason else task.unsampled.preview, task.unsampled.integral


def _weights(task: Task, run: NestedRun) -> list[Number]:
    weights, errors = weights_of(task.fit)
    shares = [run.mean(share) for share in task.split(run.cube)]
    unknown = np.full(weights.size, np.nan)
    known = [unknown if one is None else one.weights for one in _deterministic(task)]
    return [
        _row(
            task,
            f"weight {place + 1}",
            "weight",
            [(weights[place], errors[place]), shares[place]],
            [(one[place], 0.0) for one in known],
            max(shares[place][0], 1e-12),
        )
        for place in range(weights.size)
    ]


def _evidence(task: Task, run: NestedRun) -> Number:
    known = [np.nan if one is None else one.log_evidence for one in _deterministic(task)]
    error = 0.0 if isinstance(task.unsampled, str) else task.unsampled.integral_error
    pairs = [task.log_evidence, run.log_evidence]
    return _row(task, "ln Z", "evidence", pairs, [(known[0], 0.0), (known[1], error)], 1.0)


def _all_ends(task: Task, both: Sequence[_Sampled]) -> list[Number]:
    regions = [task.regions(one.fit) for one in both]
    again = [[task.regions(each) for each in one.again] for one in both]
    known = [None if one is None else task.regions(one.fit) for one in _deterministic(task)]
    numbers: list[Number] = []
    for name in regions[0]:
        numbers += _ends(
            task,
            name,
            [one[name] for one in regions],
            [[each[name] for each in one] for one in again],
            [None if one is None else one[name] for one in known],
        )
    return numbers


def _limits(task: Task, both: Sequence[_Sampled]) -> list[Number]:
    """Return the limits of each sign.

    A nested run does not know that of a sign of which it has next to no points.
    """
    values = [task.limits(one.fit) for one in both]
    again = [[task.limits(each) for each in one.again] for one in both]
    known = _deterministic(task)
    found = []
    for side in values[0]:
        spread = [float(np.std([each[side] for each in several])) for several in again]
        if not spread[1] <= _VAGUE * values[1][side]:
            values[1][side], spread[1] = np.nan, np.nan
        found.append(
            _row(
                task,
                f"{LEVEL:.0%} {side} limit",
                "limit",
                [(value[side], error) for value, error in zip(values, spread, strict=True)],
                [(np.nan if one is None else one.limits[side], 0.0) for one in known],
                values[0][side],
            )
        )
    return found


def weights_of(fit: Fit) -> tuple[Array, Array]:
    """Return the weights of the branches of a fit, and their standard errors.

    Of w_i = Z_i / sum Z with independent errors e_i of ln Z_i:
    dw_i = w_i ((1 - w_i) e_i - sum_j w_j e_j).
    """
    weights = fit.quality["weight"].values.astype(float)
    if weights.size == 1:
        return weights, np.zeros(1)
    errors = fit.quality["log_evidence_error"].values.astype(float)
    jacobian = weights[:, None] * (np.eye(weights.size) - weights)
    return weights, np.sqrt((jacobian**2) @ errors**2)


def _ends(
    task: Task,
    name: str,
    sides: Sequence[Pieces],
    again: Sequence[Sequence[Pieces]],
    known: Sequence[Pieces | None],
) -> list[Number]:
    """Return the ends of the region of one coupling.

    The outermost ends alone, if the methods differ in how many pieces there are, or their own
    resamplings do.
    """
    count = len(sides[0])
    alike = [np.mean([len(pieces) == count for pieces in replicas]) for replicas in again]
    if len(sides[1]) != count or min(alike) < 0.5:
        count = 1
    values = [ends(pieces, count) for pieces in sides]
    errors = [np.nanstd([ends(pieces, count) for pieces in several], axis=0) for several in again]
    unsampled = [ends(pieces or [], count) for pieces in known]
    scale = float(values[1][-1] - values[1][0])
    return [
        _row(
            task,
            f"{LEVEL:.0%} {name} {place + 1}",
            "end",
            [(v[place], e[place]) for v, e in zip(values, errors, strict=True)],
            [(v[place], 0.0) for v in unsampled],
            scale,
        )
        for place in range(2 * count)
    ]


def ends(pieces: Pieces, count: int) -> Array:
    """Return the ends of so many intervals, NaN where they are not known.

    Of more or fewer intervals the outermost ends are known.
    """
    flat = np.array(pieces, dtype=float).ravel()
    if len(pieces) == count:
        return flat
    found = np.full(2 * count, np.nan)
    if pieces:
        found[[0, -1]] = flat[[0, -1]]
    return found


def _row(
    task: Task,
    quantity: str,
    kind: str,
    sampled: Sequence[tuple[float, float]],
    unsampled: Sequence[tuple[float, float]],
    scale: float,
) -> Number:
    ((package, package_error), (nested, nested_error)) = sampled
    ((preview, _), (integral, integral_error)) = unsampled
    found = (package, package_error, nested, nested_error, integral, integral_error, preview, scale)
    values = (float(f"{value:.7g}") for value in found)
    return Number(task.experiment, task.model, quantity, kind, *values)


def resampled(fit: Fit, rng: np.random.Generator) -> Fit:
    """Return a fit of resampled blocks of draws, with weights moved by their errors.

    Blocks keep the correlation of neighbouring draws (Kuensch, Ann. Stat. 17 (1989) 1217).
    """
    errors = np.nan_to_num(fit.quality["log_evidence_error"].values.astype(float))
    weights = fit.quality["weight"].values * np.exp(rng.normal(0.0, errors))
    branches, chains, draws = (fit.posterior.sizes[dim] for dim in ("branch", "chain", "draw"))
    blocks = draws // _BLOCK
    chosen = rng.integers(chains * blocks, size=(branches, chains * blocks))
    found = {}
    for name, variable in fit.posterior.data_vars.items():
        if variable.dims == ("branch", "chain", "draw"):
            used = variable.values[:, :, : blocks * _BLOCK]
            laid = used.reshape(branches, chains * blocks, _BLOCK)
            picked = np.take_along_axis(laid, chosen[:, :, None], axis=1)
            found[str(name)] = picked.reshape(branches, chains, -1)
    return as_fit(found, fit.prior, weights / weights.sum())


def as_fit(draws: Mapping[str, Array], prior: Any, weights: Array | None = None) -> Fit:
    """Return draws, shape (branch, chain, draw), as a fit, to be summarised alike."""
    weights = np.ones(1) if weights is None else weights
    quality = xr.Dataset(
        {
            "weight": ("branch", weights),
            "log_evidence_error": ("branch", np.zeros(weights.size)),
        }
    )
    dims = ("branch", "chain", "draw")
    posterior = xr.Dataset({name: (dims, values) for name, values in draws.items()})
    return Fit(prior, posterior, xr.Dataset(), quality)


def in_chains(draws: Array) -> Array:
    """Return independent draws, shape (n, ...), as those of one branch, (1, chain, draw, ...).

    Halves of the chains choose the width of the kernel of a density by predicting each other.
    """
    length = len(draws) // _CHAINS
    return draws[: _CHAINS * length].reshape(1, _CHAINS, length, *draws.shape[1:])


def _distances(task: Task, priors: NuisancePriors, run: NestedRun) -> dict[str, float]:
    """Return the largest difference of the cumulative probability of each parameter."""
    draws = task.fit.draws()
    grid = np.linspace(0.0, 1.0, 2001)
    found = {}
    places = {**task.cube(draws), **priors.places(draws)}
    for number, (name, values) in enumerate(places.items()):
        ours = np.searchsorted(np.sort(values.ravel()), grid) / values.size
        mass = np.histogram(run.cube[:, number], bins=grid, weights=run.weights)[0]
        found[name] = float(np.max(np.abs(ours[1:] - np.cumsum(mass))))
    return found


def _words(regions: Mapping[str, Pieces]) -> str:
    return ";".join(
        " ".join(f"{low:.4g}:{high:.4g}" for low, high in pieces) for pieces in regions.values()
    )
