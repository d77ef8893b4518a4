"""Lines between masses: through every point, monotone between them, interrupted where unknown."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bayes_cevns.plots.curves import smooth


@given(st.lists(st.floats(-12, 0), min_size=3, max_size=9))
def test_a_line_passes_through_its_points_and_is_monotone_between(logs: list[float]) -> None:
    mass = np.geomspace(0.1, 1e3, len(logs))
    values = 10.0 ** np.array(logs)
    fine, line = smooth(mass, values)
    for i in range(len(logs) - 1):
        part = line[(fine >= mass[i] * (1 - 1e-12)) & (fine <= mass[i + 1] * (1 + 1e-12))]
        steps = np.diff(np.log(part))
        assert np.all(steps >= -1e-9) or np.all(steps <= 1e-9)
    at = np.searchsorted(fine, mass * (1 - 1e-12))
    np.testing.assert_allclose(line[at], values, rtol=1e-9)


def test_a_power_law_is_a_straight_line() -> None:
    mass = np.geomspace(1, 100, 5)
    fine, line = smooth(mass, 1e-6 * mass**2)
    np.testing.assert_allclose(line, 1e-6 * fine**2, rtol=1e-12)


def test_nothing_is_drawn_where_a_limit_is_not_known() -> None:
    mass = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    fine, line = smooth(mass, np.array([1e-5, 1e-5, np.nan, 2e-5, np.inf, 3e-5]))
    assert np.isnan(fine).sum() == np.isnan(line).sum() == 2
    assert set(fine[np.isfinite(fine)]) == {1.0, 2.0, 4.0, 6.0}
    assert smooth(mass, np.full(6, np.nan))[0].size == 0
