"""CONUS+ as a table of one bin: published numbers, and a response made of thresholds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import partial

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import DetectorResponse, Lindhard, ResponseTable, response_table
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column
from bayes_cevns.releases.germanium import PAIR_ENERGY_KEV, resolution
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.tables.shape_axes import ShapeAxis

RAW = RawRelease("conus_plus_2025", "from arXiv:2501.05206, whose numbers it quotes")
NUMBERS = "NUMBERS.txt"
#: Of the publication, for both tables made of it.
DOI, PAPER = "10.1038/s41586-025-09322-2", "arXiv:2501.05206"

#: Germanium, with its mean mass number, and Lindhard's k of it with its error:
#: Bonhomme et al., Eur. Phys. J. C 82 (2022) 815, arXiv:2202.03754.
GERMANIUM = (32, 72.63)
LINDHARD_K, LINDHARD_K_ERROR = 0.162, 0.004
#: Standard deviation of the noise: 48 eV full width at half maximum, arXiv:2407.11912.
NOISE_KEV = 0.048 / (2.0 * math.sqrt(2.0 * math.log(2.0)))
#: Uncertainty of the energy scale at threshold, arXiv:2501.05206.
THRESHOLD_ERROR_KEV = 0.005
#: End of the region in which neutrinos are counted; nothing changes if it is higher.
HIGHEST_KEV = 0.8
PULLS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)

#: Recoil energies in keV, up to what antineutrinos of 12.5 MeV give to 70Ge.
HIGHEST_RECOIL_KEV, RECOIL_STEP_KEV = 4.8, 0.05
_DAYS_PER_YEAR = 365.25
#: Numbers of the publication -> where they stand in its text; # is a number.
PUBLISHED = {
    "the neutrinos observed": r"N_obs # \+- #",
    "the neutrinos expected": r"N_SM # \+- #",
    "the exposure": r"exposure ON # kg d",
    "the thresholds": r"eVee: C3 #, C5 #, C2 #",
}


@builder(RAW, doi=DOI, licence="numbers of a publication, which is to be cited", paper=PAPER)
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the published numbers."""
    observed, expected, (exposure_kg_day,), thresholds_ev = _published(raw)
    seen = response(tuple(1e-3 * threshold for threshold in thresholds_ev))

    def counts(value: float, text: str) -> Column:
        return Column("run bin", value, "counts", text)

    table = {
        "response": col.response(
            "recoil_energy quenching energy_scale run bin",
            seen.values,
            "probability to observe a recoil above threshold",
        ),
        "observed": counts(observed[0], "neutrinos found by the fit"),
        "sigma": counts(observed[1], "error of `observed`"),
        "published_expected": counts(expected[0], "neutrinos of the Standard Model"),
        "published_expected_error": counts(expected[1], "its error"),
        "exposure": col.exposure([1e-3 * exposure_kg_day / _DAYS_PER_YEAR], "exposure, reactor on"),
        "run": col.runs(["run1"]),
        "bin": col.bins(1),
        "recoil_energy": col.recoil_energy(seen.recoil_energy_kev),
        "quenching": col.axis(PULLS, f"pull of Lindhard's k, {LINDHARD_K_ERROR} each"),
        "energy_scale": col.axis(
            PULLS, f"pull of the energy scale, {1e3 * THRESHOLD_ERROR_KEV:g} eV each"
        ),
    }
    return {"response.nc": table}


def _published(raw: RawFolder) -> list[list[float]]:
    """Return the published numbers, as `PUBLISHED` has them."""
    text = raw.read_text(NUMBERS, group=NUMBERS)
    found = []
    for what, pattern in PUBLISHED.items():
        match = re.search(pattern.replace("#", "([0-9.]+)"), text)
        if match is None:
            raise raw.error(NUMBERS, f"expected {what}, as in {pattern!r}")
        found.append([float(number) for number in match.groups()])
    positive = all((found[0][1], found[1][1], found[2][0]))
    raw.expect(NUMBERS, positive, "errors and an exposure > 0")
    return found


def recoil_nodes_kev() -> Array:
    """Return recoil energies for the response, from where one electron-hole pair is made."""
    nominal = Lindhard(*GERMANIUM, k=LINDHARD_K)
    lowest = float(nominal.recoil_energy_kev(PAIR_ENERGY_KEV, within_kev=(1e-3, 1.0)))
    even = np.arange(2, HIGHEST_RECOIL_KEV / RECOIL_STEP_KEV - 0.5) * RECOIL_STEP_KEV
    return np.concatenate([np.geomspace(lowest, RECOIL_STEP_KEV, 4), even, [HIGHEST_RECOIL_KEV]])


def response(thresholds_kev: tuple[float, ...]) -> ResponseTable:
    """Return the mean response of detectors of equal exposure, axes (quenching, energy_scale).

    Their thresholds are in ionisation energy.
    """
    axes = (ShapeAxis("quenching", PULLS), ShapeAxis("energy_scale", PULLS))
    nodes = recoil_nodes_kev()
    tables = [response_table(nodes, partial(_detector, each), axes) for each in thresholds_kev]
    return ResponseTable(nodes, axes, np.mean([table.values for table in tables], axis=0))


def _detector(threshold_kev: float, pulls: Mapping[str, float]) -> DetectorResponse:
    # A scale that reads high lets more events pass: it acts as a lower threshold.
    threshold = threshold_kev - THRESHOLD_ERROR_KEV * pulls["energy_scale"]
    k = LINDHARD_K + LINDHARD_K_ERROR * pulls["quenching"]
    return DetectorResponse(
        np.array([threshold, HIGHEST_KEV]),
        Lindhard(*GERMANIUM, k=k),
        resolution=resolution(NOISE_KEV),
    )
