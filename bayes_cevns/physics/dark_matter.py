"""Dark matter of the standard halo: nuclear recoils and the Migdal effect, for neutrino floors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.checks import finite, numbers, positive
from bayes_cevns.physics.form_factors import coherent_charge
from bayes_cevns.physics.form_factors import form_factor as get_form_factor
from bayes_cevns.physics.kinematics import momentum_transfer_mev
from bayes_cevns.physics.migdal_spectrum import MigdalOperator
from bayes_cevns.physics.nuclei import Isotope, Target

SPEED_OF_LIGHT_KM_S = 299792.458
_CM_PER_KM = 1e5
_MEV_PER_GEV = 1e3

#: Below this ratio of the Earth's speed to v_0 the halo counts as at rest: closed forms of a
#: moving halo would lose their digits there.
_AT_REST = 1e-5

KINEMATICS = ("inelastic", "elastic")


@dataclass(frozen=True)
class StandardHalo:
    """A Maxwell distribution of velocities, cut off at the escape speed.

    Attributes
    ----------
    density_gev_per_cm3
        Local density of dark matter.
    dispersion_km_s
        Standard deviation sigma_v of each velocity component; the most probable speed is
        v_0 = sqrt(2) sigma_v = 220.6 km/s.
    escape_km_s
        Escape speed from the galaxy, in the galactic frame.
    earth_km_s
        Speed of the Earth in the galactic frame, averaged over the year. The default is v_0 along
        the rotation with the Sun's peculiar velocity (11.1, 12.24, 7.25) km/s of Schoenrich,
        Binney and Dehnen, Mon. Not. R. Astron. Soc. 403 (2010) 1829:
        sqrt(11.1^2 + (220.6 + 12.24)^2 + 7.25^2) = 233.2 km/s.

    Notes
    -----
    Density, dispersion and escape speed are those of Herrera, JHEP 05 (2024) 288, arXiv:2311.17719.
    Its eq. 2.12 is the distribution in the galactic frame and is not shown boosted to the Earth:
    ``earth_km_s=0`` is the formula as printed.
    """

    density_gev_per_cm3: float = 0.3
    dispersion_km_s: float = 156.0
    escape_km_s: float = 544.0
    earth_km_s: float = 233.2

    def __post_init__(self) -> None:
        positive(self.density_gev_per_cm3, what="density_gev_per_cm3", unit="GeV/cm^3")
        positive(self.dispersion_km_s, what="dispersion_km_s", unit="km/s")
        positive(self.escape_km_s, what="escape_km_s", unit="km/s")
        if not 0 <= finite(self.earth_km_s, what="earth_km_s") < self.escape_km_s:
            raise ArgumentError(
                f"earth_km_s must be >= 0 and below the escape speed, got {self.earth_km_s}"
            )

    @property
    def most_probable_km_s(self) -> float:
        """Most probable speed v_0 = sqrt(2) sigma_v without the cutoff."""
        return math.sqrt(2.0) * self.dispersion_km_s

    @property
    def normalisation(self) -> float:
        """N_esc, the part of the Maxwell distribution below the escape speed."""
        z = self.escape_km_s / self.most_probable_km_s
        return math.erf(z) - 2.0 / math.sqrt(math.pi) * z * math.exp(-(z**2))

    @property
    def maximum_km_s(self) -> float:
        """Greatest speed of dark matter in the laboratory."""
        return self.escape_km_s + self.earth_km_s

    def mean_inverse_speed(self, minimum_km_s: ArrayLike) -> Array:
        """Return eta(v_min), the integral of f(v)/v above v_min, in the laboratory.

        Parameters
        ----------
        minimum_km_s
            Speeds v_min in km/s, >= 0 (inf is allowed), any shape.

        Returns
        -------
        ndarray
            eta in s/km, zero where v_min exceeds all speeds.

        Raises
        ------
        ArgumentError
            If a speed is negative or not a number.

        Notes
        -----
        With x = v_min/v_0, y = v_E/v_0, z = v_esc/v_0 and N the normalisation, for y < z:
        (erf(x+y) - erf(x-y) - 4 y exp(-z^2)/sqrt(pi)) / (2 N v_0 y) for x <= z - y,
        (erf(z) - erf(x-y) - 2 (y+z-x) exp(-z^2)/sqrt(pi)) / (2 N v_0 y) up to x = z + y.

        References
        ----------
        Lewin and Smith, Astropart. Phys. 6 (1996) 87; Savage, Freese and Gondolo, Phys. Rev. D 74
        (2006) 043531.
        """
        from scipy.special import erf

        minimum = numbers(minimum_km_s, what="a least speed")
        if not np.all(minimum >= 0):
            raise ArgumentError("least speeds must be >= 0 km/s")
        v0 = self.most_probable_km_s
        x = np.minimum(minimum, 2.0 * self.maximum_km_s) / v0
        y, z = self.earth_km_s / v0, self.escape_km_s / v0
        cut = math.exp(-(z**2))
        root_pi = math.sqrt(math.pi)
        if y < _AT_REST:
            eta = 2.0 / root_pi * (np.exp(-(x**2)) - cut) / (self.normalisation * v0)
            return np.asarray(np.where(x < z, eta, 0.0))
        slow = erf(x + y) - erf(x - y) - 4.0 / root_pi * y * cut
        fast = erf(z) - erf(x - y) - 2.0 / root_pi * (y + z - x) * cut
        eta = np.where(x <= z - y, slow, np.where(x < z + y, np.maximum(fast, 0.0), 0.0))
        return np.asarray(eta / (2.0 * self.normalisation * v0 * y))


@dataclass(frozen=True)
class WimpRate:
    """Spin-independent scattering of dark matter on a natural element.

    Attributes
    ----------
    target
        The element.
    mass_gev
        Mass of the dark matter particle.
    cross_section_cm2
        Cross section on a nucleon at zero momentum transfer, equal for protons and neutrons.
    halo
        Its density and speeds.
    form_factor
        Name of the nuclear form factor.
    """

    target: Target
    mass_gev: float
    cross_section_cm2: float
    halo: StandardHalo = StandardHalo()
    form_factor: str = DEFAULT_FORM_FACTOR

    def __post_init__(self) -> None:
        for name, unit in (("mass_gev", "GeV"), ("cross_section_cm2", "cm^2")):
            positive(getattr(self, name), what=f"{name} of dark matter", unit=unit)
        get_form_factor(self.form_factor)

    def recoil(self, recoil_energy_kev: ArrayLike, deposited_kev: ArrayLike = 0.0) -> Array:
        """Return dR/dT, when the atom also takes some energy from the dark matter.

        Parameters
        ----------
        recoil_energy_kev
            Nuclear recoil energies T in keV, > 0.
        deposited_kev
            Energy omega that goes to electrons besides, in keV; negative for no event at all.
            Broadcasts with `recoil_energy_kev`.

        Returns
        -------
        ndarray
            dR/dT in 1/(t yr keV), zero beyond the kinematic limit.

        Raises
        ------
        ArgumentError
            If a recoil energy is not positive and finite, or omega is not finite.

        Notes
        -----
        dR/dT = sum_i f_i N_T (rho/m_chi) sigma_n A_i^2 m_i F_i^2 / (2 mu_n^2) eta(v_min), over
        natural isotopes i, with v_min = q/(2 mu_i) + omega/q and q = sqrt(2 m_i T).

        References
        ----------
        Lewin and Smith, Astropart. Phys. 6 (1996) 87; v_min with omega: Ibe et al., JHEP 03 (2018)
        194; arXiv:2311.17719, eqs. 2.10 to 2.13 (there omega = 0).
        """
        recoil = positive(recoil_energy_kev, what="a nuclear recoil energy", unit="keV")
        deposited = finite(deposited_kev, what="an energy of electrons")
        recoil, deposited = (
            array / const.KEV_PER_MEV for array in np.broadcast_arrays(recoil, deposited)
        )
        total = np.zeros(recoil.shape)
        for isotope in self.target.isotopes:
            total += isotope.abundance * self._isotope(isotope, recoil, deposited)
        rate = total * self.target.atoms_per_tonne * const.SECONDS_PER_YEAR / const.KEV_PER_MEV
        return np.asarray(np.where(deposited >= 0, rate, 0.0))

    def _isotope(self, isotope: Isotope, recoil_mev: Array, deposited_mev: Array) -> Array:
        """Return the rate per atom in 1/(s MeV)."""
        mass = self.mass_gev * _MEV_PER_GEV
        nucleon = _reduced(mass, const.PROTON_MASS_MEV)
        momentum = momentum_transfer_mev(recoil_mev, isotope.mass_mev)
        least = momentum / (2.0 * _reduced(mass, isotope.mass_mev))
        least = least + np.maximum(deposited_mev, 0.0) / momentum
        eta_per_c = SPEED_OF_LIGHT_KM_S * self.halo.mean_inverse_speed(least * SPEED_OF_LIGHT_KM_S)
        form = get_form_factor(self.form_factor)
        nucleons = coherent_charge(isotope, momentum, form, proton=1.0, neutron=1.0)
        flux = self.halo.density_gev_per_cm3 / self.mass_gev * SPEED_OF_LIGHT_KM_S * _CM_PER_KM
        coherent = self.cross_section_cm2 * nucleons**2
        return np.asarray(flux * coherent * isotope.mass_mev / (2.0 * nucleon**2) * eta_per_c)

    def migdal(self, operator: MigdalOperator, *, kinematics: str = "inelastic") -> Array:
        """Return the Migdal spectrum of each shell in detected energy.

        Parameters
        ----------
        operator
            From `migdal_operator`, of the same element.
        kinematics
            ``"inelastic"``: the energy that electrons take is missing to the dark matter, exactly.
            ``"elastic"``: elastic recoil rate times ionisation probability, as eq. 2.9 of
            arXiv:2311.17719 is printed; it ionises with energy that light dark matter does not
            have, and is for comparison only.

        Returns
        -------
        ndarray
            dR/dE_det per shell, shape (s, d), in 1/(t yr keV).

        Raises
        ------
        UnknownNameError
            If the kinematics is not known.
        ArgumentError
            If the operator is of another element.
        """
        if kinematics not in KINEMATICS:
            raise UnknownNameError("kinematics", kinematics, KINEMATICS)
        if operator.element != self.target.name:
            raise ArgumentError(
                f"the Migdal operator is of {operator.element}, the target is {self.target.name}"
            )
        if kinematics == "elastic":
            return operator.by_shell(self.recoil(operator.recoil_energy_kev))
        rate = self.recoil(operator.recoil_energy_kev, operator.electromagnetic_kev)
        return operator.by_deposit(rate)


def _reduced(one: float, other: float) -> float:
    return one * other / (one + other)
