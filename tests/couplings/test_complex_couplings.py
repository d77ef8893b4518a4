"""Couplings of unlike flavours as complex numbers, or as modulus and phase."""

from __future__ import annotations

import cmath

import numpy as np
import pytest

from bayes_cevns.couplings.angles import cos_sin
from bayes_cevns.couplings.named import named_coupling
from bayes_cevns.couplings.values import complex_coupling
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.oscillation.hermitian import to_matrix


@pytest.mark.parametrize(
    ("value", "real", "imaginary"),
    [
        (0.1 + 0.05j, 0.1, 0.05),
        (0.2, 0.2, 0.0),
        (np.complex128(-1j), 0.0, -1.0),
        ("0.3@0", 0.3, 0.0),
        ("0.3@90", 0.0, 0.3),
        ("0.3@-90", 0.0, -0.3),
        ("0.3@180", -0.3, 0.0),
        ("0.3@-180", -0.3, 0.0),
        (" 2e-1 @ 60 ", 0.1, 0.1 * np.sqrt(3)),
        ("0.1-0.05j", 0.1, -0.05),
        ("0.1 - 0.05j", 0.1, -0.05),
        ("0.25", 0.25, 0.0),
        ("0@17", 0.0, 0.0),
    ],
)
def test_both_parts(value: complex | str, real: float, imaginary: float) -> None:
    found = complex_coupling("emu_u", value)
    assert list(found) == ["eps_emu_u", "eps_emu_u_im"]
    np.testing.assert_allclose(list(found.values()), [real, imaginary], rtol=1e-15, atol=1e-17)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("x_mutau_q", "x_mutau_q_im"),
        ("eps_etau_eR", "eps_etau_eR_im"),
        ("emu[eta=10,phi=20]", "eps_emu[eta=10,phi=20]_im"),
    ],
)
def test_names(name: str, other: str) -> None:
    assert list(complex_coupling(name, 1j))[1] == other


def test_the_upper_entry_has_the_value() -> None:
    value = cmath.rect(0.3, np.deg2rad(120))
    parts = complex_coupling("etau_u", "0.3@120")
    vector = sum(x * named_coupling(name).contact[0] for name, x in parts.items())
    matrix = to_matrix(np.asarray(vector))
    np.testing.assert_allclose(matrix[0, 2], value)
    np.testing.assert_allclose(matrix, matrix.conj().T)


@pytest.mark.parametrize(
    "value",
    [
        *("0.3@181", "0.3@-180.5", "-0.3@10", "0.3@", "@", "1@2@3", "nan@0", "1@nan", "inf@0"),
        *("", "x", None, [1.0], float("inf"), complex("nanj")),
    ],
)
def test_wrong_values(value: complex | str) -> None:
    with pytest.raises(
        ArgumentError, match=r"^eps_emu_u: expected a finite complex number, or MOD"
    ) as e:
        complex_coupling("emu_u", value)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    "name", ["eps_ee_u", "eps_q", "x_u", "mu_nu_e", "sin2_theta_w", "ee[eta=1,phi=2]"]
)
def test_real_couplings_are_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=r"is real, got '0\.3@120'"):
        complex_coupling(name, "0.3@120")


def test_wrong_names() -> None:
    with pytest.raises(ArgumentError, match="expected a coupling with both parts"):
        complex_coupling("emu_u_im", 1j)
    with pytest.raises(UnknownNameError, match="unknown coupling 'emu_x'"):
        complex_coupling("emu_x", 1j)


@pytest.mark.parametrize("angle", [*range(-360, 361, 15), 1e-9, -1e-9, 89.999])
def test_cosine_and_sine(angle: float) -> None:
    radians = np.deg2rad(angle)
    np.testing.assert_allclose(cos_sin(angle), (np.cos(radians), np.sin(radians)), atol=5e-16)
