"""The op of propagation: Numba against NumPy, gradients against differences, and models."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest

from bayes_cevns.couplings.propagation import COUPLINGS, PropagationOp
from bayes_cevns.couplings.propagation_tables import at_mixing
from bayes_cevns.errors import ArgumentError, TableError
from bayes_cevns.physics.oscillation import OscillationParameters, Propagation, matter_couplings

ENERGIES = np.geomspace(4.0, 15.5, 6)
WAYS = {
    "year": Propagation(),
    "day": Propagation(earth="none"),
    "inverted": Propagation(parameters=OscillationParameters(dm31_ev2=-2.4e-3)),
    "7be": Propagation(component="7be", latitude_deg=28.15),
    "two": Propagation(earth="none", flavours="two", detection="propagation-basis"),
}


def couplings(count: int, seed: int = 0) -> np.ndarray:
    """Return couplings of all sizes, real and complex; the first ones close a gap."""
    generator = np.random.default_rng(seed)
    size = generator.choice([0.05, 0.3, 1.0], (count, 1, 1))
    values = size * generator.uniform(-1, 1, (count, 3, 9))
    values[::2, :, 6:] = 0.0
    values[:4] = 0.0
    values[:4, 0, 3] = [-0.57, -0.6, -0.65, -0.7]
    return values


@pytest.fixture(scope="module", params=WAYS)
def compiled(request):
    way = WAYS[request.param]
    vector, cotangent = pt.vector("couplings", shape=(COUPLINGS,)), pt.vector("cotangent")
    density = PropagationOp(way, ENERGIES)(vector)
    total = (density * cotangent).sum()
    inputs = [vector, cotangent]
    outputs = [density, pytensor.grad(total, vector)]
    return way, pytensor.function(inputs, outputs, mode="NUMBA")


def test_numba_is_numpy(compiled):
    way, function = compiled
    given = couplings(40)
    expected = way.density(ENERGIES, given)
    for one, density in zip(given, expected, strict=True):
        found = function(one.ravel(), np.ones(density.size))[0]
        np.testing.assert_allclose(found, density.ravel(), rtol=0, atol=1e-9)


def test_gradient(compiled):
    way, function = compiled
    generator = np.random.default_rng(3)
    for one in couplings(40, seed=1):
        cotangent, direction = generator.normal(size=54), generator.normal(size=(3, 9))
        slope = function(one.ravel(), cotangent)[1] @ direction.ravel()
        step = 1e-5
        ends = way.density(ENERGIES, one + step * np.array([1, -1])[:, None, None] * direction)
        expected = (ends[0] - ends[1]).ravel() @ cotangent / (2 * step)
        assert slope == pytest.approx(expected, abs=2e-5 * max(1.0, abs(expected)))


#: Theta_12 of both octants, and dm21 in eV^2.
MIXINGS = [(0.3085, 7.48e-5), (0.27, 7.2e-5), (0.6915, 7.6e-5)]


@pytest.mark.parametrize("name", ["year", "day", "inverted"])
def test_mixing_is_an_input(name):
    """Densities and gradients in theta_12 and dm21, against the twin with another mixing."""
    way, generator = WAYS[name], np.random.default_rng(7)
    vector, mixing = pt.vector("couplings", shape=(COUPLINGS,)), pt.vector("mixing", shape=(2,))
    cotangent = pt.vector("cotangent")
    density = PropagationOp(way, ENERGIES)(vector, mixing)
    slopes = pytensor.grad((density * cotangent).sum(), mixing)
    function = pytensor.function([vector, mixing, cotangent], [density, slopes], mode="NUMBA")
    for place, one in enumerate(couplings(30, seed=2)):
        at = np.array(MIXINGS[place % 3])
        weights = generator.normal(size=54)
        found, gradient = function(one.ravel(), at, weights)
        twin = at_mixing(way, *at).density(ENERGIES, one).ravel()
        np.testing.assert_allclose(found, twin, rtol=0, atol=2e-5)
        for i in range(2):
            step = 1e-5 * at[i] * np.eye(2)[i]
            ends = [function(one.ravel(), at + sign * step, weights)[0] for sign in (1.0, -1.0)]
            expected = (ends[0] - ends[1]) @ weights / 2e-5
            assert gradient[i] * at[i] == pytest.approx(expected, rel=2e-4, abs=2e-5)
        # At the dm21 of the tables the gradient is that of the twin as well.
        at = np.array([at[0], way.parameters.dm21_ev2])
        step = 1e-4 * at[1]
        ends = [
            at_mixing(way, at[0], at[1] + sign * step).density(ENERGIES, one).ravel() @ weights
            for sign in (1.0, -1.0)
        ]
        slope = function(one.ravel(), at, weights)[1][1] * at[1]
        assert slope == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-4, abs=1e-4)


def test_perform_is_numba(compiled):
    way, function = compiled
    vector, cotangent = pt.vector("couplings", shape=(COUPLINGS,)), pt.vector("cotangent")
    density = PropagationOp(way, ENERGIES)(vector)
    outputs = [density, pytensor.grad((density * cotangent).sum(), vector)]
    plain = pytensor.function([vector, cotangent], outputs, mode="FAST_COMPILE")
    for one in couplings(6):
        given = one.ravel(), np.linspace(-1.0, 1.0, 54)
        for found, expected in zip(plain(*given), function(*given), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9)


def test_a_batch_is_a_loop():
    way = WAYS["year"]
    matrix = pt.matrix("couplings", shape=(None, COUPLINGS))
    vector = pt.vector("couplings", shape=(COUPLINGS,))
    density = PropagationOp(way, ENERGIES)(vector)
    many = pytensor.graph.vectorize_graph(density, {vector: matrix})
    function = pytensor.function([matrix], many, mode="NUMBA")
    given = couplings(5)
    expected = way.density(ENERGIES, given).reshape(5, -1)
    np.testing.assert_allclose(function(given.reshape(5, -1)), expected, atol=1e-9)


def test_in_a_model():
    """The gradient of a log-density through free couplings of a pm.Model."""
    with pm.Model() as model:
        free = pm.Uniform("eps", -1.0, 1.0, shape=2)
        vector = pt.zeros(COUPLINGS)[3].set(free[0])[13].set(free[1])
        density = PropagationOp(WAYS["year"], ENERGIES)(vector)
        pm.Potential("rates", -100.0 * density[::9].sum())
    name = model.rvs_to_values[free].name
    value, gradient = model.compile_logp(mode="NUMBA"), model.compile_dlogp(mode="NUMBA")
    step = 1e-5
    found = gradient({name: np.array([0.3, -0.2])})
    for i in range(2):
        shift = step * np.eye(2)[i]
        ends = [value({name: np.array([0.3, -0.2]) + sign * shift}) for sign in (1.0, -1.0)]
        assert found[i] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-5)


def test_ops_are_values():
    assert PropagationOp(Propagation(), ENERGIES) == PropagationOp(Propagation(), ENERGIES)
    assert PropagationOp(Propagation(), ENERGIES) != PropagationOp(Propagation(), ENERGIES[1:])
    standard = pt.constant(matter_couplings().ravel())
    assert PropagationOp(Propagation(), ENERGIES)(standard).type.shape == (54,)


def test_what_is_refused():
    op = PropagationOp(Propagation(earth="none"), ENERGIES)
    with pytest.raises(TableError, match="vector of 27"):
        op(pt.matrix())
    with pytest.raises(TableError, match="vector of 27"):
        op(pt.constant(np.zeros(12)))
    with pytest.raises(ArgumentError, match="energy"):
        PropagationOp(Propagation(), [0.0])
