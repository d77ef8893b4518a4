"""Nuclear form factors of protons and neutrons, each normalised to one at q = 0.

The charge of a coherent interaction whose coupling is c_p to a proton and c_n to a neutron is

    Q(q) = Z c_p F_p(q) + N c_n F_n(q),

`coherent_charge`. A form factor is an object with the methods `proton` and `neutron`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arguments import named
from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.constants import HBARC_MEV_FM
from bayes_cevns.physics.form_factor import (
    FormFactor as FormFactor,
)  # defined apart, used from here
from bayes_cevns.physics.form_factor_contract import keeps_contract
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.shell_model_form_factors import (
    shell_model_neutron,
    shell_model_point_radii_fm,
    shell_model_proton,
)
from bayes_cevns.plug_ins import Catalogue


def coherent_charge(
    isotope: Isotope,
    q_mev: ArrayLike,
    form_factor: FormFactor,
    *,
    proton: float | Array,
    neutron: float | Array,
) -> Array:
    """Return Q(q) = Z c_p F_p(q) + N c_n F_n(q), shape of `q_mev`.

    Parameters
    ----------
    isotope
        The nucleus.
    q_mev
        Momentum transfer in MeV.
    form_factor
        Nuclear form factor.
    proton, neutron
        Couplings c_p, c_n of one proton and one neutron; they may depend on q.
    """
    protons, neutrons = form_factor.both(q_mev, isotope)
    return isotope.z * proton * protons + isotope.n * neutron * neutrons


def _ball(x: Array) -> Array:
    """Return 3 j_1(x) / x, the transform of a homogeneous ball, stable near zero."""
    small = np.abs(x) < 1e-2
    safe = np.where(small, 1.0, x)
    squared = x * x  # products are ten times as fast as powers
    exact = 3.0 * (np.sin(safe) - safe * np.cos(safe)) / (safe * safe * safe)
    return np.where(small, 1.0 - squared / 10.0 + squared * squared / 280.0, exact)


def _helm(q_mev: ArrayLike, radius_fm: float, skin_fm: float) -> Array:
    """Return the transform of a ball of `radius_fm` smeared with a Gaussian of `skin_fm`."""
    q_per_fm = np.asarray(q_mev, dtype=float) / HBARC_MEV_FM
    return np.asarray(_ball(q_per_fm * radius_fm) * np.exp(-0.5 * (q_per_fm * skin_fm) ** 2))


class _Common(FormFactor):
    """A form factor that protons and neutrons share."""

    def neutron(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return the form factor of protons."""
        return self.proton(q_mev, isotope)

    def both(self, q_mev: ArrayLike, isotope: Isotope) -> tuple[Array, Array]:
        """Return F(q) twice."""
        common = self.proton(q_mev, isotope)
        return common, common


@dataclass(frozen=True)
class Helm(_Common):
    """Helm form factor with the Lewin-Smith parameters.

    F(q) = 3 j_1(q R_0) / (q R_0) exp(-(q s)^2 / 2), with R_0^2 = c^2 + 7/3 pi^2 a^2 - 5 s^2 and
    c = 1.23 A^(1/3) - 0.60 fm.

    Attributes
    ----------
    skin_fm, diffuseness_fm
        s and a.

    References
    ----------
    Lewin and Smith, Astropart. Phys. 6 (1996) 87, eqs. 9-11.
    """

    skin_fm: float = 0.9
    diffuseness_fm: float = 0.52
    cite = ("Helm:1956zz", "Lewin:1995rx")

    def proton(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F(q) of protons and neutrons alike."""
        half_density_fm = 1.23 * isotope.a ** (1.0 / 3.0) - 0.60
        width = 7.0 / 3.0 * np.pi**2 * self.diffuseness_fm**2 - 5.0 * self.skin_fm**2
        return _helm(q_mev, float(np.sqrt(half_density_fm**2 + width)), self.skin_fm)


@dataclass(frozen=True)
class HelmRms(FormFactor):
    """Helm form factor with given rms radii of protons and neutrons.

    F(q) = 3 j_1(q R_0) / (q R_0) exp(-(q s)^2 / 2) with R_0^2 = 5/3 R^2 - 5 s^2, whose rms radius
    is R. For protons R is the measured rms charge radius of the isotope, for neutrons that of the
    protons plus `neutron_shift_fm`, unless the isotope has a radius of its own below.

    Attributes
    ----------
    neutron_shift_fm
        Rms neutron radius less rms proton radius (the neutron skin), in fm.
    neutron_radii_fm, proton_radii_fm
        Rms radii of some isotopes: pairs such as ``("Cs-133", 5.01)``.
    skin_fm
        Surface thickness s.

    References
    ----------
    Helm, Phys. Rev. 104 (1956) 1466; charge radii: Angeli and Marinova, At. Data Nucl. Data
    Tables 99 (2013) 69.
    """

    neutron_shift_fm: float = 0.2
    neutron_radii_fm: tuple[tuple[str, float], ...] = ()
    proton_radii_fm: tuple[tuple[str, float], ...] = ()
    skin_fm: float = 0.9
    cite = ("Helm:1956zz", "Angeli:2013epw")

    def proton_radius_fm(self, isotope: Isotope) -> float:
        """Return the given radius, or the rms charge radius.

        Raises
        ------
        ArgumentError
            If the isotope has neither.
        """
        given = dict(self.proton_radii_fm)
        if isotope.label in given:
            return given[isotope.label]
        if isotope.charge_radius_fm is None:
            raise ArgumentError(f"{isotope.label} has no charge radius: give it one, or use 'helm'")
        return isotope.charge_radius_fm

    def neutron_radius_fm(self, isotope: Isotope) -> float:
        """Return the rms neutron radius; otherwise as `proton_radius_fm`."""
        given = dict(self.neutron_radii_fm)
        if isotope.label in given:
            return given[isotope.label]
        return self.proton_radius_fm(isotope) + self.neutron_shift_fm

    def proton(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_p(q), shape of `q_mev`."""
        return self._of_radius(q_mev, self.proton_radius_fm(isotope), isotope)

    def neutron(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_n(q), shape of `q_mev`."""
        return self._of_radius(q_mev, self.neutron_radius_fm(isotope), isotope)

    def _of_radius(self, q_mev: ArrayLike, rms_fm: float, isotope: Isotope) -> Array:
        least = np.sqrt(3.0) * self.skin_fm
        if not (np.isfinite(rms_fm) and rms_fm > least):
            problem = f"an rms radius above sqrt(3) s = {least:.3g} fm, got {rms_fm:g}"
            raise ArgumentError(f"the Helm form factor of {isotope.label} needs {problem}")
        radius_fm = np.sqrt(5.0 / 3.0 * rms_fm**2 - 5.0 * self.skin_fm**2)
        return _helm(q_mev, float(radius_fm), self.skin_fm)


@dataclass(frozen=True)
class KleinNystrand(_Common):
    """Klein-Nystrand form factor.

    F(q) = 3 j_1(q R_A) / (q R_A) / (1 + (q a)^2) with R_A = 1.23 A^(1/3) fm.

    Attributes
    ----------
    range_fm
        Range a of the Yukawa potential.

    References
    ----------
    Klein and Nystrand, Phys. Rev. C 60 (1999) 014903.
    """

    range_fm: float = 0.7
    cite = ("Klein:1999qj",)

    def proton(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F(q) of protons and neutrons alike."""
        q_per_fm = np.asarray(q_mev, dtype=float) / HBARC_MEV_FM
        radius_fm = 1.23 * isotope.a ** (1.0 / 3.0)
        return np.asarray(_ball(q_per_fm * radius_fm) / (1.0 + (q_per_fm * self.range_fm) ** 2))


@dataclass(frozen=True)
class Hoferichter2020(FormFactor):
    """Weak form factor of Hoferichter, Menendez and Schwenk from the nuclear shell model.

    Z g_p F_p + N g_n F_n is half of their Q_w F_w(q) for any g_p and g_n (their Q_w^N is 2 g_N):
    F_p is the charge form factor of the nucleus, F_n the same with protons and neutrons
    interchanged, and strangeness. Included are, to first order in q^2, the charge radii of the
    nucleons, the Darwin term q^2 / (8 m_N^2), the spin-orbit response Phi'' with the magnetic
    moments, and the strange radius and moment (formulas in `shell_model_form_factors`). Axial
    currents and radiative corrections are not part of it.

    The tables have no 124Xe and 126Xe, together 0.2% of natural xenon: these take the form factors
    of 128Xe, which moves rates of natural xenon by less than 1e-4 below q = 60 MeV.

    Raises
    ------
    UnknownNameError
        On use, if a nucleus has no coefficients; those that have are listed.

    References
    ----------
    Hoferichter, Menendez and Schwenk, Phys. Rev. D 102 (2020) 074018.
    """

    cite = ("Hoferichter:2020osn",)

    def proton(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_p(q), shape of `q_mev`."""
        return shell_model_proton(q_mev, isotope)

    def neutron(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_n(q), shape of `q_mev`."""
        return shell_model_neutron(q_mev, isotope)

    def point_radii_fm(self, isotope: Isotope) -> tuple[float, float]:
        """Return the rms radii of point protons and neutrons, 4.728 and 4.999 fm of 133Cs."""
        return shell_model_point_radii_fm(isotope)


@dataclass(frozen=True)
class PointLike(_Common):
    """A nucleus without structure, F = 1, to see what the form factor does."""

    def proton(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return ones of the shape of `q_mev`."""
        del isotope  # every nucleus is a point
        return np.ones_like(np.asarray(q_mev, dtype=float))


@dataclass(frozen=True)
class Standard(FormFactor):
    """The default: shell model of Cs and I, Helm (Lewin-Smith) of other nuclei.

    `Helm` has one radius for protons and neutrons, close to the measured charge radius. In a heavy
    nucleus neutrons reach further out (a neutron skin). The nuclear shell model of Hoferichter,
    Menendez and Schwenk (`Hoferichter2020`), whose charge radii agree with the measured ones to
    0.5%, has point protons and neutrons at 4.728 and 4.999 fm in Cs, 4.666 and 4.923 fm in I.
    Neutrinos of pions and muons at rest see the difference: 322 coherent events in the CsI of
    COHERENT (2021) in place of 348, where 306 +- 20 were found.

    These skins, 0.271 and 0.257 fm, are large: other nuclear models have 0.12 to 0.2 fm. `HelmRms`,
    with measured charge radii, gives 347, 332, 324 and 316 events with a skin of 0, 0.13, 0.2 (its
    own) and 0.27 fm. The 3% from 322 to 332 are half of what
    ``neutron_radius_scale`` allows there.

    Other nuclei stay as they are in the analyses that they are compared with. There is a shell
    model of xenon as well: solar 8B neutrinos, which carry less momentum, give 0.8% fewer events
    with it. For argon and germanium there is none here: `HelmRms` makes 2.1% fewer events of argon
    at a stopped-pion source with a skin of 0.1 fm, 3.0% fewer of germanium with 0.15 fm, and 0.2%
    fewer of germanium at a reactor. The nuisance ``neutron_radius_scale``, 4% of the radius, is
    2.2% of the events of argon and 2.6% of those of germanium, so that these skins are 1.0 and 1.2
    standard deviations of it.

    Nuclei below A = 23 take Helm with their measured charge radius, for protons and neutrons (for
    the proton itself with s = 0.5 fm): the radii of Lewin and Smith are up to 7% off from Li to Ne
    (11% for 6Li), 31% for 4He; from Na on they are within 2.7% of the measured ones.

    Attributes
    ----------
    shell_model
        Isotopes that take the shell model.

    References
    ----------
    Hoferichter, Menendez and Schwenk, Phys. Rev. D 102 (2020) 074018; Lewin and Smith, Astropart.
    Phys. 6 (1996) 87.
    """

    shell_model: tuple[str, ...] = ("Cs-133", "I-127")
    cite = (*Helm.cite, *Hoferichter2020.cite, "Angeli:2013epw")

    def proton(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_p(q), shape of `q_mev`."""
        return self.of(isotope).proton(q_mev, isotope)

    def neutron(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_n(q), shape of `q_mev`."""
        return self.of(isotope).neutron(q_mev, isotope)

    def both(self, q_mev: ArrayLike, isotope: Isotope) -> tuple[Array, Array]:
        """Return F_p(q) and F_n(q)."""
        return self.of(isotope).both(q_mev, isotope)

    def of(self, isotope: Isotope) -> FormFactor:
        """Return the form factor that an isotope takes."""
        if isotope.label in self.shell_model:
            return hoferichter2020
        if isotope.a < _LIGHTEST_OF_HELM and isotope.charge_radius_fm is not None:
            return _LIGHT if isotope.a > 1 else _PROTON
        return helm

    def cite_for(self, isotope: Isotope) -> tuple[str, ...]:
        """Return the citation keys of the form factor that an isotope takes."""
        return self.of(isotope).cite

    def point_radii_fm(self, isotope: Isotope) -> tuple[float, float] | None:
        """Return the radii of point nucleons of the form factor that an isotope takes."""
        return self.of(isotope).point_radii_fm(isotope)


helm: Final = Helm()
helm_rms: Final = HelmRms()
klein_nystrand: Final = KleinNystrand()
hoferichter2020: Final = Hoferichter2020()
point_like: Final = PointLike()
standard: Final = Standard()

_LIGHTEST_OF_HELM: Final = 23
_LIGHT: Final = HelmRms(neutron_shift_fm=0.0)
_PROTON: Final = HelmRms(neutron_shift_fm=0.0, skin_fm=0.5)

#: Every form factor by its name, with its default parameters; then those of plug-ins.
FORM_FACTORS: Final = Catalogue[FormFactor](
    {
        "standard": standard,
        "helm": helm,
        "helm-rms": helm_rms,
        "klein-nystrand": klein_nystrand,
        "hoferichter2020": hoferichter2020,
        "point-like": point_like,
    },
    what="form factor",
    group="bayes_cevns.form_factors",
    check=keeps_contract,
)


def form_factor(name: str) -> FormFactor:
    """Return a form factor with its default parameters by its name.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the known ones are listed.
    """
    return FORM_FACTORS[named(name, "form factor", FORM_FACTORS)]
