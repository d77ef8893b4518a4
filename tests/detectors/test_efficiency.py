from __future__ import annotations

import math

import numpy as np
import pytest

from bayes_cevns.detectors import LogisticEfficiency, TabulatedEfficiency
from bayes_cevns.errors import ArgumentError, TableError

#: Nominal curve of COHERENT CsI 2021 (arXiv:2110.07730, ancillary file effCoefficients).
CSI = LogisticEfficiency(a=1.32045, b=0.285979, c=10.8646, d=-0.333322)


def test_table():
    curve = TabulatedEfficiency([1.0, 2.0, 4.0], [0.0, 0.5, 1.0])
    np.testing.assert_allclose(curve([[1.0, 1.5, 3.0]]), [[0, 0.25, 0.75]])
    with pytest.raises(TableError, match=r"0\.5 is outside its table"):
        curve(0.5)
    quiet = TabulatedEfficiency([1.0, 2.0], [0.5, 1.0], outside="zero")
    np.testing.assert_array_equal(quiet([0.5, 1.0, 2.5]), [0, 0.5, 0])


def test_logistic_of_csi():
    """Written out; zero below its floor, 0.987 at most, 0.327 where the exponential is one."""
    x = np.array([9.0, 12.0, 30.0])
    expected = [1.32045 / (1 + math.exp(-0.285979 * (v - 10.8646))) - 0.333322 for v in x]
    np.testing.assert_allclose(CSI(x), expected, rtol=1e-12)
    assert CSI(10.8646) == pytest.approx(1.32045 / 2 - 0.333322)
    np.testing.assert_array_equal(CSI([-1e6, 0.0, 5.0]), 0.0)
    assert CSI(1e6) == pytest.approx(0.987128)
    assert np.all(np.diff(CSI(np.linspace(8, 60, 100))) > 0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: TabulatedEfficiency([0.0, 1.0], [0.5, 1.1]), TableError, "at most 1, got 1.1"),
        (lambda: TabulatedEfficiency([0.0, 1.0], [-0.5, 1.0]), TableError, "finite and >= 0"),
        (
            lambda: TabulatedEfficiency([0.0, 1.0], [0.5, 1.0], outside="one"),
            ArgumentError,
            "outside must be one of",
        ),
        (lambda: CSI(math.nan), ArgumentError, "not finite"),
        (
            lambda: TabulatedEfficiency([0.0, 1.0], [0.5, 1.0])(math.inf),
            ArgumentError,
            "not finite",
        ),
        (lambda: LogisticEfficiency(1.2, 1.0, 5.0), ArgumentError, "a [+] d at most 1"),
        (lambda: LogisticEfficiency(1.0, -1.0, 5.0), ArgumentError, "steepness"),
        (lambda: LogisticEfficiency(1.0, 1.0, math.nan), ArgumentError, "finite c and d"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
