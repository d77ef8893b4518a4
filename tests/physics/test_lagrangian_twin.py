"""Every interaction once more, from its Lagrangian: Dirac matrices, crossing, photon exchange.

dsigma/dT = <|M|^2> / (32 pi m E^2), summed over final spins and averaged over those of the
target; neutrinos are left-handed. Electrons have spin 1/2, nuclei none: their currents are
(p + p')^mu for a vector and 2 m for a scalar. All charges are derived here, none is imported.
"""

from __future__ import annotations

from functools import cache

import mpmath
import numpy as np
import pytest

from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.interactions import interaction, interactions
from bayes_cevns.physics.interactions.standard_model import (
    RADIUS_SHIFT_PER_CM2,
    electron_standard_model,
    nuclear_standard_model,
)
from bayes_cevns.physics.interactions.vector import VectorMediator
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.vacuum_polarisation import loop_charge
from bayes_cevns.physics.weak_charges import tree_charges

G_F, SIN2 = 1.1663787e-11, 0.23857
ALPHA, HBARC2 = 1 / 137.035999084, 3.89379372e-22
M_E, M_MU, M_TAU, M_W = 0.51099895, 105.6583755, 1776.86, 80377.0
V_HIGGS = 246220.0
ROOT2 = np.sqrt(2)
POINT = form_factor("point-like")
OWN = interaction(
    "vector",
    charges={"u": 0.9, "d": -0.35, "e": -0.6, "nu_e": 0.2, "nu_mu": -1.5, "nu_tau": 0.7},
)
MIXED = interaction("l_e-l_mu", charges={"mixing": -0.03})
XE131 = next(i for i in target("Xe").isotopes if i.a == 131)
Z, N = 54, 77

# Traces -----------------------------------------------------------------------------------

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
GAMMA = np.array(
    [
        np.kron(np.diag([1, -1]), np.eye(2)),
        *(np.kron(np.array([[0, 1], [-1, 0]]), s) for s in PAULI),
    ]
)
METRIC = np.array([1, -1, -1, -1])
ONE = np.eye(4)
GAMMA_5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
LEFT, RIGHT = (ONE - GAMMA_5) / 2, (ONE + GAMMA_5) / 2


def slash(p):
    return sum(METRIC[mu] * p[mu] * GAMMA[mu] for mu in range(4))


def sigma(mu, nu):
    return 0.5j * (GAMMA[mu] @ GAMMA[nu] - GAMMA[nu] @ GAMMA[mu])


def barred(vertex):
    return GAMMA[0] @ vertex.conj().T @ GAMMA[0]


def momenta(energy, recoil, m, final=0):
    """Neutrino in and out (of mass `final`), target in and out, with 40 digits."""
    energy, recoil, m = (mpmath.mpf(v) for v in (energy, recoil, m))
    after = mpmath.sqrt((energy - recoil) ** 2 - mpmath.mpf(final) ** 2)
    q2 = recoil**2 + 2 * m * recoil
    cos = (energy**2 + after**2 - q2) / (2 * energy * after)
    zero = mpmath.mpf(0)
    k = np.array([energy, zero, zero, energy])
    k2 = after * np.array([(energy - recoil) / after, mpmath.sqrt(1 - cos**2), zero, cos])
    p = np.array([m, zero, zero, zero])
    return k, k2, p, k + p - k2


def tensor(first, last, vertices, others, mass=0, final=None):
    """Tr[(last + m) V (first + m) barred(W)] for each pair of vertices V, W.

    With `final` the fermion leaves with another mass.
    """
    a = slash(last) + (mass if final is None else final) * ONE
    b = slash(first) + mass * ONE
    return np.array([[np.trace(a @ v @ b @ barred(w)) for w in others] for v in vertices])


def contract(upper, lower):
    """Sum L^mn H_mn with the metric, and take the real part."""
    signs = np.outer(METRIC, METRIC)
    return float(mpmath.re(np.sum(upper * signs * lower)))


def cross_section(squared, energy, m):
    return squared / (32 * np.pi * m * energy**2)


@cache
def current_squares(energy, recoil, *, antineutrino):
    """|M|^2 on electrons for unit chiral couplings: LL, RR and LR + RL."""
    with mpmath.workdps(40):
        k, k2, p, p2 = momenta(energy, recoil, M_E)
        chiral = [GAMMA[mu] @ LEFT for mu in range(4)], [GAMMA[mu] @ RIGHT for mu in range(4)]
        # ubar(k') V u(k) of a neutrino becomes vbar(k) V v(k') of an antineutrino.
        lepton = tensor(*((k2, k) if antineutrino else (k, k2)), chiral[0], chiral[0])
        left, right = chiral
        pairs = [[(left, left)], [(right, right)], [(left, right), (right, left)]]
        return [
            sum(contract(lepton, tensor(p, p2, v, w, M_E)) for v, w in group) / 2 for group in pairs
        ]


@cache
def nuclear_current_square(energy, recoil, m, final=0, *, spin=False):
    with mpmath.workdps(40):
        k, k2, p, p2 = momenta(energy, recoil, m, final)
        vertices = [GAMMA[mu] @ LEFT for mu in range(4)]
        both = p + p2
        hadron = tensor(p, p2, list(GAMMA), list(GAMMA), m) / 2 if spin else np.outer(both, both)
        return contract(tensor(k, k2, vertices, vertices, final=final), hadron)


@cache
def moment_square(energy, recoil, m, final=0, *, spin):
    """|M|^2 of a unit magnetic moment on a unit charge, without the photon's 1/q^4."""
    with mpmath.workdps(40):
        k, k2, p, p2 = momenta(energy, recoil, m, final)
        q = METRIC * (k - k2)
        flips = [sum(1j * sigma(mu, nu) * q[nu] for nu in range(4)) @ LEFT for mu in range(4)]
        if spin:
            hadron = tensor(p, p2, list(GAMMA), list(GAMMA), m) / 2
        else:
            hadron = np.outer(p + p2, p + p2)
        return contract(tensor(k, k2, flips, flips, final=final), hadron)


@cache
def scalar_square(energy, recoil, m, final=0, *, spin):
    with mpmath.workdps(40):
        k, k2, p, p2 = momenta(energy, recoil, m, final)
        lepton = tensor(k, k2, [LEFT], [LEFT], final=final)[0, 0]
        hadron = tensor(p, p2, [ONE], [ONE], m)[0, 0] / 2 if spin else 4 * mpmath.mpf(m) ** 2
        return float(mpmath.re(lepton * hadron))


# Charges ----------------------------------------------------------------------------------


@cache
def loop(q2=0.0, light=M_MU, heavy=M_TAU):
    """Charge under L_a - L_b that leptons a, b in the vacuum give to an electric charge of +1.

    The photon mixes with Z' by Pi = -(2 alpha/pi) sum_l (-1) q_l int x (1-x)
    ln[Lambda^2 / (m_l^2 + x (1-x) q^2)], with the electric charge -1 of the leptons and
    q_l = +1, -1; Lambda drops out.
    """
    with mpmath.workdps(30):

        def of(m):
            def integrand(x):
                return x * (1 - x) * mpmath.log(mpmath.mpf(1e8) ** 2 / (m**2 + x * (1 - x) * q2))

            ends = [mpmath.mpf(10) ** -k for k in (8, 6, 4, 2)]
            return mpmath.quad(integrand, [0, *ends, 0.5, *(1 - x for x in ends[::-1]), 1])

        pi = -2 * ALPHA / mpmath.pi * (-1) * (of(mpmath.mpf(light)) - of(mpmath.mpf(heavy)))
        return float(pi)


def at_rest(_q2):
    """The loop without its dependence on q^2, of the sign that paper 001 has on protons."""
    return -loop()


def tree(_q2):
    return 0.0


def photon(_q2):
    """A unit electric charge, as it is."""
    return 1.0


def of_leptons(light, heavy):
    return lambda q2: loop(q2, light, heavy)


def flavoured(e, mu, tau):
    return {"nu_e": float(e), "nu_mu": float(mu), "nu_tau": float(tau)}


PLAIN = flavoured(1, 1, 1)
THIRD = 1 / 3
#: Charges of neutrinos, up, down, electron, and what a unit electric charge has at q^2; x
#: multiplies the product of the charge of a neutrino and that of a fermion, its own and electric.
VECTORS = {
    "vector-universal": (PLAIN, 1.0, 1.0, 1.0, tree),
    "b-l": (flavoured(-1, -1, -1), THIRD, THIRD, -1.0, tree),
    "b-3l_e": (flavoured(-3, 0, 0), THIRD, THIRD, -3.0, tree),
    "b-3l_mu": (flavoured(0, -3, 0), THIRD, THIRD, 0.0, tree),
    "b-3l_tau": (flavoured(0, 0, -3), THIRD, THIRD, 0.0, tree),
    "b-2l_e-l_mu": (flavoured(-2, -1, 0), THIRD, THIRD, -2.0, tree),
    "b-l_e-2l_mu": (flavoured(-1, -2, 0), THIRD, THIRD, -1.0, tree),
    "b-2l_mu-l_tau": (flavoured(0, -2, -1), THIRD, THIRD, 0.0, tree),
    "b_y+l_mu+l_tau": (flavoured(0, 1, 1), THIRD, THIRD, 0.0, tree),
    "baryonic": (PLAIN, THIRD, THIRD, 0.0, tree),
    "l_e-l_mu": (flavoured(1, -1, 0), 0.0, 0.0, 1.0, of_leptons(M_E, M_MU)),
    "l_e-l_tau": (flavoured(1, 0, -1), 0.0, 0.0, 1.0, of_leptons(M_E, M_TAU)),
    "l_mu-l_tau": (flavoured(0, 1, -1), 0.0, 0.0, 0.0, of_leptons(M_MU, M_TAU)),
    # As the paper has it: the charge of a proton has the sign of that of an electron.
    "l_mu-l_tau-paper-001": (flavoured(0, 1, -1), 0.0, 0.0, -2 * loop(), at_rest),
    "dark-photon": (PLAIN, 0.0, 0.0, 0.0, photon),
    "millicharge": (PLAIN, 0.0, 0.0, 0.0, photon),
    "millicharge-nu_e": (flavoured(1, 0, 0), 0.0, 0.0, 0.0, photon),
    "millicharge-nu_mu": (flavoured(0, 1, 0), 0.0, 0.0, 0.0, photon),
    "millicharge-nu_tau": (flavoured(0, 0, 1), 0.0, 0.0, 0.0, photon),
    OWN.name: (flavoured(0.2, -1.5, 0.7), 0.9, -0.35, -0.6, tree),
    MIXED.name: (flavoured(1, -1, 0), 0.0, 0.0, 1.0, lambda q2: loop(q2, M_E, M_MU) - 0.03),
}
E_CHARGES = {"up": 2 * THIRD, "down": -THIRD, "electron": -1.0}


def exchanged(name, mass, x):
    """Mass and product of charges of what is exchanged: a photon for a neutrino of charge x e."""
    return (0.0, 4 * np.pi * ALPHA * x) if "millicharge" in name else (mass, x)


def vector_charge(name, fermion, q2):
    _, up, down, electron, vacuum = VECTORS[name]
    return {"up": up, "down": down, "electron": electron}[fermion] + E_CHARGES[fermion] * vacuum(q2)


SIGMA = {"p": (0.0208, 0.0411, 0.043), "n": (0.0189, 0.0451, 0.043)}
M_N, M_Q = {"p": 938.27208816, "n": 939.56542052}, (2.16, 4.67, 93.4)
#: Couplings of u, d, s and of the electron.
SCALARS = {
    "scalar-universal": ((1.0, 1.0, 0.0), 1.0),
    "scalar-universal-uds": ((1.0, 1.0, 1.0), 1.0),
    "scalar-higgs-like": (tuple(m / V_HIGGS for m in M_Q), M_E / V_HIGGS),
    "scalar-leptophilic": (None, 1.0),
}
#: Shifts of sin^2 theta_W per unit of x, by photon exchange; see `test_charge_radius...`.
SHIFTS = {
    "weak-mixing-angle": 1.0,
    "charge-radius": np.pi * ALPHA / (3 * ROOT2 * G_F) / HBARC2,
    "anapole": -6 * np.pi * ALPHA / (3 * ROOT2 * G_F) / HBARC2,
    "anapole-paper-003": -2 * SIN2 * M_W**2 / HBARC2,
}
TYPICAL = {
    "charge-radius": 1e-31,
    "anapole": -3e-32,
    "anapole-paper-003": -3e-32,
    "magnetic-moment": 3e-10,
}
NO_ELECTRONS = {"baryonic", "b-3l_mu", "b-3l_tau", "b-2l_mu-l_tau", "b_y+l_mu+l_tau"}
ON_ELECTRONS = sorted({*VECTORS, *SCALARS, *SHIFTS, "magnetic-moment"} - NO_ELECTRONS)
ON_NUCLEI = sorted({*VECTORS, *SCALARS, *SHIFTS, "magnetic-moment"} - {"scalar-leptophilic"})


def scalar_charge(name):
    def nucleon(kind):
        terms = zip(SCALARS[name][0], M_Q, SIGMA[kind], strict=True)
        return M_N[kind] * sum(g / m * f for g, m, f in terms)

    return Z * nucleon("p") + N * nucleon("n")


def electron_cross_section(name, flavour, energy, recoil, mass, x):
    """dsigma/dT on a free electron in MeV^-3."""
    kind = flavour.removeprefix("anti_")
    sin2 = SIN2 + x * SHIFTS.get(name, 0.0)
    # L = -2 sqrt2 G_F (nu_L nu_L) (g_L e_L e_L + g_R e_R e_R); W exchange, Fierz: + 1 for nu_e.
    left = 2 * ROOT2 * G_F * (-0.5 + sin2 + (kind == "nu_e"))
    right = 2 * ROOT2 * G_F * sin2
    q2 = 2 * M_E * recoil
    d = q2 + mass**2
    if name in VECTORS:  # L = -J J'/(q^2 + M^2)
        mass, product = exchanged(name, mass, x)
        charge = VECTORS[name][0][kind] * vector_charge(name, "electron", q2)
        left, right = (g + product * charge / (q2 + mass**2) for g in (left, right))
    ll, rr, lr = current_squares(energy, recoil, antineutrino=kind != flavour)
    total = left**2 * ll + right**2 * rr + left * right * lr
    if name in SCALARS:
        total += (x * SCALARS[name][1] / d) ** 2 * scalar_square(energy, recoil, M_E, spin=True)
    if name == "magnetic-moment":
        total += moment_strength(x, M_E, recoil) * moment_square(energy, recoil, M_E, spin=True)
    return cross_section(total, energy, M_E)


def moment_strength(x, m, recoil):
    """(x mu_B)^2 e^2 / q^4, with mu_B = e / (2 m_e) and e^2 = 4 pi alpha."""
    e2 = 4 * np.pi * ALPHA
    return x**2 * e2 / (4 * M_E**2) * e2 / (2 * m * recoil) ** 2


def nuclear_cross_section(name, flavour, energy, recoil, mass, x):
    """dsigma/dT on a point-like 131Xe in MeV^-3."""
    kind, m = flavour.removeprefix("anti_"), XE131.mass_mev
    sin2 = SIN2 + x * SHIFTS.get(name, 0.0)
    quark_up, quark_down = 0.5 - 4 / 3 * sin2, -0.5 + 2 / 3 * sin2
    up, down = ROOT2 * G_F * quark_up, ROOT2 * G_F * quark_down
    q2 = 2 * m * recoil
    d = q2 + mass**2
    if name in VECTORS:
        mass, product = exchanged(name, mass, x)
        product *= VECTORS[name][0][kind] / (q2 + mass**2)
        up += product * vector_charge(name, "up", q2)
        down += product * vector_charge(name, "down", q2)
    charge = Z * (2 * up + down) + N * (up + 2 * down)
    total = charge**2 * nuclear_current_square(energy, recoil, m)
    if name in SCALARS:
        total += (x * scalar_charge(name) / d) ** 2 * scalar_square(energy, recoil, m, spin=False)
    if name == "magnetic-moment":
        strength = moment_strength(x, m, recoil)
        total += Z**2 * strength * moment_square(energy, recoil, m, spin=False)
    return cross_section(total, energy, m)


# Comparisons ------------------------------------------------------------------------------


def evaluated(sm, terms, flavour, energy, x):
    """Sum a package's coefficients at one flavour and energy, powers of x put in."""
    powers = energy ** -np.arange(3.0)
    index = FLAVOURS.index(flavour)
    parts = [sm, *terms]
    return sum(
        x**k * float(part[index if len(part) > 1 else 0] @ powers) for k, part in enumerate(parts)
    )


def typical(name, mass, q2):
    """A coupling whose effect is comparable with the Standard Model."""
    if name in VECTORS:
        mass, product = exchanged(name, mass, 1.0)
        looped = name.startswith("l_mu") or (name.startswith("l_e") and q2 > 1.0)
        return 0.3 * G_F * (q2 + mass**2) / (product * (loop() if looped else 1.0))
    if name in SCALARS:
        g_e = SCALARS[name][1]
        return G_F * (q2 + mass**2) / g_e
    return TYPICAL.get(name, 0.1)


ELECTRON_POINTS = [(0.3, 0.02, 0.05), (1.0, 0.7, 3.0), (10.0, 0.005, 0.2)]
NUCLEAR_POINTS = [(9.0, 2e-4, 1.0), (14.0, 1e-3, 30.0), (45.0, 2e-2, 200.0)]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", ON_ELECTRONS)
def test_electrons(name, flavour):
    entry = interaction(name)
    for energy, recoil, mass in ELECTRON_POINTS:
        assert recoil < 2 * energy**2 / (M_E + 2 * energy)
        sm = electron_standard_model(recoil)
        terms = entry.electron_terms(recoil, mass)
        for factor in (1.0, -0.4):
            x = factor * typical(name, mass, 2 * M_E * recoil)
            expected = electron_cross_section(name, flavour, energy, recoil, mass, x)
            found = evaluated(sm, terms, flavour, energy, x)
            assert found == pytest.approx(expected, rel=1e-9), (energy, recoil, x)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", ON_NUCLEI)
def test_nuclei(name, flavour):
    entry = interaction(name)
    for energy, recoil, mass in NUCLEAR_POINTS:
        assert recoil < 2 * energy**2 / (XE131.mass_mev + 2 * energy)
        sm = nuclear_standard_model(XE131, recoil, POINT)
        terms = entry.nuclear_terms(XE131, recoil, mass, POINT)
        for factor in (1.0, -0.4):
            x = factor * typical(name, mass, 2 * XE131.mass_mev * recoil)
            expected = nuclear_cross_section(name, flavour, energy, recoil, mass, x)
            found = evaluated(sm, terms, flavour, energy, x)
            assert found == pytest.approx(expected, rel=1e-9), (energy, recoil, x)


@pytest.mark.parametrize("name", ON_ELECTRONS)
def test_the_couplings_of_the_electron_comparison_matter(name):
    """Guard: the new terms are neither negligible nor everything for at least one flavour."""
    energy, recoil, mass = ELECTRON_POINTS[0]
    x = typical(name, mass, 2 * M_E * recoil)
    ratios = [
        electron_cross_section(name, f, energy, recoil, mass, x)
        / electron_cross_section("", f, energy, recoil, mass, 0.0)
        for f in FLAVOURS
    ]
    assert 0.03 < max(abs(r - 1) for r in ratios) < 1000


def test_antineutrinos_swap_left_and_right():
    """By crossing: |M|^2 of LL on a neutrino is that of RR on an antineutrino."""
    nu = current_squares(1.0, 0.3, antineutrino=False)
    anti = current_squares(1.0, 0.3, antineutrino=True)
    np.testing.assert_allclose([anti[1], anti[0], anti[2]], nu, rtol=1e-12)
    assert nu[0] > 1.5 * nu[1]


def test_total_cross_sections_of_electrons():
    """Far above m_e: sigma = (2 G_F^2 m_e E / pi) (g_L^2 + g_R^2 / 3)."""
    energy = 1e4
    recoil = np.linspace(0, energy, 20002)[1:-1]
    densities = np.einsum("fnr,n->fr", electron_standard_model(recoil), energy ** -np.arange(3.0))
    sigma_cm2 = np.trapezoid(densities, recoil, axis=1) * HBARC2
    found = dict(zip(FLAVOURS, sigma_cm2 / (1.7236e-44 * energy), strict=True))
    w, minus = SIN2, SIN2 - 0.5
    assert found["nu_e"] == pytest.approx((w + 0.5) ** 2 + w**2 / 3, rel=1e-3)
    assert found["anti_nu_e"] == pytest.approx((w + 0.5) ** 2 / 3 + w**2, rel=1e-3)
    for kind in ("mu", "tau"):
        assert found[f"nu_{kind}"] == pytest.approx(minus**2 + w**2 / 3, rel=1e-3)
        assert found[f"anti_nu_{kind}"] == pytest.approx(minus**2 / 3 + w**2, rel=1e-3)


def test_which_neutrino_a_proton_attracts_through_the_loop_of_muons_and_taus():
    """A proton draws negative muons (L_mu = +1) from the vacuum, farther out than taus.

    So it carries L_mu - L_tau of the sign of a muon neutrino, and like charges of a vector
    repel: destructive for nu_mu (the weak charge is negative), constructive for nu_tau.
    """
    assert loop() > 0
    assert loop() == pytest.approx(ALPHA / (3 * np.pi) * np.log(M_TAU**2 / M_MU**2), rel=1e-12)
    linear = interaction("l_mu-l_tau").nuclear_terms(XE131, 1e-3, 10.0, POINT)[0]
    paper = interaction("l_mu-l_tau-paper-001").nuclear_terms(XE131, 1e-3, 10.0, POINT)[0]
    sm = nuclear_standard_model(XE131, 1e-3, POINT)[0]
    by_flavour = dict(zip(FLAVOURS, linear[:, 0] / sm[0], strict=True))
    assert by_flavour["nu_mu"] == by_flavour["anti_nu_mu"] < 0
    assert by_flavour["nu_tau"] == by_flavour["anti_nu_tau"] == -by_flavour["nu_mu"]
    assert by_flavour["nu_e"] == by_flavour["anti_nu_e"] == 0
    ratio = loop() / loop(2 * XE131.mass_mev * 1e-3)
    np.testing.assert_allclose(paper, -linear * ratio, rtol=1e-12)
    on_electrons = interaction("l_mu-l_tau").electron_terms(1e-3, 10.0)[0, :, 0]
    vector = interaction("vector-universal").electron_terms(1e-3, 10.0)[0, :, 0]
    per_charge = dict(zip(FLAVOURS, on_electrons / vector, strict=True))
    assert per_charge["nu_mu"] == -per_charge["nu_tau"] == pytest.approx(-loop(), rel=1e-6)


@pytest.mark.parametrize("q_mev", [0.0, 1e-3, 1.0, 30.0, 100.0, 300.0, 1000.0])
@pytest.mark.parametrize("leptons", [(M_E, M_MU), (M_E, M_TAU), (M_MU, M_TAU)])
def test_the_loop_against_an_integration_to_30_digits(leptons, q_mev):
    found = loop_charge(q_mev**2, *leptons)
    rel = 1e-12 if leptons[0] == M_MU else 1e-9 if q_mev < 1000 else 1e-8
    assert float(found) == pytest.approx(loop(q_mev**2, *leptons), rel=rel)


def test_how_much_the_loop_depends_on_the_momentum_transfer():
    """Little where q is small against the muon mass, and with electrons in it very much."""
    q2 = np.array([[0.0, 30.0], [100.0, 0.0]]) ** 2
    found = loop_charge(q2, M_MU, M_TAU) / loop()
    np.testing.assert_allclose(found, [[1.0, 0.9972], [0.9711, 1.0]], atol=5e-5)
    with_electrons = loop_charge(np.array([0.0, 5.0, 30.0, 50.0]) ** 2, M_E, M_MU)
    integral = with_electrons * np.pi / (2 * ALPHA)
    np.testing.assert_allclose(integral, [1.777, 1.285, 0.700, 0.534], atol=5e-4)


def test_charge_radius_by_photon_exchange():
    """F(q^2) = q^2 <r^2>/6 cancels the photon's 1/q^2: L = e^2 Q_f <r^2>/6 (nu nu)(f f).

    Beside L = -sqrt2 G_F g_V that is g_V -> g_V - e^2 Q_f <r^2> / (6 sqrt2 G_F), with
    e^2 = 4 pi alpha(0). The tree-level e^2 = 4 sqrt2 G_F m_W^2 sin^2 makes it
    sin^2 -> sin^2 (1 + m_W^2 <r^2>/3) in g_V, which has -2 Q_f sin^2: what paper 003 prints.
    A left-handed neutrino sees <r^2> - 6 a.
    """
    tree, photon = 4 * ROOT2 * G_F * M_W**2 * SIN2, 4 * np.pi * ALPHA
    couplings = {
        "charge-radius": (photon, 1.0),
        "anapole": (photon, -6.0),
        "anapole-paper-003": (tree, -6.0),
    }
    for name, (e2, radius) in couplings.items():
        per_proton = -e2 * radius / (6 * ROOT2 * G_F) / HBARC2
        weak = Z * (0.5 - 2 * SIN2) - N / 2
        sm = nuclear_standard_model(XE131, 1e-3, POINT)
        linear, quadratic = interaction(name).nuclear_terms(XE131, 1e-3, 1.0, POINT)
        np.testing.assert_allclose(linear, 2 * Z * per_proton / weak * sm, rtol=1e-12)
        np.testing.assert_allclose(quadratic, (Z * per_proton / weak) ** 2 * sm, rtol=1e-12)
        on_electrons, _ = interaction(name).electron_terms(1e-3, 1.0)
        g_v, _ = interaction("vector-universal").electron_terms(1e-3, 1.0)
        per_g_v = 1 / (ROOT2 * G_F * (2 * M_E * 1e-3 + 1.0))
        np.testing.assert_allclose(on_electrons, -per_proton * g_v / per_g_v, rtol=1e-12)
    # <r^2> > 0 takes charge from protons: Q is more negative, the rate higher.
    assert np.all(interaction("charge-radius").nuclear_terms(XE131, 1e-3, 1.0, POINT)[0, 0, 0] > 0)


def test_a_photon_at_rest_makes_a_charge_radius_a_tenth_weaker_than_the_tree_level_relation():
    """Shift of the weak charge of a proton per <r^2>: 9.266e8 MeV^2, not 1.0275e9 MeV^2."""
    per_radius = 2 * RADIUS_SHIFT_PER_CM2 * HBARC2
    assert per_radius == pytest.approx(9.266e8, rel=1e-3)
    assert per_radius == pytest.approx(ROOT2 * np.pi * ALPHA / (3 * G_F), rel=1e-12)
    tree = 2 / 3 * M_W**2 * SIN2
    assert tree == pytest.approx(1.0275e9, rel=1e-3)
    assert interaction("charge-radius").shift == RADIUS_SHIFT_PER_CM2
    new, printed = (interaction(name).shift for name in ("anapole", "anapole-paper-003"))
    assert new == -6 * RADIUS_SHIFT_PER_CM2
    assert printed / new == pytest.approx(1.109, abs=5e-4)


@pytest.mark.parametrize("name", ["charge-radius", "anapole", "anapole-paper-003"])
def test_it_is_said_what_a_fitted_radius_contains(name):
    definition = interaction(name).coupling.definition
    assert "effective shift" in definition
    assert "-0.83, -0.48, -0.30" in definition
    assert definition in interaction(name).summary


@pytest.mark.parametrize("sin2", [0.0, 0.2, 0.23122, 0.3, 1.0])
def test_the_mixing_angle_is_an_exact_polynomial(sin2):
    """The Standard Model at another angle, on nuclei with two form factors and on electrons."""
    x = sin2 - SIN2
    recoil = np.array([1e-4, 1e-3, 4e-3])
    entry = interaction("weak-mixing-angle")
    for name in ("helm", "klein-nystrand"):
        form = form_factor(name)
        sm = nuclear_standard_model(XE131, recoil, form)
        linear, quadratic = entry.nuclear_terms(XE131, recoil, 1.0, form)
        expected = nuclear_standard_model(XE131, recoil, form, tree_charges(sin2))
        np.testing.assert_allclose(sm + x * linear + x**2 * quadratic, expected, rtol=1e-12)
    sm = electron_standard_model(recoil)
    linear, quadratic = entry.electron_terms(recoil, 1.0)
    expected = electron_standard_model(recoil, tree_charges(sin2))
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        sm + x * linear + x**2 * quadratic, expected, rtol=1e-12, atol=1e-15 * scale
    )


def test_a_dark_photon_without_mass_is_a_millicharge():
    """eps = 1 and g_nu = e q_nu: x = e^2 q_nu, at q^2 far above the mass."""
    dark, milli = interaction("dark-photon"), interaction("millicharge")
    assert (milli.quoted(-1e-9), milli.has_mass) == (1e-9, False)
    e2 = 4 * np.pi * ALPHA
    powers = np.array([e2, e2**2]).reshape(2, 1, 1)
    for recoil in (1e-4, 1e-3):
        light = dark.nuclear_terms(XE131, recoil, 1e-9, POINT)
        found = milli.nuclear_terms(XE131, recoil, 1.0, POINT)
        np.testing.assert_allclose(found, powers * light, rtol=1e-12)
        light = dark.electron_terms(recoil, 1e-9)
        np.testing.assert_allclose(milli.electron_terms(recoil, 1.0), powers * light, rtol=1e-12)


def test_the_amplitudes_of_a_millicharge_as_the_literature_has_them():
    """2 sqrt2 pi alpha q_nu Z / (G_F q^2) on nuclei, -sqrt2 pi alpha q_nu / (G_F m_e T) in g_V.

    Giunti and Studenikin, Rev. Mod. Phys. 87 (2015) 531; Atzori Corona et al., JHEP 09 (2022) 164.
    """
    recoil, q_nu = 1e-3, 1e-8
    nuclear = 2 * ROOT2 * np.pi * ALPHA * q_nu * Z / (G_F * 2 * XE131.mass_mev * recoil)
    weak = Z * (0.5 - 2 * SIN2) - N / 2
    sm = nuclear_standard_model(XE131, recoil, POINT)
    linear, quadratic = interaction("millicharge").nuclear_terms(XE131, recoil, 1.0, POINT)
    total = sm + q_nu * linear + q_nu**2 * quadratic
    np.testing.assert_allclose(total, sm * (1 + nuclear / weak) ** 2, rtol=1e-10)
    g_v = -ROOT2 * np.pi * ALPHA / (G_F * M_E * recoil)
    linear, _ = interaction("millicharge").electron_terms(recoil, 1.0)
    unit, _ = interaction("vector-universal").electron_terms(recoil, 1.0)
    per_g_v = 1 / (ROOT2 * G_F * (2 * M_E * recoil + 1.0))
    np.testing.assert_allclose(linear, g_v * unit / per_g_v, rtol=1e-12)


@pytest.mark.parametrize("name", ["l_e-l_mu", "l_e-l_tau"])
def test_nuclei_see_the_loop_of_electrons_and_electrons_a_charge(name):
    """A proton draws electrons (L_e = +1) from the vacuum: it repels nu_e, attracts the other."""
    other = name.removeprefix("l_e-l")
    heavy = {"_mu": M_MU, "_tau": M_TAU}[other]
    for recoil in (1e-4, 1e-3, 1e-2):
        q2 = 2 * XE131.mass_mev * recoil
        mine = interaction(name).nuclear_terms(XE131, recoil, 10.0, POINT)[0, :, 0]
        dark = interaction("dark-photon").nuclear_terms(XE131, recoil, 10.0, POINT)[0, 0, 0]
        seen = dict(zip(FLAVOURS, mine / dark, strict=True))
        expected = loop(q2, M_E, heavy)
        assert seen["nu_e"] == pytest.approx(expected, rel=1e-8)
        assert seen[f"nu{other}"] == seen[f"anti_nu{other}"] == -seen["nu_e"]
        assert sorted(seen.values()).count(0.0) == 2
    mine = interaction(name).electron_terms(1e-3, 10.0)[0, :, 0]
    plain = interaction("vector-universal").electron_terms(1e-3, 10.0)[0, :, 0]
    seen = dict(zip(FLAVOURS, mine / plain, strict=True))
    assert seen["nu_e"] == pytest.approx(1 - loop(2 * M_E * 1e-3, M_E, heavy), rel=1e-9)
    assert 0.98 < seen["nu_e"] < 1.0
    assert seen[f"nu{other}"] == pytest.approx(-seen["nu_e"], rel=1e-12)


def test_a_kinetic_mixing_of_ones_own_adds_to_the_loop():
    """At mixing = -eps(q^2) protons have no charge at this q^2."""
    recoil = 1e-3
    eps = loop(2 * XE131.mass_mev * recoil)
    found = interaction("l_mu-l_tau", charges={"mixing": -eps})
    terms = found.nuclear_terms(XE131, recoil, 10.0, POINT)
    whole = interaction("l_mu-l_tau").nuclear_terms(XE131, recoil, 10.0, POINT)
    np.testing.assert_allclose(terms, 0.0, atol=1e-10 * np.abs(whole).max())
    assert np.abs(whole).max() > 0


# A massive neutrino in the final state ------------------------------------------------------

#: Neutrino energy, recoil energy and mass of the sterile neutrino, within the kinematic range.
ON_A_NUCLEUS = [(9.0, 3e-4, 0.5), (14.0, 1e-3, 9.0), (45.0, 1.2e-2, 40.0), (50.0, 8e-3, 49.0)]
ON_AN_ELECTRON = [(0.8, 0.1, 0.2), (10.0, 0.5, 2.0), (10.0, 5.0, 2.0), (30.0, 12.0, 4.0)]


def upscattering(kind, energy, recoil, m, final, *, spin):
    """dsigma/dT of a unit coupling and charge, without the propagator of a mediator."""
    square = {
        "dipole": moment_square,
        "vector": nuclear_current_square,
        "scalar": scalar_square,
    }[kind](energy, recoil, m, final, spin=spin)
    return cross_section(square * (moment_strength(1.0, m, recoil) if kind == "dipole" else 1.0),
                         energy, m)  # fmt: skip


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("whose", ["", "-nu_e", "-nu_mu", "-nu_tau"])
def test_the_dipole_portal_on_nuclei_and_electrons(whose, flavour):
    entry = interaction(f"sterile-dipole{whose}")
    has = whose in ("", f"-{flavour.removeprefix('anti_')}")
    for points, m, terms, spin in (
        (ON_A_NUCLEUS, XE131.mass_mev, lambda t, f: entry.nuclear_terms(XE131, t, f, POINT), False),
        (ON_AN_ELECTRON, M_E, entry.electron_terms, True),
    ):
        for energy, recoil, final in points:
            expected = has * upscattering("dipole", energy, recoil, m, final, spin=spin)
            expected *= 1 if spin else Z**2
            zero = np.zeros((1, 3))
            found = evaluated(zero, terms(recoil, final), flavour, energy, 1.0)
            assert found == pytest.approx(expected, rel=1e-9), (energy, recoil, final)


@pytest.mark.parametrize("mediator_mev", [1000.0, 30.0])
@pytest.mark.parametrize("kind", ["vector", "scalar"])
def test_upscattering_by_mediators(kind, mediator_mev):
    entry = interaction(f"sterile-{kind}", charges={"mediator_mev": mediator_mev})
    charge = 3 * (Z + N) if kind == "vector" else scalar_charge("scalar-universal")
    for points, m, terms, spin, c in (
        (
            *(ON_A_NUCLEUS, XE131.mass_mev),
            *(lambda t, f: entry.nuclear_terms(XE131, t, f, POINT), False, charge),
        ),
        (ON_AN_ELECTRON, M_E, entry.electron_terms, True, 1.0),
    ):
        for energy, recoil, final in points:
            expected = upscattering(kind, energy, recoil, m, final, spin=spin)
            expected *= (c / (2 * m * recoil + mediator_mev**2)) ** 2
            found = evaluated(np.zeros((1, 3)), terms(recoil, final), "nu_mu", energy, 1.0)
            assert found == pytest.approx(expected, rel=1e-9), (energy, recoil, final)


def test_the_longitudinal_part_of_a_vector_propagator_drops_out():
    """k^a k^b / m_V^2 acts on the current of the target, which is conserved."""
    energy, recoil, final = ON_AN_ELECTRON[1]
    with mpmath.workdps(40):
        k, k2, p, p2 = momenta(energy, recoil, M_E, final)
        on_target = slash(k - k2)
        trace = np.trace((slash(p2) + M_E * ONE) @ on_target @ (slash(p) + M_E * ONE) @ on_target)
        assert abs(trace) < 1e-30


def test_every_vector_of_the_catalogue_has_its_twin():
    vectors = {e.name for e in interactions().values() if isinstance(e, VectorMediator)}
    assert vectors == set(VECTORS) - {OWN.name, MIXED.name}
