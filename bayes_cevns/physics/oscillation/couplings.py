"""Non-standard neutrino-quark interactions: twelve real couplings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.checks import finite, numbers, positive
from bayes_cevns.physics.constants import FERMI_CONSTANT_PER_MEV2

#: Pairs of flavours: the entries of a symmetric matrix, in the order used everywhere.
PAIRS = {
    "ee": (0, 0),
    "mumu": (1, 1),
    "tautau": (2, 2),
    "emu": (0, 1),
    "etau": (0, 2),
    "mutau": (1, 2),
}
QUARKS = ("u", "d")

#: Names of the couplings, ``eps_ee_u`` to ``eps_mutau_d``: all pairs of u, then of d.
COUPLINGS = tuple(f"eps_{pair}_{quark}" for quark in QUARKS for pair in PAIRS)


def symmetric(values: ArrayLike) -> Array:
    """Return the symmetric matrices of the six pairs, from shape (..., 6) to (..., 3, 3)."""
    entries = np.asarray(values)
    matrix = np.zeros((*entries.shape[:-1], 3, 3), dtype=entries.dtype)
    for position, (a, b) in enumerate(PAIRS.values()):
        matrix[..., a, b] = matrix[..., b, a] = entries[..., position]
    return matrix


@dataclass(frozen=True, eq=False, repr=False)
class NsiCouplings(Displayed):
    """Vector couplings of neutrinos to u and d quarks in units of the Fermi coupling.

    L = -sqrt2 G_F sum_q eps^q_ab (nubar_a gamma^r P_L nu_b)(qbar gamma_r q).

    Attributes
    ----------
    up, down
        Real symmetric matrices, shape (3, 3), rows and columns e, mu, tau. Real with delta_CP in
        the 1-3 rotation of the mixing matrix (Particle Data Group); others have it elsewhere, and
        other numbers: see `bayes_cevns.nsi_in_convention`.

    Raises
    ------
    ArgumentError
        If a matrix is not 3 x 3, not finite, complex, or not symmetric: the Lagrangian would
        not be hermitian.

    References
    ----------
    Aristizabal Sierra, Mishra and Strigari, arXiv:2409.02003, eq. 5.
    """

    up: Array = field(default_factory=lambda: np.zeros((3, 3)))
    down: Array = field(default_factory=lambda: np.zeros((3, 3)))

    def __post_init__(self) -> None:
        for name in ("up", "down"):
            object.__setattr__(self, name, _checked(name, getattr(self, name)))

    @classmethod
    def of(cls, couplings: Mapping[str, float]) -> NsiCouplings:
        """Return couplings by their names (`COUPLINGS`); those not named are zero.

        Raises
        ------
        UnknownNameError
            If there is no coupling of a name.
        ArgumentError
            If a value is not finite.
        """
        for name in couplings:
            if name not in COUPLINGS:
                raise UnknownNameError("NSI coupling", name, COUPLINGS)
        named = {name: float(finite(value, what=name)) for name, value in couplings.items()}
        values = np.array([named.get(name, 0.0) for name in COUPLINGS])
        return cls(*symmetric(values.reshape(2, 6)))

    @property
    def values(self) -> Array:
        """The twelve couplings in the order of `COUPLINGS`."""
        rows, columns = np.array(list(PAIRS.values())).T
        return np.concatenate([self.up[rows, columns], self.down[rows, columns]])


def _checked(name: str, matrix: ArrayLike) -> Array:
    values = np.array(matrix)
    if values.shape != (3, 3) or np.iscomplexobj(values):
        raise ArgumentError(
            f"NSI couplings of the {name} quark: expected a real matrix of shape (3, 3), got "
            f"{values.dtype} of shape {values.shape}"
        )
    values = numbers(values, what=f"NSI couplings of the {name} quark")
    if not np.all(np.isfinite(values)):
        raise ArgumentError(f"NSI couplings of the {name} quark must be finite")
    if not np.allclose(values, values.T, rtol=0, atol=1e-12):
        a, b = np.unravel_index(np.argmax(np.abs(values - values.T)), (3, 3))
        raise ArgumentError(
            f"NSI couplings of the {name} quark must be hermitian: entries [{a}, {b}] and "
            f"[{b}, {a}] are {values[a, b]:g} and {values[b, a]:g}; give a symmetric matrix"
        )
    values.flags.writeable = False
    return values


#: The Standard Model.
NO_NSI = NsiCouplings()


def heavy_vector(
    neutrino_coupling: float, up_coupling: float, down_coupling: float, mass_mev: float
) -> NsiCouplings:
    """Return the couplings that a heavy, flavour-universal vector mediator gives.

    eps^q_aa = g_nu g_q / (sqrt2 G_F m_V^2), for momentum transfers far below its mass.

    Raises
    ------
    ArgumentError
        If the mass is not positive and finite, or a coupling not finite.
    """
    mass = positive(mass_mev, what="a mediator mass", unit="MeV")
    g_nu, g_u, g_d = finite([neutrino_coupling, up_coupling, down_coupling], what="a coupling")
    scale = g_nu / (np.sqrt(2.0) * FERMI_CONSTANT_PER_MEV2 * mass**2)
    return NsiCouplings(scale * g_u * np.eye(3), scale * g_d * np.eye(3))
