"""Profile likelihoods over mediator masses: limits and regions at a confidence level."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from bayes_cevns.errors import ConvergenceError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.calibration import TOY_COLUMNS, Calibrator
from bayes_cevns.inference.likelihood import Likelihood
from bayes_cevns.inference.masses import masses_of
from bayes_cevns.inference.profile import ProfileRequest, ProfileResult, profiled
from bayes_cevns.inference.request import spec_request
from bayes_cevns.inference.scan import csv_text, experiment_label
from bayes_cevns.ledger import Ledger
from bayes_cevns.model import data_at
from bayes_cevns.references import bibtex, citations
from bayes_cevns.results import RunDirectory
from bayes_cevns.specification import ModelSpec

_POINT_COLUMNS = ("experiment", "interaction", "mass_mev", "kind", "level")
LIMIT_COLUMNS = (
    *_POINT_COLUMNS,
    "side",
    "limit",
    "best_fit",
    "critical_value",
    "zero_excluded",
    "passed",
)
INTERVAL_COLUMNS = (*_POINT_COLUMNS, "interval", "low", "high", "passed")

TOYS_FILE = "toys.csv"

#: What kind of limits these are, in tables that may stand beside credible ones.
KIND = "CL"


@dataclass(frozen=True, eq=False)
class ProfilePoint:
    """What a scan has at one mass.

    Attributes
    ----------
    mass_mev
        Mediator mass; ``None`` without a mediator.
    result
        The profile; ``None`` if a fit did not converge.
    reason
        Why it failed; empty if it did not.
    """

    mass_mev: float | None
    result: ProfileResult | None
    reason: str = ""


@dataclass(eq=False)
class ProfileScan:
    """Confidence limits of one interaction over a range of mediator masses.

    Attributes
    ----------
    spec, request
        What was asked for.
    points
        One for each mass, in increasing order.
    """

    spec: ModelSpec
    request: ProfileRequest
    points: list[ProfilePoint] = field(default_factory=list)

    @property
    def level(self) -> float:
        """Confidence level."""
        return self.request.level

    @property
    def failed(self) -> list[ProfilePoint]:
        """The points at which a fit did not converge."""
        return [point for point in self.points if point.result is None]

    @property
    def sides(self) -> tuple[str, ...]:
        """Which limits there are."""
        interaction = self.spec.interaction
        signed = interaction is not None and interaction.signed
        return ("positive", "negative") if signed else ("upper",)

    def limit_rows(self) -> list[dict[str, Any]]:
        """Return the limits as rows with the columns of ``limits_cl.csv``."""
        return [row for point in self.points for row in self._limits_at(point)]

    def interval_rows(self) -> list[dict[str, Any]]:
        """Return the confidence regions as rows with the columns of ``intervals_cl.csv``."""
        return [
            {**self._row(point), "interval": number, **asdict(piece), "passed": True}
            for point in self.points
            if point.result is not None
            for number, piece in enumerate(point.result.quoted_intervals, start=1)
        ]

    def _limits_at(self, point: ProfilePoint) -> list[dict[str, Any]]:
        found = point.result
        if found is None:
            return [{**self._row(point), "side": s, "passed": False} for s in self.sides]
        return [
            {
                **self._row(point),
                "side": limit.side,
                "limit": limit.value,
                "best_fit": found.best_quoted,
                "critical_value": limit.critical_value,
                "zero_excluded": limit.zero_excluded,
                "passed": True,
            }
            for limit in found.limits
        ]

    def _row(self, point: ProfilePoint) -> dict[str, Any]:
        return {
            "experiment": "+".join(experiment_label(e) for e in self.spec.experiments),
            "interaction": "" if self.spec.interaction is None else self.spec.interaction.name,
            "mass_mev": "" if point.mass_mev is None else point.mass_mev,
            "kind": KIND,
            "level": self.level,
        }


def profile_scan(
    experiments: Sequence[Experiment],
    *,
    interaction: str,
    masses_mev: ArrayLike | None = None,
    level: float = 0.9,
    critical_value: float | None = None,
    calibrate: str = "wilks",
    toys: int = 500,
    seed: int = 1,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = "helm",
    allow_overlap: bool = False,
    out: Path | str | None = None,
    on_point: Callable[[ProfilePoint], None] | None = None,
) -> ProfileScan:
    """Profile a coupling at every mass, with one compilation.

    Parameters
    ----------
    experiments
        Experiments of the joint fit.
    interaction
        Name of the interaction.
    masses_mev
        Mediator masses in MeV, strictly increasing; ``None`` without a mediator.
    level, critical_value, calibrate, toys, seed
        As in `bayes_cevns.profile`; each mass has its own seed, derived from this one.
    nuisance_priors
        Alternative priors by nuisance.
    form_factor
        Name of the nuclear form factor.
    allow_overlap
        Accept experiments that share exposure, as if their events were independent.
    out
        Folder for limits_cl.csv, intervals_cl.csv, citations.bib and run.toml, and toys.csv, which
        keeps the toys of every truth at once: the same call goes on with them where it stopped.
    on_point
        Called after each mass, to show progress.

    Returns
    -------
    ProfileScan
        Points at which a fit did not converge are in it, marked as failed.

    Raises
    ------
    ArgumentError, UnknownNameError, TableError, OutputError
        If something asked for does not exist or cannot be, before anything is compiled.
    """
    spec = ModelSpec.of(
        experiments,
        interaction=interaction,
        nuisance_priors=nuisance_priors,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
    ).merging_bins()
    request = ProfileRequest(level, critical_value, calibrate, toys, seed)
    request.check(spec, None)
    masses = masses_of(spec.interaction, masses_mev)
    for mass in (masses[0], masses[-1]):
        data_at(spec, spec.tables(), mass)
    references = bibtex(citations(spec))
    directory = None if out is None else RunDirectory(out, _request(spec, masses, request))
    likelihood = Likelihood(spec, masses[0])
    calibrator = None
    if calibrate == "toys":
        calibrator = Calibrator(spec, masses[0], _toys_kept(directory))
    result = ProfileScan(spec, request)
    try:
        for number, mass in enumerate(masses):
            likelihood.move_to(mass)
            if calibrator is not None:
                calibrator.move_to(mass)
            own = replace(request, seed=seed + number)
            try:
                found = profiled(likelihood, own, mass, calibrator=calibrator)
                result.points.append(ProfilePoint(mass, found))
            except ConvergenceError as failure:
                result.points.append(ProfilePoint(mass, None, str(failure)))
            if on_point:
                on_point(result.points[-1])
    finally:
        if directory is not None:
            directory.write("citations.bib", references)
            _write(result, directory, complete=len(result.points) == len(masses))
    return result


def _toys_kept(directory: RunDirectory | None) -> Ledger | None:
    return None if directory is None else Ledger(directory.path / TOYS_FILE, TOY_COLUMNS)


def _write(result: ProfileScan, directory: RunDirectory, *, complete: bool) -> None:
    directory.write("limits_cl.csv", csv_text(LIMIT_COLUMNS, result.limit_rows()))
    directory.write("intervals_cl.csv", csv_text(INTERVAL_COLUMNS, result.interval_rows()))
    failures = {f"{p.mass_mev or 0:g}": p.reason for p in result.failed}
    directory.finish(None, complete=complete, report={"failures": failures})


def _request(
    spec: ModelSpec, masses: Sequence[float | None], request: ProfileRequest
) -> dict[str, Any]:
    """Return everything that decides the outcome, as TOML values."""
    asked = {key: value for key, value in asdict(request).items() if value is not None}
    given = [mass for mass in masses if mass is not None]
    return {**spec_request(spec), "kind": KIND, "masses_mev": given, **asked}
