"""Which bins are drawn on a logarithmic axis, and where their points stand."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.plots.bins import are_logarithmic, centres


@pytest.mark.parametrize(
    ("edges", "logarithmic"),
    [
        ([1.0, 2.0], False),
        ([1.0, 2.0, 9.9], False),  # widths of 1 and 7.9
        ([1.0, 2.0, 10.1], True),
        ([0.0, 1.0, 100.0], False),
        ([-1.0, 1.0, 100.0], False),
    ],
)
def test_bins_of_very_different_widths_are_logarithmic(
    edges: list[float], logarithmic: bool
) -> None:
    assert are_logarithmic(np.array(edges)) is logarithmic


def test_points_are_in_the_middle_of_the_axis() -> None:
    np.testing.assert_allclose(centres(np.array([0.0, 1.0, 3.0])), [0.5, 2.0])
    np.testing.assert_allclose(centres(np.array([1.0, 4.0, 100.0])), [2.0, 20.0])
