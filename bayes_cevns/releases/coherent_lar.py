"""The CENNS-10 argon release as one table: response, backgrounds and observed counts."""

from __future__ import annotations

from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.releases import coherent_lar_templates as templates
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.coherent_lar_templates import EDGES_F90, EDGES_KEVEE, EDGES_US
from bayes_cevns.releases.columns import Column
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_grid, read_numbers

DOI = "10.5281/zenodo.3903810"
RAW = RawRelease("coherent_lar_2020", f"from doi:{DOI}")
EFFICIENCY: Final = "CENNS10AnlAEfficiency.txt"
#: ``fiducialMass``, 24.4 kg, times the one year over which the source spreads its protons.
EXPOSURE_TONNE_YEAR: Final = 24.4e-3

#: Signal -> recoil energies in keV. The square root of the energy goes in equal steps of 0.25,
#: half the resolution; the last is above the highest recoil of 36Ar, the lightest isotope.
RECOIL_ENERGIES_KEV: Final = {
    "prompt": np.arange(1.0, 7.51, 0.25) ** 2,
    "delayed": np.arange(1.0, 13.01, 0.25) ** 2,
}


@builder(
    RAW,
    doi=DOI,
    licence="none stated with the copy that was read; the release asks to be cited",
    paper="arXiv:2003.10630",
)
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the release."""

    def counts(cube: Array, text: str) -> Column:
        return Column("run bin", cube.ravel(), "counts", text)

    released = read_cube(raw, "cevnspdf.txt")
    late = read_cube(raw, "cevnspdfCEvNSTimingMeanSyst.txt")
    events = read_cube(raw, "datanobkgsub.txt")
    raw.expect("datanobkgsub.txt", not np.any(events % 1), "whole counts")
    table = {
        **_responses(raw, released),
        **_neutrons(raw),
        "delayed_brn": counts(read_cube(raw, "delbrnpdf.txt"), "delayed beam-related neutrons"),
        "steady_state": counts(read_cube(raw, "bkgpdf.txt"), "steady-state background"),
        "released_cevns": counts(released, "CEvNS of the release"),
        "released_cevns_late": counts(late, "CEvNS of the release, protons 1 sigma later"),
        "observed": col.observed(events.ravel()),
        "exposure": col.exposure([EXPOSURE_TONNE_YEAR]),
        "edges_kevee": Column("edge_kevee", EDGES_KEVEE, "keV"),
        "edges_f90": Column("edge_f90", EDGES_F90, "1"),
        "edges_us": Column("edge_us", EDGES_US, "us"),
        "run": col.runs(["cenns10"]),
        "bin": col.bins(events.size),
        **{f"recoil_energy_{n}": col.recoil_energy(kev) for n, kev in RECOIL_ENERGIES_KEV.items()},
        **{name: col.axis(pulls, text) for name, (pulls, text) in templates.AXES.items()},
    }
    return {"response.nc": table}


def _responses(raw: RawFolder, nominal: Array) -> dict[str, Column]:
    """Return the responses in energy and F90, (recoil_energy, f90, row), and in time."""
    plus, minus = (read_cube(raw, f"cevnspdf{sign}1sigF90.txt") for sign in "+-")
    shapes = templates.f90_shapes(nominal, plus=plus, minus=minus)
    efficiency = read_efficiency(raw)
    found = {}
    for signal, energies in RECOIL_ENERGIES_KEV.items():
        found[f"response_{signal}"] = col.probability(
            f"recoil_energy_{signal} f90 run row",
            templates.response(energies, efficiency=efficiency, f90_shapes=shapes),
            f"probability of energy and F90 for a recoil of {signal} neutrinos",
            times=f"arrival_{signal}",
        )
        found[f"arrival_{signal}"] = col.probability(
            "timing column",
            templates.signal_times(signal),
            f"probability of the bins of time of {signal} neutrinos",
        )
    return found


def _neutrons(raw: RawFolder) -> dict[str, Column]:
    """Return the prompt neutrons: (brn_energy, row) in counts, (brn_time, brn_width, column)."""
    nominal = read_cube(raw, "brnpdf.txt")
    energy = templates.neutron_energies(
        nominal,
        plus=read_cube(raw, "brnpdf+1sigEnergy.txt"),
        minus=read_cube(raw, "brnpdf-1sigEnergy.txt"),
    )
    time = templates.neutron_times(
        nominal,
        later=read_cube(raw, "brnpdf+1sigBRNTimingMean.txt"),
        earlier=read_cube(raw, "brnpdf-1sigBRNTimingMean.txt"),
        narrower=read_cube(raw, "brnpdfBRNTimingWidthSyst.txt"),
    )
    counts = np.round(float(nominal.sum()) * energy.reshape(len(energy), -1), 6)
    text = "prompt beam-related neutrons"
    return {
        "brn": Column(
            "brn_energy run row", counts.astype(np.float32), "counts", text, times="arrival_brn"
        ),
        "arrival_brn": col.probability(
            "brn_time brn_width column", time, f"probability of the bins of time, {text}"
        ),
    }


def read_cube(raw: RawFolder, relative: str) -> Array:
    """Return counts of a cube, shape (energy, F90, time) = (12, 8, 10)."""
    edges = (EDGES_KEVEE, EDGES_F90, EDGES_US)
    return read_grid(raw, relative, edges, "960 bins of Table 1 of the release")


def read_efficiency(raw: RawFolder) -> tuple[Array, Array]:
    """Return reconstructed energies in keVee and the efficiency there, to the last bin of energy.

    Above the table it is flat, as section 2.2.6 of the release says; below its first point, where
    it is zero, it stays zero.
    """
    table = read_numbers(raw, EFFICIENCY, 3)
    energy, efficiency = table[:, 0], table[:, 2]
    rising = np.all(np.diff(energy) > 0) and energy[0] > 0 and efficiency[0] == 0
    raw.expect(EFFICIENCY, rising, "increasing energies > 0 from an efficiency of 0")
    share = efficiency.min() >= 0 and efficiency.max() <= 1
    raw.expect(EFFICIENCY, share, "efficiencies from 0 to 1")
    ends = [0.0, EDGES_KEVEE[-1]]
    return (
        np.concatenate([ends[:1], energy, ends[1:]]),
        np.concatenate([[0.0], efficiency, efficiency[-1:]]),
    )
