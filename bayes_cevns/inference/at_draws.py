"""A model at given draws of its parameters: expected counts in every bin, and priors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.mixing import SIN2_THETA12
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.box import BoxPrior, box_prior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.data import data_at
from bayes_cevns.density.describe import joint, joint_of_box
from bayes_cevns.density.writer import arrays_of
from bayes_cevns.inference.modes.octants import is_dark
from bayes_cevns.inference.profile.parameters import Parameter, nuisance_parameters
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import COORDINATE, COUPLING, PRODUCT
from bayes_cevns.summary.cross_validation import log_likelihood

#: Expected counts at most that are made at once, draws times bins of all experiments: 0.8 GB.
MOST_NUMBERS = 100_000_000


class ModelAtDraws:
    """Expected counts of a model at draws of its parameters, without gradients.

    A point is one vector: the coordinate of the coupling, if there is one, or several couplings
    themselves; then the nuisances, run by run where each run has its own. Arrays of points have the
    shape (..., parameters).

    Parameters
    ----------
    spec
        The model, with empty bins merged or not.
    mass_mev
        Mediator mass to begin with, if the interaction has one.
    tables
        Rate tables of the experiments, if they are there already.

    Attributes
    ----------
    tables
        Rate tables of the experiments.
    prior
        Prior of the coupling; ``None`` for the Standard Model and for several couplings.
    box
        Prior of several couplings.
    """

    def __init__(
        self,
        spec: ModelSpec,
        mass_mev: float | None = None,
        *,
        tables: tuple[RateTable, ...] | None = None,
    ) -> None:
        self.spec = spec
        self.tables = spec.tables() if tables is None else tables
        self.prior: CouplingPrior | None = None
        self.box: BoxPrior | None = None
        if spec.couplings is not None:
            self.box = box_prior(spec.couplings, of_couplings(self.tables), spec.bounds)
            parts = joint_of_box(self.spec, self.tables, self.box)
        else:
            parts = joint(self.spec, self.tables, mass_mev)
        self._model = CompiledModel(arrays_of(parts, natural=True))
        self._shapes = [counts.shape for counts in parts.counts]
        self._nuisances = nuisance_parameters(self.spec)
        couplings = () if self.box is None else self.box.names
        if spec.interaction is not None:
            couplings = (COORDINATE,)
        nuisances = {name: len(several) for name, several in self._nuisances.items()}
        self._sizes = dict.fromkeys(couplings, 1) | nuisances
        if self.box is None:
            self.move_to(mass_mev)

    def move_to(self, mass_mev: float | None) -> None:
        """Swap the rate tables and the coupling prior for those at another mediator mass."""
        self.take(*data_at(self.spec, self.tables, mass_mev))

    def take(self, data: Mapping[str, Array], prior: CouplingPrior | None) -> None:
        """Swap them for what `bayes_cevns.density.data.data_at` has made of the same tables."""
        self.prior = prior
        self._model = self._model.with_data(data)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of a point, in order."""
        nuisances = [p for several in self._nuisances.values() for p in several]
        bounds = {} if self.box is None else self.box.bounds
        if self.prior is not None:
            bounds = {COORDINATE: (self.prior.lower, self.prior.upper)}
        couplings = [
            Parameter(name, low, high, 0.5 * (low + high), 0.5 * (low + high))
            for name, (low, high) in bounds.items()
        ]
        return (*couplings, *nuisances)

    def points(self, draws: xr.Dataset) -> Array:
        """Return draws with dims (chain, draw, ...) as points, shape (chain, draw, parameters)."""
        columns = [draws[name].transpose("chain", "draw", ...).values for name in self._sizes]
        return np.concatenate([c.reshape(*c.shape[:2], -1) for c in columns], axis=-1)

    def expected(self, points: Array) -> tuple[Array, ...]:
        """Return the expected counts of each experiment, shape (..., run, bin).

        Shape (..., merged bin) where bins are merged.
        """
        _, _, counts = self._model.counts(points)
        ends = np.cumsum([math.prod(shape) for shape in self._shapes])[:-1]
        each = zip(np.split(counts, ends, axis=-1), self._shapes, strict=True)
        return tuple(found.reshape(*points.shape[:-1], *shape) for found, shape in each)

    def log_likelihood(self, points: Array) -> Array:
        """Return the log-likelihood of all counts as it is sampled, shape (...,)."""
        return self._in_pieces(lambda piece: self._model.counts(piece)[1], points)

    def log_probability(self, points: Array) -> Array:
        """Return the logarithm of the probability of the counts in all bins, shape (...,)."""
        experiments = self.spec.experiments

        def of_piece(piece: Array) -> Array:
            logs = log_likelihood(experiments, self.expected(piece[None]))[0]
            return np.asarray(logs.sum(axis=-1))

        return self._in_pieces(of_piece, points)

    def _in_pieces(self, function: Callable[[Array], Array], points: Array) -> Array:
        """Return a function of each point, of as many at once as have no more than `MOST_NUMBERS`.

        From shape (n, parameters) to (n,), for points of shape (..., parameters).
        """
        flat = points.reshape(-1, points.shape[-1])
        number = -(-flat.shape[0] * bins_of(self.spec.experiments) // MOST_NUMBERS)
        found = [function(piece) for piece in np.array_split(flat, max(number, 1))]
        return np.concatenate(found).reshape(points.shape[:-1])

    def prior_draws(self, like: xr.Dataset, number: int, *, seed: int) -> xr.Dataset:
        """Return draws from the prior, dims (chain, draw, ...), one chain.

        Parameters
        ----------
        like
            Draws with dims (chain, draw, ...), as of `Fit.draws`: which variables there are.
        number, seed
            Number of draws, and seed of their random numbers.
        """
        random = np.random.default_rng(seed)
        points = np.stack([p.drawn(random, number) for p in self.parameters], axis=-1)
        ends = np.cumsum(list(self._sizes.values()))[:-1]
        found = dict(zip(self._sizes, np.split(points, ends, axis=-1), strict=True))
        if self.prior is not None:
            found[PRODUCT] = self.prior.product(found[COORDINATE])
            found[COUPLING] = np.abs(self.prior.quoted(found[PRODUCT]))
        if SIN2_THETA12 in found and self.spec.couplings is not None:
            dark = is_dark(self.spec.couplings, number)[:, None]
            found[SIN2_THETA12] = np.where(dark, 1.0 - found[SIN2_THETA12], found[SIN2_THETA12])
        variables = {}
        for name, values in found.items():
            own = [dim for dim in like[name].dims if dim not in ("chain", "draw")]
            shape = (1, number, *(like.sizes[dim] for dim in own))
            variables[name] = (("chain", "draw", *own), values.reshape(shape))
        used = {name: c for name, c in like.coords.items() if not {"chain", "draw"} & {*c.dims}}
        coords = {"chain": [0], "draw": np.arange(number)}
        return xr.Dataset(variables, coords={**used, **coords})

    def log_prior(self, points: Array) -> Array:
        """Return the log-density of the prior of each parameter, shape (..., parameters)."""
        columns = [p.log_density(points[..., i]) for i, p in enumerate(self.parameters)]
        return np.stack(columns, axis=-1)


def as_many_as_fit(draws: xr.Dataset, experiments: Sequence[Experiment]) -> xr.Dataset:
    """Return the draws, or those of them whose expected counts are no more than `MOST_NUMBERS`."""
    return thinned(draws, MOST_NUMBERS // max(bins_of(experiments), 1))


def bins_of(experiments: Sequence[Experiment]) -> int:
    """Return how many bins the runs of some experiments have together."""
    return sum(one.observed.size for one in experiments)


def thinned(draws: xr.Dataset, number: int) -> xr.Dataset:
    """Return about this many draws, at even distances in every chain."""
    each = max(1, min(draws.sizes["draw"], number // draws.sizes["chain"]))
    return draws.isel(draw=np.linspace(0, draws.sizes["draw"] - 1, each).astype(int))
