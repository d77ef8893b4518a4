"""Credible limits on a coupling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayes_cevns.arguments import of_kind
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.fit import Fit
from bayes_cevns.model import PRODUCT
from bayes_cevns.summary.draws import WeightedDraws, check_level


@dataclass(frozen=True)
class Limit:
    """A credible limit on the quoted coupling: g = sqrt(|g_nu g_q|), or a moment.

    Attributes
    ----------
    side
        ``"upper"``, or for a coupling with an observable sign ``"positive"`` and
        ``"negative"``.
    value
        The limit; NaN if no draw has that sign.
    mc_error
        Monte-Carlo standard error of the limit.
    """

    side: str
    value: float
    mc_error: float


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
        One upper limit, P(g <= limit) = level. For a coupling with an observable sign one
        limit for either sign, P(g <= limit | sign) = level: what holds for somebody whose
        model fixes the sign. Where it allows separate bands, see `bands`.

    Raises
    ------
    ArgumentError
        If the fit has no coupling, or the level is not in (0, 1).
    """
    level = check_level(level)
    of_kind(fit, Fit, what="a fit, as bayes_cevns.sample returns it")
    if fit.prior is None:
        raise ArgumentError("the Standard Model has no coupling to limit")
    product = WeightedDraws.of(PRODUCT, fit.posterior, fit.quality)
    coupling = product.mapped(np.abs(fit.prior.quoted(product.values)))
    if not fit.prior.signed:
        q = coupling.quantile(level)
        return (Limit("upper", q.value, q.mc_error),)
    found = []
    for side, where in (("positive", product.values > 0), ("negative", product.values < 0)):
        q = coupling.quantile(level, where=where)
        found.append(Limit(side, q.value, q.mc_error))
    return tuple(found)
