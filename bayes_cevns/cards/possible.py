"""A check that a model can produce the observed counts, from its rate tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.cards.observed import check_expected, check_numbers_of_events
from bayes_cevns.cards.rate_table import RateTable


def check_possible(
    table: RateTable, coefficients: Array, observed: ArrayLike | None = None
) -> None:
    """Check that a model expects something wherever there are events, at some of its parameters.

    Parameters
    ----------
    table
        The rate table of an experiment.
    coefficients
        What `RateTable.coefficients` returned.
    observed
        Counts in place of those of the experiment, shape (run, bin).

    Raises
    ------
    ImpossibleDataError
        If a bin has events, but no signal at any coupling and no background has expected counts. A
        background of 1e-14 of its fullest bin is taken for rounding.
    """
    experiment = table.experiment
    counts = experiment.observed.values if observed is None else np.asarray(observed)
    check_numbers_of_events(experiment, counts)
    others = [table.background_coefficients(p) for p in table.other_backgrounds.values()]
    check_expected(
        experiment,
        [table.reached(coefficients), *others],
        counts,
        f"the model {table.model!r} expects none there at any of its parameters",
        table.unmerged,
    )
