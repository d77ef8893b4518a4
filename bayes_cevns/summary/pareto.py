"""The shape of the tail of importance weights, which tells whether they can be trusted."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from bayes_cevns.arrays import Array

#: Fewest weights whose tail is fitted by its length of 3 sqrt(n); below, it is a fifth of them.
_MANY = 225

#: Least weights in the tail.
_LEAST = 5

#: The prior of Zhang and Stephens over their parameter, and that of k: ten values of 0.5.
_SCALE_OF_PRIOR, _PRIOR_WEIGHT, _PRIOR_K = 3.0, 10.0, 0.5

#: Nodes of their quadrature with smaller weights than this are left out.
_NEGLIGIBLE = 10.0 * float(np.finfo(float).eps)


def pareto_k(log_weights: Array) -> float:
    """Return the Pareto k of importance weights.

    Parameters
    ----------
    log_weights
        Logarithms of the weights, up to a constant, 25 or more, shape (n,).

    Returns
    -------
    float
        The shape k of a generalised Pareto distribution fitted to the largest weights. The mean of
        the weights can be trusted where it is at most 0.7. NaN if a quarter or more of the tail is
        all alike, so that there is no tail to fit.

    References
    ----------
    Vehtari et al., J. Mach. Learn. Res. 25 (2024) 72; the fit is that of Zhang and Stephens,
    Technometrics 51 (2009) 316. The numbers are those of ArviZ.
    """
    number = log_weights.size
    length = max(_LEAST, int(3.0 * np.sqrt(number)) if number > _MANY else number // 5)
    ordered = np.sort(log_weights - log_weights.max())
    cutoff = np.exp(ordered[-length - 1])
    tail = np.exp(ordered[-length:]) - cutoff
    quartile = tail[int(length / 4.0 + 0.5) - 1]
    if quartile <= tail[0]:
        return float("nan")

    nodes = 30 + int(np.sqrt(length))
    spread = 1.0 - np.sqrt(nodes / (np.arange(1.0, nodes + 1.0) - 0.5))
    theta = spread / (_SCALE_OF_PRIOR * quartile) + 1.0 / tail[-1]
    shape = np.log1p(-theta[:, None] * tail).mean(axis=1)
    log_likelihood = length * (np.log(-theta / shape) - shape - 1.0)
    weight = np.exp(log_likelihood - logsumexp(log_likelihood))
    kept = weight >= _NEGLIGIBLE
    mean = float(theta[kept] @ weight[kept] / weight[kept].sum())
    found = float(np.log1p(-mean * tail).mean())
    k = (length * found + _PRIOR_WEIGHT * _PRIOR_K) / (length + _PRIOR_WEIGHT)
    return float("inf") if np.isnan(k) else k
