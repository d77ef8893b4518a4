"""The arrays from which the kernels of propagation work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.physics.oscillation import night, sun
from bayes_cevns.physics.oscillation.hermitian import SIZE
from bayes_cevns.physics.oscillation.matter_couplings import FERMIONS
from bayes_cevns.physics.oscillation.propagation import MassBasis, Propagation
from bayes_cevns.physics.oscillation.year_cache import year

#: Matter couplings as a vector: the rows of `FERMIONS` one after the other.
COUPLINGS = len(FERMIONS) * SIZE

#: The mixing as a vector: sin^2 theta_12, and dm21 in eV^2.
MIXING = 2


def mixing_of(propagation: Propagation) -> Array:
    """Return sin^2 theta_12 and dm21 in eV^2 of a propagation, shape (2,)."""
    return np.array([propagation.parameters.sin2_theta12, propagation.parameters.dm21_ev2])


def at_mixing(propagation: Propagation, sin2_theta12: float, dm21_ev2: float) -> Propagation:
    """Return a propagation with another theta_12 and dm21."""
    mixing = replace(propagation.parameters, sin2_theta12=sin2_theta12, dm21_ev2=dm21_ev2)
    return replace(propagation, parameters=mixing)


def tables(propagation: Propagation, energy_mev: Array) -> tuple[Array, ...]:
    """Return the arrays that the kernels need beside the couplings, in their order.

    Three flavours: energies (n,); parts of the vacuum Hamiltonian (4, 9); f = 2 sqrt2 G_F E n_e and
    Y_n at the Gauss nodes (2, 6 n), and the powers of f and f Y_n there (6 n, 10); weights of the
    nodes and of the last two expansion coefficients (3, 6); radii with electron density, Y_n and
    production (4, r); parts of the density matrix (10, 9) and of the potential (7, 9) in the
    propagation basis; Y_n of the Earth, dm21, dm31 and the electron density at the surface; mass
    eigenstate of each level and the lower one of the pair that may cross; knots and coefficients of
    the Earth, and slopes of these in log dm21 (empty without it). Two flavours: energies, nodes
    (8, 3), maps (3, 9), rho_0 and rho_1 (2, 9), and X and S in vacuum.
    """
    parameters = propagation.parameters
    if propagation.flavours == "two":
        vacuum = parameters.dm21_ev2 * np.array([parameters.cos_2theta12, parameters.sin_2theta12])
        return energy_mev, *propagation.two_flavour_terms, vacuum
    numbers = [propagation.earth_ratio, parameters.dm21_ev2, parameters.dm31_ev2]
    if propagation.earth == "year":
        of_year = year(propagation.latitude_deg)
        dm21 = parameters.dm21_ev2
        coefficients = of_year.coefficients(energy_mev, dm21), of_year.slopes(energy_mev, dm21)
        earth = (*of_year.knots, *coefficients)
    else:
        nothing = np.zeros((energy_mev.size, 0, 0, 3))
        earth = (np.zeros(0), np.zeros(0), nothing, nothing)
    way, radii = propagation.sun, propagation.sun.radii
    basis = MassBasis.of(replace(parameters, sin2_theta12=0.0))  # the propagation basis
    columns = (radii.radius, radii.electrons_mol_per_cm3, radii.ratio, radii.weights)
    electrons, ratio, *weights = way.coarse.T
    scale = sun.TWO_POTENTIALS * np.multiply.outer(electrons, energy_mev)
    nodes = np.stack([scale.ravel(), np.repeat(ratio, energy_mev.size)])
    powers = _powers(nodes[0], nodes[0] * nodes[1])
    return (
        *(energy_mev, _vacuum_rows(basis, parameters.dm31_ev2), nodes, powers),
        *(np.stack(weights), np.stack(columns), *basis),
        np.array([*numbers, night.surface_electrons_mol_per_cm3()]),
        np.array([*way.order, way.pair], dtype=float),
        *earth,
    )


def _powers(f: Array, g: Array) -> Array:
    """Return the powers of f and g in the order of `invariant_kernels`, shape (n, 10)."""
    exponents = [(degree - n, n) for degree in range(4) for n in range(degree + 1)]
    return np.stack([f**m * g**n for m, n in exponents], axis=1)


def _vacuum_rows(basis: MassBasis, dm31_ev2: float) -> Array:
    """Return dm31 p_3 p_3^dagger and the halves of I, T_z and T_x of p_1 and p_2, shape (4, 9)."""
    first, second, third, x, _, z = basis.parts[:6]
    return np.stack([dm31_ev2 * third, 0.5 * (first + second), 0.5 * z, 0.5 * x])
