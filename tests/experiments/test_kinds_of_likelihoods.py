"""Every kind of likelihood against SciPy and published numbers, in the model, profiles and toys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytest
import xarray as xr
from scipy import integrate, optimize, stats
from scipy.special import kv

import bayes_cevns as bc
from bayes_cevns.cards import Experiment, table_file
from bayes_cevns.cards.likelihoods import (
    AsymmetricErrors,
    CorrelatedErrors,
    CountLikelihood,
    NormalErrors,
    PoissonCounts,
    TemplateErrors,
)
from bayes_cevns.cards.likelihoods.base import NUMPY
from bayes_cevns.errors import ArgumentError, BayesCevnsError, CardError, DataError
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.inference.profile.toys import Calibrator
from bayes_cevns.model import build_model
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.summary.cross_validation import log_left_out, log_likelihood

MEAN = np.array([[3.0, 10.0, 50.0]])
SEEN = np.array([[2.0, 12.0, 40.0]])
COVARIANCE = np.array([[1.0, 0.5, 0.2], [0.5, 2.0, 0.1], [0.2, 0.1, 3.0]])


def of(values: list[float]) -> xr.DataArray:
    return xr.DataArray([values], dims=("run", "bin"))


KINDS = {
    "poisson": PoissonCounts(),
    "templates": TemplateErrors(of([1.0, 0.0, 5.0])),
    "normal": NormalErrors(of([1.0, 2.0, 3.0])),
    "asymmetric": AsymmetricErrors(of([1.0, 2.0, 5.0]), of([2.0, 1.0, 5.0])),
    "correlated": CorrelatedErrors(
        xr.DataArray(COVARIANCE[None], dims=("run", "bin", "other_bin"))
    ),
}


def terms(kind: CountLikelihood, seen: np.ndarray = SEEN, mean: np.ndarray = MEAN) -> np.ndarray:
    return np.asarray(kind.log_terms(seen, mean, NUMPY))


def test_poisson_and_normal_against_scipy() -> None:
    np.testing.assert_allclose(terms(KINDS["poisson"]), stats.poisson(MEAN).logpmf(SEEN))
    expected = stats.norm(MEAN, [[1.0, 2.0, 3.0]]).logpdf(SEEN)
    np.testing.assert_allclose(terms(KINDS["normal"]), expected)


def test_errors_of_templates_against_an_integral_over_the_true_mean() -> None:
    """A Gamma density of the true mean times a Poisson probability; without error Poisson."""
    found = terms(KINDS["templates"])[0]
    for place, error in ((0, 1.0), (2, 5.0)):
        mu, n = MEAN[0, place], SEEN[0, place]
        true = stats.gamma((mu / error) ** 2, scale=error**2 / mu)
        total, _ = integrate.quad(
            lambda v, n=n, true=true: stats.poisson(v).pmf(n) * true.pdf(v), 0.0, 120.0, limit=200
        )
        assert found[place] == pytest.approx(np.log(total), rel=1e-7)
    assert found[1] == pytest.approx(stats.poisson(10.0).logpmf(12))


@pytest.mark.parametrize(("n", "error"), [(40.0, 5.0), (62.0, 5.0), (40.0, 2.5)])
def test_errors_of_templates_beside_conway(n: float, error: float) -> None:
    """The factor of a bin with a normal density, profiled (arXiv:1103.0354).

    With relative error d it solves b^2 + (mu d^2 - 1) b - n d^2 = 0. At 5 and 10% the change of
    -2 ln L from the best mean differs by a few percent from that with Gamma densities.
    """

    def conway(mu: float) -> float:
        d2 = (error / mu) ** 2
        b = 0.5 * (1 - mu * d2 + np.sqrt((1 - mu * d2) ** 2 + 4 * n * d2))
        return float(2 * (b * mu - n * np.log(b * mu)) + (b - 1) ** 2 / d2)

    def here(mu: float) -> float:
        one = TemplateErrors(of([error]))
        return float(-2 * terms(one, np.array([[n]]), np.array([[mu]])).item())

    changes = [function(50.0) - function(n) for function in (conway, here)]
    assert changes[1] == pytest.approx(changes[0], rel=0.12, abs=0.02)


def test_asymmetric_errors_are_one_half_away() -> None:
    """-2 ln L rises by one at both ends, whatever the normalisation; physics/0406120."""
    kind = AsymmetricErrors(of([6.3]), of([7.1]))
    at = [
        terms(kind, np.array([[20.6]]), np.array([[mean]])).item()
        for mean in (20.6 - 6.3, 20.6, 27.7)
    ]
    np.testing.assert_allclose(np.array(at[1]) - [at[0], at[2]], 0.5, rtol=1e-12)
    none = terms(kind, np.array([[20.6]]), np.array([[0.0]])).item()
    assert np.sqrt(2 * (at[1] - none)) == pytest.approx(3.9, abs=0.05)  # the abstract of 2406.13806


@pytest.mark.parametrize(("minus", "plus"), [(1.0, 2.0), (2.0, 1.0), (5.0, 5.0), (0.24, 0.38)])
def test_asymmetric_errors_are_a_density_of_what_is_observed(minus: float, plus: float) -> None:
    kind = AsymmetricErrors(of([minus]), of([plus]))

    def density(y: float) -> float:
        return float(np.exp(terms(kind, np.array([[y]]), np.array([[3.0]])).item()))

    total, _ = integrate.quad(density, -60.0, 60.0, points=[3.0], limit=500)
    assert total == pytest.approx(1.0, rel=1e-6)
    drawn = kind.drawn(np.full((4000, 1, 1), 3.0), np.random.default_rng(1)).ravel()
    for share in (0.1, 0.5, 0.9):
        below, _ = integrate.quad(
            density, -60.0, np.quantile(drawn, share), points=[2.0], limit=500
        )
        assert below == pytest.approx(share, abs=0.02)


def test_asymmetric_errors_beside_the_generalised_inverse_gaussian() -> None:
    """V (w - 1) / V' is the distance; the floor is at 1% of the probability and less."""
    kind = AsymmetricErrors(of([6.3]), of([7.1]))
    z = 6.3 * 7.1 / 0.8**2
    for mean in (10.0, 20.6, 40.0):
        w = 1.0 + 0.8 * (mean - 20.6) / (6.3 * 7.1)
        expected = stats.geninvgauss(1.0, z).logpdf(w) + np.log(0.8 / (6.3 * 7.1))
        found = terms(kind, np.array([[20.6]]), np.array([[mean]])).item()
        assert found == pytest.approx(expected, abs=1e-6)


def test_every_number_is_possible_with_asymmetric_errors() -> None:
    """Far below, where the variance would vanish, it is a quarter of the smaller error squared."""
    for minus, plus, mean in ((5.0, 20.0, -300.0), (20.0, 5.0, 500.0)):
        kind = AsymmetricErrors(of([minus]), of([plus]))
        at = terms(kind, np.array([[100.0]]), np.array([[mean]])).item()
        best = terms(kind, np.array([[100.0]]), np.array([[100.0]])).item()
        assert best - at == pytest.approx(0.5 * (mean - 100.0) ** 2 / 2.5**2)


def test_covariance_against_scipy() -> None:
    kind = KINDS["correlated"]
    joint = stats.multivariate_normal(MEAN[0], COVARIANCE)
    assert terms(kind).sum() == pytest.approx(joint.logpdf(SEEN[0]), rel=1e-12)
    others = [1, 2]
    given = COVARIANCE[0, others] @ np.linalg.inv(COVARIANCE[np.ix_(others, others)])
    mean = MEAN[0, 0] + given @ (SEEN - MEAN)[0, others]
    sigma = np.sqrt(COVARIANCE[0, 0] - given @ COVARIANCE[others, 0])
    left_out = kind.left_out(SEEN, MEAN)[0, 0]
    assert left_out == pytest.approx(stats.norm(mean, sigma).logpdf(SEEN[0, 0]), rel=1e-10)
    drawn = kind.drawn(np.broadcast_to(MEAN, (20000, 1, 3)), np.random.default_rng(2))
    np.testing.assert_allclose(np.cov(drawn[:, 0].T), COVARIANCE, atol=0.1)


@pytest.mark.parametrize("name", KINDS)
def test_tensors_and_arrays_agree(name: str) -> None:
    observed, mean = pytensor.tensor.dmatrix(), pytensor.tensor.dmatrix()
    logs = KINDS[name].log_terms(observed, mean, pytensor.tensor)
    slope = pytensor.grad(logs.sum(), mean)
    function = pytensor.function([observed, mean], [logs, slope], mode="FAST_COMPILE")
    found, gradient = function(SEEN, MEAN)
    np.testing.assert_allclose(found, terms(KINDS[name]), rtol=1e-12)
    for place in range(3):
        step = np.where(np.arange(3) == place, 1e-5, 0.0)[None]
        rise = terms(KINDS[name], SEEN, MEAN + step) - terms(KINDS[name], SEEN, MEAN - step)
        assert gradient[0, place] == pytest.approx(rise.sum() / 2e-5, rel=1e-5)


def test_a_covariance_of_very_many_bins_is_refused(
    invent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    covariance = (("run", "bin", "other_bin"), 4.0 * COVARIANCE[None], {"units": "counts2"})
    monkeypatch.setattr(table_file, "MOST_CORRELATED", 2)
    measured(invent, "alone", sigma=errors([2.0, 2.0, 2.0]))
    with pytest.raises(DataError, match="has 3 runs x bins, expected 2 at most of a table with a"):
        measured(invent, "correlated", covariance=covariance)


@pytest.mark.parametrize("name", KINDS)
def test_replicas_have_the_deviance_of_so_many_bins(name: str) -> None:
    kind, mean = KINDS[name], 20.0 + MEAN
    replicas = kind.drawn(np.broadcast_to(mean, (4000, 1, 3)), np.random.default_rng(3))
    everything = kind.deviance(replicas, mean, np.arange(3))
    two = kind.deviance(replicas, mean, np.array([0, 0, 1]))
    # z (E[w] + E[1/w] - 2) of the generalised inverse Gaussian with z = 2, for errors of 1 and 2;
    # the floor of the variance adds a little.
    bent = 2.0 * ((kv(2, 2.0) + kv(0, 2.0)) / kv(1, 2.0) - 2.0)
    expected = 2.0 * bent + 1.0 if name == "asymmetric" else 3.0
    assert np.mean(everything) == pytest.approx(expected, rel=0.1)
    if name != "asymmetric":  # its errors are added up by a rule of thumb
        assert np.mean(two) == pytest.approx(2.0, rel=0.2)


def test_bins_can_be_left_out() -> None:
    for kind in KINDS.values():
        cut = kind.changed(lambda values: values.isel(bin=slice(1, None)))
        assert terms(cut, SEEN[:, 1:], MEAN[:, 1:]).shape == (1, 2)
    cut = KINDS["correlated"].changed(lambda values: values.isel(bin=slice(1, None)))
    assert isinstance(cut, CorrelatedErrors)
    np.testing.assert_array_equal(cut.covariance.values[0], COVARIANCE[1:, 1:])


def measured(invent: Any, name: str, **variables: Any) -> Experiment:
    options = {"keys": 'likelihood = "normal"', "exposure_tonne_year": 0.03}
    found = invent(name, [20.0, 9.0, 3.0], variables=variables, **options)
    assert isinstance(found, Experiment)
    return found


def errors(values: Any, *dims: str) -> Any:
    return (
        (*(dims or ("run", "bin")),),
        np.asarray(values, dtype=float)[None],
        {"units": "counts"},
    )


@pytest.fixture
def experiments(invent: Any) -> dict[str, Experiment]:
    """One of each new kind, as a card and a table."""
    square = ("run", "bin", "other_bin")
    covariance = (square, 4.0 * COVARIANCE[None], {"units": "counts2"})
    return {
        "asymmetric": measured(
            invent, "asymmetric", sigma_minus=errors([4, 3, 1]), sigma_plus=errors([5, 3, 2])
        ),
        "correlated": measured(invent, "correlated", covariance=covariance),
        "templates": invent(
            "templates",
            [20, 9, 3],
            keys="template_errors = true",
            background=8.0,
            exposure_tonne_year=0.03,
            variables={"flat_error": errors([2.0, 1.0, 0.0])},
        ),
    }


def test_cards_have_the_kind_that_they_say(experiments: dict[str, Experiment]) -> None:
    kinds = {name: type(one.likelihood) for name, one in experiments.items()}
    assert kinds == {
        "asymmetric": AsymmetricErrors,
        "correlated": CorrelatedErrors,
        "templates": TemplateErrors,
    }
    templates = experiments["templates"].likelihood
    assert isinstance(templates, TemplateErrors)
    assert templates.error.values.tolist() == [[2.0, 1.0, 0.0]]
    longer = bc.scaled(experiments["templates"], exposure=3.0).likelihood
    assert isinstance(longer, TemplateErrors)
    assert longer.error.values.tolist() == [[6.0, 3.0, 0.0]]
    with pytest.raises(ArgumentError, match="cannot be scaled"):
        bc.scaled(experiments["correlated"], exposure=3.0)


@pytest.mark.parametrize("name", ["asymmetric", "correlated", "templates"])
def test_model_profile_and_pointwise_agree(experiments: dict[str, Experiment], name: str) -> None:
    """The same -ln L from the model, the profile and the sum over bins; Asimov data are best."""
    one = experiments[name]
    spec = ModelSpec.of([one], interaction="vector-universal")
    likelihood = Likelihood(spec, 10.0)
    point = likelihood.nominal
    point[0] = 0.0
    counts = bc.expected_counts(one)["all"]
    value, _ = likelihood(point)
    nominal = likelihood.constraints(point)[0]
    mean = np.sum([part.values for part in _binned(one).values()], axis=0)
    assert mean.sum() == pytest.approx(sum(counts.values()))
    logs = log_likelihood([one], [mean[None, None]])
    assert nominal - value == pytest.approx(logs.sum(), rel=1e-9)
    assert log_left_out([one], [mean[None, None]]).shape == (1, 1, mean.size)

    asimov = bc.asimov(one)
    best = Likelihood(ModelSpec.of([asimov], interaction="vector-universal"), 10.0)
    _, slope = best(point)
    assert np.abs(slope[1:]).max() < 0.3 * np.abs(likelihood(point)[1][1:]).max() + 0.05


def _binned(one: Experiment) -> dict[str, xr.DataArray]:
    from bayes_cevns.specification.expected_counts import binned_counts

    return {name: part.transpose("run", "bin") for name, part in binned_counts(one, None).items()}


@pytest.mark.parametrize("name", ["asymmetric", "correlated", "templates"])
def test_nuts_finds_what_the_formula_says(experiments: dict[str, Experiment], name: str) -> None:
    """The posterior of the amplitude with a few hundred draws, beside a grid of its density."""
    one = experiments[name]
    with (
        pytensor.config.change_flags(mode="FAST_COMPILE"),
        build_model([one], interaction="vector-universal", mass_mev=10.0) as model,
    ):
        replica = pm.draw(model[f"{name}.counts"], random_seed=1)
    assert replica.shape == one.observed.shape
    settings = bc.SamplerSettings(draws=600, tune=300, chains=2, cores=1)
    fit = bc.sample([one], interaction="vector-universal", mass_mev=10.0, settings=settings, seed=3)
    draws = fit.draws()["coupling_product"].values.ravel()
    likelihood = Likelihood(ModelSpec.of([one], interaction="vector-universal"), 10.0)
    assert likelihood.prior is not None
    grid = np.linspace(likelihood.prior.lower, likelihood.prior.upper, 4001)
    point = likelihood.nominal

    def height(t: float) -> float:
        return -likelihood(np.array([t, *point[1:]]))[0]

    heights = np.array([height(t) for t in grid])
    weight = np.exp(heights - heights.max())
    x = likelihood.prior.product(grid)
    mean = np.average(x, weights=weight)
    sd = np.sqrt(np.average((x - mean) ** 2, weights=weight))
    assert np.std(draws) == pytest.approx(sd, rel=0.25)
    assert np.mean(draws) == pytest.approx(mean, abs=0.35 * sd)


def test_toys_of_every_kind(experiments: dict[str, Experiment]) -> None:
    """-2 ln L at the truth is that of about one parameter; drawn from the same likelihood."""
    for name, one in experiments.items():
        calibrator = Calibrator(ModelSpec.of([one], interaction="vector-universal"), 10.0)
        scale = float(np.sqrt(20.0 / _squared(one)))
        found = calibrator.at(0.7 * scale, 0.9, 40, 5).statistic
        assert np.all(np.isfinite(found)), name
        assert 0.3 < np.mean(found) < 2.5, (name, np.mean(found))


def _squared(one: Experiment) -> float:
    from bayes_cevns.cards.rate_table import RateTable

    return float(RateTable(one, bc.interaction("vector-universal")).nominal(10.0)[2])


def test_lz_number_is_the_amplitude() -> None:
    """0.57 +0.38 -0.24 of the Standard Model: that of `coupling_product` = 0 is 1."""
    one = bc.experiment("lz_8b_number")
    assert bc.expected_counts(one)["2023-2025"]["sm"] == pytest.approx(1.0, abs=1e-4)
    assert one.card.marks == " (second-hand)"
    kind = one.likelihood
    assert isinstance(kind, AsymmetricErrors)
    measured = [v.item() for v in (one.observed, kind.minus, kind.plus)]
    assert measured == pytest.approx([0.57, 0.24, 0.38], abs=0.006)
    best = optimize.minimize_scalar(
        lambda a: -terms(kind, one.observed.values, np.array([[a]])).item(), (0.2, 1.0)
    )
    assert best.x == pytest.approx(3.1 / 5.46, abs=1e-6)


SQUARE = np.diag([4.0, 4.0, 4.0])


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({}, "a normal likelihood needs 'sigma', 'sigma_minus' with 'sigma_plus'"),
        ({"sigma": errors([1, 1, 1]), "sigma_minus": errors([1, 1, 1])}, "one of these alone"),
        ({"sigma_minus": errors([1, 1, 1])}, "lacks the variable 'sigma_plus'"),
        (
            {"sigma_minus": errors([-1, -1, -1]), "sigma_plus": errors([1, 1, 1])},
            "'sigma_minus' has -1, expected distances > 0",
        ),
        ({"sigma": errors([1, 0, 1])}, "'sigma' has 0, expected distances > 0"),
        ({"covariance": errors(SQUARE, "run", "bin", "bin_2")}, "has the shape"),
        (
            {"covariance": (("run", "bin", "other_bin"), SQUARE[None, :, :2], {"units": "1"})},
            "has 3 bins by 2",
        ),
        (
            {
                "covariance": (
                    ("run", "bin", "other_bin"),
                    (SQUARE + np.triu(np.ones((3, 3)), 1))[None],
                    {"units": "1"},
                )
            },
            "is not symmetric",
        ),
        (
            {
                "covariance": (
                    ("run", "bin", "other_bin"),
                    (SQUARE - 4.0)[None] - 1.0,
                    {"units": "1"},
                )
            },
            "expected all > 0",
        ),
    ],
)
def test_errors_that_cannot_be(variables: dict[str, Any], text: str, invent: Any) -> None:
    with pytest.raises(DataError, match=r"wrong.toml: line \d+, table: ") as caught:
        measured(invent, "wrong", **variables)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "variables", "text"),
    [
        ("template_errors = true", {}, "template_errors: the table has no errors of templates"),
        (
            'template_errors = true\nlikelihood = "normal"',
            {"flat_error": errors([1, 1, 1]), "sigma": errors([1, 1, 1])},
            "template_errors: for events",
        ),
        (
            "template_errors = true",
            {"flat_error": errors([-1, 1, 1])},
            "'flat_error' has negative",
        ),
        (
            "template_errors = true",
            {"flat_error": (("run", "bin"), np.ones((1, 3)), {"units": "1/(t yr)"})},
            "'flat_error' has the unit '1/(t yr)', expected 'counts'",
        ),
    ],
)
def test_errors_of_templates_that_cannot_be(
    keys: str, variables: dict[str, Any], text: str, invent: Any
) -> None:
    with pytest.raises(BayesCevnsError, match=r"wrong.toml: line \d+, ") as caught:
        invent("wrong", [3, 1, 2], keys=keys, variables=variables)
    assert text in str(caught.value)


def test_counts_beside_are_of_the_table(invent: Any) -> None:
    """12 events elsewhere, three times as many expected as the 4 x 2 counts here."""
    prior = "{ counted = { n_off = 12, tau = 3.0 } }"
    one = invent("beside", [3, 1, 0, 2], background=2.0, background_prior=prior)
    found = one.card.nuisance["flat"].prior
    expected = stats.gamma(13.0, scale=1 / 24.0)
    np.testing.assert_allclose(found.log_density(np.array([0.5])), expected.logpdf(0.5))
    spec = ModelSpec.of([one], interaction="vector-universal")
    parameter = Likelihood(spec, 10.0).parameters[-1]
    assert parameter.prior == found
    assert parameter.nominal == 1.0
    fit = bc.sample(
        [one],
        interaction="vector-universal",
        mass_mev=10.0,
        settings=bc.SamplerSettings(draws=1000, tune=500, chains=2, cores=1),
        seed=2,
    )
    assert 0.3 < float(fit.draws()["beside.flat"].mean()) < 0.8


@pytest.mark.parametrize(
    ("prior", "text"),
    [
        ("{ asymmetric = [1.0, -0.1, 0.1], lower = 0.0 }", "minus, the distance to the lower end"),
        ("{ asymmetric = [1.0, 0.1], lower = 0.0 }", "asymmetric"),
        ("{ lognormal = [1.0, 0.0] }", "sigma_of_log must be > 0"),
        ("{ lognormal = [-1.0, 0.1] }", "the median must be > 0"),
        ("{ counted = { n_off = -1, tau = 3.0 } }", "n_off must be a whole number"),
        ("{ counted = { n_off = 1.5, tau = 3.0 } }", "n_off must be a whole number"),
        ("{ counted = { n_off = 3, tau = 0.0 } }", "tau must be > 0"),
        ("{ counted = { n_of = 3, tau = 1.0 } }", "did you mean 'n_off'"),
        ("{ normal = [1.0, 0.1], lognormal = [1.0, 0.1] }", "got 2 of them"),
        ("{ asymmetric = [1.0, 0.1, 0.1] }", "give lower = 0.0"),
    ],
)
def test_priors_that_cannot_be(prior: str, text: str, invent: Any) -> None:
    where = r"wrong.toml: line \d+, nuisance.flat.prior"
    with pytest.raises(CardError, match=where) as caught:
        invent("wrong", [3, 1, 2], background_prior=prior)
    assert text in str(caught.value)


def test_a_signal_cannot_be_counted_elsewhere(invent: Any) -> None:
    path = invent.card("wrong", [3, 1, 2])
    counted = "counted = { n_off = 3, tau = 1.0 } "
    text = path.read_text().replace("normal = [1.0, 0.01], lower = 0.0 ", counted)
    path.write_text(text)
    with pytest.raises(CardError, match=r"nuisance.flux.prior: counted is for backgrounds"):
        bc.experiment(path)
