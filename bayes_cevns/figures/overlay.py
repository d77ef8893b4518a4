"""The figure of several runs over one mass, with limits of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from bayes_cevns.arguments import flag
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.figures.alike import Facts, check_alike, differences, facts, labelled
from bayes_cevns.figures.captions import axis_of, coupling_of, data_text, names_text
from bayes_cevns.figures.expected_limits import expected_curve
from bayes_cevns.figures.regions import profile_regions, scan_regions
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.frame import sign_label
from bayes_cevns.plots.overlay import overlay
from bayes_cevns.plots.published import PublishedCurve
from bayes_cevns.plots.region_lines import ExclusionRegions
from bayes_cevns.plots.style import PAGE, Rc, applied
from bayes_cevns.published.limit import PublishedLimit
from bayes_cevns.published.table import published_limit, published_limits
from bayes_cevns.specification.columns import CL, CREDIBLE
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.profile import ProfileScan
from bayes_cevns.studies.scan_result import Scan
from bayes_cevns.studies.sensitivity.result import Sensitivity

type Drawn = Scan | ProfileScan | Sensitivity

#: All limits of others that can be converted exactly.
ALL = "all"


def overlay_figure(
    results: Sequence[Drawn],
    *,
    labels: Sequence[str] | None = None,
    published: str | Sequence[str | PublishedLimit] = (),
    mixed: bool = False,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw limits of several runs in one plane, with limits that others have published.

    Parameters
    ----------
    results
        Scans, previews and profiles over masses; of expected limits one at most, whose bands are
        drawn behind.
    labels
        What each is called; by default after its experiments.
    published
        Limits of others, by their names (`bayes_cevns.published_limits`), or ``"all"`` that can be
        converted exactly to the coupling of the figure.
    mixed
        Whether runs may differ in level, prior, kind (credible or CL), kind of data or coupling;
        the legend then says which is which.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one for each sign of the amplitude, in place of a new figure.
    style
        A style of matplotlib or parameters of it, over those of this package.

    Returns
    -------
    Figure
        The one that was drawn on. A fit that failed its gate is a cross, and no limit.

    Raises
    ------
    ArgumentError
        If results are of another kind, or differ where they may not; or if a published limit
        cannot be converted exactly.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> scan = bc.scan("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], seed=1)
    >>> figure = bc.overlay_figure([scan], labels=["XENONnT"], published=["b-l.borexino_2018"])
    """
    given = checked(results)
    found = [_facts(result) for result in given]
    names = labelled([_name(result) for result in given], labels)
    if not flag(mixed, what="mixed"):
        check_alike(found, names)
    words = [
        f"{name}; {difference}" if difference else name
        for name, difference in zip(names, differences(found), strict=True)
    ]
    drawn = [r for result, label in zip(given, words, strict=True) for r in _regions(result, label)]
    bands = [result for result in given if isinstance(result, Sensitivity)]
    spec = given[0].spec
    sides = {side: sign_label(side, coupling_of(r.spec)) for r in given for side in r.spec.sides}
    with applied(style):
        return overlay(
            drawn,
            title=_title(found, given),
            subtitle=_subtitle(found, given),
            coupling_label=_axis_label(given),
            mass_label=axis_of(spec).label,
            sides=sides,
            expected=[expected_curve(bands[0], side) for side in bands[0].sides] if bands else (),
            published=_published(published, given, sides),
            combined=_combined(given, words),
            width_in=width_in,
            ax=ax,
        )


def seen_limits(
    published: str | Sequence[str | PublishedLimit], results: Sequence[Drawn]
) -> list[PublishedLimit]:
    """Return the published limits at masses of results, on the coupling of the first one.

    Parameters
    ----------
    published
        As of `overlay_figure`.
    results
        What they are drawn with.

    Raises
    ------
    ArgumentError, UnknownNameError
        If a name is not known, or its limit cannot be converted exactly.
    """
    masses = [mass for result in results for mass in _masses(result)]
    limits = _converted(published, results[0].spec)
    return [limit for limit in limits if _is_seen(limit, min(masses), max(masses))]


def _is_seen(limit: PublishedLimit, low: float, high: float) -> bool:
    return bool(np.nanmin(limit.mass_mev) <= high and np.nanmax(limit.mass_mev) >= low)


def _converted(
    published: str | Sequence[str | PublishedLimit], spec: ModelSpec
) -> list[PublishedLimit]:
    assert spec.interaction is not None
    if isinstance(published, str):
        if published == ALL:
            return published_limits(spec.interaction)
        published = [published]
    if not isinstance(published, Sequence):
        raise ArgumentError(
            f"expected names of published limits, or 'all', got {shown(published)}: see "
            "bayes_cevns.published_limits()"
        )
    limits = [p if isinstance(p, PublishedLimit) else published_limit(p) for p in published]
    return [limit.quoted_for(spec.interaction) for limit in limits]


def _published(
    asked: str | Sequence[str | PublishedLimit], results: Sequence[Drawn], sides: Iterable[str]
) -> dict[str, list[PublishedCurve]]:
    """Return the curves of each side."""
    axis, limits = axis_of(results[0].spec), seen_limits(asked, results)
    return {
        side: [
            PublishedCurve(limit.title, axis.drawn(limit.mass_mev), limit.lower, limit.upper)
            for limit in limits
            if limit.side == side
        ]
        for side in sides
    }


def checked(results: Sequence[object]) -> list[Drawn]:
    """Return results that can be drawn over one mass.

    Raises
    ------
    ArgumentError
        If one cannot, or with others, or there is none.
    """
    given: list[Drawn] = []
    for result in results if isinstance(results, Sequence) else []:
        if not isinstance(result, Scan | ProfileScan | Sensitivity):
            raise ArgumentError(
                "expected scans, previews, profiles over masses or expected limits, got "
                f"{shown(result)}: other results have figures of their own"
            )
        if result.spec.interaction is None or not _masses(result):
            raise ArgumentError(
                f"{names_text(result.spec)}: expected limits over masses, got a result without a "
                "finished mass: nothing can be drawn of it"
            )
        given.append(result)
    if not given:
        raise ArgumentError(f"expected a list of results, got {shown(results)}")
    if sum(isinstance(result, Sensitivity) for result in given) > 1:
        raise ArgumentError(
            "expected the bands of one study of expected limits at most: draw the others apart"
        )
    axes = {axis_of(result.spec).label for result in given}
    if len(axes) > 1:
        raise ArgumentError(f"one figure has one mass, got {' and '.join(sorted(axes))}")
    return given


def _masses(result: Drawn) -> list[float]:
    if isinstance(result, Sensitivity):
        return [mass for mass in result.masses if mass is not None]
    return [p.mass_mev for p in result.points if p.mass_mev is not None]


def _name(result: Drawn) -> str:
    name = names_text(result.spec)
    return f"{name}, expected" if isinstance(result, Sensitivity) else name


def _facts(result: Drawn) -> Facts:
    kind = CL if isinstance(result, ProfileScan) else CREDIBLE
    found = facts(result.spec, result.level, kind=kind)
    # Bands are of toys whatever the data are.
    return replace(found, data="observed") if isinstance(result, Sensitivity) else found


def _regions(result: Drawn, label: str) -> list[ExclusionRegions]:
    if isinstance(result, Sensitivity):
        return []
    if isinstance(result, ProfileScan):
        return [replace(one, label=label) for one in profile_regions(result)]
    method = f" ({result.method})" if result.method else ""
    return [replace(one, label=f"{label}{method}") for one in scan_regions(result)]


def _combined(results: Sequence[Drawn], labels: Sequence[str]) -> set[str]:
    """Return the labels of joint fits of experiments that other runs have alone."""
    sets = [{e.name for e in result.spec.experiments} for result in results]
    return {label for label, own in zip(labels, sets, strict=True) if any(own > s for s in sets)}


def _title(found: Sequence[Facts], results: Sequence[Drawn]) -> str:
    titles = dict.fromkeys(each.title for each in found)
    if len(results) == 1:
        return f"{next(iter(titles))}; {data_text(results[0].spec.experiments)}"
    return ", ".join(titles)


def _subtitle(found: Sequence[Facts], results: Sequence[Drawn]) -> str:
    """Return level, kind, prior and data where all agree; a legend has them where they differ."""
    parts = []
    if len({(each.level, each.kind) for each in found}) == 1:
        parts.append(f"{found[0].level} {found[0].kind} limits")
    captions = {each.caption for each in found if each.prior}
    if len(captions) == 1:
        parts.append(f"prior {captions.pop()}")
    if {each.data for each in found} != {"observed"} and len({each.data for each in found}) == 1:
        parts.append(f"expected: {found[0].data}")
    if len(results) > 1:
        experiments = {e.name: e for result in results for e in result.spec.experiments}
        parts.append(data_text(experiments.values()))
    return "; ".join(parts)


def _axis_label(results: Sequence[Drawn]) -> str:
    return " or ".join(dict.fromkeys(coupling_of(result.spec).label for result in results))
