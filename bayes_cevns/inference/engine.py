"""The engine: one compilation for every mass of a scan. The only module that knows nutpie."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import nutpie
import pymc as pm
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.errors import ArgumentError, ConvergenceError
from bayes_cevns.experiments.rate_table import RateTable
from bayes_cevns.inference.branch import Branch, Evidence, join
from bayes_cevns.inference.bridge import log_evidence
from bayes_cevns.inference.coupling_branches import CouplingBranch, coupling_branches
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.gate import Gate, GateReport
from bayes_cevns.inference.spread import spread_evidence
from bayes_cevns.inference.trace import read_trace
from bayes_cevns.model import COORDINATE, COUPLING, assemble, data_at, prior_data
from bayes_cevns.physics.checks import whole
from bayes_cevns.priors import CouplingPrior
from bayes_cevns.specification import ModelSpec

type Array = NDArray[np.float64]

_STATS = {
    "diverging": "diverging",
    "energy": "energy",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "logp": "lp",
}
_POINTS = {"unconstrained_draw": "unconstrained"}

#: Two fits of one run must not share random numbers; seeds step by this prime.
_SEED_STEP = 7919
_SEED_END = 2**32


#: Points where the sampler may begin that are tried before the best is taken.
_STARTS = 4

#: Least values of the settings: R-hat compares chains, so that one cannot pass.
_LEAST = {"draws": 4, "tune": 1, "chains": 2, "cores": 1, "retries": 0}


@dataclass(frozen=True)
class SamplerSettings:
    """How to sample.

    Attributes
    ----------
    draws, tune, chains
        Draws kept and warm-up draws for each chain, number of chains.
    cores
        Chains sampled at the same time; they do not change the draws.
    target_accept
        Target acceptance; near zero coupling 0.8 gives divergences, 0.95 none.
    retries
        How often a fit that fails its gate is repeated, each time with twice the warm-up
        and twice the draws, of which every second is kept.
    gate
        The quality gate.
    """

    draws: int = 1000
    tune: int = 300
    chains: int = 4
    cores: int = 2
    target_accept: float = 0.95
    retries: int = 2
    gate: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            whole(getattr(self, name), what=name, least=least)
        if not isinstance(self.target_accept, float) or not 0.0 < self.target_accept < 1.0:
            raise ArgumentError(f"target_accept must be in (0, 1), got {self.target_accept!r}")

    @classmethod
    def of(cls, given: SamplerSettings | None) -> SamplerSettings:
        """Return the settings that were given, or those by default.

        Raises
        ------
        ArgumentError
            If what is given are no settings.
        """
        if given is None:
            return cls()
        if not isinstance(given, cls):
            raise ArgumentError(
                f"expected settings, such as SamplerSettings(draws=2000), got {given!r}"
            )
        return given

    def as_request(self) -> dict[str, Any]:
        """Return what decides the outcome: all but the number of cores."""
        return {key: value for key, value in asdict(self).items() if key != "cores"}


class Sampler:
    """A compiled model, sampled with any values of its data.

    Parameters
    ----------
    model
        The model; its ``pm.Data`` may be swapped.
    spread_out
        Start the chains at draws of the prior instead of near its middle: far apart, so that
        R-hat sees a mode that only some of them found.

    Attributes
    ----------
    compiled
        The compiled model of nutpie.
    """

    def __init__(self, model: pm.Model, *, spread_out: bool = False) -> None:
        self._variables = tuple(rv.name for rv in (*model.free_RVs, *model.deterministics))
        strategy = "prior" if spread_out else "support_point"
        self.compiled: Any = nutpie.compile_pymc_model(
            model, default_initialization_strategy=strategy
        )

    def log_density(self, data: Mapping[str, Array], points: Array) -> tuple[Array, Array]:
        """Return the log-density and its gradient at unconstrained points, shape (n, d)."""
        return evaluate(self.compiled.with_data(**data), points)

    def branches(
        self, data: Mapping[str, Array], prior: CouplingPrior
    ) -> tuple[CouplingBranch, ...]:
        """Return what is sampled apart, and where from; see `coupling_branches`."""
        compiled = self.compiled.with_data(**{**data, **prior_data(prior)})
        starts = np.array([compiled.initial_point_func(seed) for seed in range(_STARTS)])
        return coupling_branches(_density(compiled), prior, starts)

    def sample(
        self,
        data: Mapping[str, Array],
        settings: SamplerSettings,
        *,
        seed: int,
        evidence: bool = False,
        unjudged: Sequence[str] = (),
        log_width: float = 0.0,
        uniform: int = 0,
        start: Array | None = None,
    ) -> Branch:
        """Sample one branch until it passes its gate or the retries are used up.

        Parameters
        ----------
        data
            Values of the data that are not those of the model.
        settings
            How to sample.
        seed
            Seed of the random numbers.
        evidence
            Whether to compute the evidence by bridge sampling.
        unjudged
            Variables that the gate does not look at.
        log_width
            Added to the log-evidence: the log of the branch's prior probability, but for a
            constant, where the model does not know it.
        uniform
            How many of the first coordinates are uniform in (0, 1): if any, the evidence is
            compared with that of points all over them (`spread_evidence`).
        start
            The chains begin up to one unit from here, in all coordinates of the sampler; by
            default where the model says.
        """
        compiled = self.compiled.with_data(**data)
        if start is not None:
            compiled = replace(compiled, initial_point_func=_around(start))
        attempt = 0
        while True:
            draws, stats, report = self._attempt(
                compiled, settings, attempt, seed=seed, points=evidence, unjudged=unjudged
            )
            found = Evidence()
            if evidence:
                report, found = _with_evidence(
                    compiled, stats["unconstrained"].values, report, uniform, seed
                )
            if report.passed or attempt == settings.retries:
                break
            attempt += 1
        kept = stats[list(_STATS.values())]
        return Branch(draws, kept, report, attempt + 1, found, log_width)

    def _attempt(
        self,
        compiled: Any,
        settings: SamplerSettings,
        attempt: int,
        *,
        seed: int,
        points: bool,
        unjudged: Sequence[str],
    ) -> tuple[xr.Dataset, xr.Dataset, GateReport]:
        """Sample once, with 2^attempt as many draws, every so many kept."""
        more = 2**attempt
        trace = _nutpie_trace(
            compiled,
            draws=settings.draws * more,
            tune=settings.tune * more,
            chains=settings.chains,
            cores=settings.cores,
            seed=(seed + _SEED_STEP * attempt) % _SEED_END,
            target_accept=1.0 - (1.0 - settings.target_accept) / more,
            store_unconstrained=points,
        )
        draws, stats = read_trace(
            trace,
            variables=self._variables,
            statistics={**_STATS, **(_POINTS if points else {})},
            coords=compiled.coords,
        )
        divergences = int(stats["diverging"].sum())
        draws, stats = _thin(draws, more), _thin(stats, more)
        judged = draws.drop_vars(unjudged, errors="ignore")
        return draws, stats, settings.gate.check(judged, divergences=divergences)


def _with_evidence(
    compiled: Any, points: Array, report: GateReport, uniform: int, seed: int
) -> tuple[GateReport, Evidence]:
    """Return the evidence of draws, and their report with what is wrong about it."""
    reasons = [report.reason]
    found = Evidence()

    def log_density(at: Array) -> Array:
        return evaluate(compiled, at)[0]

    rng = np.random.default_rng(seed)
    try:
        found = Evidence(*log_evidence(log_density, points, rng=rng))
        if uniform:
            spread = spread_evidence(log_density, points, uniform=uniform, rng=rng)
            found = replace(found, spread=spread[0], spread_error=spread[1])
            reasons.append(found.disagreement)
    except ConvergenceError as failure:
        reasons.append(str(failure))
    return replace(report, reason="; ".join(text for text in reasons if text)), found


def branch_seed(seed: int, number: int) -> int:
    """Return the seed of one of several branches; no two share random numbers."""
    return (seed + _SEED_STEP * 100 * number) % _SEED_END


def check_seed(seed: int) -> None:
    """Raise an `ArgumentError` unless a seed is a whole number from 0 to 2^32 - 1."""
    whole(seed, what="a seed", most=_SEED_END - 1)


class Engine:
    """Samples the model of a specification at any mediator mass.

    Parameters
    ----------
    spec
        What to fit. Bins without events are merged, which leaves the posterior as it is.
    settings
        How to sample.
    monitored
        To fit other data than those of the specification: all bins are kept, since other
        counts leave other bins empty, and every draw has its expected signal and its
        log-likelihood (`bayes_cevns.model.joint_model`).

    Notes
    -----
    The model is compiled at the first fit; further masses swap the rate tables and the
    numbers of the coupling prior, further data the observed counts.
    """

    def __init__(
        self,
        spec: ModelSpec,
        settings: SamplerSettings | None = None,
        *,
        monitored: bool = False,
    ) -> None:
        self.spec = spec if monitored else spec.merging_bins()
        self.settings = SamplerSettings.of(settings)
        self.monitored = monitored
        self._sampler: Sampler | None = None
        self._last: tuple[float | None, dict[str, Array], CouplingPrior | None] | None = None

    @cached_property
    def tables(self) -> tuple[RateTable, ...]:
        """The rate tables of the experiments."""
        return self.spec.tables()

    def check(self, masses_mev: Sequence[float | None], *, seed: int) -> None:
        """Raise the error that any of these masses or the seed would raise, before time is spent.

        Raises
        ------
        TableError, ArgumentError, UnknownNameError
            If a mass lies outside the tables, a prior cannot be made, or the seed is not
            from 0 to 2^32 - 1.
        """
        check_seed(seed)
        for mass in (masses_mev[0], masses_mev[-1]):
            data_at(self.spec, self.tables, mass)

    def prior(self, mass_mev: float | None) -> CouplingPrior | None:
        """Return the prior of the coupling at one mass; ``None`` for the Standard Model."""
        return self._data_at(mass_mev)[1]

    def _data_at(self, mass_mev: float | None) -> tuple[dict[str, Array], CouplingPrior | None]:
        """Return what `data_at` does, kept where many data sets of one mass are fitted."""
        if self._last is None or self._last[0] != mass_mev or not self.monitored:
            self._last = (mass_mev, *data_at(self.spec, self.tables, mass_mev))
        return self._last[1], self._last[2]

    def compile(self, mass_mev: float | None = None) -> Sampler:
        """Compile the log-density and its gradient, once."""
        if self._sampler is None:
            self._sampler = Sampler(
                assemble(self.spec, self.tables, mass_mev, monitored=self.monitored)
            )
        return self._sampler

    def fit(
        self,
        mass_mev: float | None = None,
        *,
        seed: int,
        prior: CouplingPrior | None = None,
        observed: Mapping[str, Array] | None = None,
    ) -> Fit:
        """Sample the posterior at one mass, branch by branch, and weigh the branches.

        Parameters
        ----------
        mass_mev
            Mediator mass; not used by the Standard Model.
        seed
            Seed of the random numbers.
        prior
            Prior of the coupling in place of the one that follows from the data, of its kind.
        observed
            Counts in place of the observed ones: experiment -> counts, shape (run, bin).

        Returns
        -------
        Fit
            Whether it passed its gate or not. `quality` has the ends of the branches as well,
            ``low`` and ``high``, in the coordinate of the coupling.

        Raises
        ------
        ArgumentError
            If there are other counts and the bins are merged.
        ConvergenceError
            If the density is not finite anywhere where the sampler may begin.
        """
        if observed is not None and self.spec.merged:
            raise ArgumentError(
                "observed counts cannot be exchanged where bins are merged: use monitored=True"
            )
        sampler = self.compile(mass_mev)
        data, own = self._data_at(mass_mev)
        data = data | {f"{name}.observed": counts for name, counts in (observed or {}).items()}
        prior = prior or own
        if prior is None:
            return join(None, [sampler.sample(data, self.settings, seed=seed)])
        branches = sampler.branches(data, prior)
        sampled = [
            sampler.sample(
                {**data, **prior_data(prior, (branch.low, branch.high), length=branch.length)},
                self.settings,
                seed=branch_seed(seed, number),
                evidence=len(branches) > 1,
                unjudged=(COORDINATE, COUPLING),
                log_width=float(np.log(branch.high - branch.low)),
                start=branch.start,
            )
            for number, branch in enumerate(branches)
        ]
        fit = join(prior, sampled)
        quality = fit.quality.assign(
            low=("branch", np.array([branch.low for branch in branches])),
            high=("branch", np.array([branch.high for branch in branches])),
        )
        return replace(fit, quality=quality)

    def log_density(self, mass_mev: float | None, points: Array) -> tuple[Array, Array]:
        """Return the log-density and its gradient at unconstrained points.

        Parameters
        ----------
        mass_mev
            Mediator mass.
        points
            Shape (n, d).

        Returns
        -------
        tuple of ndarray
            Shapes (n,) and (n, d), in the coordinates that the sampler uses.
        """
        data, _ = self._data_at(mass_mev)
        return self.compile(mass_mev).log_density(data, points)

    @property
    def is_compiled(self) -> bool:
        """Whether the model has been compiled."""
        return self._sampler is not None

    @property
    def compiled(self) -> Any:
        """The compiled model of nutpie, for benchmarks."""
        return self.compile().compiled


def _around(start: Array) -> Callable[[Any], Array]:
    """Return a function that draws where a chain begins, up to one unit from a point."""

    def draw(seed: Any = None) -> Array:
        return start + np.random.default_rng(seed).uniform(-1.0, 1.0, start.size)

    return draw


def _nutpie_trace(compiled: Any, **options: Any) -> Any:
    """Return the raw trace of nutpie, or stop at once at Ctrl-C.

    Left to itself, ``nutpie.sample`` takes Ctrl-C for a wish to end early: it returns what
    it has, and the caller never learns of it.
    """
    sampler = nutpie.sample(
        compiled, blocking=False, return_raw_trace=True, progress_bar=False, **options
    )
    try:
        return sampler.wait()
    except BaseException:
        sampler.cancel()
        raise


def _thin(data: xr.Dataset, step: int) -> xr.Dataset:
    """Keep every `step`-th draw, numbered anew."""
    thinned = data.isel(draw=slice(None, None, step))
    return thinned.assign_coords(draw=np.arange(thinned.sizes["draw"]))


_LOGP = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)


def _density(compiled: Any) -> Callable[[Array], tuple[float, Array]]:
    """Return the compiled log-density and its gradient as a function of one point."""

    def density(point: Array) -> tuple[float, Array]:
        value, gradient = evaluate(compiled, point[None])
        return float(value[0]), gradient[0]

    return density


def evaluate(compiled: Any, points: Array) -> tuple[Array, Array]:
    """Call the compiled log-density as the sampler does; see `Engine.log_density`.

    A point at which it cannot be evaluated has log-density minus infinity.
    """
    function = _LOGP(compiled.compiled_logp_func.address)
    points = np.ascontiguousarray(points, dtype=float)
    value = np.full(len(points), -np.inf)
    gradient = np.full(points.shape, np.nan)
    user_data = compiled.user_data.ctypes.data
    scratch = np.zeros(())
    for i, point in enumerate(points):
        code = function(
            point.size, point.ctypes.data, gradient[i].ctypes.data, scratch.ctypes.data, user_data
        )
        if code == 0:
            value[i] = scratch
    return value, gradient
