"""Curves of Herrera, arXiv:2311.17719: ionisation of xenon that follows nuclear recoils."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.migdal_spectrum import MigdalOperator, migdal_operator
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import ElectronRecoilRate, NuclearRecoilRate
from bayes_cevns.rates.migdal import RECOIL_RANGE_KEV
from bayes_cevns.sources import Source, combine, source

type Array = NDArray[np.float64]

PAPER = "2311.17719"
QUENCHING = 0.15
#: Detected energies, electron equivalent; closer where 4d and 3d electrons of light projectiles
#: make narrow peaks above their binding energies.
ENERGY_KEV = np.unique(
    np.concatenate(
        [np.geomspace(0.01, 20.0, 400), np.linspace(0.06, 0.12, 61), np.linspace(0.65, 0.75, 51)]
    )
)
TWO_PI = 2.0 * np.pi
#: Its eq. 2.1 has G_F^2 m / (4 pi) instead of G_F^2 m / pi.
PRINTED_QUARTER = 0.25
MAIN_SHELLS = ("5", "4", "3")


@cache
def neutrinos() -> Source:
    """Return all solar, atmospheric and diffuse supernova neutrinos."""
    return combine("all", source("solar"), source("atmospheric"), source("dsnb"))


@cache
def operator() -> MigdalOperator:
    """Return the Migdal operator to `ENERGY_KEV`."""
    return migdal_operator(
        "Xe",
        ENERGY_KEV,
        electron_equivalent_kev=lambda recoil: QUENCHING * recoil,
        recoil_range_kev=RECOIL_RANGE_KEV,
    )


@cache
def recoil_components(name: str, mass_mev: float | None, which: str) -> Array:
    """Return the components of dR/dT of some neutrinos at the operator's recoil energies."""
    rate = NuclearRecoilRate(
        source=neutrinos() if which == "all" else source(which),
        target=target("Xe"),
        interaction=None if name == "sm" else interaction(name),
    )
    return rate.components(operator().recoil_energy_kev, mass_mev)


@cache
def components(name: str, mass_mev: float | None = None, which: str = "all") -> Array:
    """Return the components of the Migdal spectrum, shape (3, energies)."""
    return operator().total(recoil_components(name, mass_mev, which))


def of_main_shell(by_shell: Array, number: str) -> Array:
    """Return the part of the electrons with a principal quantum number, shape (..., energies)."""
    chosen = [i for i, name in enumerate(operator().shells) if name[0] == number]
    return np.asarray(by_shell[chosen].sum(axis=0))


@cache
def standard_model() -> Array:
    """Return the Migdal spectrum of the Standard Model."""
    return components("sm")[0]


@cache
def nuclear_recoils() -> Array:
    """Return dR/dE of nuclear recoils in electron-equivalent energy."""
    rate = NuclearRecoilRate(source=neutrinos(), target=target("Xe"))
    return rate.total(ENERGY_KEV / QUENCHING) / QUENCHING


@cache
def electrons() -> Array:
    """Return dR/dE of neutrino-electron scattering of solar neutrinos."""
    given = {"source": source("solar"), "target": target("Xe")}
    return ElectronRecoilRate(**given, theory=Theory(atoms="stepping")).total(ENERGY_KEV)


def at(energy_kev: float, curve: Array) -> float:
    """Interpolate a curve."""
    return float(np.interp(energy_kev, ENERGY_KEV, curve))


def between(low_kev: float, high_kev: float) -> NDArray[np.bool_]:
    """Return which energies are in a range."""
    energy = ENERGY_KEV
    return np.asarray((energy >= low_kev) & (energy <= high_kev))
