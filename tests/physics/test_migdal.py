"""Migdal probabilities: normalisation by a sum rule, scaling, table ends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_cevns.errors import ArgumentError, TableError, UnknownNameError
from bayes_cevns.physics import migdal

ELECTRON_EV = 510998.95
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def integral(shell: migdal.Shell, weight=lambda _: 1.0) -> float:
    """Integrate weight(E_e) dp/dE_e from zero to the end of the table, in log E_e."""
    log_energy = np.linspace(math.log(1e-3), math.log(1e3 * shell.maximum_kev), 20001)
    energy_ev = np.exp(log_energy)
    values = weight(energy_ev) * shell.density(energy_ev / 1e3) * energy_ev
    return float(np.trapezoid(values, log_energy))


@pytest.mark.parametrize(
    ("element", "z", "found"),
    [("Xe", 54, 50.2), ("Ar", 18, 16.8), ("Ge", 32, 28.8), ("Si", 14, 11.6)],
)
def test_sum_rule_of_thomas_reiche_and_kuhn(element, z, found):
    """The dipole sum rule fixes 1/(2 pi) and the reference q_e of 1 eV.

    P = q_e^2 |<f|z|i>|^2 in the dipole limit, and sum_f 2 m_e omega |<f|z|i>|^2 is the number
    of electrons; excitation to bound states, which is not tabulated, takes the rest.
    """
    total = 0.0
    for shell in migdal.shells(element):
        binding_ev = 1e3 * shell.binding_kev
        moment = integral(shell, lambda energy, b=binding_ev: 2 * ELECTRON_EV * (energy + b))
        total += moment / (2 * math.pi)
    assert 0.8 * z < total < z
    assert total == pytest.approx(found, abs=0.06)


def test_shells_of_xenon():
    """Binding energies of Table II of arXiv:1707.07258."""
    energies = {shell.name: 1e3 * shell.binding_kev for shell in migdal.shells("Xe")}
    expected = {"1s": 35000, "2s": 5400, "2p": 4900, "3s": 1100, "3p": 930}
    expected |= {"3d": 660, "4s": 200, "4p": 140, "4d": 61, "5s": 21, "5p": 9.8}
    assert energies == pytest.approx(expected)
    assert migdal.elements() == ("Xe", "Ar", "Ge", "Si")


@pytest.mark.parametrize(("name", "expected"), [("3d", 3.57e-3), ("4d", 3.62e-2), ("5p", 7.81e-2)])
def test_totals_at_a_thousandth_of_the_speed_of_light(name, expected):
    """Totals above 1 eV of the raw tables by the trapezoid rule, as in data/migdal/REFERENCE."""
    mass_mev = 122e3
    recoil_kev = 0.5 * mass_mev * 1e3 * 1e-6
    energy = np.geomspace(1e-3, 70.0, 251)
    density = migdal.probability("Xe", name, energy, recoil_kev, mass_mev)
    assert np.trapezoid(density * energy, np.log(energy)) == pytest.approx(expected, rel=2e-3)


def test_table_points_are_kept_and_interpolated_in_log_log():
    shell = migdal.shell("Ge", "3d")
    np.testing.assert_allclose(
        shell.density(shell.electron_energy_kev), shell.density_per_ev, 1e-12
    )
    between = np.sqrt(shell.electron_energy_kev[:-1] * shell.electron_energy_kev[1:])
    expected = np.sqrt(shell.density_per_ev[:-1] * shell.density_per_ev[1:])
    np.testing.assert_allclose(shell.density(between), expected, rtol=1e-9)


@pytest.mark.parametrize("element", ["Xe", "Ar", "Ge", "Si"])
def test_ends_of_the_tables(element):
    end = 20.0 if element == "Si" else 70.0
    for shell in migdal.shells(element):
        assert shell.maximum_kev == end
        assert shell.density(0.0) == pytest.approx(shell.density_per_ev[0], rel=1e-12)
        with pytest.raises(TableError, match=f"above the table, which ends at {end:g} keV"):
            shell.density([1.0, 1.01 * end])


@QUICK
@given(energy=st.floats(0, 60), recoil=st.floats(0, 100), factor=st.floats(0.1, 10))
def test_grows_with_recoil_over_mass_and_is_never_negative(energy, recoil, factor):
    one = migdal.probability("Xe", "4d", energy, recoil, 1.2e5)
    assert one >= 0
    scaled = migdal.probability("Xe", "4d", energy, factor * recoil, factor * 1.2e5)
    assert scaled == pytest.approx(float(one), rel=1e-12)
    assert migdal.probability("Xe", "4d", energy, 0.0, 1.2e5) == 0


def test_broadcasting():
    shape = migdal.probability("Ar", "3p", np.ones((3, 1)), np.ones(4), 3.7e4).shape
    assert shape == (3, 4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: migdal.shells("Cs"), UnknownNameError, "element with Migdal probabilities 'Cs'"),
        (lambda: migdal.shell("Ar", "4s"), UnknownNameError, "unknown shell of Ar '4s'"),
        (lambda: migdal.shell("Ar", "3p").density(-1.0), ArgumentError, "finite and >= 0"),
        (
            lambda: migdal.probability("Ar", "3p", 1.0, -1.0, 1e4),
            ArgumentError,
            "recoil energies must be finite and >= 0",
        ),
        (lambda: migdal.probability("Ar", "3p", 1.0, 1.0, 0.0), ArgumentError, "must be > 0 MeV"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
