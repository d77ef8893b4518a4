"""Figures of results, written beside their tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns import atomic
from bayes_cevns.arguments import of_kind
from bayes_cevns.calibration.coverage import INTERVALS, CoverageStudy
from bayes_cevns.calibration.sbc import RankStudy
from bayes_cevns.captions import (
    coupling_of,
    data_text,
    data_words,
    interaction_title,
    is_projection,
    mass_text,
    names_text,
    prior_caption,
    titled,
)
from bayes_cevns.ends import End, Ends
from bayes_cevns.errors import ArgumentError, OutputError
from bayes_cevns.expected.sensitivity import Sensitivity
from bayes_cevns.inference.comparison import Comparison
from bayes_cevns.inference.prior_sensitivity import PriorSensitivity, rate_quantiles
from bayes_cevns.inference.profile_scan import ProfileScan
from bayes_cevns.inference.sample_couplings import CouplingFits
from bayes_cevns.inference.scan import Scan
from bayes_cevns.model import nuisance_name
from bayes_cevns.physics.interactions.coupling import axis_label
from bayes_cevns.plots import calibration as calibration_plots
from bayes_cevns.plots import style
from bayes_cevns.plots.comparison import ComparedModel, comparison
from bayes_cevns.plots.credible_region import credible_region
from bayes_cevns.plots.exclusion import exclusion
from bayes_cevns.plots.predictive import predictions
from bayes_cevns.plots.prior_posterior import RateDraws, prior_posterior
from bayes_cevns.plots.sensitivity import ASIMOV, OBSERVED, ExpectedCurve, sensitivity
from bayes_cevns.regions import profile_regions, scan_regions
from bayes_cevns.specification import ModelSpec
from bayes_cevns.summary.expected import SIGMAS, ExpectedLimit
from bayes_cevns.summary.limits import Limit
from bayes_cevns.summary.regions import CredibleRegions

type Array = NDArray[np.float64]

#: Quantiles that stand for a density in the rate.
_RATE_DRAWS = 40_000

#: Width of the figure of two couplings in inches.
_REGION_WIDTH = 5.6


def exclusion_figure(
    scan: Scan, profile: ProfileScan | None = None, *, width_in: float = style.PAGE
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
    """
    of_kind(scan, Scan, what="what bayes_cevns.scan returns")
    if profile is not None:
        of_kind(profile, ProfileScan, what="what bayes_cevns.profile_scan returns")
        _check_alike(scan, profile)
    return exclusion(
        [*scan_regions(scan), *([] if profile is None else profile_regions(profile))],
        title=titled(interaction_title(scan.spec), scan.spec.experiments),
        subtitle=f"{data_text(scan.spec.experiments)}; prior {prior_caption(scan.spec)}",
        level=scan.level,
        coupling=coupling_of(scan.spec),
        width_in=width_in,
    )


def profile_figure(profile: ProfileScan, *, width_in: float = style.PAGE) -> Figure:
    """Draw the regions of profile likelihoods over masses; a fit that failed leaves a gap."""
    spec = profile.spec
    return exclusion(
        profile_regions(profile),
        title=titled(interaction_title(spec), spec.experiments),
        subtitle=f"{data_text(spec.experiments)}; profile likelihood",
        level=profile.level,
        coupling=coupling_of(spec),
        width_in=width_in,
    )


def sensitivity_figure(result: Sensitivity, *, width_in: float = style.PAGE) -> Figure:
    """Draw expected limits as bands, with the observed and the Asimov limit.

    Raises
    ------
    ArgumentError
        If the interaction has no mediator, whose mass is the horizontal axis.
    """
    of_kind(result, Sensitivity, what="what bayes_cevns.sensitivity returns")
    title = interaction_title(result.spec)
    if result.masses == [None]:
        raise ArgumentError(f"{title} has no mediator mass to draw limits over")
    toys = max(point.toys + point.toys_failed for point in result.points())
    kind = {"prior": "prior-predictive", "nominal": "nominal"}[result.toy_nuisances]
    return sensitivity(
        [_expected_curve(result, side) for side in result.sides],
        title=titled(f"{title}, expected limits", result.experiments),
        subtitle=f"{data_text(result.experiments)}; prior {prior_caption(result.spec)}"
        + (f"; {toys} {kind} toys" if toys else ""),
        level=result.level,
        coupling=coupling_of(result.spec),
        data=data_words(result.experiments),
        width_in=width_in,
    )


def _expected_curve(result: Sensitivity, side: str) -> ExpectedCurve:
    points = [point for point in result.points() if point.side == side]

    def values(found: Iterable[ExpectedLimit]) -> Array:
        return np.array([limit.value for limit in found])

    def limits(found: Iterable[Limit | None], *, is_open: bool = False) -> Array:
        return np.array(
            [
                np.nan if x is None or (x.ends.high.kind == "range") != is_open else x.value
                for x in found
            ]
        )

    observed, expected = [p.observed for p in points], [p.asimov for p in points]
    return ExpectedCurve(
        side,
        np.array([np.nan if p.mass_mev is None else p.mass_mev for p in points]),
        {sigma: values(p.expected[i] for p in points) for i, sigma in enumerate(SIGMAS)},
        observed=limits(observed),
        asimov=limits(expected),
        open_ends={
            OBSERVED: limits(observed, is_open=True),
            ASIMOV: limits(expected, is_open=True),
        },
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


def region_figure(
    result: CouplingFits, one: str, two: str, *, width_in: float = _REGION_WIDTH
) -> Figure:
    """Draw the credible regions of two couplings that were free together, or of one and a nuisance.

    Where the regions are open, the ends of the priors are drawn, and those of couplings that are
    marginalised are named.
    """
    of_kind(result, CouplingFits, what="what bayes_cevns.sample_couplings returns")
    regions = result.regions(one, two)
    spec = result.spec
    others = len(set(result.names) - {one, two})
    title = "Couplings of neutrinos"
    if all(name.startswith("eps") for name in result.names):
        title = "Non-standard interactions"
    mass = "" if result.model.mass_mev is None else f", mediator of {result.model.mass_mev:.4g} MeV"
    phase = ", CP phase as in PDG" if result.has_phase else ""
    return credible_region(
        regions.x,
        regions.y,
        regions.density,
        regions.cuts,
        levels=regions.levels,
        labels=(_parameter_label(result, one), _parameter_label(result, two)),
        reference=(result.reference(one), result.reference(two)),
        title=titled(
            title + mass + (f", {others} others marginalised" if others else ""),
            spec.experiments,
        ),
        subtitle=f"{data_text(spec.experiments)}; flat priors{phase}"
        + _marginalised_ends(result, regions, (one, two)),
        box=(_own_bounds(regions.ends[0], one), _own_bounds(regions.ends[1], two)),
        is_projection=is_projection(spec.experiments),
        width_in=width_in,
    )


def _own_bounds(ends: Ends, name: str) -> tuple[float | None, float | None]:
    """Return the bounds of the prior of a coupling where its regions are open."""

    def bound(end: End) -> float | None:
        return end.bound if (end.kind, end.of) == ("range", name) else None

    return bound(ends.low), bound(ends.high)


def _marginalised_ends(
    result: CouplingFits, regions: CredibleRegions, drawn: tuple[str, str]
) -> str:
    """Return at which bounds of couplings that are not drawn the regions are open."""
    bounds: dict[str, list[float]] = {}
    for end in [end for ends in regions.ends for end in (ends.low, ends.high)]:
        if end.kind == "range" and end.of not in drawn:
            bounds.setdefault(end.of, []).append(end.bound)
    return "".join(
        f"; open: cut by the end of the prior of {_parameter_label(result, name)} at "
        + " and ".join(f"{value:.4g}" for value in sorted(set(values)))
        for name, values in bounds.items()
    )


def _parameter_label(result: CouplingFits, name: str) -> str:
    """Return a coupling as mathematics with its unit, or a nuisance in the words of its card."""
    for coupling in result.model.couplings:
        if coupling.name == name:
            return axis_label(coupling.latex, coupling.unit or "1")
    titles = {
        nuisance_name(experiment, key): experiment.card.nuisance[key].title
        for experiment in result.spec.experiments
        for key in experiment.nuisances()
    }
    return titles[name]


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


def comparison_figure(compared: Comparison, *, width_in: float = 9.2) -> Figure:
    """Draw Bayes factors, how they depend on the end of the prior, and cross-validation."""
    of_kind(compared, Comparison, what="what bayes_cevns.compare returns")
    reference = compared.reference
    shown = []
    for model in compared.models[1:]:
        factors = model.bayes_factors
        shown.append(
            ComparedModel(
                model.run.name,
                *compared.log_bayes_factor(model),
                *model.loo.difference(reference.loo),
                np.array([]) if factors is None else factors.max_coupling,
                np.array([]) if factors is None else factors.log_bayes_factor,
            )
        )
    spec = compared.models[-1].run.spec
    return comparison(
        shown,
        reference=reference.run.name,
        title=titled(f"Models compared with {reference.run.name}", spec.experiments),
        subtitle=f"{data_text(spec.experiments)}; {spec.prior} priors",
        is_projection=is_projection(spec.experiments),
        width_in=width_in,
    )


def predictive_figure(compared: Comparison, *, width_in: float = style.PAGE) -> Figure:
    """Draw counts along observables beside those that the models predict."""
    of_kind(compared, Comparison, what="what bayes_cevns.compare returns")
    found = {model.run.name: model.predictive.predictions for model in compared.models}
    experiments = compared.reference.run.spec.experiments
    return predictions(
        found,
        title=titled("Counts and replicas of them", experiments),
        subtitle=data_text(experiments),
        data=data_words(experiments),
        width_in=width_in,
    )


def prior_sensitivity_figure(
    sensitivity: PriorSensitivity, *, width_in: float = style.PAGE
) -> Figure:
    """Draw prior and posterior in the expected neutrino events, for each of the named priors."""
    of_kind(sensitivity, PriorSensitivity, what="what bayes_cevns.prior_sensitivity returns")
    shares = (np.arange(_RATE_DRAWS) + 0.5) / _RATE_DRAWS
    rates = {
        kind: RateDraws(*rate_quantiles(sensitivity, kind, shares)) for kind in sensitivity.priors
    }
    spec = sensitivity.spec
    model = f"{interaction_title(spec)}{mass_text(sensitivity.mass_mev)}"
    return prior_posterior(
        rates,
        standard=float(sensitivity.counts[0]),
        title=titled(model, spec.experiments),
        subtitle=data_text(spec.experiments),
        is_projection=is_projection(spec.experiments),
        width_in=width_in,
    )
