"""What the axes of credible regions show."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from bayes_cevns.plots.credible_region import credible_region


def drawn(width: float, at: float, reference: tuple[float, float] | None = (0.0, 0.0)) -> Axes:
    """Draw a disc with a radius in a box from -1 to 1."""
    x = np.linspace(-1.0, 1.0, 401)
    density = np.exp(-0.5 * ((x[:, None] - at) ** 2 + x**2) / width**2)
    texts = {"labels": ("x", "y"), "title": "title", "subtitle": "subtitle"}
    figure = credible_region(
        *(x, x, density, [np.exp(-0.5)]), levels=[0.39], reference=reference, **texts
    )
    return figure.axes[0]


def test_a_small_region_is_drawn_large() -> None:
    axes = drawn(0.05, 0.5, None)
    assert axes.get_xlim() == pytest.approx((0.41, 0.59), abs=0.01)
    assert axes.get_ylim() == pytest.approx((-0.09, 0.09), abs=0.01)


def test_the_standard_model_is_in_view() -> None:
    assert drawn(0.05, 0.3).get_xlim() == pytest.approx((-0.14, 0.49), abs=0.01)


def test_a_large_region_is_drawn_with_all_of_its_box() -> None:
    assert drawn(0.6, 0.0).get_xlim() == (-1.0, 1.0)


def test_a_view_does_not_go_beyond_the_box() -> None:
    assert drawn(0.1, 0.98, None).get_xlim() == pytest.approx((0.83, 1.0), abs=0.01)
