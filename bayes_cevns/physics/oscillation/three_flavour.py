"""The slow twin of `survival`: three flavours and a finite dm31, diagonalised at every radius.

How far two flavours are from it for 8B (5.5 to 15 MeV, B16-GS98, one coupling at a time, either
sign): at most, in P_ee and in the rate Tr[rho G^2] on xenon,

    |eps|            0        0.05     0.1      0.3      1
    P_ee             1.1e-3   1.6e-3   2.2e-3   3.3e-3   6.3e-2
    rate             0        2e-3     5e-3     2.1e-2   8e-2
    rate, eps_mutau           6e-3     1.7e-2   5e-2     8e-2

The next term of the expansion, matter potential over dm31, grows with energy and eps; eps_mutau is
the worst because it turns nu_2 and nu_3, and its effect on the rate is large. Adiabatic evolution
itself is right to 3e-5 (tests/oscillation/test_three_flavours.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array, ComplexArray
from bayes_cevns.physics.oscillation.couplings import NO_NSI, NsiCouplings
from bayes_cevns.physics.oscillation.matter import (
    POTENTIAL_EV2_PER_MEV,
    check_energies,
    quarks_per_electron,
)
from bayes_cevns.physics.oscillation.parameters import DEFAULT_MIXING, OscillationParameters
from bayes_cevns.physics.oscillation.solar_models import DEFAULT_MODEL, SolarModel, solar_model


def hamiltonian(
    energy_mev: float,
    electrons_mol_per_cm3: ArrayLike,
    neutrons_mol_per_cm3: ArrayLike,
    parameters: OscillationParameters,
    couplings: NsiCouplings = NO_NSI,
) -> ComplexArray:
    """Return 2 E H in the flavour basis, in eV^2, shape (r, 3, 3).

    U diag(0, dm21, dm31) U^dagger + 2 sqrt2 G_F n_e E (diag(1, 0, 0) + Y_u eps^u + Y_d eps^d).
    """
    mixing = parameters.mixing_matrix()
    masses = np.array([0.0, parameters.dm21_ev2, parameters.dm31_ev2])
    vacuum = (mixing * masses) @ mixing.conj().T
    electrons = np.asarray(electrons_mol_per_cm3, dtype=float)
    up, down = quarks_per_electron(electrons, neutrons_mol_per_cm3)[..., None, None]
    matter = np.diag([1.0, 0.0, 0.0]) + up * couplings.up + down * couplings.down
    scale = 2.0 * energy_mev * POTENTIAL_EV2_PER_MEV * electrons[..., None, None]
    return np.asarray(vacuum + scale * matter)


def mass_state_probabilities(
    component: str,
    energy_mev: ArrayLike,
    *,
    model: str | SolarModel = DEFAULT_MODEL,
    parameters: OscillationParameters = DEFAULT_MIXING,
    couplings: NsiCouplings = NO_NSI,
) -> Array:
    """Return the shares P_1, P_2, P_3 of mass eigenstates that leave the Sun, shape (3, ...).

    Every eigenstate of the full Hamiltonian where the neutrino is made becomes, by adiabatic
    evolution, the mass eigenstate of the same place in the order of eigenvalues.

    Parameters and errors are those of `bayes_cevns.physics.oscillation.mean_cos_2theta`.
    """
    energies = check_energies(energy_mev)
    zone = (solar_model(model) if isinstance(model, str) else model).zone(component)
    order = np.argsort([0.0, parameters.dm21_ev2, parameters.dm31_ev2])
    shares = np.empty((3, energies.size))
    for column, energy in enumerate(energies.ravel()):
        matrices = hamiltonian(
            float(energy),
            zone.electrons_mol_per_cm3,
            zone.neutrons_mol_per_cm3,
            parameters,
            couplings,
        )
        states = np.linalg.eigh(matrices).eigenvectors
        shares[order, column] = zone.weights @ np.abs(states[:, 0, :]) ** 2
    return shares.reshape(3, *energies.shape)


def survival_probability(
    component: str,
    energy_mev: ArrayLike,
    *,
    model: str | SolarModel = DEFAULT_MODEL,
    parameters: OscillationParameters = DEFAULT_MIXING,
    couplings: NsiCouplings = NO_NSI,
) -> Array:
    """Return P_ee = sum_k P_k |U_ek|^2 with the shares of `mass_state_probabilities`."""
    shares = mass_state_probabilities(
        component, energy_mev, model=model, parameters=parameters, couplings=couplings
    )
    return np.asarray(np.tensordot(np.abs(parameters.mixing_matrix()[0]) ** 2, shares, axes=1))
