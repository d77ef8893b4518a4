"""The profile likelihood of one parameter, and the region where it is below a threshold."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import bisect, brentq

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.ends import CROSSING, End, Ends
from bayes_cevns.errors import ImpossibleDataError, UnknownNameError
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.inference.profile.minimum import Minimum, deepest, minimise
from bayes_cevns.inference.profile.parameters import Parameter
from bayes_cevns.specification.variables import PRODUCT

#: The grid of the curve: number of even points over the range; and, around places where there may
#: be narrow minima, the least distance (as a share of the range) and number of geometric steps.
_EVEN, _FINEST, _DISTANCES = 21, 1e-3, 25
#: Half the width of the scan of a parameter without bounds, in standard deviations; it is doubled
#: until -2 ln L has risen enough.
_SIGMAS, _DOUBLINGS = 8.0, 10
#: Precision of the ends of a region, relative to the distance of the points around them.
_PRECISION = 1e-5


class ProfileCurve:
    """-2 ln L as a function of one parameter, minimised over all others.

    Parameters
    ----------
    likelihood
        The likelihood, at its mass.
    parameter
        Name of the parameter.
    reach
        The curve extends, within the bounds of the parameter, until -2 ln L is this far above its
        minimum.

    Attributes
    ----------
    place
        Place of the parameter among those of the likelihood.
    points
        Fits of the other parameters, in increasing order of this one.
    minima
        Those of them that are local minima, in the same order.

    Notes
    -----
    Each point is fitted from the result of its neighbour, once upwards and once downwards along the
    grid. Where the nuisances have two minima, the curve has the lower one. If the parameter is a
    nuisance and the coupling has two modes, this is done from either mode. Then the local minima of
    the curve are fitted with the parameter free, and added to the points.

    Raises
    ------
    ImpossibleDataError
        If the data are impossible at every point.
    """

    def __init__(self, likelihood: Likelihood, parameter: str, *, reach: float) -> None:
        self.likelihood = likelihood
        self.place = find_parameter(likelihood, parameter)
        is_coupling = likelihood.parameters[self.place].name == PRODUCT
        self._starts = [likelihood.nominal] if is_coupling else starts(likelihood)
        self._grid(reach)
        if not np.any(np.isfinite(self.heights)):
            raise ImpossibleDataError(
                f"{_names(likelihood)}: observed counts are impossible at every value of "
                f"{parameter} from {self.values[0]:.4g} to {self.values[-1]:.4g}, expected a "
                "likelihood above zero: correct the data, or the ranges of the nuisances"
            )
        self._add_minima()

    @property
    def values(self) -> Array:
        """Values of the parameter, shape (n,)."""
        return np.array([found.point[self.place] for found in self.points])

    @property
    def heights(self) -> Array:
        """-2 ln L at the points, infinite where the data are impossible, shape (n,)."""
        return np.array([2 * found.value for found in self.points])

    @property
    def best(self) -> Minimum:
        """The best fit."""
        return min(self.points, key=lambda found: found.value)

    @property
    def ends(self) -> Ends:
        """Of which kind the first and last points are: ends of a range, or physical."""
        parameter = self.likelihood.parameters[self.place]
        first, last = float(self.values[0]), float(self.values[-1])
        scanned = (End("range", parameter.name, value) for value in (first, last))
        low, high = scanned
        if parameter.name == PRODUCT or first == parameter.lower:
            low = parameter.ends.low
        if parameter.name == PRODUCT or last == parameter.upper:
            high = parameter.ends.high
        return Ends(low, high)

    def ends_of(self, low: float, high: float) -> Ends:
        """Return of which kind the ends of an interval are: crossings, or ends of the range."""
        first, last = float(self.values[0]), float(self.values[-1])
        return Ends(
            self.ends.low if low == first else CROSSING,
            self.ends.high if high == last else CROSSING,
        )

    def fit(self, value: float, near: Minimum | None = None) -> Minimum:
        """Fit all other parameters, from a point nearby or from all starting points."""
        begin = self._starts if near is None else [near.point]
        return deepest(self.likelihood, begin, {self.place: value})

    def below(
        self,
        critical: Callable[[float], float],
        least: float,
        low: float = -np.inf,
        high: float = np.inf,
    ) -> list[tuple[float, float]]:
        """Return the intervals in which -2 ln L is at most a critical value above a minimum.

        Parameters
        ----------
        critical
            Value of the parameter -> critical value.
        least
            The minimum of -2 ln L that it is compared with.
        low, high
            Only the points between these count.

        Returns
        -------
        list of tuple
            Ends of intervals, in increasing order.
        """

        def threshold(value: float) -> float:
            return least + critical(value)

        points = [p for p in self.points if low <= p.point[self.place] <= high]
        values = [float(p.point[self.place]) for p in points]
        above = [2 * p.value - threshold(v) for p, v in zip(points, values, strict=True)]
        found: list[tuple[float, float]] = []
        begin = values[0] if above[0] <= 0 else None
        for i in range(len(points) - 1):
            if (above[i] <= 0) == (above[i + 1] <= 0):
                continue
            end = self._crossing(points[i], points[i + 1], threshold)
            if begin is None:
                begin = end
            else:
                found.append((begin, end))
                begin = None
        return found if begin is None else [*found, (begin, values[-1])]

    def _crossing(
        self, left: Minimum, right: Minimum, threshold: Callable[[float], float]
    ) -> float:
        """Return where the curve crosses the threshold between two points."""
        ends = [float(p.point[self.place]) for p in (left, right)]

        def above(value: float) -> float:
            if value in ends:
                known = (left, right)[ends.index(value)]
                return 2 * known.value - threshold(value)
            found = min((self.fit(value, p) for p in (left, right)), key=lambda m: m.value)
            return 2 * found.value - threshold(value)

        precision = _PRECISION * (ends[1] - ends[0])
        # If the data are impossible at one end, -2 ln L is infinite there: bisect.
        find = brentq if all(np.isfinite(above(end)) for end in ends) else bisect
        return float(find(above, ends[0], ends[1], xtol=precision))

    def _grid(self, reach: float) -> None:
        parameter = self.likelihood.parameters[self.place]
        if parameter.name == PRODUCT and self.likelihood.prior is not None:
            self.points = self._sweep(_coupling_grid(self.likelihood.prior))
            return
        width = _SIGMAS * parameter.step
        for _ in range(_DOUBLINGS):
            low, high = _range(parameter, width)
            self.points = self._sweep(np.linspace(low, high, 2 * _EVEN))
            heights = self.heights
            enough = heights - heights.min() > reach
            done = enough[0] or low == parameter.lower, enough[-1] or high == parameter.upper
            if all(done):
                return
            width *= 2

    def _sweep(self, grid: Array) -> list[Minimum]:
        best: dict[float, Minimum] = {}
        for values in (grid, grid[::-1]):
            for start in self._starts:
                point = start
                for value in map(float, values):
                    found = minimise(self.likelihood, point, {self.place: value})
                    point = found.point
                    if value not in best or found.value < best[value].value:
                        best[value] = found
        return [best[value] for value in sorted(best)]

    def _add_minima(self) -> None:
        heights = np.concatenate([[np.inf], self.heights, [np.inf]])
        lowest = (heights[1:-1] <= heights[:-2]) & (heights[1:-1] <= heights[2:])
        lowest &= np.isfinite(self.heights)
        grid = self.values
        known = {float(value): p for value, p in zip(grid, self.points, strict=True)}
        minima: dict[float, Minimum] = {}
        for i in np.flatnonzero(lowest):
            found = minimise(self.likelihood, self.points[i].point)
            value = float(found.point[self.place])
            left, right = grid[max(int(i) - 1, 0)], grid[min(int(i) + 1, grid.size - 1)]
            if not left <= value <= right or found.value >= self.points[i].value:
                found, value = self.points[i], float(grid[i])
            minima[value] = found
        self.minima = tuple(minima[value] for value in sorted(minima))
        known |= minima
        self.points = [known[value] for value in sorted(known)]


def _names(likelihood: Likelihood) -> str:
    return " + ".join(experiment.name for experiment in likelihood.spec.experiments)


def find_parameter(likelihood: Likelihood, name: str) -> int:
    """Return the place of a parameter.

    Raises
    ------
    UnknownNameError
        If the likelihood has none of that name.
    """
    names = [p.name for p in likelihood.parameters]
    if name not in names:
        raise UnknownNameError("parameter", name, names)
    return names.index(name)


def starts(likelihood: Likelihood) -> list[Array]:
    """Return starting points: nominal, and its mirror image if the coupling has two modes."""
    begin = [likelihood.nominal]
    if likelihood.prior is not None and likelihood.prior.split is not None:
        place = find_parameter(likelihood, PRODUCT)
        mirror = likelihood.nominal
        mirror[place] = 2 * likelihood.prior.split - mirror[place]
        begin.append(mirror)
    return begin


def _coupling_grid(prior: CouplingPrior) -> Array:
    """Return a grid of x that is fine around the Standard Model and its mirror image."""
    low, high = prior.lowest, prior.upper
    steps = np.geomspace(_FINEST, 1.0, _DISTANCES) * max(abs(low), abs(high))
    centres = [0.0] if prior.split is None else [0.0, 2 * prior.split]
    around = [centre + side * steps for centre in centres for side in (-1, 1)]
    grid = np.concatenate([np.linspace(low, high, _EVEN), centres, *around])
    grid = np.sort(grid[(grid >= low) & (grid <= high)])
    apart = np.diff(grid) > 1e-3 * _FINEST * (high - low)  # no points that differ by rounding alone
    return np.asarray(grid[np.concatenate([[True], apart])])


def _range(parameter: Parameter, width: float) -> tuple[float, float]:
    if not parameter.constrained and math.isfinite(parameter.upper - parameter.lower):
        return parameter.lower, parameter.upper
    low, high = parameter.nominal - width, parameter.nominal + width
    return max(low, parameter.lower), min(high, parameter.upper)
