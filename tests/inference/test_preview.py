"""The preview: Laplace along the ridge, against integrals by brute force and against draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, gammaln

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import ArgumentError, DisagreementWarning
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.modes import amplitude_parts as parts_module
from bayes_cevns.inference.modes.ridge import Density
from bayes_cevns.inference.preview.curve import marginal_curve
from bayes_cevns.inference.preview.find import preview_at
from bayes_cevns.inference.preview.laplace import Densities, integrated
from bayes_cevns.inference.preview.posterior import likelihood_of, limits_of, posterior_of
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.studies.sample import sample
from bayes_cevns.studies.scan import scan
from bayes_cevns.summary.agreement import agreements
from bayes_cevns.summary.bands import bands
from bayes_cevns.summary.draws import WeightedDraws
from bayes_cevns.summary.limits import Limit, limits

type Log = Callable[[np.ndarray, np.ndarray], np.ndarray]

ONE_SIGN = CouplingPrior("flat", False, 0.0, 1.0, 0.0, 1.0, None)
TWO_SIGNS = CouplingPrior("flat", True, 0.0, 1.0, -1.0, 1.0, None)
FAST = SamplerSettings(draws=1000, tune=300)


def of_points(log_density: Log, prior: CouplingPrior) -> tuple[Density, Densities]:
    """Return a log-density of t and one nuisance as an engine has it, differences as gradient."""
    span = prior.upper - prior.lower

    def value(points: np.ndarray) -> np.ndarray:
        share = expit(points[:, 0])
        found = log_density(prior.lower + span * share, points[:, 1])
        return found + np.log(share) + np.log1p(-share)

    def densities(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        step = 1e-5
        slopes = [value(points + step * e) - value(points - step * e) for e in np.eye(2)]
        return value(points), np.stack(slopes, axis=1) / (2 * step)

    def density(point: np.ndarray) -> tuple[float, np.ndarray]:
        values, slopes = densities(point[None])
        return float(values[0]), slopes[0]

    return density, densities


def counts_with_background(t: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Three bins of few events, a background of 1 +- 0.5 that is positive: b = exp(y)."""
    b = np.exp(y)
    total = -0.5 * ((b - 1.0) / 0.5) ** 2 + y
    for seen, signal, background in ((3, 8.0, 1.0), (2, 20.0, 2.0), (1, 4.0, 3.0)):
        mean = signal * t + background * b
        total = total + seen * np.log(mean) - mean - gammaln(seen + 1)
    return np.asarray(total)


def two_modes(t: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Normal modes of known weights, 0.3 at -0.4 and 0.7 at 0.5, and a nuisance along a bend."""
    modes = [(0.3, -0.4, 0.05), (0.7, 0.5, 0.08)]
    terms = [np.log(w / s) - 0.5 * ((t - at) / s) ** 2 for w, at, s in modes]
    return np.logaddexp(*terms) - 0.5 * ((y - np.sin(3.0 * t)) / 0.1) ** 2


def by_brute_force(log_density: Log, prior: CouplingPrior, level: float, *, least: float) -> float:
    """Return the limit on t > `least` from sums over a fine grid of t and the nuisance."""
    t = np.linspace(max(prior.lower, least), prior.upper, 4001)
    y = np.linspace(-8.0, 3.0, 1101)
    marginal = np.array([np.exp(log_density(np.full_like(y, one), y)).sum() for one in t])
    cells = np.concatenate([[0.0], np.cumsum(0.5 * (marginal[1:] + marginal[:-1]))])
    return float(np.sqrt(np.interp(level * cells[-1], cells, t)))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_limits_are_those_of_the_integral_by_brute_force(level: float) -> None:
    """A background at the edge of its range, where Laplace's approximation is worst: 2%."""
    prior = replace(ONE_SIGN, coupling=replace(ONE_SIGN.coupling, power=0.5))
    curve = marginal_curve(*of_points(counts_with_background, prior), prior, np.zeros((1, 2)))
    expected = by_brute_force(counts_with_background, prior, level, least=0.0)
    assert limits_of(curve, level) == pytest.approx((expected,), rel=0.02)
    assert not curve.reason


def test_normal_nuisances_are_integrated_exactly() -> None:
    """Two modes of known weights: the likelihood of each sign is that of a normal distribution."""
    found = of_points(two_modes, TWO_SIGNS)
    curve = marginal_curve(*found, TWO_SIGNS, np.zeros((1, 2)))
    fit = posterior_of(curve)
    product = WeightedDraws.of(PRODUCT, fit.posterior, fit.quality)
    assert product.probability(-1.0, 0.0) == pytest.approx(0.3, abs=2e-3)
    low, high = bands(fit, 0.9)
    assert low.high < 0.0 < high.low
    assert low.probability + high.probability == pytest.approx(0.9, abs=5e-3)
    # 90% quantiles of the normal distributions, as quoted couplings.
    quantiles = 0.5 + 1.2816 * 0.08, 0.4 + 1.2816 * 0.05
    power = TWO_SIGNS.coupling.power
    assert limits_of(curve, 0.9) == pytest.approx(np.power(quantiles, power), rel=2e-3)


def test_posterior_of_quantiles_has_the_limits_of_its_likelihood() -> None:
    curve = marginal_curve(*of_points(two_modes, TWO_SIGNS), TWO_SIGNS, np.zeros((1, 2)))
    fit = posterior_of(curve)
    for level in (0.1, 0.5, 0.9):
        found = [limit.value for limit in limits(fit, level)]
        assert found == pytest.approx(limits_of(curve, level), rel=2e-3)
    assert likelihood_of(curve).product[0] == pytest.approx(-1.0)


def test_a_saddle_is_told_from_a_maximum() -> None:
    """A nuisance with a density that rises to both sides has no Laplace approximation."""

    def densities(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gradient = np.zeros_like(points)
        gradient[:, 1] = np.sinh(points[:, 1])
        return np.cosh(points[:, 1]), gradient

    (node,) = integrated(densities, np.array([0.5]), np.zeros((1, 1)))
    assert not node.peaked


def test_points_do_not_depend_on_those_beside_them() -> None:
    """Some need many steps, some none, one has no finite density: each as if it were alone."""
    centre = np.array([3.0, -1.0, 0.5])

    def densities(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        share, off = expit(points[:, :1]), points[:, 1:] - centre
        values = -(np.cosh(off) * (1.0 + share)).sum(axis=1) - off[:, 0] * off[:, 1] * 0.3
        gradients = np.concatenate([np.zeros_like(share), -np.sinh(off) * (1.0 + share)], axis=1)
        gradients[:, 1] -= 0.3 * off[:, 1]
        gradients[:, 2] -= 0.3 * off[:, 0]
        values[share[:, 0] > 0.9] = np.nan
        return values, gradients

    shares = np.array([0.1, 0.3, 0.5, 0.95])
    starts = np.stack([centre, np.zeros(3), centre + 5.0, centre])
    together = integrated(densities, shares, starts)
    for place, node in enumerate(together):
        (alone,) = integrated(densities, shares[place : place + 1], starts[place : place + 1])
        assert node.share == alone.share
        assert node.peaked == alone.peaked == (place < 3)
        assert node.others == pytest.approx(alone.others, abs=1e-12)
        assert node.log_marginal == pytest.approx(alone.log_marginal, rel=1e-12)
    assert together[1].others == pytest.approx(centre, abs=0.05)


@pytest.fixture(scope="module")
def engine(xenonnt: Experiment) -> Engine:
    return Engine(ModelSpec.of([xenonnt], interaction="vector-universal"), FAST)


def test_preview_agrees_with_draws(engine: Engine) -> None:
    """Both signs of a vector, whose positive one has two modes."""
    fit = engine.fit(30.0, seed=3)
    found = agreements(limits(fit, 0.9), limits_of(preview_at(engine, 30.0), 0.9))
    assert [a.agrees for a in found] == [True, True]
    for limit, agreement in zip(limits(fit, 0.9), found, strict=True):
        assert agreement.preview == pytest.approx(limit.value, rel=0.02 + 3 * limit.mc_error)


def test_other_priors_follow_from_the_likelihood_of_a_preview(xenonnt: Experiment) -> None:
    """A flat preview with a log prior beside a log preview: the same integral, other grids."""
    spec = ModelSpec.of([xenonnt], interaction="scalar-universal")
    flat = preview_at(Engine(spec), 10.0)
    log = preview_at(Engine(replace(spec, prior="log")), 10.0)
    found = likelihood_of(flat).limit_values(log.prior, 0.9)
    assert found == pytest.approx(limits_of(log, 0.9), rel=5e-3)


def test_a_missed_mode_is_flagged(
    xenonnt: Experiment, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    """Chains that see one branch of two: R-hat is good, and the limit wrong."""
    every = parts_module.coupling_branches

    def first_positive(density: Density, prior: CouplingPrior, starts: np.ndarray) -> object:
        return every(density, prior, starts)[:-1]

    monkeypatch.setattr(parts_module, "coupling_branches", first_positive)
    options = {"interaction": "vector-universal", "seed": 1, "settings": FAST}
    found = scan([xenonnt], masses_mev=[30.0], **options)
    (point,) = found.points
    assert point.fit.passed
    assert point.agreements[0].agrees is False
    assert point.agreements[1].agrees is True
    assert [row["agrees"] for row in found.limit_rows()] == [False, True]
    assert list(found.report()["disagreements"]) == ["30 MeV"]
    assert any("check at 30 MeV" in line for line in found.lines())
    warned = [str(w.message) for w in recwarn if w.category is DisagreementWarning]
    assert len(warned) == 1
    assert "a mode may have been missed" in warned[0]
    one = sample([xenonnt], mass_mev=30.0, **options)
    assert [a.agrees for a in one.agreements] == [False, True]
    assert any("does not agree" in line for line in one.lines())


def test_the_cross_check_can_be_off(xenonnt: Experiment) -> None:
    quick = SamplerSettings(draws=60, tune=100, retries=0)
    options = {"interaction": "scalar-universal", "settings": quick, "cross_check": False}
    found = scan([xenonnt], masses_mev=[10.0], **options)
    assert found.points[0].agreements == ()
    assert [(row["preview"], row["agrees"]) for row in found.limit_rows()] == [("", "")]


def test_an_unknown_preview_neither_agrees_nor_disagrees() -> None:
    (found,) = agreements([Limit("upper", 1.0, 0.01)], [float("nan")])
    assert found.agrees is None
    assert found.text == ""
    (wrong,) = agreements([Limit("upper", 1.0, 0.01)], [1.2])
    assert wrong.agrees is False


@pytest.mark.parametrize("what", ["sm", "couplings"])
def test_a_preview_needs_one_coupling(xenonnt: Experiment, what: str) -> None:
    model = CouplingModel.of(["ee_u", "ee_d"]) if what == "couplings" else None
    spec = ModelSpec.of([xenonnt], couplings=model) if model else ModelSpec.of([xenonnt])
    with pytest.raises(ArgumentError, match="follows the posterior along one coupling"):
        preview_at(Engine(spec), None)
