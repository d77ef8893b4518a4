"""XENON1T's ionisation-only search as a table: its lowest region of interest as one bin."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.releases.counting import CountingTable, Response, read_numbers
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

FOLDER = "xenon1t_s2only_2019"
ORIGIN = "from https://github.com/XENON1T/s2only_data_release"
BINNING = "s2_binning_info.csv"
EVENTS = "events_after_cuts.csv"
BACKGROUNDS = "er_and_cevns_background.csv"
NUCLEAR, ELECTRON = "s2_response_nr.csv", "s2_response_er.csv"

#: The README of the release; the training data, 3/7 of it, are not used.
EXPOSURE_TONNE_YEAR = 0.97678
RUN = "search"
#: Region of interest in photoelectrons for signals at low energies, chosen by the collaboration
#: before it looked at the search data: section 4 of the release's ``example_analysis.ipynb``.
ROI_PE = (165.3, 271.7)
#: Below these energies in keV the collaboration counts no signal, for nuclear recoils (section 3 of
#: the notebook) and for electronic ones (arXiv:1907.11485, abstract).
NUCLEAR_CUTOFF_KEV, ELECTRON_CUTOFF_KEV = 0.7, 0.186

ATTRIBUTES = {
    "title": "XENON1T ionisation-only (S2-only) search",
    "doi": "10.1103/PhysRevLett.123.251801",
    "licence": "other-open, citation requested",
    "paper": "arXiv:1907.11485",
}
REFERENCE = f"""\
{ATTRIBUTES["title"]}

Source
  Data release of the XENON collaboration, https://github.com/XENON1T/s2only_data_release,
  commit 5a364bc8709f2561e5a013ddea6993a5a7c8e313. Licence: "other-open" in its .zenodo.json,
  without a licence file; it asks to cite the paper.

Papers to cite
  {ATTRIBUTES["paper"]}: Light Dark Matter Search with Ionization Signals in XENON1T.

What was derived, and how (bayes_cevns.releases.xenon1t_s2only)
  One bin, the region of interest (ROI) {ROI_PE[0]} to {ROI_PE[1]} PE that the collaboration chose,
  from its training data, for signals at low energies. Bins of the release that the ROI cuts count
  with the share of their width inside.
  response            {NUCLEAR}: probability that a nuclear recoil gives an S2 in the ROI, at the
                      energies of the release from {NUCLEAR_CUTOFF_KEV} keV on. The release begins
                      at 0.4 keV; the collaboration counts nothing below {NUCLEAR_CUTOFF_KEV} keV,
                      where the charge yield had not been measured. At {NUCLEAR_CUTOFF_KEV} keV the
                      cubic spline through the energies of the release.
  response_electron   {ELECTRON}: the same for electronic recoils, from
                      {ELECTRON_CUTOFF_KEV} keV on.
  er                  expected events of the flat electronic-recoil background.
  unknown             one event: the unit of the background that was not released.
  observed            search events with an S2 in the ROI, of {EVENTS}.
  exposure            of the README.

  inputs.toml, and the attribute input_sha256 of response.nc, identify the raw files.

What to know
  The cathode background was deliberately not released and other backgrounds are not known: data
  above the expectation say nothing. The responses are for the charge yields of the
  collaboration.

Check values
  16 events observed. Expected as released: CEvNS 1.97, electronic recoils 0.155 (1.89 and 0.147 in
  the bins that lie in the ROI as a whole).
  The response times a Standard-Model 8B spectrum of 5.46e6 per cm2 s gives 2.08 (2.58 from 0.4 keV
  on). Over all bins from 90 PE the ratio to the released CEvNS is 1.045 to 1.06, and at SNO's flux,
  5.25e6, 1.00 to 1.02.
  Dark matter of 4 GeV and 1e-45 cm2 gives 0.0382 events in the release's notebook.
"""


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the raw release.

    Raises
    ------
    DataError
        If an input is missing, damaged, or does not fit the others.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    share = _share_of_bins(raw)
    backgrounds = _background(raw, share)
    nuclear, electron = (
        _response(raw, relative, share, cutoff_kev=cutoff)
        for relative, cutoff in ((NUCLEAR, NUCLEAR_CUTOFF_KEV), (ELECTRON, ELECTRON_CUTOFF_KEV))
    )
    observed = _observed(raw)
    inputs = raw.digests()
    table = CountingTable(
        run=RUN,
        exposure_tonne_year=EXPOSURE_TONNE_YEAR,
        responses=[
            Response("response", *nuclear, "probability to count a nuclear recoil"),
            Response(
                "response_electron",
                *electron,
                "probability to count an electronic recoil",
                energy="recoil_energy_electron",
            ),
        ],
        backgrounds={
            "er": (backgrounds[0], "expected electronic recoils"),
            "unknown": (1.0, "one event of the unreleased backgrounds"),
            "released_cevns": (backgrounds[1], "8B CEvNS of the release, a check"),
        },
        observed=observed,
        attributes=ATTRIBUTES,
    )
    files = {"response.nc": table.netcdf(inputs), "REFERENCE": REFERENCE.encode()}
    return Product(files=files, inputs=inputs)


def _share_of_bins(raw: RawFolder) -> Array:
    """Return how much of the width of each bin of the release lies in the ROI, shape (bins,)."""
    columns = ("s2_bin_number", "start_pe", "end_pe")
    table = read_numbers(raw, BINNING, columns=columns)
    low, high = table[:, 1], table[:, 2]
    touching = np.all(low < high) and np.array_equal(low[1:], high[:-1])
    if not touching or low[0] > ROI_PE[0] or high[-1] < ROI_PE[1]:
        raise raw.error(BINNING, f"expected bins one beside the other that hold {ROI_PE} PE")
    inside = np.minimum(high, ROI_PE[1]) - np.maximum(low, ROI_PE[0])
    return np.asarray(np.clip(inside, 0.0, None) / (high - low))


def _background(raw: RawFolder, share: Array) -> tuple[float, float]:
    """Return electronic recoils and CEvNS that the release expects in the ROI."""
    columns = ("s2_bin_number", "er_background_events", "cevns_background_events")
    table = read_numbers(raw, BACKGROUNDS, columns=columns)
    if table.shape[0] != share.size:
        raise raw.error(BACKGROUNDS, f"expected {share.size} bins, found {table.shape[0]}")
    return float(share @ table[:, 1]), float(share @ table[:, 2])


def _response(
    raw: RawFolder, relative: str, share: Array, *, cutoff_kev: float
) -> tuple[Array, Array]:
    """Return energies in keV from a cutoff on, and the probability of the ROI, shape (n,)."""
    from scipy.interpolate import make_interp_spline

    columns = ("energy_kev", "energy_bin_start_kev", "energy_bin_end_kev", "s2_bin_000")
    table = read_numbers(raw, relative, columns=columns)
    energy, bins = table[:, 0], table[:, 3:]
    if bins.shape[1] != share.size or bins.sum(axis=1).max() > 1:
        raise raw.error(relative, f"expected probabilities of {share.size} bins, in all at most 1")
    if np.any(np.diff(energy) <= 0) or not energy[0] < cutoff_kev < energy[-4]:
        raise raw.error(relative, f"expected increasing energies around {cutoff_kev:g} keV")
    inside = bins @ share
    at_cutoff = make_interp_spline(energy, inside, k=3)(cutoff_kev)
    kept = energy > cutoff_kev
    return np.append(cutoff_kev, energy[kept]), np.append(at_cutoff, inside[kept])


def _observed(raw: RawFolder) -> int:
    """Return the number of search events in the ROI."""
    rows = list(csv.reader(io.StringIO(raw.read_text(EVENTS, group=EVENTS))))
    if not rows or rows[0][:1] != ["s2_area_pe"]:
        raise raw.error(EVENTS, "expected the first column s2_area_pe")
    try:
        area = np.array([float(row[0]) for row in rows[1:]])
    except (ValueError, IndexError) as error:
        raise raw.error(EVENTS, f"expected numbers in s2_area_pe ({error})") from None
    return int(np.count_nonzero((area >= ROI_PE[0]) & (area <= ROI_PE[1])))
