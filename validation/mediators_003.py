"""Herrera, arXiv:2311.17719, section 3: moments and mediators, and the peak at 0.1 keVee."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ionisation_003 import (
    ENERGY_KEV,
    PAPER,
    Array,
    at,
    between,
    components,
    of_main_shell,
    operator,
    recoil_components,
    standard_model,
)
from rows import Row

MOMENT = 5e-13
ANAPOLES_CM2 = (1e-32, 3e-32)
SCALAR = 1e-11
B_L = 1e-8
#: Where its peak is, and where its height is compared with.
PEAK_KEV = (0.06, 0.12)
SIDES_KEV = (0.05, 0.2)
PEAK_AT_KEV = 0.08
SHAPE_KEV = (0.02, 4.0)

#: Spectra whose peak is measured: label, interaction, mediator mass.
PEAKS: tuple[tuple[str, str, float | None], ...] = (
    ("SM", "sm", None),
    ("magnetic moment", "magnetic-moment", None),
    ("scalar, 0.01 MeV", "scalar-universal", 0.01),
    ("scalar, 1 MeV", "scalar-universal", 1.0),
    ("scalar, 10 MeV", "scalar-universal", 10.0),
    ("scalar, 100 MeV", "scalar-universal", 100.0),
    ("scalar, 1 GeV", "scalar-universal", 1000.0),
    ("B-L, 1 MeV", "b-l", 1.0),
)


def new_over_sm(name: str, mass_mev: float | None, x: float) -> Array:
    """Return what a coupling adds, over the Standard Model."""
    parts = components(name, mass_mev)
    return np.asarray((x * parts[1] + x**2 * parts[2]) / standard_model())


@dataclass(frozen=True)
class Peak:
    """The peak of a spectrum near 0.1 keVee.

    Attributes
    ----------
    at_kev
        Where the spectrum is greatest near the peak.
    half_kev, tenth_kev
        Lower and upper end of where it has half and a tenth of that.
    height
        Over the geometric mean of the spectrum at `SIDES_KEV`.
    of_pp, of_shell_4
        Parts of pp neutrinos and of electrons with n = 4 at the maximum.
    """

    at_kev: float
    half_kev: tuple[float, float]
    tenth_kev: tuple[float, float]
    height: float
    of_pp: float
    of_shell_4: float

    @classmethod
    def of(cls, name: str, mass_mev: float | None) -> Peak:
        """Measure the peak of what goes with the highest power of the coupling."""
        power = 0 if name == "sm" else 2
        recoils = recoil_components(name, mass_mev, "all")[power]
        curve = operator().total(recoils)
        top = int(np.argmax(np.where(between(*PEAK_KEV), curve, 0.0)))
        sides = [at(energy, curve) for energy in SIDES_KEV]
        shell_4 = of_main_shell(operator().by_shell(recoils), "4")
        return cls(
            at_kev=float(ENERGY_KEV[top]),
            half_kev=_width(curve, top, 0.5),
            tenth_kev=_width(curve, top, 0.1),
            height=float(curve[top] / np.sqrt(np.prod(sides))),
            of_pp=float(components(name, mass_mev, "solar_pp")[power][top] / curve[top]),
            of_shell_4=float(shell_4[top] / curve[top]),
        )


def _width(curve: Array, top: int, part: float) -> tuple[float, float]:
    """Return the ends of the energies around a maximum with at least this part of it."""
    below = np.flatnonzero(curve < part * curve[top])
    low, high = below[below < top], below[below > top]
    first = low[-1] + 1 if low.size else 0
    return float(ENERGY_KEV[first]), float(ENERGY_KEV[high[0] - 1])


def rows() -> list[Row]:
    """Return the comparison of moments, mediators and the peak."""
    return [*_moments(), *_mediators(), *_peaks()]


def _moments() -> list[Row]:
    inside = between(*SHAPE_KEV)
    magnetic = new_over_sm("magnetic-moment", None, MOMENT)
    largest = float(magnetic[inside].max())
    here, above = at(PEAK_AT_KEV, magnetic), at(1.0, magnetic)
    found = [
        Row(
            f"magnetic moment {MOMENT:g} mu_B / SM",
            f"{PAPER}, fig. 3 and section 4",
            "comparable or larger",
            f"at most {largest:.1e}",
            f"{above:.1e} at 1 keVee. The formula is its eq. 3.1 and reproduces the reference "
            f"value for nuclear recoils; a factor {1 / largest:.1e} in rate is unexplained: the "
            "1/4 of its eq. 2.1 explains 4, the 1/(2 pi) nothing (both spectra have it)",
        ),
        Row(
            f"magnetic moment whose part equals the SM at {PEAK_AT_KEV:g} keVee [mu_B]",
            f"{PAPER}, fig. 3",
            f"about {MOMENT:g}",
            f"{MOMENT / np.sqrt(here):.2g}",
            f"{MOMENT / np.sqrt(above):.2g} at 1 keVee; "
            f"{MOMENT / np.sqrt(4 * here):.2g} against the SM of its eq. 2.1",
        ),
    ]
    for a in ANAPOLES_CM2:
        both = {sign: new_over_sm("anapole-paper-003", None, sign * a)[inside] for sign in (1, -1)}
        shape = max(float(np.ptp(ratio) / abs(ratio.mean())) for ratio in both.values())
        found.append(
            Row(
                f"what an anapole moment of +-{a:g} cm2 adds / SM",
                f"{PAPER}, fig. 3" + (" and section 4" if a > ANAPOLES_CM2[0] else ""),
                "may exceed 1" if a > ANAPOLES_CM2[0] else "comparable",
                f"{both[1].mean():+.2f}, {both[-1].mean():+.2f}",
                "for a > 0 and a < 0 in its eq. 3.3; shape as the SM, as stated: it varies by "
                f"{shape:.1e} over {SHAPE_KEV[0]:g} to {SHAPE_KEV[1]:g} keVee",
            )
        )
    return found


def _equal(name: str, mass_mev: float, energy_kev: float) -> float:
    """Return x > 0 at which what a coupling adds equals the Standard Model."""
    linear, quadratic = (at(energy_kev, part) for part in components(name, mass_mev)[1:])
    sm = at(energy_kev, standard_model())
    return float((-linear + np.sqrt(linear**2 + 4.0 * quadratic * sm)) / (2.0 * quadratic))


def _mediators() -> list[Row]:
    found = []
    for title, name, coupling, amplitude, published in (
        (
            "scalar",
            "scalar-universal",
            SCALAR,
            "g_nu g_q",
            f"below about {SCALAR:g} (exceeds the SM there)",
        ),
        ("B-L", "b-l", B_L, "g_BL^2", f"about {B_L:g} (mass not given)"),
    ):
        for mass in (1.0, 10.0, 100.0):
            equal = {energy: _equal(name, mass, energy) for energy in (PEAK_AT_KEV, 0.2, 1.0)}
            ratio = at(PEAK_AT_KEV, new_over_sm(name, mass, coupling))
            values = ", ".join(f"{x:.2g} at {energy:g} keVee" for energy, x in equal.items())
            note = f"at {coupling:g} it adds {ratio:.2g} times the SM at {PEAK_AT_KEV:g} keVee"
            if title == "scalar":
                note += "; with eq. 3.5 without its G_F^2 and with g_nu^2 (it has no right unit)"
            else:
                least, most = (B_L / equal[energy] for energy in (1.0, PEAK_AT_KEV))
                note += f", where g^2 smaller by {most:.3g} would do ({least:.3g} at 1 keVee)"
                note += ": unexplained" if mass <= 10.0 else ": about what it states"
            found.append(
                Row(
                    f"{title}, {mass:g} MeV: {amplitude} that adds as much as the SM",
                    f"{PAPER}, section 4",
                    published if mass <= 10.0 else "no mass in the text",
                    values,
                    note,
                )
            )
    return found


def _span(ends: tuple[float, float]) -> str:
    return f"{ends[0]:.3f} to {ends[1]:.3f}"


def _peaks() -> list[Row]:
    wanted = {
        "SM": "very small",
        "scalar, 100 MeV": "smoothed out",
        "scalar, 1 GeV": "smoothed out, as in the SM",
    }
    found = []
    for title, name, mass in PEAKS:
        peak = Peak.of(name, mass)
        found.append(
            Row(
                f"peak of {title}: height over the sides; width at half, a tenth",
                f"{PAPER}, section 3 and fig. 4",
                wanted.get(title, "peak at 0.06 to 0.12 keVee"),
                f"{peak.height:.3g}; {_span(peak.half_kev)}, {_span(peak.tenth_kev)} keVee",
                f"greatest at {peak.at_kev:.3f} keVee; n = 4 has {peak.of_shell_4:.0%} of it, pp "
                f"neutrinos {peak.of_pp:.0%}; sides: {SIDES_KEV[0]:g} and {SIDES_KEV[1]:g} keVee",
            )
        )
    return found
