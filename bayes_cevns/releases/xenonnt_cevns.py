"""The XENONnT solar-8B release as one table: response, backgrounds and observed counts."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.releases import columns as col
from bayes_cevns.releases import xenonnt_files as files
from bayes_cevns.releases.columns import RATE, Column, Table
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder

DOI = "10.5281/zenodo.20576156"
RAW = RawRelease(
    "xenonnt_cevns_2026",
    f"with 'bayes-cevns data fetch xenonnt_cevns' or from https://doi.org/{DOI}",
)

#: Run -> exposure: ``livetimes`` of the release's notebook ``plot.ipynb``.
EXPOSURE_TONNE_YEAR = {"sr0": 1.174398, "sr1": 2.342593, "sr2": 3.249665}
#: Nuclear recoil energies of the mono-energetic templates.
ENERGIES_KEV = tuple(tenth / 10 for tenth in range(5, 51))
#: Values of the light-yield and charge-yield parameters, in standard deviations.
PULLS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)


@builder(
    RAW,
    doi=DOI,
    licence="CC-BY-4.0",
    paper="arXiv:2604.06002; Phys. Rev. Lett. 133 (2024) 191002",
)
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the release."""
    edges = {run: files.read_edges(raw, run) for run in EXPOSURE_TONNE_YEAR}
    found = [_run(raw, run, edges[run]) for run in EXPOSURE_TONNE_YEAR]
    variables = {name: np.stack([run[name] for run in found]) for name in found[0]}
    return {"response.nc": _table(variables, np.stack(list(edges.values())))}


def _run(raw: RawFolder, run: str, edges: Array) -> dict[str, Array]:
    """Read every template and event of a run."""

    def read(component: str, before: str = "", after: str = "") -> Array:
        name = f"template_XENONnT_{run}_{component}{before}_cevns{after}.h5"
        relative = f"templates/{run}/{component}/{name}"
        return files.read_template(raw, relative, group=f"{run}/{component}", edges=edges)

    def read_pulls(component: str, before: str = "") -> list[list[Array]]:
        return [
            [read(component, before, f"_tly_{tly:.1f}_tqy_{tqy:.1f}") for tqy in PULLS]
            for tly in PULLS
        ]

    response = np.array([read_pulls("mono", f"_{energy:.3f}") for energy in ENERGIES_KEV])
    largest = response.sum(axis=-1).max()
    what = f"detection probabilities that sum to at most 1, found {largest:g}"
    raw.expect(f"templates/{run}/mono", largest <= 1 + 1e-9, what)
    return {
        "response": response,
        "neutron": np.array(read_pulls("rg")),
        "ac": read("ac"),
        "er": read("er"),
        "observed": files.count_events(raw, run, edges=edges),
    }


def _table(variables: dict[str, Array], edges: Array) -> Table:
    """Return the table, with the place of each bin along each observable."""

    def rate(name: str, dims: str, text: str) -> Column:
        return Column(dims, variables[name], RATE, f"expected {text}")

    places = np.unravel_index(np.arange(files.N_BINS), files.SHAPE)
    return {
        "response": col.response("run recoil_energy tly tqy bin", variables["response"]),
        "neutron": rate("neutron", "run tly tqy bin", "radiogenic neutrons"),
        "ac": rate("ac", "run bin", "accidental coincidences"),
        "er": rate("er", "run bin", "electronic recoils"),
        "observed": col.observed(variables["observed"]),
        "exposure": col.exposure(EXPOSURE_TONNE_YEAR.values()),
        **{
            f"edges_{name}": Column("run edge", edges[:, number], unit, f"bin edges of {name}")
            for number, (name, unit) in enumerate(files.OBSERVABLE_UNITS.items())
        },
        "run": col.runs(EXPOSURE_TONNE_YEAR),
        "recoil_energy": col.recoil_energy(ENERGIES_KEV),
        "tly": col.axis(PULLS, "light-yield pull"),
        "tqy": col.axis(PULLS, "charge-yield pull"),
        "bin": col.bins(files.N_BINS),
        **{
            f"{name}_bin": Column("bin", np.int32(place), None, f"bin number along {name}")
            for name, place in zip(files.OBSERVABLES, places, strict=True)
        },
    }
