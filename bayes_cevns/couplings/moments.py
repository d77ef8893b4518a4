"""The effective magnetic moment of neutrinos that arrive in some state."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.channels import moment_products, monomials
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.values import coupling_values
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.oscillation import Propagation


def effective_moment_squared(moments: Mapping[str, complex | str], states: ArrayLike) -> Array:
    """Return mu_eff^2 = Tr[rho lambda^+ lambda], in squared Bohr magnetons, shape of `states`.

    It is what recoil rates have in place of mu^2. Of moments diagonal in flavour it is the sum of
    P_a mu_a^2 with the probabilities P_a; others also see the coherence of the flavours.

    Parameters
    ----------
    moments
        Values by name in Bohr magnetons, such as ``{"mu_nu_e": 1e-11, "mu_nu_emu": 2e-12j}``.
    states
        Density matrices of neutrinos, shape (..., 9) in the layout of `oscillation.hermitian`.

    Raises
    ------
    ArgumentError
        If a coupling is no magnetic moment, or moments are of Dirac and of Majorana neutrinos.

    References
    ----------
    Beacom and Vogel, Phys. Rev. Lett. 83 (1999) 5222, eq. 3, for vacuum; here in matter, with the
    density matrix at the detector.
    """
    values = coupling_values(moments)
    model = CouplingModel.of(values)
    others = [coupling.name for coupling in model.couplings if not coupling.is_moment]
    if others:
        raise ArgumentError(
            f"{', '.join(others)}: expected magnetic moments (mu_nu_e, lambda_nu_emu)"
        )
    powers = monomials(model.values(values))
    return np.asarray(np.asarray(states) @ (powers @ moment_products(model.couplings)[:, 0]))


def solar_moment(
    moments: Mapping[str, complex | str],
    energy_mev: ArrayLike,
    *,
    propagation: Propagation | None = None,
) -> Array:
    """Return the effective moment of solar neutrinos at the detector, in Bohr magnetons.

    Parameters
    ----------
    moments
        As of `effective_moment_squared`.
    energy_mev
        Neutrino energies, shape (n,).
    propagation
        Which component, and through what; by default `Propagation()`. The spin does not flip in the
        magnetic field of the Sun.

    Returns
    -------
    ndarray
        Shape (n,).
    """
    way = Propagation() if propagation is None else propagation
    states = way.density(np.asarray(energy_mev, dtype=float), np.zeros((3, 9)))
    return np.sqrt(np.maximum(effective_moment_squared(moments, states), 0.0))
