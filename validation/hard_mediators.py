"""Hard posteriors of one amplitude: cliffs, second bands, an excess, no events, extreme masses."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from hard_comparison import (
    Deterministic,
    Task,
    WithoutSampling,
    as_fit,
    in_chains,
)
from hard_settings import LEVEL, LONG, NESTED, experiments_of, seed_of
from numpy.typing import NDArray
from ridge_integral import ridge_integral

import bayes_cevns as bc
from bayes_cevns.cards.projections import scaled
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.density.data import data_at
from bayes_cevns.inference.at_draws import ModelAtDraws
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.modes.evidence import fit_evidence
from bayes_cevns.inference.preview.find import preview_at
from bayes_cevns.inference.preview.marginal_curve import MarginalCurve
from bayes_cevns.inference.preview.posterior import likelihood_of, limits_of, posterior_of
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.summary.bands import bands
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import limits

type Array = NDArray[np.float64]

#: Of nested runs whose weights of a few percent are wanted to five.
MORE = {"points": 400_000}

#: Of nested runs in modes that are thin or rare.
THIN = {"live_points": 1000, "points": 400_000, "clusters": 32}

XENONNT, CSI, ER, DRESDEN = "xenonnt_cevns", "coherent_csi", "xenonnt_er", "dresden_ii"
SCALAR, VECTOR = "scalar-universal", "vector-universal"


def more_signal(experiment: Any, factor: float) -> Any:
    """Return Asimov data with so many times the signal of the Standard Model."""
    expected = asimov(experiment)
    signal = asimov(replace(experiment, backgrounds=())).observed
    return replace(expected, observed=expected.observed + (factor - 1.0) * signal)


def no_events(experiment: Any) -> Any:
    """Return an experiment that has seen nothing."""
    expected = asimov(experiment)
    return replace(expected, observed=0.0 * expected.observed)


#: Data that were not observed.
DATA: dict[str, Callable[[Any], Any]] = {
    "3 x signal": lambda experiment: more_signal(experiment, 3.0),
    "no events": no_events,
    "Asimov x100": lambda experiment: asimov(scaled(experiment, exposure=100.0)),
}


@dataclass(frozen=True)
class Mediator:
    """A posterior of one amplitude.

    Attributes
    ----------
    experiment
        Names of the experiments, joined with ``+``.
    interaction, mass_mev, prior
        What is fitted, and with which prior.
    hard
        What is hard about it.
    data
        One of `DATA`; empty for the observed ones.
    nested
        Settings of the nested run that are not those of all.
    """

    experiment: str
    interaction: str
    mass_mev: float | None
    prior: str
    hard: str
    data: str = ""
    nested: Mapping[str, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What it is in the table."""
        mass = "" if self.mass_mev is None else f" {self.mass_mev:g} MeV"
        return ", ".join(filter(None, [self.experiment, self.data])), (
            f"{self.interaction}{mass}, {self.prior}"
        )

    def experiments(self) -> tuple[Any, ...]:
        """Return the experiments."""
        found = experiments_of(self.experiment)
        return tuple(DATA[self.data](each) for each in found) if self.data else found

    def task(self) -> Task:
        """Sample the posterior, and preview it."""
        return mediator_task(self)


MEDIATORS = (
    Mediator(XENONNT, VECTOR, 1.0, "flat", "two modes of unlike sign"),
    Mediator(XENONNT, VECTOR, 10.0, "flat", "two modes of unlike sign"),
    Mediator(XENONNT, VECTOR, 100.0, "flat", "two modes of unlike sign"),
    Mediator(XENONNT, VECTOR, 10.0, "flat-rate", "two modes, prior with a pole between"),
    Mediator(XENONNT, VECTOR, 0.01, "flat", "very light: the spectrum falls as 1/T"),
    Mediator(XENONNT, VECTOR, 1e4, "flat", "heavy: the shape of the Standard Model"),
    Mediator(XENONNT, SCALAR, 1.0, "log", "plateau over a cliff"),
    Mediator(XENONNT, VECTOR, 10.0, "log", "cliffs, and a mode beyond one", nested=MORE),
    Mediator(XENONNT, VECTOR, 100.0, "log", "cliffs, and a mode beyond one", nested=MORE),
    Mediator(XENONNT, "b-l", 10.0, "flat", "one sign, destructive interference"),
    Mediator(XENONNT, "b-l", 100.0, "log", "one sign, destructive interference, cliff"),
    Mediator(CSI, VECTOR, 10.0, "flat", "limit at one sign, second band"),
    Mediator(CSI, VECTOR, 1e3, "log", "second band beyond a cliff"),
    Mediator(XENONNT, SCALAR, 1.0, "flat", "excess: zero lies outside", "3 x signal"),
    Mediator(XENONNT, VECTOR, 10.0, "flat", "excess: two modes off zero", "3 x signal"),
    Mediator(XENONNT, VECTOR, 10.0, "log", "excess: a mode at a cliff's edge", "3 x signal", MORE),
    Mediator(DRESDEN, SCALAR, 1.0, "flat", "excess of the data, bent by quenching"),
    Mediator(DRESDEN, VECTOR, 10.0, "flat", "excess of the data, either sign"),
    Mediator(DRESDEN, SCALAR, 1.0, "log", "excess of the data, cliff, flat backgrounds"),
    Mediator(XENONNT, SCALAR, 10.0, "log", "no event in any bin", "no events"),
    Mediator(XENONNT, VECTOR, 10.0, "flat", "no event in any bin", "no events"),
    Mediator(XENONNT, VECTOR, 10.0, "flat", "modes a tenth as wide", "Asimov x100", THIN),
    Mediator(XENONNT, VECTOR, 10.0, "log", "thin mode beyond a cliff", "Asimov x100", THIN),
    Mediator(ER, "magnetic-moment", None, "flat", "linear in mu^2, free background"),
    Mediator(ER, "magnetic-moment", None, "log", "cliff, free background"),
    Mediator(ER, "b-l", 0.1, "flat", "interference on electrons, free background"),
    Mediator(
        f"{XENONNT}+{CSI}", VECTOR, 30.0, "flat", "modes that two targets do not share", nested=THIN
    ),
)


def mediator_task(case: Mediator) -> Task:
    """Sample and preview a posterior of one amplitude; return what its comparison needs."""
    experiments, mass = case.experiments(), case.mass_mev
    spec = bc.ModelSpec.of(experiments, interaction=case.interaction, prior=case.prior)
    engine = Engine(spec, LONG)
    engine.compile(mass)
    start = time.perf_counter()
    fit = engine.fit(mass, seed=seed_of(case.key))
    seconds = time.perf_counter() - start
    data, prior = data_at(engine.spec, engine.tables, mass)
    assert prior is not None
    edges = np.append(fit.quality["low"].values, fit.quality["high"].values[-1])
    places = Places(prior, edges)
    return Task(
        *case.key,
        case.hard,
        experiments=experiments,
        compiled=engine.compiled.with_data(data),
        fit=fit,
        log_evidence=fit_evidence(fit, ModelAtDraws(spec, mass), seed=seed_of(case.key)),
        seconds=seconds,
        names=("coupling",),
        folded=places.folded,
        split=lambda cube: within(places.coordinate(cube), edges).astype(float),
        nested_fit=places.fit,
        cube=lambda draws: {"coupling": places.shares(draws["coupling_coordinate"].values)},
        regions=lambda one: {"band": [(b.low, b.high) for b in bands(one, LEVEL)]},
        limits=lambda one: {limit.side: limit.value for limit in limits(one, LEVEL)},
        unsampled=without_sampling(engine, mass, prior, edges),
        nested=NESTED | dict(case.nested),
    )


@dataclass(frozen=True, eq=False)
class Places:
    """The coordinate of an amplitude as a place in the unit cube, the first of a point.

    Attributes
    ----------
    prior
        Prior of the amplitude, uniform in the coordinate.
    edges
        Ends of the branches that were sampled: of one half alone, where both mean the same.
    """

    prior: CouplingPrior
    edges: Array

    @property
    def width(self) -> float:
        """Length of the range of the coordinate."""
        return self.prior.upper - self.prior.lower

    def coordinate(self, cube: Array) -> Array:
        """Return the coordinate at points, from shape (n, d) to (n,)."""
        return np.asarray(self.prior.lower + self.width * cube[..., 0])

    def shares(self, coordinate: Array) -> Array:
        """Return the place of coordinates, of any shape."""
        return np.asarray((coordinate - self.prior.lower) / self.width)

    def folded(self, cube: Array) -> Array:
        """Return points with those of the other half where it means the same, shape (n, d)."""
        found = cube.copy()
        if self.edges[0] > self.prior.lower:
            found[:, 0] = self.shares(np.abs(self.coordinate(cube)))
        return found

    def fit(self, cube: Array) -> Fit:
        """Return points of equal weight, shape (n, d), as a fit."""
        draws = in_chains(self.prior.product(self.coordinate(cube)))
        return as_fit({"coupling_product": draws}, self.prior)


def within(coordinate: Array, edges: Array) -> NDArray[np.bool_]:
    """Return in which branch coordinates lie, from shape (n,) to (branches, n)."""
    return np.array([(coordinate >= low) & (coordinate < high) for low, high in pairwise(edges)])


def without_sampling(
    engine: Engine, mass_mev: float | None, prior: CouplingPrior, edges: Array
) -> WithoutSampling:
    """Return the preview of a posterior and its integral along the ridge, weights between edges."""
    start = time.perf_counter()
    curve = preview_at(engine, mass_mev)
    seconds = time.perf_counter() - start
    likelihood = likelihood_of(curve)
    # Laplace's integral over the nuisances has a factor that a curve leaves out, and the average of
    # the likelihood over the prior is the evidence.
    laplace = float(likelihood.log_average(likelihood.log_draws, prior)[0])
    laplace += 0.5 * (engine.compiled.size - 1) * math.log(2.0 * math.pi)
    whole = ridge_integral(engine, mass_mev)
    return WithoutSampling(
        preview=_of_curve(curve, laplace, edges),
        integral=_of_curve(whole.curve, whole.log_evidence[0], edges),
        integral_error=whole.log_evidence[1],
        reason=curve.reason,
        seconds=seconds,
    )


def _of_curve(curve: MarginalCurve, log_evidence: float, edges: Array) -> Deterministic:
    fit = posterior_of(curve)
    at = curve.prior.coordinate(fit.posterior["coupling_product"].values)
    inside = np.array([within(piece.ravel(), edges).mean(axis=1) for piece in at])
    sides = (limit.side for limit in limits(fit, LEVEL))
    return Deterministic(
        weights=fit.quality["weight"].values @ inside,
        log_evidence=log_evidence,
        fit=fit,
        limits=dict(zip(sides, limits_of(curve, LEVEL), strict=True)),
    )
