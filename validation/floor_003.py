"""Herrera, arXiv:2311.17719: dark matter of its figure 1, and the floor of its figure 2."""

from __future__ import annotations

from functools import cache

import numpy as np
from ionisation_003 import (
    ENERGY_KEV,
    MAIN_SHELLS,
    PAPER,
    PRINTED_QUARTER,
    Array,
    at,
    between,
    of_main_shell,
    operator,
    standard_model,
)
from rows import Row

from bayes_cevns.physics.dark_matter import StandardHalo, WimpRate
from bayes_cevns.physics.nuclei import target

#: Mass in GeV and cross section on a nucleon in cm^2 of its figure 1.
BENCHMARKS = ((0.5, 1e-41), (2.0, 1e-43))
MASSES_GEV = (0.1, 0.2, 0.5, 1.0, 2.0)
#: "The relevant energies of xenon-based experiments", which the paper does not give as numbers.
RANGES_KEV = ((0.1, 4.0), (0.2, 4.0), (0.06, 4.0), (0.01, 10.0))
#: Where the n = 4 electrons of light dark matter have their peak.
PEAK_KEV = 0.08

#: Kinematics, speed of the Earth in km/s (None: default), factor of the neutrinos.
VARIANTS: dict[str, tuple[str, float | None, float]] = {
    "here": ("inelastic", None, 1.0),
    "halo at rest (its eq. 2.12)": ("inelastic", 0.0, 1.0),
    "elastic recoils (its eq. 2.9)": ("elastic", None, 1.0),
    "both": ("elastic", 0.0, 1.0),
    "both, and G_F^2 m / 4 pi (its eq. 2.1): all as printed": ("elastic", 0.0, PRINTED_QUARTER),
}


@cache
def dark_matter_by_shell(mass_gev: float, variant: str = "here") -> Array:
    """Return the Migdal spectrum of each shell for 1e-42 cm^2."""
    kinematics, speed, _ = VARIANTS[variant]
    halo = StandardHalo() if speed is None else StandardHalo(earth_km_s=speed)
    return WimpRate(target("Xe"), mass_gev, 1e-42, halo).migdal(operator(), kinematics=kinematics)


def dark_matter_over_neutrinos(mass_gev: float, variant: str = "here") -> Array:
    """Return the ratio of the Migdal spectra for 1e-42 cm^2."""
    dark = dark_matter_by_shell(mass_gev, variant).sum(axis=0)
    return np.asarray(dark / (VARIANTS[variant][2] * standard_model()))


def floor_cm2(mass_gev: float, variant: str, range_kev: tuple[float, float]) -> float:
    """Return the cross section below which neutrinos exceed dark matter in the whole range."""
    largest = dark_matter_over_neutrinos(mass_gev, variant)[between(*range_kev)].max()
    return float(1e-42 / largest) if largest > 0 else float("inf")


def rows() -> list[Row]:
    """Return the comparison of dark matter with neutrinos."""
    return [*_benchmarks(), *_shells(), *_floor()]


def _benchmarks() -> list[Row]:
    found = []
    low, high = RANGES_KEV[0]
    inside = between(low, high)
    for mass, section in BENCHMARKS:
        for variant in VARIANTS:
            ratio = section / 1e-42 * dark_matter_over_neutrinos(mass, variant)
            dark = ratio * VARIANTS[variant][2] * standard_model()
            neutrino = VARIANTS[variant][2] * standard_model()
            total = np.trapezoid(dark[inside], ENERGY_KEV[inside])
            total /= np.trapezoid(neutrino[inside], ENERGY_KEV[inside])
            peak = int(np.argmax(np.where(inside, ratio, 0.0)))
            found.append(
                Row(
                    f"dark matter / neutrinos, {mass:g} GeV, {section:g} cm2, {variant}",
                    f"{PAPER}, fig. 1 and section 2",
                    "masked by neutrinos (below 1)",
                    f"at most {ratio[peak]:.2g}, at {ENERGY_KEV[peak]:.2g} keVee",
                    f"{low:g} to {high:g} keVee; {total:.2g} in events; "
                    f"{at(PEAK_KEV, ratio):.2g} at {PEAK_KEV:g} keVee, the peak of n = 4",
                )
            )
    return found


def _shells() -> list[Row]:
    found = []
    for mass, section in BENCHMARKS:
        by_shell = section / 1e-42 * dark_matter_by_shell(mass)
        parts = []
        for number in MAIN_SHELLS:
            curve = of_main_shell(by_shell, number)
            top = ENERGY_KEV[int(np.argmax(curve))]
            parts.append(f"n = {number}: {np.trapezoid(curve, ENERGY_KEV):.2g} (top {top:.2g})")
        found.append(
            Row(
                f"Migdal events of dark matter by shell, {mass:g} GeV, {section:g} cm2 [1/(t yr)]",
                f"{PAPER}, fig. 1",
                "figure only",
                ", ".join(parts),
                "top of the spectrum in keVee; n = 4 peaks near 0.1 keVee as its fig. 4 says"
                if mass < 1
                else "top of the spectrum in keVee",
            )
        )
    return found


def _floor() -> list[Row]:
    found = []
    for mass in MASSES_GEV:
        published = "about 1e-42" if mass >= 0.5 else "figure only"
        values = [floor_cm2(mass, "here", within) for within in RANGES_KEV]
        others = ", ".join(
            f"{value:.2g} in {low:g} to {high:g} keVee"
            for value, (low, high) in zip(values[1:], RANGES_KEV[1:], strict=True)
        )
        variants = ", ".join(
            f"{name}: {floor_cm2(mass, name, RANGES_KEV[0]):.2g}" for name in list(VARIANTS)[1:]
        )
        found.append(
            Row(
                f"floor at {mass:g} GeV [cm2], 0.1 to 4 keVee",
                f"{PAPER}, fig. 2 and section 2",
                published,
                f"{values[0]:.2g}",
                f"{others}. Variants: {variants}",
            )
        )
    return found
