"""Where a log-density along a line is cut, and which of its modes matter."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.couplings.valleys import NEGLIGIBLE, deep_minima, lowest_between, peaks_that_matter


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1, 2, 1, 0], []),  # one mode
        ([0, 2, 0, 2, 0], [2]),
        ([2, 0, 2], [1]),  # modes at the walls
        ([0, 2, 1.95, 2, 0], []),  # too shallow
        ([0, 2, 1, 1.05, 0.5, 2, 0], [4]),  # the lower of two minima without a mode between
        ([0, 3, 0, 1, -1, 3, 0], [2, 4]),  # a small mode between two large ones
        ([5, 4, 3, 2, 1], []),
        ([-np.inf, 1, -np.inf, 1, 0], [2]),
        ([1.0], []),
    ],
)
def test_deep_minima(values: list[float], expected: list[int]) -> None:
    assert deep_minima(np.array(values, float), depth=0.1) == expected


def three_modes() -> tuple[np.ndarray, np.ndarray]:
    """Normal peaks at -2, 1 and 3, of heights 0, -5 and -30."""
    x = np.linspace(-4.0, 4.0, 801)
    peaks = [(-2.0, 0.0), (1.0, -5.0), (3.0, -30.0)]
    return x, np.logaddexp.reduce([top - 0.5 * ((x - at) / 0.1) ** 2 for at, top in peaks])


def test_a_mode_that_holds_nothing_does_not_matter() -> None:
    x, values = three_modes()
    peaks = peaks_that_matter(values, np.zeros(x.size, int), 1.0)
    np.testing.assert_allclose(x[peaks], [-2.0, 1.0], atol=0.01)
    (border,) = lowest_between(values, peaks)
    assert -1.0 < x[border] < 0.5
    assert values[border] == values[peaks[0] : peaks[1]].min()


def test_a_mode_is_compared_with_those_of_its_own_sign() -> None:
    """The limit of one sign is that of the posterior given the sign, however improbable."""
    x, values = three_modes()
    values = np.where(x > 0, values - 2 * NEGLIGIBLE, values)
    peaks = peaks_that_matter(values, (x > 0).astype(int), 1.0)
    np.testing.assert_allclose(x[peaks], [-2.0, 1.0], atol=0.01)
    peaks = peaks_that_matter(values, np.zeros(x.size, int), 1.0)
    np.testing.assert_allclose(x[peaks], [-2.0], atol=0.01)
