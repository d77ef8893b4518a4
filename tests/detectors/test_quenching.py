"""Quenching factors: published values, inverses, and the ends of tables."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_cevns.detectors import (
    ConstantQuenching,
    Lindhard,
    PolynomialQuenching,
    TabulatedQuenching,
)
from bayes_cevns.errors import ArgumentError, TableError

QUICK = settings(max_examples=60, deadline=None, derandomize=True)

#: Scintillation of CsI (COHERENT 2021, arXiv:2110.07730, ancillary file), energies in MeV.
CSI = (0.0554628, 4.30681, -111.707, 840.384)


@pytest.mark.parametrize(
    ("z", "a", "k"), [(54, 131.29, 0.166), (32, 72.63, 0.157), (14, 28.09, 0.146)]
)
def test_strength_of_lindhard(z, a, k):
    """k of Xe 0.166; of Ge 0.157 and Si 0.146, as used in semiconductors."""
    assert Lindhard(z, a).strength == pytest.approx(k, abs=6e-4)
    assert Lindhard(z, a, k=0.11).strength == 0.11


@pytest.mark.parametrize("recoil_kev", [0.1, 1.0, 10.0, 100.0])
def test_lindhard_against_its_formula(recoil_kev):
    with mpmath.workdps(30):
        e = mpmath.mpf("11.5") * mpmath.mpf(54) ** (-mpmath.mpf(7) / 3) * recoil_kev
        g = 3 * e ** mpmath.mpf("0.15") + mpmath.mpf("0.7") * e ** mpmath.mpf("0.6") + e
        k = mpmath.mpf("0.133") * mpmath.mpf(54) ** (mpmath.mpf(2) / 3) / mpmath.sqrt(131.29)
        expected = float(k * g / (1 + k * g))
    assert Lindhard(54, 131.29)(recoil_kev) == pytest.approx(expected, rel=1e-12)


def test_lindhard_of_germanium_near_a_kev():
    """By hand: e = 11.5/3251 = 0.003537, g = 1.287 + 0.024 + 0.004, k g = 0.2065."""
    assert Lindhard(32, 72.63)(1.0) == pytest.approx(0.2065 / 1.2065, abs=3e-4)


@QUICK
@given(recoil=st.floats(1e-3, 200.0), k=st.floats(0.05, 0.3))
def test_lindhard_has_an_inverse_and_grows(recoil, k):
    quenching = Lindhard(54, 131.29, k=k)
    seen = quenching.electron_equivalent_kev(recoil)
    assert 0 < quenching(recoil) < 1
    assert quenching.electron_equivalent_kev(1.01 * recoil) > 1.01 * seen
    back = quenching.recoil_energy_kev(seen, within_kev=(0.0, 1e3))
    assert back == pytest.approx(recoil, rel=1e-9)


def test_constant():
    quenching = ConstantQuenching(0.15)
    np.testing.assert_allclose(quenching.electron_equivalent_kev([0.0, 2.0]), [0, 0.3])
    np.testing.assert_allclose(quenching([[1.0, 2.0]]), [[0.15, 0.15]])
    inverse = quenching.recoil_energy_kev([0.15, 0.3], within_kev=(0, 10))
    np.testing.assert_allclose(inverse, [1.0, 2.0], rtol=1e-12)


def test_polynomial_of_csi():
    """Written out in MeV; near 10% at 20 keV (arXiv:2110.07730, Fig. 1)."""
    quenching = PolynomialQuenching.from_mev(CSI, maximum_kev=80.0)
    x = 0.02
    a, b, c, d = CSI
    expected = 1e3 * (a * x + b * x * x + c * x**3 + d * x**4)
    assert quenching.electron_equivalent_kev(20.0) == pytest.approx(expected, rel=1e-12)
    assert 0.09 < quenching(20.0) < 0.12
    with pytest.raises(TableError, match="above the range of this quenching polynomial"):
        quenching.electron_equivalent_kev([1.0, 81.0])


def test_polynomial_that_goes_negative():
    with pytest.raises(TableError, match="polynomial is negative at 2 keV"):
        PolynomialQuenching((0.1, -0.1), maximum_kev=5.0).electron_equivalent_kev([0.5, 2.0])


def test_table():
    quenching = TabulatedQuenching([1.0, 2.0, 4.0], [0.1, 0.2, 0.2])
    np.testing.assert_allclose(quenching([1.0, 1.5, 3.0]), [0.1, 0.15, 0.2])
    for outside in (0.99, 4.01):
        with pytest.raises(TableError, match=r"outside its table .*outside='zero'"):
            quenching.electron_equivalent_kev(outside)
    quiet = TabulatedQuenching([1.0, 2.0, 4.0], [0.1, 0.2, 0.2], outside="zero")
    np.testing.assert_allclose(quiet.electron_equivalent_kev([0.5, 2.0, 5.0]), [0, 0.4, 0])


def test_cutoff_of_a_table():
    quenching = TabulatedQuenching([1.0, 4.0], [0.2, 0.2], cutoff_kev=2.0)
    np.testing.assert_allclose(quenching.electron_equivalent_kev([0.1, 1.9, 2.0]), [0, 0, 0.4])
    with pytest.raises(TableError, match="outside its table"):
        quenching.electron_equivalent_kev(5.0)


def test_tables_are_copies():
    energy = np.array([1.0, 2.0])
    quenching = TabulatedQuenching(energy, [0.1, 0.1])
    energy[0] = 1.5
    assert quenching.energy_kev[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        quenching.factor[0] = 2.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ConstantQuenching(0.0), ArgumentError, "above 0 and at most 1"),
        (lambda: ConstantQuenching(1.5), ArgumentError, "above 0 and at most 1"),
        (lambda: Lindhard(54, 131, k=-0.1), ArgumentError, "Lindhard's k must be"),
        (lambda: Lindhard(0, 131), ArgumentError, "proton number must be"),
        (lambda: PolynomialQuenching((), 1.0), ArgumentError, "one finite coefficient"),
        (lambda: PolynomialQuenching((math.nan,), 1.0), ArgumentError, "one finite coefficient"),
        (lambda: ConstantQuenching(0.1)(0.0), ArgumentError, "needs a recoil energy > 0"),
        (
            lambda: ConstantQuenching(0.1).electron_equivalent_kev(-1.0),
            ArgumentError,
            "finite and >= 0, got -1",
        ),
        (
            lambda: ConstantQuenching(0.1).recoil_energy_kev(5.0, within_kev=(0, 10)),
            TableError,
            "are seen as 0 to 1 keV, asked for 5 to 5",
        ),
        (lambda: TabulatedQuenching([1.0], [0.1]), TableError, "two vectors of the same length"),
        (lambda: TabulatedQuenching([2.0, 1.0], [0.1, 0.1]), TableError, ">= 0 and increase"),
        (lambda: TabulatedQuenching([1.0, 2.0], [0.1, -0.1]), TableError, "finite and >= 0"),
        (
            lambda: TabulatedQuenching([1.0, 2.0], [0.1, 0.1], outside="nan"),
            ArgumentError,
            "outside must be one of error, zero",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
