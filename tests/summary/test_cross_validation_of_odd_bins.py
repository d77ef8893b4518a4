"""Leave-one-out over bins that no draw can tell, or that are impossible at some draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from arviz_stats.base import array_stats
from scipy.special import logsumexp
from scipy.stats import poisson

from bayes_cevns.studies.comparison.assessment import impossible_text
from bayes_cevns.summary.cross_validation import leave_one_out, log_likelihood
from bayes_cevns.summary.predictive_checks import predictive_checks

SHAPE = (4, 500)


def means(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(1).gamma(30.0, 0.1, (*shape, 1, 3))


def test_arviz_has_no_number_for_a_bin_that_all_draws_expect_alike() -> None:
    """What the code around it rests on: an error, not an exact number."""
    with pytest.raises(ValueError, match="All tail values are the same"):
        array_stats.loo(np.zeros((*SHAPE, 1)), chain_axis=0, draw_axis=1, r_eff=1.0)


def test_a_bin_with_nothing_expected_and_nothing_seen_counts_exactly(invent: Any) -> None:
    one = invent("odd", [3, 2, 0])
    mean = means(SHAPE)
    mean[..., 2] = 0.0
    logs = log_likelihood([one], [mean])
    found = leave_one_out(logs, relative_ess=1.0)
    without = leave_one_out(logs[..., :2], relative_ess=1.0)
    assert found.elpd.tolist() == [*without.elpd, 0.0]
    assert found.pareto_k.tolist() == [*without.pareto_k, 0.0]
    assert found.effective_parameters.tolist() == [*without.effective_parameters, 0.0]
    assert found.total == without.total


def test_a_constant_that_is_not_zero_counts_as_it_is(invent: Any) -> None:
    one = invent("odd", [3, 2, 1])
    mean = means(SHAPE)
    mean[..., 2] = 0.7
    found = leave_one_out(log_likelihood([one], [mean]), relative_ess=1.0)
    assert found.elpd[2] == pytest.approx(poisson.logpmf(1, 0.7), abs=1e-12)
    assert found.effective_parameters[2] == pytest.approx(0.0, abs=1e-12)


def test_weights_without_a_tail_are_averaged_as_they_are() -> None:
    """More draws than a tail has share the largest weight: there is no shape to fit."""
    logs = np.random.default_rng(2).normal(size=(*SHAPE, 1))
    logs = np.maximum(logs, 0.0)
    found = leave_one_out(logs, relative_ess=1.0)
    flat = logs.ravel()
    assert found.elpd[0] == pytest.approx(np.log(flat.size) - logsumexp(-flat), abs=1e-12)
    assert found.pareto_k[0] == 0.0


def test_an_impossible_draw_has_no_number_and_is_named(invent: Any) -> None:
    one = invent("odd", [3, 2, 1])
    mean = means(SHAPE)
    mean[1, 7, 0, 2] = 0.0
    logs = log_likelihood([one], [mean])
    found = leave_one_out(logs, relative_ess=1.0)
    assert np.isnan(found.total)
    assert np.isinf(found.pareto_k[2])
    assert np.isfinite(found.elpd[:2]).all()
    text = impossible_text([one], logs)
    assert text.startswith("the counts of 1 bins are impossible at draws")
    assert "odd, run all, bin 2: at 1)" in text
    assert impossible_text([one], logs[..., :2]) == ""


def test_the_deviance_of_impossible_counts_is_infinite(invent: Any) -> None:
    one = invent("odd", [3, 2, 1])
    mean = np.full((1, 200, 1, 3), 2.0)
    mean[..., 2] = 0.0
    checks = predictive_checks([one], [mean], xr.Dataset(), {}, seed=1).checks
    (bins,) = (check for check in checks if check.observable == "bins")
    assert bins.observed == np.inf
    assert bins.p_value == 0.0
    assert np.isfinite(bins.high)
