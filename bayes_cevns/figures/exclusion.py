"""Figures of limits over masses: credible regions, and those of a profile likelihood."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bayes_cevns.arguments import of_kind
from bayes_cevns.errors import ArgumentError
from bayes_cevns.figures.captions import (
    axis_of,
    coupling_of,
    data_text,
    interaction_title,
    prior_caption,
    titled,
)
from bayes_cevns.figures.regions import profile_regions, scan_regions
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.exclusion import exclusion
from bayes_cevns.plots.style import PAGE, Rc, applied
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.profile import ProfileScan
from bayes_cevns.studies.scan_result import Scan


def exclusion_figure(
    scan: Scan,
    profile: ProfileScan | None = None,
    *,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw the regions of a scan, a panel a sign; a fit that failed its gate leaves a gap.

    Parameters
    ----------
    scan
        Credible regions and limits.
    profile
        Those of the profile likelihood of the same model and level, drawn dashed beside them.
    width_in
        Width of the figure in inches.

    Raises
    ------
    ArgumentError
        If they are of another interaction, other experiments or another level, or nothing is
        finished; or if the width is too small.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> scan = bc.scan("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], seed=1)
    >>> bc.exclusion_figure(scan).savefig("exclusion.pdf")
    """
    of_kind(scan, Scan, what="what bayes_cevns.scan returns")
    if profile is not None:
        of_kind(profile, ProfileScan, what="what bayes_cevns.profile_scan returns")
        _check_alike(scan, profile)
    words = (data_text(scan.spec.experiments), f"prior {prior_caption(scan.spec)}", scan.method)
    with applied(style):
        return exclusion(
            [*scan_regions(scan), *([] if profile is None else profile_regions(profile))],
            title=titled(interaction_title(scan.spec), scan.spec.experiments),
            subtitle="; ".join(text for text in words if text),
            level=scan.level,
            coupling=coupling_of(scan.spec),
            mass_label=axis_of(scan.spec).label,
            width_in=width_in,
            ax=ax,
        )


def profile_figure(
    profile: ProfileScan,
    *,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw the regions of profile likelihoods over masses; a fit that failed leaves a gap."""
    spec = profile.spec
    with applied(style):
        return exclusion(
            profile_regions(profile),
            title=titled(interaction_title(spec), spec.experiments),
            subtitle=f"{data_text(spec.experiments)}; profile likelihood",
            level=profile.level,
            coupling=coupling_of(spec),
            mass_label=axis_of(spec).label,
            width_in=width_in,
            ax=ax,
        )


def _check_alike(scan: Scan, profile: ProfileScan) -> None:
    one, two = (
        (interaction_title(s.spec), _all_data(s.spec), f"level {s.level:g}")
        for s in (scan, profile)
    )
    for ours, theirs in zip(one, two, strict=True):
        if ours != theirs:
            raise ArgumentError(
                f"credible limits of {ours} cannot be drawn with a profile of {theirs}: "
                "ask for the same interaction, experiments and level"
            )


def _all_data(spec: ModelSpec) -> str:
    return titled(data_text(spec.experiments), spec.experiments)


def figures(result: Scan | ProfileScan, *, width_in: float | None = None) -> dict[str, Figure]:
    """Return the figures of a scan or of profiles over masses; none where nothing is drawn."""
    width = width_in or PAGE
    if isinstance(result, Scan):
        drawn = any(np.isfinite(point.mass_mev) for point in result.points)
        return {"exclusion": exclusion_figure(result, width_in=width)} if drawn else {}
    masses = [point.mass_mev for point in result.points if point.mass_mev is not None]
    return {"exclusion_cl": profile_figure(result, width_in=width)} if masses else {}
