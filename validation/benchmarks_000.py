"""Blanco-Mas et al., arXiv:2411.14206: its table 1, and limits of XENONnT and PandaX-4T."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from rows import Row, number

import bayes_cevns as bc
from bayes_cevns.releases import default_releases_dir

type Array = NDArray[np.float64]
type Efficiency = Callable[[Array], Array]

PAPER = "2411.14206"
#: Recoil energies of the ionisation-only search (arXiv:2409.02003), in keV.
ROI_KEV = (0.3, 3.0)
S2_EXPOSURE, S2_SM = 1.04, 43.0
PAIRED_EXPOSURE, PAIRED_SM = 1.20, 2.4
#: 8B events that the 2024 release of XENONnT expects in SR0 and SR1 (arXiv:2409.17868).
XENONNT_SM_2024 = 11.92

MASS_MEV = 1.0
SCALAR, VECTOR = 5.2e-6**2, 1.5e-5**2
XENONNT_LIMIT = 9.71
#: Table 1: counts of the scalar and of the vector.
TABLE_1 = {
    "XENONnT": (6.55, 8.05),
    "PandaX-4T S1+S2": (1.04, 1.11),
    "PandaX-4T S2 only": (30.52, 44.32),
}
#: Position and width in keV of logistic efficiencies of the ionisation-only search.
ASSUMED = ((0.33, 0.08), (0.5, 0.125), (0.75, 0.19), (1.0, 0.25), (1.3, 0.05))
CENTRAL = ASSUMED[1]

RECOIL_KEV = np.linspace(0.05, 5.0, 2477)


@dataclass(frozen=True)
class Logistic:
    """An efficiency height / (1 + exp(-(T - position) / width)), zero outside the search."""

    position_kev: float
    width_kev: float
    height: float = 1.0

    def __call__(self, recoil_kev: Array) -> Array:
        """Return the efficiency."""
        rise = 1.0 / (1.0 + np.exp(-(recoil_kev - self.position_kev) / self.width_kev))
        inside = (recoil_kev >= ROI_KEV[0]) & (recoil_kev <= ROI_KEV[1])
        return np.asarray(np.where(inside, self.height * rise, 0.0))

    def giving(self, sm: float) -> Logistic:
        """Return it with the height that gives this number of events of the Standard Model."""
        one = S2_EXPOSURE * Counts.of("vector-universal", self).sm
        return Logistic(self.position_kev, self.width_kev, self.height * sm / one)


@dataclass(frozen=True)
class Counts:
    """Events of the Standard Model, and the factors of x and x^2, per tonne year."""

    sm: float
    linear: float
    quadratic: float

    @classmethod
    def of(cls, name: str, efficiency: Efficiency) -> Counts:
        """Integrate a spectrum with an efficiency."""
        weight = efficiency(RECOIL_KEV)
        return cls(*(float(v) for v in np.trapezoid(spectra(name) * weight, RECOIL_KEV, axis=-1)))

    @classmethod
    def of_xenonnt(cls, name: str) -> Counts:
        """Return the events of SR0 and SR1, which are not per tonne year."""
        search = bc.experiment("xenonnt_cevns").select_runs(["sr0", "sr1"])
        found = bc.expected_counts(
            search, interaction=name, mass_mev=MASS_MEV, coupling_product=1.0
        )
        parts = [
            [run[part] for part in ("sm", "interference", "new_physics")] for run in found.values()
        ]
        return cls(*(float(v) for v in np.sum(parts, axis=0)))

    def times(self, factor: float) -> Counts:
        """Return them with another exposure."""
        return Counts(self.sm * factor, self.linear * factor, self.quadratic * factor)

    def new(self, x: float) -> float:
        """Return what a coupling adds to the Standard Model."""
        return self.linear * x + self.quadratic * x**2


@cache
def spectra(name: str) -> Array:
    """Return the components of dR/dT of 8B at 1 MeV, shape (3, recoil energies)."""
    rate = bc.rate(source="solar_8b", target="Xe", interaction=name)
    return rate.components(RECOIL_KEV, MASS_MEV)


@cache
def paired_efficiency() -> Efficiency | None:
    """Return the digitised efficiency of the paired search, or None without the raw releases."""
    path = default_releases_dir() / "lz_pandax_digitised" / "pandaX" / "pandaX.csv"
    if not path.is_file():
        return None
    energy, efficiency = np.loadtxt(path, delimiter=",", unpack=True)
    return lambda recoil: np.interp(recoil, energy, efficiency, left=0.0, right=0.0)


@cache
def experiments(name: str) -> dict[str, Counts]:
    """Return the events of the searches of table 1, without the paired one if it is missing."""
    assumed = Logistic(*CENTRAL).giving(S2_SM)
    found = {
        "XENONnT": Counts.of_xenonnt(name),
        "PandaX-4T S2 only": Counts.of(name, assumed).times(S2_EXPOSURE),
    }
    paired = paired_efficiency()
    if paired is not None:
        counts = Counts.of(name, paired)
        found["PandaX-4T S1+S2"] = counts.times(PAIRED_SM / counts.sm)
    return found


def rows() -> list[Row]:
    """Return what the paper states in its table 1 and about its limits."""
    return [*_benchmarks(), *_ratios(), *_limits()]


# --- table 1 --------------------------------------------------------------------------------------


def _benchmarks() -> list[Row]:
    found = []
    scalar, strange = experiments("scalar-universal"), experiments("scalar-universal-uds")
    vector = experiments("vector-universal")
    for name, (of_scalar, of_vector) in TABLE_1.items():
        where = f"{PAPER}, table 1"
        if name not in scalar:
            found.append(
                Row(
                    f"{name}: benchmarks",
                    where,
                    f"{of_scalar}, {of_vector}",
                    "skipped",
                    "the digitised efficiency is not part of the repository",
                )
            )
            continue
        sm, note = scalar[name].sm, _normalisation(name)
        extra = f"with the strange quark {strange[name].new(SCALAR):.3g}"
        found.append(
            number(
                f"{name}: scalar, 1 MeV, 5.2e-6",
                where,
                of_scalar,
                scalar[name].new(SCALAR),
                f"unexplained; {extra}; SM {sm:.3g} events{note}",
            )
        )
        found.append(
            number(
                f"{name}: vector, 1 MeV, 1.5e-5, constructive",
                where,
                of_vector,
                vector[name].new(-VECTOR),
                f"destructive {vector[name].new(VECTOR):.3g}{note}",
            )
        )
        found.append(
            number(
                f"{name}: the same with half the vector charge",
                where,
                of_vector,
                vector[name].new(-0.5 * VECTOR),
                "half, as the factor 2 of its text after eq. 3.1 would make it, against its "
                f"own eq. 2.19{note}",
            )
        )
    return [*found, *_variation()]


def _normalisation(name: str) -> str:
    """Return how much the counts move with another choice of efficiency."""
    paired = paired_efficiency()
    if name == "XENONnT":
        factor = XENONNT_SM_2024 / experiments("scalar-universal")[name].sm
        of_2024 = f"the {XENONNT_SM_2024:.3g} SM events of the 2024 release"
        return f"; times {factor:.2f} if normalised to {of_2024}"
    if name == "PandaX-4T S1+S2" and paired is not None:
        factor = PAIRED_EXPOSURE * Counts.of("scalar-universal", paired).sm / PAIRED_SM
        return f"; times {factor:.2f} if the digitised curve is not renormalised"
    return ""


def _variation() -> list[Row]:
    parts = []
    for position, width in ASSUMED:
        efficiency = Logistic(position, width).giving(S2_SM)
        scalar = Counts.of("scalar-universal", efficiency).times(S2_EXPOSURE)
        vector = Counts.of("vector-universal", efficiency).times(S2_EXPOSURE)
        parts.append((scalar.new(SCALAR), vector.new(-VECTOR), vector.new(-0.5 * VECTOR)))
    low, high = np.min(parts, axis=0), np.max(parts, axis=0)
    ranges = [f"{a:.3g} to {b:.3g}" for a, b in zip(low, high, strict=True)]
    return [
        Row(
            "PandaX-4T S2 only: scalar; vector; half the vector charge, all assumed efficiencies",
            f"{PAPER}, table 1",
            "30.52; 44.32",
            "; ".join(ranges),
            f"scalar at most {high[0] / 30.52:.2f} of the published count",
        )
    ]


def _ratios() -> list[Row]:
    found = []
    scalar, vector = experiments("scalar-universal"), experiments("vector-universal")
    for name, (of_scalar, of_vector) in TABLE_1.items():
        if name not in scalar:
            continue
        one = scalar[name].new(SCALAR)
        half = one / vector[name].new(-0.5 * VECTOR)
        found.append(
            number(
                f"{name}: scalar / constructive vector",
                f"{PAPER}, table 1",
                of_scalar / of_vector,
                one / vector[name].new(-VECTOR),
                f"whatever exposure and height; {half:.2f} with half the vector charge, "
                f"which leaves {of_scalar / of_vector / half:.2f} unexplained",
            )
        )
    return found


# --- limits ---------------------------------------------------------------------------------------


def _limits() -> list[Row]:
    scalar = Counts.of_xenonnt("scalar-universal")
    vector = Counts.of_xenonnt("vector-universal")
    limits = [
        _coupling(counts.quadratic, slope, XENONNT_LIMIT)
        for counts, slope in ((scalar, 0.0), (vector, abs(vector.linear)))
    ]
    half = _coupling(0.25 * vector.quadratic, 0.5 * abs(vector.linear), XENONNT_LIMIT)
    of_scalar, of_vector = TABLE_1["XENONnT"]
    # Its own counts: the scalar goes as g^4, the vector between g^2 and g^4.
    own_scalar = np.sqrt(SCALAR) * (XENONNT_LIMIT / of_scalar) ** 0.25
    own_vector = [np.sqrt(VECTOR) * (XENONNT_LIMIT / of_vector) ** p for p in (0.25, 0.5)]
    return [
        Row(
            "XENONnT, 1 MeV: vector limit / scalar limit on g",
            f"{PAPER}, section 3.1",
            "about 2",
            f"{limits[1] / limits[0]:.2f}",
            f"with its limit of {XENONNT_LIMIT} events: g below {limits[0]:.2e} (scalar) and "
            f"{limits[1]:.2e} (vector, constructive); its own table 1 gives "
            f"{own_vector[0] / own_scalar:.1f} to {own_vector[1] / own_scalar:.1f}, half the "
            f"vector charge {half / limits[0]:.1f}",
        )
    ]


def _coupling(quadratic: float, linear: float, events: float) -> float:
    """Return g at which linear g^2 + quadratic g^4 is this number of events."""
    x = (-linear + np.sqrt(linear**2 + 4.0 * quadratic * events)) / (2.0 * quadratic)
    return float(np.sqrt(x))
