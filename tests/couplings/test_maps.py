"""The maps of named priors: inverse, density, and the same in NumPy and PyTensor."""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode

from bayes_cevns.couplings.maps import MAPS
from bayes_cevns.names import PRIOR_TEXTS

PYTHON = Mode(linker="py", optimizer=None)
#: Away from t = 0, where the logarithmic one has a gap and the rate's a cusp.
T = np.array([-2.3, -1.0, -0.01, 0.003, 0.4, 1.7])


def test_every_named_prior_has_a_map() -> None:
    assert set(MAPS) == set(PRIOR_TEXTS)


@pytest.mark.parametrize("name", MAPS)
def test_numpy_and_pytensor_agree(name: str) -> None:
    found = MAPS[name].offset_of(pt)(pt.as_tensor(T)).eval(mode=PYTHON)
    np.testing.assert_allclose(found, MAPS[name].offset(T), rtol=1e-14)


@pytest.mark.parametrize("name", MAPS)
def test_the_coordinate_is_the_inverse(name: str) -> None:
    offset = MAPS[name].offset(T)
    np.testing.assert_allclose(MAPS[name].coordinate(offset), T, rtol=1e-12)
    np.testing.assert_array_equal(np.sign(offset), np.sign(T))
    assert np.all(np.diff(offset) > 0)
    np.testing.assert_allclose(MAPS[name].offset(-T), -offset)


@pytest.mark.parametrize("name", MAPS)
def test_the_slope_is_the_density(name: str) -> None:
    """|dt/d offset|, by a numerical derivative of the inverse."""
    offset = MAPS[name].offset(T)
    step = 1e-6 * np.abs(offset)
    step = np.where(np.abs(offset) < 1.0001, -step, step) if name == "log" else step
    ends = [MAPS[name].coordinate(offset + sign * step) for sign in (1, -1)]
    slope = np.abs((ends[0] - ends[1]) / (2 * step))
    np.testing.assert_allclose(MAPS[name].slope(offset), slope, rtol=1e-6)


def test_what_each_of_them_means() -> None:
    """Uniform in x, in x^2 and in log x: the density by t of equal steps of these."""
    x = np.linspace(1.0, 3.0, 5)
    assert np.allclose(np.diff(MAPS["flat"].coordinate(x), 2), 0)
    assert np.allclose(np.diff(MAPS["flat-rate"].coordinate(np.sqrt(x)), 2), 0)
    assert np.allclose(np.diff(MAPS["log"].coordinate(np.exp(x)), 2), 0)
    assert MAPS["log"].coordinate(0.5) == 0.0, "below its range is its end"
