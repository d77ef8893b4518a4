"""Atmospheric neutrinos and the diffuse supernova background: totals, ratios, flavours."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.sources import atmospheric, diffuse_supernova_background

QUERIES = np.geomspace(1, 900, 20)


def test_total_of_the_fluka_table():
    """10.5 neutrinos per cm^2 and s below 1 GeV, Battistoni et al. (2005), at Gran Sasso."""
    totals = atmospheric().by_flavour()
    assert list(totals) == ["nu_e", "nu_mu", "anti_nu_e", "anti_nu_mu"]
    assert sum(totals.values()) == pytest.approx(10.5, rel=0.01)


def test_flavour_ratio_of_a_pion_chain():
    """pi -> mu nu_mu, mu -> e nu_e nu_mu: two of mu-flavour per one of e-flavour."""
    for site in ("gran-sasso", "kamioka"):
        totals = atmospheric(site=site).by_flavour()
        muons = totals["nu_mu"] + totals["anti_nu_mu"]
        electrons = totals["nu_e"] + totals["anti_nu_e"]
        assert muons / electrons == pytest.approx(2, abs=0.05)


def test_kamioka_has_a_stronger_magnetic_cut_off():
    ratio = atmospheric(site="kamioka").total_per_cm2_s / atmospheric().total_per_cm2_s
    assert 0.6 < ratio < 0.8
    assert atmospheric(site="kamioka").name == "atmospheric_kamioka"


@pytest.mark.parametrize("site", ["gran-sasso", "kamioka"])
def test_the_convention_of_paper_001(site):
    produced, arrived = atmospheric(site=site), atmospheric(site=site, oscillation="paper-001")
    before, after = produced.by_flavour(), arrived.by_flavour()
    assert arrived.flavours == FLAVOURS
    for prefix in ("", "anti_"):
        muons = before[f"{prefix}nu_mu"]
        assert after[f"{prefix}nu_e"] == before[f"{prefix}nu_e"]
        assert after[f"{prefix}nu_mu"] == pytest.approx(2 / 3 * muons, rel=1e-14)
        assert after[f"{prefix}nu_tau"] == pytest.approx(1 / 3 * muons, rel=1e-14)
    np.testing.assert_allclose(
        arrived.inverse_moments(QUERIES).sum(axis=0),
        produced.inverse_moments(QUERIES).sum(axis=0),
        rtol=1e-12,
    )


def test_range_of_the_table():
    for flux in (parts[0] for parts in atmospheric().fluxes.values()):
        assert flux.energy_mev[0] == pytest.approx(13.183)
        assert 900 < flux.energy_mev[-1] < 1000
    assert not atmospheric().inverse_moments(1000.0).any()


def test_unknown_names():
    with pytest.raises(UnknownNameError, match=r"unknown site .* 'sudbury'.*gran-sasso, kamioka"):
        atmospheric(site="sudbury")
    with pytest.raises(UnknownNameError, match=r"unknown oscillation .*none, paper-001"):
        atmospheric(oscillation="vacuum")


def test_supernovae_in_equal_flavours():
    source = diffuse_supernova_background()
    assert source.flavours == FLAVOURS
    assert source.total_per_cm2_s == pytest.approx(85.7, rel=1e-6)
    moments = source.inverse_moments(np.geomspace(0.5, 80, 9))
    np.testing.assert_array_equal(moments, np.broadcast_to(moments[:1], moments.shape))
    # Superposed Fermi-Dirac spectra of 3, 5, 8 MeV, redshifted: the mean of some MeV.
    (flux,) = source.fluxes["nu_e"]
    mean = np.trapezoid(flux.energy_mev * flux.flux_per_cm2_s_mev, flux.energy_mev)
    assert 3 < mean / flux.total_per_cm2_s < 15
