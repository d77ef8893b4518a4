"""A posterior that is being sampled, branch by branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.inference.modes.branch import PLACES, Branch, Part, flipped, join, named
from bayes_cevns.inference.sampler import Sampler
from bayes_cevns.inference.sampling import Sampling
from bayes_cevns.inference.settings import SamplerSettings, branch_seed
from bayes_cevns.specification.variables import COORDINATE, COORDINATES, COUPLING
from bayes_cevns.summary.fit import Fit

#: A branch of several couplings is negligible if its log-evidence is lower than the largest one by
#: this: e^-7 = 0.1%.
_NOTHING = -7.0


class Fitting:
    """A fit whose highest branch is sampled from when this is made, in threads of the sampler's.

    What asks for one fit after the other begins the next one before it works on the last.

    Parameters
    ----------
    sampler, settings, seed
        What samples, and how.
    data
        Data of the model that all branches have.
    parts
        The branches.
    prior
        Prior of the coupling, if there is one.
    box
        Prior of the couplings that are free, if there are several.
    cores
        Chains that are sampled at the same time as long as nobody waits for them; those of the
        settings by default.
    """

    def __init__(
        self,
        sampler: Sampler[CompiledModel],
        settings: SamplerSettings,
        seed: int,
        data: Mapping[str, Array],
        parts: Sequence[Part],
        prior: CouplingPrior | None,
        box: BoxPrior | None,
        cores: int | None,
    ) -> None:
        self._sampler, self._settings, self._seed = sampler, settings, seed
        self._parts, self._box = parts, box
        self.data, self.prior = data, prior
        self._order = sorted(range(len(parts)), key=lambda number: -parts[number].height)
        self._running = self._begun(self._order[0], -np.inf, cores)

    def stop(self) -> None:
        """Stop, for a fit that is not wanted any more."""
        self._running.stop()

    def result(self) -> Fit:
        """Return the fit, as `bayes_cevns.inference.engine.Engine.fit` does."""
        return self._fit

    @cached_property
    def _fit(self) -> Fit:
        """All branches, weighed by their evidence."""
        found: dict[int, Branch] = {}
        most = -np.inf
        for number in self._order:
            if found:
                self._running = self._begun(number, most)
            found[number] = self._running.result()
            most = max(most, found[number].evidence.best[0])
        sampled = [found[number] for number in range(len(self._parts))]
        if self._box is not None:
            names = self._box.names
            sampled = [
                flipped(named(branch, [names[i] for i in part.order], names), part.flips)
                for branch, part in zip(sampled, self._parts, strict=True)
            ]
        fit = join(self.prior, sampled)
        quality = fit.quality
        if self._box is not None:
            quality = quality.assign_coords(parameter=list(self._box.names))
        places = {
            name: (("branch", *dims), np.array([part.place[name] for part in self._parts]))
            for name, dims in PLACES.items()
            if name in self._parts[0].place
        }
        return replace(fit, quality=quality.assign(places), box=self._box)

    def _begun(self, number: int, most: float, cores: int | None = None) -> Sampling[CompiledModel]:
        """Begin to sample a branch; `most` is the largest log-evidence of those before it."""
        part, box = self._parts[number], self._box
        return self._sampler.begin(
            {**self.data, **part.data},
            self._settings,
            seed=branch_seed(self._seed, number),
            evidence=len(self._parts) > 1 or box is not None,
            unjudged=(COORDINATE, COUPLING, COORDINATES),
            log_width=part.log_width,
            uniform=0 if box is None else len(box.names),
            starts=part.starts,
            nothing=-np.inf if box is None else most + _NOTHING,
            charted=part.charted,
            cores=cores,
        )
