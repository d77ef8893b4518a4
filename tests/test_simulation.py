"""Data that were not observed: expected counts (Asimov) and toys, and what takes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pymc as pm
import pytensor
import pytest
import xarray as xr
from scipy.special import gammaln
from scipy.stats import kstest, poisson

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.likelihoods import NormalErrors
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.priors import PRIORS, coupling_prior
from bayes_cevns.errors import ArgumentError, BayesCevnsError, UnknownNameError
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.model import assemble
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.theory import Theory
from bayes_cevns.specification import simulation
from bayes_cevns.specification.expected_counts import binned_counts, expected_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov, toy
from bayes_cevns.studies.experiment_words import from_words
from bayes_cevns.studies.identity import content_digest
from bayes_cevns.studies.sample import sample
from bayes_cevns.studies.scan import scan
from bayes_cevns.summary.limits import limits

PROJECTED = "xenon_1ty"
QUICK = SamplerSettings(draws=600, tune=300)
VECTOR = {"interaction": "vector-universal", "mass_mev": 10.0}


@pytest.fixture(scope="module")
def projected() -> Experiment:
    return experiment(PROJECTED)


def of_errors(one: Experiment) -> Experiment:
    """Return the experiment with a normal likelihood, its errors all alike."""
    sigma = one.observed.astype(float).copy(data=np.full(one.observed.shape, 0.5))
    return replace(
        one,
        likelihood=NormalErrors(sigma),
        card=one.card.model_copy(update={"likelihood": "normal"}),
        data="observed",
    )


def totals(one: Experiment) -> float:
    return sum(sum(parts.values()) for parts in expected_counts(one).values())


@pytest.mark.parametrize("name", ["xenonnt_cevns", "xenonnt_s2only", "lz_8b", "xenon_1ty_er"])
def test_asimov_counts_are_the_expected_ones(name: str) -> None:
    one = experiment(name)
    data = asimov(one)
    assert data.data == "asimov"
    assert data.observed.dims == ("run", "bin")
    by_run = data.observed.sum("bin")
    for run, parts in expected_counts(one).items():
        assert float(by_run.sel(run=run)) == pytest.approx(sum(parts.values()), rel=1e-9)


def test_asimov_data_of_an_interaction(xenonnt: Experiment) -> None:
    """S + x I + x^2 P and the backgrounds, bin by bin."""
    x = -3e-11
    found = asimov(xenonnt, **VECTOR, coupling_product=x)
    parts = binned_counts(xenonnt, interaction("vector-universal"), 10.0, 1.0)
    expected = parts["sm"] + x * parts["interference"] + x**2 * parts["new_physics"]
    for background in xenonnt.backgrounds:
        expected = expected + parts[background.name]
    np.testing.assert_allclose(found.observed, expected.transpose("run", "bin"), rtol=1e-12)
    assert found.observed.sum() > asimov(xenonnt).observed.sum()


def test_the_true_form_factor_is_a_choice(xenonnt: Experiment) -> None:
    helm, other = asimov(xenonnt), asimov(xenonnt, theory=Theory("klein-nystrand"))
    assert other.observed.sum() < helm.observed.sum()
    with pytest.raises(UnknownNameError, match="form factor"):
        asimov(xenonnt, theory=Theory("none"))


def test_the_asimov_density_is_poissons_formula_continued(projected: Experiment) -> None:
    """With whole counts it is the Poisson density; between them that with the Gamma function."""
    data = asimov(projected)
    rounded = replace(data, observed=np.rint(data.observed))
    densities = {}
    for key, one in {
        "between": data,
        "whole": rounded,
        "poisson": replace(rounded, observed=rounded.observed.astype(int), data="toy"),
    }.items():
        spec = ModelSpec.of([one])
        with pytensor.config.change_flags(mode="FAST_COMPILE"):
            model = assemble(spec, spec.tables(), None)
            terms = [*model.potentials, *(model.logp(rv, sum=True) for rv in model.observed_RVs)]
            (term,) = terms
            at = {f"{PROJECTED}.systematic": 1.1, f"{PROJECTED}.background": 0.9}
            free = {rv: pytensor.tensor.constant(at[rv.name]) for rv in model.free_RVs}
            values = {model.rvs_to_values[rv]: _value(model, rv, at[rv.name]) for rv in free}
            # A potential is in the variables, a density in their values.
            fixed = term if key == "poisson" else pytensor.graph.clone_replace(term, free)
            densities[key] = float(
                pytensor.function([], fixed, givens=values, on_unused_input="ignore")()
            )
    parts = binned_counts(projected, None)
    mean = (1.1 * parts["sm"] + 0.9 * parts["background"]).transpose("run", "bin").values
    n = data.observed.values
    expected = (n * np.log(mean) - mean - gammaln(n + 1)).sum()
    assert densities["between"] == pytest.approx(expected, rel=1e-9)
    assert densities["whole"] == pytest.approx(densities["poisson"], rel=1e-9)
    assert densities["poisson"] == pytest.approx(poisson.logpmf(np.rint(n), mean).sum(), rel=1e-9)


def _value(model: pm.Model, rv: pytensor.tensor.TensorVariable, at: float) -> object:
    transform = model.rvs_to_transforms[rv]
    constant = pytensor.tensor.constant(at)
    return transform.forward(constant, *rv.owner.inputs) if transform is not None else constant


@pytest.mark.parametrize("merged", [False, True])
def test_bins_in_which_nothing_can_be(projected: Experiment, merged: bool) -> None:
    """0 log 0 is 0, and so is its gradient."""
    (signal,), (background,) = projected.signals, projected.backgrounds
    seen = xr.DataArray(np.arange(100) < 60, dims="bin")
    blind = replace(
        projected,
        signals=(replace(signal, values=signal.values * seen),),
        backgrounds=(replace(background, values=background.values * seen),),
    )
    data = asimov(blind)
    assert np.all(data.observed.values[:, 60:] == 0)
    spec = ModelSpec.of([data])
    spec = spec.merging_bins() if merged else spec
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        model = assemble(spec, spec.tables(), None)
        point = model.initial_point()
        density, gradient = model.compile_logp()(point), model.compile_dlogp()(point)
    assert np.isfinite(density)
    assert np.all(np.isfinite(gradient))


def test_asimov_data_of_a_normal_likelihood(projected: Experiment) -> None:
    data = asimov(of_errors(projected))
    assert data.observed.sum() == pytest.approx(totals(projected))
    drawn = toy(of_errors(projected), seed=4)
    pulls = (drawn.observed.values - data.observed.values) / 0.5
    assert kstest(pulls.ravel(), "norm").pvalue > 0.01
    assert np.any(drawn.observed < 0)


def test_toys_have_poissons_mean_and_variance(
    projected: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = asimov(projected).observed.values
    parts = binned_counts(projected, None)  # once, not for each of them
    monkeypatch.setattr(simulation, "binned_counts", lambda *_, **__: parts)
    drawn = np.array([toy(projected, seed=seed).observed.values for seed in range(400)])
    assert drawn.dtype.kind == "i"
    pull = (drawn.mean(axis=0) - expected) / np.sqrt(expected / 400)
    often = expected > 1
    assert np.abs(pull[often]).max() < 4.5
    assert drawn.sum(axis=(1, 2)).mean() == pytest.approx(
        expected.sum(), abs=4 * np.sqrt(expected.sum() / 400)
    )
    ratio = drawn.var(axis=0, ddof=1)[often] / expected[often]
    assert ratio.mean() == pytest.approx(1.0, abs=0.05)
    # Bins are independent: the sum varies as one count.
    assert drawn.sum(axis=(1, 2)).var(ddof=1) == pytest.approx(expected.sum(), rel=0.3)


def test_toys_of_an_interaction(projected: Experiment) -> None:
    x = 2e-10
    expected = float(asimov(projected, **VECTOR, coupling_product=-x).observed.sum())
    drawn = float(toy(projected, seed=1, **VECTOR, coupling_product=-x).observed.sum())
    assert expected > 1.5 * totals(projected)
    assert drawn == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_seeds(projected: Experiment) -> None:
    """The same seed draws the same; another, or an experiment of another name, does not."""
    one = toy(projected, seed=3).observed
    xr.testing.assert_identical(one, toy(projected, seed=3).observed)
    assert not one.equals(toy(projected, seed=4).observed)
    assert not one.equals(toy(replace(projected, name="twin"), seed=3).observed)
    assert toy(projected, seed=np.int64(3)).observed.equals(one)


@pytest.mark.parametrize("seed", [-1, 1.0, True, "1", None])
def test_what_is_no_seed(projected: Experiment, seed: object) -> None:
    with pytest.raises(ArgumentError, match="expected a seed, a whole number >= 0"):
        toy(projected, seed=seed)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "arguments",
    [
        {"interaction": "vector-universl", "mass_mev": 1.0},
        {"interaction": "vector-universal"},
        {"mass_mev": 1.0},
        {"coupling_product": 1e-9},
        {"interaction": "vector-universal", "mass_mev": 1.0, "coupling_product": np.nan},
    ],
)
def test_a_truth_that_does_not_exist(projected: Experiment, arguments: dict[str, object]) -> None:
    for make in (asimov, lambda one, **kinds: toy(one, seed=1, **kinds)):
        with pytest.raises(BayesCevnsError):
            make(projected, **arguments)


def test_counts_that_are_clearly_negative_are_refused(projected: Experiment) -> None:
    (background,) = projected.backgrounds
    spoilt = replace(projected, backgrounds=(replace(background, values=-30 * background.values),))
    with pytest.raises(ArgumentError, match=r"xenon_1ty expects -.* events in bin \d+ of all"):
        asimov(spoilt)
    with pytest.raises(ArgumentError, match="too coarse"):
        toy(spoilt, seed=1)


def test_rounding_below_zero_is_nothing(projected: Experiment) -> None:
    (signal,), (background,) = projected.signals, projected.backgrounds
    last = xr.DataArray(np.where(np.arange(100) == 99, -1e-9, 0.0), dims="bin")
    below = replace(
        projected,
        signals=(replace(signal, values=signal.values * (last == 0)),),
        backgrounds=(replace(background, values=background.values * (last == 0) + last),),
    )
    assert asimov(below).observed.values[0, 99] == 0
    assert toy(below, seed=1).observed.values[0, 99] == 0


@pytest.mark.parametrize("name", ["lz_8b", "xlzd", PROJECTED])
def test_nothing_is_fitted_to_no_data(name: str) -> None:
    """The error says what can be done instead."""
    one = experiment(name)
    assert one.data == "none"
    assert np.all(np.isnan(one.observed))
    for fit in (lambda: sample([one]), lambda: ModelSpec.of([one], interaction="b-l")):
        with pytest.raises(ArgumentError, match=rf"{name} has no observed counts.*--data asimov"):
            fit()


@pytest.mark.parametrize("kind", PRIORS)
def test_priors_take_counts_between_whole_ones(projected: Experiment, kind: str) -> None:
    """Their bounds are those of the rounded counts, but for the rounding."""
    data = asimov(projected)
    bounds = []
    for observed in (data.observed, np.rint(data.observed).astype(int)):
        table = RateTable(replace(data, observed=observed), interaction("vector-universal"))
        prior = coupling_prior(kind, [table], mass_mev=10.0)
        bounds.append([prior.product(prior.lower), prior.product(prior.upper)])
    np.testing.assert_allclose(bounds[0], bounds[1], rtol=0.03)


def test_asimov_data_give_back_what_is_true() -> None:
    """The posterior of the signal lies at 1 with the width that the card and the counts give."""
    data = asimov(experiment(PROJECTED))
    fit = sample([data], seed=1, settings=QUICK)
    scale = fit.draws()[f"{PROJECTED}.systematic"].values.ravel()
    (run,) = expected_counts(data).values()
    # Counts of signal and background together, the 10% of the latter being small.
    width = 1 / np.sqrt(1 / 0.1**2 + run["sm"] ** 2 / (run["sm"] + run["background"]))
    assert scale.mean() == pytest.approx(1.0, abs=0.02)
    assert scale.std() == pytest.approx(width, rel=0.1)


def test_a_toy_with_a_signal_shows_it() -> None:
    """The coupling that was put in lies within its posterior, zero does not."""
    x = 4e-11
    data = toy(experiment(PROJECTED), seed=2, interaction="scalar-universal", mass_mev=10.0,
               coupling_product=x)  # fmt: skip
    fit = sample([data], interaction="scalar-universal", mass_mev=10.0, seed=1, settings=QUICK)
    product = np.abs(fit.draws()["coupling_product"].values.ravel())
    low, high = np.quantile(product, [0.005, 0.995])
    assert 0.3 * x < low < x < high


def test_the_data_are_part_of_a_run(projected: Experiment) -> None:
    made = [asimov(projected), toy(projected, seed=1), toy(projected, seed=2)]
    assert len({content_digest(one) for one in made}) == 3


@pytest.mark.calibration
def test_a_limit_on_asimov_data_is_near_the_median_of_toys() -> None:
    one = experiment("coherent_ge_counts")

    def limit(data: Experiment) -> float:
        fit = sample([data], interaction="scalar-universal", mass_mev=10.0, seed=1, settings=QUICK)
        return limits(fit, 0.9)[0].value

    median = float(np.median([limit(toy(one, seed=seed)) for seed in range(15)]))
    assert limit(asimov(one)) == pytest.approx(median, rel=0.1)


def test_data_by_a_word() -> None:
    two = {"experiments": ["xlzd", PROJECTED]}
    assert [e.data for e in from_words(two)] == ["none", "none"]
    for e in from_words({**two, "data": "asimov"}):
        assert e.observed.equals(asimov(experiment(e.name)).observed)
    for e in from_words({**two, "data": "toy:3"}):
        assert e.observed.equals(toy(experiment(e.name), seed=3).observed)
    (other,) = from_words({"experiments": [PROJECTED], "data": "asimov"}, Theory("klein-nystrand"))
    assert other.observed.sum() < asimov(experiment(PROJECTED)).observed.sum()


@pytest.mark.parametrize("data", ["", "toy", "toy:", "toy:-1", "toy:1.5", "asimov:3", "Asimov"])
def test_words_that_are_no_data(data: str) -> None:
    with pytest.raises(ArgumentError, match=r"--data: expected observed, asimov or toy:SEED"):
        from_words({"experiments": ["xlzd"], "data": data})


def test_a_scan_of_asimov_data(tmp_path: Path) -> None:
    result = scan(
        [asimov(experiment(PROJECTED))],
        interaction="scalar-universal",
        masses_mev=[1.0, 100.0],
        seed=1,
        settings=QUICK,
        out=tmp_path / "scan",
    )
    assert not result.failed
    low, high = (limits(point.fit, 0.9)[0].value for point in result.points)
    assert 0 < low < high
