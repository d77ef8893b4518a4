"""The band of ranks: against every set of ranks there is, and against chance."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError
from bayes_cevns.studies.calibration.uniformity import Uniformity


def test_p_values_of_all_sets_of_four_ranks_among_three() -> None:
    """Enumerated: the p-value is the fraction of the 256 sets that are as unlikely."""
    test = Uniformity(4, 3, simulations=20_000)
    sets = np.array(list(product(range(4), repeat=4)))
    found = np.array([test.p_value(ranks) for ranks in sets])
    tails = np.array([_least_tail(ranks) for ranks in sets])
    exact = np.array([np.mean(tails <= tail * (1 + 1e-9)) for tail in tails])
    assert len(np.unique(np.round(exact, 6))) > 3
    np.testing.assert_allclose(found, exact, atol=0.015)


def _least_tail(ranks: np.ndarray) -> float:
    """The slow twin: binomial tails summed term by term."""
    from math import comb

    n, least = len(ranks), 1.0
    for k in (1, 2, 3):
        z, count = k / 4, int(np.sum(ranks < k))
        terms = [comb(n, j) * z**j * (1 - z) ** (n - j) for j in range(n + 1)]
        least = min(least, sum(terms[: count + 1]), sum(terms[count:]))
    return least


@pytest.mark.parametrize(("fits", "largest", "level"), [(50, 19, 0.95), (300, 99, 0.9)])
def test_uniform_ranks_lie_in_the_band_with_its_probability(
    fits: int, largest: int, level: float
) -> None:
    test = Uniformity(fits, largest, simulations=4000)
    random = np.random.default_rng(7)
    sets = random.integers(largest + 1, size=(3000, fits))
    low, high = test.band(level)
    inside = []
    for ranks in sets:
        curve = test.distribution(ranks)
        inside.append(bool(np.all((low <= curve) & (curve <= high))))
        assert inside[-1] == (test.p_value(ranks) > 1 - level) or _at_the_edge(test, ranks, level)
    # 4 standard errors; ranks are discrete, so that the band may hold a little more.
    error = np.sqrt(level * (1 - level) / len(sets) + level * (1 - level) / 4000)
    assert level - 4 * error < np.mean(inside) < level + 4 * error + 0.01


def _at_the_edge(test: Uniformity, ranks: np.ndarray, level: float) -> bool:
    return abs(test.p_value(ranks) - (1 - level)) < 0.003


@pytest.mark.parametrize("shift", [-12, 12])
def test_shifted_and_narrow_ranks_are_seen(shift: int) -> None:
    random = np.random.default_rng(1)
    test = Uniformity(300, 99)
    even = random.integers(100, size=300)
    assert test.p_value(even) > 0.05
    assert test.p_value(np.clip(even + shift, 0, 99)) < 0.001
    assert test.p_value(20 + (0.6 * even).astype(int)) < 0.001  # posteriors that are too wide


def test_the_distribution_function_counts_ranks_below_each_step() -> None:
    test = Uniformity(4, 3)
    np.testing.assert_allclose(test.points, [0.25, 0.5, 0.75])
    np.testing.assert_allclose(test.distribution([0, 3, 1, 1]), [0.25, 0.75, 0.75])


@pytest.mark.parametrize("ranks", [[0, 1], [0, 1, 4, 2], [0, 1, -1, 2]])
def test_ranks_out_of_range_are_refused(ranks: list[int]) -> None:
    with pytest.raises(ArgumentError, match="expected 4 ranks from 0 to 3"):
        Uniformity(4, 3).p_value(ranks)


def test_nothing_to_rank() -> None:
    with pytest.raises(ArgumentError, match="one fit"):
        Uniformity(0, 99)
    with pytest.raises(ArgumentError, match="probability of a band"):
        Uniformity(10, 9).band(1.0)
