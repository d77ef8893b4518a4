"""Quantiles of the limits of toys, their errors, and how many toys they need."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from bayes_cevns.summary.quantiles_of_limits import SIGMAS, expected_limits, least_toys


def test_quantiles_of_a_normal_sample() -> None:
    """At -2, -1, 0, 1, 2 standard deviations, with the error that many samples show."""
    random = np.random.default_rng(1)
    samples = [expected_limits(random.normal(size=400)) for _ in range(300)]
    for i, sigma in enumerate(SIGMAS):
        values = np.array([found[i].value for found in samples])
        assert values.mean() == pytest.approx(sigma, abs=0.05)
        claimed = np.mean([found[i].mc_error for found in samples])
        density = norm.pdf(sigma)
        exact = np.sqrt(norm.cdf(sigma) * norm.sf(sigma) / 400) / density
        assert values.std() == pytest.approx(exact, rel=0.15)
        assert claimed == pytest.approx(exact, rel=0.25)


def test_quantiles_do_not_depend_on_the_order() -> None:
    values = np.random.default_rng(2).exponential(size=100)
    assert expected_limits(values) == expected_limits(values[::-1])
    assert [found.sigma for found in expected_limits(values)] == list(SIGMAS)


def test_one_toy_is_expected_beyond_a_quantile() -> None:
    assert [least_toys(sigma) for sigma in SIGMAS] == [44, 7, 2, 7, 44]
    for sigma in SIGMAS:
        assert least_toys(sigma) * norm.sf(abs(sigma)) >= 1.0


@pytest.mark.parametrize(("toys", "known"), [(0, 0), (1, 0), (6, 1), (7, 3), (43, 3), (44, 5)])
def test_quantiles_without_enough_toys_are_left_out(toys: int, known: int) -> None:
    found = expected_limits(np.linspace(1.0, 2.0, toys))
    assert sum(np.isfinite(one.value) for one in found) == known
    assert all(np.isnan(one.mc_error) == np.isnan(one.value) for one in found)
