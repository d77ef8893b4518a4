"""XENON1T's ionisation-only search as a table: its lowest region of interest as one bin."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_columns, read_matrix

RAW = RawRelease("xenon1t_s2only_2019", "from https://github.com/XENON1T/s2only_data_release")
BINNING = "s2_binning_info.csv"
EVENTS = "events_after_cuts.csv"
BACKGROUNDS = "er_and_cevns_background.csv"
NUCLEAR, ELECTRON = "s2_response_nr.csv", "s2_response_er.csv"

#: The README of the release; the training data, 3/7 of it, are not used.
EXPOSURE_TONNE_YEAR = 0.97678
#: Region of interest in photoelectrons for signals at low energies, chosen by the collaboration
#: before it looked at the search data: section 4 of the release's ``example_analysis.ipynb``.
ROI_PE = (165.3, 271.7)
#: Below these energies in keV the collaboration counts no signal, for nuclear recoils (section 3 of
#: the notebook) and for electronic ones (arXiv:1907.11485, abstract).
NUCLEAR_CUTOFF_KEV, ELECTRON_CUTOFF_KEV = 0.7, 0.186


@builder(
    RAW,
    doi="10.1103/PhysRevLett.123.251801",
    licence="other-open, citation requested",
    paper="arXiv:1907.11485",
)
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the release."""
    share = _share_of_bins(raw)
    recoils, cevns = _background(raw, share)
    nuclear, counted = _response(raw, NUCLEAR, share, cutoff_kev=NUCLEAR_CUTOFF_KEV)
    electron, counted_electron = _response(raw, ELECTRON, share, cutoff_kev=ELECTRON_CUTOFF_KEV)
    what, what_electron = (
        f"probability to count {a} recoil" for a in ("a nuclear", "an electronic")
    )
    table = {
        "response": col.probability("recoil_energy run bin", counted, what),
        "response_electron": col.probability(
            "recoil_energy_electron run bin", counted_electron, what_electron
        ),
        "er": Column("run bin", recoils, "counts", "expected electronic recoils"),
        "unknown": Column("run bin", 1.0, "counts", "one event of the unreleased backgrounds"),
        "released_cevns": Column("run bin", cevns, "counts", "8B CEvNS of the release, a check"),
        "observed": col.observed(_observed(raw)),
        "exposure": col.exposure([EXPOSURE_TONNE_YEAR]),
        "run": col.runs(["search"]),
        "bin": col.bins(1),
        "recoil_energy": col.recoil_energy(nuclear, f"recoil energy, {what}"),
        "recoil_energy_electron": col.recoil_energy(electron, f"recoil energy, {what_electron}"),
    }
    return {"response.nc": table}


def _share_of_bins(raw: RawFolder) -> Array:
    """Return how much of the width of each bin of the release lies in the ROI, shape (bins,)."""
    columns = ("s2_bin_number", "start_pe", "end_pe")
    table = read_matrix(raw, BINNING, columns)
    low, high = table[:, 1], table[:, 2]
    touching = np.all(low < high) and np.array_equal(low[1:], high[:-1])
    good = touching and low[0] <= ROI_PE[0] and high[-1] >= ROI_PE[1]
    raw.expect(BINNING, good, f"bins one beside the other that hold {ROI_PE} PE")
    inside = np.minimum(high, ROI_PE[1]) - np.maximum(low, ROI_PE[0])
    return np.asarray(np.clip(inside, 0.0, None) / (high - low))


def _background(raw: RawFolder, share: Array) -> tuple[float, float]:
    """Return electronic recoils and CEvNS that the release expects in the ROI."""
    columns = ("s2_bin_number", "er_background_events", "cevns_background_events")
    table = read_matrix(raw, BACKGROUNDS, columns)
    same = len(table) == share.size
    raw.expect(BACKGROUNDS, same, f"{share.size} bins, found {len(table)}")
    return float(share @ table[:, 1]), float(share @ table[:, 2])


def _response(
    raw: RawFolder, relative: str, share: Array, *, cutoff_kev: float
) -> tuple[Array, Array]:
    """Return energies in keV from a cutoff on, and the probability of the ROI, shape (n,)."""
    from scipy.interpolate import make_interp_spline

    columns = ("energy_kev", "energy_bin_start_kev", "energy_bin_end_kev", "s2_bin_000")
    table = read_matrix(raw, relative, columns)
    energy, in_bins = table[:, 0], table[:, 3:]
    good = in_bins.shape[1] == share.size and in_bins.sum(axis=1).max() <= 1
    raw.expect(relative, good, f"probabilities of {share.size} bins, in all at most 1")
    rising = np.all(np.diff(energy) > 0) and energy[0] < cutoff_kev < energy[-4]
    raw.expect(relative, rising, f"increasing energies around {cutoff_kev:g} keV")
    inside = in_bins @ share
    at_cutoff = make_interp_spline(energy, inside, k=3)(cutoff_kev)
    kept = energy > cutoff_kev
    return np.append(cutoff_kev, energy[kept]), np.append(at_cutoff, inside[kept])


def _observed(raw: RawFolder) -> int:
    """Return the number of search events in the ROI."""
    area = read_columns(raw, EVENTS, ["s2_area_pe"])
    return int(np.count_nonzero((area >= ROI_PE[0]) & (area <= ROI_PE[1])))
