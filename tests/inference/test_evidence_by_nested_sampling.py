"""Evidences of both kinds, one branch and two, beside nested sampling of the same density."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.stats import truncnorm

from bayes_cevns.cards import experiment
from bayes_cevns.inference.at_draws import ModelAtDraws
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.profile.parameters import Parameter
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.comparison.assessment import assess
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.summary.cross_validation import log_likelihood
from bayes_cevns.summary.limits import limits

VECTOR, MASS = "vector-universal", 10.0


def quantile(parameter: Parameter, share: float) -> float:
    normal = None if parameter.prior is None else parameter.prior.mean_and_sd
    if normal is None:
        return parameter.lower + share * (parameter.upper - parameter.lower)
    mean, sd = normal
    assert isinstance(sd, float)
    low, high = ((end - mean) / sd for end in (parameter.lower, parameter.upper))
    return float(truncnorm.ppf(share, low, high, mean, sd))


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
            lambda cube: np.array([quantile(p, u) for p, u in zip(parameters, cube, strict=True)]),
            len(parameters),
            nlive=400,
            sample="rwalk",
            rstate=np.random.default_rng(seed),
        )
        sampler.run_nested(dlogz=0.05, print_progress=False)
    return float(sampler.results.logz[-1]), float(sampler.results.logzerr[-1])


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
