"""Nuclear weak form factors F(q), normalised to F(0) = 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics.constants import HBARC_MEV_FM

type Array = NDArray[np.float64]


@dataclass(frozen=True)
class FormFactor:
    """Temporary."""

    function: Callable[[ArrayLike, float], Array]

    def proton(self, q_mev: ArrayLike, isotope) -> Array:
        return self.function(q_mev, isotope.a)

    neutron = proton


def _ball(x: Array) -> Array:
    """Return 3 j_1(x) / x, the transform of a homogeneous ball, stable near zero."""
    small = np.abs(x) < 1e-2
    safe = np.where(small, 1.0, x)
    exact = 3.0 * (np.sin(safe) - safe * np.cos(safe)) / safe**3
    return np.where(small, 1.0 - x**2 / 10.0 + x**4 / 280.0, exact)


def helm(q_mev: ArrayLike, a: float) -> Array:
    """Helm form factor with the Lewin-Smith parameters.

    Parameters
    ----------
    q_mev
        Momentum transfer in MeV, any shape.
    a
        Mass number.

    Returns
    -------
    ndarray
        F(q) = 3 j_1(q R_0) / (q R_0) exp(-(q s)^2 / 2), shape of `q_mev`, with s = 0.9 fm,
        R_0^2 = c^2 + 7/3 pi^2 a_0^2 - 5 s^2, c = 1.23 A^(1/3) - 0.60 fm, a_0 = 0.52 fm.

    References
    ----------
    Lewin and Smith, Astropart. Phys. 6 (1996) 87, eqs. 9-11.
    """
    skin_fm, diffuseness_fm = 0.9, 0.52
    half_density_fm = 1.23 * a ** (1.0 / 3.0) - 0.60
    radius_fm = np.sqrt(
        half_density_fm**2 + 7.0 / 3.0 * np.pi**2 * diffuseness_fm**2 - 5.0 * skin_fm**2
    )
    q_per_fm = np.asarray(q_mev, dtype=float) / HBARC_MEV_FM
    return np.asarray(_ball(q_per_fm * radius_fm) * np.exp(-0.5 * (q_per_fm * skin_fm) ** 2))


def klein_nystrand(q_mev: ArrayLike, a: float) -> Array:
    """Klein-Nystrand form factor.

    Parameters
    ----------
    q_mev
        Momentum transfer in MeV, any shape.
    a
        Mass number.

    Returns
    -------
    ndarray
        F(q) = 3 j_1(q R_A) / (q R_A) / (1 + (q a_0)^2), shape of `q_mev`, with
        R_A = 1.23 A^(1/3) fm and a_0 = 0.7 fm.

    References
    ----------
    Klein and Nystrand, Phys. Rev. C 60 (1999) 014903.
    """
    q_per_fm = np.asarray(q_mev, dtype=float) / HBARC_MEV_FM
    radius_fm, range_fm = 1.23 * a ** (1.0 / 3.0), 0.7
    return np.asarray(_ball(q_per_fm * radius_fm) / (1.0 + (q_per_fm * range_fm) ** 2))


def point_like(q_mev: ArrayLike, a: float) -> Array:  # noqa: ARG001 - the common signature
    """Return one: a nucleus without structure, to see what the form factor does."""
    return np.ones_like(np.asarray(q_mev, dtype=float))


FORM_FACTORS: dict[str, FormFactor] = {
    "helm": FormFactor(helm),
    "klein-nystrand": FormFactor(klein_nystrand),
    "point-like": FormFactor(point_like),
}


def form_factor(name: str) -> FormFactor:
    """Return a form factor by its name.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the known ones are listed.
    """
    if name not in FORM_FACTORS:
        raise UnknownNameError("form factor", name, FORM_FACTORS)
    return FORM_FACTORS[name]
