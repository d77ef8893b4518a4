"""The table of a detector that only exists on paper."""

from __future__ import annotations

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.ideal import IdealDetector
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column, Table


def ideal_table(
    detector: IdealDetector, tonne_years: float, background: Array | None = None
) -> Table:
    """Return the table of an experiment with one run and no observed counts.

    `background` are counts per tonne year in the bins, shape (bins,).
    """
    edges = Column("edge", detector.edges_kev, "keV", "bin edges of the detected energy")
    rates = {} if background is None else {"background": Column("run bin", background, col.RATE)}
    return {
        "response": col.response("run recoil_energy bin", detector.response()),
        "exposure": col.exposure([tonne_years], None),
        "edges": edges,
        **rates,
        "run": col.runs(["all"], None),
        "recoil_energy": col.recoil_energy(detector.nodes_kev(), "recoil energy"),
        "bin": col.bins(detector.edges_kev.size - 1, None),
    }
