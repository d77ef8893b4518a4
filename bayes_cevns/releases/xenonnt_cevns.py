"""The XENONnT solar-8B release as one table: response, backgrounds and observed counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Array, Column, Table
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.xenonnt_binning import (
    OBSERVABLE_UNITS,
    OBSERVABLES,
    count_events,
    read_edges,
)
from bayes_cevns.releases.xenonnt_templates import N_BINS, SHAPE, read_template

DOI = "10.5281/zenodo.20576156"
RAW = RawRelease(
    "xenonnt_cevns_2026",
    f"with 'bayes-cevns data fetch xenonnt_cevns' or from https://doi.org/{DOI}",
)


@dataclass(frozen=True)
class Layout:
    """The runs and grid points of the release.

    Attributes
    ----------
    exposure_tonne_year
        Run -> exposure. The release has these in its notebook ``plot.ipynb`` (``livetimes``).
    recoil_energies_kev
        Nuclear recoil energies of the mono-energetic templates.
    yield_pulls
        Values of the light-yield and charge-yield parameters, in standard deviations.
    """

    exposure_tonne_year: Mapping[str, float] = field(
        default_factory=lambda: {"sr0": 1.174398, "sr1": 2.342593, "sr2": 3.249665}
    )
    recoil_energies_kev: tuple[float, ...] = tuple(tenth / 10 for tenth in range(5, 51))
    yield_pulls: tuple[float, ...] = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)

    @property
    def runs(self) -> tuple[str, ...]:
        """Names of the science runs."""
        return tuple(self.exposure_tonne_year)


#: The layout of the release of 2026.
RELEASE = Layout()


@builder(
    RAW,
    doi=DOI,
    licence="CC-BY-4.0",
    paper="arXiv:2604.06002; Phys. Rev. Lett. 133 (2024) 191002",
)
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the release."""
    edges = {run: read_edges(raw, run) for run in RELEASE.runs}
    return {"response.nc": _table(_variables(raw, RELEASE, edges), RELEASE, edges)}


def _variables(raw: RawFolder, layout: Layout, edges: Mapping[str, Array]) -> dict[str, Array]:
    """Read every template and event, as arrays whose first axis is the run."""
    n_yields = len(layout.yield_pulls)
    grid = (n_yields, n_yields, N_BINS)
    response = np.empty((len(layout.runs), len(layout.recoil_energies_kev), *grid))
    neutron = np.empty((len(layout.runs), *grid))
    ac = np.empty((len(layout.runs), N_BINS))
    er = np.empty_like(ac)
    observed = np.empty_like(ac)
    for i, run in enumerate(layout.runs):
        read = _reader(raw, run, edges=edges[run])
        ac[i] = read("ac")
        er[i] = read("er")
        observed[i] = count_events(raw, run, edges=edges[run])
        for (j, tly), (k, tqy) in product(enumerate(layout.yield_pulls), repeat=2):
            pulls = f"_tly_{tly:.1f}_tqy_{tqy:.1f}"
            neutron[i, j, k] = read("rg", after=pulls)
            for e, energy in enumerate(layout.recoil_energies_kev):
                response[i, e, j, k] = read("mono", before=f"_{energy:.3f}", after=pulls)
        _check_probability(raw, run, response[i])
    return {"response": response, "neutron": neutron, "ac": ac, "er": er, "observed": observed}


def _reader(raw: RawFolder, run: str, *, edges: Array) -> Callable[..., Array]:
    """Return a function that reads the template of a component of a run."""

    def read(component: str, *, before: str = "", after: str = "") -> Array:
        name = f"template_XENONnT_{run}_{component}{before}_cevns{after}.h5"
        relative = f"templates/{run}/{component}/{name}"
        return read_template(raw, relative, group=f"{run}/{component}", edges=edges)

    return read


def _check_probability(raw: RawFolder, run: str, response: Array) -> None:
    largest = response.sum(axis=-1).max()
    if largest > 1 + 1e-9:
        raise raw.error(
            f"templates/{run}/mono",
            f"expected detection probabilities that sum to at most 1, found {largest:g}",
        )


def _table(variables: Mapping[str, Array], layout: Layout, edges: Mapping[str, Array]) -> Table:
    """Return the table, with the place of each bin along each observable."""
    places = zip(OBSERVABLES, np.unravel_index(np.arange(N_BINS), SHAPE), strict=True)
    return {
        "response": col.response("run recoil_energy tly tqy bin", variables["response"]),
        "neutron": Column(
            "run tly tqy bin", variables["neutron"], col.RATE, "expected radiogenic neutrons"
        ),
        "ac": Column("run bin", variables["ac"], col.RATE, "expected accidental coincidences"),
        "er": Column("run bin", variables["er"], col.RATE, "expected electronic recoils"),
        "observed": col.observed(variables["observed"]),
        "exposure": col.exposure(layout.exposure_tonne_year.values()),
        **{
            f"edges_{name}": Column(
                "run edge",
                np.stack([edges[run][number] for run in layout.runs]),
                OBSERVABLE_UNITS[name],
                f"bin edges of {name}",
            )
            for number, name in enumerate(OBSERVABLES)
        },
        "run": col.runs(layout.runs),
        "recoil_energy": col.recoil_energy(layout.recoil_energies_kev),
        "tly": col.axis(layout.yield_pulls, "light-yield pull"),
        "tqy": col.axis(layout.yield_pulls, "charge-yield pull"),
        "bin": col.bins(N_BINS),
        **{
            f"{name}_bin": Column("bin", place.astype(np.int32), None, f"bin number along {name}")
            for name, place in places
        },
    }
