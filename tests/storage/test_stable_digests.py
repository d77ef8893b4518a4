"""Digests that are the same on all processors: the last digits of what is computed differ there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.sources import Source
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.storage.digests import stable
from bayes_cevns.studies.identity import content_digest, spec_request

RNG = np.random.default_rng(20261201)
SIZES = (1, 7, 400, 10_000)

#: What another library of linear algebra changes in what it computes, and more than that.
LAST_DIGITS = 1e-14


def near(values: np.ndarray, by: float) -> np.ndarray:
    return values * (1.0 + by * RNG.uniform(-1.0, 1.0, np.shape(values)))


def moved(source: Source, by: float) -> Source:
    fluxes = {
        flavour: tuple(flux.weighted(near(np.ones(np.size(flux.energy_mev)), by)) for flux in parts)
        for flavour, parts in source.fluxes.items()
    }
    return replace(source, fluxes=fluxes)


def shone_on(one: Experiment, by: float) -> Experiment:
    """Return an experiment with other last digits in its fluxes."""
    signals = tuple(replace(each, source=moved(each.source, by)) for each in one.signals)
    return replace(one, signals=signals)


@pytest.mark.parametrize("size", SIZES)
def test_last_digits_change_nothing(size: int) -> None:
    for _ in range(50):
        values = RNG.lognormal(0.0, 20.0, size) * RNG.choice([1.0, 1.0, -1.0], size)
        assert stable(near(values, LAST_DIGITS)) == stable(values)


@pytest.mark.parametrize("size", SIZES)
def test_noise_around_zero_changes_nothing(size: int) -> None:
    values = np.append(RNG.uniform(1.0, 2.0, size), 0.0)
    for noise in (1e-18, -1e-18):
        assert stable(np.append(values[:-1], noise)) == stable(values)


@pytest.mark.parametrize("size", SIZES)
def test_what_matters_changes_it(size: int) -> None:
    values = RNG.uniform(1.0, 2.0, size)
    others = {stable(values)}
    for place in {0, size // 2, size - 1}:
        other = values.copy()
        other[place] *= 1.0 + 1e-5 * size
        others.add(stable(other))
        other[place] = -values[place]
        others.add(stable(other))
    others |= {stable(values * (1.0 + 1e-6)), stable(-values), stable(values[None])}
    assert len(others) == 4 + 2 * len({0, size // 2, size - 1}) - (size == 1)


def test_two_numbers_that_change_places_are_others() -> None:
    values = np.arange(1.0, 200.0)
    for i, j in ((0, 1), (10, 150), (100, 101)):
        other = values.copy()
        other[[i, j]] = values[[j, i]]
        assert stable(other) != stable(values)


def test_zeros_have_a_digest() -> None:
    assert stable(np.zeros(3)) != stable(np.zeros(4))
    assert stable(np.zeros(3)) != stable(np.array([0.0, 0.0, 1e-300]))


@pytest.mark.parametrize("name", ["lz_er", "xenonnt_cevns", "coherent_csi", "conus_plus"])
def test_a_request_does_not_depend_on_the_processor(name: str) -> None:
    """Solar fluxes by flavour end in other digits with another library of linear algebra."""
    one = experiment(name)

    def request(each: Experiment) -> dict[str, object]:
        return spec_request(ModelSpec.of([each], interaction="b-l"))

    assert request(shone_on(one, LAST_DIGITS)) == request(one)
    assert content_digest(shone_on(one, 1e-3)) != content_digest(one)


def test_simulated_data_do_not_depend_on_the_processor() -> None:
    one = asimov(experiment("xenon_1ty"))
    other = replace(one, observed=one.observed.copy(data=near(one.observed.values, LAST_DIGITS)))
    assert content_digest(other) == content_digest(one)
    changed = replace(one, observed=one.observed.copy(data=near(one.observed.values, 1e-3)))
    assert content_digest(changed) != content_digest(one)
