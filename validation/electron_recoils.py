"""What all searches for electronic recoils compare: solar neutrinos and a magnetic moment."""

from __future__ import annotations

import numpy as np
from profile_limit import ONE_SIDED, TWO_SIDED, Profile
from rows import Row, number

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.physics.theory import STANDARD_THEORY

INTERACTION = "magnetic-moment"
SIGNALS = ("solar_pp", "solar_7be", "solar_pep", "solar_cno")
#: Alternatives of the cards in words: the size and the slope of the background.
DEFAULT = "background free, slope 5%"
CHOICES = {
    DEFAULT: {},
    "background free, slope fixed": {"tilt": "fixed"},
    "background free, slope 10%": {"tilt": "wide"},
    "background as published, slope 5%": {"background": "published"},
}
#: Said beside solar neutrinos.
ATOMS = "many-body theory of atoms (arXiv:1610.04177); {stepping:.0f} with the step function"


STEPPING = bc.Theory(atoms="stepping")


def solar_spectrum(energy_kev: np.ndarray, theory: bc.Theory = STANDARD_THEORY) -> np.ndarray:
    """Return pp + 7Be + pep + CNO in 1/(t yr keV), without a detector."""
    rates = [bc.rate("electron", source=name, target="Xe", theory=theory) for name in SIGNALS]
    return np.sum([rate.total(energy_kev) for rate in rates], axis=0)


def solar_per_tonne_year(
    low_kev: float, high_kev: float, theory: bc.Theory = STANDARD_THEORY
) -> float:
    """Return pp + 7Be + pep + CNO recoils between two energies, without a detector."""
    energy = np.linspace(low_kev, high_kev, 20_001)
    return float(np.trapezoid(solar_spectrum(energy, theory), energy))


def solar_counts(one: Experiment, theory: bc.Theory = STANDARD_THEORY) -> dict[str, float]:
    """Return the expected solar neutrinos of each run."""
    return {
        run: sum(value for name, value in parts.items() if name.endswith(".sm"))
        for run, parts in bc.expected_counts(one, theory=theory).items()
    }


def moment_rows(one: Experiment, origin: str, published: float | None, note: str) -> list[Row]:
    """Return 90% limits on the magnetic moment, by convention and by choice for the background."""
    what = f"magnetic moment, {' + '.join(one.runs)}, mu_B"
    found = []
    for text, chosen in CHOICES.items():
        profile = Profile([one], INTERACTION, chosen)
        rises = {"rise of 2.71": TWO_SIDED}
        if text == DEFAULT:
            rises["one-sided, 1.64"] = ONE_SIDED
        for rise, threshold in rises.items():
            found.append((f"profile, 90% CL, {rise}, {text}", profile.upper_limit(threshold)))
    for prior, value in credible_limits(one).items():
        found.append((f"90% credible, prior {prior}, {DEFAULT}", value))
    if published is None:
        return [Row(f"{what}; {how}", origin, "none as text", f"{x:.3g}", note) for how, x in found]
    return [number(f"{what}; {how}", origin, published, x, note) for how, x in found]


def credible_limits(one: Experiment) -> dict[str, float]:
    """Return limits with a prior flat in the moment, and flat in its square by weighing draws."""
    fit = bc.sample([one], interaction=INTERACTION, prior="flat", seed=1)
    (flat,) = bc.limits(fit, 0.9)
    moment = np.sort(np.abs(fit.draws()["coupling"].values).ravel())
    # d(mu^2) = 2 mu d(mu): uniform in the signal is a weight mu on what is uniform in mu.
    share = np.cumsum(moment) / moment.sum()
    return {"flat": flat.value, "flat-rate": float(moment[np.searchsorted(share, 0.9)])}
