"""Milliseconds of recoil spectra, and of many couplings of a tabulated interaction."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from page import section, table
from problem import experiment

import bayes_cevns as bc
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.physics import constants as const
from bayes_cevns.rates import Rate
from bayes_cevns.sources.solar import boron8

type Array = NDArray[np.float64]

INTERACTION = "vector-universal"
ENERGIES_KEV = np.linspace(0.1, 4.0, 100)
COUPLINGS = np.linspace(-1e-9, 1e-9, 1000)

#: One spectrum at a new mass, and many couplings of a table, may take this many milliseconds.
TARGETS = {"spectrum": 1.0, "couplings": 10.0}

#: How well the two programs must agree, relative to the largest rate: the twin's trapezoids
#: cut the neutrino spectrum at a threshold between two of its points.
TOLERANCE = 1e-4

_ROUNDS = 101


@dataclass(frozen=True)
class Spectra:
    """Median milliseconds: spectrum, 1000 couplings of a spectrum and of a table, and twins.

    Attributes
    ----------
    same, fresh, twin
        A spectrum at the energies of the last one, at new energies, and by hand.
    many, many_twin
        Spectra at many couplings, at once and one after the other.
    tabulated, tabulated_twin
        Counts in every bin at many couplings from the rate table, likewise.
    worst
        Largest difference between package and twin, relative to the largest rate.
    """

    same: float
    fresh: float
    twin: float
    many: float
    many_twin: float
    tabulated: float
    tabulated_twin: float
    worst: float


def measure() -> Spectra:
    """Compare package and twin, then time them at a new mass in every round."""
    rate = bc.rate(source="solar_8b", target="Xe", interaction=INTERACTION)
    rates = RateTable(experiment(), rate.interaction)
    rates.counts(1.0)  # builds the table
    counter = itertools.count(1)

    def fresh(mass: float) -> Array:
        return rate.total(ENERGIES_KEV * (1.0 + 1e-6 * next(counter)), mass, 1e-10)

    def tabulated(mass: float) -> Array:
        return powers(COUPLINGS) @ _nominal(rates, mass)

    def tabulated_twin(mass: float) -> list[Array]:
        parts = _nominal(rates, mass)
        return [parts[0] + x * parts[1] + x**2 * parts[2] for x in COUPLINGS]

    return Spectra(
        same=_median(lambda mass: rate.total(ENERGIES_KEV, mass, 1e-10)),
        fresh=_median(fresh),
        twin=_median(lambda mass: by_hand(rate, mass, 1e-10)),
        many=_median(lambda mass: rate.total(ENERGIES_KEV, mass, COUPLINGS)),
        many_twin=_median(
            lambda mass: [rate.total(ENERGIES_KEV, mass, x) for x in COUPLINGS], rounds=3
        ),
        tabulated=_median(tabulated),
        tabulated_twin=_median(tabulated_twin, rounds=11),
        worst=_compare(rate),
    )


def powers(x: Array) -> Array:
    """Return 1, x and x^2 for each coupling, shape (n, 3)."""
    return np.stack([np.ones_like(x), x, x**2], axis=-1)


def _nominal(rates: RateTable, mass_mev: float) -> Array:
    """Return the counts of all bins at nominal yields, shape (3, bins)."""
    counts = rates.counts(mass_mev).values
    middle = tuple(n // 2 for n in counts.shape[1:-2])
    return counts[(slice(None), *middle)].reshape(len(counts), -1)


def by_hand(rate: Rate, mass_mev: float, x: float) -> Array:
    """Return the spectrum by direct integration over neutrino energy, isotope by isotope."""
    flux = boron8()
    energy = flux.energy_mev[1:, None]
    density = flux.flux_per_cm2_s_mev[1:, None]
    recoil = ENERGIES_KEV / 1e3
    total = np.zeros_like(recoil)
    for isotope in rate.target.isotopes:
        m = isotope.mass_mev
        q2 = 2.0 * m * recoil
        k = np.sqrt(q2) / const.HBARC_MEV_FM
        c = 1.23 * isotope.a ** (1 / 3) - 0.60
        y = k * np.sqrt(c**2 + 7 / 3 * np.pi**2 * 0.52**2 - 5 * 0.9**2)
        helm = 3 * (np.sin(y) - y * np.cos(y)) / y**3 * np.exp(-((0.9 * k) ** 2) / 2)
        charge = isotope.z * (0.5 - 2 * const.SIN2_THETA_W) - isotope.n / 2
        new = 3 * isotope.a * x / (q2 + mass_mev**2)
        charge = charge + new / (np.sqrt(2) * const.FERMI_CONSTANT_PER_MEV2)
        shape = np.maximum(1 - recoil / energy - m * recoil / (2 * energy**2), 0.0)
        folded = np.trapezoid(density * shape, energy, axis=0)
        strength = const.FERMI_CONSTANT_PER_MEV2**2 * m / np.pi
        total += isotope.abundance * strength * charge**2 * helm**2 * folded
    per_atom = const.HBARC_SQUARED_MEV2_CM2 * const.SECONDS_PER_YEAR / const.KEV_PER_MEV
    return total * rate.target.atoms_per_tonne * per_atom


def _compare(rate: Rate) -> float:
    worst = 0.0
    for mass, x in ((1.0, 1e-11), (10.0, -1e-10), (1e3, 1e-6)):
        own, package = by_hand(rate, mass, x), rate.total(ENERGIES_KEV, mass, x)
        worst = max(worst, float(np.abs(own - package).max() / package.max()))
    if not worst < TOLERANCE:
        raise RuntimeError(
            f"the spectrum by hand differs from the package's by {worst:.1e} of the largest rate, "
            f"allowed is {TOLERANCE:g}"
        )
    return worst


def _median(call: Callable[[float], object], rounds: int = _ROUNDS) -> float:
    """Return the median of CPU times in ms, each at a mass of its own, after one to warm up."""
    masses = np.geomspace(0.1, 1e3, rounds + 1)
    milliseconds = []
    for mass in masses:
        start = time.thread_time()
        call(float(mass))
        milliseconds.append(1e3 * (time.thread_time() - start))
    return float(np.median(milliseconds[1:]))


def report(spectra: Spectra) -> str:
    """Return the section of the page."""
    n = COUPLINGS.size
    rows = [
        ["spectrum at a new mass", spectra.same, spectra.twin],
        ["spectrum at a new mass and new recoil energies", spectra.fresh, spectra.twin],
        [f"spectra of {n} couplings at a new mass", spectra.many, spectra.many_twin],
        [
            f"counts of all bins for {n} couplings at a new mass, from the rate table",
            spectra.tabulated,
            spectra.tabulated_twin,
        ],
    ]
    texts = [[name, f"{a:.2f}", f"{b:.2f}", f"{a / b:.3f}"] for name, a, b in rows]
    verdicts = [
        f"{name} {value:.2f}, target {TARGETS[name]:g}: "
        + ("met" if value <= TARGETS[name] else "**missed**")
        for name, value in (("spectrum", spectra.same), ("couplings", spectra.tabulated))
    ]
    return section(
        "Milliseconds for spectra",
        f"{INTERACTION} on natural xenon at {ENERGIES_KEV.size} recoil energies, solar 8B "
        f"neutrinos. CPU time of one thread, median of {_ROUNDS} masses. Twin of a spectrum: "
        "direct integration over the points of the neutrino spectrum in NumPy, isotope by "
        f"isotope; equal to {spectra.worst:.0e} of the largest rate. Twin of many couplings: one "
        "after the other.",
        table([" what", "ms", "twin, ms", "/ twin"], texts),
        f"In ms, {verdicts[0]}; {verdicts[1]}.",
    )
