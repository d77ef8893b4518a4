"""The prefactors from the Lagrangian, with 4 x 4 Dirac matrices and a spin-1/2 nucleus.

dsigma/dT = <|M|^2> / (32 pi m E^2), summed over final and averaged over initial spins of the
nucleus; the neutrino is left-handed. A spin-1/2 nucleus differs from a heavy one of spin zero
by T^2/(2 E^2) (vector) and T/(2m) (scalar): below 1e-6 at solar energies. Electrons have spin 1/2:
their cross sections hold exactly.
"""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.physics.cevns import scalar_kinematics, vector_kinematics
from bayes_cevns.physics.form_factors import point_like
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.interactions.standard_model import (
    electron_standard_model,
    nuclear_standard_model,
)
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.spin_kinematics import (
    axial_kinematics,
    pseudoscalar_kinematics,
    tensor_kinematics,
)

G_F = 1.1663787e-11
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
GAMMA = np.array(
    [
        np.kron(np.diag([1, -1]), np.eye(2)),
        *(np.kron(np.array([[0, 1], [-1, 0]]), s) for s in PAULI),
    ]
)
METRIC = np.diag([1.0, -1, -1, -1])
GAMMA_5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
LEFT = (np.eye(4) - GAMMA_5) / 2


RIGHT = (np.eye(4) + GAMMA_5) / 2
LOWER = np.einsum("mn,nab->mab", METRIC, GAMMA)
ONE = np.eye(4)


def slash(p):
    return np.einsum("m,mab->ab", METRIC @ p, GAMMA)


def momenta(energy, recoil, m, final=0.0):
    """Neutrino in, neutrino out (of mass `final`), nucleus in, nucleus out."""
    after = np.sqrt((energy - recoil) ** 2 - final**2)
    q = np.sqrt(recoil**2 + 2 * m * recoil)
    cos = (energy**2 + after**2 - q**2) / (2 * energy * after)
    k = np.array([energy, 0, 0, energy])
    k2 = after * np.array([(energy - recoil) / after, np.sqrt(1 - cos**2), 0, cos])
    p = np.array([m, 0, 0, 0])
    return k, k2, p, k + p - k2


def vector_trace(energy, recoil, m):
    """Sum over spins of |ubar(k') gamma^mu P_L u(k) ubar(p') gamma_mu u(p)|^2."""
    k, k2, p, p2 = momenta(energy, recoil, m)
    lower = np.einsum("mn,nab->mab", METRIC, GAMMA)
    total = 0
    for mu in range(4):
        for nu in range(4):
            lepton = np.trace(slash(k2) @ GAMMA[mu] @ LEFT @ slash(k) @ GAMMA[nu])
            nucleus = np.trace(
                (slash(p2) + m * np.eye(4)) @ lower[mu] @ (slash(p) + m * np.eye(4)) @ lower[nu]
            )
            total += lepton * nucleus
    return total.real


def scalar_trace(energy, recoil, m):
    """Sum over spins of |ubar(k') P_L u(k) ubar(p') u(p)|^2."""
    k, k2, p, p2 = momenta(energy, recoil, m)
    right = (np.eye(4) + GAMMA_5) / 2
    lepton = np.trace(slash(k2) @ LEFT @ slash(k) @ right)
    nucleus = np.trace((slash(p2) + m * np.eye(4)) @ (slash(p) + m * np.eye(4)))
    return (lepton * nucleus).real


def cross_section(amplitude_squared, energy, m):
    return 0.5 * amplitude_squared / (32 * np.pi * m * energy**2)


def folded(coefficients, energy):
    return float(coefficients @ energy ** -np.arange(3.0))


XE132 = target("Xe").isotopes[6]
POINTS = [(9.0, 2e-4), (12.0, 1e-3), (16.0, 4e-3), (5.0, 1e-5)]


@pytest.mark.parametrize(("energy", "recoil"), POINTS)
def test_vector_current(energy, recoil):
    m = XE132.mass_mev
    # L = -sqrt2 G_F Q (nubar_L gamma nu_L)(Nbar gamma N), with Q = 1.
    squared = 2 * G_F**2 * vector_trace(energy, recoil, m)
    expected = cross_section(squared, energy, m)
    found = folded(vector_kinematics(XE132, recoil), energy)
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("energy", "recoil"), POINTS)
def test_scalar_exchange(energy, recoil):
    m = XE132.mass_mev
    # L = g (nubar_R nu_L) phi + Q (Nbar N) phi without the propagator, g = Q = 1.
    expected = cross_section(scalar_trace(energy, recoil, m), energy, m)
    found = folded(scalar_kinematics(XE132, recoil), energy)
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("x", [5e-10, -5e-10])
def test_amplitudes_of_a_vector_mediator_add(x):
    """Z exchange is -sqrt2 G_F Q; a mediator of L = g_nu J_nu Z' + g_q J_q Z' is -x / (q^2 + m^2).

    Integrating out Z' of L = (m^2/2) Z'^2 + Z' J leaves -J^2 / (2 m^2): the same sign as the
    Standard Model's for like-sign couplings and a positive weak charge.
    """
    energy, recoil, mass = 10.0, 6e-4, 20.0
    m, z, n = XE132.mass_mev, 54, 78
    q2 = 2 * m * recoil
    z_boson = -np.sqrt(2) * G_F * (z * (0.5 - 2 * 0.23857) - n / 2)
    mediator = -x * 3 * (z + n) / (q2 + mass**2)
    squared = (z_boson + mediator) ** 2 * vector_trace(energy, recoil, m)
    standard = nuclear_standard_model(XE132, recoil, point_like)[0]
    parts = interaction("vector-universal").nuclear_terms(XE132, recoil, mass, point_like)[:, 0]
    found = folded(standard + x * parts[0] + x**2 * parts[1], energy)
    assert found == pytest.approx(cross_section(squared, energy, m), rel=1e-6)
    sm = folded(standard, energy)
    assert (found < sm) == (x > 0)


# ------------------------------------------------------------------ any vertex, any fermion


def sigma(first, second):
    """sigma_mn = (i/2) [gamma_m, gamma_n]."""
    commutators = np.einsum("mab,nbc->mnac", first, second)
    commutators = commutators - np.einsum("nab,mbc->mnac", second, first)
    return (0.5j * commutators).reshape(16, 4, 4)


#: Vertices of neutrino and fermion, to be multiplied in pairs and summed.
VERTICES = {
    "scalar": ([ONE], [ONE]),
    "pseudoscalar": ([ONE], [1j * GAMMA_5]),
    "vector": (list(GAMMA), list(LOWER)),
    "axial": (list(GAMMA), list(LOWER @ GAMMA_5)),
    "tensor": (list(sigma(GAMMA, GAMMA)), list(sigma(LOWER, LOWER))),
}


def barred(vertex):
    return GAMMA[0] @ vertex.conj().T @ GAMMA[0]


def unpolarised(lepton, fermion, energy, recoil, m, *, anti=False, final=0.0):
    """dsigma/dT of nu_L with M = sum_i ubar' G_i P_L u  ubar' H_i u, for any vertices G_i, H_i."""
    k, k2, p, p2 = momenta(energy, recoil, m, final)
    first, last = (k2, k) if anti else (k, k2)
    # An antineutrino is vbar(k) G v(k'), and sum_spins v vbar = slash(k') - m_4.
    into, out = (-final, 0.0) if anti else (0.0, final)
    currents = [vertex @ LEFT for vertex in lepton]
    before, after = slash(p) + m * ONE, slash(p2) + m * ONE
    total = 0
    for g_i, h_i in zip(currents, fermion, strict=True):
        for g_j, h_j in zip(currents, fermion, strict=True):
            neutrino = np.trace(
                (slash(last) + out * ONE) @ g_i @ (slash(first) + into * ONE) @ barred(g_j)
            )
            total += neutrino * np.trace(after @ h_i @ before @ barred(h_j))
    assert abs(total.imag) <= 1e-9 * abs(total.real)
    return cross_section(total.real, energy, m)


@pytest.mark.parametrize("form", ["scalar", "vector"])
def test_the_general_trace_agrees_with_the_special_ones(form):
    special = {"scalar": scalar_trace, "vector": vector_trace}[form]
    expected = cross_section(special(9.0, 2e-4, XE132.mass_mev), 9.0, XE132.mass_mev)
    found = unpolarised(*VERTICES[form], 9.0, 2e-4, XE132.mass_mev)
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("energy", "recoil"), POINTS)
@pytest.mark.parametrize(
    ("form", "kinematics"),
    [("axial", axial_kinematics), ("pseudoscalar", pseudoscalar_kinematics)],
)
def test_axial_and_pseudoscalar_exchange(form, kinematics, energy, recoil):
    m = XE132.mass_mev
    expected = unpolarised(*VERTICES[form], energy, recoil, m)
    # p.p' - m^2 = m T loses digits against m^2.
    tolerance = 1e-6 if form == "axial" else 1e-4
    assert folded(kinematics(recoil, m), energy) == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize(("energy", "recoil"), POINTS)
def test_tensor_exchange_summed_over_all_indices(energy, recoil):
    """m (4 E^2 - m T)/(pi E^2), and -4 T/E + T^2/E^2 for spin 1/2, here below 5e-4."""
    m = XE132.mass_mev
    expected = unpolarised(*VERTICES["tensor"], energy, recoil, m)
    found = folded(tensor_kinematics(recoil, m), energy)
    y = recoil / energy
    assert found + m / np.pi * (y**2 - 4 * y) == pytest.approx(expected, rel=1e-6)
    assert found == pytest.approx(expected, rel=2e-3)


ELECTRON = 0.51099895
ELECTRON_POINTS = [(0.4, 5e-3), (0.862, 0.3), (0.862, 0.66), (9.0, 6.0), (9.0, 1e-3)]
SIN2 = 0.23857

#: Vertices -> the interaction that has them on electrons.
ON_ELECTRONS = {
    "scalar": "scalar-universal",
    "pseudoscalar": "pseudoscalar",
    "vector": "vector-universal",
    "axial": "axial",
    "tensor": "tensor-coherent",
}


def of_flavour(coefficients, *, anti, muon=False):
    """Pick nu_e or nu_mu, or the antineutrino; the axis of flavours is the one before the last."""
    return (
        coefficients[..., 0, :]
        if coefficients.shape[-2] == 1
        else coefficients[..., 3 * anti + muon, :]
    )


@pytest.mark.parametrize(("energy", "recoil"), ELECTRON_POINTS)
@pytest.mark.parametrize("anti", [False, True])
@pytest.mark.parametrize("form", ON_ELECTRONS)
def test_mediators_on_electrons(form, energy, recoil, anti):
    mass = 0.7
    expected = unpolarised(*VERTICES[form], energy, recoil, ELECTRON, anti=anti)
    quadratic = interaction(ON_ELECTRONS[form]).electron_terms(recoil, mass)[1]
    propagator = 2 * ELECTRON * recoil + mass**2
    found = folded(of_flavour(quadratic, anti=anti), energy) * propagator**2
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("energy", "recoil"), ELECTRON_POINTS)
@pytest.mark.parametrize("g_l", [SIN2 + 0.5, SIN2 - 0.5])
@pytest.mark.parametrize("anti", [False, True])
def test_standard_model_on_electrons(energy, recoil, g_l, anti):
    """L = -2 sqrt2 G_F (nubar gamma P_L nu)(ebar gamma (g_L P_L + g_R P_R) e)."""
    strength = -2 * np.sqrt(2) * G_F
    vertex = [strength * gamma @ (g_l * LEFT + SIN2 * RIGHT) for gamma in LOWER]
    expected = unpolarised(list(GAMMA), vertex, energy, recoil, ELECTRON, anti=anti)
    found = of_flavour(electron_standard_model(recoil), anti=anti, muon=g_l < 0)
    assert folded(found, energy) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("energy", "recoil"), ELECTRON_POINTS)
@pytest.mark.parametrize("anti", [False, True])
@pytest.mark.parametrize("x", [3e-12, -3e-12])
@pytest.mark.parametrize("form", ["vector", "axial"])
def test_light_vectors_shift_the_couplings_of_the_electron(form, x, anti, energy, recoil):
    """g_V,A -> g_V,A + x / (sqrt2 G_F (2 m_e T + m^2)).

    L_SM = -sqrt2 G_F (nubar_L gamma nu_L)(ebar gamma (g_V - g_A gamma_5) e); the mediator couples
    as +g_nu nubar_L gamma nu_L, with +g_e ebar gamma e (vector) or -g_e ebar gamma gamma_5 e
    (axial), and the exchange of like currents has the sign of L_SM.
    """
    mass = 0.5
    g_v, g_a = 2 * SIN2 + 0.5, 0.5
    propagator = 2 * ELECTRON * recoil + mass**2
    vertex = []
    for gamma in LOWER:
        weak = -np.sqrt(2) * G_F * gamma @ (g_v * ONE - g_a * GAMMA_5)
        new = gamma if form == "vector" else -gamma @ GAMMA_5
        vertex.append(weak - x / propagator * new)
    expected = unpolarised(list(GAMMA), vertex, energy, recoil, ELECTRON, anti=anti)
    linear, quadratic = interaction(ON_ELECTRONS[form]).electron_terms(recoil, mass)
    total = electron_standard_model(recoil) + x * linear + x**2 * quadratic
    found = folded(of_flavour(total, anti=anti), energy)
    assert found == pytest.approx(expected, rel=1e-9)


STERILE_POINTS = [(0.862, 0.3, 0.1), (9.0, 1.0, 2.0), (9.0, 4.0, 2.0), (30.0, 12.0, 4.0)]


@pytest.mark.parametrize(("energy", "recoil", "final"), STERILE_POINTS)
@pytest.mark.parametrize("anti", [False, True])
@pytest.mark.parametrize("form", ["scalar", "vector"])
def test_upscattering_on_electrons(form, anti, energy, recoil, final):
    """nu e -> N_4 e: the neutrino leaves with a mass."""
    expected = unpolarised(*VERTICES[form], energy, recoil, ELECTRON, anti=anti, final=final)
    quadratic = interaction(f"sterile-{form}").electron_terms(recoil, final)[1, 0]
    propagator = 2 * ELECTRON * recoil + 1000.0**2
    assert folded(quadratic, energy) * propagator**2 == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("energy", "recoil", "final"), STERILE_POINTS)
@pytest.mark.parametrize("anti", [False, True])
def test_a_transition_moment_on_electrons(anti, energy, recoil, final):
    """mu sigma^ab q_b at the neutrino, e gamma_a / q^2 at the electron; mu_B = e / (2 m_e)."""
    k, k2, _, _ = momenta(energy, recoil, ELECTRON, final)
    q = METRIC @ (k - k2)
    tensors = sigma(GAMMA, GAMMA).reshape(4, 4, 4, 4)
    flips = np.einsum("abij,b->aij", tensors, q)
    expected = unpolarised(
        list(flips), list(LOWER), energy, recoil, ELECTRON, anti=anti, final=final
    )
    e2 = 4 * np.pi / 137.035999084
    strength = e2 / (4 * ELECTRON**2) * e2 / (2 * ELECTRON * recoil) ** 2
    found = folded(interaction("sterile-dipole").electron_terms(recoil, final)[1, 0], energy)
    assert found == pytest.approx(strength * expected, rel=1e-9)


@pytest.mark.parametrize("form", ["scalar", "pseudoscalar", "tensor"])
def test_helicity_flips_do_not_interfere_with_the_weak_current(form):
    """The neutrino leaves with the other helicity: its trace with gamma P_L has odd matrices."""
    energy, recoil, m = 0.862, 0.3, ELECTRON
    k, k2, _, _ = momenta(energy, recoil, m)
    for gamma in GAMMA:
        for vertex in VERTICES[form][0]:
            mixed = slash(k2) @ gamma @ LEFT @ slash(k) @ barred(vertex @ LEFT)
            assert abs(np.trace(mixed)) < 1e-15
