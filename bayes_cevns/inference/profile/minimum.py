"""Minima of a likelihood. The only module that knows iminuit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from iminuit import Minuit

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.inference.profile.likelihood import Likelihood

#: -ln L is found to 1e-5 (0.002 x tolerance x 0.5): twice that in the test statistic.
_TOLERANCE = 0.01
#: Estimated distance to the minimum up to which a fit is accepted that Minuit calls invalid, as it
#: does when rounding errors stop it.
_ACCEPTED = 1e-3
_STRATEGIES = (0, 1, 2)
_CALLS = 10_000
#: MIGRAD steps back from a high value, but not from infinity. During a fit, an impossible point
#: therefore has the value at the start plus this, or twice that value if it is larger. No result is
#: made of this number.
_WORSE = 1e10


@dataclass(frozen=True, eq=False, repr=False)
class Minimum(Displayed):
    """A minimum of -ln L, and its value there.

    Attributes
    ----------
    point
        One value for each parameter.
    value
        -ln L; infinite if the data are impossible at all starting points.
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
        One value for each parameter. If the data are impossible there, such as events in a bin
        whose only background is zero, the fit begins elsewhere (`_possible`).
    fixed
        Parameters that are held: place -> value.

    Returns
    -------
    Minimum
        If the data are impossible at the held parameters, its value is infinite and its point is
        the start of the fit.

    Raises
    ------
    ConvergenceError
        If MIGRAD does not converge.
    """
    held = dict(fixed or {})
    begin, first = _possible(likelihood, start, held)
    if len(held) == begin.size or not np.isfinite(first):
        return Minimum(begin, first)
    calls = _Calls(likelihood, first)
    names = [p.name for p in likelihood.parameters]
    minuit = Minuit(calls.value, begin, grad=calls.gradient, name=names)
    minuit.errordef = Minuit.LIKELIHOOD
    minuit.tol = _TOLERANCE
    minuit.print_level = 0
    minuit.errors[:] = [p.step for p in likelihood.parameters]
    minuit.limits[:] = [(p.lower, p.upper) for p in likelihood.parameters]
    for place in held:
        minuit.fixed[place] = True
    for strategy in _STRATEGIES:
        minuit.strategy = strategy
        minuit.migrad(ncall=_CALLS)
        if minuit.valid:
            break
    point = np.array(minuit.values)
    value = likelihood(point)[0]
    reached = minuit.valid or minuit.fmin.edm < _ACCEPTED
    if not (reached and np.isfinite(value)):
        where = ", ".join(f"{names[i]} = {v:.4g}" for i, v in held.items())
        raise ConvergenceError(
            f"the likelihood has no minimum that MIGRAD finds ({where or 'all parameters free'}; "
            f"distance {minuit.fmin.edm:.2g}): another interaction, mass or constraint may do"
        )
    return Minimum(point, value)


def _possible(
    likelihood: Likelihood, start: Array, held: Mapping[int, float]
) -> tuple[Array, float]:
    """Return a point where the data are possible, the start if it is one, and -ln L there.

    Tried after the start: the nominal parameters, and these one step inside their range.
    """
    lower, upper = np.transpose([(p.lower, p.upper) for p in likelihood.parameters])
    step = np.minimum([p.step for p in likelihood.parameters], 0.5 * (upper - lower))
    nominal = likelihood.nominal
    points = [start, nominal, np.clip(nominal, lower + step, upper - step)]
    found = []
    for point in points:
        begin = np.clip(point, lower, upper)
        begin[list(held)] = list(held.values())
        found.append((begin, likelihood(begin)[0]))
        if np.isfinite(found[-1][1]):
            return found[-1]
    return found[0]


def deepest(
    likelihood: Likelihood, starts: Iterable[Array], fixed: Mapping[int, float] | None = None
) -> Minimum:
    """Return the lowest of the minima that are reached from several points."""
    return min((minimise(likelihood, s, fixed) for s in starts), key=lambda found: found.value)


class _Calls:
    """A function and its gradient, computed together, for Minuit, which asks for each alone."""

    def __init__(self, likelihood: Likelihood, first: float) -> None:
        self._likelihood = likelihood
        self._far = first + max(_WORSE, abs(first))
        self._point = np.empty(0)
        self._result = (0.0, np.empty(0))

    def _at(self, point: Array) -> tuple[float, Array]:
        if not np.array_equal(point, self._point):
            self._point, self._result = np.array(point), self._likelihood(point)
        return self._result

    def value(self, point: Array) -> float:
        """Return the function, and a high value where it is infinite."""
        value = self._at(point)[0]
        return value if np.isfinite(value) else self._far

    def gradient(self, point: Array) -> Array:
        """Return its gradient."""
        return self._at(point)[1]
