"""Minima of a likelihood. The only module that knows iminuit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from iminuit import Minuit
from numpy.typing import NDArray

from bayes_cevns.display import Displayed
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.inference.likelihood import Likelihood

type Array = NDArray[np.float64]

#: -ln L is found to 1e-5 (0.002 x tolerance x 0.5): twice that in the test statistic.
_TOLERANCE = 0.01
#: What is still accepted of a fit that Minuit calls invalid, as it does at rounding errors.
_ACCEPTED = 1e-3
_STRATEGIES = (0, 1, 2)
_CALLS = 10_000
#: What stands for infinity: MIGRAD goes back from there, but not from infinity itself.
_FAR = 1e10


@dataclass(frozen=True, eq=False, repr=False)
class Minimum(Displayed):
    """Where -ln L is least, and its value there.

    Attributes
    ----------
    point
        One value for each parameter.
    value
        -ln L.
    """

    point: Array
    value: float


def minimise(
    likelihood: Likelihood, start: Array, fixed: Mapping[int, float] | None = None
) -> Minimum:
    """Return the minimum of -ln L that MIGRAD reaches from a point.

    Parameters
    ----------
    likelihood
        What to minimise, with its gradient.
    start
        One value for each parameter.
    fixed
        Parameters that are held: place -> value.

    Raises
    ------
    ConvergenceError
        If MIGRAD does not converge.
    """
    begin = np.clip(start, *np.transpose([(p.lower, p.upper) for p in likelihood.parameters]))
    for place, value in (fixed or {}).items():
        begin[place] = value
    if len(fixed or {}) == begin.size:
        return Minimum(begin, likelihood(begin)[0])
    calls = _Calls(likelihood)
    names = [p.name for p in likelihood.parameters]
    minuit = Minuit(calls.value, begin, grad=calls.gradient, name=names)
    minuit.errordef = Minuit.LIKELIHOOD
    minuit.tol = _TOLERANCE
    minuit.print_level = 0
    minuit.errors[:] = [p.step for p in likelihood.parameters]
    minuit.limits[:] = [(p.lower, p.upper) for p in likelihood.parameters]
    for place in fixed or {}:
        minuit.fixed[place] = True
    for strategy in _STRATEGIES:
        minuit.strategy = strategy
        minuit.migrad(ncall=_CALLS)
        if minuit.valid:
            break
    if not minuit.valid and not minuit.fmin.edm < _ACCEPTED:
        held = ", ".join(f"{names[i]} = {v:.4g}" for i, v in (fixed or {}).items())
        raise ConvergenceError(
            f"the likelihood has no minimum that MIGRAD finds ({held or 'all parameters free'}; "
            f"distance {minuit.fmin.edm:.2g}): another interaction, mass or constraint may do"
        )
    return Minimum(np.array(minuit.values), float(minuit.fval))


def deepest(
    likelihood: Likelihood, starts: Iterable[Array], fixed: Mapping[int, float] | None = None
) -> Minimum:
    """Return the least of the minima that are reached from several points."""
    return min((minimise(likelihood, s, fixed) for s in starts), key=lambda found: found.value)


class _Calls:
    """A function and its gradient as Minuit asks for them, one by one, computed together."""

    def __init__(self, likelihood: Likelihood) -> None:
        self._likelihood = likelihood
        self._point = np.empty(0)
        self._result = (0.0, np.empty(0))

    def _at(self, point: Array) -> tuple[float, Array]:
        if not np.array_equal(point, self._point):
            self._point, self._result = np.array(point), self._likelihood(point)
        return self._result

    def value(self, point: Array) -> float:
        """Return the function, finite."""
        return min(self._at(point)[0], _FAR)

    def gradient(self, point: Array) -> Array:
        """Return its gradient."""
        return self._at(point)[1]
