"""Which intervals and regions of a fit hold a truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.studies.calibration.coverage_result import PAIR, Judged
from bayes_cevns.studies.calibration.simulated import own_prior
from bayes_cevns.summary.bands import bands
from bayes_cevns.summary.draws import WeightedDraws
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.intervals import intervals
from bayes_cevns.summary.limits import limits
from bayes_cevns.summary.regions import credible_regions


def held_product(fit: Fit, x: float, levels: Sequence[float]) -> dict[Judged, bool]:
    """Return which limits, intervals and regions of one coupling hold x.

    Parameters
    ----------
    fit
        A fit with a coupling.
    x
        The true coupling product.
    levels
        Credible levels.
    """
    found = {}
    draws = WeightedDraws.of(PRODUCT, fit.posterior, fit.quality)
    quoted = float(own_prior(fit.prior).quoted(x))
    for level in levels:
        pieces = [(band.low, band.high) for band in bands(fit, level)]
        found[Judged("", "limit", level)] = _limit_holds(fit, quoted, level)
        found[Judged("", "central", level)] = central_holds(draws, x, level)
        found[Judged("", "region", level)] = _one_holds(pieces, quoted)
    return found


def held_couplings(
    fit: Fit, truth: Mapping[str, float], levels: Sequence[float]
) -> dict[Judged, bool]:
    """Return which intervals and regions of several couplings hold the true ones.

    Parameters
    ----------
    fit
        A fit of several couplings.
    truth
        True value of every coupling.
    levels
        Credible levels.

    Returns
    -------
    dict
        For each coupling, the others marginalised, whether its highest-density region (what
        `bayes_cevns.summary.intervals` quotes) and its central interval hold it; for each pair
        whether the joint region does, as it is drawn.
    """
    assert fit.box is not None, "a fit of couplings has their prior"
    bounds, found = fit.box.bounds, {}
    for name, value in truth.items():
        draws = WeightedDraws.of(name, fit.posterior, fit.quality)
        for level in levels:
            region = intervals(fit, name, level, bounds[name])
            pieces = [(piece.low, piece.high) for piece in region]
            found[Judged(name, "region", level)] = _one_holds(pieces, value)
            found[Judged(name, "central", level)] = central_holds(draws, value, level)
    for pair in combinations(truth, 2):
        one, two = pair
        drawn = credible_regions(fit, pair, levels, (bounds[one], bounds[two]))
        inside = drawn.holding(truth[one], truth[two])
        found |= {Judged(PAIR.join(pair), "region", level): inside[level] for level in levels}
    return found


def kinds_of_couplings(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return of what, and of which kind, the intervals and regions of some couplings are."""
    own = ((name, kind) for name in names for kind in ("region", "central"))
    return (*own, *((PAIR.join(pair), "region") for pair in combinations(names, 2)))


def central_holds(draws: WeightedDraws, value: float, level: float) -> bool:
    """Return whether the central credible interval of some draws holds a value."""
    values, weights = draws.flat()
    below = float(weights[values < value].sum())
    return 0.5 * (1 - level) <= below <= 0.5 * (1 + level)


def _limit_holds(fit: Fit, quoted: float, level: float) -> bool:
    """Return whether no limit excludes a coupling, of those that speak of its sign."""
    sign = {"upper": 0.0, "positive": 1.0, "negative": -1.0}
    return all(
        abs(quoted) <= limit.value or sign[limit.side] * quoted < 0 for limit in limits(fit, level)
    )


def _one_holds(pieces: Sequence[tuple[float, float]], value: float) -> bool:
    return any(low <= value <= high for low, high in pieces)
