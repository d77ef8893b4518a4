"""Profile likelihood of a coupling without a mediator, over the compiled density of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import pytensor
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize, minimize_scalar

from bayes_cevns.cards import Experiment
from bayes_cevns.density.data import data_at
from bayes_cevns.model import assemble
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import COORDINATE

type Array = NDArray[np.float64]

#: 90% quantiles of chi^2 of one degree of freedom, and of its half at a physical boundary.
TWO_SIDED, ONE_SIDED = 2.706, 1.642


class Profile:
    """-2 ln L of a coupling with all nuisances and their constraints maximised.

    Parameters
    ----------
    experiments
        What is fitted together.
    interaction
        One without a mediator and without an observable sign.
    nuisance_priors
        Alternative constraints by nuisance.
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        interaction: str,
        nuisance_priors: Mapping[str, str] | None = None,
    ) -> None:
        self.spec = ModelSpec.of(
            experiments, interaction=interaction, nuisance_priors=nuisance_priors
        )
        tables = self.spec.tables()
        self.model = assemble(self.spec, tables, None)
        _, prior = data_at(self.spec, tables, None)
        assert prior is not None
        assert not prior.signed
        self.prior = prior
        density = self.model.logp(jacobian=False)
        gradient = pytensor.grad(density, self.model.value_vars)
        self._function = self.model.compile_fn([density, *gradient], inputs=self.model.value_vars)
        self._names = [var.name for var in self.model.value_vars]
        (self._coupling,) = [name for name in self._names if name.startswith(COORDINATE)]
        self._shapes = {
            name: np.shape(value)
            for name, value in self.model.initial_point().items()
            if name != self._coupling
        }
        start = self.model.initial_point()
        self._first = np.concatenate([np.ravel(start[name]) for name in self._shapes])
        self._last = self._first

    def _point(self, nuisances: Array, x: float) -> dict[str, Array]:
        share = (self.prior.coordinate(x) - self.prior.lower) / (
            self.prior.upper - self.prior.lower
        )
        point, begin = {self._coupling: np.asarray(np.log(share / (1.0 - share)))}, 0
        for name, shape in self._shapes.items():
            size = int(np.prod(shape))
            point[name] = nuisances[begin : begin + size].reshape(shape)
            begin += size
        return point

    def _objective(self, nuisances: Array, x: float) -> tuple[float, Array]:
        value, *gradient = self._function(self._point(nuisances, x))
        by_name = dict(zip(self._names, gradient, strict=True))
        flat = np.concatenate([np.ravel(by_name[name]) for name in self._shapes])
        return -2.0 * float(value), -2.0 * flat

    def __call__(self, x: float) -> float:
        """Return -2 ln L at its least over the nuisances."""
        # A free background that has come to its bound has no gradient there: begin anew as well.
        tried = [
            minimize(self._objective, start, args=(x,), jac=True, method="BFGS")
            for start in (self._first, self._last)
        ]
        found = min(tried, key=lambda each: float(each.fun))
        self._last = found.x
        return float(found.fun)

    @cached_property
    def best(self) -> tuple[float, float]:
        """The best coupling >= 0 and -2 ln L there; the signal is its square."""
        end = (0.7 * self.scale) ** 2
        found = minimize_scalar(
            lambda share: self(float(np.sqrt(share * end))),
            bounds=(0.0, 1.0),
            method="bounded",
            options={"xatol": 1e-4},
        )
        inside = float(np.sqrt(found.x * end)), float(found.fun)
        return min(inside, (0.0, self(0.0)), key=lambda pair: pair[1])

    @cached_property
    def scale(self) -> float:
        """A coupling that is certainly excluded: that at which -2 ln L is 50 above zero."""
        floor, x = self(0.0), 1e-12
        while self(x) - floor < 50.0:
            x *= 1.5
        return x

    def upper_limit(self, threshold: float = TWO_SIDED) -> float:
        """Return the coupling above the best at which -2 ln L has risen by a threshold."""
        x, least = self.best
        found = brentq(lambda y: self(y) - least - threshold, x, self.scale, xtol=1e-15)
        return float(found)
