"""Truths and data: against SciPy, the expected counts of the package, and the card."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.density.data import data_at
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.specification.variables import COORDINATE
from bayes_cevns.studies.calibration.ranks import quantities_of
from bayes_cevns.studies.calibration.simulator import Simulator

MASS = 10.0


@pytest.fixture(scope="module")
def spec(xenonnt: Experiment) -> ModelSpec:
    both = [xenonnt, experiment("xenonnt_er")]  # a Poisson and a normal likelihood
    return ModelSpec.of(both, interaction="vector-universal", prior="flat-rate")


@pytest.fixture(scope="module")
def source(spec: ModelSpec) -> Simulator:
    return Simulator(spec, MASS, data_at(spec, spec.tables(), MASS)[1])


def nominal(source: Simulator, spec: ModelSpec, x: float) -> dict[str, np.ndarray]:
    values, _ = source.draw(np.random.default_rng(1))
    for name, value in values.items():
        plain = name.split(".")[-1]
        entries = [e.card.nuisance[plain] for e in spec.experiments if plain in e.nuisances()]
        if entries:
            values[name] = np.full(np.shape(value), entries[0].nominal)
    assert source.prior is not None
    return values | {COORDINATE: source.prior.coordinate(x)}


def test_expected_counts_at_nominal_nuisances(source: Simulator, spec: ModelSpec) -> None:
    x = -3e-11
    found = source.expected(nominal(source, spec, x))
    for e in spec.experiments:
        options = {"interaction": "vector-universal", "mass_mev": MASS, "coupling_product": x}
        whole = asimov(e, **options).observed.values
        np.testing.assert_allclose(found[e.name], whole, rtol=1e-9, atol=1e-9)


def test_monitored_quantities(source: Simulator, spec: ModelSpec) -> None:
    x = 2e-11
    values = nominal(source, spec, x)
    counts = {e.name: e.observed.values for e in spec.experiments}
    found = source.quantities(values, counts)
    signal, likelihood = 0.0, 0.0
    for e in spec.experiments:
        means = source.expected(values)[e.name]
        options = {"interaction": "vector-universal", "mass_mev": MASS, "coupling_product": x}
        backgrounds = {part.name for part in e.backgrounds}
        for parts in expected_counts(e, **options).values():
            signal += sum(count for name, count in parts.items() if name not in backgrounds)
        if e.sigma is None:
            likelihood += stats.poisson.logpmf(counts[e.name], means).sum()
        else:
            likelihood += stats.norm.logpdf(counts[e.name], means, e.sigma.values).sum()
    assert found["coupling_product"][0] == pytest.approx(x)
    assert found["log_likelihood"][0] == pytest.approx(likelihood, rel=1e-9)
    assert found["expected_signal"][0] == pytest.approx(signal, rel=1e-9)
    assert "xenonnt_cevns.ac[sr1]" in found
    assert quantities_of(spec) == tuple(found), "what is ranked is known without the model"


def test_truths_follow_the_card_and_their_seed(source: Simulator) -> None:
    draws = [source.draw(np.random.default_rng([2, i]))[0] for i in range(400)]
    again = source.draw(np.random.default_rng([2, 7]))[0]
    for name, value in draws[7].items():
        np.testing.assert_array_equal(again[name], value)
    flux = [float(d["flux_8b"]) for d in draws]
    assert stats.kstest(flux, stats.norm(1.0, 0.12).cdf).pvalue > 0.01
    tly = [float(d["xenonnt_cevns.tly"]) for d in draws]
    assert stats.kstest(tly, stats.truncnorm(-3, 3).cdf).pvalue > 0.01
    t = [float(d[COORDINATE]) for d in draws]
    assert source.prior is not None
    low, high = source.prior.lower, source.prior.upper
    assert stats.kstest(t, stats.uniform(low, high - low).cdf).pvalue > 0.01


def test_data_follow_the_truth(source: Simulator, spec: ModelSpec) -> None:
    assert source.prior is not None
    t = float(source.prior.coordinate(0.0))
    pulls: dict[str, list[float]] = {e.name: [] for e in spec.experiments}
    for i in range(150):
        values, counts = source.draw(np.random.default_rng([5, i]), fixed={COORDINATE: t})
        assert float(values[COORDINATE]) == t
        for e in spec.experiments:
            mean = source.expected(values)[e.name]
            variance = mean if e.sigma is None else e.sigma.values**2
            pull = (counts[e.name] - mean).sum() / np.sqrt(variance.sum())
            pulls[e.name].append(float(pull))
    for found in pulls.values():
        assert stats.kstest(found, stats.norm.cdf).pvalue > 0.01
