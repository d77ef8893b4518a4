"""NSI with delta_CP in the 1-3 and in the 1-2 rotation: Hamiltonians of both, written out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.names import NSI_TEXTS
from bayes_cevns.physics.constants import SIN2_THETA_W
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DEFAULT_MIXING,
    PAIRS,
    NsiCouplings,
    OscillationParameters,
    charge_traces,
    density_matrices,
    mean_cos_2theta,
    nucleon_charges,
    solar_model,
    three_flavour,
)
from bayes_cevns.physics.oscillation.matter import POTENTIAL_EV2_PER_MEV

ENERGY_MEV = 10.0
Z, N = 54, 77
#: Real couplings in our convention, all twelve of them.
REAL = dict(zip(COUPLINGS, np.linspace(-0.31, 0.27, 12), strict=True))


def at(delta_deg: float) -> OscillationParameters:
    return replace(DEFAULT_MIXING, delta_cp_rad=np.deg2rad(delta_deg))


def mixing_matrix(parameters: OscillationParameters, convention: str) -> np.ndarray:
    """R_23 R_13 R_12, written out, with the phase in the 1-3 or the 1-2 rotation."""
    angles = [
        np.arcsin(np.sqrt(s))
        for s in (parameters.sin2_theta12, parameters.sin2_theta13, parameters.sin2_theta23)
    ]
    (c12, c13, c23), (s12, s13, s23) = np.cos(angles), np.sin(angles)
    phase = np.exp(1j * parameters.delta_cp_rad)
    of_13, of_12 = (phase, 1.0) if convention == "pdg" else (1.0, phase)
    r23 = np.array([[1, 0, 0], [0, c23, s23], [0, -s23, c23]])
    r13 = np.array([[c13, 0, s13 / of_13], [0, 1, 0], [-s13 * of_13, 0, c13]])
    r12 = np.array([[c12, s12 * of_12, 0], [-s12 / of_12, c12, 0], [0, 0, 1]])
    return np.asarray(r23 @ r13 @ r12)


def matrices(couplings: dict[str, complex]) -> tuple[np.ndarray, np.ndarray]:
    """Hermitian matrices of u and d."""
    found = []
    for quark in "ud":
        matrix = np.zeros((3, 3), complex)
        for pair, (a, b) in PAIRS.items():
            value = couplings.get(f"eps_{pair}_{quark}", 0.0)
            matrix[a, b], matrix[b, a] = value, np.conj(value)
        found.append(matrix)
    return found[0], found[1]


def seen(
    couplings: dict[str, complex],
    parameters: OscillationParameters,
    convention: str,
    to_flavours: str | None = None,
) -> tuple[float, float]:
    """P_ee and Tr[rho G^2] of 8B neutrinos: three flavours, diagonalised where they are made.

    `to_flavours` is the convention of the matrix from mass eigenstates to flavours, where it is
    another one.
    """
    mixing = mixing_matrix(parameters, convention)
    up, down = matrices(couplings)
    zone = solar_model("b16-gs98").zone("8b")
    masses = np.array([0.0, parameters.dm21_ev2, parameters.dm31_ev2])
    shares = np.zeros(3)
    for electrons, neutrons, weight in zip(
        zone.electrons_mol_per_cm3, zone.neutrons_mol_per_cm3, zone.weights, strict=True
    ):
        ratio = neutrons / electrons
        matter = np.diag([1.0, 0, 0]) + (2 + ratio) * up + (1 + 2 * ratio) * down
        hamiltonian = (mixing * masses) @ mixing.conj().T
        hamiltonian = hamiltonian + 2 * ENERGY_MEV * POTENTIAL_EV2_PER_MEV * electrons * matter
        states = np.linalg.eigh(hamiltonian).eigenvectors
        shares += weight * np.abs(states[0]) ** 2
    last = mixing_matrix(parameters, to_flavours or convention)
    density = (last * shares) @ last.conj().T
    proton = (0.5 - 2 * SIN2_THETA_W) * np.eye(3) + 2 * up + down
    neutron = -0.5 * np.eye(3) + up + 2 * down
    charge = Z * proton + N * neutron
    return float(density[0, 0].real), float(np.trace(density @ charge @ charge).real)


@pytest.mark.parametrize("delta", [0.0, 60.0, 180.0, 212.0, 232.0])
def test_translated_couplings_are_the_same_physics(delta: float) -> None:
    parameters = at(delta)
    theirs = bc.nsi_in_convention(REAL, "phase-12", mixing=parameters)
    expected = seen(REAL, parameters, "pdg")
    assert seen(theirs, parameters, "phase-12") == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("delta", [60.0, 180.0, 212.0, 232.0])
@pytest.mark.parametrize("name", ["eps_emu_u", "eps_etau_d"])
def test_untranslated_couplings_are_not(delta: float, name: str) -> None:
    parameters, couplings = at(delta), {name: 0.3}
    ours, theirs = (seen(couplings, parameters, which) for which in ("pdg", "phase-12"))
    assert abs(ours[0] - theirs[0]) > 1e-3
    assert abs(ours[1] / theirs[1] - 1) > 0.01


@pytest.mark.parametrize("name", [n for n in COUPLINGS if "_emu_" not in n and "_etau_" not in n])
def test_other_couplings_are_the_same_in_both(name: str) -> None:
    couplings, parameters = {name: 0.3}, at(212.0)
    assert bc.nsi_in_convention(couplings, "phase-12", mixing=parameters) == couplings
    ours, theirs = (seen(couplings, parameters, which) for which in ("pdg", "phase-12"))
    assert ours == pytest.approx(theirs, rel=1e-10)


@pytest.mark.parametrize("delta", [180.0, 212.0])
def test_the_package_is_in_the_convention_of_the_pdg(delta: float) -> None:
    """Survival and rate of the package against the Hamiltonian with the phase in 1-2."""
    parameters = at(delta)
    ours = NsiCouplings.of(REAL)
    theirs = bc.nsi_in_convention(REAL, "phase-12", mixing=parameters)
    survival, rate = seen(theirs, parameters, "phase-12")
    options = {"parameters": parameters, "couplings": ours}
    found = three_flavour.survival_probability("8b", ENERGY_MEV, **options)
    assert float(found) == pytest.approx(survival, rel=1e-10)
    # The model's two flavours are the limit of large dm31: compare there.
    far = replace(parameters, dm31_ev2=1e3 * parameters.dm31_ev2)
    constant, slope = density_matrices(far)
    density = constant + slope * float(mean_cos_2theta("8b", ENERGY_MEV, **options))
    rate = seen(theirs, far, "phase-12")[1]
    assert charge_traces(density, *nucleon_charges(ours)) @ [Z**2, Z * N, N**2] == pytest.approx(
        rate, rel=2e-4
    )


@pytest.mark.parametrize("delta", [0.0, 180.0, 232.0])
@pytest.mark.parametrize("name", ["eps_emu_u", "eps_etau_d"])
def test_both_conventions_at_once_are_neither_unless_delta_is_zero(delta: float, name: str) -> None:
    """Propagation with the phase in 1-2 and flavours with it in 1-3, as in the code SNuDD."""
    couplings, parameters = {name: 0.3}, at(delta)
    mixed = seen(couplings, parameters, "phase-12", "pdg")
    theirs, ours = (seen(couplings, parameters, which) for which in ("phase-12", "pdg"))
    assert mixed[0] == pytest.approx(theirs[0], rel=1e-10)
    if delta == 0.0:
        assert mixed == pytest.approx(ours, rel=1e-10)
    else:
        assert min(abs(mixed[1] / one[1] - 1) for one in (theirs, ours)) > 0.01


def test_real_couplings_translate_at_0_and_180_degrees_alone() -> None:
    def translated(delta: float) -> complex:
        return bc.nsi_in_convention({"eps_emu_u": 0.3}, "phase-12", mixing=at(delta))["eps_emu_u"]

    assert (translated(0.0), translated(180.0), translated(360.0)) == (0.3, -0.3, 0.3)
    assert all(isinstance(translated(delta), float) for delta in (0.0, 180.0, 360.0))
    default = np.rad2deg(DEFAULT_MIXING.delta_cp_rad)
    assert default == pytest.approx(212.0)
    for delta, phase in ((232.0, -0.616 - 0.788j), (default, -0.848 - 0.530j)):
        assert translated(delta) == pytest.approx(0.3 * np.exp(1j * np.deg2rad(delta)))
        assert translated(delta) / 0.3 == pytest.approx(phase, abs=0.001)


def test_at_180_degrees_the_package_gives_theirs_with_the_other_sign() -> None:
    parameters = at(180.0)
    theirs = {"eps_emu_u": 0.2, "eps_etau_d": -0.1, "eps_mutau_u": 0.05}
    ours = bc.nsi_in_convention(theirs, "pdg", given="phase-12", mixing=parameters)
    assert ours == {"eps_emu_u": -0.2, "eps_etau_d": 0.1, "eps_mutau_u": 0.05}
    found = three_flavour.survival_probability(
        "8b", ENERGY_MEV, parameters=parameters, couplings=NsiCouplings.of(ours)
    )
    assert float(found) == pytest.approx(seen(theirs, parameters, "phase-12")[0], rel=1e-10)


def test_there_and_back() -> None:
    given = {"eps_emu_u": 0.1 + 0.2j, "eps_etau_d": -0.3, "eps_ee_u": 0.2}
    there = bc.nsi_in_convention(given, "phase-12")
    back = bc.nsi_in_convention(there, "pdg", given="phase-12")
    assert back == pytest.approx(given, rel=1e-14)
    assert bc.nsi_in_convention(given, "pdg") == given


@pytest.mark.parametrize(
    ("couplings", "convention", "error", "text"),
    [
        ({"eps_emu_u": 0.1}, "PDG", UnknownNameError, "phase-12"),
        ({"emu_u": 0.1}, "phase-12", UnknownNameError, "eps_emu_u"),
        ({"eps_emu_u": np.nan}, "phase-12", ArgumentError, "eps_emu_u: expected a finite number"),
        ({"eps_emu_u": "0.1"}, "phase-12", ArgumentError, "real or complex, got '0.1'"),
    ],
)
def test_bad_input(couplings, convention, error, text) -> None:
    with pytest.raises(error, match=text):
        bc.nsi_in_convention(couplings, convention)


def test_each_coupling_says_its_convention() -> None:
    for name, text in NSI_TEXTS.items():
        assert "PDG" in text
        assert ("exp(-i delta_CP) times" in text) == (name.split("_")[1] in ("emu", "etau"))
