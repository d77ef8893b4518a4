"""XENONnT's first 8B search, SR0 + SR1 as published in 2024, as one table.

The release of 2024 has the 8B signal folded already. Its dependence on recoil energy is taken from
the responses of 2026, which have the same bins, and each bin is normalised so that the release's
own recoil spectrum gives the release's template.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.releases import columns as col
from bayes_cevns.releases import xenonnt_cevns
from bayes_cevns.releases.columns import Column, Table
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_columns
from bayes_cevns.releases.xenonnt_files import BINS_PER_AXIS, N_BINS, read_edges, read_template

DOI = "10.5281/zenodo.14522706"
RAW = RawRelease("xenonnt_light_wimp_2024", f"from https://doi.org/{DOI}", prefix="2024/")
SPECTRUM = "signal/cevns_spectrum.json"

#: Run -> exposure in tonne years: livetime_sr0 and _sr1 of ``statistical_model_base.yaml``.
EXPOSURE_TONNE_YEAR = {"sr0": 1.174398, "sr1": 2.342593}
#: Name of both runs together, and their exposure.
ALL = "sr0+sr1"
_TOTAL_EXPOSURE = sum(EXPOSURE_TONNE_YEAR.values())
#: Recoil energies of the responses of 2026.
ENERGIES_KEV = xenonnt_cevns.ENERGIES_KEV
#: Charge-yield pulls of the responses of 2026 -> weight: together the pull, 1.77, at which they
#: give the templates of 2024 best.
CHARGE_YIELD = {1.0: 0.23, 2.0: 0.77}
#: Name in the table -> file name.
BACKGROUNDS = {"ac": "ac_cevns", "er": "er_cevns", "neutron": "rg_cevns_tly_0.0_tqy_0.0"}
COLUMNS = ("cs2", "s2_shadow_s2_time_shadow", "s1_bdt_score", "s2_bdt_score")


@builder(
    RAW,
    replace(xenonnt_cevns.RAW, prefix="2026/"),
    doi=DOI,
    licence="none stated (2024 release); CC-BY-4.0 (2026 release)",
    paper="arXiv:2409.17868; arXiv:2408.02877",
)
def build(raw: RawFolder, newer: RawFolder) -> Files:
    """Build ``response.nc`` and ``response_s2.nc`` from both releases."""
    found = [_run(raw, newer, run) for run in EXPOSURE_TONNE_YEAR]
    variables = {name: np.stack([run[name] for run in found]) for name in found[0]}
    return {
        "response.nc": _table(variables, EXPOSURE_TONNE_YEAR),
        "response_s2.nc": _table(_in_s2_alone(variables), {ALL: _TOTAL_EXPOSURE}),
    }


def _run(raw: RawFolder, newer: RawFolder, run: str) -> dict[str, Array]:
    """Return all variables of a run, without the leading run axis."""
    edges = read_edges(newer, run)

    def read(what: str) -> Array:
        relative = f"bkg/template_XENONnT_{run}_{what}.h5"
        return read_template(raw, relative, group="bkg", edges=edges)

    signal = read("b8_cevns_tly_0.0_tqy_0.0")
    shape = _shape(newer, run, edges)
    folded = _fold(raw, shape)
    seen = np.all((folded > 0) | (signal <= 0))
    newer.expect(f"templates/{run}/mono", seen, "a response wherever 2024 has signal")
    scale = np.divide(signal, folded, out=np.zeros_like(signal), where=folded > 0)
    possible = (shape * scale).sum(axis=1).max() <= 1
    raw.expect(f"bkg ({run})", possible, "a signal of probabilities that sum to at most 1")
    backgrounds = {name: read(what) for name, what in BACKGROUNDS.items()}
    events = _observed(raw, run, edges)
    return {
        "response": shape * scale,
        "released_signal": signal,
        **backgrounds,
        "observed": events,
    }


def _shape(newer: RawFolder, run: str, edges: Array) -> Array:
    """Return the response of 2026 at the charge yield of 2024, shape (recoil_energy, bin)."""
    shape = np.zeros((len(ENERGIES_KEV), N_BINS))
    for pull, weight in CHARGE_YIELD.items():
        for row, energy in enumerate(ENERGIES_KEV):
            name = f"template_XENONnT_{run}_mono_{energy:.3f}_cevns_tly_0.0_tqy_{pull:.1f}.h5"
            relative = f"templates/{run}/mono/{name}"
            template = read_template(newer, relative, group=f"{run}/mono", edges=edges)
            shape[row] += weight * template
    return shape


def _fold(raw: RawFolder, shape: Array) -> Array:
    """Fold a response with the release's recoil spectrum: events per tonne year, shape (bin,).

    The spectrum is its rate and the quantile function T(u), so that the integral over the
    spectrum is rate x int_0^1 R(T(u)) du; R linear in T, and zero beyond its end points.
    """
    text = raw.read_text(SPECTRUM, group=SPECTRUM)
    with raw.parsing(SPECTRUM, "a quantile function and a rate"):
        content = json.loads(text)
        cumulative = np.array(content["coordinate_system"], dtype=float).ravel()
        energy = np.array(content["map"], dtype=float).ravel()
        rate = float(content["rate"])
    rising = cumulative.size == energy.size and np.all(np.diff(cumulative) >= 0)
    good = rising and np.all(np.diff(energy) > 0) and rate > 0
    raw.expect(SPECTRUM, good, "increasing energies, their quantiles and a rate > 0")
    fine = np.linspace(0.0, 1.0, 20001)
    at = np.interp(fine, cumulative, energy)
    folded = [
        np.trapezoid(np.interp(at, ENERGIES_KEV, column, left=0.0, right=0.0), fine)
        for column in shape.T
    ]
    return np.asarray(rate * np.array(folded))


def _observed(raw: RawFolder, run: str, edges: Array) -> Array:
    """Return the events per bin, shape (bin,), in C order."""
    relative = f"events_{run.upper()}.csv"
    rows = read_columns(raw, relative, COLUMNS, group="events")
    counts, _ = np.histogramdd(rows, bins=list(edges))
    inside = counts.sum() == len(rows)
    raw.expect(relative, inside, f"{len(rows)} events within the bins of the templates")
    return np.asarray(counts.ravel())


def _in_s2_alone(variables: Mapping[str, Array]) -> dict[str, Array]:
    """Add up the runs, and all bins with the same S2: rates per tonne year of both together."""
    weights = np.array(list(EXPOSURE_TONNE_YEAR.values())) / _TOTAL_EXPOSURE
    summed = {}
    for name, values in variables.items():
        in_s2 = values.reshape(*values.shape[:-1], BINS_PER_AXIS, -1).sum(axis=-1)
        over_runs = np.ones(len(weights)) if name == "observed" else weights
        summed[name] = np.tensordot(over_runs, in_s2, axes=1)[None]
    return summed


def _table(variables: Mapping[str, Array], tonne_years: Mapping[str, float]) -> Table:
    """Return the table of some runs."""

    def rate(name: str, text: str) -> Column:
        return Column("run bin", variables[name], col.RATE, text)

    return {
        "response": col.response("run recoil_energy bin", variables["response"]),
        "released_signal": rate("released_signal", "8B template of the release"),
        "neutron": rate("neutron", "expected radiogenic neutrons"),
        "ac": rate("ac", "expected accidental coincidences"),
        "er": rate("er", "expected electronic recoils"),
        "observed": col.observed(variables["observed"]),
        "exposure": col.exposure(tonne_years.values()),
        "run": col.runs(tonne_years),
        "recoil_energy": col.recoil_energy(ENERGIES_KEV),
        "bin": col.bins(variables["observed"].shape[-1]),
    }
