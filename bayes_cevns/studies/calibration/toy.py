"""A fit of simulated data that is being sampled, with what made the data."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.summary.fit import Fit

if TYPE_CHECKING:
    from bayes_cevns.inference.fitting import Fitting


@dataclass(eq=False, repr=False)
class Toy(Displayed):
    """Simulated data that are being fitted.

    Attributes
    ----------
    counts
        The data, by experiment.
    random
        Random numbers, those of the data taken.
    fitting
        The fit.
    seconds
        What it has taken so far, without what goes on beside it.
    """

    counts: Mapping[str, Array]
    random: np.random.Generator
    fitting: Fitting
    seconds: float

    def stop(self) -> None:
        """Stop the fit."""
        self.fitting.stop()

    def result(self) -> Fit:
        """Wait for the fit."""
        start = time.perf_counter()
        fit = self.fitting.result()
        self.seconds += time.perf_counter() - start
        return fit
