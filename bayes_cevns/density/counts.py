"""The likelihood of the counts of one experiment and its derivative, for Numba."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards.likelihoods import (
    AsymmetricErrors,
    CorrelatedErrors,
    NormalErrors,
    PoissonCounts,
    TemplateErrors,
)
from bayes_cevns.density import scalars
from bayes_cevns.density.kinds import (
    ASYMMETRIC_ERRORS,
    CORRELATED_ERRORS,
    NORMAL_ERRORS,
    POISSON,
    TEMPLATE_ERRORS,
)
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.views import fill

_poisson, _poisson_slope = (
    kernel(PoissonCounts.kernel_of(scalars)),
    kernel(PoissonCounts.slope_of(scalars)),
)
_template, _template_slope = (
    kernel(TemplateErrors.kernel_of(scalars)),
    kernel(TemplateErrors.slope_of(scalars)),
)
_normal, _normal_slope = (
    kernel(NormalErrors.kernel_of(scalars)),
    kernel(NormalErrors.slope_of(scalars)),
)
_white, _white_slope = (
    kernel(CorrelatedErrors.kernel_of(scalars)),
    kernel(CorrelatedErrors.slope_of(scalars)),
)
_asymmetric, _asymmetric_slope = (
    kernel(AsymmetricErrors.kernel_of(scalars)),
    kernel(AsymmetricErrors.slope_of(scalars)),
)


@kernel
def log_likelihood(
    kind: int, observed: Array, numbers: Array, constant: float, mean: Array, slope: Array
) -> float:
    """Return the log-likelihood, and fill in its derivative by the expected counts.

    Parameters
    ----------
    kind
        Of the likelihood.
    observed, mean, slope
        Shape (bins,).
    numbers
        Those of the likelihood by bin, one array after the other; the whitening matrix where bins
        are correlated.
    constant
        What does not depend on expected counts.

    Returns
    -------
    float
        Minus infinity where counts are impossible: Poisson counts also where fewer than none are
        expected, as a spline may give between nodes.
    """
    bins, total = observed.size, constant
    if kind == POISSON:
        for b in range(bins):
            if mean[b] < 0.0:
                return -np.inf
            total += _poisson(observed[b], mean[b])
            slope[b] = _poisson_slope(observed[b], mean[b])
    elif kind == TEMPLATE_ERRORS:
        for b in range(bins):
            total += _template(observed[b], mean[b], numbers[b])
            slope[b] = _template_slope(observed[b], mean[b], numbers[b])
    elif kind == NORMAL_ERRORS:
        for b in range(bins):
            total += _normal(observed[b], mean[b], numbers[b])
            slope[b] = _normal_slope(observed[b], mean[b], numbers[b])
    elif kind == ASYMMETRIC_ERRORS:
        for b in range(bins):
            minus, plus = numbers[b], numbers[bins + b]
            total += _asymmetric(observed[b], mean[b], minus, plus)
            slope[b] = _asymmetric_slope(observed[b], mean[b], minus, plus)
    elif kind == CORRELATED_ERRORS:
        fill(slope, 0.0)
        for a in range(bins):
            pull = 0.0
            for b in range(a + 1):
                pull += numbers[a * bins + b] * (observed[b] - mean[b])
            total += _white(pull, 0.0)
            rise = _white_slope(pull, 0.0)
            for b in range(a + 1):
                slope[b] += numbers[a * bins + b] * rise
    else:
        return np.nan
    return total
