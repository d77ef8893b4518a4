"""The quadrature over recoil energy: exact where it should be, converged where it is used."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.interpolate import CubicSpline

from bayes_cevns.errors import TableError
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.rates import NuclearRecoilRate
from bayes_cevns.sources import source
from bayes_cevns.tables.mass_axis import recoil_weights
from bayes_cevns.tables.quadrature import RecoilQuadrature

UNEVEN = np.array([0.3, 0.5, 0.55, 1.0, 1.7, 2.0, 4.0])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    response=st.lists(st.floats(-1, 1), min_size=4, max_size=4),
    spectrum=st.lists(st.floats(-1, 1), min_size=1, max_size=13),
    steps=st.lists(st.floats(0.05, 1.0), min_size=3, max_size=6),
)
def test_exact_for_cubic_responses_and_polynomial_spectra(response, spectrum, steps):
    """The spline of a cubic is the cubic; eight Gauss points integrate up to degree 15."""
    nodes = 0.5 + np.concatenate([[0.0], np.cumsum(steps)])
    quadrature = RecoilQuadrature.on_nodes(nodes)
    r, f = np.polynomial.Polynomial(response), np.polynomial.Polynomial(spectrum)
    found = quadrature.weights(f(quadrature.points_kev)) @ r(nodes)
    primitive = (r * f).integ()
    expected = primitive(nodes[-1]) - primitive(nodes[0])
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-11 * (1 + nodes[-1] ** 17))


def test_exact_for_a_cubic_of_order_one():
    """The same with numbers that one can follow: f = T^2, R = T^3 - T on 0.3 to 4 keV."""
    quadrature = RecoilQuadrature.on_nodes(UNEVEN)
    found = quadrature.weights(quadrature.points_kev**2) @ (UNEVEN**3 - UNEVEN)
    expected = (4.0**6 - 0.3**6) / 6 - (4.0**4 - 0.3**4) / 4
    assert found == pytest.approx(expected, rel=1e-13)


def test_weights_are_the_integral_of_the_spline_through_any_response():
    rng = np.random.default_rng(1)
    response = rng.uniform(size=UNEVEN.size)
    spline = CubicSpline(UNEVEN, response)  # not-a-knot, another implementation
    expected = sum(
        quad(lambda t: np.exp(-t) * spline(t), low, high, epsabs=0, epsrel=1e-12)[0]
        for low, high in pairwise(UNEVEN)
    )
    quadrature = RecoilQuadrature.on_nodes(UNEVEN)
    found = quadrature.weights(np.exp(-quadrature.points_kev)) @ response
    assert found == pytest.approx(expected, rel=1e-11)


def test_points_lie_inside_and_weigh_the_length():
    quadrature = RecoilQuadrature.on_nodes(UNEVEN)
    assert quadrature.points_kev.shape == (8 * (UNEVEN.size - 1),)
    assert np.all(np.diff(quadrature.points_kev) > 0)
    assert UNEVEN[0] < quadrature.points_kev[0] < quadrature.points_kev[-1] < UNEVEN[-1]
    assert quadrature.matrix.sum() == pytest.approx(UNEVEN[-1] - UNEVEN[0], rel=1e-14)


def test_leading_dimensions_of_spectra_are_kept():
    quadrature = RecoilQuadrature.on_nodes(UNEVEN)
    spectra = np.random.default_rng(2).normal(size=(2, 3, quadrature.points_kev.size))
    values = quadrature.weights(spectra)
    assert values.shape == (2, 3, UNEVEN.size)
    np.testing.assert_allclose(values[1, 2], quadrature.weights(spectra[1, 2]), rtol=1e-12)


@pytest.mark.parametrize("name", ["vector-universal", "b-l", "scalar-universal"])
@pytest.mark.parametrize("shape", ["solar_8b", "solar_8b_winter2006"])
def test_against_a_dense_integration_of_the_real_response(xenonnt, name, shape):
    """Twelve points on tenths of each interval: end points and kinks of the flux matter."""
    nodes = xenonnt.signals[0].recoil_energy_kev
    pulls = xenonnt.signals[0].values.values[:, [3, 0, 6, 6], [3, 6, 0, 6]]
    response = pulls.reshape(nodes.size, -1)
    rate = NuclearRecoilRate(
        source=source(shape), target=xenonnt.target, interaction=interaction(name)
    )
    x, w = np.polynomial.legendre.leggauss(12)
    edges = np.linspace(nodes[0], nodes[-1], 10 * (nodes.size - 1) + 1)
    half = 0.5 * np.diff(edges)[:, None]
    points = (edges[:-1, None] + half * (1 + x)).ravel()
    dense = CubicSpline(nodes, response)(points)
    for mass in (0.01, 10.0, 1e4):
        expected = (rate.components(points, mass) * (half * w).ravel()) @ dense
        found = recoil_weights(rate, nodes, mass) @ response
        np.testing.assert_allclose(found[[0, 2]], expected[[0, 2]], rtol=1e-7)
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-9)


@pytest.mark.parametrize(
    "nodes",
    [
        [],
        3.0,
        [1.0, 2.0, 3.0],
        [1.0, 2.0, 3.0, 3.0],
        [4.0, 3.0, 2.0, 1.0],
        [0.0, 1.0, 2.0, 3.0],
        [-1.0, 1.0, 2.0, 3.0],
        [[1.0, 2.0, 3.0, 4.0]],
        [1.0, 2.0, 3.0, np.nan],
        [np.nan, 1.0, 2.0, 3.0],
        [1.0, 2.0, 3.0, np.inf],
    ],
)
def test_bad_nodes(nodes):
    with pytest.raises(TableError, match="four or more increasing recoil energies > 0 keV"):
        RecoilQuadrature.on_nodes(np.array(nodes))
