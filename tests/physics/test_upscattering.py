"""Kinematics of a massive final state, printed formulas, and rates over whole sources."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.form_factors import point_like
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.physics.upscattering import (
    dipole_kinematics,
    mass_ratio,
    minimum_upscattering_energy_mev,
    recoil_range_mev,
    threshold_mev,
    vector_upscattering,
)
from bayes_cevns.rates import rate
from bayes_cevns.sources import Source, Spectrum
from bayes_cevns.sources.line import Line

XE131 = next(i for i in target("Xe").isotopes if i.a == 131)
POINT = Theory(form_factor="point-like")
TARGETS = [0.51099895, XE131.mass_mev, 17689.0]
FINAL = [(0.8, 0.2), (10.0, 2.0), (30.0, 4.0), (52.8, 5.5)]


def least_energy(recoil, m, m4):
    """The two-body condition |cos| = 1 for the recoil, solved by bisection for E."""

    def cosine(energy):
        # (k - r)^2 = m4^2 with r = (T, p): -2 E (T - p cos) - 2 m T = m4^2.
        p = np.sqrt(recoil**2 + 2 * m * recoil)
        return (recoil + (m4**2 + 2 * m * recoil) / (2 * energy)) / p

    low, high = 1e-9, 1e9
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if cosine(middle) > 1 else (low, middle)
    return high


@pytest.mark.parametrize("m", TARGETS)
@pytest.mark.parametrize("m4", [0.01, 2.0, 30.0])
@pytest.mark.parametrize("recoil", [1e-5, 1e-3, 0.1, 5.0])
def test_the_least_energy_of_a_recoil(m, m4, recoil):
    found = minimum_upscattering_energy_mev(recoil, m, m4)
    assert float(found) == pytest.approx(least_energy(recoil, m, m4), rel=1e-12)


@pytest.mark.parametrize("m", TARGETS)
@pytest.mark.parametrize(("energy", "m4"), FINAL)
def test_both_ends_of_the_recoils_are_where_the_least_energy_is_that_of_the_neutrino(m, energy, m4):
    ends = recoil_range_mev(energy, m, m4)
    assert 0 < ends[0] < ends[1]
    np.testing.assert_allclose(minimum_upscattering_energy_mev(ends, m, m4), energy, rtol=1e-7)
    inside = minimum_upscattering_energy_mev(np.geomspace(*ends, 40)[1:-1], m, m4)
    assert np.all(inside < energy)


@pytest.mark.parametrize("m", TARGETS)
@pytest.mark.parametrize("m4", [0.05, 2.0, 40.0])
def test_the_threshold(m, m4):
    """s = (m + m_4)^2 at E = m_4 + m_4^2/(2 m), and no recoil energy needs less."""
    energy = float(threshold_mev(m, m4))
    assert m**2 + 2 * m * energy == pytest.approx((m + m4) ** 2, rel=1e-14)
    recoils = np.geomspace(1e-9, 1e3, 20001)
    least = minimum_upscattering_energy_mev(recoils, m, m4).min()
    assert least == pytest.approx(energy, rel=1e-5)
    assert least >= energy * (1 - 1e-12)
    assert np.isnan(recoil_range_mev(energy * (1 - 1e-9), m, m4)).all()
    low, high = recoil_range_mev(energy * (1 + 1e-12), m, m4)
    # One recoil energy is left: that of the target at rest in the centre of mass.
    assert low == pytest.approx(m4**2 / (2 * (m + m4)), rel=1e-4)
    assert high == pytest.approx(low, rel=1e-4)


def test_without_a_mass_the_range_begins_at_zero():
    assert recoil_range_mev(10.0, XE131.mass_mev, 0.0) == (
        0.0,
        pytest.approx(2 * 100 / (XE131.mass_mev + 20), rel=1e-12),
    )


# Printed formulas ---------------------------------------------------------------------------


def at(coefficients, energy):
    return float(coefficients @ energy ** -np.arange(3.0))


@pytest.mark.parametrize(("energy", "m4"), FINAL)
@pytest.mark.parametrize("m", TARGETS)
def test_the_dipole_portal_as_printed(m, energy, m4):
    """arXiv:2007.15563 and 2109.09545 for spin 1/2, in m_4^2 and m_4^4 instead of r."""
    low, high = recoil_range_mev(energy, m, m4)
    for recoil in np.linspace(low, high, 5):
        printed = 1 / recoil - 1 / energy
        printed += m4**2 * (recoil - 2 * energy - m) / (4 * energy**2 * recoil * m)
        printed += m4**4 * (recoil - m) / (8 * energy**2 * recoil**2 * m**2)
        found = dipole_kinematics(recoil, m, mass_ratio(recoil, m, m4), spin_half=True)
        assert at(found, energy) == pytest.approx(printed, rel=1e-9, abs=1e-9 / recoil)


@pytest.mark.parametrize(("energy", "m4"), FINAL)
def test_spin_zero_and_one_half_differ_on_nuclei_by_less_than_recoil_over_energy_squared(
    energy, m4
):
    m = XE131.mass_mev
    low, high = recoil_range_mev(energy, m, m4)
    for recoil in np.linspace(low, high, 5)[1:-1]:
        ratio = mass_ratio(recoil, m, m4)
        zero, half = (
            at(dipole_kinematics(recoil, m, ratio, spin_half=s), energy) for s in (False, True)
        )
        expected = recoil * (1 + ratio) * (1 - 2 * ratio) / (4 * energy**2)
        assert zero - half == pytest.approx(float(expected), rel=1e-4, abs=1e-12 / recoil)
        assert abs(zero - half) < 1e-6 * half


@pytest.mark.parametrize(("energy", "m4"), FINAL)
def test_vector_upscattering_in_powers_of_the_mass(energy, m4):
    """Spin 1/2: 1 - T/E - (m - T) T/(2 E^2) less m_4^2/(2 m E) [1 + (m - T)/(2 E)].

    The massless part is that of the light mediator; a form without r to compare with papers.
    """
    m = XE131.mass_mev
    low, high = recoil_range_mev(energy, m, m4)
    for recoil in np.linspace(low, high, 5):
        massless = 1 - recoil / energy - (m - recoil) * recoil / (2 * energy**2)
        massive = m4**2 / (2 * m * energy) * (1 + (m - recoil) / (2 * energy))
        found = vector_upscattering(recoil, m, mass_ratio(recoil, m, m4), spin_half=True)
        expected = m / (2 * np.pi) * (massless - massive)
        assert at(found, energy) == pytest.approx(expected, rel=1e-9, abs=1e-9 * m)


# Limits ------------------------------------------------------------------------------------

SHAPE = Spectrum("shape", np.array([0.1, 5.0, 20.0, 52.8]), np.array([1e6, 3e5, 1e5, 0.0]))
BEAM = Source("beam", {"nu_e": (SHAPE,), "anti_nu_mu": (SHAPE,), "nu_mu": (Line("l", 29.8, 1e6),)})
RECOILS = {"cevns": [0.5, 3.0, 12.0], "electron": [1.0, 80.0, 4e3]}


@pytest.mark.parametrize("channel", RECOILS)
@pytest.mark.parametrize(
    ("sterile", "active", "mediator_mev"),
    [
        ("sterile-dipole", "magnetic-moment", None),
        ("sterile-vector[mediator_mev=20]", "vector-universal", 20.0),
        ("sterile-scalar[mediator_mev=20]", "scalar-universal", 20.0),
        ("sterile-vector", "vector-universal", 1000.0),
    ],
)
def test_without_a_mass_it_is_the_interaction_of_active_neutrinos(
    channel, sterile, active, mediator_mev
):
    for target_name in ("Xe", "Ge", "CsI"):
        one, two = (
            rate(channel, source=BEAM, target=target_name, interaction=interaction(name))
            for name in (sterile, active)
        )
        new, old = (
            one.components(RECOILS[channel], 1e-9),
            two.components(RECOILS[channel], mediator_mev),
        )
        assert np.all(old[2] > 0)
        np.testing.assert_allclose(new[2], old[2], rtol=1e-10)
        np.testing.assert_array_equal(new[0], old[0])
        assert not new[1].any()


@pytest.mark.parametrize("m4", [0.5, 10.0, 35.0])
@pytest.mark.parametrize("name", ["sterile-dipole", "sterile-vector", "sterile-scalar"])
def test_rates_against_adaptive_integration_over_the_neutrinos(name, m4):
    """dR/dT of one isotope, with SciPy above the least energy instead of inverse moments."""
    xenon, kev = target("Xe"), 6.0
    entry = interaction(name)
    beam = Source("beam", {"nu_e": (SHAPE,)})
    found = rate(source=beam, target="Xe", interaction=entry, theory=POINT)
    expected = 0.0
    for isotope in xenon.isotopes:
        recoil = kev / 1e3
        terms = entry.nuclear_terms(isotope, recoil, m4, point_like)[1, 0]
        least = least_energy(recoil, isotope.mass_mev, m4)
        edges = [least, *(e for e in SHAPE.energy_mev if e > least)]

        def integrand(energy, terms=terms):
            flux = np.interp(energy, SHAPE.energy_mev, SHAPE.flux_per_cm2_s_mev)
            return flux * at(terms, energy)

        pieces = pairwise(edges)
        expected += isotope.abundance * sum(quad(integrand, *p, epsrel=1e-12)[0] for p in pieces)
    expected *= xenon.atoms_per_tonne * 3.89379372e-22 * 365.25 * 86400 / 1e3
    assert expected > 0
    assert found.components(kev, m4)[2] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("channel", RECOILS)
def test_nothing_beyond_the_threshold_of_a_mass(channel):
    """m_4 + m_4^2/(2 m) above the end of the source."""
    found = rate(channel, source=BEAM, target="Xe", interaction="sterile-dipole")
    m = min(i.mass_mev for i in target("Xe").isotopes) if channel == "cevns" else 0.51099895
    recoils = np.geomspace(0.01, 5e4, 4001)
    end = m * (np.sqrt(1 + 2 * 52.8 / m) - 1)  # solves the threshold for m_4
    assert found.components(recoils, 0.98 * end)[2].any()
    assert not found.components(recoils, 1.0001 * end)[2].any()


def test_there_is_a_least_recoil():
    """A line of 29.8 MeV and m_4 = 25 MeV: recoils between two ends, nothing outside."""
    beam = Source("line", {"nu_mu": (Line("l", 29.8, 1e6),)})
    found = rate(source=beam, target="Cs", interaction="sterile-dipole-nu_mu")
    (isotope,) = target("Cs").isotopes
    low, high = (1e3 * t for t in recoil_range_mev(29.8, isotope.mass_mev, 25.0))
    inside = found.components([low * 1.001, 0.5 * (low + high), high * 0.999], 25.0)[2]
    outside = found.components([0.5 * low, low * 0.999, high * 1.001], 25.0)[2]
    assert np.all(inside > 0)
    assert not outside.any()


def test_flavours_of_the_dipole_portal_add_up():
    whole = rate(source=BEAM, target="Ge", interaction="sterile-dipole").components(3.0, 5.0)[2]
    parts = [
        rate(source=BEAM, target="Ge", interaction=f"sterile-dipole-{f}").components(3.0, 5.0)[2]
        for f in ("nu_e", "nu_mu", "nu_tau")
    ]
    assert parts[2] == 0.0
    assert all(part > 0 for part in parts[:2])
    assert sum(parts) == pytest.approx(whole, rel=1e-12)


# Mediators of a user's own --------------------------------------------------------------------


def test_the_mediator_is_in_the_name():
    mine = interaction("sterile-vector", charges={"mediator_mev": "30"})
    assert mine.name == "sterile-vector[mediator_mev=30]"
    assert interaction(mine.name) == mine
    assert "vector of 30 MeV" in mine.title
    assert "30 MeV" in mine.formula
    assert interaction("sterile-vector", charges={"mediator_mev": 1000}).name == "sterile-vector"


@pytest.mark.parametrize("bad", [{"mediator_mev": 0}, {"mediator_mev": "x"}, {"u": 1}, {}])
def test_what_is_no_mediator(bad):
    with pytest.raises(ArgumentError, match="mediator_mev"):
        interaction("sterile-scalar", charges=bad)
