"""What the tables of both COHERENT CsI releases have in common: bins in two observables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.response import ResponseTable
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column, Table
from bayes_cevns.tables.shape_axes import ShapeAxis

#: Responses are rounded to a multiple of this, 1e-6: some 0.001 events in a bin.
ROUNDING = 2.0**-20


@dataclass(frozen=True, eq=False)
class Signal:
    """Probability to observe a recoil: photoelectrons and time are independent."""

    #: Probability of the bins of photoelectrons, at its recoil energies and shape nuisances.
    photoelectrons: ResponseTable
    #: Probability of the bins of time, shape (*nodes, time bins), and its shape nuisances.
    arrival: Array
    onset: tuple[ShapeAxis, ...] = ()

    def axes(self, name: str) -> dict[str, Column]:
        """Return recoil energies and shape nuisances, in the order of the response."""
        shapes = (*self.photoelectrons.axes, *self.onset)
        energy = Column("", self.photoelectrons.recoil_energy_kev, "keV")
        nodes = {axis.name: Column("", np.array(axis.nodes)) for axis in shapes}
        return {f"recoil_energy_{name}": energy, **nodes}

    def response(self, name: str) -> Column:
        """Return the response, its bins in one dimension."""
        pe, time = self.photoelectrons.values, self.arrival
        both = np.einsum(
            "ap,bt->abpt", pe.reshape(-1, pe.shape[-1]), time.reshape(-1, time.shape[-1])
        )
        values = both.reshape(*pe.shape[:-1], *time.shape[:-1], -1)
        rounded = np.round(values / ROUNDING) * ROUNDING
        dims = " ".join([*self.axes(name), "run", "bin"])
        return col.response(dims, rounded, f"probability to observe a recoil, {name} neutrinos")


def csi_table(
    pe_edges: Array,
    time_edges_us: Array,
    *,
    mass_tonne: float,
    signals: Mapping[str, Signal],
    backgrounds: Mapping[str, Array],
    counts: NDArray[np.generic],
) -> Table:
    """Return the table of bins in photoelectrons and time.

    `signals` and `backgrounds` go by name; backgrounds (expected events) and counts have the shape
    (PE bins, time bins). The detector's protons on target are spread over one year by the source.
    """
    text = "bin of photoelectrons and time, time runs faster"
    shared = {"run": col.runs(["all"]), "bin": col.bins(counts.size, text)}
    columns: dict[str, Column] = {}
    for name, signal in signals.items():
        columns |= {**signal.axes(name), **shared, f"response_{name}": signal.response(name)}
    for name, expected in backgrounds.items():
        text = f"expected events, {name.replace('_', ' ')}"
        columns[name] = Column("run bin", expected.ravel(), "counts", text)
    return {
        **columns,
        "observed": col.observed(counts.ravel()),
        "exposure": col.exposure([mass_tonne], "mass times one year"),
        "edges_pe": Column("edge_pe", pe_edges, "PE", "bin edges"),
        "edges_time": Column("edge_time", time_edges_us, "us", "bin edges"),
    }
