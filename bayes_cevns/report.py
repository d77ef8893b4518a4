"""Figures of a run, written beside its tables."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns import atomic
from bayes_cevns.errors import OutputError
from bayes_cevns.inference.sample_nsi import NsiResult
from bayes_cevns.inference.scan import Scan
from bayes_cevns.plots.credible_region import credible_region
from bayes_cevns.plots.exclusion import AllowedBand, ExclusionCurve, exclusion

type Array = NDArray[np.float64]

_PRIORS = {
    "flat": r"flat in $g_\nu g_q$",
    "flat-rate": "flat in the expected counts",
    "log": r"flat in $\log\,g$",
}


def exclusion_figure(scan: Scan) -> Figure:
    """Draw the limits of a scan; a fit that failed its gate leaves a gap."""
    sides = [limit.side for limit in scan.points[0].limits]
    masses = np.array([point.mass_mev for point in scan.points])
    curves = []
    for number, side in enumerate(sides):
        limit = [p.limits[number].value if p.fit.passed else np.nan for p in scan.points]
        curves.append(ExclusionCurve(side, masses, np.array(limit)))
    interaction = scan.spec.interaction
    titles = " + ".join(e.card.title for e in scan.spec.experiments)
    return exclusion(
        curves,
        title="Standard Model" if interaction is None else interaction.title,
        subtitle=f"{titles}; prior {_PRIORS[scan.spec.prior]}",
        level=scan.level,
        second_band=_second_band(scan, masses),
    )


def _second_band(scan: Scan, masses: Array) -> AllowedBand | None:
    """Return the uppermost band of the credible region where it is apart from zero."""
    ends = np.full((2, masses.size), np.nan)
    for i, point in enumerate(scan.points):
        last = point.bands[-1] if point.bands else None
        if point.fit.passed and len(point.bands) > 1 and last is not None and last.low > 0:
            ends[:, i] = last.low, last.high
    return None if np.all(np.isnan(ends)) else AllowedBand(masses, *ends)


def region_figure(result: NsiResult, one: str, two: str) -> Figure:
    """Draw the credible regions of two NSI couplings that were free together."""
    regions = result.regions(one, two)
    spec = result.spec
    others = len(spec.parameters) - 2
    titles = " + ".join(e.card.title for e in spec.experiments)
    return credible_region(
        regions.x,
        regions.y,
        regions.density,
        regions.cuts,
        levels=regions.levels,
        labels=(_coupling_label(one), _coupling_label(two)),
        title="Non-standard interactions" + (f", {others} others marginalised" if others else ""),
        subtitle=f"{titles}; flat priors",
    )


_FLAVOURS = {"e": "e", "mu": r"\mu", "tau": r"\tau"}


def _coupling_label(name: str) -> str:
    """Return a coupling such as ``eps_emu_u`` as mathematics."""
    _, pair, quark = name.split("_")
    flavours = re.findall("e|mu|tau", pair)
    return rf"$\varepsilon_{{{' '.join(_FLAVOURS[f] for f in flavours)}}}^{{{quark}}}$"


def save_figure(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and PDF, each whole or not at all.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    paths = [folder / f"{name}.{kind}" for kind in ("png", "pdf")]
    try:
        for path in paths:
            with atomic.path(path) as temporary:
                figure.savefig(temporary)
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}") from None
    return paths
