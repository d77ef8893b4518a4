"""The running of the weak mixing angle against an explicit integral and known values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.running import FERMIONS, Fermion, running_mixing_angle
from bayes_cevns.physics.vacuum_polarisation import vacuum_polarisation

Z_MASS_MEV = 91187.6


def explicit_polarisation(q_mev: float, mass_mev: float) -> float:
    """The integral of the docstring by adaptive quadrature."""

    def integrand(x: float) -> float:
        return x * (1 - x) * np.log1p(x * (1 - x) * q_mev**2 / mass_mev**2)

    return 2 / (137.035999084 * np.pi) * quad(integrand, 0, 1, epsabs=0, epsrel=1e-12, limit=500)[0]


def explicit_mixing_angle(q_mev: float) -> float:
    """Leptons and quarks one by one, with the numbers of the docstring written out."""
    s2 = 0.23857
    lepton = 0.25 - s2
    up, down = (2 / 3) * (0.25 - 2 / 3 * s2), (1 / 3) * (0.25 - s2 / 3)
    weights = [
        (lepton, (0.51099895, 105.6583755, 1776.86)),
        (3 * up, (75.0, 1270.0)),
        (3 * down, (75.0, 75.0, 4180.0)),
    ]
    return s2 - sum(w * explicit_polarisation(q_mev, m) for w, masses in weights for m in masses)


@pytest.mark.parametrize("q_mev", [0.01, 1.0, 30.0, 160.0, 2000.0])
def test_it_is_the_sum_of_the_loops(q_mev: float) -> None:
    assert float(running_mixing_angle(q_mev)) == pytest.approx(
        explicit_mixing_angle(q_mev), abs=1e-12
    )


def alpha_shift(fermions: list[Fermion]) -> float:
    return sum(
        f.colours * f.charge**2 * float(vacuum_polarisation(Z_MASS_MEV**2, f.mass_mev))
        for f in fermions
    )


def test_loops_change_alpha_as_known() -> None:
    # Leptons at one loop, 0.0314190: Steinhauser, Phys. Lett. B 429 (1998) 158. Hadrons,
    # 0.02768(7): Particle Data Group 2022.
    assert alpha_shift([f for f in FERMIONS if f.colours == 1]) == pytest.approx(0.031419, abs=5e-6)
    assert alpha_shift([f for f in FERMIONS if f.colours == 3]) == pytest.approx(0.02768, abs=7e-5)


def test_it_ends_near_the_value_at_the_z() -> None:
    # 0.23122(4) in the MS-bar scheme, Particle Data Group 2022; W bosons are left out.
    assert float(running_mixing_angle(Z_MASS_MEV)) == pytest.approx(0.23122, abs=5e-4)


def test_it_falls_from_its_value_at_rest() -> None:
    angles = running_mixing_angle(np.geomspace(1e-4, 1e4, 50))
    assert angles[0] == pytest.approx(const.SIN2_THETA_W, abs=1e-9)
    assert np.all(np.diff(angles) < 0)


def test_a_wrong_momentum_transfer_is_refused() -> None:
    with pytest.raises(ArgumentError, match="a momentum transfer"):
        running_mixing_angle([1.0, 0.0])
