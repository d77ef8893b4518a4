"""Posteriors of non-standard interactions: branch by branch, weighed by their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import pymc as pm
from numpy.typing import NDArray

from bayes_cevns.couplings.slab import Slab
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.branch import Branch, join
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.sampler import Sampler
from bayes_cevns.inference.settings import SamplerSettings, branch_seed
from bayes_cevns.nsi.branches import NominalSignal, find_branches
from bayes_cevns.nsi.model import COORDINATES, VALUES, slab_data, slab_model
from bayes_cevns.nsi.specification import NsiSpec
from bayes_cevns.nsi.table import NsiTable

type Array = NDArray[np.float64]

#: Couplings at a wall of the box are taken this far inside of it, as a share of its width.
_INSIDE = 1e-9


class NsiEngine:
    """Samples the posterior of any couplings of a specification, a fixed number at a time.

    Parameters
    ----------
    spec
        What to fit. Bins without events are merged, which leaves the posterior as it is.
    count
        How many couplings are free in a fit; all of those of the specification by default.
    settings
        How to sample.

    Notes
    -----
    The model is compiled at the first fit; which couplings are free, and where, is data.
    """

    def __init__(
        self, spec: NsiSpec, *, count: int | None = None, settings: SamplerSettings | None = None
    ) -> None:
        self.spec = spec
        self.count = len(spec.parameters) if count is None else count
        self.settings = SamplerSettings.of(settings)
        if not 1 <= self.count <= len(spec.parameters):
            raise ArgumentError(
                f"expected 1 to {len(spec.parameters)} free couplings, got {self.count}"
            )

    @cached_property
    def tables(self) -> tuple[NsiTable, ...]:
        """The tables of the experiments."""
        return self.spec.tables(merged=True)

    def check(self) -> None:
        """Raise the error that data or tables would raise, before a folder is made.

        Raises
        ------
        ImpossibleDataError
            If there are events where the model expects none at any of its parameters.
        ArgumentError, TableError, UnknownNameError
            If a table cannot be made.
        """
        _ = self.tables

    @cached_property
    def _model(self) -> pm.Model:
        some = self.spec.with_free(self.spec.parameters[: self.count])
        return slab_model(some, self.tables, some.box)

    @cached_property
    def sampler(self) -> Sampler:
        """The compiled model."""
        return Sampler(self._model, spread_out=True)

    def free(self, parameters: Sequence[str] | None = None) -> NsiSpec:
        """Return the specification with some couplings free, as many as a fit has.

        Raises
        ------
        ArgumentError
            If they are more or less.
        """
        names = self.spec.parameters if parameters is None else tuple(parameters)
        if len(names) != self.count:
            raise ArgumentError(
                f"this engine has {self.count} free couplings, got {', '.join(names)}"
            )
        return self.spec.with_free(names)

    def nominal_log_likelihood(self, spec: NsiSpec, couplings: Array) -> Array:
        """Return the log-density at nominal nuisances, up to a constant, from (n, k) to (n,)."""
        box = spec.box
        numbers, order = box.numbers, box.order
        share = (np.asarray(couplings)[:, order] - numbers[0]) / numbers[1]
        share = np.clip(share, _INSIDE, 1.0 - _INSIDE)
        start = self._model.initial_point()
        nuisances = [np.ravel(v) for k, v in start.items() if not k.startswith(COORDINATES)]
        rest = np.tile(np.concatenate(nuisances), (len(share), 1))
        points = np.concatenate([np.log(share) - np.log1p(-share), rest], axis=1)
        jacobian = (np.log(share) + np.log1p(-share)).sum(axis=1)
        density, _ = self.sampler.log_density(slab_data(spec.parameters, box), points)
        return np.asarray(density - jacobian)

    def branches(self, parameters: Sequence[str] | None = None) -> tuple[Slab, ...]:
        """Return the branches of the posterior of some couplings."""
        spec = self.free(parameters)
        signal = NominalSignal(spec, self.tables)
        return find_branches(signal, lambda at: self.nominal_log_likelihood(spec, at))

    def fit(
        self,
        parameters: Sequence[str] | None = None,
        *,
        seed: int,
        branches: Sequence[Slab] | None = None,
    ) -> Fit:
        """Sample the posterior of some couplings, the others zero.

        Parameters
        ----------
        parameters
            Names of the free couplings, as many as `count`.
        seed
            Seed of the random numbers.
        branches
            Parts of the box to sample apart, in place of those that `branches` finds.

        Returns
        -------
        Fit
            Whether it passed its gate or not. `quality` has the planes between the branches as
            well: ``normal``, and ``low`` and ``high`` along it.
        """
        spec = self.free(parameters)
        slabs = tuple(branches) if branches is not None else self.branches(parameters)
        sampled = [
            _named(
                self.sampler.sample(
                    slab_data(spec.parameters, slab),
                    self.settings,
                    seed=branch_seed(seed, number),
                    evidence=True,
                    unjudged=(COORDINATES,),
                    uniform=self.count,
                ),
                [spec.parameters[i] for i in slab.order],
                spec.parameters,
            )
            for number, slab in enumerate(slabs)
        ]
        fit = join(None, sampled)
        quality = fit.quality.assign_coords(parameter=list(spec.parameters)).assign(
            normal=(("branch", "parameter"), np.array([s.normal for s in slabs])),
            low=("branch", np.array([s.low for s in slabs])),
            high=("branch", np.array([s.high for s in slabs])),
        )
        return replace(fit, quality=quality)


def _named(branch: Branch, placed: Sequence[str], names: Sequence[str]) -> Branch:
    """Return a branch with each coupling under its name, in place of the vector of them."""
    values = branch.draws[VALUES]
    (dim,) = set(values.dims) - {"chain", "draw"}
    couplings = {
        name: values.isel({dim: placed.index(name)}, drop=True).rename(name) for name in names
    }
    rest = branch.draws.drop_vars([COORDINATES, VALUES])
    rest = rest.drop_vars([c for c in rest.coords if str(c).startswith("nsi_")])
    return replace(branch, draws=rest.assign(couplings)[[*names, *rest.data_vars]])
