"""A finished run with further experiments or other priors, from its draws, without sampling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bayes_cevns.arguments import flag, mapping, path_of
from bayes_cevns.cards.given import several_experiments
from bayes_cevns.cards.priors import Prior
from bayes_cevns.errors import ArgumentError, ConvergenceError
from bayes_cevns.inference.settings import check_seed
from bayes_cevns.specification.columns import experiments_label
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.storage.names import WEIGHTS_FILE
from bayes_cevns.studies.load import load
from bayes_cevns.studies.preview import Preview
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.studies.scan_result import Scan, ScanPoint
from bayes_cevns.summary.cross_validation import check_draws
from bayes_cevns.summary.draws import check_level
from bayes_cevns.summary.fit import Fit

#: What tables and figures say of how their numbers were found.
METHOD = "draws of a run, reweighted"

WEIGHT_COLUMNS = ("mass_mev", "pareto_k", "effective_draws", "draws", "passed", "reason")


@dataclass(eq=False, repr=False)
class Reweighted(Scan):
    """Limits from the weighted draws of a run: the attributes of a `Scan`.

    Where the run was at one mass, or there is no mediator, it has one point. Fits have Pareto k
    and the effective number of draws in their ``notes``.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> fit = bc.sample("conus_plus", interaction="b-l", mass_mev=10.0, seed=1)
    >>> both = bc.reweighted(fit, experiments="coherent_ge_counts")
    >>> len(both.points), both.points[0].fit.notes["pareto_k"] < 0.7
    (1, True)
    """

    @property
    def method(self) -> str:
        """How it was found, for figures."""
        return METHOD

    def weight_rows(self) -> list[dict[str, Any]]:
        """Return how good the weights are, as rows with the columns of ``weights.csv``."""
        return [
            {
                "mass_mev": self._row(point)["mass_mev"],
                **point.fit.notes,
                "draws": point.fit.posterior.sizes["chain"] * point.fit.posterior.sizes["draw"],
                "passed": point.fit.passed,
                "reason": point.fit.reason,
            }
            for point in self.points
        ]

    def tables(self) -> dict[str, str]:
        """Return limits.csv and bands.csv, as of a scan, and weights.csv."""
        return {**super().tables(), WEIGHTS_FILE: csv_text(WEIGHT_COLUMNS, self.weight_rows())}

    def report(self) -> dict[str, Any]:
        """Return the ranges of the priors, and how the results were found."""
        return {"method": METHOD, **super().report()}

    def lines(self) -> list[str]:
        """Return the limits by mass, and the worst of the weights."""
        good = [point.fit.notes for point in self.points if point.fit.passed]
        worst = max(note["pareto_k"] for note in good)
        fewest = min(note["effective_draws"] for note in good)
        note = f"Pareto k up to {worst:.2f}, {fewest:.0f} effective draws or more"
        return [f"{METHOD}: {note}", *super().lines()]

    def at_level(self, level: float) -> Reweighted:
        """Return the same at another credible level."""
        level = check_level(level)
        points = [ScanPoint(p.mass_mev, p.fit, level, {}) for p in self.points]
        return Reweighted(self.spec, level, self.seed, points)


def reweighted(
    run: ModelRun | Scan | Path | str,
    *,
    experiments: Any = (),
    nuisance_priors: Mapping[str, str | Prior] | None = None,
    level: float | None = None,
    seed: int = 1,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
) -> Reweighted:
    """Add experiments or other priors of nuisances to a finished run, by weights of its draws.

    Parameters
    ----------
    run
        What `bayes_cevns.sample` or `bayes_cevns.scan` returned, of an interaction, or its folder.
    experiments
        Further experiments, by name or as objects.
    nuisance_priors
        Other priors by nuisance, as in `bayes_cevns.sample`, in place of those of the run.
    level
        Credible level of the limits; that of the run by default.
    seed
        Seed of the draws of nuisances that only the further experiments have.
    allow_overlap, allow_conflict
        Accept experiments that share exposure, or that contradict each other.

    Returns
    -------
    Reweighted
        Limits, bands and draws of the joint model, as those of a scan. The prior of the coupling
        is that of the run with its range, which a joint fit would have shorter: for other priors
        of the coupling see `bayes_cevns.prior_sensitivity`.

    Raises
    ------
    ConvergenceError
        If the weights cannot be trusted at any mass: Pareto k above 0.7 (Vehtari et al., J. Mach.
        Learn. Res. 25 (2024) 72), or fewer than 100 effective draws. Where they can at some, the
        others count as failed.
    ArgumentError, UnknownNameError, ChannelError
        If the run has no interaction or failed, nothing is to be changed, an experiment is in it
        already, or makes the sign of the coupling observable; or if a prior reaches to where the
        draws cannot be.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> fit = bc.sample("conus_plus", interaction="b-l", mass_mev=10.0, seed=1)
    >>> both = bc.reweighted(fit, experiments="coherent_ge_counts")
    >>> both.points[0].limits[0].value < bc.limits(fit, 0.9)[0].value
    True
    """
    asked_level, seed = None if level is None else check_level(level), check_seed(seed)
    mapping(nuisance_priors, what="priors by nuisance, such as {'flux_8b': 'sno'}")
    flag(allow_overlap, what="allow_overlap")
    flag(allow_conflict, what="allow_conflict")
    empty = isinstance(experiments, list | tuple) and not experiments
    added = () if empty else several_experiments(experiments)
    found = run
    if not isinstance(run, ModelRun | Scan):
        found = load(path_of(run, what="a run of sample or scan, or its folder"))
    spec, points, own_level = _points_of(found)
    level = asked_level or own_level
    joint = ModelSpec.of(
        (*spec.experiments, *added),
        interaction=spec.interaction or "sm",
        prior=spec.prior,
        nuisance_priors={**dict(spec.nuisance_priors), **(nuisance_priors or {})},
        theory=spec.theory,
        max_coupling=spec.max_coupling,
        mixing=spec.mixing,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
    )
    if not added and joint.nuisance_priors == spec.nuisance_priors:
        raise ArgumentError("nothing to change: name further experiments or priors of nuisances")
    if joint.sides != spec.sides:
        raise ArgumentError(
            f"the sign of the coupling is observable with {experiments_label(added)}, and the run "
            "does not have it: fit the experiments together"
        )
    weighted = [_point(p, spec, joint, seed, level) for p in points]
    if not any(point.fit.passed for point in weighted):
        raise ConvergenceError(
            f"the draws of the run cannot be reweighted ({weighted[0].fit.reason}): fit anew "
            "with their priors, as bayes-cevns sample does with "
            f"{' '.join(e.name for e in joint.experiments)}"
        )
    return Reweighted(joint, level, seed, weighted)


def _points_of(run: Any) -> tuple[ModelSpec, list[tuple[float | None, Fit]], float]:
    """Return model, masses with fits, and level of a run that can be reweighted."""
    if isinstance(run, ModelRun) and run.spec.interaction is not None:
        points: list[tuple[float | None, Fit]] = [(run.mass_mev, run.fit())]
    elif isinstance(run, Scan) and not isinstance(run, Preview | Reweighted):
        points = [(p.mass_mev, p.fit) for p in run.points]
    else:
        raise ArgumentError(
            "expected a run of sample or scan with an interaction, or its folder, got "
            f"{type(run).__name__}"
        )
    for _, fit in points:
        check_draws(fit.posterior.sizes["chain"] * fit.posterior.sizes["draw"])
    if not any(fit.passed for _, fit in points):
        raise ArgumentError(
            f"the run failed its gate ({points[0][1].reason}): its draws cannot be weighted"
        )
    return run.spec, points, run.level


def _point(
    point: tuple[float | None, Fit], spec: ModelSpec, joint: ModelSpec, seed: int, level: float
) -> ScanPoint:
    """Return what one mass of a run becomes."""
    from bayes_cevns.inference.reweighting import resampled, weights_of

    mass, fit = point
    added = joint.experiments[len(spec.experiments) :]
    weights = weights_of(fit, spec, joint, added, mass, seed=seed)
    found = resampled(fit, weights, seed=seed)
    return ScanPoint(np.nan if mass is None else mass, found, level, {})
