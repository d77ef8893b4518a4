"""Data that no parameters can make: the same error from every route, and no number made of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from typer.testing import CliRunner

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.likelihoods import NormalErrors
from bayes_cevns.cards.observed import check_numbers_of_events, check_reached
from bayes_cevns.cards.possible import check_possible
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.cli.app import application
from bayes_cevns.errors import ConvergenceError, ImpossibleDataError
from bayes_cevns.inference.modes.ridge import find_ridge
from bayes_cevns.inference.profile import minimum
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.inference.profile.minimum import minimise
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.profile import profile

SCALAR = {"interaction": "scalar-universal", "mass_mev": 10.0}
SCAN = {"interaction": "scalar-universal", "masses_mev": [1.0, 10.0]}

#: Recoils of solar 8B neutrinos on xenon end below 4.6 keV; the last bin begins at 5.9 keV.
BEYOND = {"background": [1.0, 0.5, 0.1, 0.0], "edges_kev": (0.3, 16.0)}


@pytest.fixture
def beyond(invent: Any) -> Experiment:
    """An event where there is a response, but no neutrino has the energy."""
    return invent("beyond", [3, 0, 0, 1], **BEYOND)


ROUTES: dict[str, Callable[[list[Experiment], Path], Any]] = {
    "build_model": lambda e, _: bc.build_model(e),
    "build_model of a mediator": lambda e, _: bc.build_model(e, **SCALAR),
    "build_model of couplings": lambda e, _: bc.build_model(
        e, couplings=bc.CouplingModel.of(["ee_u"])
    ),
    "profile": lambda e, _: bc.profile(e, **SCALAR),
    "profile of a nuisance": lambda e, _: bc.profile(e, parameter=f"{e[-1].name}.flux"),
    "profile with toys": lambda e, _: bc.profile(e, **SCALAR, calibrate="toys"),
    "profile_scan": lambda e, out: bc.profile_scan(e, **SCAN, out=out),
    "sample": lambda e, out: bc.sample(e, **SCALAR, out=out),
    "sample of the Standard Model": lambda e, out: bc.sample(e, out=out),
    "scan": lambda e, out: bc.scan(e, **SCAN, out=out),
    "sensitivity": lambda e, out: bc.sensitivity(e, **SCAN, toys=0, out=out),
    "sample_couplings": lambda e, out: bc.sample_couplings(e, couplings=["ee_u"], out=out),
    "compare": lambda e, out: bc.compare_models(
        e, interactions=["scalar-universal"], mass_mev=10.0, out=out
    ),
    "prior_sensitivity": lambda e, out: bc.prior_sensitivity(e, **SCALAR, out=out),
    "calibrate": lambda e, out: bc.calibrate(e, **SCALAR, fits=100, out=out),
    "calibrate_couplings": lambda e, out: bc.calibrate_couplings(
        e, couplings=["ee_u"], fits=100, out=out
    ),
    "coverage": lambda e, out: bc.coverage(e, **SCALAR, toys=600, out=out),
    "coverage_couplings": lambda e, out: bc.coverage_couplings(
        e, couplings=["ee_u"], toys=600, out=out
    ),
}


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_names_the_bin(route: str, beyond: Experiment, tmp_path: Path) -> None:
    text = r"beyond, run all, bin 3: observed 1, expected 0 events: the model '.*' expects none"
    with pytest.raises(ImpossibleDataError, match=text):
        ROUTES[route]([beyond], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("route", ["profile", "sample", "sample_couplings", "sensitivity"])
def test_a_joint_fit_names_the_experiment(route: str, invent: Any, tmp_path: Path) -> None:
    experiments = [invent("good", [3, 1, 0, 2]), invent("beyond", [3, 0, 0, 1], **BEYOND)]
    with pytest.raises(ImpossibleDataError, match="beyond, run all, bin 3: observed 1"):
        ROUTES[route](experiments, tmp_path / "out")


@pytest.mark.parametrize(
    "words",
    [
        ["profile", "{card}", "--interaction", "scalar-universal", "--masses", "1:100:3"],
        ["sample", "{card}", "--interaction", "scalar-universal", "--mass", "10"],
        ["scan", "{card}", "--interaction", "scalar-universal", "--masses", "1:100:3"],
        ["sensitivity", "{card}", "--interaction", "scalar-universal", "--masses", "1:100:3"],
        ["couplings", "{card}", "--free", "ee_u"],
        ["rates", "{card}"],
    ],
    ids=lambda words: words[0],
)
def test_a_bin_that_nothing_reaches_is_refused_with_its_card(
    words: list[str], invent: Any, tmp_path: Path
) -> None:
    card = invent.card("blind", [3, 0, 0, 1], background=[1.0, 0.5, 0.0, 0.0], blind=[3])
    out = tmp_path / "out"
    given = [word.format(card=card) for word in words]
    if words[0] != "rates":
        given += ["--out", str(out)]
    shown = CliRunner().invoke(application(given), given)
    assert shown.exit_code != 0
    assert isinstance(shown.exception, ImpossibleDataError)
    (line,) = str(shown.exception).splitlines()
    assert "blind, run all, bin 3: observed 1, expected 0 events: no signal has a resp" in line
    assert not out.exists()


def test_what_a_background_or_a_signal_reaches_is_accepted(invent: Any) -> None:
    one = invent("by_background", [3, 0, 0, 1], background=[1.0, 0.5, 0.0, 1e-9], blind=[3])
    two = invent("by_signal", [3, 0, 0, 1], background=[1.0, 0.5, 0.0, 0.0])
    for good in (one, two):
        table = RateTable(good, None)
        check_possible(table, table.coefficients())
        bc.build_model([good])


def test_rounding_is_no_expectation(invent: Any) -> None:
    good = invent("good", [3, 0, 0, 1], background=[1.0, 0.5, 0.0, 1e-9], blind=[3])
    (background,) = good.backgrounds

    def with_last(value: float) -> Experiment:
        values = background.values.copy(data=[[1.0, 0.5, 0.0, value]])
        return replace(good, backgrounds=(replace(background, values=values),))

    check_reached(with_last(1e-13))
    with pytest.raises(ImpossibleDataError):
        check_reached(with_last(1e-15))


def test_merged_bins_are_seen_through(beyond: Experiment) -> None:
    """Of the merged bin, which has no events, nothing is asked; the others keep their numbers."""
    table = RateTable(beyond, None, merged=True)
    with pytest.raises(ImpossibleDataError, match="bin 3: observed 1"):
        check_possible(table, table.coefficients())
    empty = replace(beyond, observed=beyond.observed.copy(data=[[3, 0, 0, 0]]))
    table = RateTable(empty, None, merged=True)
    check_possible(table, table.coefficients())


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ([1, 2, np.nan, 0], "bin 2: observed nan, expected counts from 0"),
        ([1, 2, 3, np.inf], "bin 3: observed inf, expected counts from 0"),
        ([1, -1, 3, 4], "bin 1: observed -1, expected counts from 0"),
        ([0.9, 1, 2, 3], "bin 0: observed 0.9, expected a whole number of events"),
        ([1, 2, 3, 1e16], r"bin 3: observed 1e\+16, expected counts from 0 to 2\^53"),
    ],
)
def test_what_is_no_number_of_events_is_refused(
    invent: Any, counts: list[float], text: str
) -> None:
    good = invent("good", [3, 0, 0, 1])
    wrong = replace(good, observed=good.observed.astype(float).copy(data=[counts]))
    with pytest.raises(ImpossibleDataError, match=text):
        check_numbers_of_events(wrong)
    with pytest.raises(ImpossibleDataError, match=text):
        bc.build_model([wrong])


@pytest.mark.parametrize(("sigma", "shown"), [(0.0, "0"), (-1.0, "-1"), (np.inf, "inf")])
def test_a_normal_likelihood_needs_errors(invent: Any, sigma: float, shown: str) -> None:
    good = invent("good", [3, 0, 0, 1])
    sigmas = good.observed.astype(float).copy(data=[[1.0, 1.0, sigma, 1.0]])
    with pytest.raises(ImpossibleDataError, match=f"bin 2: observed {shown}, expected a finite st"):
        bc.build_model([replace(good, likelihood=NormalErrors(sigmas))])
    normal = replace(good, likelihood=NormalErrors(sigmas.copy(data=[[1.0] * 4])))
    counts = good.observed.astype(float).copy(data=[[1.0, -0.5, np.nan, 2.0]])
    with pytest.raises(ImpossibleDataError, match="bin 2: observed nan, expected finite"):
        bc.build_model([replace(normal, observed=counts)])


def test_asimov_data_may_be_parts_of_events(invent: Any) -> None:
    bc.build_model([bc.asimov(invent("good", [3, 0, 0, 1]))])


# A bin that only a background reaches, whose nuisance may vanish: there the data are impossible,
# and -2 ln L infinite. The region ends where the likelihood says, whatever stands for infinity.


@pytest.fixture
def vanishing(invent: Any) -> Experiment:
    """One event in the blind bin, with a background of one event times a free nuisance."""
    return invent(
        "vanishing", [0, 1], background=[0.0, 1.0], blind=[1],
        background_prior="{ uniform = [0.0, 20.0] }",
    )  # fmt: skip


def test_a_region_ends_where_the_likelihood_says(
    vanishing: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One event of mean b: -2 ln L is 2 (b - 1 - ln b) above its least, infinite at b = 0."""
    found = profile([vanishing], parameter="vanishing.flat", level=0.9)
    (piece,) = found.intervals

    def above(b: float) -> float:
        return 2 * (b - 1 - math.log(b)) - found.critical_value

    ends = brentq(above, 1e-3, 1), brentq(above, 1, 10)
    assert (piece.low, piece.high) == pytest.approx(ends, rel=1e-3)
    assert found.best == pytest.approx(1.0, rel=1e-3)
    assert found.statistic[0] == np.inf
    assert np.isfinite(found.statistic[1:]).all()
    assert np.isfinite(found.minimum)
    monkeypatch.setattr(minimum, "_WORSE", 1e6)
    again = profile([vanishing], parameter="vanishing.flat", level=0.9)
    np.testing.assert_allclose(again.statistic, found.statistic, atol=1e-4)


def test_no_minimum_is_made_of_what_is_impossible(vanishing: Experiment) -> None:
    likelihood = Likelihood(ModelSpec.of([vanishing]))
    place = [p.name for p in likelihood.parameters].index("vanishing.flat")
    held = minimise(likelihood, likelihood.nominal, {place: 0.0})
    assert held.value == np.inf
    # A start without background is left for one with it.
    start = likelihood.nominal
    start[place] = 0.0
    assert minimise(likelihood, start).point[place] == pytest.approx(1.0, abs=0.01)


def test_a_large_likelihood_is_no_infinity(invent: Any) -> None:
    """-ln L beyond 1e10 is a number like any other, and its minimum is found."""
    counts = 3_000_000_000
    many = invent(
        "many", [0, counts], background=[0.0, 1e8], blind=[1],
        background_prior="{ uniform = [0.0, 100.0] }",
    )  # fmt: skip
    likelihood = Likelihood(ModelSpec.of([many]))
    place = [p.name for p in likelihood.parameters].index("many.flat")
    start = likelihood.nominal
    start[place] = 1e-3
    assert likelihood(start)[0] > 1e10
    assert minimise(likelihood, start).point[place] == pytest.approx(counts / 1e8, rel=1e-5)


def test_the_ridge_begins_where_the_density_is_finite() -> None:
    """At x = 0 there may be none, where only a new interaction reaches a bin with events."""

    def density(point: np.ndarray) -> tuple[float, np.ndarray]:
        share = 1 / (1 + np.exp(-point[0]))
        if share < 0.1:
            return -np.inf, np.zeros(2)
        slope = (1 - 2 * share) - 20 * (share - 0.5) * share * (1 - share)
        value = np.log(share * (1 - share)) - 10 * (share - 0.5) ** 2 - 0.5 * point[1] ** 2
        return float(value), np.array([slope, -point[1]])

    options = {"negligible": 20.0, "group": lambda s: np.zeros(s.size, np.int64)}
    ridge = find_ridge(density, np.linspace(0, 1, 21), np.ones((1, 1)), begin=0.0, **options)
    assert np.isinf(ridge.value[ridge.share < 0.1]).all()
    inside = ridge.share > 0.1
    np.testing.assert_allclose(
        ridge.value[inside], -10 * (ridge.share[inside] - 0.5) ** 2, atol=2e-3
    )
    nothing = (-np.inf, np.zeros(2))
    with pytest.raises(ConvergenceError, match="not finite at any"):
        find_ridge(lambda _: nothing, np.linspace(0, 1, 5), np.ones((1, 1)), begin=0.5, **options)
