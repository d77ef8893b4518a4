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
from bayes_cevns.plots import style
from bayes_cevns.studies.calibration.coverage_result import INTERVALS, CoverageResult
from bayes_cevns.studies.calibration.rank_result import RankResult


def calibration_figure(result: RankResult, *, width_in: float = 9.2) -> Figure:
    """Draw the ranks of a calibration with their simultaneous 95% band."""
    of_kind(result, RankResult, what="what bayes_cevns.calibrate returns")
    uniformity = result.uniformity
    curves = [
        calibration_plots.RankCurve(name, uniformity.distribution(ranks), result.p_values[name])
        for name, ranks in zip(result.quantities, result.ranks.T, strict=True)
    ]
    prior = "" if result.prior is None else f", prior {result.prior.range_text}"
    return calibration_plots.rank_ecdf(
        curves,
        points=uniformity.points,
        band=uniformity.band(),
        title=f"{_studied(result)}: calibration with simulated data",
        subtitle=f"{result.fits} fits, {len(result.reasons)} failed{prior}",
        width_in=width_in,
    )


def coverage_figure(result: CoverageResult, *, width_in: float = style.PAGE) -> Figure:
    """Draw the coverage of credible intervals at fixed truths."""
    of_kind(result, CoverageResult, what="what bayes_cevns.coverage returns")
    curves = []
    for truth in dict.fromkeys(found.truth for found in result.results):
        for interval in INTERVALS:
            own = [f for f in result.results if (f.truth, f.interval) == (truth, interval)]
            table = np.array([(f.level, f.coverage, f.error) for f in own]).T
            label = f"{truth}: {own[0].coupling:.3g}, {own[0].toys} toys"
            curves.append(calibration_plots.CoverageCurve(label, interval, *table))
    return calibration_plots.coverage(
        curves,
        title=f"{_studied(result)}: coverage in toys",
        subtitle=f"prior {prior_caption(result.spec)}, {len(result.reasons)} fits failed",
        width_in=width_in,
    )


def _studied(result: RankResult | CoverageResult) -> str:
    model = f"{interaction_title(result.spec)}{mass_text(result.mass_mev)}"
    return f"{model}; {names_text(result.spec)}"


def figures(result: RankResult | CoverageResult) -> dict[str, Figure]:
    """Return the figures of a calibration or of a coverage study; none where no fit has passed."""
    if isinstance(result, RankResult):
        return {"ranks": calibration_figure(result)} if len(result.ranks) else {}
    return {"coverage": coverage_figure(result)} if result.results else {}
