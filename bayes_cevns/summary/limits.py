"""Credible limits on a coupling."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arguments import of_kind
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.ends import BOTH_CROSSINGS, CROSSING, End, Ends
from bayes_cevns.errors import ArgumentError
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.summary.bounds import open_bounds
from bayes_cevns.summary.draws import WeightedDraws, check_level
from bayes_cevns.summary.fit import Fit


@dataclass(frozen=True)
class Limit:
    """A credible limit on the quoted coupling (`Interaction.coupling`).

    Attributes
    ----------
    side
        ``"upper"``, or for a coupling with an observable sign ``"positive"`` and
        ``"negative"``.
    value
        The limit; NaN if no draw has that sign.
    mc_error
        Monte-Carlo standard error of the limit.
    ends
        Of the range of the coupling. An end is marked as that of the prior if the density of this
        sign does not vanish there, so that the limit depends on where the prior ends.
    """

    side: str
    value: float
    mc_error: float
    ends: Ends = BOTH_CROSSINGS


def limits(fit: Fit, level: float) -> tuple[Limit, ...]:
    """Return the credible limits of a fit.

    Parameters
    ----------
    fit
        A fit with a coupling.
    level
        Credible level in (0, 1).

    Returns
    -------
    tuple of Limit
        One upper limit, P(g <= limit) = level. For a coupling with an observable sign one limit for
        each sign, P(g <= limit | sign) = level, for models that fix the sign. For separate
        allowed bands see `bands`. A limit depends on an end of the prior if the marginal likelihood
        does not vanish there (`summary.bounds`), as always at the least coupling of a log prior.

    Raises
    ------
    ArgumentError
        If the fit has no coupling, or the level is not in (0, 1).

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> fit = bc.sample("xenonnt_2024_s2", interaction="b-l", mass_mev=10.0, seed=1)
    >>> (limit,) = bc.limits(fit, level=0.9)
    >>> limit.side, limit.mc_error < 0.05 * limit.value
    ('upper', True)
    """
    level = check_level(level)
    of_kind(fit, Fit, what="a fit, as bayes_cevns.sample returns it")
    if fit.prior is None:
        raise ArgumentError("the Standard Model has no coupling to limit")
    product = WeightedDraws.of(PRODUCT, fit.posterior, fit.quality)
    coupling = product.mapped(np.abs(fit.prior.quoted(product.values)))
    if not fit.prior.signed:
        q = coupling.quantile(level)
        return (Limit("upper", q.value, q.mc_error, limit_ends(fit.prior, product, "upper")),)
    found = []
    for side, where in (("positive", product.values > 0), ("negative", product.values < 0)):
        q = coupling.quantile(level, where=where)
        ends = limit_ends(fit.prior, product, side, where)
        found.append(Limit(side, q.value, q.mc_error, ends))
    return tuple(found)


def side_of(prior: CouplingPrior, side: str) -> tuple[tuple[float, float], Ends]:
    """Return the range of the coordinate for one sign, and its ends, from zero outwards."""
    ends, zero = prior.ends, float(prior.coordinate(0.0))
    if side == "upper":
        return (prior.lowest, prior.upper), ends
    least = End("physical", prior.coupling.symbol, 0.0)
    if prior.kind == "log":
        least = End("range", prior.coupling.symbol, float(prior.quoted(prior.scale)))
    if side == "negative":
        return (zero, prior.lower), Ends(least, replace(ends.low, bound=abs(ends.low.bound)))
    return (zero, prior.upper), Ends(least, ends.high)


def limit_ends(
    prior: CouplingPrior, product: WeightedDraws, side: str, where: NDArray[np.bool_] | None = None
) -> Ends:
    """Return which ends of the prior matter to the limit of a sign; see `Limit`."""
    (near, far), ends = side_of(prior, side)
    flip = -1.0 if far < near else 1.0
    coordinate = product.mapped(flip * prior.coordinate(product.values))
    is_open = open_bounds(coordinate, (flip * near, flip * far), where)
    return Ends(ends.low if is_open[0] else CROSSING, ends.high if is_open[1] else CROSSING)
