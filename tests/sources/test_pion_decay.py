"""Neutrinos of stopped pions: kinematics, muon decay, the released simulation, the beams."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.constants import SECONDS_PER_YEAR
from bayes_cevns.sources import Beam, Line, pion_decay_at_rest, timing
from bayes_cevns.sources.pion_decay import (
    BEAMS,
    END_POINT_MEV,
    FLAVOURS,
    MUON_MASS_MEV,
    PION_MASS_MEV,
    protons_per_s,
)
from bayes_cevns.sources.table import columns

#: Densities in x = 2 E / m_mu.
MICHEL = {"nu_e": lambda x: 12 * x**2 * (1 - x), "anti_nu_mu": lambda x: 2 * x**2 * (3 - 2 * x)}
#: Their integrals from 0 to x.
BELOW = {"nu_e": lambda x: 4 * x**3 - 3 * x**4, "anti_nu_mu": lambda x: 2 * x**3 - x**4}


@pytest.fixture(scope="module")
def sns():
    return pion_decay_at_rest()


def test_the_prompt_line_conserves_energy_and_momentum(sns):
    (line,) = sns.fluxes["nu_mu"]
    assert isinstance(line, Line)
    muon_energy = math.hypot(MUON_MASS_MEV, line.energy_mev)
    assert muon_energy + line.energy_mev == pytest.approx(PION_MASS_MEV, rel=1e-14)
    assert line.energy_mev == pytest.approx(29.79, abs=0.005)


@pytest.mark.parametrize("flavour", MICHEL)
def test_spectra_against_the_matrix_element_of_muon_decay(sns, flavour):
    """mu+ -> e+ nu_e anti_nu_mu: |M|^2 ~ (p_mu p_nu_e)(p_e p_anti_nu_mu) = x_e (1 - x_e) / 4.

    Integrated over the other neutrino's energy, between the limits of massless three-body decay.
    """
    (flux,) = sns.fluxes[flavour]
    total = quad(lambda x: x * x * (1 - x), 0, 1)[0]
    for x in (0.1, 0.35, 0.6, 0.85, 0.99):
        if flavour == "nu_e":
            slow = quad(lambda _, x=x: x * (1 - x), 1 - x, 1)[0]
        else:
            slow = quad(lambda y: y * (1 - y), 1 - x, 1)[0]
        found = np.interp(x * END_POINT_MEV, flux.energy_mev, flux.flux_per_cm2_s_mev)
        expected = slow / total / END_POINT_MEV * flux.total_per_cm2_s
        # Linear between points.
        assert found == pytest.approx(expected, rel=5e-6)


@pytest.mark.parametrize(("flavour", "mean"), [("nu_e", 0.6), ("anti_nu_mu", 0.7)])
def test_mean_energies(sns, flavour, mean):
    (flux,) = sns.fluxes[flavour]
    energy = np.trapezoid(flux.energy_mev * flux.flux_per_cm2_s_mev, flux.energy_mev)
    assert energy / flux.total_per_cm2_s == pytest.approx(mean * MUON_MASS_MEV / 2, rel=1e-6)


@pytest.mark.parametrize("flavour", MICHEL)
@pytest.mark.parametrize("minimum", [0.02, 0.3, 2.0, 8.0, 26.0, 45.0, 52.0, 52.8])
def test_moments_against_adaptive_integration(sns, flavour, minimum):
    (flux,) = sns.fluxes[flavour]
    found = flux.inverse_moments(minimum) / flux.total_per_cm2_s
    for power in (0, 1, 2):
        slow = quad(
            lambda x, power=power: MICHEL[flavour](x) * (x * END_POINT_MEV) ** -power,
            minimum / END_POINT_MEV,
            1,
            epsabs=0,
            epsrel=1e-12,
        )[0]
        assert found[power] == pytest.approx(slow, rel=1e-5)


def test_nothing_above_the_end_points(sns):
    assert pytest.approx(52.83, abs=0.005) == END_POINT_MEV
    assert not sns.inverse_moments(END_POINT_MEV).any()
    assert not sns.select("nu_mu").inverse_moments(29.8).any()
    assert (sns.inverse_moments(29.7)[[0, 1, 4], 0] > 0).all()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_released_energies(flavour):
    """The simulation of the CsI release per 1 MeV: 0.0848 per proton, centres at whole MeV."""
    table = columns("pion_decay/energy.csv")
    edges = np.append(table["energy_mev"] - 0.5, table["energy_mev"][-1] + 0.5)
    share = table[flavour] / 0.0848
    assert share.sum() == pytest.approx(1, abs=1e-6)
    if flavour == "nu_mu":
        line = share[(edges[:-1] < 29.79) & (edges[1:] > 29.79)]
        assert line == pytest.approx([0.994], abs=0.001)
        return
    expected = np.diff(BELOW[flavour](np.clip(edges / END_POINT_MEV, 0, 1)))
    # What decays in flight or after capture is left out of the analytic spectra.
    np.testing.assert_allclose(share, expected, rtol=0, atol=5e-4)


def test_equal_flavours(sns):
    totals = list(sns.by_flavour().values())
    assert sns.flavours == ("nu_e", "nu_mu", "anti_nu_mu")
    np.testing.assert_allclose(totals, totals[0], rtol=1e-12)


def test_flux_of_the_sns():
    """4.3e7 per cm^2 and s in all flavours at 20 m, COHERENT, arXiv:1803.09183."""
    assert pion_decay_at_rest("sns").total_per_cm2_s == pytest.approx(4.3e7, rel=0.05)
    assert protons_per_s(power_mw=1.602176634, proton_energy_gev=1.0) == pytest.approx(1e16)


@pytest.mark.parametrize(
    ("name", "protons", "yield_per_flavour", "baseline_cm"),
    [
        ("coherent-csi-2021", 3.198e23, 0.0848, 1930.0),
        ("coherent-lar-2020", 13.8e22, 0.09, 2750.0),
    ],
)
def test_a_year_of_a_beam_is_the_run(name, protons, yield_per_flavour, baseline_cm):
    fluence = pion_decay_at_rest(name).total_per_cm2_s * SECONDS_PER_YEAR
    expected = 3 * protons * yield_per_flavour / (4 * math.pi * baseline_cm**2)
    assert fluence == pytest.approx(expected, rel=1e-12)
    assert BEAMS[name].relative_uncertainty == 0.10


def test_a_beam_of_ones_own():
    near, far = Beam("near", 1e16, 0.1, 10.0), Beam("far", 1e16, 0.1, 20.0)
    ratio = pion_decay_at_rest(near).total_per_cm2_s / pion_decay_at_rest(far).total_per_cm2_s
    assert ratio == pytest.approx(4, rel=1e-12)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_timing_is_a_density(flavour):
    edges, density = timing(flavour)
    assert edges.shape == (1501,)
    assert density.shape == (1500,)
    assert (edges[0], edges[-1]) == (0.0, 15000.0)
    assert np.all(density >= 0)
    assert np.sum(density * np.diff(edges)) == pytest.approx(1, rel=1e-12)
    assert not density.flags.writeable


@pytest.mark.parametrize("flavour", ["nu_e", "anti_nu_mu"])
def test_delayed_neutrinos_fall_with_the_life_of_the_muon(flavour):
    """2197 ns."""
    edges, density = timing(flavour)
    centre = (edges[1:] + edges[:-1]) / 2
    late = (centre > 3000) & (centre < 12000)
    slope = np.polyfit(centre[late], np.log(density[late]), 1)[0]
    assert -1 / slope == pytest.approx(2197, rel=0.01)


def test_prompt_neutrinos_come_with_the_pulse():
    """The proton pulse is about 350 ns long at half height; the pions' life adds 26 ns."""
    edges, density = timing("nu_mu")
    above = np.flatnonzero(density > density.max() / 2)
    assert (above[-1] - above[0]) * 10 == pytest.approx(370, abs=30)
    cumulative = np.cumsum(density * np.diff(edges))
    assert cumulative[99] > 0.97
    assert np.cumsum(timing("nu_e")[1] * 10)[99] < 0.25


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("protons_per_s", 0.0),
        ("neutrinos_per_proton", -1.0),
        ("baseline_m", np.nan),
        ("baseline_m", np.inf),
        ("relative_uncertainty", -0.1),
    ],
)
def test_bad_beams(field, value):
    arguments = {"protons_per_s": 1.0, "neutrinos_per_proton": 1.0, "baseline_m": 1.0}
    with pytest.raises(ArgumentError, match=f"beam 'x': {field} must be finite"):
        Beam("x", **(arguments | {field: value}))


def test_bad_names_and_powers():
    with pytest.raises(UnknownNameError, match=r"unknown beam 'ess'.*coherent-csi-2021"):
        pion_decay_at_rest("ess")
    with pytest.raises(UnknownNameError, match=r"unknown flavour .* 'nu_tau'"):
        timing("nu_tau")
    with pytest.raises(ArgumentError, match="a beam power must be positive and finite, in MW"):
        protons_per_s(power_mw=0.0, proton_energy_gev=1.0)
    with pytest.raises(ArgumentError, match="a proton energy must be positive and finite, in GeV"):
        protons_per_s(power_mw=1.0, proton_energy_gev=np.nan)
