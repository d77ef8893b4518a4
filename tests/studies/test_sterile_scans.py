"""Scans and profiles over masses that are no mediators', on normal and Poisson likelihoods."""

from __future__ import annotations

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings

LENIENT = Gate(rhat_max=2.0, ess_min=1.0, divergences_max=10**6)
QUICK = SamplerSettings(draws=300, tune=200, chains=2, cores=1, retries=0, gate=LENIENT)


@pytest.mark.parametrize(
    ("name", "new", "masses"),
    [
        ("conus_plus", "sterile-dipole-nu_e", [0.1, 5.0]),  # normal
        ("coherent_ge_counts", "sterile-vector[mediator_mev=30]", [1.0, 40.0]),  # normal
        ("xenonnt_cevns", "sterile-dipole", [0.1, 9.0]),  # Poisson
    ],
)
def test_scan_and_profile_of_a_massive_final_state(name, new, masses, tmp_path):
    """Credible limits within a third of those of the profile; both weaker close to the end."""
    scan = bc.scan(
        name, interaction=new, masses_mev=masses, settings=QUICK, out=tmp_path / "out", seed=3
    )
    profile = bc.profile_scan(name, interaction=new, masses_mev=masses)
    credible = np.array([point.limits[0].value for point in scan.points])
    confidence = np.array([point.result.limits[0].value for point in profile.points])
    np.testing.assert_allclose(credible, confidence, rtol=0.34)
    assert confidence[1] > 1.2 * confidence[0]
    (axes, *_) = bc.exclusion_figure(scan).axes
    assert axes.get_xlabel() == r"mass of the sterile neutrino $m_4$ [MeV]"
    assert new in (tmp_path / "out" / "limits.csv").read_text(encoding="utf-8")


def test_oscillation_stays_between_its_physical_ends():
    """Delta m^2 = 0.3 eV^2 at 20.7 m; with 1e-6 eV^2 nothing oscillates and nothing is excluded."""
    masses = [1e-9, float(np.sqrt(0.3) * 1e-6)]
    new = "sterile-oscillation-nu_e"
    scan = bc.scan("conus_plus", interaction=new, masses_mev=masses, settings=QUICK, seed=3)
    limits = [point.limits[0].value for point in scan.points]
    assert limits[0] == pytest.approx(0.9, abs=0.05)  # 90% of a prior that is uniform up to 1
    assert 0 < limits[1] <= 1
    (axes, *_) = bc.exclusion_figure(scan).axes
    assert axes.get_xlabel() == r"$\Delta m^2_{41}$ [eV$^2$]"
    assert axes.get_xlim() == pytest.approx((1e-6, 0.3), rel=1e-6)
    profile = bc.profile("conus_plus", interaction=new, mass_mev=masses[1])
    assert 0 < profile.limits[0].value <= 1 + 1e-9
