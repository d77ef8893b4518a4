"""Are ranks uniform? The band that their distribution function leaves by chance alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError
from bayes_cevns.summary.draws import check_level

type Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Uniformity:
    """The test of ranks 0, 1, ..., `largest` for uniformity, by their distribution function.

    Attributes
    ----------
    fits
        How many ranks there are.
    largest
        Largest rank: the number of draws that the truth is ranked among.
    simulations
        How many sets of uniform ranks the band is made from.
    seed
        Seed of their random numbers.

    Notes
    -----
    Of `fits` uniform ranks, those below k are Binomial(fits, z_k), z_k = k / (largest + 1). A
    set of ranks is as unlikely as the tail probability of the most unlikely of these counts, and
    a band has simultaneous probability 1 - alpha if its pointwise tail probability is the alpha
    quantile of what uniform ranks have: Saeilynoja, Buerkner and Vehtari, Statistics and
    Computing 32 (2022) 32, section 2.2, at the steps of the distribution function of ranks.
    """

    fits: int
    largest: int
    simulations: int = 10_000
    seed: int = 1

    def __post_init__(self) -> None:
        if min(self.fits, self.largest, self.simulations) < 1:
            raise ArgumentError(
                "ranks need one fit, one draw and one simulation or more, got "
                f"{self.fits}, {self.largest} and {self.simulations}"
            )

    @property
    def points(self) -> Array:
        """Where the distribution function is compared, z_k, shape (largest,)."""
        return np.arange(1, self.largest + 1) / (self.largest + 1)

    def distribution(self, ranks: ArrayLike) -> Array:
        """Return the fraction of ranks below each step, shape (largest,)."""
        return self._below(self._checked(ranks)) / self.fits

    def p_value(self, ranks: ArrayLike) -> float:
        """Return the probability that uniform ranks deviate as much, or more."""
        found = self._tail(self._below(self._checked(ranks))[None])[0]
        return float((1 + np.sum(self._simulated <= found)) / (1 + self.simulations))

    def band(self, level: float = 0.95) -> tuple[Array, Array]:
        """Return the ends of the simultaneous band of `distribution`, two of shape (largest,).

        Uniform ranks lie in it, at all steps together, with probability `level`.
        """
        check_level(level, what="the probability of a band")
        tail = np.quantile(self._simulated, 1 - level, method="higher")
        held = self._tails >= tail
        low = held.argmax(axis=1)
        high = self.fits - held[:, ::-1].argmax(axis=1)
        return low / self.fits, high / self.fits

    def _checked(self, ranks: ArrayLike) -> Counts:
        values = np.asarray(ranks, dtype=np.int64)
        if values.shape != (self.fits,) or values.min() < 0 or values.max() > self.largest:
            raise ArgumentError(
                f"expected {self.fits} ranks from 0 to {self.largest}, got {values.size} from "
                f"{values.min(initial=0)} to {values.max(initial=0)}"
            )
        return values

    def _below(self, ranks: Counts) -> Counts:
        """Return how many ranks lie below 1, 2, ..., `largest`."""
        return np.cumsum(np.bincount(ranks, minlength=self.largest + 1))[:-1]

    def _tail(self, below: Counts) -> Array:
        """Return the least tail probability of each set of counts, shape (sets,)."""
        table, columns = self._tails, np.arange(self.largest)
        return np.asarray(table[columns, below].min(axis=1))

    @cached_property
    def _tails(self) -> Array:
        """Tail probability, on the nearer side, of each count at each step."""
        counts, points = np.arange(self.fits + 1), self.points[:, None]
        lower = stats.binom.cdf(counts, self.fits, points)
        upper = stats.binom.sf(counts - 1, self.fits, points)
        return np.asarray(np.minimum(lower, upper))

    @cached_property
    def _simulated(self) -> Array:
        """Tail probabilities of sets of uniform ranks, shape (simulations,)."""
        random = np.random.default_rng(self.seed)
        even = np.full(self.largest + 1, 1 / (self.largest + 1))
        drawn = random.multinomial(self.fits, even, size=self.simulations)
        return self._tail(np.cumsum(drawn, axis=1)[:, :-1])
