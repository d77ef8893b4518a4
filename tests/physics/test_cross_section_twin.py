"""The recoil spectrum once more, from the formulas alone: slow, readable, and independent.

Nothing here uses the package's constants, nuclei, form factors, cross sections or moments:
the two data files are read by hand, dsigma/dT is written out for one neutrino energy, one
recoil energy and one coupling, and is integrated over the neutrino spectrum point by point.
"""

from __future__ import annotations

import csv
import math
from functools import cache
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad

from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import NuclearRecoilRate
from bayes_cevns.sources import source
from bayes_cevns.storage.resources import data_dir

G_F = 1.1663787e-11  # MeV^-2
SIN2 = 0.23857
HBARC = 197.3269804  # MeV fm
HBARC2 = 3.89379372e-22  # MeV^2 cm^2
U, M_E = 931.49410242, 0.51099895  # MeV
M_P, M_N = 938.27208816, 939.56542052
M_QUARK = {"u": 2.16, "d": 4.67, "s": 93.4}
F_P = {"u": 0.0208, "d": 0.0411, "s": 0.043}
F_N = {"u": 0.0189, "d": 0.0451, "s": 0.043}
V_HIGGS = 246220.0
YEAR = 365.25 * 86400
FLUX = 5.46e6

SPECTRA = {"solar_8b": "8b_bahcall1996.csv", "solar_8b_winter2006": "8b_winter2006.csv"}
SCALARS = {
    "scalar-universal": {"u": 1.0, "d": 1.0},
    "scalar-universal-uds": {"u": 1.0, "d": 1.0, "s": 1.0},
    "scalar-higgs-like": {q: m / V_HIGGS for q, m in M_QUARK.items()},
}
VECTORS = {"vector-universal": (1.0, 1.0), "b-l": (-1 / 3, -1 / 3)}


@cache
def xenon():
    """(Z, N, abundance, nuclear mass in MeV) of each isotope, and the mean atomic mass."""
    with (data_dir() / "nuclei" / "isotopes.csv").open() as stream:
        rows = list(csv.DictReader(line for line in stream if line[0] != "#"))
    rows = [row for row in rows if row["symbol"] == "Xe"]
    atoms = [
        (int(r["z"]), int(r["a"]), float(r["abundance"]), float(r["atomic_mass_u"])) for r in rows
    ]
    mean_u = sum(f * u for _, _, f, u in atoms)
    return [(z, a - z, f, u * U - z * M_E) for z, a, f, u in atoms], mean_u


@cache
def flux(name):
    text = (data_dir() / "solar" / SPECTRA[name]).read_text().splitlines()
    table = np.array([line.split(",") for line in text if line[0] in "0123456789"], dtype=float)
    energy, density = table.T
    area = sum((density[1:] + density[:-1]) / 2 * (energy[1:] - energy[:-1]))
    return energy, density * FLUX / area


def form_factor(name, q, a):
    k = q / HBARC
    if name == "point-like":
        return 1.0
    if name == "helm":
        c = 1.23 * a ** (1 / 3) - 0.60
        radius = math.sqrt(c**2 + 7 / 3 * math.pi**2 * 0.52**2 - 5 * 0.9**2)
        damping = math.exp(-((k * 0.9) ** 2) / 2)
    else:
        radius = 1.23 * a ** (1 / 3)
        damping = 1 / (1 + (0.7 * k) ** 2)
    y = k * radius
    return 3 * (math.sin(y) / y**2 - math.cos(y) / y) / y * damping


def dsigma_dt(model, energy, recoil, isotope, mass, x, form):
    """dsigma/dT in MeV^-3 for one coupling x = g_nu g_q; `energy` may be an array."""
    z, n, _, m = isotope
    q2 = 2 * m * recoil
    f2 = form_factor(form, math.sqrt(q2), z + n) ** 2
    charge = z * (0.5 - 2 * SIN2) - n / 2
    new = 0.0
    if model == "nsi":  # x is eps^u = eps^d
        charge = z * (0.5 - 2 * SIN2 + 2 * x + x) + n * (-0.5 + x + 2 * x)
    elif model in VECTORS:
        u, d = VECTORS[model]
        charge += x * ((2 * u + d) * z + (u + 2 * d) * n) / (math.sqrt(2) * G_F * (q2 + mass**2))
    elif model in SCALARS:
        q_s = x * sum(
            g * (z * M_P / M_QUARK[q] * F_P[q] + n * M_N / M_QUARK[q] * F_N[q])
            for q, g in SCALARS[model].items()
        )
        new = m**2 * recoil * q_s**2 * f2 / (4 * math.pi * energy**2 * (q2 + mass**2) ** 2)
    shape = 1 - recoil / energy - m * recoil / (2 * energy**2)
    return G_F**2 * m / math.pi * charge**2 * f2 * shape + new


def minimum_energy(recoil, m):
    return (recoil + math.sqrt(recoil**2 + 2 * m * recoil)) / 2


def slow_rate(model, spectrum, recoil_kev, mass, x, form):
    """dR/dT in 1/(t yr keV): twelve Gauss points on every interval of the spectrum."""
    energy, density = flux(spectrum)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    isotopes, mean_u = xenon()
    recoil = recoil_kev / 1000
    total = 0.0
    for isotope in isotopes:
        least = minimum_energy(recoil, isotope[3])
        edges = np.concatenate([[least], energy[energy > least]])
        half = np.diff(edges)[:, None] / 2
        e = edges[:-1, None] + half * (1 + nodes)
        values = np.interp(e, energy, density) * dsigma_dt(model, e, recoil, isotope, mass, x, form)
        total += isotope[2] * np.sum(values * half * weights)
    atoms_per_tonne = 1e6 / mean_u * 6.02214076e23
    return total * atoms_per_tonne * HBARC2 * YEAR / 1000


def fast_rate(model, spectrum, recoil_kev, mass, x, form):
    new = None if model == "sm" else interaction(model)
    rate = NuclearRecoilRate(
        source=source(spectrum), target=target("Xe"), interaction=new, theory=Theory(form)
    )
    return float(rate.total(recoil_kev, None if new is None else mass, x))


def typical_coupling(model, mass):
    """A coupling whose effect is comparable with the Standard Model, at q of 15 MeV."""
    scale = G_F * (15.0**2 + mass**2)
    return {"scalar-universal": 0.03, "scalar-universal-uds": 0.03, "scalar-higgs-like": 1e3}.get(
        model, 0.1
    ) * scale


RECOILS_KEV = (0.01, 0.3, 1.0, 2.3, 3.6, 4.3)
MODELS = (*VECTORS, *SCALARS)


# One of the spectra ends below 4.3 keV of recoil: the rate is zero, and says so.
@pytest.mark.filterwarnings("ignore::bayes_cevns.errors.UnitWarning")
@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("form", ["helm", "klein-nystrand", "point-like"])
@pytest.mark.parametrize("recoil_kev", RECOILS_KEV)
def test_standard_model(spectrum, form, recoil_kev):
    slow = slow_rate("sm", spectrum, recoil_kev, None, 0.0, form)
    assert fast_rate("sm", spectrum, recoil_kev, None, 0.0, form) == pytest.approx(slow, rel=1e-10)


@pytest.mark.parametrize("form", ["helm", "klein-nystrand"])
@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("mass", [0.01, 3.0, 15.0, 200.0, 1e5])
@pytest.mark.parametrize("model", MODELS)
def test_mediators(model, mass, spectrum, form):
    for recoil_kev in (0.3, 1.0, 3.3):
        for sign in (-1.0, 0.4, 1.0):
            x = sign * typical_coupling(model, mass)
            slow = slow_rate(model, spectrum, recoil_kev, mass, x, form)
            fast = fast_rate(model, spectrum, recoil_kev, mass, x, form)
            assert fast == pytest.approx(slow, rel=1e-9), (recoil_kev, sign)


@pytest.mark.parametrize("model", MODELS)
def test_the_couplings_of_the_comparison_matter(model):
    """Guard of the test above: the mediator is neither negligible nor everything."""
    x = typical_coupling(model, 15.0)
    sm = slow_rate("sm", "solar_8b", 1.0, None, 0.0, "helm")
    ratio = slow_rate(model, "solar_8b", 1.0, 15.0, x, "helm") / sm
    assert 0.1 < abs(ratio - 1) < 10


@pytest.mark.parametrize("model", MODELS)
def test_three_couplings_determine_a_fourth(model):
    """Solve the polynomial in x from three slow integrals: it has the package's components."""
    mass, recoil_kev, unit = 10.0, 1.4, typical_coupling(model, 10.0)
    xs = np.array([-1.0, 0.5, 2.0])
    slow = [slow_rate(model, "solar_8b", recoil_kev, mass, x * unit, "helm") for x in xs]
    solved = np.linalg.solve(np.vander(xs, 3, increasing=True), slow) / unit ** np.arange(3)
    rate = NuclearRecoilRate(
        source=source("solar_8b"), target=target("Xe"), interaction=interaction(model)
    )
    found = rate.components(recoil_kev, mass)
    np.testing.assert_allclose(
        found * unit ** np.arange(3), solved * unit ** np.arange(3), rtol=1e-9, atol=1e-9
    )
    fourth = slow_rate(model, "solar_8b", recoil_kev, mass, -3.3 * unit, "helm")
    assert float(rate.total(recoil_kev, mass, -3.3 * unit)) == pytest.approx(fourth, rel=1e-10)


@pytest.mark.parametrize(("model", "x"), [("sm", 0.0), ("b-l", 4e-9), ("scalar-universal", 1e-10)])
def test_adaptive_integration_agrees(model, x):
    """SciPy's adaptive quadrature over energy, interval by interval, instead of Gauss points."""
    energy, density = flux("solar_8b_winter2006")
    recoil_kev, mass = 1.7, 25.0
    isotopes, mean_u = xenon()
    total = 0.0
    for isotope in isotopes:
        least = minimum_energy(recoil_kev / 1000, isotope[3])
        edges = [least, *energy[energy > least]]
        for low, high in pairwise(edges):

            def integrand(e, isotope=isotope):
                return np.interp(e, energy, density) * dsigma_dt(
                    model, e, recoil_kev / 1000, isotope, mass, x, "helm"
                )

            total += isotope[2] * quad(integrand, low, high, epsabs=0, epsrel=1e-11)[0]
    expected = total * 1e6 / mean_u * 6.02214076e23 * HBARC2 * YEAR / 1000
    found = fast_rate(model, "solar_8b_winter2006", recoil_kev, mass, x, "helm")
    assert found == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("recoil_kev", [4.2, 4.5, 4.6, 4.63])
def test_cancellation_near_the_end_point(recoil_kev):
    """Close to the end point the three moments cancel: compare with 40 digits."""
    energy, density = flux("solar_8b")
    isotopes, mean_u = xenon()
    with mpmath.workdps(40):
        recoil = mpmath.mpf(recoil_kev) / 1000
        total = mpmath.mpf(0)
        for z, n, abundance, mass in isotopes:
            m = mpmath.mpf(mass)
            least = (recoil + mpmath.sqrt(recoil**2 + 2 * m * recoil)) / 2
            form = form_factor("helm", math.sqrt(2 * mass * recoil_kev / 1000), z + n)
            strength = abundance * (z * (0.5 - 2 * SIN2) - n / 2) ** 2 * form**2 * m
            inside = energy > float(least)
            edges = [least, *(mpmath.mpf(float(e)) for e in energy[inside])]
            for low, high in pairwise(edges):
                i = int(np.searchsorted(energy, float((low + high) / 2)))
                e0, e1, f0, f1 = (
                    mpmath.mpf(float(v))
                    for v in (energy[i - 1], energy[i], density[i - 1], density[i])
                )
                slope = (f1 - f0) / (e1 - e0)

                def primitive(e, e0=e0, f0=f0, slope=slope, m=m):
                    a = f0 - slope * e0
                    b, c = -recoil, -m * recoil / 2
                    return (
                        a * e
                        + slope * e**2 / 2
                        + b * (a * mpmath.log(e) + slope * e)
                        + c * (-a / e + slope * mpmath.log(e))
                    )

                total += strength * (primitive(high) - primitive(low))
        scale = G_F**2 / math.pi * 1e6 / mean_u * 6.02214076e23 * HBARC2 * YEAR / 1000
        expected = float(total) * scale
    assert expected > 0
    assert fast_rate("sm", "solar_8b", recoil_kev, None, 0.0, "helm") == pytest.approx(
        expected, rel=1e-7
    )


def test_a_heavy_vector_is_a_non_standard_interaction():
    """Above q the vector is a contact term with eps^q = g_nu g_q / (sqrt2 G_F m_V^2)."""
    mass, x = 5e4, 0.02
    epsilon = x / (math.sqrt(2) * G_F * mass**2)
    assert 0.1 < epsilon < 1
    rate = NuclearRecoilRate(
        source=source("solar_8b"), target=target("Xe"), interaction=interaction("vector-universal")
    )
    for recoil_kev in (0.5, 2.0):
        contact = slow_rate("nsi", "solar_8b", recoil_kev, None, epsilon, "helm")
        # What is left is q^2 / m^2, 2e-7.
        assert float(rate.total(recoil_kev, mass, x)) == pytest.approx(contact, rel=1e-6)
