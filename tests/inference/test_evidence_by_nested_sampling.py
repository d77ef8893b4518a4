"""Evidences of both kinds, one branch and two, beside nested sampling of the same density."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import truncnorm

from bayes_cevns.cards import experiment
from bayes_cevns.inference.at_draws import ModelAtDraws
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.modes.evidence import fit_evidence
from bayes_cevns.inference.profile.parameters import Parameter
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.comparison.assessment import assess
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.summary.cross_validation import log_likelihood
from bayes_cevns.summary.limits import limits

VECTOR, MASS = "vector-universal", 10.0


class Quantiles:
    """Quantiles of the priors of all parameters, normal between two ends or uniform.

    `scipy.stats.truncnorm.ppf` is the same, and ten times as slow as the likelihood.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.low, self.high = np.array([[p.lower, p.upper] for p in parameters]).T
        priors = [None if p.prior is None else p.prior.mean_and_sd for p in parameters]
        self.normal = np.array([prior is not None for prior in priors])
        given = np.array([(0.0, 1.0) if prior is None else prior for prior in priors])
        self.mean, self.sd = given.T
        self.below, self.until = ndtr((np.stack([self.low, self.high]) - self.mean) / self.sd)

    def __call__(self, shares: np.ndarray) -> np.ndarray:
        uniform = self.low + shares * (self.high - self.low)
        normal = self.mean + self.sd * ndtri(self.below + shares * (self.until - self.below))
        return np.where(self.normal, normal, uniform)


def test_quantiles_are_those_of_scipy() -> None:
    spec = ModelSpec.of([experiment("xenonnt_2024_s2")], interaction=VECTOR)
    quantiles = Quantiles(ModelAtDraws(spec, MASS).parameters)
    shares = np.random.default_rng(1).uniform(size=(20, quantiles.low.size))
    low, high = ((end - quantiles.mean) / quantiles.sd for end in (quantiles.low, quantiles.high))
    expected = truncnorm.ppf(shares, low, high, quantiles.mean, quantiles.sd)
    assert np.count_nonzero(quantiles.normal) > 2
    for normal, found, one in zip(quantiles.normal, quantiles(shares).T, expected.T, strict=True):
        if normal:
            np.testing.assert_allclose(found, one, rtol=1e-9)


def nested_log_evidence(model: ModelAtDraws, seed: int) -> tuple[float, float]:
    from dynesty import NestedSampler

    parameters = model.parameters

    def log_density(point: np.ndarray) -> float:
        expected = model.expected(point[None, None])
        return float(log_likelihood(model.spec.experiments, expected).sum())

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = NestedSampler(
            log_density,
            Quantiles(parameters),
            len(parameters),
            nlive=400,
            sample="rwalk",
            rstate=np.random.default_rng(seed),
        )
        sampler.run_nested(dlogz=0.05, print_progress=False)
    return float(sampler.results.logz[-1]), float(sampler.results.logzerr[-1])


def test_evidence_is_the_same_where_bins_are_merged() -> None:
    """Of one branch, which is integrated with the model that is given."""
    spec = ModelSpec.of([experiment("xenonnt_cevns")])
    settings = SamplerSettings(draws=200, tune=200, chains=2, retries=0)
    fit = Engine(spec, settings).fit(seed=1)
    whole, merged = (
        fit_evidence(fit, ModelAtDraws(each), seed=3) for each in (spec, spec.merging_bins())
    )
    assert merged == pytest.approx(whole, rel=1e-6)
    assert np.isfinite(merged).all()


@pytest.mark.parametrize("interaction", ["sm", VECTOR])
def test_evidence_is_that_of_nested_sampling(interaction: str) -> None:
    one = experiment("xenonnt_2024_s2")
    spec = ModelSpec.of([one], interaction=interaction)
    mass = None if interaction == "sm" else MASS
    fit = Engine(spec, SamplerSettings()).fit(mass, seed=1)
    found = assess(ModelRun.of(fit, spec, mass, seed=1))
    nested, error = nested_log_evidence(ModelAtDraws(spec, mass), seed=2)
    allowed = 4 * np.hypot(error, found.log_evidence_error)
    assert found.log_evidence == pytest.approx(nested, abs=allowed)
    assert found.log_evidence_error < 0.03
    if interaction == VECTOR:
        assert fit.posterior.sizes["branch"] == 2
        assert all(limit.value > 0 for limit in limits(fit, 0.9))
