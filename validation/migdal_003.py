"""Herrera, arXiv:2311.17719: the Migdal effect of solar neutrinos in xenon, and its neutrino floor.

Its figures are drawn again in docs/gallery/papers; the published curves do not exist as numbers.
"""

from __future__ import annotations

import floor_003
import mediators_003
import numpy as np
from curves import crossing_kev
from ionisation_003 import (
    ENERGY_KEV,
    MAIN_SHELLS,
    PAPER,
    PRINTED_QUARTER,
    TWO_PI,
    Array,
    at,
    between,
    electrons,
    nuclear_recoils,
    of_main_shell,
    operator,
    recoil_components,
    standard_model,
)
from rows import Row, number

from bayes_cevns.physics import constants as const
from bayes_cevns.physics.form_factors import HelmRms, coherent_charge, form_factor
from bayes_cevns.physics.kinematics import momentum_transfer_mev
from bayes_cevns.physics.migdal import shells
from bayes_cevns.physics.nuclei import target

#: Factors of the Migdal spectrum of neutrinos.
FACTORS = {
    "here": 1.0,
    "without 1/(2 pi)": TWO_PI,
    "G_F^2 m / 4 pi (its eq. 2.1)": PRINTED_QUARTER,
    "both": TWO_PI * PRINTED_QUARTER,
}
#: Mass attenuation of xenon in cm^2/g, Hubbell and Seltzer, NISTIR 5632.
ATTENUATION = {1.0: 9.413e3, 2.0: 2.088e3, 3.0: 7.780e2}
#: Its sin^2 theta_W and rms radii in fm.
SIN2, RADII_FM = 0.237, (3.14, 3.36)
#: XENONnT electronic recoils, arXiv:2207.11330.
BACKGROUND = 15.8


def rows() -> list[Row]:
    """Return what the paper states about its figures, and our numbers."""
    return [
        *_crossings(),
        *_photoabsorption(),
        *_standard_model(),
        *floor_003.rows(),
        *mediators_003.rows(),
    ]


def _crossings() -> list[Row]:
    found = []
    for title, factor in FACTORS.items():
        migdal = factor * standard_model()
        below = crossing_kev(ENERGY_KEV, migdal, electrons())
        over = [e for e in crossing_kev(ENERGY_KEV, migdal, nuclear_recoils()) if e < 10.0]
        found += [
            Row(
                f"Migdal exceeds electron scattering below, {title}",
                f"{PAPER}, section 2",
                "about 0.4 keVee",
                f"{below[-1]:.2f} keVee",
            ),
            Row(
                f"Migdal exceeds nuclear recoils between, {title}",
                f"{PAPER}, section 2",
                "0.4 and 4 keVee",
                f"{over[0]:.2f} and {over[1]:.2f} keVee" if len(over) > 1 else "nowhere",
                "nuclear recoils above are those of atmospheric neutrinos",
            ),
        ]
    found[0] = Row(
        found[0].quantity,
        found[0].origin,
        found[0].published,
        found[0].ours,
        "all three of its numbers are best met without the 1/(2 pi) of its eq. 2.5, which the "
        "definition of Ibe et al. has and photoabsorption confirms (rows below)",
    )
    window = between(0.03, 0.4)
    ratio = standard_model()[window] / electrons()[window]
    later = at(1.0, standard_model()) / at(1.0, electrons())
    found.append(
        Row(
            "Migdal / electron scattering, 0.03 to 0.4 keVee; at 1 keVee",
            f"{PAPER}, section 2",
            "10 to 100 (0.01 to 0.4 keVee); below 1",
            f"{ratio.min():.2f} to {ratio.max():.1f}; {later:.2g}",
            f"without 1/(2 pi): {TWO_PI * ratio.min():.1f} to {TWO_PI * ratio.max():.0f}",
        )
    )
    return found


def _photoabsorption() -> list[Row]:
    """Compare with photoabsorption: dP/dw = q_e^2 sigma / (4 pi^2 alpha w), the dipole limit."""
    found = []
    grams = target("Xe").mean_atomic_mass_u / const.AVOGADRO_PER_MOL
    for energy, attenuation in ATTENUATION.items():
        density = sum(
            float(shell.density(energy - shell.binding_kev))
            for shell in shells("Xe")
            if shell.binding_kev < energy
        )
        per_ev2 = 4.0 * np.pi**2 * const.FINE_STRUCTURE * energy * 1e3 * density / TWO_PI
        section = per_ev2 * const.HBARC_SQUARED_MEV2_CM2 * 1e12
        found.append(
            number(
                f"photoabsorption of Xe at {energy:g} keV that the ionisation implies [cm2]",
                "NISTIR 5632",
                attenuation * grams,
                section,
                "with 1/(2 pi); a factor 6.3 more without",
            )
        )
    return found


def _standard_model() -> list[Row]:
    inside = between(0.1, 1.0)
    events = float(np.trapezoid(standard_model()[inside], ENERGY_KEV[inside]))
    moved = operator().total(recoil_components("sm", None, "all")[0] * _as_printed())
    other = float(np.trapezoid(moved[inside], ENERGY_KEV[inside]))
    by_shell = operator().by_shell(recoil_components("sm", None, "all")[0])
    parts = ", ".join(
        f"n = {n}: {np.trapezoid(of_main_shell(by_shell, n), ENERGY_KEV):.3g}" for n in MAIN_SHELLS
    )
    values = ", ".join(f"{at(energy, standard_model()):.3g}" for energy in (0.1, 0.2, 0.5, 1.0))
    plain = ", ".join(
        f"{TWO_PI * at(energy, standard_model()):.3g}" for energy in (0.1, 0.2, 0.5, 1.0)
    )
    return [
        Row(
            "Migdal events of neutrinos, 0.1 to 1 keVee [1/(t yr)]",
            f"{PAPER}, eqs. 2.1 to 2.6",
            "figure only",
            f"{events:.3g}",
            f"{other / events - 1:+.1%} with its sin^2 and radii (3.14 and 3.36 fm, far below "
            "those of xenon); -75% with its eq. 2.1; +528% without 1/(2 pi)",
        ),
        Row(
            "Migdal events of neutrinos by shell, above 0.01 keVee [1/(t yr)]",
            f"{PAPER}, fig. 1",
            "figure only",
            parts,
        ),
        Row(
            "Migdal dR/dE at 0.1, 0.2, 0.5, 1 keVee [1/(t yr keV)]",
            f"{PAPER}, fig. 2 and section 4",
            f"O(1) of the background of {BACKGROUND:g} from 0.1 to 0.5 keVee",
            values,
            f"without 1/(2 pi): {plain}",
        ),
    ]


def _as_printed() -> Array:
    """Return Q^2 with its weak mixing angle and radii over ours, for 131Xe."""
    isotope = next(i for i in target("Xe").isotopes if i.a == 131)
    recoil_mev = operator().recoil_energy_kev / const.KEV_PER_MEV
    q = momentum_transfer_mev(recoil_mev, isotope.mass_mev)
    proton, neutron = (((isotope.label, radius),) for radius in RADII_FM)
    small = HelmRms(proton_radii_fm=proton, neutron_radii_fm=neutron)
    charges = [
        coherent_charge(isotope, q, form, proton=0.5 - 2.0 * sin2, neutron=-0.5)
        for form, sin2 in ((small, SIN2), (form_factor("helm"), const.SIN2_THETA_W))
    ]
    # Beyond 200 MeV nothing is left of either.
    return np.where(q < 200.0, (charges[0] / charges[1]) ** 2, 1.0)
