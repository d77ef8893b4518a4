"""Mixing matrices, and couplings with their mistakes."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.oscillation import (
    CITE,
    COUPLINGS,
    DE_SALAS_2020,
    DEFAULT_MIXING,
    PAIRS,
    SOLAR_MODELS,
    NsiCouplings,
    OscillationParameters,
    heavy_vector,
    solar_model,
)
from bayes_cevns.specification.references import bibtex


@pytest.mark.parametrize("parameters", [DEFAULT_MIXING, DE_SALAS_2020])
def test_the_mixing_matrix(parameters):
    mixing = parameters.mixing_matrix()
    np.testing.assert_allclose(mixing @ mixing.conj().T, np.eye(3), atol=1e-15)
    squares = np.abs(mixing) ** 2
    s13 = parameters.sin2_theta13
    assert squares[0, 2] == pytest.approx(s13)
    assert squares[0, 1] == pytest.approx((1 - s13) * parameters.sin2_theta12)
    assert squares[1, 2] == pytest.approx((1 - s13) * parameters.sin2_theta23)
    assert np.angle(mixing[0, 2]) == pytest.approx(np.angle(np.exp(-1j * parameters.delta_cp_rad)))


def test_the_jarlskog_invariant():
    """J = c12 s12 c23 s23 c13^2 s13 sin(delta), whatever the phases of the rows."""
    p, u = DEFAULT_MIXING, DEFAULT_MIXING.mixing_matrix()
    found = (u[0, 0] * u[1, 1] * u[0, 1].conj() * u[1, 0].conj()).imag
    sines = [p.sin2_theta12, p.sin2_theta23, p.sin2_theta13]
    size = np.prod([np.sqrt(s * (1 - s)) for s in sines]) * np.sqrt(1 - p.sin2_theta13)
    assert abs(found) == pytest.approx(abs(size * np.sin(p.delta_cp_rad)), rel=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sin2_theta12": -0.1},
        {"sin2_theta13": 1.1},
        {"sin2_theta23": np.nan},
        {"dm21_ev2": 0.0},
        {"dm31_ev2": 0.0},
        {"delta_cp_rad": np.inf},
    ],
)
def test_wrong_parameters(wrong):
    with pytest.raises(ArgumentError, match="must"):
        OscillationParameters(**wrong)


def test_couplings_by_name():
    values = np.arange(1.0, 13.0)
    couplings = NsiCouplings.of(dict(zip(COUPLINGS, values, strict=True)))
    np.testing.assert_array_equal(couplings.values, values)
    for matrix, quark in ((couplings.up, "u"), (couplings.down, "d")):
        for pair, (a, b) in PAIRS.items():
            assert matrix[a, b] == matrix[b, a] == values[COUPLINGS.index(f"eps_{pair}_{quark}")]
    assert not NsiCouplings.of({"eps_emu_u": 0.1}).down.any()


def test_unknown_coupling():
    with pytest.raises(UnknownNameError, match="'eps_mue_u'; did you mean 'eps_emu_u'"):
        NsiCouplings.of({"eps_mue_u": 0.1})


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[0, 0.1, 0], [0.2, 0, 0], [0, 0, 0]], r"hermitian: entries \[0, 1\] and \[1, 0\]"),
        (np.eye(2), r"real matrix of shape \(3, 3\)"),
        (1j * np.eye(3), "real matrix"),
        (np.full((3, 3), np.nan), "finite"),
    ],
)
@pytest.mark.parametrize("quark", ["up", "down"])
def test_wrong_matrices(quark, matrix, message):
    with pytest.raises(ArgumentError, match=f"{quark} quark.*{message}"):
        NsiCouplings(**{quark: np.asarray(matrix)})


def test_the_heavy_vector():
    """eps = g_nu g_q / (sqrt2 G_F m^2): 1e-6 at 100 MeV is 6.06."""
    couplings = heavy_vector(1e-3, 1e-3, -1e-3, 100.0)
    size = 1e-6 / (np.sqrt(2) * 1.1663787e-11 * 1e4)
    np.testing.assert_allclose(couplings.up, size * np.eye(3))
    np.testing.assert_allclose(couplings.down, -size * np.eye(3))
    with pytest.raises(ArgumentError, match="mediator mass"):
        heavy_vector(1e-3, 1e-3, 1e-3, 0.0)


def test_everything_can_be_cited():
    keys = {*CITE, *(key for name in SOLAR_MODELS for key in solar_model(name).cite)}
    text = bibtex(sorted(keys))
    assert all(key in text for key in keys)
