"""Models with the bins without events merged, beside the same models with all their bins."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.stats import poisson

from bayes_cevns.cards import Experiment, experiment, experiment_names
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.inference.target import PartsTarget
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import (
    COORDINATE,
    fold_name,
    nuisance_name,
    observed_name,
)
from bayes_cevns.studies.calibration.simulator import Simulator

MASS_MEV = 10.0
SCALAR = {"interaction": "scalar-universal"}

WITH_COUNTS = [name for name in experiment_names() if experiment(name).data != "none"]


def toy(one: Experiment, mean: float) -> np.ndarray[Any, Any]:
    """Return counts that leave other bins empty than those observed; errors keep their counts."""
    if one.sigma is not None:
        return np.asarray(one.observed.values)
    return np.random.default_rng(3).poisson(mean, one.observed.shape).astype(float)


@cache
def engine_of(names: tuple[str, ...], **asked: Any) -> Engine:
    return Engine(ModelSpec.of(names, **asked), monitored=True)


def models(
    names: list[str], mean: float | None = None, **asked: Any
) -> tuple[CompiledModel, CompiledModel, np.ndarray[Any, Any]]:
    """Return a model with all bins, the same with some merged, and points."""
    engine = engine_of(tuple(names), **asked)
    spec = engine.spec
    mass = None if spec.interaction is None else MASS_MEV
    sampler = engine.compile(mass)
    data = dict(engine.data_at(mass)[0])
    if mean is not None:
        data |= {observed_name(one): toy(one, mean) for one in spec.experiments}
    whole = sampler.compiled.with_data(data)
    random = np.random.default_rng(1)
    points = sampler.starts + 0.2 * random.normal(size=(4, whole.size))
    return whole, whole.without_empty_bins(), points


def check_equal(whole: CompiledModel, merged: CompiledModel, points: np.ndarray[Any, Any]) -> None:
    """Check densities, gradients, and what is monitored."""
    value, gradient = whole.log_density(points)
    assert np.isfinite(value).all()
    found, slope = merged.log_density(points)
    np.testing.assert_allclose(found, value, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(slope, gradient, rtol=1e-10, atol=1e-10 * np.abs(gradient).max())
    for one, other in zip(
        whole.values_and_totals(points), merged.values_and_totals(points), strict=True
    ):
        np.testing.assert_allclose(other, one, rtol=1e-11, atol=1e-9)


@pytest.mark.parametrize("mean", [None, 0.05, 0.7, 100.0], ids=lambda mean: f"mean {mean}")
@pytest.mark.parametrize("name", WITH_COUNTS)
def test_each_experiment(name: str, mean: float | None) -> None:
    whole, merged, points = models([name], mean, **SCALAR)
    check_equal(whole, merged, points)
    one = experiment(name)
    counts = np.ravel(one.observed.values if mean is None else toy(one, mean))
    empty = np.count_nonzero(counts == 0) if one.likelihood.merges else 0
    assert whole.arrays.bins == counts.size
    assert merged.arrays.bins == counts.size - max(empty - 1, 0)


JOINT = ["xenonnt_cevns", "coherent_csi", "conus_plus"]


@pytest.mark.parametrize(
    "asked",
    [
        {"interaction": "b-l"},
        {"interaction": "sm"},
        {"couplings": CouplingModel.of(["ee_u", "mumu_d"])},
        {"couplings": CouplingModel.of(["ee_d"]), "mean": 0.3},
    ],
    ids=["vector", "standard model", "couplings of data", "couplings of a toy"],
)
def test_joint_fits(asked: dict[str, Any]) -> None:
    whole, merged, points = models(JOINT, **asked)
    check_equal(whole, merged, points)
    assert merged.arrays.bins < whole.arrays.bins


def test_no_events_at_all() -> None:
    whole, merged, points = models(["xenonnt_cevns"], 0.0, **SCALAR)
    check_equal(whole, merged, points)
    assert merged.arrays.bins == 1


def test_merged_again_it_is_the_same() -> None:
    _, merged, points = models(["xenonnt_cevns"], **SCALAR)
    again = merged.without_empty_bins()
    assert np.array_equal(again.arrays.ints, merged.arrays.ints)
    assert np.array_equal(again.log_density(points)[0], merged.log_density(points)[0])


def test_the_model_with_all_bins_stays_as_it_is() -> None:
    spec = ModelSpec.of(["xenonnt_cevns"], **SCALAR)
    model = Engine(spec, monitored=True).compile(MASS_MEV).compiled
    ints, floats = model.arrays.ints.copy(), model.arrays.floats.copy()
    model.without_empty_bins()
    assert np.array_equal(model.arrays.ints, ints)
    assert np.array_equal(model.arrays.floats, floats)


def test_tables_with_merged_bins_give_the_same() -> None:
    """Two ways to the same model: from merged tables, and from those of all bins."""
    spec = ModelSpec.of(["xenonnt_cevns"], **SCALAR)
    of_tables = Engine(spec).compile(MASS_MEV).compiled
    whole, merged, points = models(["xenonnt_cevns"], **SCALAR)
    assert of_tables.arrays.bins == merged.arrays.bins < whole.arrays.bins
    check_equal(of_tables, merged, points)


@pytest.mark.parametrize("name", [observed_name, fold_name])
def test_what_is_merged_is_not_swapped(name: Any) -> None:
    one = experiment("xenonnt_cevns")
    whole, merged, _ = models([one.name], **SCALAR)
    value = whole.arrays.data(name(one))
    with pytest.raises(ArgumentError, match="the model has no data"):
        merged.with_data({name(one): value})


def test_log_likelihoods_of_a_fit_are_those_of_all_bins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated data are fitted with few bins, and their draws judged with all of them by SciPy."""
    one = experiment("xenonnt_cevns")
    bins: list[int] = []

    def noted(target: PartsTarget, model: CompiledModel, points: Any) -> xr.Dataset:
        bins.append(model.arrays.bins)
        return draws(target, model, points)

    draws = PartsTarget.draws
    monkeypatch.setattr(PartsTarget, "draws", noted)
    engine = Engine(
        ModelSpec.of([one], **SCALAR), SamplerSettings(draws=200, cores=1), monitored=True
    )
    counts = {one.name: toy(one, 0.1)}
    fit = engine.fit(MASS_MEV, seed=1, observed=counts)
    empty = np.count_nonzero(counts[one.name] == 0)
    assert set(bins) == {one.observed.size - empty + 1}
    at = fit.posterior.isel(branch=0, chain=2, draw=[0, 77, 199])
    source = Simulator(engine.spec, MASS_MEV, fit.prior)
    names = [COORDINATE, *(nuisance_name(one, name) for name in one.nuisances())]
    for draw in range(3):
        here = at.isel(draw=draw)
        mean = source.expected({name: here[name].values for name in names})[one.name]
        likelihood = poisson.logpmf(counts[one.name], mean).sum()
        assert float(here["log_likelihood"]) == pytest.approx(likelihood, rel=1e-9)
