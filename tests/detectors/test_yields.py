"""Charge and light of nuclear recoils in xenon against the program NEST and measurements."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.detectors import (
    NestNuclearYields,
    TabulatedYield,
    nest_nuclear_yields,
    pandax4t_yield,
)
from bayes_cevns.errors import ArgumentError, TableError, UnknownNameError
from bayes_cevns.releases import default_releases_dir

#: Recoil energy in keV, photons and electrons per keV of nestpy 2.1.3 at 23 V/cm and 2.9 g/cm3,
#: default parameters, as printed with six digits.
NESTPY_23_V_PER_CM = (
    (0.25, 2.77397, 2.81827),
    (0.3, 3.16577, 3.43162),
    (0.5, 3.8728, 5.00783),
    (1.0, 4.477, 6.13237),
    (1.5, 4.95748, 6.31221),
    (2.0, 5.37246, 6.30934),
)
ROUNDING = 5e-6


@pytest.mark.parametrize(("recoil", "light", "charge"), NESTPY_23_V_PER_CM)
def test_nest_against_printed_values_of_nestpy(recoil, light, charge):
    yields = NestNuclearYields(23.0)
    assert yields.light_per_kev(recoil) == pytest.approx(light, rel=1e-6, abs=ROUNDING)
    assert yields.charge_per_kev(recoil) == pytest.approx(charge, rel=1e-6, abs=ROUNDING)


@pytest.mark.releases
@pytest.mark.parametrize(("name", "field"), [("XENONnT_23Vcm", 23.0), ("PandaX4T_93Vcm", 93.0)])
def test_nest_against_all_of_nestpy(name, field):
    folder = default_releases_dir() / "theory" / "nest_nr"
    if not folder.is_dir():
        pytest.skip(f"the raw releases are not at {folder}: set BAYES_CEVNS_RELEASES")
    text = (folder / f"nest_nr_yields_{name}.csv").read_text()
    rows = [line for line in text.splitlines() if line[:1].isdigit()]
    energy, light, charge = np.loadtxt(rows, delimiter=",", usecols=(0, 1, 2), unpack=True)
    made = charge > 0
    assert energy[~made].tolist() == [0.2]  # below one quantum
    whole = NestNuclearYields(field, whole_quanta=True)
    np.testing.assert_array_equal(whole.charge_per_kev(energy) > 0, made)
    np.testing.assert_array_equal(whole.light_per_kev(energy) > 0, made)
    yields = NestNuclearYields(field)
    for ours, theirs in (
        (yields.light_per_kev(energy), light),
        (yields.charge_per_kev(energy), charge),
    ):
        # Six digits are printed.
        digits = 0.51 * 10.0 ** (np.floor(np.log10(theirs[made])) - 5)
        assert np.all(np.abs(ours[made] - theirs[made]) < digits + 1e-6 * theirs[made])


@pytest.mark.parametrize(("field", "one_quantum"), [(23, 0.21297), (81, 0.21078), (1000, 0.20614)])
def test_whole_quanta_end_where_nestpy_ends(field, one_quantum):
    """The energies were found with nestpy 2.1.3 by bisection, to five digits."""
    cut, smooth = (nest_nuclear_yields(field_v_per_cm=field, whole_quanta=w) for w in (True, False))
    below, above = one_quantum - 1e-5, one_quantum + 1e-5
    for kind in ("charge_per_kev", "light_per_kev"):
        assert getattr(cut, kind)(below) == 0
        assert getattr(cut, kind)(above) == getattr(smooth, kind)(above) > 2
        assert getattr(smooth, kind)(below) > 2
    quanta = one_quantum * (smooth.charge_per_kev(one_quantum) + smooth.light_per_kev(one_quantum))
    assert quanta == pytest.approx(1.0, abs=1e-4)


def test_nest_written_out():
    """The formula of the program, term by term, with the parameters of LZ (WS2024)."""
    t, field, density = 0.7, 97.0, 2.86
    ti = 0.0498 * field**-0.0533 * (density / 2.9) ** 0.3
    charge = (1 - 1 / (1 + (t / 0.2942) ** 1.899) ** 0.996) / (ti * (t + 12.46) ** 0.509)
    light = (10.19 * t**0.11 - charge) * (1 - 1 / (1 + (t / 0.3197) ** 2.066) ** 0.999)
    scale = np.sqrt(131.293 / 131)
    yields = nest_nuclear_yields("lz-ws2024", field_v_per_cm=field)
    yields = type(yields)(**{**vars(yields), "density_g_per_cm3": density})
    assert yields.charge_per_kev(t) == pytest.approx(scale * charge, rel=1e-12)
    assert yields.light_per_kev(t) == pytest.approx(scale * light, rel=1e-12)


def test_nest_falls_as_the_square_of_small_energies():
    yields = nest_nuclear_yields(field_v_per_cm=80.0)
    for quantity in (yields.charge_per_kev, yields.light_per_kev):
        low = quantity([1e-3, 2e-3])
        assert np.all(low > 0)
        # Light: T^0.1 of all quanta besides.
        assert low[1] / low[0] == pytest.approx(4.0, rel=0.1)


def test_light_is_never_negative():
    yields = NestNuclearYields(80.0, alpha=1.0)
    assert yields.light_per_kev(0.5) == 0


@pytest.mark.parametrize("run", ["run0", "run1"])
@pytest.mark.parametrize(("kind", "low", "high"), [("charge", 4.5, 7.0), ("light", 4.0, 10.0)])
def test_pandax_yields(run, kind, low, high):
    measured = pandax4t_yield(run, kind)
    at = np.linspace(1.6, 8.0, 20)
    assert np.all((measured(at) > low) & (measured(at) < high))
    with pytest.raises(TableError, match="outside its table"):
        measured(0.5)
    assert pandax4t_yield(run, kind, outside="zero")(0.5) == 0


def test_first_points_of_pandax():
    """Digitised points of arXiv:2403.04239, Fig. 17."""
    assert pandax4t_yield("run0", "charge")(1.1344) == pytest.approx(6.3295)
    assert pandax4t_yield("run0", "light")(1.0675) == pytest.approx(4.7274)


def test_tabulated_yield_is_linear():
    assert TabulatedYield([1.0, 3.0], [2.0, 6.0])(2.0) == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: NestNuclearYields(0.0), ArgumentError, "field_v_per_cm must be"),
        (lambda: NestNuclearYields(23.0).charge_per_kev(0.0), ArgumentError, "recoil energy > 0"),
        (lambda: NestNuclearYields(23.0).light_per_kev(-1.0), ArgumentError, "finite and >= 0"),
        (
            lambda: nest_nuclear_yields("lz", field_v_per_cm=97.0),
            UnknownNameError,
            "set of NEST parameters 'lz'",
        ),
        (lambda: pandax4t_yield("run2", "charge"), UnknownNameError, "PandaX-4T run 'run2'"),
        (lambda: pandax4t_yield("run1", "heat"), UnknownNameError, "unknown yield 'heat'"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
