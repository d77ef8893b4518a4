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

    def response(self, name: str) -> dict[str, Column]:
        """Return the response as two factors, of photoelectrons and of time."""
        pe_axes = (f"recoil_energy_{name}", *(axis.name for axis in self.photoelectrons.axes))
        time_axes = (axis.name for axis in self.onset)
        arrival = f"arrival_{name}"
        return {
            f"response_{name}": col.probability(
                " ".join([*pe_axes, "run", "row"]),
                self.photoelectrons.values,
                f"probability of the bins of photoelectrons for a recoil, {name} neutrinos",
                times=arrival,
            ),
            arrival: col.probability(
                " ".join([*time_axes, "column"]),
                self.arrival,
                f"probability of the bins of time, {name} neutrinos",
            ),
        }


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
        columns |= {**signal.axes(name), **shared, **signal.response(name)}
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
