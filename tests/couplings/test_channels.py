"""Charges and their products against explicit matrices, cross section by cross section."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from bayes_cevns.couplings.channels import (
    ELECTRON,
    NUCLEUS,
    Charges,
    electron_moment,
    electron_pairs,
    exchanged,
    moment_products,
    monomial_factors,
    monomials,
    monomials_of,
    nuclear_moment,
    nuclear_pairs,
    pairs_of,
)
from bayes_cevns.couplings.named import named_coupling, standard_couplings
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.kinematics import momentum_transfer_mev
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.oscillation import to_matrix, to_vector

NAMES = ("ee_u", "emu_d", "etau_u_im", "mutau_p", "tautau_n", "x_mumu_u", "x_etau_d_im", "x_q")
ELECTRONS = ("ee_eL", "emu_eR", "etau_eV_im", "mutau_eA", "x_mumu_eL", "x_etau_e_im", "x_eA")
VALUES = np.random.default_rng(1).normal(0.0, 0.3, 8)
MASS = 5.0

ROOT2_G_F = np.sqrt(2) * 1.1663787e-11
ELECTRON_MEV = 0.51099895
XENON = target("Xe").isotopes[5]
HELM = form_factor("helm")
ENERGY = 12.0
RECOIL = np.array([1e-3, 2e-3])  # on xenon
RECOIL_OF_ELECTRONS = np.array([0.02, 3.0])


def random_state(seed: int) -> np.ndarray:
    """Return a density matrix: positive, of trace one."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    rho = root @ root.conj().T
    return rho / np.trace(rho).real


@dataclass(frozen=True)
class Amplitudes:
    """The slow twin: charges of fermions, as 3 x 3 matrices, at a momentum transfer."""

    names: tuple[str, ...]
    values: np.ndarray
    q2: float

    def of(self, fermion: int) -> np.ndarray:
        total = to_matrix(standard_couplings()[fermion])
        for name, value in zip(self.names, self.values, strict=True):
            coupling = named_coupling(name)
            light = coupling.exchange[fermion] / (ROOT2_G_F * (self.q2 + MASS**2))
            total = total + value * to_matrix(coupling.contact[fermion] + light)
        return total


def rate(charges: Charges, pairs: np.ndarray, couplings: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Return what the module makes of a state, at one neutrino energy, by recoil energy."""
    products = np.tensordot(monomials(couplings), charges.products(), axes=1)
    per_pair = products @ to_vector(rho)
    powers = np.array([1.0, 1 / ENERGY, 1 / ENERGY**2])
    return np.einsum("p,pnr,n->r", per_pair, pairs, powers)


@pytest.mark.parametrize("mediator", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_on_nuclei(seed: int, mediator: bool) -> None:
    """G_F^2 m / pi Tr[rho Q Q] (1 - T/E - m T/(2 E^2)), Q = Z F_p G_p + N F_n G_n."""
    names = NAMES if mediator else NAMES[:5]
    values, rho = VALUES[: len(names)].copy(), random_state(seed)
    values[5:] *= 1e-8
    charges = Charges.of(NUCLEUS, standard_couplings(), [named_coupling(n) for n in names])
    pairs = nuclear_pairs(XENON, RECOIL, HELM, (MASS,) if mediator else ())
    found = rate(charges, pairs, values, rho)
    mass = XENON.mass_mev
    proton, neutron = HELM.both(momentum_transfer_mev(RECOIL, mass), XENON)
    for r, recoil in enumerate(RECOIL):
        up, down = (Amplitudes(names, values, 2 * mass * recoil).of(f) for f in (0, 1))
        charge = XENON.z * proton[r] * (2 * up + down) + XENON.n * neutron[r] * (up + 2 * down)
        kinematics = 1 - recoil / ENERGY - mass * recoil / (2 * ENERGY**2)
        strength = (ROOT2_G_F**2 / 2) * mass / np.pi * kinematics
        expected = strength * np.trace(rho @ charge @ charge).real
        assert found[r] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("anti", [False, True])
@pytest.mark.parametrize("mediator", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_on_electrons(seed: int, mediator: bool, anti: bool) -> None:
    """2 G_F^2 m/pi Tr[rho (L L + R R (1-T/E)^2 - (L R + R L)/2 m T/E^2)]; antineutrinos L <-> R."""
    names = ELECTRONS if mediator else ELECTRONS[:4]
    values, rho = VALUES[: len(names)].copy(), random_state(seed)
    values[4:] *= 1e-10
    charges = Charges.of(ELECTRON, standard_couplings(), [named_coupling(n) for n in names])
    pairs = electron_pairs(RECOIL_OF_ELECTRONS, (MASS,) if mediator else ())
    found = rate(charges, exchanged(pairs) if anti else pairs, values, rho)
    for r, recoil in enumerate(RECOIL_OF_ELECTRONS):
        q2 = 2 * ELECTRON_MEV * recoil
        left, right = (Amplitudes(names, values, q2).of(f) for f in (2, 3))
        if anti:
            left, right = right, left
        mixed = 0.5 * (left @ right + right @ left) * ELECTRON_MEV * recoil / ENERGY**2
        squared = left @ left + right @ right * (1 - recoil / ENERGY) ** 2 - mixed
        expected = ROOT2_G_F**2 * ELECTRON_MEV / np.pi * np.trace(rho @ squared).real
        assert found[r] == pytest.approx(expected, rel=1e-9)


def test_exchange_twice_is_none() -> None:
    pairs = electron_pairs(RECOIL_OF_ELECTRONS, (MASS, 0.0))
    np.testing.assert_array_equal(exchanged(exchanged(pairs)), pairs)
    assert not np.allclose(exchanged(pairs), pairs)


def test_flavours_of_the_standard_model_on_electrons() -> None:
    """nu_mu and nu_tau are alike, nu_e has the charged current: the formula by flavour."""
    charges = Charges.of(ELECTRON, standard_couplings(), [])
    pairs = electron_pairs(RECOIL_OF_ELECTRONS)
    for flavour, shift in enumerate((1.0, 0.0, 0.0)):
        left, right = 0.23857 - 0.5 + shift, 0.23857
        rho = np.diag(np.eye(3)[flavour])
        y = RECOIL_OF_ELECTRONS / ENERGY
        mixed = left * right * ELECTRON_MEV * RECOIL_OF_ELECTRONS / ENERGY**2
        expected = left**2 + right**2 * (1 - y) ** 2 - mixed
        expected *= ROOT2_G_F**2 * ELECTRON_MEV / np.pi
        np.testing.assert_allclose(rate(charges, pairs, np.zeros(0), rho), expected, rtol=1e-9)


@pytest.mark.parametrize("where", ["nucleus", "electron"])
def test_moments(where: str) -> None:
    """pi alpha^2/m_e^2 Tr[rho mu^2] (1/T - 1/E [+ T/(4 E^2)]), Z^2 F_p^2 times on a nucleus."""
    names, values = ("ee_u", "mu_nu_e", "mu_nu", "mu_nu_tau"), np.array([0.3, 2.0, 3.0, 5.0])
    rho = random_state(4)
    products = moment_products([named_coupling(name) for name in names])
    nucleus = where == "nucleus"
    recoil = RECOIL if nucleus else RECOIL_OF_ELECTRONS
    terms = nuclear_moment(XENON, recoil, HELM) if nucleus else electron_moment(recoil)
    squared = np.tensordot(monomials(values), products, axes=1)[0] @ to_vector(rho)
    powers = np.array([1.0, 1 / ENERGY, 1 / ENERGY**2])
    found = squared * np.einsum("nr,n->r", terms[0], powers)
    moments = np.diag([2.0 + 3.0, 3.0, 3.0 + 5.0])  # of one flavour they add up
    kinematics = 1 / recoil - 1 / ENERGY + nucleus * recoil / (4 * ENERGY**2)
    strength = np.pi / 137.035999**2 / ELECTRON_MEV**2 * kinematics
    if nucleus:
        proton, _ = HELM.both(momentum_transfer_mev(recoil, XENON.mass_mev), XENON)
        strength = strength * (XENON.z * proton) ** 2
    expected = strength * np.trace(rho @ moments @ moments).real
    np.testing.assert_allclose(found, expected, rtol=1e-7)


def test_monomials_are_products_of_two_factors() -> None:
    couplings = np.random.default_rng(2).normal(size=(4, 5, 3))
    padded = np.concatenate([np.ones((4, 5, 1)), couplings], axis=-1)
    found = monomials(couplings)
    assert found.shape == (4, 5, 10)
    for row, (a, b) in enumerate(monomial_factors(3)):
        np.testing.assert_array_equal(found[..., row], padded[..., a] * padded[..., b])
    assert monomial_factors(1) == ((0, 0), (0, 1), (1, 1))
    assert pairs_of(2) == ((0, 0), (0, 1), (1, 1))


@pytest.mark.parametrize("chosen", [(), (2,), (0, 3), (3, 0), (2, 1, 0), (3, 1, 0, 2)])
def test_monomials_of_chosen_couplings_are_among_those_of_all(chosen: tuple[int, ...]) -> None:
    """The others being zero; in the order in which the chosen ones are given."""
    some = np.random.default_rng(3).normal(size=len(chosen))
    every = np.zeros(4)
    every[list(chosen)] = some
    np.testing.assert_array_equal(monomials(some), monomials(every)[monomials_of(4, chosen)])
