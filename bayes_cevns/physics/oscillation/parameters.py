"""Neutrino masses and mixing, and the matrices made of them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from bayes_cevns.arrays import ComplexArray
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import numbers


@dataclass(frozen=True, kw_only=True)
class OscillationParameters:
    """Three-flavour mixing, in the parametrisation of the Particle Data Group.

    The defaults are the best fit of NuFIT 6.0 for normal ordering, that of its two which has the
    atmospheric data of Super-Kamiokande and IceCube ("IC24 with SK-atm"), with theta_12 and dm21
    of a later fit: that of Capozzi et al. to solar, KamLAND, SNO+ and JUNO's first data,

        sin^2 theta_12 = 0.3085 +- 0.0073,   dm21 = (7.48 +- 0.10)e-5 eV^2,   correlation -0.20.

    JUNO by itself has 0.3092 +- 0.0087 and (7.50 +- 0.12)e-5 eV^2.

    Attributes
    ----------
    sin2_theta12, sin2_theta13, sin2_theta23
        sin^2 of the mixing angles.
    dm21_ev2, dm31_ev2
        Differences of squared masses in eV^2; dm31 < 0 is inverted ordering.
    delta_cp_rad
        CP phase in radians. Without NSI, nothing that a solar neutrino does depends on it.

    Raises
    ------
    ArgumentError
        If a sin^2 is not between 0 and 1, dm21 not positive, dm31 zero or a number not finite.

    References
    ----------
    Esteban et al., JHEP 12 (2024) 216, arXiv:2410.05380 (NuFIT 6.0): its numbers are taken from
    public programs that name it and agree with each other, not from its table itself.
    Capozzi et al., arXiv:2511.21650; JUNO, arXiv:2511.14593: from their abstracts.
    """

    sin2_theta12: float = 0.3085
    sin2_theta13: float = 0.02215
    sin2_theta23: float = 0.470
    dm21_ev2: float = 7.48e-5
    dm31_ev2: float = 2.513e-3
    delta_cp_rad: float = np.deg2rad(212.0)

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not np.isfinite(numbers(value, what=field.name)):
                raise ArgumentError(f"{field.name} must be finite, got {value}")
            # Plain, so that those read from a file have the same digest.
            object.__setattr__(self, field.name, float(value))
            if field.name.startswith("sin2") and not 0.0 <= value <= 1.0:
                raise ArgumentError(f"{field.name} must lie between 0 and 1, got {value:g}")
        if self.dm21_ev2 <= 0 or self.dm31_ev2 == 0:
            raise ArgumentError(
                f"dm21 must be positive and dm31 not zero, in eV^2; got {self.dm21_ev2:g} and "
                f"{self.dm31_ev2:g}"
            )

    @property
    def cos_2theta12(self) -> float:
        """Cosine of 2 theta_12."""
        return 1.0 - 2.0 * self.sin2_theta12

    @property
    def sin_2theta12(self) -> float:
        """Sine of 2 theta_12."""
        return float(2.0 * np.sqrt(self.sin2_theta12 * (1.0 - self.sin2_theta12)))

    @property
    def cos2_theta13(self) -> float:
        """Square of the cosine of theta_13."""
        return 1.0 - self.sin2_theta13

    def propagation_basis(self) -> ComplexArray:
        """Return U~ = U_23 U_13(delta), shape (3, 3): flavour amplitudes = U~ propagating ones.

        In the basis that it defines, the third state decouples as dm31 -> infinity.
        """
        theta13 = _rotation(0, 2, self.sin2_theta13, self.delta_cp_rad)
        return _rotation(1, 2, self.sin2_theta23) @ theta13

    def mixing_matrix(self) -> ComplexArray:
        """Return U = U_23 U_13(delta) U_12, shape (3, 3): rows e, mu, tau, columns nu_1, 2, 3."""
        return self.propagation_basis() @ _rotation(0, 1, self.sin2_theta12)


def _rotation(i: int, j: int, sin2: float, phase: float = 0.0) -> ComplexArray:
    sine, cosine = np.sqrt(sin2), np.sqrt(1.0 - sin2)
    matrix = np.eye(3, dtype=complex)
    matrix[i, i] = matrix[j, j] = cosine
    matrix[i, j] = sine * np.exp(-1j * phase)
    matrix[j, i] = -sine * np.exp(1j * phase)
    return matrix


#: The default: NuFIT 6.0 with theta_12 and dm21 of a fit that has JUNO.
DEFAULT_MIXING = OscillationParameters()

#: The default of before. NuFIT 5.3 (2024), normal ordering, with the atmospheric data of
#: Super-Kamiokande: Esteban et al., JHEP 09 (2020) 178, arXiv:2007.14792, and its update v5.3.
NUFIT_5_3 = OscillationParameters(
    sin2_theta12=0.307,
    sin2_theta13=0.02224,
    sin2_theta23=0.454,
    dm21_ev2=7.41e-5,
    dm31_ev2=2.505e-3,
    delta_cp_rad=np.deg2rad(232.0),
)

#: The best fit that paper arXiv:2409.02003 names, with its real mixing matrix (no CP phase).
#: de Salas et al., JHEP 02 (2021) 071, arXiv:2006.11237, normal ordering.
DE_SALAS_2020 = OscillationParameters(
    sin2_theta12=0.318,
    sin2_theta13=0.0220,
    sin2_theta23=0.574,
    dm21_ev2=7.50e-5,
    dm31_ev2=2.55e-3,
    delta_cp_rad=0.0,
)
