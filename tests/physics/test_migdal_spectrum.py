"""The Migdal operator against adaptive integration, and in limits that are known."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from bayes_cevns.errors import ArgumentError, TableError, UnknownNameError
from bayes_cevns.physics import migdal
from bayes_cevns.physics.migdal_spectrum import migdal_operator

DETECTED = np.array([0.0125, 0.03, 0.08, 0.2, 0.5, 1.2, 3.0])
XENON_MEV = 122.3e3


def constant(recoil):
    return 0.15 * recoil


def lindhard(recoil):
    reduced = 11.5 * 54 ** (-7 / 3) * recoil
    g = 3 * reduced**0.15 + 0.7 * reduced**0.6 + reduced
    return recoil * 0.166 * g / (1 + 0.166 * g)


def smooth_rate(recoil):
    """Like CEvNS of 8B neutrinos: falls by four decades over 4 keV."""
    return 2000 * np.exp(-2.2 * recoil)


def contact_like_photon(recoil):
    """Like a magnetic moment: 1/T down to the lowest recoils."""
    return np.exp(-recoil) / recoil


def by_quad(rate, equivalent, shell, detected, *, low, high):
    """Integrate dT dR/dT dP/dE_e in log T, piece by piece; the edge E_e = 0 by its own pieces."""
    available = detected - shell.binding_kev
    if available <= 0:
        return 0.0
    edge = high
    if equivalent(high) > available:
        below, above = low, high
        for _ in range(200):
            middle = math.sqrt(below * above)
            below, above = (middle, above) if equivalent(middle) <= available else (below, middle)
        edge = below
    if edge <= low:
        return 0.0

    def integrand(log_recoil):
        recoil = math.exp(log_recoil)
        energy = max(available - equivalent(recoil), 0.0)
        momentum = migdal.electron_momentum_squared_ev2(recoil, XENON_MEV)
        density = 1e3 / (2 * math.pi) * float(momentum) * float(shell.density(energy))
        return recoil * float(rate(recoil)) * density

    ends = math.log(low), math.log(edge)
    near = np.log(edge * (1 - np.geomspace(1e-5, 0.5, 12)))
    breaks = np.unique(np.clip(np.concatenate([np.linspace(*ends, 16), near]), *ends))
    pieces = pairwise(breaks)
    return sum(quad(integrand, *piece, epsrel=1e-5, epsabs=1e-18, limit=200)[0] for piece in pieces)


# The table has a kink at each of its points; quad then warns of its estimate of 1e-5 and less.
@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
@pytest.mark.parametrize("rate", [smooth_rate, contact_like_photon])
@pytest.mark.parametrize("equivalent", [constant, lindhard])
def test_against_adaptive_integration(rate, equivalent):
    low, high = 1e-3, 20.0
    operator = migdal_operator(
        "Xe",
        DETECTED,
        electron_equivalent_kev=equivalent,
        recoil_range_kev=(low, high),
        nuclear_mass_mev=XENON_MEV,
    )
    found = operator.by_shell(rate(operator.recoil_energy_kev))
    expected = np.array(
        [
            [by_quad(rate, equivalent, shell, e, low=low, high=high) for e in DETECTED]
            for shell in migdal.shells("Xe")
        ]
    )
    total = expected.sum(axis=0)
    np.testing.assert_allclose(found.sum(axis=0), total, rtol=1e-4)
    # Each shell to a ten-thousandth of the spectrum, and the large ones of themselves.
    assert np.all(np.abs(found - expected) < 1e-4 * total)
    np.testing.assert_allclose(operator.total(rate(operator.recoil_energy_kev)), total, rtol=1e-4)


def test_without_quenching_it_is_a_product():
    """E_ee = 0: the spectrum is the probability at E_det - E_nl times a moment of the rate."""
    operator = migdal_operator(
        "Ar",
        [0.02, 0.3, 2.0],
        electron_equivalent_kev=np.zeros_like,
        recoil_range_kev=(1e-6, 30.0),
        nuclear_mass_mev=37.2e3,
    )
    recoil = operator.recoil_energy_kev
    found = operator.by_shell(np.exp(-recoil))
    moment = 1 - math.exp(-30.0) * 31  # integral of T exp(-T)
    for i, name in enumerate(operator.shells):
        shell = migdal.shell("Ar", name)
        for j, detected in enumerate(operator.detected_energy_kev):
            energy = detected - shell.binding_kev
            expected = 0.0
            if energy > 0:
                expected = moment * float(migdal.probability("Ar", name, energy, 1.0, 37.2e3))
            assert found[i, j] == pytest.approx(expected, rel=1e-5)


def test_spectrum_integrates_to_the_total_probability():
    """Quenching moves events in detected energy and makes none."""
    detected = np.geomspace(0.0605, 30.0, 4000)
    recoil_kev = (0.01, 5.0)
    operator = migdal_operator(
        "Xe",
        detected,
        electron_equivalent_kev=constant,
        recoil_range_kev=recoil_kev,
        only_shells=["4d"],
        nuclear_mass_mev=XENON_MEV,
    )
    found = operator.total(np.ones_like(operator.recoil_energy_kev))
    events = np.trapezoid(found * detected, np.log(detected))
    energy = np.geomspace(1e-6, 29.0, 20001)
    density = migdal.probability("Xe", "4d", energy, 1.0, XENON_MEV)
    moment = 0.5 * (recoil_kev[1] ** 2 - recoil_kev[0] ** 2)
    expected = moment * np.trapezoid(density * energy, np.log(energy))
    assert events == pytest.approx(expected, rel=2e-3)


def test_components_and_deposits():
    operator = migdal_operator(
        "Ge", [0.05, 0.2], electron_equivalent_kev=constant, recoil_range_kev=(1e-3, 10.0)
    )
    rates = np.stack([smooth_rate(operator.recoil_energy_kev), operator.recoil_energy_kev])
    assert operator.by_shell(rates).shape == (8, 2, 2)
    np.testing.assert_allclose(operator.by_shell(rates).sum(axis=0), operator.total(rates), 1e-10)
    same = np.broadcast_to(rates[:, None, :], (2, 2, operator.recoil_energy_kev.size))
    np.testing.assert_allclose(operator.by_deposit(same), operator.by_shell(rates), 1e-12)
    deposit = operator.detected_energy_kev[:, None] - 0.15 * operator.recoil_energy_kev
    np.testing.assert_allclose(operator.electromagnetic_kev, deposit, rtol=1e-12)


def test_lower_limit_of_recoils():
    """T >= omega^2 / (2 m): only the matrix below it is empty (arXiv:2311.17719, eq. 2.7)."""
    operator = migdal_operator(
        "Xe",
        [20.0],
        electron_equivalent_kev=constant,
        recoil_range_kev=(1e-9, 1.0),
        nuclear_mass_mev=XENON_MEV,
    )
    limit = 20.0**2 / (2 * XENON_MEV * 1e3)
    seen = np.any(operator.matrix != 0, axis=(0, 1))
    first = operator.recoil_energy_kev[np.flatnonzero(seen)[0]]
    step = operator.recoil_energy_kev[1] / operator.recoil_energy_kev[0]
    assert limit / step**3 < first <= limit


@pytest.mark.parametrize(
    ("rate", "points", "tolerance"),
    [
        (lambda t: np.maximum(1 - t / 0.0122, 0), 60, 6e-4),
        (lambda t: (t < 0.0122) * 1.0, 60, 0.05),
        (lambda t: (t < 0.0122) * 1.0, 600, 0.005),
    ],
)
def test_end_points_of_lines(rate, points, tolerance):
    """Recoils of 7Be neutrinos end at 0.0122 keV with a kink or, for scalars, a step."""
    operator = migdal_operator(
        "Xe",
        [0.03],
        electron_equivalent_kev=np.zeros_like,
        recoil_range_kev=(1e-5, 1.0),
        only_shells=["5p"],
        nuclear_mass_mev=XENON_MEV,
        points_per_decade=points,
    )
    found = operator.total(rate(operator.recoil_energy_kev))[0]
    moment = 0.0122**2 * (1 / 6 if rate(0.0121) < 0.5 else 1 / 2)
    energy = 0.03 - migdal.shell("Xe", "5p").binding_kev
    expected = moment * float(migdal.probability("Xe", "5p", energy, 1.0, XENON_MEV))
    assert found == pytest.approx(expected, rel=tolerance)


def test_positive_rates_give_positive_spectra_and_nothing_below_the_last_shell():
    detected = np.array([0.005, 0.0097, 0.0099, 0.02, 1.0, 10.0])
    operator = migdal_operator("Xe", detected, electron_equivalent_kev=lindhard)
    spectrum = operator.total(smooth_rate(operator.recoil_energy_kev))
    assert np.all(spectrum[:2] == 0)
    assert np.all(spectrum[2:] > 0)


def build(**changes):
    options = {"electron_equivalent_kev": constant, "recoil_range_kev": (1e-3, 10.0), **changes}
    return migdal_operator("Xe", options.pop("detected_energy_kev", [0.1]), **options)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"detected_energy_kev": [0.0]}, ArgumentError, "detected energies must be a vector"),
        ({"detected_energy_kev": 1.0}, ArgumentError, "detected energies must be a vector"),
        ({"detected_energy_kev": [80.0]}, TableError, "above the table, which ends at 70 keV"),
        ({"recoil_range_kev": (1.0, 0.1)}, ArgumentError, "0 < low < high"),
        ({"points_per_decade": 2}, ArgumentError, "4 or more points per decade"),
        ({"only_shells": []}, ArgumentError, "no shell was named"),
        ({"only_shells": ["6s"]}, UnknownNameError, "unknown shell of Xe '6s'"),
        ({"nuclear_mass_mev": -1.0}, ArgumentError, "nuclear mass must be > 0"),
        ({"electron_equivalent_kev": lambda t: -t}, ArgumentError, "never decrease with T"),
        ({"electron_equivalent_kev": lambda t: 1 / t}, ArgumentError, "never decrease with T"),
    ],
)
def test_bad_input(changes, error, message):
    with pytest.raises(error, match=message):
        build(**changes)


def test_rates_of_another_grid_are_refused():
    operator = build()
    with pytest.raises(TableError, match="expected a rate with last dimensions"):
        operator.total(np.ones(3))
    with pytest.raises(TableError, match="expected a rate with last dimensions"):
        operator.by_deposit(np.ones(operator.recoil_energy_kev.size))
