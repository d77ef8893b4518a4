"""Shape axes: knots, spline coefficients, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline, CubicSpline

from bayes_cevns.errors import TableError
from bayes_cevns.tables.shape_axes import DEGREE, ShapeAxis, spline_coefficients

UNEVEN = (-3.0, -2.0, -0.5, 0.0, 1.0, 3.0)


@st.composite
def axes(draw):
    first = draw(st.floats(-5.0, 5.0))
    steps = draw(st.lists(st.floats(0.1, 3.0), min_size=3, max_size=8))
    return ShapeAxis("pull", tuple(float(v) for v in first + np.cumsum([0.0, *steps])))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(axis=axes(), seed=st.integers(0, 2**32 - 1), where=st.floats(0.0, 1.0))
def test_the_spline_is_the_not_a_knot_cubic(axis, seed, where):
    """Against SciPy's piecewise-polynomial implementation, which knows no B-splines."""
    values = np.random.default_rng(seed).normal(size=(len(axis.nodes), 3))
    x = axis.nodes[0] + where * (axis.nodes[-1] - axis.nodes[0])
    spline = BSpline(np.array(axis.knots), axis.coefficients(values, 0), DEGREE)
    expected = CubicSpline(axis.nodes, values)(x)
    # Nodes very unevenly spaced overshoot, and so do the rounding errors.
    scale = 1 + np.abs(axis.coefficients(values, 0)).max()
    np.testing.assert_allclose(spline(x), expected, rtol=0, atol=1e-10 * scale)


def test_knots_skip_the_second_and_the_last_but_one_node():
    axis = ShapeAxis("a", UNEVEN)
    assert axis.knots == (*[-3.0] * 4, -0.5, 0.0, *[3.0] * 4)
    assert len(axis.knots) == len(UNEVEN) + DEGREE + 1


def test_cubics_are_reproduced():
    axis = ShapeAxis("a", UNEVEN)
    cubic = np.polynomial.Polynomial([1.0, -2.0, 0.5, 0.25])
    spline = BSpline(np.array(axis.knots), axis.coefficients(cubic(np.array(UNEVEN)), 0), DEGREE)
    x = np.linspace(-3, 3, 31)
    np.testing.assert_allclose(spline(x), cubic(x), atol=1e-12)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_any_axis_may_be_transformed(position):
    axis = ShapeAxis("a", UNEVEN)
    values = np.random.default_rng(3).normal(size=(6, 6, 6))
    found = axis.coefficients(values, position)
    expected = np.apply_along_axis(lambda v: axis.coefficients(v, 0), position, values)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


def test_tensor_products_interpolate_every_node():
    first, second = ShapeAxis("a", UNEVEN), ShapeAxis("b", (0.0, 1.0, 2.5, 4.0))
    values = np.random.default_rng(4).normal(size=(6, 4, 2, 5))
    found = spline_coefficients((first, second), values)
    assert found.shape == values.shape
    assert found.flags.c_contiguous
    at_nodes = [
        BSpline(np.array(a.knots), np.eye(len(a.nodes)), DEGREE)(a.nodes) for a in (first, second)
    ]
    again = np.einsum("ai,bj,ijkl->abkl", *at_nodes, found)
    np.testing.assert_allclose(again, values, atol=1e-12)


def test_without_axes_nothing_changes():
    values = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(spline_coefficients((), values), values)


@pytest.mark.parametrize(
    "nodes",
    [
        (),
        (1.0, 2.0, 3.0),
        (1.0, 2.0, 2.0, 3.0),
        (4.0, 3.0, 2.0, 1.0),
        (0.0, 1.0, 3.0, 2.0, 4.0),
        (1.0, 2.0, 3.0, float("nan")),
        (float("nan"), 1.0, 2.0, 3.0),
        (1.0, 2.0, 3.0, float("inf")),
    ],
)
def test_bad_nodes(nodes):
    with pytest.raises(TableError, match="shape axis 'tly': expected 4 or more increasing nodes"):
        ShapeAxis("tly", nodes)


@pytest.mark.parametrize("shape", [(5,), (4, 5), (6,), (6, 4), ()])
def test_a_table_that_does_not_fit_its_axes(shape):
    pair = (ShapeAxis("tly", (0, 1, 2, 3, 4)), ShapeAxis("tqy", (0, 1, 2, 3)))
    with pytest.raises(TableError, match=r"shape axes \(tly, tqy\) have \(5, 4\) nodes"):
        spline_coefficients(pair, np.ones(shape))


def test_equal_axes_are_equal_and_hashable():
    assert ShapeAxis("a", UNEVEN) == ShapeAxis("a", UNEVEN)
    assert len({ShapeAxis("a", UNEVEN), ShapeAxis("a", UNEVEN), ShapeAxis("b", UNEVEN)}) == 2
