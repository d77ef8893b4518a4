"""The coordinate without ends: what it maps to, its inverse, its slope, and that priors stay."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
from scipy.integrate import quad
from scipy.special import expit

from bayes_cevns.couplings.stretched import unbounded
from bayes_cevns.model.stretched import Stretched

LENGTHS = [0.0, 1.0, 5.0, 40.0, 2000.0]
LOWER, UPPER = -1.5, 2.5


def share_slowly(v: float, length: float) -> float:
    """The logistic function averaged over a window, by quadrature."""
    if length == 0.0:
        return float(expit(v))
    ends = (v - length / 2, v + length / 2)
    near = [p for p in (-8.0, 0.0, 8.0) if ends[0] < p < ends[1]]
    return quad(expit, *ends, points=near or None, limit=200, epsabs=1e-12)[0] / length


def compiled(length: float) -> tuple[object, object, object]:
    v = pt.dscalar("v")
    transform = Stretched(pt.as_tensor(length))
    inputs = (None, None, pt.as_tensor(LOWER), pt.as_tensor(UPPER))
    t = transform.backward(v, *inputs)
    back = pytensor.function([v], t, mode="FAST_COMPILE")
    forth = pytensor.function([v], transform.forward(v, *inputs), mode="FAST_COMPILE")
    slope = pytensor.function(
        [v], [transform.log_jac_det(v, *inputs), pt.log(pt.grad(t, v))], mode="FAST_COMPILE"
    )
    return back, forth, slope


@pytest.mark.parametrize("length", LENGTHS)
def test_share_is_the_averaged_logistic_function(length: float) -> None:
    back, forth, slope = compiled(length)
    inside = np.linspace(-0.5, 0.5, 7) * length
    for v in np.unique(np.concatenate([inside, inside - 3.0, inside + 3.0])):
        t = float(back(v))
        assert t == pytest.approx(LOWER + (UPPER - LOWER) * share_slowly(v, length), abs=1e-8)
        if min(t - LOWER, UPPER - t) > 1e-6:
            assert float(forth(t)) == pytest.approx(v, abs=1e-6)
            share = (t - LOWER) / (UPPER - LOWER)
            assert float(unbounded(share, length)) == pytest.approx(v, abs=1e-6)
        jacobian, gradient = slope(v)
        assert float(jacobian) == pytest.approx(float(gradient), abs=1e-6)


@pytest.mark.parametrize("length", LENGTHS)
def test_the_prior_stays_as_it_is(length: float) -> None:
    """The density in v integrates to one, and half of it lies below the middle."""
    with pm.Model() as model:
        ends = pm.Data("ends", np.array([LOWER, UPPER, length]))
        pm.Uniform("t", ends[0], ends[1], default_transform=Stretched(ends[2]))
    density = model.compile_logp()
    v = np.linspace(-0.5 * length - 30.0, 0.5 * length + 30.0, 4001)
    values = np.exp([float(density({"t_stretched__": at})) for at in v])
    assert np.trapezoid(values, v) == pytest.approx(1.0, abs=1e-4)
    assert np.trapezoid(values[:2001], v[:2001]) == pytest.approx(0.5, abs=1e-4)


def test_a_posterior_at_an_end_has_no_wall() -> None:
    """Half a normal density of width 1/100: curvature beyond 3 sigma is at most twice that at 1."""

    def steepest(length: float) -> float:
        back, _, slope = compiled(length)
        start = unbounded(np.array([1e-4, 0.03]), length)
        v = np.linspace(*start, 400)
        at = [(float(back(x)) - LOWER) / (UPPER - LOWER) for x in v]
        log_density = -0.5 * (np.array(at) / 0.01) ** 2 + [float(slope(x)[0]) for x in v]
        return float(np.max(-np.gradient(np.gradient(log_density, v), v)[5:-5]))

    assert steepest(80.0) < 2.5
    assert steepest(0.0) > 10.0
