"""Figures of results, written beside their tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns import atomic
from bayes_cevns.calibration.coverage import INTERVALS, CoverageStudy
from bayes_cevns.calibration.sbc import RankStudy
from bayes_cevns.errors import ArgumentError, OutputError
from bayes_cevns.expected.sensitivity import Sensitivity
from bayes_cevns.inference.comparison import Comparison
from bayes_cevns.inference.prior_sensitivity import PriorSensitivity, rate_quantiles
from bayes_cevns.inference.profile_scan import KIND, ProfileScan
from bayes_cevns.inference.sample_nsi import NsiResult
from bayes_cevns.inference.scan import Scan
from bayes_cevns.physics.interactions import Coupling
from bayes_cevns.plots import calibration as calibration_plots
from bayes_cevns.plots.comparison import ComparedModel, comparison, predictions
from bayes_cevns.plots.credible_region import credible_region
from bayes_cevns.plots.exclusion import AllowedBand, ExclusionCurve, exclusion
from bayes_cevns.plots.prior_posterior import RateDraws, prior_posterior
from bayes_cevns.plots.sensitivity import ExpectedCurve, sensitivity
from bayes_cevns.priors import prior_latex
from bayes_cevns.specification import ModelSpec
from bayes_cevns.summary.expected import SIGMAS, ExpectedLimit
from bayes_cevns.summary.limits import Limit

type Array = NDArray[np.float64]

#: Quantiles that stand for a density in the rate.
_RATE_DRAWS = 40_000


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
        subtitle=f"{_data(scan.spec)}; prior {_prior(scan.spec)}",
        level=scan.level,
        coupling=_coupling(scan.spec),
        second_band=_second_band(scan, masses),
    )


def profile_figure(profile: ProfileScan) -> Figure:
    """Draw the limits of profile likelihoods over masses; a fit that failed leaves a gap."""
    return exclusion(
        _profile_curves(profile),
        title=_title(profile.spec),
        subtitle=f"{_data(profile.spec)}; profile likelihood",
        level=profile.level,
        coupling=_coupling(profile.spec),
    )


def sensitivity_figure(result: Sensitivity) -> Figure:
    """Draw expected limits as bands, with the observed and the Asimov limit.

    Raises
    ------
    ArgumentError
        If the interaction has no mediator, whose mass is the horizontal axis.
    """
    if result.masses == [None]:
        raise ArgumentError(f"{_title(result.spec)} has no mediator mass to draw limits over")
    toys = max(point.toys + point.toys_failed for point in result.points())
    kind = {"prior": "prior-predictive", "nominal": "nominal"}[result.toy_nuisances]
    return sensitivity(
        [_expected_curve(result, side) for side in result.sides],
        title=_title(result.spec),
        subtitle=f"{_data(result.spec)}; prior {_prior(result.spec)}"
        + (f"; {toys} {kind} toys" if toys else ""),
        level=result.level,
        coupling=_coupling(result.spec),
    )


def _expected_curve(result: Sensitivity, side: str) -> ExpectedCurve:
    points = [point for point in result.points() if point.side == side]

    def values(found: Iterable[Limit | ExpectedLimit | None]) -> Array:
        return np.array([np.nan if limit is None else limit.value for limit in found])

    return ExpectedCurve(
        side,
        np.array([np.nan if p.mass_mev is None else p.mass_mev for p in points]),
        {sigma: values(p.expected[i] for p in points) for i, sigma in enumerate(SIGMAS)},
        observed=values(p.observed for p in points),
        asimov=values(p.asimov for p in points),
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


def calibration_figure(study: RankStudy) -> Figure:
    """Draw the ranks of a calibration with their simultaneous 95% band."""
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
        title=f"{_names(study.spec)}: {_title(study.spec)}{_mass(study.mass_mev)}",
        subtitle=f"{study.fits} fits, {len(study.reasons)} failed{prior}",
    )


def coverage_figure(study: CoverageStudy) -> Figure:
    """Draw the coverage of credible intervals at fixed truths."""
    curves = []
    for truth in dict.fromkeys(found.truth for found in study.results):
        for interval in INTERVALS:
            own = [f for f in study.results if (f.truth, f.interval) == (truth, interval)]
            table = np.array([(f.level, f.coverage, f.error) for f in own]).T
            label = f"{truth}: {own[0].coupling:.3g}, {own[0].toys} toys"
            curves.append(calibration_plots.CoverageCurve(label, interval, *table))
    return calibration_plots.coverage(
        curves,
        title=f"{_names(study.spec)}: {_title(study.spec)}{_mass(study.mass_mev)}",
        subtitle=f"prior {_prior(study.spec)}, {len(study.reasons)} fits failed",
    )


def _names(spec: ModelSpec) -> str:
    return " + ".join(experiment.name for experiment in spec.experiments)


def _mass(mass_mev: float | None) -> str:
    return "" if mass_mev is None else f", {mass_mev:g} MeV"


def _title(spec: ModelSpec) -> str:
    return "Standard Model" if spec.interaction is None else spec.interaction.title


def _coupling(spec: ModelSpec) -> Coupling:
    """Return the coupling that is quoted of the interaction of a model that has one."""
    assert spec.interaction is not None
    return spec.interaction.coupling


def _prior(spec: ModelSpec) -> str:
    return prior_latex(spec.prior, _coupling(spec))


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


def comparison_figure(compared: Comparison) -> Figure:
    """Draw Bayes factors, how they depend on the end of the prior, and cross-validation."""
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
        shown, reference=reference.run.name, subtitle=f"{_data(spec)}; {spec.prior} priors"
    )


def predictive_figure(compared: Comparison) -> Figure:
    """Draw counts along observables beside those that the models predict."""
    found = {model.run.name: model.predictive.predictions for model in compared.models}
    return predictions(found, title=_data(compared.reference.run.spec))


def prior_sensitivity_figure(sensitivity: PriorSensitivity) -> Figure:
    """Draw prior and posterior in the expected neutrino events, for each of the named priors."""
    shares = (np.arange(_RATE_DRAWS) + 0.5) / _RATE_DRAWS
    rates = {
        kind: RateDraws(*rate_quantiles(sensitivity, kind, shares)) for kind in sensitivity.priors
    }
    spec, mass = sensitivity.spec, sensitivity.mass_mev
    where = "" if mass is None else f", {mass:g} MeV"
    return prior_posterior(
        rates,
        standard=float(sensitivity.counts[0]),
        title=f"{_title(spec)}{where}",
        subtitle=_data(spec),
    )
