"""Model comparison on a likelihood that is integrated by hand: normal counts, linear nuisances."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.stats import multivariate_normal, norm

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.likelihoods import NormalErrors
from bayes_cevns.couplings.priors import PRIORS, CouplingPrior
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.data import prior_at
from bayes_cevns.errors import ArgumentError, DataError, OutputError
from bayes_cevns.inference import at_draws
from bayes_cevns.inference.at_draws import ModelAtDraws
from bayes_cevns.inference.coupling_likelihood import CouplingLikelihood
from bayes_cevns.inference.marginal import _log_products, agreeing, coupling_likelihood
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.theory import Theory
from bayes_cevns.specification.expected_counts import binned_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import toy
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.studies.comparison.assessment import assess, predictive
from bayes_cevns.studies.comparison.compare import compare, compare_models
from bayes_cevns.studies.comparison.result import Comparison
from bayes_cevns.studies.power_scaling import power_scaling
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.studies.scan import scan
from bayes_cevns.summary.cross_validation import log_likelihood
from bayes_cevns.summary.predictive_checks import predictive_checks

SCALAR, MASS = "scalar-universal", 10.0
SETTINGS = SamplerSettings(draws=1000, tune=300)


def normal_toy(seed: int = 5) -> Experiment:
    """A projection with a normal likelihood: 100 bins of 100 keV, two linear nuisances."""
    one = experiment("xenon_1ty")
    sigma = one.observed.astype(float).copy(data=np.full(one.observed.shape, 1.5))
    card = one.card.model_copy(update={"likelihood": "normal"})
    return toy(replace(one, likelihood=NormalErrors(sigma), card=card, data="observed"), seed=seed)


@pytest.mark.parametrize(
    ("shape", "trusted"), [(0.2, True), (0.5, True), (1.0, False), (1.5, False)]
)
def test_heavy_weights_are_told_from_light_ones(shape: float, trusted: bool) -> None:
    """Weights 1 + Pareto have the shape of their tail, whatever x is."""
    rng = np.random.default_rng(3)
    log_weights = np.log1p(rng.pareto(1 / shape, 4000))
    grid = np.linspace(0.0, 1.0, 5)
    same = CouplingLikelihood(grid, np.repeat(log_weights[:, None], 5, axis=1), np.zeros(4000, int))
    prior = CouplingPrior(
        "flat", signed=False, centre=0.0, scale=1.0, lower=0.0, upper=1.0, split=None
    )
    k = same.pareto_k(prior)
    assert k == pytest.approx(shape, abs=0.25)
    assert (k < 0.7) == trusted


class Gaussian:
    """The same model by hand: nuisances integrated out exactly, x on a grid."""

    def __init__(self, one: Experiment) -> None:
        self.counts = one.observed.values.ravel()
        parts = binned_counts(one, interaction(SCALAR), MASS, 1.0)
        self.parts = {k: v.transpose("run", "bin").values.ravel() for k, v in parts.items()}
        self.noise = one.sigma.values.ravel() ** 2
        priors = {name: entry.prior.mean_and_sd for name, entry in one.card.nuisance.items()}
        self.means = {name: prior[0] for name, prior in priors.items()}
        self.widths = {name: prior[1] for name, prior in priors.items()}

    def density(self, x: float) -> multivariate_normal:
        parts = self.parts
        signal = parts["sm"] + x * parts["interference"] + x**2 * parts["new_physics"]
        mean = self.means["systematic"] * signal + self.means["background"] * parts["background"]
        spread = self.spread(signal)
        return multivariate_normal(mean, np.diag(self.noise) + spread @ spread.T)

    def spread(self, signal: np.ndarray) -> np.ndarray:
        """What one standard deviation of each nuisance adds, shape (bins, 2)."""
        background = self.widths["background"] * self.parts["background"]
        return np.stack([self.widths["systematic"] * signal, background], axis=1)

    def log_likelihood(self, x: np.ndarray) -> np.ndarray:
        """As `density`, by the identities of Woodbury and Sylvester."""
        found = []
        for value in x:
            signal = self.parts["sm"] + value * self.parts["interference"]
            signal = signal + value**2 * self.parts["new_physics"]
            mean = self.means["systematic"] * signal
            rest = self.counts - mean - self.means["background"] * self.parts["background"]
            spread = self.spread(signal)
            inner = np.eye(2) + spread.T @ (spread / self.noise[:, None])
            along = spread.T @ (rest / self.noise)
            chi2 = rest @ (rest / self.noise) - along @ np.linalg.solve(inner, along)
            logs = np.log(2.0 * np.pi * self.noise).sum() + np.linalg.slogdet(inner)[1]
            found.append(-0.5 * (chi2 + logs))
        return np.array(found)

    def leave_one_out(self) -> np.ndarray:
        """Log-densities of each bin given all others, of the Standard Model."""
        density = self.density(0.0)
        precision = np.linalg.inv(density.cov)
        variance = 1.0 / np.diag(precision)
        mean = self.counts - variance * (precision @ (self.counts - density.mean))
        return norm.logpdf(self.counts, mean, np.sqrt(variance))

    def limit(self, prior: CouplingPrior, level: float) -> float:
        t = np.linspace(prior.lowest, prior.upper, 2000)
        logs = self.log_likelihood(prior.product(t))
        cumulative = np.cumsum(np.exp(logs - logs.max()))
        at = np.interp(level, cumulative / cumulative[-1], t)
        return float(prior.quoted(prior.product(at)))


@pytest.fixture(scope="module")
def data() -> Experiment:
    return normal_toy()


@pytest.fixture(scope="module")
def exact(data: Experiment) -> Gaussian:
    return Gaussian(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compare") / "out"


@pytest.fixture(scope="module")
def compared(data: Experiment, folder: Path) -> Comparison:
    return compare_models(
        [data], interactions=[SCALAR], mass_mev=MASS, settings=SETTINGS, seed=3, out=folder
    )


def test_evidences_are_those_by_hand(compared: Comparison, exact: Gaussian) -> None:
    standard, scalar = compared.models
    assert [m.run.name for m in compared.models] == ["sm", SCALAR]
    (at_zero,) = exact.log_likelihood(np.zeros(1))
    assert standard.log_evidence == pytest.approx(at_zero, abs=4 * standard.log_evidence_error)
    prior = scalar.run.prior
    assert prior is not None
    x = prior.product(np.linspace(prior.lowest, prior.upper, 4001))
    logs = exact.log_likelihood(x)
    by_hand = np.log(np.mean(np.exp(logs - logs.max()))) + logs.max()
    assert scalar.log_evidence == pytest.approx(by_hand, abs=4 * scalar.log_evidence_error)
    assert scalar.log_evidence_error < 0.05
    factor, error = compared.log_bayes_factor(scalar)
    assert factor == pytest.approx(by_hand - at_zero, abs=4 * error)
    ratio, ratio_error = scalar.log_dickey_ratio, scalar.log_dickey_ratio_error
    assert ratio == pytest.approx(by_hand - at_zero, abs=4 * ratio_error + 0.01)
    assert not scalar.reason


def test_a_bayes_factor_depends_on_the_end_of_the_prior(
    compared: Comparison, exact: Gaussian
) -> None:
    scalar = compared.models[1]
    factors, prior = scalar.bayes_factors, scalar.run.prior
    assert factors is not None
    assert prior is not None
    assert factors.log_bayes_factor[0] == pytest.approx(0.0, abs=0.01)
    # Beyond what data allow, twice the width of the prior is half the evidence.
    width = np.diff(np.log(factors.max_coupling**2))[-5:]
    np.testing.assert_allclose(np.diff(factors.log_bayes_factor)[-5:], -width, atol=1e-3)
    (at_zero,) = exact.log_likelihood(np.zeros(1))
    for place in (10, 20, 30):
        shorter = prior.up_to(float(factors.max_coupling[place]))
        x = shorter.product(np.linspace(shorter.lowest, shorter.upper, 2001))
        by_hand = np.log(np.mean(np.exp(exact.log_likelihood(x) - at_zero)))
        allowed = 4 * factors.error[place] + 0.01
        assert factors.log_bayes_factor[place] == pytest.approx(by_hand, abs=allowed)


def test_leaving_bins_out_agrees_with_leaving_them_out(
    compared: Comparison, exact: Gaussian
) -> None:
    loo = compared.models[0].loo
    by_hand = exact.leave_one_out()
    np.testing.assert_allclose(loo.elpd, by_hand, atol=0.05)
    assert loo.total == pytest.approx(by_hand.sum(), abs=0.1)
    assert loo.pareto_k.max() < 0.7
    assert loo.error == pytest.approx(np.sqrt(by_hand.size * by_hand.var()), rel=0.03)
    assert 0 < loo.effective_parameters.sum() < 3


def test_a_part_of_the_draws_is_looked_at_where_all_have_no_place(
    compared: Comparison, exact: Gaussian, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = compared.models[0].run
    number = run.posterior.sizes["chain"] * run.posterior.sizes["draw"]
    most = number * at_draws.bins_of(run.spec.experiments)
    monkeypatch.setattr(at_draws, "MOST_NUMBERS", most)
    assert np.array_equal(assess(run).loo.elpd, compared.models[0].loo.elpd)
    asked = []
    counts = CompiledModel.counts

    def counted(model: CompiledModel, points: Array) -> tuple[Array, Array, Array]:
        asked.append(points.size // points.shape[-1])
        return counts(model, points)

    monkeypatch.setattr(CompiledModel, "counts", counted)
    monkeypatch.setattr(at_draws, "MOST_NUMBERS", most // 4)
    found = assess(run)
    assert max(asked) == number // 4
    assert found.log_evidence == pytest.approx(compared.models[0].log_evidence, abs=1e-12, rel=0)
    np.testing.assert_allclose(found.loo.elpd, exact.leave_one_out(), atol=0.05)
    assert found.predictive.worst.p_value == pytest.approx(
        compared.models[0].predictive.worst.p_value, abs=0.1
    )
    predictive(run)
    power_scaling(ModelAtDraws(compared.models[1].run.spec, MASS), compared.models[1].run)
    assert max(asked) == number // 4


@pytest.mark.parametrize("kind", PRIORS)
def test_limits_with_other_priors_are_those_by_hand(
    compared: Comparison, exact: Gaussian, kind: str
) -> None:
    run = compared.models[1].run
    model = ModelAtDraws(run.spec, MASS)
    likelihood = coupling_likelihood(model, run)
    prior = prior_at(replace(run.spec, prior=kind), model.tables, MASS)
    (limit,) = likelihood.limits(prior, 0.9)
    assert limit.value == pytest.approx(exact.limit(prior, 0.9), abs=4 * limit.mc_error)
    assert limit.mc_error < 0.03 * limit.value
    assert likelihood.pareto_k(prior) < 0.7


def test_power_scaling_sees_what_the_posterior_owes_to_priors(compared: Comparison) -> None:
    """The systematic error is four times the statistical one: nuisances outweigh the likelihood."""
    run = compared.models[1].run
    model = ModelAtDraws(run.spec, MASS)
    scaling = power_scaling(model, run)
    assert scaling.coupling > 0.05
    assert scaling.nuisances > 0.05 > scaling.likelihood
    assert scaling.diagnosis == "priors outweigh the likelihood"
    # Per log g a log prior is constant, so that all its powers are the same.
    log = prior_at(replace(run.spec, prior="log"), model.tables, MASS)
    scaling = power_scaling(model, replace(run, prior=log))
    assert np.isnan(scaling.coupling)
    assert "no powers" in scaling.diagnosis


def test_what_is_written(compared: Comparison, folder: Path, data: Experiment) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "compare.csv", "checks.csv", "bayes_factors.csv", "citations.bib", "run.toml", "models",
        "analysis.toml", "points", "progress.json",
    }  # fmt: skip
    header, standard, scalar = (folder / "compare.csv").read_text().splitlines()
    assert header.startswith(
        "experiment,model,mass_mev,coupling,unit,data,kind,prior,prior_text,coupling_low,"
        "coupling_high,log_evid"
    )
    kind = f"{data.data},evidence"
    assert standard.startswith(f"xenon_1ty,sm,,,,{kind},,,")
    quoted = "sqrt(|g_nu g_f|),1"
    assert scalar.startswith(f"xenon_1ty,{SCALAR},10,{quoted},{kind},flat,uniform in g_nu g_f,0,")
    runs = [folder / "models" / name for name in (SCALAR, "sm")]
    again = compare(runs, experiments=[data])
    assert [m.run.name for m in again.models] == ["sm", SCALAR]
    for one, two in zip(again.rows(), compared.rows(), strict=True):
        assert one["log_evidence"] == pytest.approx(two["log_evidence"], abs=1e-9)
        assert one["elpd_loo"] == pytest.approx(two["elpd_loo"], abs=1e-9)
    with pytest.raises(ArgumentError, match=r"made in Python with the experiment xenon_1ty of its"):
        compare(runs)
    with pytest.raises(OutputError, match="another run"):
        compare_models([data], interactions=[], settings=SETTINGS, seed=3, out=folder)


def test_runs_on_different_data_are_refused(compared: Comparison) -> None:
    standard, scalar = (m.run for m in compared.models)
    other = replace(scalar.spec, experiments=(normal_toy(6),))
    with pytest.raises(ArgumentError, match=r"other counts of xenon_1ty .* same data only"):
        compare([standard, replace(scalar, spec=other)])
    another = replace(scalar.spec, experiments=(experiment("xenonnt_2024_s2"),))
    with pytest.raises(ArgumentError, match=r"sm was fitted to xenon_1ty, .* to xenonnt_2024_s2"):
        compare([standard, ModelRun.of(scalar, another, MASS, seed=1)])
    with pytest.raises(ArgumentError, match="got none"):
        compare([])


def test_runs_with_other_assumptions_are_refused(compared: Comparison) -> None:
    """Otherwise a Bayes factor would compare forms of the nucleus, or fluxes, as well."""
    standard, scalar = (m.run for m in compared.models)
    other = replace(scalar, spec=replace(scalar.spec, theory=Theory("point-like")))
    with pytest.raises(
        ArgumentError, match=r"sm was .* form factor 'standard', .* with 'point-like'"
    ):
        compare([standard, other])
    flux = ModelRun.of(standard, ModelSpec.of([experiment("xenonnt_2024_s2")]), None, seed=1)
    chosen = replace(flux, spec=replace(flux.spec, nuisance_priors=(("flux_8b", "sno"),)))
    with pytest.raises(ArgumentError, match=r"prior of flux_8b 'by default', .* with 'sno'"):
        compare([flux, chosen])


def test_failures_of_two_masses_are_both_kept(compared: Comparison) -> None:
    _, scalar = (m.run for m in compared.models)
    labels = {replace(scalar, mass_mev=mass).label for mass in (1.0, 10.0, None)}
    assert len(labels) == 3


def test_a_bin_may_expect_slightly_fewer_than_no_events() -> None:
    """A spline may undershoot; the likelihood that is sampled adds empty bins up."""
    one = experiment("xenonnt_2024")
    counts = one.observed.values
    run, bins = 0, (np.argmin(counts[0]), np.argmax(counts[0]))
    assert counts[0, bins[0]] == 0 < counts[0, bins[1]]
    for at, expected in zip(bins, (0.0, -np.inf), strict=True):
        mean = np.ones((1, 200, *counts.shape))
        mean[..., run, at] = -1e-3
        logs = log_likelihood([one], [mean]).reshape(mean.shape)
        assert (logs[..., run, at] == expected).all()
        checks = predictive_checks([one], [mean], xr.Dataset(), {}, seed=1).checks
        assert all(np.isfinite(check.median) for check in checks)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"max_coupling": np.inf}, "improper, its evidence undefined: give the largest coupling"),
        ({"max_coupling": -1.0}, "must be positive"),
        ({"mass_mev": None}, "needs a mediator mass"),
        ({"interactions": [SCALAR, SCALAR]}, "named twice"),
        ({"prior": "log", "max_coupling": 1e-12}, "no range for a log prior"),
        ({"settings": SamplerSettings(draws=20)}, "need 100 of them"),
    ],
)
def test_what_cannot_be_compared_is_refused_at_once(
    data: Experiment, options: dict[str, object], text: str
) -> None:
    with pytest.raises(ArgumentError, match=text):
        compare_models([data], **{"interactions": [SCALAR], "mass_mev": MASS, **options})


def test_folders_without_a_run_of_one_model(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no readable run\.toml"):
        compare([tmp_path])
    for study, complete, text in (
        ("scan", True, "holds a run of 'scan': .* one for each model"),
        ("sample", False, "no complete run of `sample`"),
        ("sample", True, "holds no analysis.toml"),
    ):
        out = tmp_path / f"{study} {complete}"
        with RunFolder(out, {"study": study}) as folder:
            folder.finish_with(None, complete=complete, report={})
        with pytest.raises(DataError, match=text):
            compare([out])


def draws_of(exact: Gaussian, one: Experiment, random: np.random.Generator) -> xr.Dataset:
    """Draws of the exact posterior of the two nuisances of the Standard Model."""
    design = np.stack([exact.parts["sm"], exact.parts["background"]], axis=1)
    names = ("systematic", "background")
    inverse = np.diag([exact.widths[n] ** -2.0 for n in names])
    precision = inverse + design.T @ (design / exact.noise[:, None])
    covariance = np.linalg.inv(precision)
    centre = inverse @ [exact.means[n] for n in names]
    counts = one.observed.values.ravel()
    mean = covariance @ (design.T @ (counts / exact.noise) + centre)
    drawn = random.multivariate_normal(mean, covariance, size=(1, 500))
    return xr.Dataset(
        {f"xenon_1ty.{n}": (("chain", "draw"), drawn[..., i]) for i, n in enumerate(names)}
    )


def p_values(exact: Gaussian, one: Experiment, seed: int) -> dict[str, float]:
    random = np.random.default_rng(seed)
    draws = draws_of(exact, one, random)
    systematic, background = (draws[f"xenon_1ty.{n}"].values for n in ("systematic", "background"))
    mean = systematic[..., None] * exact.parts["sm"]
    mean = mean + background[..., None] * exact.parts["background"]
    nuisances = {f"xenon_1ty.{k}": v.prior for k, v in one.card.nuisance.items()}
    checks = predictive_checks(
        [one], [mean.reshape(1, -1, 1, mean.shape[-1])], draws, nuisances, seed=seed
    )
    return {check.observable: check.p_value for check in checks.checks}


def toy_of(exact: Gaussian, data: Experiment, seed: int, efficiency: np.ndarray) -> Experiment:
    random = np.random.default_rng(seed)
    mean = efficiency * exact.parts["sm"] + exact.parts["background"]
    counts = random.normal(mean, np.sqrt(exact.noise))
    return replace(data, observed=data.observed.copy(data=counts.reshape(data.observed.shape)))


def test_predictive_p_values_of_the_truth_are_not_extreme(
    exact: Gaussian, data: Experiment
) -> None:
    """Data used twice: p-values gather around one half, and small ones are rarer than uniform."""
    toys = [toy_of(exact, data, seed, np.ones(100)) for seed in range(100)]
    found = [p_values(exact, one, seed) for seed, one in enumerate(toys)]
    for name in found[0]:
        p = np.array([f[name] for f in found])
        assert np.mean(p < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100), name
        assert p.mean() > 0.4, name
    deviance = np.array([f["bins"] for f in found])
    assert deviance.mean() == pytest.approx(0.5, abs=0.12)
    assert deviance.std() > 0.15


def test_a_wrong_efficiency_is_caught(exact: Gaussian, data: Experiment) -> None:
    """30% fewer events: the nuisance gives way, so that counts look right, but not its prior."""
    right = p_values(exact, toy_of(exact, data, 2, np.ones(100)), 1)
    broken = p_values(exact, toy_of(exact, data, 2, np.full(100, 0.7)), 1)
    assert min(right.values()) > 0.05
    assert broken["total"] > 0.05
    assert broken["bins"] > 0.05
    assert broken["constraint systematic"] < 0.01


def test_ratios_of_priors_where_no_bins_are_merged() -> None:
    """A normal likelihood keeps its bins, alone and beside one that merges them."""
    ge, search = experiment("coherent_ge_counts"), experiment("xenonnt_2024_s2")
    for experiments in ([ge], [ge, search]):
        found = scan(experiments, interaction=SCALAR, masses_mev=[MASS], settings=SETTINGS)
        (point,) = found.points
        assert point.prior_ratios["log"][0] < 1.0 == point.prior_ratios["flat"][0]


def test_a_marginal_likelihood_that_is_not_that_of_the_draws_is_not_trusted(
    compared: Comparison,
) -> None:
    run = compared.models[1].run
    model = ModelAtDraws(run.spec, MASS)
    likelihood = coupling_likelihood(model, run)
    assert agreeing(likelihood, run, 0.9) == (True,)
    stretched = run.posterior.assign(coupling_product=1.4 * run.posterior[PRODUCT])
    other = replace(run, posterior=stretched)
    assert agreeing(likelihood, other, 0.9) == (False,)


@pytest.mark.parametrize("kind", ["counts", "fractions", "zero", "negative", "far", "tiny", "many"])
def test_logarithms_of_products_are_sums_of_logarithms(kind: str) -> None:
    """Also where a bin expects nothing or less, and where the product is out of range."""
    random = np.random.default_rng(5)
    bins, draws = 40 if kind == "many" else 19, 3
    powers = random.uniform(0.1, 3.0, (3, draws, bins))
    powers[0] += 2.0  # positive everywhere
    counts = random.integers(1, 4, bins).astype(float)
    grid = np.linspace(-0.5, 2.0, 41)
    if kind == "fractions":
        counts = random.uniform(0.1, 5.0, bins)
    elif kind == "zero":
        powers[:, 1, 4] = 0.0, 0.0, 1.0  # zero at x = 0, which is on the grid
        grid = np.append(grid, 0.0)
    elif kind == "negative":
        powers[:2, 0, :2] = [[0.1], [-1.0]]  # two bins, whose product is positive
        counts[:2] = 2.0
    elif kind == "far":
        powers[2] = 1e30
    elif kind == "tiny":
        powers[0, :, 3], powers[0, :, 5], powers[1, :, 3:6:2] = 1e-310, 1e-90, 0.0
        grid = grid[grid > 0]
    found = _log_products(powers, counts, grid)
    means = powers[0][..., None] + powers[1][..., None] * grid + powers[2][..., None] * grid**2
    with np.errstate(divide="ignore", invalid="ignore"):
        slow = (counts[:, None] * np.log(means)).sum(axis=1)
    assert found == pytest.approx(slow, rel=1e-12, abs=1e-11, nan_ok=True)
    assert np.isnan(slow).any() == (kind == "negative")
    assert np.isneginf(slow).any() == (kind == "zero")
