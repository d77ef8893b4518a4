"""Lines have the interface of spectra, and are their limit."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError
from bayes_cevns.sources import Line, Spectrum


def test_moments_end_at_the_line():
    line = Line("line", 2.0, 8.0)
    np.testing.assert_array_equal(line.inverse_moments(2.0), [8.0, 4.0, 2.0])
    np.testing.assert_array_equal(line.inverse_moments(1e-9), [8.0, 4.0, 2.0])
    np.testing.assert_array_equal(line.inverse_moments(np.nextafter(2.0, 3.0)), [0.0, 0.0, 0.0])


def test_a_line_is_the_limit_of_a_narrow_spectrum():
    line = Line("line", 0.86, 3.0)
    energy = 0.86 + np.array([-1e-6, 0.0, 1e-6])
    narrow = Spectrum("narrow", energy, np.array([0.0, 3e6, 0.0]))
    queries = np.array([0.1, 0.8, 0.85, 0.9, 2.0])
    np.testing.assert_allclose(
        line.inverse_moments(queries), narrow.inverse_moments(queries), rtol=1e-9
    )


@pytest.mark.parametrize("shape", [(), (0,), (4,), (2, 3)])
def test_shapes(shape):
    assert Line("line", 2.0, 8.0).inverse_moments(np.full(shape, 1.0)).shape == (3, *shape)


def test_scaling_and_weights():
    line = Line("line", 2.0, 8.0, ("Key:2000ab",))
    assert line.scaled(0.5) == Line("line", 2.0, 4.0, ("Key:2000ab",))
    assert line.scaled_to(3.0) == Line("line", 2.0, 3.0, ("Key:2000ab",))
    assert line.times(lambda energy: 1 / energy) == Line("line", 2.0, 4.0, ("Key:2000ab",))


@pytest.mark.parametrize("energy", [0.0, -1.0, np.nan, np.inf])
def test_bad_energies(energy):
    with pytest.raises(ArgumentError, match="line 'x': energy must be finite and > 0 MeV"):
        Line("x", energy, 1.0)


@pytest.mark.parametrize("total", [-1.0, np.nan, np.inf])
def test_bad_fluxes(total):
    with pytest.raises(ArgumentError, match="line 'x': flux must be finite and >= 0"):
        Line("x", 1.0, total)
    with pytest.raises(ArgumentError, match="must be finite and >= 0"):
        Line("x", 1.0, 1.0).scaled_to(total)
    with pytest.raises(ArgumentError, match="factor of 'x' must be finite and >= 0"):
        Line("x", 1.0, 1.0).scaled(total)


def test_bad_queries_and_weights():
    line = Line("x", 1.0, 0.0)
    with pytest.raises(ArgumentError, match="finite and > 0 MeV"):
        line.inverse_moments([1.0, 0.0])
    with pytest.raises(ArgumentError, match="no flux to scale"):
        line.scaled_to(1.0)
    with pytest.raises(ArgumentError, match="weight of 'x'"):
        line.times(lambda energy: -energy)
    with pytest.raises(ArgumentError, match=r"shape \(1,\), got shape \(\)"):
        line.times(lambda _: 1.0)
