"""Best fits with 68.27% intervals of the profile likelihood, as text."""

from __future__ import annotations

from collections.abc import Sequence

import bayes_cevns as bc
from bayes_cevns.inference.profile.parameter import ProfileResult

#: Flux that the nuisance ``flux_8b`` is relative to, in 1e6/cm2/s.
FLUX_E6 = 5.46
ONE_SIGMA = 0.6827


def flux_e6(names: Sequence[str]) -> str:
    """Return the 8B flux of a joint fit, without a constraint on it, in 1e6/cm2/s."""
    experiments = [bc.experiment(name) for name in names]
    found = bc.profile(experiments, parameter="flux_8b", free=True, level=ONE_SIGMA)
    return asymmetric(found, scale=FLUX_E6)


def asymmetric(found: ProfileResult, *, scale: float = 1.0, offset: float = 0.0) -> str:
    """Return the best fit and its interval, all of them if it falls into several.

    Parameters
    ----------
    found
        Profile of a parameter.
    scale, offset
        What is quoted is offset + scale times the parameter.
    """
    best = offset + scale * found.best
    parts = []
    for interval in found.intervals:
        low, high = (offset + scale * end for end in (interval.low, interval.high))
        if len(found.intervals) > 1:
            parts.append(f"{low:.3g} to {high:.3g}")
        else:
            return f"{best:.3g} +{high - best:.2g} -{best - low:.2g}"
    return f"{best:.3g} ({' and '.join(parts)})"
