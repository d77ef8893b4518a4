"""The engine: what it samples is the model, whatever was compiled first."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.priors import coupling_prior
from bayes_cevns.errors import ArgumentError, ConvergenceError, UnknownNameError
from bayes_cevns.inference import sampling as sampling_module
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.nuts import accepted
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.model import build_model
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.sample import sample
from bayes_cevns.summary.limits import limits

FAST = SamplerSettings(draws=1000, tune=300)


@pytest.fixture(scope="module")
def signed(xenonnt: Experiment) -> Engine:
    return Engine(ModelSpec.of([xenonnt], interaction="vector-universal"), FAST)


@pytest.fixture(scope="module")
def scalar(xenonnt: Experiment) -> Engine:
    return Engine(ModelSpec.of([xenonnt], interaction="scalar-universal"), FAST)


def test_swapped_tables_give_the_density_of_a_model_built_anew(
    xenonnt: Experiment, signed: Engine
) -> None:
    """Compiled at 1 MeV, evaluated at 30 MeV, against PyMC at 30 MeV with all its bins."""
    signed.compile(1.0)
    model = build_model([xenonnt], interaction="vector-universal", mass_mev=30.0)
    start = model.initial_point()
    rng = np.random.default_rng(1)
    points = rng.normal(0.0, 0.4, (5, sum(np.size(v) for v in start.values())))
    ours, gradient = signed.log_density(30.0, points)
    logp, dlogp = model.compile_logp(), model.compile_dlogp()
    for point, value, slope in zip(points, ours, gradient, strict=True):
        named, at = {}, 0
        for name, old in start.items():
            named[name] = point[at : at + np.size(old)].reshape(np.shape(old))
            at += np.size(old)
        assert value == pytest.approx(float(logp(named)), abs=1e-8)
        np.testing.assert_allclose(slope, dlogp(named), rtol=1e-8, atol=1e-8)


def test_same_seed_same_draws_and_cores_do_not_matter(
    scalar: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = scalar.fit(10.0, seed=4)
    with monkeypatch.context() as patch:
        patch.setattr(scalar, "settings", replace(FAST, cores=1))
        two = scalar.fit(10.0, seed=4)
    np.testing.assert_array_equal(one.posterior["coupling"], two.posterior["coupling"])
    other = scalar.fit(10.0, seed=5)
    assert not np.array_equal(one.posterior["coupling"], other.posterior["coupling"])


def test_branch_weights_do_not_depend_on_where_the_prior_ends(
    signed: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither do the limits: the bound lies where the data exclude everything."""

    def doubled(kind: str, tables: object, **options: object) -> object:
        return coupling_prior(kind, tables, bound_factor=2.0, **options)

    one = signed.fit(10.0, seed=1)
    monkeypatch.setattr("bayes_cevns.density.data.coupling_prior", doubled)
    monkeypatch.setattr(signed, "_known", {})  # what it knows of this mass, with the first prior
    two = signed.fit(10.0, seed=2)
    assert two.prior is not None
    assert one.prior is not None
    assert two.prior.scale == pytest.approx(2 * one.prior.scale)
    weights = [float(fit.quality["weight"][0]) for fit in (one, two)]
    assert weights[0] == pytest.approx(weights[1], abs=0.03)
    for a, b in zip(limits(one, 0.9), limits(two, 0.9), strict=True):
        error = np.hypot(a.mc_error, b.mc_error)
        assert abs(a.value - b.value) < max(4 * error, 0.01 * a.value)


@pytest.mark.parametrize("prior", ["flat", "flat-rate", "log"])
def test_limit_does_not_move_when_the_bound_doubles(
    xenonnt: Experiment, prior: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two interactions, which one compiled model takes as data."""
    names = ("scalar-universal", "b-l")
    specs = [ModelSpec.of([xenonnt], interaction=name, prior=prior) for name in names]
    engines = [Engine(spec, FAST) for spec in specs]
    sampler = engines[0].compile(10.0)
    for engine in engines:
        monkeypatch.setattr(engine, "compile", lambda _: sampler)
    at_one = [limits(engine.fit(10.0, seed=1), 0.9) for engine in engines]
    monkeypatch.setattr(
        "bayes_cevns.density.data.coupling_prior",
        lambda kind, tables, **options: coupling_prior(kind, tables, bound_factor=2.0, **options),
    )
    for engine, (one,) in zip(engines, at_one, strict=True):
        (two,) = limits(engine.fit(10.0, seed=2), 0.9)
        assert abs(one.value - two.value) < 4 * np.hypot(one.mc_error, two.mc_error)


def test_both_branches_of_a_heavy_vector_weigh_the_same(signed: Engine) -> None:
    """At contact, x and its mirror give the same rates: equal posterior mass on either side."""
    fit = signed.fit(5e4, seed=3)
    assert float(fit.quality["weight"][0]) == pytest.approx(0.5, abs=0.03)


def test_combined_draws_have_the_branches_in_proportion(signed: Engine) -> None:
    fit = signed.fit(10.0, seed=1)
    draws = fit.draws()
    assert draws.sizes["chain"] == FAST.chains
    assert draws.sizes["draw"] == FAST.draws
    border = float(fit.quality["low"][1])
    lower = float((draws["coupling_coordinate"] < border).mean())
    assert lower == pytest.approx(float(fit.quality["weight"][0]), abs=2e-3)


def test_a_failing_fit_is_retried_and_then_recorded_as_failed(
    xenonnt: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    real = sampling_module.begin_points

    def counted(model: object, settings: SamplerSettings, **options: Any) -> object:
        more, straight = options["longer"], options["straight"]
        accept = accepted(settings, longer=more, straight=straight)
        calls.append((settings.draws * more, options["seed"], accept))
        return real(model, settings, **options)

    monkeypatch.setattr(sampling_module, "begin_points", counted)
    strict = SamplerSettings(draws=100, tune=100, retries=2, gate=Gate(ess_min=1e9))
    engine = Engine(ModelSpec.of([xenonnt]), strict)
    fit = engine.fit(seed=1)
    assert [draws for draws, _, _ in calls] == [100, 200, 400]
    assert len({seed for _, seed, _ in calls}) == 3
    assert [accept for _, _, accept in calls] == pytest.approx([0.95, 0.975, 0.9875])
    assert not fit.passed
    assert "ESS" in fit.reason
    assert fit.posterior.sizes["draw"] == 100
    with pytest.raises(ConvergenceError, match="after 0 retries"):
        sample(
            [xenonnt], settings=SamplerSettings(draws=100, tune=100, retries=0, gate=strict.gate)
        )


def test_a_fit_that_is_begun_is_that_which_is_waited_for(xenonnt: Experiment) -> None:
    """Whatever is sampled beside it, and with how many cores."""
    engine = Engine(ModelSpec.of([xenonnt], interaction="scalar-universal"), FAST)
    alone = [engine.fit(mass, seed=7) for mass in (1.0, 10.0)]
    begun = [engine.begin(mass, seed=7, cores=1) for mass in (1.0, 10.0)]
    for one, other in reversed(list(zip(alone, begun, strict=True))):
        found = other.result()
        xr.testing.assert_identical(found.posterior, one.posterior)
        xr.testing.assert_identical(found.quality, one.quality)
        assert other.result() is found
        other.stop()


def test_a_fit_that_is_stopped_gives_no_draws(xenonnt: Experiment) -> None:
    engine = Engine(ModelSpec.of([xenonnt]), SamplerSettings(draws=100_000))
    fitting = engine.begin(seed=1)
    start = time.monotonic()
    for _ in range(2):
        fitting.stop()
    assert time.monotonic() - start < 15.0
    with pytest.raises(RuntimeError, match="was stopped"):
        fitting.result()


@pytest.mark.parametrize(
    "wrong",
    [
        {"draws": 0},
        {"chains": 0},
        {"tune": 0},
        {"cores": 0},
        {"draws": 1000.0},
        {"chains": "4"},
        {"retries": True},
        {"target_accept": 1.0},
        {"target_accept": "0.9"},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        SamplerSettings(**wrong)


def test_settings_and_seeds_of_the_wrong_kind(xenonnt: Experiment) -> None:
    with pytest.raises(ArgumentError, match=r"expected settings, such as .* got 'fast'"):
        sample([xenonnt], settings="fast")
    with pytest.raises(UnknownNameError, match="did you mean 'draws'"):
        sample([xenonnt], settings={"drawz": 5})
    with pytest.raises(ArgumentError, match="expected draws, a whole number >= 4, got '5'"):
        sample([xenonnt], settings={"draws": "5"})
    for seed in ("1", 1.5, -1, 2**32, True, None):
        with pytest.raises(ArgumentError, match="expected a seed, a whole number"):
            sample([xenonnt], seed=seed)
