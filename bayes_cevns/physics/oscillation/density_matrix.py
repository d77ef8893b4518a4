"""Flavour at the detector with two flavours: linear in C(E); and coherent scattering on it.

The rate of a neutrino in the state rho, with nuclear charges that are matrices in flavour, is

    Tr[rho G^2],   G = Z P + N M,   P = g_p + 2 eps^u + eps^d,   M = g_n + eps^u + 2 eps^d,

because the amplitude from flavour a to b is G_ba, and final flavours are not observed. Couplings
are real, so that only the real part of rho enters.

The density matrices here are those of two flavours in the limit of large dm31, by day and
adiabatic, as in the papers below. `bayes_cevns.physics.oscillation.propagation` is the default,
without these limits.

References: Coloma et al., JHEP 08 (2023) 032, arXiv:2305.07698, for the density matrix; Aristizabal
Sierra, Mishra and Strigari, arXiv:2409.02003, eqs. 17-19, for the propagation basis.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array, ComplexArray
from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.oscillation.couplings import NO_NSI, PAIRS, NsiCouplings, symmetric
from bayes_cevns.physics.oscillation.parameters import DEFAULT_MIXING, OscillationParameters
from bayes_cevns.physics.oscillation.solar_models import DEFAULT_MODEL, ProductionZone, SolarModel
from bayes_cevns.physics.oscillation.survival import mean_cos_2theta

DENSITY_MATRIX = "density-matrix"
PROPAGATION_BASIS = "propagation-basis"
DETECTIONS = {
    DENSITY_MATRIX: "incoherent mass eigenstates, rho = sum_k P_k U_ak U*_bk",
    PROPAGATION_BASIS: "rho = U~ diag(P_ee, 1 - P_ee, 0) U~^dagger with U~ = U_23 U_13",
}


def density_matrices(
    parameters: OscillationParameters, detection: str = DENSITY_MATRIX
) -> tuple[ComplexArray, ComplexArray]:
    """Return rho_0 and rho_1 of rho(E) = rho_0 + C(E) rho_1, each of shape (3, 3).

    Parameters
    ----------
    parameters
        Mixing.
    detection
        ``"density-matrix"`` (default) or ``"propagation-basis"``, see `DETECTIONS`.

    Returns
    -------
    tuple of ndarray
        Hermitian matrices of trace 1 and 0; flavours e, mu, tau.

    Raises
    ------
    UnknownNameError
        If there is no such description.
    """
    if detection not in DETECTIONS:
        raise UnknownNameError("description of detection", detection, DETECTIONS)
    c13 = parameters.cos2_theta13
    if detection == DENSITY_MATRIX:
        basis = parameters.mixing_matrix()
        constant = np.array([0.5 * c13, 0.5 * c13, parameters.sin2_theta13])
        slope = np.array([0.5 * c13, -0.5 * c13, 0.0])
    else:
        basis = parameters.propagation_basis()
        middle = 0.5 * c13**2 + parameters.sin2_theta13**2
        half = 0.5 * c13**2 * parameters.cos_2theta12
        constant = np.array([middle, 1.0 - middle, 0.0])
        slope = np.array([half, -half, 0.0])
    constant_matrix, slope_matrix = ((basis * v) @ basis.conj().T for v in (constant, slope))
    return constant_matrix, slope_matrix


def two_flavour_probabilities(
    component: str | ProductionZone,
    energy_mev: ArrayLike,
    *,
    model: str | SolarModel = DEFAULT_MODEL,
    parameters: OscillationParameters = DEFAULT_MIXING,
    couplings: NsiCouplings = NO_NSI,
) -> Array:
    """Return the probabilities of nu_e, nu_mu and nu_tau by day, with two flavours.

    The diagonal of rho_0 + C(E) rho_1, in the limit of large dm31; arguments and errors are those
    of `mean_cos_2theta`. `flavour_probabilities` is the default.

    Returns
    -------
    ndarray
        Shape (3, *energy_mev.shape); the first is `survival_probability`, the sum is one.
    """
    mean = mean_cos_2theta(
        component, energy_mev, model=model, parameters=parameters, couplings=couplings
    )
    constant, slope = (np.real(np.diag(rho)) for rho in density_matrices(parameters))
    return np.add.outer(constant, np.zeros_like(mean)) + np.multiply.outer(slope, mean)


def nucleon_charges(
    couplings: NsiCouplings, sin2_theta_w: float = const.SIN2_THETA_W
) -> tuple[Array, Array]:
    """Return P and M, the charges of proton and neutron as matrices in flavour, shape (3, 3)."""
    up, down = couplings.up, couplings.down
    proton = (0.5 - 2.0 * sin2_theta_w) * np.eye(3) + 2.0 * up + down
    neutron = -0.5 * np.eye(3) + up + 2.0 * down
    return proton, neutron


def charge_traces(density: ComplexArray, proton: Array, neutron: Array) -> Array:
    """Return Tr[rho P^2], Tr[rho (P M + M P)] and Tr[rho M^2], shape (3,).

    Tr[rho G^2] is Z^2, Z N and N^2 times them.
    """
    mixed = proton @ neutron + neutron @ proton
    squares = (proton @ proton, mixed, neutron @ neutron)
    return np.array([np.trace(density @ square).real for square in squares])


def quadratic_form(density: ComplexArray) -> Array:
    """Return the matrix R with Tr[rho (S T + T S)]/2 = s R t, shape (6, 6).

    For real symmetric S and T with the entries s and t in the order of `PAIRS`.
    """
    unit = symmetric(np.eye(len(PAIRS)))
    products = np.einsum("iab,jbc->ijac", unit, unit)
    traces = np.einsum("ca,ijac->ij", density.real, products)
    return np.asarray(0.5 * (traces + traces.T))
