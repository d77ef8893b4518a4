"""The COHERENT CsI release of 2017 as one table: response, backgrounds and observed counts."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.quenching import ConstantQuenching
from bayes_cevns.detectors.resolution import GammaResolution
from bayes_cevns.detectors.response import DetectorResponse, response_table
from bayes_cevns.releases.coherent_csi_table import Signal, csi_table
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_grid, read_numbers
from bayes_cevns.tables.shape_axes import ShapeAxis

DOI = "10.5281/zenodo.1228631"
RAW = RawRelease("coherent_csi_2017", f"from https://doi.org/{DOI}")

#: All numbers below are those of ``coherent_parameters.yaml`` unless another source is named.
#: Mass of the crystal, arXiv:1708.01294.
MASS_TONNE = 0.01457
PE_PER_KEV = 13.348
QUENCHING, QUENCHING_SD = 0.0878, 0.0166
HEIGHT, STEEPNESS, POSITION_PE = 0.6655, 0.4942, 10.8507
#: Beam energy that the detector saw; the prompt neutrons are given per GWh.
BEAM_GWH = 7.47594

#: Region of interest of arXiv:1708.01294, in the bins of the release.
PE_EDGES = np.arange(6.0, 31.0, 2.0)
TIME_EDGES_US = np.arange(0.0, 6.5, 0.5)
QUENCHING_AXIS = ShapeAxis("quenching", (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0))
#: Recoils of 127I: at most 15.0 keV from the line of 29.8 MeV, 47.2 keV from 52.83 MeV.
_LOW_KEV = np.arange(0.5, 8.0, 0.5)
PROMPT_KEV = np.concatenate([_LOW_KEV, np.arange(8.0, 16.0, 0.75)])
DELAYED_KEV = np.concatenate([_LOW_KEV, np.arange(8.0, 24.0, 1.0), np.arange(24.0, 49.0, 2.0)])

_RELEASE_PE = np.arange(0.0, 51.0, 2.0)
_RELEASE_US = np.arange(0.0, 12.5, 0.5)
_KINDS = {"prompt": "promptNeutrinos", "delayed": "delayedNeutrinos"}


@builder(
    RAW,
    doi=DOI,
    licence="not stated with the tables; copies are in a repository under MIT",
    paper="arXiv:1708.01294",
)
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the release."""
    table = csi_table(
        PE_EDGES,
        TIME_EDGES_US,
        mass_tonne=MASS_TONNE,
        signals=_signals(raw),
        backgrounds={"steady_state": _steady_state(raw), "neutrons": _neutrons(raw)},
        counts=_selected(_counts(raw, "data_coincidence_beamOn.txt")),
    )
    return {"response.nc": table}


def acceptance(photoelectrons: Array) -> Array:
    """Return the efficiency in bins of one photoelectron.

    Notes
    -----
    a / (1 + exp(-k (x - x_0))) at the middle x of each bin; none of it below 5 photoelectrons and
    half of it from 5 to 6. It is zero beyond no bin, and constant within each.
    """
    middle = np.floor(photoelectrons) + 0.5
    step = np.where(middle < 5.0, 0.0, np.where(middle < 6.0, 0.5, 1.0))
    logistic = 0.5 * (1.0 + np.tanh(0.5 * STEEPNESS * (middle - POSITION_PE)))
    return np.asarray(HEIGHT * step * logistic)


def detector(quenching: float) -> DetectorResponse:
    """Return the detector with a quenching factor some standard deviations off."""
    return DetectorResponse(
        PE_EDGES,
        ConstantQuenching(QUENCHING + quenching * QUENCHING_SD),
        gain=PE_PER_KEV,
        resolution=GammaResolution(np.sqrt),
        efficiency=acceptance,
        sub_bins=2,
    )


def _signals(raw: RawFolder) -> dict[str, Signal]:
    """Return the response of prompt and of delayed neutrinos."""
    found = {}
    for name, recoil in (("prompt", PROMPT_KEV), ("delayed", DELAYED_KEV)):
        table = response_table(recoil, lambda at: detector(at["quenching"]), (QUENCHING_AXIS,))
        found[name] = Signal(table, _arrival(raw, f"arrivalTimePDF_{_KINDS[name]}.txt"))
    return found


def _counts(raw: RawFolder, relative: str) -> Array:
    """Return the counts of the release, shape (25 PE bins, 24 time bins)."""
    what = "25 x 24 bins of 2 photoelectrons and 0.5 us"
    counts = read_grid(raw, relative, (_RELEASE_PE, _RELEASE_US), what, separator=",")
    raw.expect(relative, not np.any(counts % 1), "whole counts")
    return counts


def _selected(counts: Array) -> Array:
    """Return the bins of the region of interest."""
    first = int(np.searchsorted(_RELEASE_PE, PE_EDGES[0]))
    return counts[first : first + PE_EDGES.size - 1, : TIME_EDGES_US.size - 1]


def _arrival(raw: RawFolder, relative: str) -> Array:
    """Return the probability of each bin in time; that of all 12 us is one."""
    table = read_numbers(raw, relative, 2, separator=",", least=0.0)
    good = len(table) == _RELEASE_US.size - 1 and abs(table[:, 1].sum() - 1.0) <= 1e-6
    raw.expect(relative, good, "24 probabilities that sum to one")
    return table[: TIME_EDGES_US.size - 1, 1]


def decay_per_us(counts: Array, width_us: float) -> float:
    """Return the rate of the exponential that counts in equal bins follow, by its likelihood.

    The mean bin of a geometric distribution cut at the last one is that of the counts.
    """
    from scipy.optimize import brentq

    number = np.arange(counts.size)
    mean = float(counts @ number / counts.sum())

    def excess(rate: float) -> float:
        weights = np.exp(-rate * width_us * number)
        return float(weights @ number / weights.sum()) - mean

    return float(brentq(excess, -1.0, 1.0))


def _steady_state(raw: RawFolder) -> Array:
    """Return what the coincident sample holds of events unrelated to the beam.

    The anticoincident sample, as many photoelectrons as it has in the region of interest, and an
    exponential in time fitted to all its times.
    """
    counts = _counts(raw, "data_anticoincidence_beamOn.txt")
    selected = _selected(counts)
    first = int(np.searchsorted(_RELEASE_PE, PE_EDGES[0]))
    in_time = counts[first : first + PE_EDGES.size - 1].sum(axis=0)
    width = float(_RELEASE_US[1] - _RELEASE_US[0])
    rate = decay_per_us(in_time, width)
    shape = np.exp(-rate * TIME_EDGES_US[:-1])
    return np.outer(selected.sum(axis=1), shape / shape.sum())


def _neutrons(raw: RawFolder) -> Array:
    """Return the expected prompt neutrons of the beam."""
    table = read_numbers(raw, "promptPDF.txt", 2, separator=",", least=0.0)
    per_bin = BEAM_GWH * table[:, 1] * acceptance(table[:, 0])
    energy, _ = np.histogram(table[:, 0], PE_EDGES, weights=per_bin)
    return np.outer(energy, _arrival(raw, "arrivalTimePDF_promptNeutrons.txt"))
