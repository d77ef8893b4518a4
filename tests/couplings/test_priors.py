"""Priors of the coupling: what they are uniform in, and their bounds."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.priors import PRIORS, CouplingPrior, coupling_prior, prior_latex
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.interactions import interaction, interactions
from bayes_cevns.storage.values import plain, rebuilt

MASS = 10.0
NAMES = (
    "vector-universal",
    "b-l",
    "scalar-universal",
    "magnetic-moment",
    "weak-mixing-angle",
)


def table(experiment: Experiment, name: str) -> RateTable:
    return RateTable(experiment, interaction(name))


def mass_of(name: str) -> float | None:
    return MASS if interaction(name).has_mass else None


def prior_of(experiment: Experiment, name: str, kind: str, **more: float) -> CouplingPrior:
    return coupling_prior(kind, [table(experiment, name)], mass_mev=mass_of(name), **more)


@pytest.mark.parametrize("kind", PRIORS)
@pytest.mark.parametrize("name", NAMES)
def test_coordinate_and_product_are_inverse(xenonnt: Experiment, name: str, kind: str) -> None:
    prior = prior_of(xenonnt, name, kind)
    t = np.linspace(prior.lowest, prior.upper, 41)[1:]
    x = prior.product(t)
    np.testing.assert_allclose(prior.coordinate(x), t, rtol=1e-9, atol=1e-9)
    assert np.all(np.diff(x) > 0)


@pytest.mark.parametrize("name", NAMES)
def test_each_prior_is_uniform_in_what_it_says(xenonnt: Experiment, name: str) -> None:
    """Equal steps of the coordinate are equal steps in x, in counts, in log g."""
    sm, linear, square = table(xenonnt, name).nominal(mass_of(name))

    def counts(x: np.ndarray) -> np.ndarray:
        return sm + linear * x + square * x**2

    quantities = {
        "flat": lambda x: x,
        "flat-rate": counts,
        "log": lambda x: np.log(np.sqrt(np.abs(x))),
    }
    for kind, quantity in quantities.items():
        prior = prior_of(xenonnt, name, kind)
        t = np.linspace(max(prior.lowest, 0.0), prior.upper, 9)[1:]
        steps = np.diff(quantity(prior.product(t)))
        np.testing.assert_allclose(steps, steps[0], rtol=1e-6)


@pytest.mark.parametrize("kind", PRIORS)
@pytest.mark.parametrize("name", NAMES)
def test_bound_is_far_above_the_data(xenonnt: Experiment, name: str, kind: str) -> None:
    prior = prior_of(xenonnt, name, kind)
    if name == "weak-mixing-angle":  # sin^2 from 0 to 1, both within the bound
        ends = 0.23857 + prior.product([prior.lower, prior.upper])
        np.testing.assert_allclose(ends, [0.0, 1.0], atol=1e-12)
        return
    rates = table(xenonnt, name)
    least = rates.weakest(mass_of(name))[2]
    standard = rates.nominal(mass_of(name))[0]
    assert 16.9 < standard < 17.2
    x = float(prior.product(prior.upper))
    assert least * x**2 == pytest.approx(10.0 * (62 + standard + 10), rel=1e-9)


def test_signed_flat_prior_is_symmetric_and_knows_where_the_signal_is_least(
    xenonnt: Experiment,
) -> None:
    prior = prior_of(xenonnt, "vector-universal", "flat")
    assert prior.lower == -prior.upper
    sm, linear, square = table(xenonnt, "vector-universal").nominal(MASS)
    x = np.linspace(-5e-9, 5e-9, 100001)
    least = x[np.argmin(sm + linear * x + square * x**2)]
    assert prior.split is not None
    assert float(prior.product(prior.split)) == pytest.approx(least, abs=2e-13)
    assert prior.lower < prior.split < prior.upper


def test_log_prior_starts_at_a_hundredth_of_the_one_event_coupling(xenonnt: Experiment) -> None:
    prior = prior_of(xenonnt, "scalar-universal", "log")
    square = table(xenonnt, "scalar-universal").nominal(MASS)[2]
    g = float(np.sqrt(prior.product(1e-12)))
    assert square * (100 * g) ** 4 == pytest.approx(1.0, rel=1e-6)
    assert f"{g:.3g}" in prior.range_text


def test_log_prior_of_a_moment_starts_at_a_hundredth_of_the_one_event_moment(
    xenonnt: Experiment,
) -> None:
    """A hundredth in mu, not in its root: rates go with mu^2."""
    prior = prior_of(xenonnt, "magnetic-moment", "log")
    square = table(xenonnt, "magnetic-moment").nominal(None)[2]
    mu = float(prior.quoted(prior.product(1e-12)))
    assert square * (100 * mu) ** 2 == pytest.approx(1.0, rel=1e-6)
    assert prior.range_text.startswith(f"uniform in log mu_nu, mu_nu from {mu:.3g} to ")


def test_quoted_couplings_by_their_power(xenonnt: Experiment) -> None:
    mediator = prior_of(xenonnt, "vector-universal", "flat")
    angle = prior_of(xenonnt, "weak-mixing-angle", "flat")
    np.testing.assert_allclose(mediator.quoted([-4e-10, 4e-10]), [-2e-5, 2e-5])
    np.testing.assert_allclose(angle.quoted([-0.03, 0.03]), [-0.03, 0.03])
    assert mediator.coupling is interaction("vector-universal").coupling


@pytest.mark.parametrize("kind", PRIORS)
@pytest.mark.parametrize("name", interactions())
def test_a_prior_is_said_in_the_words_of_the_interaction(name: str, kind: str) -> None:
    """What is uniform, between which ends, in which unit: of every entry and every prior."""
    quoted = interaction(name).coupling
    prior = CouplingPrior(kind, False, 0.0, 2e-4, 0.0, 1.0, None, quoted)
    unit = "" if quoted.unit == "1" or (quoted.power == 0.5 and kind != "log") else quoted.unit
    what = {
        "flat": (quoted.amplitude, quoted.amplitude),
        "flat-rate": ("the expected signal counts", quoted.amplitude),
        "log": (f"log {quoted.symbol}", quoted.symbol),
    }
    uniform, ends = what[kind]
    assert prior.range_text.startswith(f"uniform in {uniform}, {ends} from ")
    assert prior.range_text.split(" to ")[1].split()[1:] == ([unit] if unit else [])
    assert (quoted.latex in prior_latex(kind, quoted)) or kind != "log"
    assert (quoted.amplitude_latex in prior_latex(kind, quoted)) or kind != "flat"


def test_the_flat_prior_of_b_minus_l_is_one_of_the_square_of_its_coupling(
    xenonnt: Experiment,
) -> None:
    prior = prior_of(xenonnt, "b-l", "flat")
    assert prior.range_text.startswith("uniform in g_BL^2, g_BL^2 from 0 to ")
    assert "g_nu" not in prior.range_text


def test_a_prior_is_kept_with_its_coupling(xenonnt: Experiment) -> None:
    prior = prior_of(xenonnt, "anapole", "flat")
    assert rebuilt(CouplingPrior, json.loads(json.dumps(plain(prior)))) == prior


@pytest.mark.parametrize("kind", PRIORS)
def test_the_other_mixing_angle_of_the_same_rate_is_not_one(xenonnt: Experiment, kind: str) -> None:
    """Z (1/2 - 2 sin^2) = N/2 at sin^2 = -0.11: beyond it lies the mirror image of every rate."""
    prior = prior_of(xenonnt, "weak-mixing-angle", kind)
    sm, linear, square = table(xenonnt, "weak-mixing-angle").nominal(None)
    least = -0.5 * linear / square
    assert 0.23857 + least == pytest.approx(0.25 - 77.3 / 54 / 4, abs=0.002)
    assert sm + linear * least + square * least**2 < 1e-3 * sm
    assert prior.split is None


def test_a_moment_without_bounds_of_its_own_splits(xenonnt: Experiment) -> None:
    prior = prior_of(xenonnt, "anapole", "flat")
    assert prior.split is not None
    assert prior.lower == -prior.upper == -1.0


@pytest.mark.parametrize("kind", PRIORS)
def test_a_moment_has_no_mass(xenonnt: Experiment, kind: str) -> None:
    with pytest.raises(ArgumentError, match="has no mediator, got a mass of 10"):
        coupling_prior(kind, [table(xenonnt, "magnetic-moment")], mass_mev=MASS)


def test_bound_factor_scales_the_bound(xenonnt: Experiment) -> None:
    one, two = (prior_of(xenonnt, "vector-universal", "flat", bound_factor=f) for f in (1.0, 2.0))
    assert float(two.product(two.upper)) == pytest.approx(2 * float(one.product(one.upper)))
    with pytest.raises(ArgumentError, match="bound factor"):
        prior_of(xenonnt, "vector-universal", "flat", bound_factor=0.0)
    with pytest.raises(ArgumentError, match="no range"):
        prior_of(xenonnt, "vector-universal", "log", bound_factor=1e-9)


def test_standard_model_has_no_coupling(xenonnt: Experiment) -> None:
    with pytest.raises(ArgumentError, match="no coupling"):
        coupling_prior("flat", [RateTable(xenonnt, None)], mass_mev=MASS)
