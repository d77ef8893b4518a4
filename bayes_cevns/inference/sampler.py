"""A compiled model, sampled branch by branch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.inference.modes.ridge import Density
from bayes_cevns.inference.one_point import OnePoint
from bayes_cevns.inference.sampling import Sampling
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.inference.target import Evaluated, Target

#: With several starting points, a chain begins within this distance of one of them.
_NEAR = 0.1

#: Number of starting points that are tried; the best of them is used.
_STARTS = 4


class Sampler[Model: Evaluated]:
    """A model, sampled with any values of its data.

    Parameters
    ----------
    target
        The model, and where to begin.

    Attributes
    ----------
    compiled
        The model that is evaluated.
    """

    def __init__(self, target: Target[Model]) -> None:
        self._target = target
        self.compiled = target.model

    def log_density(self, data: Mapping[str, Array], points: Array) -> tuple[Array, Array]:
        """Return the log-density and its gradient at unconstrained points, shape (n, d)."""
        return self._target.with_data(data).log_density(points)

    def density(self, data: Mapping[str, Array]) -> Density:
        """Return the log-density and its gradient as a function of one unconstrained point."""
        return OnePoint(self._target.with_data(data))

    @cached_property
    def starts(self) -> Array:
        """Some points where the sampler may begin, shape (m, d)."""
        return np.array([self._target.start(seed) for seed in range(_STARTS)])

    def begin(
        self,
        data: Mapping[str, Array],
        settings: SamplerSettings,
        *,
        seed: int,
        evidence: bool = False,
        unjudged: Sequence[str] = (),
        log_width: float = 0.0,
        uniform: int = 0,
        starts: Array | None = None,
        nothing: float = -np.inf,
        charted: Callable[[Model], Model] | None = None,
        cores: int | None = None,
    ) -> Sampling[Model]:
        """Begin to sample one branch, in threads of the sampler's own.

        Parameters
        ----------
        data
            New values of the ``pm.Data`` of the model, by name.
        settings
            How to sample.
        seed
            Seed of the random numbers.
        evidence
            Whether to compute the evidence by bridge sampling.
        unjudged
            Variables that the gate ignores.
        log_width
            Logarithm of the prior probability of the branch, up to a constant, where the model does
            not contain it. It is added to the log-evidence.
        uniform
            Number of leading coordinates that are logits of quantities uniform in (0, 1). If there
            are any, the evidence is compared with importance sampling from points spread evenly
            over them (`spread_evidence`).
        starts
            Each chain begins near one of these points, shape (n, d), in all coordinates of the
            sampler; by default at the initial points of the model.
        nothing
            A branch with a lower log-evidence is negligible. It need not pass its gate, provided
            that its two evidences agree.
        charted
            Gives a model coordinates in which it is close to standard normal. Chains then begin
            near their origin, and points of the sampler and `uniform` are in these coordinates.
        cores
            Chains that are sampled at the same time, in place of those of the settings, as long as
            the result is not waited for.
        """
        compiled = self._target.with_data(data)
        start = self._target.start if starts is None else _around(starts)
        if charted is not None:
            compiled = charted(compiled)
            start = _around(np.zeros((1, compiled.size)))
        return Sampling(
            self._target,
            compiled,
            settings,
            seed,
            start,
            straight=charted is not None,
            evidence=evidence,
            unjudged=unjudged,
            log_width=log_width,
            uniform=uniform,
            nothing=nothing,
            cores=settings.cores if cores is None else cores,
        )


def _around(starts: Array) -> Callable[[int], Array]:
    """Return a function that draws where a chain begins.

    With one point, up to one unit from it in each coordinate; with several, close to one of them,
    drawn at random, since they are far apart already.
    """
    reach = 1.0 if len(starts) == 1 else _NEAR

    def draw(seed: int) -> Array:
        rng = np.random.default_rng(seed)
        return np.asarray(rng.choice(starts) + rng.uniform(-reach, reach, starts.shape[1]))

    return draw
