"""Figures of calibrations: ranks of truths, coverage."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bayes_cevns.arguments import of_kind
from bayes_cevns.figures.captions import (
    interaction_title,
    mass_text,
    names_text,
    prior_caption,
)
from bayes_cevns.plots import ranks_and_coverage as calibration_plots
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.style import PAGE, Rc, applied
from bayes_cevns.studies.calibration.coverage_result import Coverage, CoverageResult
from bayes_cevns.studies.calibration.rank_result import RankResult

#: Width in inches of a figure with a panel for each quantity.
_RANKS = 9.2


def calibration_figure(
    result: RankResult,
    *,
    width_in: float = _RANKS,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw the ranks of a calibration with their simultaneous 95% band.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> ranks = bc.calibrate(
    ...     "xenonnt_2024_s2", interaction="scalar-universal", mass_mev=10.0, fits=20
    ... )
    >>> bc.calibration_figure(ranks).savefig("ranks.png")
    """
    of_kind(result, RankResult, what="what bayes_cevns.calibrate returns")
    uniformity = result.uniformity
    curves = [
        calibration_plots.RankCurve(name, uniformity.distribution(ranks), result.p_values[name])
        for name, ranks in zip(result.quantities, result.ranks.T, strict=True)
    ]
    prior = "" if result.prior is None else f", prior {result.prior.range_text}"
    with applied(style):
        return calibration_plots.rank_ecdf(
            curves,
            points=uniformity.points,
            band=uniformity.band(),
            title=f"{_studied(result)}: calibration with simulated data",
            subtitle=f"{result.fits} fits, {len(result.reasons)} failed{prior}",
            width_in=width_in,
            ax=ax,
        )


def coverage_figure(
    result: CoverageResult,
    *,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw the coverage of credible intervals at fixed truths.

    Of several couplings that of regions of highest density, of each coupling and of each pair;
    the table has central intervals as well.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.coverage(
    ...     "xenonnt_2024_s2", interaction="scalar-universal", mass_mev=10.0, toys=4, precision=0.3
    ... )
    >>> bc.coverage_figure(found).savefig("coverage.png")
    """
    of_kind(result, CoverageResult, what="what bayes_cevns.coverage returns")
    groups: dict[tuple[str, str], list[Coverage]] = {}
    for found in result.results:
        if not found.quantity or found.interval == "region":
            held = found.quantity or found.interval
            groups.setdefault((found.truth, held), []).append(found)
    curves = []
    for (truth, held), own in groups.items():
        table = np.array([(f.level, f.coverage, f.error) for f in own]).T
        label = f"{truth}: {result.truth_text(own[0])}, {own[0].toys} toys"
        curves.append(calibration_plots.CoverageCurve(label, held, *table))
    with applied(style):
        return calibration_plots.coverage(
            curves,
            title=f"{_studied(result)}: coverage in toys",
            subtitle=f"{_prior(result)}, {len(result.reasons)} fits failed",
            width_in=width_in,
            ax=ax,
        )


def _prior(result: CoverageResult) -> str:
    """Return the prior; with several couplings also of what the coverage is."""
    if result.spec.couplings is None:
        return f"prior {prior_caption(result.spec)}"
    return "highest-density regions with a uniform prior"


def _studied(result: RankResult | CoverageResult) -> str:
    several = result.spec.couplings
    new = interaction_title(result.spec) if several is None else ", ".join(several.names)
    model = f"{new}{mass_text(result.mass_mev)}"
    return f"{model}; {names_text(result.spec)}"


def figures(
    result: RankResult | CoverageResult, *, width_in: float | None = None
) -> dict[str, Figure]:
    """Return the figures of a calibration or of a coverage study; none where no fit has passed."""
    if isinstance(result, RankResult):
        return (
            {"ranks": calibration_figure(result, width_in=width_in or _RANKS)}
            if len(result.ranks)
            else {}
        )
    return (
        {"coverage": coverage_figure(result, width_in=width_in or PAGE)} if result.results else {}
    )
