"""Checks that observed counts are possible: numbers of events, in bins that can have events.

An event in a bin with zero expected counts has the Poisson probability zero. If this is so at all
values of the parameters, the likelihood is zero everywhere, and there is no posterior and no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.cards.experiment import Experiment
from bayes_cevns.errors import ImpossibleDataError

type Mask = NDArray[np.bool_]

#: Expected counts of a component relative to its fullest bin: less than this is rounding.
_ROUNDING = 1e-14

#: Asimov counts relative to the fullest bin: less than this is the rounding of several components.
_NOTHING = 1e-12

#: Above this, not every whole number has its own number in double precision.
_LARGEST_COUNTS = 2.0**53


def check_numbers_of_events(experiment: Experiment, observed: ArrayLike | None = None) -> None:
    """Check that observed counts are numbers of events, and their errors standard deviations.

    Parameters
    ----------
    experiment
        The experiment.
    observed
        Counts in place of its own, shape (run, bin).

    Raises
    ------
    ImpossibleDataError
        If counts are not finite; or if they are those of a Poisson likelihood and negative, beyond
        2^53, or, but for Asimov data, not whole; or if a standard deviation is not finite and
        above zero.
    """
    counts = np.asarray(experiment.observed.values if observed is None else observed, dtype=float)
    if experiment.sigma is not None:
        sigma = experiment.sigma.values
        expected = "a finite standard deviation above zero"
        _refuse(experiment, ~(np.isfinite(sigma) & (sigma > 0)), sigma, expected)
        _refuse(experiment, ~np.isfinite(counts), counts, "finite counts")
        return
    wrong = ~(np.isfinite(counts) & (counts >= 0) & (counts <= _LARGEST_COUNTS))
    _refuse(experiment, wrong, counts, "counts from 0 to 2^53")
    if experiment.data != "asimov":
        broken = counts != np.floor(counts)
        _refuse(experiment, broken, counts, "a whole number of events (or Asimov data)")


def check_reached(experiment: Experiment) -> None:
    """Check that something is expected wherever there are events, whatever the interaction is.

    Raises
    ------
    ImpossibleDataError
        If a bin has events, but neither a response of a signal nor a background at any node.
    """
    check_expected(
        experiment,
        (_flat(part.values.values) for part in experiment.components),
        experiment.observed.values,
        "no signal has a response there and no background has counts",
    )


def check_expected(
    experiment: Experiment,
    parts: Iterable[Array],
    observed: Array,
    why: str,
    unmerged: Callable[[Mask], Mask] = np.asarray,
) -> None:
    """Check that some component has counts wherever there are events.

    Parameters
    ----------
    experiment
        The experiment.
    parts
        Counts of components, shape (..., n, bins).
    observed
        Observed counts, shape (run, bin).
    why
        Why none are expected, for the message.
    unmerged
        Function from a property of the bins of the components to that of each bin, shape
        (run x bin,).

    Raises
    ------
    ImpossibleDataError
        If no component has counts in a bin with events.
    """
    if not experiment.likelihood.counts_events:
        return
    seen = observed.ravel() > _NOTHING * observed.max()
    reached = np.logical_or.reduce([_reached(part) for part in parts])
    bad = (seen & ~unmerged(reached)).reshape(observed.shape)
    if bad.any():
        _refuse(experiment, bad, observed, f"0 events: {why}")


def _flat(values: Array) -> Array:
    """Return values with dims (..., run, bin) as one component, shape (..., 1, run x bin)."""
    return values.reshape(*values.shape[:-2], 1, -1)


def _reached(values: Array) -> Mask:
    """Tell which bins a component has counts in at any node, from shape (..., n, bins)."""
    size = np.abs(values).reshape(-1, *values.shape[-2:]).max(axis=0, initial=0.0)
    return np.asarray((size > _ROUNDING * size.max(axis=-1, keepdims=True)).any(axis=0))


def _refuse(experiment: Experiment, bad: Mask, values: Array, expected: str) -> None:
    """Raise the error of the first bin that is bad, if there is one."""
    if not bad.any():
        return
    run, number = np.argwhere(bad)[0]
    label = experiment.observed["bin"].values[number]
    raise ImpossibleDataError(
        f"{experiment.name}, run {experiment.runs[run]}, bin {label}: observed "
        f"{values[run, number]:g}, expected {expected}; no parameters make these data: correct "
        "the counts, the response or the background of this bin"
    )
