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
from bayes_cevns.studies.calibration.coverage import INTERVALS, CoverageStudy
from bayes_cevns.studies.calibration.ranking import RankStudy


def calibration_figure(study: RankStudy, *, width_in: float = 9.2) -> Figure:
    """Draw the ranks of a calibration with their simultaneous 95% band."""
    of_kind(study, RankStudy, what="what bayes_cevns.calibrate returns")
    uniformity = study.uniformity
    curves = [
        calibration_plots.RankCurve(name, uniformity.distribution(ranks), study.p_values[name])
        for name, ranks in zip(study.quantities, study.ranks.T, strict=True)
    ]
    prior = "" if study.prior is None else f", prior {study.prior.range_text}"
    return calibration_plots.rank_ecdf(
        curves,
        points=uniformity.points,
        band=uniformity.band(),
        title=f"{_studied(study)}: calibration with simulated data",
        subtitle=f"{study.fits} fits, {len(study.reasons)} failed{prior}",
        width_in=width_in,
    )


def coverage_figure(study: CoverageStudy, *, width_in: float = style.PAGE) -> Figure:
    """Draw the coverage of credible intervals at fixed truths."""
    of_kind(study, CoverageStudy, what="what bayes_cevns.coverage returns")
    curves = []
    for truth in dict.fromkeys(found.truth for found in study.results):
        for interval in INTERVALS:
            own = [f for f in study.results if (f.truth, f.interval) == (truth, interval)]
            table = np.array([(f.level, f.coverage, f.error) for f in own]).T
            label = f"{truth}: {own[0].coupling:.3g}, {own[0].toys} toys"
            curves.append(calibration_plots.CoverageCurve(label, interval, *table))
    return calibration_plots.coverage(
        curves,
        title=f"{_studied(study)}: coverage in toys",
        subtitle=f"prior {prior_caption(study.spec)}, {len(study.reasons)} fits failed",
        width_in=width_in,
    )


def _studied(study: RankStudy | CoverageStudy) -> str:
    model = f"{interaction_title(study.spec)}{mass_text(study.mass_mev)}"
    return f"{model}; {names_text(study.spec)}"
