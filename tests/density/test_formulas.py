"""Slopes of formulas are the derivatives of their kernels, and Numba's functions are SciPy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr
from scipy import special

from bayes_cevns.cards.densities import Counted, LogNormal, Normal, SplitNormal, Uniform
from bayes_cevns.cards.likelihoods import (
    AsymmetricErrors,
    CorrelatedErrors,
    NormalErrors,
    PoissonCounts,
    TemplateErrors,
)
from bayes_cevns.cards.likelihoods.base import NUMPY
from bayes_cevns.couplings.maps import MAPS
from bayes_cevns.couplings.stretched import log_rise_of, share_of, slope_of_log_rise_of
from bayes_cevns.density import kinds, scalars
from bayes_cevns.tables.compiled import open_kernel

DENSITIES = (
    Uniform(0.1, 3.0),
    Normal(1.0, 0.3),
    SplitNormal(1.0, 0.2, 0.5),
    LogNormal(1.1, 0.4),
    Counted(7.0, 2.0, 3.0),
    Counted(0.0, 2.0, 3.0),
)

LIKELIHOODS = {
    PoissonCounts: (),
    TemplateErrors: (0.7,),
    NormalErrors: (1.3,),
    AsymmetricErrors: (1.2, 2.1),
    CorrelatedErrors: (),
}


def derivative(formula: Any, at: float, *numbers: Any, place: int = 0) -> float:
    """Differentiate a formula by PyTensor."""
    x = pt.dscalar("x")
    given = [*numbers[:place], x, *numbers[place:]]
    slope = pytensor.grad(formula(pt)(*given), x)
    return float(pytensor.function([x], slope, mode="FAST_COMPILE")(at))


def test_every_kind_has_a_number() -> None:
    assert {type(density) for density in DENSITIES} == set(kinds.DENSITIES)
    assert set(LIKELIHOODS) == set(kinds.LIKELIHOODS)
    assert len(set(kinds.DENSITIES.values())) == len(kinds.DENSITIES)
    assert len(set(kinds.LIKELIHOODS.values())) == len(kinds.LIKELIHOODS)
    assert set(kinds.MAP_KINDS) == set(MAPS)


@pytest.mark.parametrize("density", DENSITIES)
@pytest.mark.parametrize("value", [0.3, 0.95, 1.7])
def test_slopes_of_densities(density: Any, value: float) -> None:
    kernel = open_kernel(density.kernel_of(scalars))
    slope = open_kernel(density.slope_of(scalars))
    assert kernel(value, *density.numbers) == pytest.approx(density.log_kernel(value, np))
    expected = derivative(density.kernel_of, value, *density.numbers)
    assert slope(value, *density.numbers) == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("kind", LIKELIHOODS)
@pytest.mark.parametrize(("observed", "mean"), [(0.0, 0.4), (3.0, 2.2), (2.4, 9.0), (5.0, 0.1)])
def test_slopes_of_likelihoods(kind: Any, observed: float, mean: float) -> None:
    numbers = LIKELIHOODS[kind]
    kernel, slope = open_kernel(kind.kernel_of(scalars)), open_kernel(kind.slope_of(scalars))
    expected = kind.kernel_of(NUMPY)(observed, mean, *numbers)
    assert kernel(observed, mean, *numbers) == pytest.approx(float(expected), rel=1e-12)
    by_mean = derivative(kind.kernel_of, mean, *map(pt.constant, (observed, *numbers)), place=1)
    assert slope(observed, mean, *numbers) == pytest.approx(by_mean, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("kind", [PoissonCounts, TemplateErrors])
def test_impossible_counts(kind: Any) -> None:
    numbers = (0.0,) * len(LIKELIHOODS[kind])
    kernel = open_kernel(kind.kernel_of(scalars))
    assert kernel(1.0, 0.0, *numbers) == -np.inf
    assert kernel(0.0, 0.0, *numbers) == 0.0


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("t", [-1.3, -0.2, 0.4, 2.0])
def test_rises_of_maps(name: str, t: float) -> None:
    offset, rise = MAPS[name].offset_of, open_kernel(MAPS[name].rise_of(scalars))
    assert open_kernel(offset(scalars))(t) == pytest.approx(float(MAPS[name].offset(t)), rel=1e-14)
    assert rise(t) == pytest.approx(derivative(offset, t), rel=1e-12)


@pytest.mark.parametrize("length", [0.0, 0.5, 12.0])
@pytest.mark.parametrize("v", [-7.0, -0.3, 2.0])
def test_slope_of_the_stretched_coordinate(length: float, v: float) -> None:
    slope = open_kernel(slope_of_log_rise_of(scalars))
    assert slope(v, length) == pytest.approx(
        derivative(log_rise_of, v, pt.constant(length)), rel=1e-9
    )
    share, rise = open_kernel(share_of(scalars)), open_kernel(log_rise_of(scalars))
    step = 1e-5
    numeric = (share(v + step, length) - share(v - step, length)) / (2 * step)
    assert np.exp(rise(v, length)) == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize("value", [1e-3, 0.3, 1.0, 4.2, 7.999, 8.0, 1e3, 1e7])
def test_digamma(value: float) -> None:
    found = open_kernel(lambda x: scalars.digamma(x))(value)
    assert found == pytest.approx(special.digamma(value), rel=1e-13, abs=1e-14)


@pytest.mark.parametrize("value", [-800.0, -3.0, 0.0, 0.4, 60.0, 800.0])
def test_softplus_and_sigmoid(value: float) -> None:
    assert open_kernel(lambda x: scalars.softplus(x))(value) == np.logaddexp(0.0, value)
    assert open_kernel(lambda x: scalars.sigmoid(x))(value) == pytest.approx(special.expit(value))


def test_what_is_left_out_is_the_rest_of_the_probability() -> None:
    """Poisson's and the template's: a probability, added up over counts, is one."""
    counts = np.arange(200.0)
    error = xr.DataArray(np.full((1, 1), 0.8), dims=("run", "bin"))
    for likelihood in (PoissonCounts(), TemplateErrors(error)):
        terms = likelihood.log_terms(counts[:, None, None], np.full((1, 1), 4.3), NUMPY)
        assert np.exp(terms).sum() == pytest.approx(1.0, abs=1e-12)
