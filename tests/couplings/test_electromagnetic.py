"""Electromagnetic properties by flavour, against matrices and Dirac traces that are written out."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.cards import experiment
from bayes_cevns.couplings.box import box_prior
from bayes_cevns.couplings.channels import (
    ELECTRON,
    NUCLEUS,
    Charges,
    electron_pairs,
    exchanged,
    monomials,
    nuclear_pairs,
)
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.moments import effective_moment_squared, solar_moment
from bayes_cevns.couplings.named import named_coupling, standard_couplings
from bayes_cevns.couplings.table import coupling_tables
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.oscillation import Propagation, to_matrix, to_vector

G_F, ALPHA, SIN2, M_E = 1.1663787e-11, 1 / 137.035999, 0.23857, 0.51099895
FM_MEV = 197.3269804

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
GAMMA = np.array(
    [
        np.kron(np.diag([1, -1]), np.eye(2)),
        *(np.kron(np.array([[0, 1], [-1, 0]]), s) for s in PAULI),
    ]
)
METRIC = np.diag([1.0, -1, -1, -1])
LOWER = np.einsum("mn,nab->mab", METRIC, GAMMA)
GAMMA_5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
LEFT, RIGHT = (np.eye(4) - GAMMA_5) / 2, (np.eye(4) + GAMMA_5) / 2


def states(seed: int) -> np.ndarray:
    """Return a density matrix of three flavours."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    rho = root @ root.conj().T
    return rho / np.trace(rho).real


def slash(p: np.ndarray) -> np.ndarray:
    return np.einsum("m,mab->ab", METRIC @ p, GAMMA)


def spinors(p: np.ndarray, mass: float, *, anti: bool = False) -> list[np.ndarray]:
    """Return u (or v) of both spins, of norm 2 E: (pslash +- m) on a basis at rest."""
    sign = -1.0 if anti else 1.0
    basis = np.eye(4)[2:] if anti else np.eye(4)[:2]
    made = (slash(p) + sign * mass * np.eye(4)) @ basis.T
    return [made[:, i] / np.sqrt(p[0] + mass) * sign for i in range(2)]


def traced(charges: np.ndarray, rho: np.ndarray, energy: float, recoil: float, anti: bool) -> float:
    """dsigma/dT on an electron at rest from amplitudes of spinors, final flavours summed.

    The vertex is -2 sqrt2 G_F sum_h G_h[b, a] (nubar_b gamma P_L nu_a)(ebar gamma P_h e). It takes
    nu_a to nu_b, and anti nu_b to anti nu_a with v spinors and the sign of their order: -1 for all.
    """
    after = energy - recoil
    q = np.sqrt(recoil**2 + 2 * M_E * recoil)
    cos = (energy**2 + after**2 - q**2) / (2 * energy * after)
    k = np.array([energy, 0, 0, energy])
    k2 = after * np.array([1, np.sqrt(1 - cos**2), 0, cos])
    p = np.array([M_E, 0, 0, 0])
    p2 = k + p - k2
    total = 0.0
    values, vectors = np.linalg.eigh(rho)
    for weight, state in zip(values, vectors.T, strict=True):
        for electron in spinors(p, M_E):
            for recoiling in spinors(p2, M_E):
                for nu in spinors(k, 0.0, anti=anti):
                    for nu2 in spinors(k2, 0.0, anti=anti):
                        into, out = (nu2, nu) if anti else (nu, nu2)
                        current = [out.conj() @ GAMMA[0] @ g @ LEFT @ into for g in GAMMA]
                        amplitude = np.zeros(3, complex)
                        for hand, matrix in zip((LEFT, RIGHT), charges, strict=True):
                            electrons = [
                                recoiling.conj() @ GAMMA[0] @ g @ hand @ electron for g in LOWER
                            ]
                            flavours = matrix.T @ state if anti else matrix @ state
                            order = -1.0 if anti else 1.0
                            amplitude += order * np.dot(current, electrons) * flavours
                        total += weight * np.sum(np.abs(amplitude) ** 2)
    strength = (2 * np.sqrt(2) * G_F) ** 2
    return strength * total / 2 / (32 * np.pi * M_E * energy**2)


NAMES = ("r2_nu_e", "r2_nu_emu", "r2_nu_mutau_im", "q_nu_e", "q_nu_etau", "q_nu_emu_im", "emu_eL")
VALUES = np.array([20.0, -30.0, 10.0, 1e-11, -2e-11, 3e-11, 0.1])


@pytest.mark.parametrize("anti", [False, True])
@pytest.mark.parametrize(("energy", "recoil"), [(0.862, 0.3), (9.0, 1e-3)])
def test_on_electrons_by_spinors(energy: float, recoil: float, anti: bool) -> None:
    """Radii and charges beside the weak currents, of neutrinos and antineutrinos.

    A photon between charges q e and -e is -q e^2 / q^2 in place of -2 sqrt2 G_F G; a radius has the
    form factor q^2 <r^2> / 6. The state of antineutrinos sees the transposed matrices: the twin of
    the couplings has rho transposed.
    """
    q2 = 2 * M_E * recoil
    photon = -4 * np.pi * ALPHA / (2 * np.sqrt(2) * G_F)  # times q / q^2, of the electron
    radius = np.zeros((3, 3), complex)
    charge = np.zeros((3, 3), complex)
    for name, value in zip(NAMES[:-1], VALUES, strict=False):
        kind, pair, *rest = name.replace("_nu_", " ").replace("_im", " im").split()
        matrix = radius if kind == "r2" else charge
        i, j = {"e": (0, 0), "emu": (0, 1), "etau": (0, 2), "mutau": (1, 2)}[pair]
        entry = value * (1j if rest else 1.0)
        matrix[i, j] += entry
        matrix[j, i] += np.conj(entry) if i != j else 0.0
    shift = photon * (radius * 1e-32 * 1e26 / FM_MEV**2 / 6 * -1 + charge / q2)
    left = np.diag([SIN2 + 0.5, SIN2 - 0.5, SIN2 - 0.5]) + shift
    left[0, 1] += VALUES[-1]
    left[1, 0] += VALUES[-1]
    right = SIN2 * np.eye(3) + shift
    rho = states(3)
    expected = traced(np.array([left, right]), rho, energy, recoil, anti)

    charges = Charges.of(ELECTRON, standard_couplings(), [named_coupling(n) for n in NAMES])
    pairs = electron_pairs(np.array([recoil]), (0.0,))
    products = np.tensordot(monomials(VALUES), charges.products(), axes=1)
    seen = products @ to_vector(rho.T if anti else rho)
    powers = np.array([1.0, 1 / energy, 1 / energy**2])
    found = np.einsum("p,pnr,n->r", seen, exchanged(pairs) if anti else pairs, powers)
    assert found[0] == pytest.approx(expected, rel=1e-6)


def test_radii_and_charges_add_up_on_nuclei() -> None:
    """Q = Z F_p (g_p - shift r2 + 2 sqrt2 pi alpha q / (G_F q^2)) + N F_n g_n, as matrices."""
    names, values = (*NAMES[:-1], "emu_u"), VALUES
    xenon, helm = target("Xe").isotopes[5], form_factor("helm")
    recoil, energy, rho = np.array([1e-3]), 12.0, states(5)
    q2 = 2 * xenon.mass_mev * recoil[0]
    shift = np.sqrt(2) * np.pi * ALPHA / (3 * G_F) * 1e-32 * 1e26 / FM_MEV**2
    photon = 2 * np.sqrt(2) * np.pi * ALPHA / (G_F * q2)
    up, down = standard_couplings()[:2]
    proton, neutron = to_matrix(2 * up + down), to_matrix(up + 2 * down)
    places = {"emu": (0, 1), "etau": (0, 2), "mutau": (1, 2), "e": (0, 0)}
    for name, value in zip(names, values, strict=True):
        pair = name.replace("_im", "").removesuffix("_u").rsplit("_", 1)[-1]
        i, j = places[pair]
        unit = np.zeros((3, 3), complex)
        unit[i, j] = 1j if name.endswith("_im") else 1.0
        unit[j, i] = np.conj(unit[i, j])
        if name.endswith("_u"):
            proton, neutron = proton + 2 * value * unit, neutron + value * unit
        else:
            proton = proton + value * unit * (-shift if name.startswith("r2") else photon)
    f_p, f_n = helm.both(np.sqrt([q2]), xenon)
    charge = xenon.z * f_p[0] * proton + xenon.n * f_n[0] * neutron
    kinematics = 1 - recoil[0] / energy - xenon.mass_mev * recoil[0] / (2 * energy**2)
    expected = G_F**2 * xenon.mass_mev / np.pi * np.trace(rho @ charge @ charge).real * kinematics
    charges = Charges.of(NUCLEUS, standard_couplings(), [named_coupling(n) for n in names])
    products = np.tensordot(monomials(values), charges.products(), axes=1) @ to_vector(rho)
    pairs = nuclear_pairs(xenon, recoil, helm, (0.0,))
    found = np.einsum("p,pnr,n->r", products, pairs, [1.0, 1 / energy, 1 / energy**2])
    # q^2 = 2 m T here, with T^2 in the form factor: 1e-8.
    assert found[0] == pytest.approx(expected, rel=1e-6)


def test_transition_radii_have_no_part_of_the_standard_model() -> None:
    """Without interference: counts grow with the square, and alike for both parts and signs."""
    csi = experiment("coherent_csi")
    names = ("r2_nu_emu", "r2_nu_emu_im")
    (table,) = coupling_tables([csi], CouplingModel.of(names))
    points = np.array([[0.0, 0.0], [20.0, 0.0], [-20.0, 0.0], [0.0, 20.0], [40.0, 0.0]])
    found = table.nominal_counts(points)
    extra = found - found[0]
    assert extra[1] > 1.0
    np.testing.assert_allclose(extra[2:] / extra[1], [1.0, 1.0, 4.0], rtol=1e-6)


# ------------------------------------------------------------------ moments


@pytest.mark.parametrize("seed", range(3))
def test_the_effective_moment_is_the_trace(seed: int) -> None:
    """mu_eff^2 = sum over final flavours of |sum_a lambda_ba nu_a|^2, by the eigenstates of rho."""
    rng, rho = np.random.default_rng(seed), states(seed)
    for kind in ("mu", "lambda"):
        entries = rng.normal(size=3) + 1j * rng.normal(size=3)
        values: dict[str, complex] = {
            f"{kind}_nu_{pair}": value
            for pair, value in zip(("emu", "etau", "mutau"), entries, strict=True)
        }
        a, b, c = entries
        if kind == "mu":
            values |= {"mu_nu_e": 0.3, "mu_nu_tau": -1.1}
            matrix = np.array([[0.3, a, b], [a.conj(), 0, c], [b.conj(), c.conj(), -1.1]])
        else:
            matrix = np.array([[0, a, b], [-a, 0, c], [-b, -c, 0]])
        weights, vectors = np.linalg.eigh(rho)
        slow = sum(
            w * np.sum(np.abs(matrix @ v) ** 2) for w, v in zip(weights, vectors.T, strict=True)
        )
        assert effective_moment_squared(values, to_vector(rho)) == pytest.approx(slow, rel=1e-10)


def test_diagonal_moments_are_weighted_by_probabilities() -> None:
    """mu_eff^2 = sum_a P_a mu_a^2 with the probabilities of solar neutrinos at the detector."""
    energies = np.array([0.3, 0.862, 8.0])
    moments = {"mu_nu_e": 2e-11, "mu_nu_mu": 5e-11, "mu_nu_tau": 1e-11}
    density = Propagation().density(energies, np.zeros((3, 9)))
    expected = density[:, :3] @ np.square(list(moments.values()))
    np.testing.assert_allclose(solar_moment(moments, energies) ** 2, expected, rtol=1e-12)
    np.testing.assert_allclose(density[:, :3].sum(axis=1), 1.0, rtol=1e-9)
    # One moment of all flavours is what it is.
    np.testing.assert_allclose(solar_moment({"mu_nu": 3e-11}, energies), 3e-11, rtol=1e-9)


def test_dirac_and_majorana_moments_differ_where_three_interfere() -> None:
    """One transition alone is the same; of three, rho_etau has the other sign.

    For ones everywhere lambda^+ lambda is 1, -1, 1 at emu, etau, mutau; 1 thrice for Dirac.
    """
    rho = to_vector(states(9))
    one = [effective_moment_squared({f"{k}_nu_emu": 2.0}, rho) for k in ("mu", "lambda")]
    assert one[0] == pytest.approx(one[1], rel=1e-12)
    pairs = ("emu", "etau", "mutau")
    both = [
        effective_moment_squared({f"{k}_nu_{p}": 1.0 for p in pairs}, rho) for k in ("mu", "lambda")
    ]
    assert both[0] - both[1] == pytest.approx(4 * states(9)[0, 2].real, rel=1e-9)
    assert abs(both[0] / both[1] - 1) > 0.3
    with pytest.raises(ArgumentError, match=r"r2_nu_e: expected magnetic moments"):
        effective_moment_squared({"r2_nu_e": 1.0, "mu_nu_e": 1.0}, rho)


def test_moments_that_mix_flavours_have_signs_beside_the_first() -> None:
    recoils = experiment("xenonnt_er")

    def lowers(*names: str) -> list[bool]:
        model = CouplingModel.of(names)
        prior = box_prior(model, coupling_tables([recoils], model), {})
        return [bool(low < 0) for low in prior.lower]

    assert lowers("mu_nu_e", "mu_nu_mu") == [False, False]
    assert lowers("lambda_nu_emu") == [False]
    assert lowers("mu_nu_e", "mu_nu_emu", "mu_nu_emu_im") == [False, True, True]
    assert lowers("q_nu_e", "r2_nu_emu") == [True, True]
