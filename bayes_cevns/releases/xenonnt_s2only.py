"""The XENONnT ionisation-only release as one table: response, backgrounds and observed counts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_columns, read_matrix, read_records

RAW = RawRelease("xenonnt_s2only_2026", "from https://github.com/XENONnT/s2_only_data_release")

#: Run -> exposure in tonne years: livetime_sr0, ... of ``s2_only_statistical_model.yaml``.
EXPOSURE_TONNE_YEAR = {"sr0": 1.50, "sr1": 2.44, "sr2": 3.89}
#: Values of the charge-yield and cathode-shape parameters, in standard deviations.
PULLS = (-3, -2, -1, 0, 1, 2, 3)
#: Bin edges of the S2 area without lifetime correction: ``np.linspace(80, 500, 8)`` of the YAML.
EDGES_PE = np.linspace(80.0, 500.0, 8)

TEMPLATES = "background_templates_all_variations.csv"
_N_BINS = EDGES_PE.size - 1
_BINS = [f"s2_bin_{i}" for i in range(_N_BINS)]
_TEMPLATE_BINS = [f"cS2_{a:g}_{b:g}PE" for a, b in pairwise(EDGES_PE)]


@builder(RAW, doi="10.5281/zenodo.19687012", licence="MIT", paper="arXiv:2601.11296")
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the release."""
    energies, values = _response(raw)
    table = {
        "response": col.response("run recoil_energy tqy bin", values),
        **_backgrounds(raw),
        "observed": col.observed(_observed(raw)),
        "exposure": col.exposure(EXPOSURE_TONNE_YEAR.values()),
        "edges_s2": Column("edge", EDGES_PE, "PE", "bin edges of S2"),
        "run": col.runs(EXPOSURE_TONNE_YEAR),
        "recoil_energy": col.recoil_energy(energies),
        "tqy": col.axis(PULLS, "charge-yield pull"),
        "tsys": col.axis(PULLS, "cathode-shape pull"),
        "bin": col.bins(_N_BINS),
    }
    return {"response.nc": table}


def _response(raw: RawFolder) -> tuple[Array, Array]:
    """Return recoil energies, shape (n,), and response, shape (run, n, tqy, bin)."""
    energies = np.empty(0)
    found = []
    for run in EXPOSURE_TONNE_YEAR:
        pulls = []
        for pull in PULLS:
            relative = f"response/response_nr_tqy_{pull}_{run}.csv"
            table = read_matrix(raw, relative, ["energy_kev", *_BINS], group="response")
            found_bins = table.shape[1] - 1
            raw.expect(relative, found_bins == _N_BINS, f"{_N_BINS} bins, found {found_bins}")
            energies = energies if energies.size else table[:, 0]
            same = np.array_equal(table[:, 0], energies) and np.all(np.diff(energies) > 0)
            raw.expect(relative, same, "the increasing energies of the other files")
            possible = table[:, 1:].sum(axis=1).max() <= 1
            raw.expect(relative, possible, "probabilities that sum to at most 1")
            pulls.append(table[:, 1:])
        found.append(np.stack(pulls, axis=1))
    return energies, np.stack(found)


def _backgrounds(raw: RawFolder) -> dict[str, Column]:
    """Return rates of the backgrounds and of the release's own CEvNS column."""
    label = "template_events_per_tonne_year"
    rows = {row[label]: row for row in read_records(raw, TEMPLATES, [label, *_TEMPLATE_BINS])}

    def read(run: str, name: str) -> Array:
        key = f"{run}_template_{name}"
        # The release has no after-emission in SR2: its template is empty, 1e-11 a bin.
        raw.expect(TEMPLATES, key in rows, f"the template {key}, found none")
        cells = [rows[key][name] for name in _TEMPLATE_BINS]
        what = f"finite numbers >= 0 in {key}, found {cells}"
        with raw.parsing(TEMPLATES, what):
            rates = np.array(cells, dtype=float)
        raw.expect(TEMPLATES, np.all((rates >= 0) & np.isfinite(rates)), what)
        return rates

    def column(name: str, text: str, pull: str = "") -> Column:
        names = [f"{name}_{value}" for value in PULLS] if pull else [name]
        values = np.array([[read(run, each) for each in names] for run in EXPOSURE_TONNE_YEAR])
        return Column(f"run {pull} bin", values if pull else values[:, 0], col.RATE, text)

    return {
        "cathode": column("cathode_tsys", "expected cathode events", "tsys"),
        "de": column("de", "expected delayed electrons"),
        "ae": column("ae", "expected after-emission"),
        "released_cevns": column("cevns_tqy", "CEvNS column of the release", "tqy"),
    }


def _observed(raw: RawFolder) -> Array:
    """Return the events of each run in the bins; one outside them is an error."""
    counts = []
    for run in EXPOSURE_TONNE_YEAR:
        relative = f"events_{run.upper()}.csv"
        area, _ = read_columns(raw, relative, ["cs2_wo_elifecorr", "source"], group="events").T
        binned, _ = np.histogram(area, EDGES_PE)
        inside = binned.sum() == area.size
        raw.expect(relative, inside, f"events from 80 to 500 PE, found {area.max(initial=0.0):g}")
        counts.append(binned)
    return np.array(counts)
