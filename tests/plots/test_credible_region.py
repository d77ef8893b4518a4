"""What the axes of credible regions show."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from bayes_cevns.plots.credible_region import Box, credible_region


def drawn(
    width: float,
    at: float,
    reference: tuple[float, float] | None = (0.0, 0.0),
    box: Box = ((None, None), (None, None)),
) -> Axes:
    """Draw a disc with a radius in a box from -1 to 1."""
    x = np.linspace(-1.0, 1.0, 401)
    density = np.exp(-0.5 * ((x[:, None] - at) ** 2 + x**2) / width**2)
    texts = {"labels": ("x", "y"), "title": "title", "subtitle": "subtitle"}
    figure = credible_region(
        *(x, x, density, [np.exp(-0.5)]), levels=[0.39], reference=reference, box=box, **texts
    )
    return figure.axes[0]


def test_a_small_region_is_drawn_large() -> None:
    axes = drawn(0.05, 0.5, None)
    assert axes.get_xlim() == pytest.approx((0.425, 0.575), abs=0.01)
    assert axes.get_ylim() == pytest.approx((-0.075, 0.075), abs=0.01)


def test_the_standard_model_is_in_view() -> None:
    assert drawn(0.05, 0.3).get_xlim() == pytest.approx((-0.0875, 0.4375), abs=0.01)


def test_a_large_region_is_drawn_with_all_of_its_box() -> None:
    assert drawn(0.8, 0.0).get_xlim() == (-1.0, 1.0)


def test_a_view_does_not_go_beyond_the_box() -> None:
    assert drawn(0.1, 0.98, None).get_xlim() == pytest.approx((0.855, 1.0), abs=0.01)


def test_a_point_beyond_the_grid_is_in_view() -> None:
    assert drawn(0.1, 0.5, (-1.01, 0.0)).get_xlim()[0] == -1.01


def test_an_end_of_a_prior_is_drawn_where_the_region_reaches_it() -> None:
    axes = drawn(0.3, 0.9, box=((-1.0, 1.0), (-1.0, 1.0)))
    assert [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"] == [1.0]
