"""The effective two-flavour Hamiltonian in matter, with non-standard interactions.

With dm31 far above every matter potential, the third state of the propagation basis decouples
and the other two follow

    H = 1/(4 E) ((-X, S), (S*, X)),   X = dm21 cos 2 theta_12 - A,   S = dm21 sin 2 theta_12 + B,

    A = 4 sqrt2 E G_F n_e (c13^2 / 2 - sum_q Y_q eps_D^q),
    B = 4 sqrt2 E G_F n_e sum_q Y_q eps_N^q,

where Y_u = 2 + Y_n and Y_d = 1 + 2 Y_n are quarks per electron and eps_D, eps_N the entries of
U~^dagger eps U~: -(first - second diagonal entry)/2 and the off-diagonal one.

Signs: in matter at rest the mean of qbar gamma_r q is the density n_q, for r = 0. The Lagrangian
-sqrt2 G_F eps^q_ab (nubar_a gamma^r P_L nu_b)(qbar gamma_r q) is therefore the potential
+sqrt2 G_F n_q eps^q_ab, in the same units as that of charged currents on electrons,
+sqrt2 G_F n_e. Antineutrinos, which the Sun does not make, would have the opposite signs.

References: Gonzalez-Garcia and Maltoni, JHEP 09 (2013) 152, arXiv:1307.3092, eqs. 2.8-2.13;
Aristizabal Sierra, Mishra and Strigari, arXiv:2409.02003, eqs. 11-15.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array, ComplexArray
from bayes_cevns.display import Displayed
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.checks import positive
from bayes_cevns.physics.oscillation.couplings import NO_NSI, PAIRS, NsiCouplings, symmetric
from bayes_cevns.physics.oscillation.hermitian import SIZE, to_matrix
from bayes_cevns.physics.oscillation.parameters import OscillationParameters

_EV2_PER_MEV2 = 1e12
_MEV3_PER_MOL_PER_CM3 = const.AVOGADRO_PER_MOL * (const.HBARC_MEV_FM * 1e-13) ** 3

#: sqrt2 G_F n for a density of one mole per cm^3, in eV^2/MeV: twice the energy in MeV times
#: this, times a density, is a potential as a mass squared.
POTENTIAL_EV2_PER_MEV = (
    np.sqrt(2.0) * const.FERMI_CONSTANT_PER_MEV2 * _MEV3_PER_MOL_PER_CM3 * _EV2_PER_MEV2
)


@dataclass(frozen=True, eq=False, repr=False)
class Projections(Displayed):
    """The linear maps from couplings to eps_D and eps_N.

    Attributes
    ----------
    diagonal
        eps_D per unit of each coupling of one quark, shape (6,), in the order of `PAIRS`.
    off_diagonal
        eps_N per unit of each coupling, complex (real without CP phase), shape (6,).
    """

    diagonal: Array
    off_diagonal: ComplexArray

    @classmethod
    def of(cls, parameters: OscillationParameters) -> Projections:
        """Rotate each coupling into the propagation basis."""
        basis = parameters.propagation_basis()
        rotated = basis.conj().T @ symmetric(np.eye(len(PAIRS))) @ basis
        diagonal = -0.5 * (rotated[:, 0, 0] - rotated[:, 1, 1]).real
        return cls(diagonal, rotated[:, 0, 1])

    @staticmethod
    def of_hermitian(parameters: OscillationParameters) -> Array:
        """Return the maps from any Hermitian potential per electron, shape (3, 9).

        To -A, Re B and Im B per unit of 4 sqrt2 E G_F n_e, for vectors in the layout of
        `hermitian`. The charged currents, 1 at the entry ee, are part of the potential.
        """
        basis = parameters.propagation_basis()
        rotated = basis.conj().T @ to_matrix(np.eye(SIZE)) @ basis
        diagonal = -0.5 * (rotated[:, 0, 0] - rotated[:, 1, 1]).real
        return np.stack([diagonal, rotated[:, 0, 1].real, rotated[:, 0, 1].imag])


def quarks_per_electron(electrons: ArrayLike, neutrons: ArrayLike) -> Array:
    """Return Y_u = 2 + Y_n and Y_d = 1 + 2 Y_n of neutral matter, shape (2, ...)."""
    ratio = np.asarray(neutrons, dtype=float) / np.asarray(electrons, dtype=float)
    return np.stack([2.0 + ratio, 1.0 + 2.0 * ratio])


def hamiltonian_terms(
    energy_mev: ArrayLike,
    electrons_mol_per_cm3: Array,
    neutrons_mol_per_cm3: Array,
    parameters: OscillationParameters,
    couplings: NsiCouplings = NO_NSI,
) -> tuple[Array, ComplexArray]:
    """Return X and S of the Hamiltonian ((-X, S), (S*, X)) / (4 E).

    Parameters
    ----------
    energy_mev
        Neutrino energies in MeV, > 0, any shape.
    electrons_mol_per_cm3, neutrons_mol_per_cm3
        Densities in units of Avogadro's number, shape (r,); electrons > 0.
    parameters, couplings
        Mixing and non-standard interactions.

    Returns
    -------
    tuple of ndarray
        X and S in eV^2, shape (*energy.shape, r).

    Raises
    ------
    ArgumentError
        If an energy is not positive and finite.
    """
    energy = check_energies(energy_mev)[..., None]
    rotated = Projections.of(parameters)
    fractions = quarks_per_electron(electrons_mol_per_cm3, neutrons_mol_per_cm3)
    quarks = couplings.values.reshape(2, 6).T @ fractions
    scale = 4.0 * POTENTIAL_EV2_PER_MEV * energy * electrons_mol_per_cm3
    a = scale * (0.5 * parameters.cos2_theta13 - rotated.diagonal @ quarks)
    b = scale * (rotated.off_diagonal @ quarks)
    dm21 = parameters.dm21_ev2
    return dm21 * parameters.cos_2theta12 - a, dm21 * parameters.sin_2theta12 + b


def cos_2theta_matter(x: Array, s: ComplexArray) -> Array:
    """Return cos 2 theta_M = X / sqrt(X^2 + |S|^2): the state nu_e in its eigenstates."""
    return np.asarray(x / np.sqrt(x**2 + s.real**2 + s.imag**2))


def check_energies(energy_mev: ArrayLike) -> Array:
    """Return neutrino energies as an array.

    Raises
    ------
    ArgumentError
        If one is not positive and finite.
    """
    return positive(energy_mev, what="a neutrino energy", unit="MeV")
