"""Every kind of prior against SciPy: density, draws, PyMC, constraints and toys."""

from __future__ import annotations

import math

import numpy as np
import pymc as pm
import pytensor
import pytest
from scipy import integrate, stats

from bayes_cevns.cards.densities import Counted, LogNormal, SplitNormal
from bayes_cevns.cards.prior_words import parsed
from bayes_cevns.cards.priors import Prior
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.profile.likelihood import Constraints
from bayes_cevns.inference.profile.parameters import Parameter
from bayes_cevns.model.nuisances import random_variable

type Array = np.ndarray


def split_normal(v: Array) -> Array:
    """The halves of two normal densities, each times the probability of its side times two."""
    below, above = stats.norm(1.0, 0.05), stats.norm(1.0, 0.1)
    weighted = np.where(v < 1.0, 0.05 * below.pdf(v), 0.1 * above.pdf(v))
    return np.asarray(2.0 * weighted / 0.15)


#: Word of a prior -> its density by SciPy, before it is cut.
TWINS = {
    "1.0+-0.2": stats.norm(1.0, 0.2).pdf,
    "1.0+0.1-0.05": split_normal,
    "lognormal:1.0:0.3": stats.lognorm(0.3, scale=1.0).pdf,
    "counted:12:3:4": stats.gamma(13.0, scale=1 / 12.0).pdf,
    "counted:0:3:4": stats.gamma(1.0, scale=1 / 12.0).pdf,
    "uniform:0.5:1.5": stats.uniform(0.5, 1.0).pdf,
}
CUTS = ("", "[0:]", "[0.6:1.3]")
CASES = [
    (f"{word}{cut}", twin, cut)
    for word, twin in TWINS.items()
    for cut in CUTS
    if not (cut and word.startswith("uniform")) and not (word.startswith("counted:0") and cut[1:4])
]


@pytest.mark.parametrize(("word", "twin", "cut"), CASES)
def test_density_against_scipy_and_pymc(word: str, twin: object, cut: str) -> None:
    assert callable(twin)
    prior = parsed(word)
    low = 0.6 if "0.6" in cut else max(prior.support[0], -1.0)
    high = 1.3 if "1.3" in cut else min(prior.support[1], 8.0)
    total, _ = integrate.quad(twin, low, high, points=[1.0], limit=200)
    at = np.linspace(max(low, 0.52), min(high, 1.48), 23)
    np.testing.assert_allclose(np.exp(prior.log_density(at)), twin(at) / total, rtol=1e-6)

    shares = np.array([0.0, 0.1, 0.4, 0.9])
    places = prior.quantile(shares[1:])
    below = [integrate.quad(twin, low, v, points=[1.0], limit=200)[0] / total for v in places]
    np.testing.assert_allclose(below, shares[1:], atol=1e-6)
    drawn = prior.drawn(np.random.default_rng(1), 4000)
    assert stats.kstest(drawn, lambda v: _share(prior, v)).pvalue > 1e-3

    with pytensor.config.change_flags(mode="FAST_COMPILE"), pm.Model() as model:
        variable = random_variable("v", prior, (), None)
        value = model.rvs_to_values[variable]
        transform = model.rvs_to_transforms[variable]
        function = model.compile_logp(jacobian=False)
        inputs = variable.owner.inputs
        unbounded = at if transform is None else transform.forward(at, *inputs).eval()
        found = [float(function({value.name: u})) for u in unbounded]
        replicas = pm.draw(variable, 400, random_seed=2)
        begin = model.initial_point()[value.name]
    np.testing.assert_allclose(found, prior.log_density(at), rtol=0, atol=1e-8)
    assert stats.kstest(replicas, lambda v: _share(prior, v)).pvalue > 1e-3
    assert np.all(np.isfinite(begin))


def _share(prior: Prior, values: Array) -> Array:
    low, high = prior.density.cdf(np.array(prior.support))
    return np.asarray((prior.density.cdf(values) - low) / (high - low))


@pytest.mark.parametrize("word", ["1.0+-0.2", "1.0+0.1-0.05", "counted:12:3:4", "counted:0:3:4"])
def test_constraint_is_the_density(word: str) -> None:
    """-2 ln L differs between two values as -2 ln of the density does."""
    prior = parsed(f"{word}[0:]")
    terms = Constraints([Parameter("v", 0.0, math.inf, 1.0, 0.1, prior)])
    values = np.array([0.9, 1.0, 1.2])
    found = np.array([terms(np.array([v]))[0] for v in values])
    np.testing.assert_allclose(found, -prior.log_density(values), rtol=1e-12)


def test_constraint_of_a_lognormal_is_the_likelihood_of_the_logarithm() -> None:
    """Without the 1 / v of a flat prior in ln v: the density is higher by -ln v."""
    prior = Prior.lognormal(0.9, 0.3)
    terms = Constraints([Parameter("v", 0.0, math.inf, 1.0, 0.1, prior)])
    values = np.array([0.4, 0.9, 2.0])
    found = np.array([terms(np.array([v]))[0] for v in values])
    np.testing.assert_allclose(found, -prior.log_density(values) - np.log(values), rtol=1e-12)
    expected = -stats.norm(math.log(0.9), 0.3).logpdf(np.log(values))
    np.testing.assert_allclose(found - found[0], expected - expected[0], rtol=1e-12)


@pytest.mark.parametrize("word", list(TWINS)[:-1])
def test_slope_of_the_constraint(word: str) -> None:
    terms = Constraints([Parameter("v", 0.0, math.inf, 1.0, 0.1, parsed(word))])
    step = 1e-6
    for value in (0.8, 1.03, 1.4):
        high, low = (terms(np.array([value + side * step]))[0] for side in (1, -1))
        _, slope = terms(np.array([value]))
        assert slope[0] == pytest.approx((high - low) / (2 * step), rel=1e-6)


@pytest.mark.parametrize("density", [SplitNormal(1.0, 0.05, 0.1), LogNormal(1.0, 0.3)])
def test_what_is_measured_again_covers_the_truth(density: SplitNormal | LogNormal) -> None:
    """Of toys, 68.3% have the truth in their central 68.3%: the intervals are exact."""
    random = np.random.default_rng(3)
    inside = []
    for _ in range(4000):
        low, high = density.remeasured(1.7, random).quantile([0.15865, 0.84135])
        inside.append(low < 1.7 < high)
    assert np.mean(inside) == pytest.approx(0.6827, abs=0.025)


def test_events_elsewhere_are_counted_again() -> None:
    """n_off is a Poisson number with the mean tau b0 v; at the nominal value 12."""
    random = np.random.default_rng(4)
    again = [Counted(5.0, 3.0, 4.0).remeasured(1.5, random).n_off for _ in range(4000)]
    assert np.mean(again) == pytest.approx(18.0, abs=0.25)
    assert np.var(again) == pytest.approx(18.0, rel=0.1)
    assert set(np.mod(again, 1.0)) == {0.0}


def test_uniform_priors_constrain_nothing() -> None:
    terms = Constraints([Parameter("v", 0.5, 1.5, 1.0, 0.1, Prior.uniform(0.5, 1.5))])
    total, slope = terms(np.array([0.7]))
    assert (total, slope.tolist()) == (0.0, [0.0])


@pytest.mark.parametrize(
    "word",
    [
        *TWINS,
        "1.0+-0.05[0.0:2.0]",
        "-0.5+0.25-1e-05[:0.0]",
        "lognormal:1.0:0.1[0.5:]",
    ],
)
def test_words_are_read_as_they_are_written(word: str) -> None:
    prior = parsed(word)
    assert parsed(prior.text) == prior
    assert parsed(parsed(prior.text).text).text == prior.text


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("1.0+-0", "standard deviation must be > 0"),
        ("1.0+0.1-0.0", "minus, the distance to the lower end, must be > 0"),
        ("uniform:2:0", "must increase"),
        ("lognormal:1:-0.1", "sigma_of_log must be > 0"),
        ("counted:1.5:3:4", "n_off must be a whole number"),
        ("counted:-1:3:4", "n_off must be a whole number"),
        ("counted:1:0:4", "tau must be > 0"),
        ("counted:1:3", "expected a prior such as"),
        ("uniform:0:2[0:1]", "takes no lower or upper"),
        ("3.0+-0.05[0:2]", "must be within 0 to 2"),
        ("1.0+-0.05[2:0]", "must be below"),
        ("1.0+0.05", "expected a prior such as"),
        ("gamma:1:2", "expected a prior such as"),
    ],
)
def test_bad_words(word: str, expected: str) -> None:
    with pytest.raises(ArgumentError, match=expected):
        parsed(word)
