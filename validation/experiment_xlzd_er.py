"""200 tonne years of electronic recoils: backgrounds, solar neutrinos, and projected limits.

The units of the digitised backgrounds are compared with the physics in `data/xlzd_er/REFERENCE`.
Published projections have other exposures, thresholds and backgrounds: they are beside ours as they
are, and scaled with the fourth root of the exposure, as a limit on the square of a moment goes.
"""

from __future__ import annotations

import numpy as np
from profile_limit import ONE_SIDED, TWO_SIDED, Profile
from rows import Row

import bayes_cevns as bc
from bayes_cevns.cards import Experiment

NAME = "xlzd_er"
TONNE_YEARS = 200.0
BAUDIS, SIERRA = "arXiv:1309.7024, abstract", "arXiv:2008.05080, abstract"


def rows() -> list[Row]:
    """Return counts, and limits of Asimov data."""
    one = bc.asimov(bc.experiment(NAME))
    return [*_counts(), *_limits(one), _nuclear()]


def _counts() -> list[Row]:
    parts = bc.expected_counts(bc.experiment(NAME))["all"]
    solar = {name: value for name, value in parts.items() if name.endswith(".sm")}
    others = {name: value for name, value in parts.items() if name not in solar}
    energy = np.linspace(2.0, 30.0, 20_001)
    pp = {atoms: _pp(energy, atoms) for atoms in ("rrpa", "stepping", "free")}
    return [
        Row(
            "solar neutrinos, 1-30 keV, events: " + ", ".join(_plain(name) for name in solar),
            "here",
            "not published",
            ", ".join(f"{value:.0f}" for value in solar.values()),
            f"{sum(solar.values()):.0f} in all, "
            f"{sum(solar.values()) / TONNE_YEARS:.1f} per tonne year",
        ),
        Row(
            "backgrounds, 1-30 keV, events: " + ", ".join(others),
            "here",
            "not published",
            ", ".join(f"{value:.0f}" for value in others.values()),
            "radon, krypton, 124Xe digitised; 136Xe from its half-life",
        ),
        Row(
            "pp neutrinos, 2-30 keV, per tonne year",
            BAUDIS,
            f"{5900 / 70:.1f}",
            f"{pp['rrpa']:.1f}",
            f"5900 in 14 t and 5 years there; {pp['stepping']:.1f} with free electrons above their "
            f"binding energies, {pp['free']:.1f} with all 54 free at all energies, which leaves "
            "4%: its flux and survival probability are not known to us",
        ),
    ]


def _pp(energy_kev: np.ndarray, atoms: str) -> float:
    """Return pp events per tonne year between the ends of the energies."""
    rate = bc.rate("electron", source="solar_pp", target="Xe", theory=bc.Theory(atoms=atoms))
    return float(np.trapezoid(rate.total(energy_kev), energy_kev))


def _plain(name: str) -> str:
    return name.removesuffix(".sm")


def _limits(one: Experiment) -> list[Row]:
    """Return limits of Asimov data on a magnetic moment and on a charge of all neutrinos."""
    profile = Profile([one], "magnetic-moment")
    limits = [profile.upper_limit(rise) for rise in (TWO_SIDED, ONE_SIDED)]
    free = Profile([one], "magnetic-moment", {"radon": "free"}).upper_limit(TWO_SIDED)
    scaled = [4.0e-12 * (40 / TONNE_YEARS) ** 0.25, 1e-12 * (2000 / TONNE_YEARS) ** 0.25]
    charge = bc.profile([one], interaction="millicharge", level=0.9)
    ends = [f"{end:.2g}" for each in charge.intervals for end in (each.low, each.high)]
    return [
        Row(
            "magnetic moment, 90% CL of Asimov data, rise of 2.71 / 1.64 [mu_B]",
            SIERRA,
            "4.0e-12 (40 t yr), 1e-12 (2000 t yr)",
            f"{limits[0]:.3g} / {limits[1]:.3g}",
            f"{free:.3g} with radon free; the published ones scale to {scaled[0]:.2g} and "
            f"{scaled[1]:.2g} at 200 t yr; they have a threshold of 0.3 or 1 keV and other "
            "backgrounds",
        ),
        Row(
            "charge of all neutrinos, 90% CL of Asimov data [e]",
            "here",
            "not published",
            " to ".join(ends),
            "the effect of atoms on it is the nuisance atomic_response",
        ),
    ]


def _nuclear() -> Row:
    """Return what electronic recoils mean for the nuclear recoils of the card `xlzd`."""
    parts = bc.expected_counts(bc.experiment(NAME))["all"]
    others = sum(parts[name] for name in ("radon", "krypton")) / 29.0
    solar = bc.rate("electron", source="solar_pp", target="Xe").total(np.array([1.0]))[0]
    per_kev = others + TONNE_YEARS * float(solar)
    nuclear = bc.expected_counts(bc.experiment("xlzd"))["all"]["sm"]
    return Row(
        "electronic recoils in 1 keV near threshold, beside 8B events of `xlzd`",
        "here",
        "none",
        f"{per_kev:.0f} beside {nuclear:.0f}",
        "the 8B events make less than 1 keVee: even with no discrimination electronic recoils "
        "would be half a percent of them, so that `xlzd` goes without",
    )
