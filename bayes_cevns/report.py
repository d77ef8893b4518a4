"""Figures of a run, written beside its tables."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns import atomic
from bayes_cevns.errors import ArgumentError, OutputError
from bayes_cevns.inference.profile_scan import KIND, ProfileScan
from bayes_cevns.inference.sample_nsi import NsiResult
from bayes_cevns.inference.scan import Scan
from bayes_cevns.plots.credible_region import credible_region
from bayes_cevns.plots.exclusion import AllowedBand, ExclusionCurve, exclusion
from bayes_cevns.specification import ModelSpec

type Array = NDArray[np.float64]

_PRIORS = {
    "flat": r"flat in $g_\nu g_q$",
    "flat-rate": "flat in the expected counts",
    "log": r"flat in $\log\,g$",
}


def exclusion_figure(scan: Scan, profile: ProfileScan | None = None) -> Figure:
    """Draw the limits of a scan; a fit that failed its gate leaves a gap.

    Parameters
    ----------
    scan
        Credible limits.
    profile
        Limits of the profile likelihood of the same model and level, drawn dashed beside them.

    Raises
    ------
    ArgumentError
        If they are of another interaction, other experiments or another level.
    """
    if profile is not None:
        _check_alike(scan, profile)
    sides = [limit.side for limit in scan.points[0].limits]
    masses = np.array([point.mass_mev for point in scan.points])
    curves = []
    for number, side in enumerate(sides):
        limit = [p.limits[number].value if p.fit.passed else np.nan for p in scan.points]
        curves.append(ExclusionCurve(side, masses, np.array(limit)))
    return exclusion(
        [*curves, *([] if profile is None else _profile_curves(profile))],
        title=_title(scan.spec),
        subtitle=f"{_data(scan.spec)}; prior {_PRIORS[scan.spec.prior]}",
        level=scan.level,
        second_band=_second_band(scan, masses),
    )


def profile_figure(profile: ProfileScan) -> Figure:
    """Draw the limits of profile likelihoods over masses; a fit that failed leaves a gap."""
    return exclusion(
        _profile_curves(profile),
        title=_title(profile.spec),
        subtitle=f"{_data(profile.spec)}; profile likelihood",
        level=profile.level,
    )


def _profile_curves(profile: ProfileScan) -> list[ExclusionCurve]:
    masses = np.array([np.nan if p.mass_mev is None else p.mass_mev for p in profile.points])
    curves = []
    for number, side in enumerate(profile.sides):
        found = [p.result.limits[number].value if p.result else np.nan for p in profile.points]
        curves.append(ExclusionCurve(side, masses, np.array(found), kind=KIND))
    return curves


def _check_alike(scan: Scan, profile: ProfileScan) -> None:
    one, two = ((_title(s.spec), _data(s.spec), f"level {s.level:g}") for s in (scan, profile))
    for ours, theirs in zip(one, two, strict=True):
        if ours != theirs:
            raise ArgumentError(
                f"credible limits of {ours} cannot be drawn with a profile of {theirs}: "
                "ask for the same interaction, experiments and level"
            )


def _title(spec: ModelSpec) -> str:
    return "Standard Model" if spec.interaction is None else spec.interaction.title


def _data(spec: ModelSpec) -> str:
    return " + ".join(experiment.card.title for experiment in spec.experiments)


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
