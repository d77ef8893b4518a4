"""Experiments that are not there yet: what is scaled, what is cut, and what cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.projections import scaled, with_threshold
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.rates import rate
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov, toy
from bayes_cevns.studies.identity import content_digest


def counts(one: Experiment) -> dict[str, float]:
    """Component -> expected counts of all runs together."""
    runs = expected_counts(one).values()
    return {name: sum(run[name] for run in runs) for name in next(iter(runs))}


@pytest.mark.parametrize("name", ["xenonnt_cevns", "coherent_csi", "xlzd", "xenonnt_er"])
def test_all_components_are_scaled(name: str) -> None:
    one = experiment(name)
    longer = scaled(one, exposure=10.0)
    for component, expected in counts(one).items():
        assert counts(longer)[component] == pytest.approx(10 * expected, rel=1e-12)
    np.testing.assert_allclose(longer.exposure_tonne_year, 10 * one.exposure_tonne_year)
    assert longer.card.nuisance == one.card.nuisance
    assert longer.card.title == f"{one.card.title}, exposure x 10"
    assert content_digest(asimov(longer)) != content_digest(asimov(one))
    assert asimov(longer).observed.sum() == pytest.approx(10 * asimov(one).observed.sum())


def test_nothing_was_observed_in_a_projection(xenonnt: Experiment) -> None:
    longer = scaled(xenonnt, exposure=2.0)
    assert longer.data == "none"
    assert np.all(np.isnan(longer.observed))
    with pytest.raises(ArgumentError, match="no observed counts to fit"):
        ModelSpec.of([longer])
    ModelSpec.of([toy(longer, seed=1)])


@pytest.mark.parametrize("factor", [0.0, -1.0, np.nan, np.inf, "ten", None, [1.0, 2.0]])
def test_what_is_no_factor(xenonnt: Experiment, factor: object) -> None:
    with pytest.raises(ArgumentError, match="a factor of the exposure must be"):
        scaled(xenonnt, exposure=factor)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "name", ["coherent_ge_counts", "dresden_ii", "conus_plus", "conus_plus_spectrum"]
)
def test_errors_do_not_say_how_they_shrink(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"{name} cannot be scaled: .* statistical"):
        scaled(experiment(name), exposure=2.0)


@pytest.mark.parametrize("name", ["xenonnt_er", "lz_er", "pandax4t_er", "dresden_ii", "xenon_1ty"])
def test_bins_below_a_threshold_are_dropped(name: str) -> None:
    one = experiment(name)
    assert one.edges_kev is not None
    first = one.observed.sizes["bin"] // 3
    higher = with_threshold(one, float(f"{one.edges_kev[first]:.4g}"))
    assert higher.observed.equals(one.observed.isel(bin=slice(first, None)))
    assert higher.data == one.data
    np.testing.assert_array_equal(higher.edges_kev, one.edges_kev[first:])
    ours = RateTable(higher, interaction("magnetic-moment")).counts()
    theirs = RateTable(one, interaction("magnetic-moment")).counts()
    np.testing.assert_allclose(ours, theirs.isel(bin=slice(first, None)), rtol=1e-9, atol=1e-12)
    assert "threshold" in higher.card.title


def test_a_raised_threshold_keeps_observed_counts_and_their_errors() -> None:
    one = experiment("dresden_ii")
    assert one.edges_kev is not None
    higher = with_threshold(one, one.edges_kev[50])
    assert higher.sigma is not None
    assert higher.sigma.shape == higher.observed.shape == (1, 80)
    ModelSpec.of([higher])


@pytest.mark.parametrize("threshold", [0.05, 0.1, 0.3, 1.234])
def test_an_ideal_detector_takes_any_threshold(threshold: float) -> None:
    """Against the integral of the spectrum above the threshold."""
    one = with_threshold(experiment("xlzd"), threshold)
    assert one.edges_kev is not None
    assert one.edges_kev[0] == pytest.approx(threshold)
    assert one.data == "none"
    assert one.observed.shape == (1, one.edges_kev.size - 1)
    spectrum = rate("cevns", source="solar_8b", target="Xe")
    x, w = np.polynomial.legendre.leggauss(400)
    low, high = np.log([threshold, one.edges_kev[-1]])
    at = np.exp(0.5 * (low + high) + 0.5 * (high - low) * x)
    total = np.sum(w * spectrum.total(at) * at) * 0.5 * (high - low)
    (exposure,) = one.exposure_tonne_year.values
    assert counts(one)["sm"] == pytest.approx(exposure * total, rel=2e-4)
    assert asimov(one).observed.values.min() >= 0


def test_new_bins_are_as_wide_as_the_old_ones() -> None:
    one = experiment("xlzd")
    lower = with_threshold(one, 0.05)
    assert one.edges_kev is not None
    assert lower.edges_kev is not None
    widths = [np.diff(np.log(edges)).mean() for edges in (one.edges_kev, lower.edges_kev)]
    assert widths[1] == pytest.approx(widths[0], rel=0.02)
    same = with_threshold(one, 0.1)
    np.testing.assert_allclose(same.edges_kev, one.edges_kev, rtol=1e-12)
    np.testing.assert_allclose(asimov(same).observed, asimov(one).observed, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "threshold", "why"),
    [
        ("xenonnt_cevns", 0.3, "cannot be changed: its table has no edges"),
        ("coherent_csi", 5.0, "cannot be changed: its table has no edges"),
        ("lz_8b", 5.0, "cannot be changed: its table has no edges"),
        ("xenonnt_er", 0.5, "cannot be lowered from 1 to 0.5 keV"),
        ("xenon_1ty", 0.05, "cannot be lowered from 0.1 to 0.05 keV"),
        ("xenonnt_er", 2.5, "no bin of xenonnt_er begins at 2.5 keV.* such as 2 or 3 keV"),
        ("xenonnt_er", 30.0, "leaves nothing of xenonnt_er, whose bins end at 30 keV"),
        ("xlzd", 5.0, "leaves nothing of xlzd, whose bins end at 4.5 keV"),
        ("xlzd", 0.0, "a threshold must be positive"),
        ("xlzd", np.nan, "a threshold must be positive"),
        ("xlzd", [0.1, 0.2], "a threshold must be one number"),
    ],
)
def test_thresholds_that_cannot_be(name: str, threshold: float, why: str) -> None:
    with pytest.raises(ArgumentError, match=why):
        with_threshold(experiment(name), threshold)


def test_an_ideal_detector_with_a_background_is_not_extrapolated() -> None:
    one = experiment("xlzd")
    (signal,) = one.signals
    background = replace(signal, values=signal.values.isel(recoil_energy=40, drop=True))
    spoilt = replace(one, backgrounds=(background,))
    with pytest.raises(ArgumentError, match="cannot be lowered"):
        with_threshold(spoilt, 0.05)


def test_longer_and_with_a_higher_threshold() -> None:
    one = experiment("xenonnt_er")
    both = scaled(with_threshold(one, 5.0), exposure=3.0)
    other = with_threshold(scaled(one, exposure=3.0), 5.0)
    np.testing.assert_allclose(asimov(both).observed, asimov(other).observed)
    assert both.card.title.endswith("threshold 5 keV, exposure x 3")


def test_a_name_stands_for_its_experiment() -> None:
    for project in (lambda one: scaled(one, exposure=2.0), lambda one: with_threshold(one, 1.0)):
        assert project("xlzd").card.title == project(experiment("xlzd")).card.title
        with pytest.raises(ArgumentError, match=r"expected the name of an experiment or what"):
            project(["xlzd"])
