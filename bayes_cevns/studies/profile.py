"""Profile likelihoods over mediator masses: limits and regions at a confidence level."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from bayes_cevns.arguments import callbacks, out_folder
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.inference.profile.parameter import ProfileRequest, ProfileResult, profiled
from bayes_cevns.inference.profile.toys import TOY_COLUMNS, TOY_KEY, Calibrator
from bayes_cevns.model import data_at
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.interactions import Interaction
from bayes_cevns.specification.columns import CL, LABEL_COLUMNS, experiment_label, labels
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.references import bibtex, citations
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.storage.folder import ledger_in
from bayes_cevns.storage.ledger import Ledger
from bayes_cevns.storage.values import plain, rebuilt
from bayes_cevns.studies.fit_files import RunDirectory, run_directory
from bayes_cevns.studies.identity import spec_request
from bayes_cevns.studies.masses import masses_of

_POINT_COLUMNS = ("experiment", "interaction", "mass_mev", *LABEL_COLUMNS, "level")
_LAST = ("at_bound", "passed")
_VALUES = ("limit", "best_fit", "critical_value", "zero_excluded")
LIMIT_COLUMNS = (*_POINT_COLUMNS, "side", *_VALUES, *_LAST)
INTERVAL_COLUMNS = (*_POINT_COLUMNS, "interval", "low", "high", "at_physical", *_LAST)

TOYS_FILE = "toys.csv"


@dataclass(frozen=True, eq=False, repr=False)
class ProfilePoint(Displayed):
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


@dataclass(eq=False, repr=False)
class ProfileScan(Displayed):
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

    def _rows(self) -> dict[str, object]:
        masses = ["no mass" if p.mass_mev is None else f"{p.mass_mev:g} MeV" for p in self.points]
        return {
            "experiments": [experiment_label(e) for e in self.spec.experiments],
            "interaction": "sm" if self.spec.interaction is None else self.spec.interaction.name,
            "level": f"{self.level:g} CL",
            "points": len(self.points),
            "failed": len(self.failed),
            "masses": f"{masses[0]} to {masses[-1]}" if masses else "none",
        }

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
        return self.spec.sides

    def limit_rows(self) -> list[dict[str, Any]]:
        """Return the limits as rows with the columns of ``limits_cl.csv``."""
        return [row for point in self.points for row in self._limits_at(point)]

    def interval_rows(self) -> list[dict[str, Any]]:
        """Return the confidence regions as rows with the columns of ``intervals_cl.csv``."""
        return [
            {
                **self._row(point),
                "interval": number,
                "low": piece.low,
                "high": piece.high,
                "at_bound": piece.ends.at_bound,
                "at_physical": piece.ends.at_physical,
                "passed": True,
            }
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
                "at_bound": limit.ends.at_bound,
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
            **labels(self.spec, CL),
            "level": self.level,
        }


def profile_scan(
    experiments: Sequence[Experiment],
    *,
    interaction: str | Interaction,
    masses_mev: ArrayLike | None = None,
    level: float = 0.9,
    critical_value: float | None = None,
    calibrate: str = "wilks",
    toys: int = 500,
    seed: int = 1,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
    out: Path | str | None = None,
    on_point: Callable[[ProfilePoint], None] | None = None,
) -> ProfileScan:
    """Profile a coupling at every mass, with one compilation.

    Parameters
    ----------
    experiments
        Experiments of the joint fit.
    interaction
        Name of the interaction, or what `bayes_cevns.interaction` returns.
    masses_mev
        Mediator masses in MeV, strictly increasing; ``None`` without a mediator.
    level, critical_value, calibrate, toys, seed
        As in `bayes_cevns.profile`; each mass has its own seed, derived from this one.
    nuisance_priors
        Alternative priors by nuisance.
    form_factor
        Name of the nuclear form factor.
    allow_overlap, allow_conflict
        Accept experiments that share exposure, as if their events were independent, and those
        whose cards say that they contradict each other.
    out
        Folder for limits_cl.csv, intervals_cl.csv, citations.bib and run.toml, the profiles
        themselves (points) and toys.csv. Every finished mass, and the toys of every truth, are
        kept there at once: the same call goes on where it stopped.
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
        allow_conflict=allow_conflict,
    ).merging_bins()
    request = ProfileRequest(level, critical_value, calibrate, toys, seed)
    request.check(spec, None)
    out = out_folder(out)
    callbacks(on_point=on_point)
    masses = masses_of(spec.interaction, masses_mev)
    for mass in (masses[0], masses[-1]):
        data_at(spec, spec.tables(), mass)
    references = bibtex(citations(spec))
    result = ProfileScan(spec, request)
    with run_directory(out, _request(spec, masses, request)) as directory:
        toys_kept = None
        if directory is not None and calibrate == "toys":
            toys_kept = ledger_in(directory, TOYS_FILE, TOY_COLUMNS, key=TOY_KEY)
        points = _kept(directory, masses, toys_kept)
        try:
            profiler = _Profiler(spec, request, masses, toys_kept)
            for number in range(len(masses)):
                if number not in points:
                    points[number] = profiler.point(number)
                    if directory is not None:
                        directory.keep(number, plain(points[number]))
                if on_point:
                    on_point(points[number])
        finally:
            # One may have been kept just before an interrupt.
            points = _kept(directory, masses, toys_kept) | points
            result.points += [points[number] for number in sorted(points)]
            if directory is not None:
                directory.write("citations.bib", references)
                _write(result, directory, complete=len(points) == len(masses))
    return result


class _Profiler:
    """Profiles at any of some masses; the model is compiled when the first one is asked for."""

    def __init__(
        self,
        spec: ModelSpec,
        request: ProfileRequest,
        masses: Sequence[float | None],
        toys: Ledger | None,
    ) -> None:
        self.spec, self.request, self.masses, self.toys = spec, request, masses, toys

    @cached_property
    def likelihood(self) -> Likelihood:
        """The likelihood."""
        return Likelihood(self.spec, self.masses[0])

    @cached_property
    def calibrator(self) -> Calibrator | None:
        """What makes critical values from toys, if it is to."""
        if self.request.calibrate != "toys":
            return None
        return Calibrator(self.spec, self.masses[0], self.toys)

    def point(self, number: int) -> ProfilePoint:
        """Return the point of a mass; one that failed says why."""
        mass, likelihood, calibrator = self.masses[number], self.likelihood, self.calibrator
        likelihood.move_to(mass)
        if calibrator is not None:
            calibrator.move_to(mass)
        own = replace(self.request, seed=self.request.seed + number)
        try:
            found = profiled(likelihood, own, mass, calibrator=calibrator)
        except ConvergenceError as failure:
            return ProfilePoint(mass, None, str(failure))
        return ProfilePoint(mass, found)


def _kept(
    directory: RunDirectory | None, masses: Sequence[float | None], toys: Ledger | None
) -> dict[int, ProfilePoint]:
    """Return the points that are on disk, with all their toys, by number."""
    rows = set() if toys is None else {(r["mass_mev"], r["coupling_product"]) for r in toys.rows}
    found = {}
    for number in range(len(masses)):
        stored = None if directory is None else directory.kept(number)
        if stored is None:
            continue
        point: ProfilePoint = rebuilt(ProfilePoint, stored.content)
        truths = [] if point.result is None else point.result.calibrations
        if rows.issuperset((repr(point.mass_mev), repr(t.coupling_product)) for t in truths):
            found[number] = point
    return found


def _write(result: ProfileScan, directory: RunDirectory, *, complete: bool) -> None:
    directory.write("limits_cl.csv", csv_text(LIMIT_COLUMNS, result.limit_rows()))
    directory.write("intervals_cl.csv", csv_text(INTERVAL_COLUMNS, result.interval_rows()))
    report = {"failures": {f"{p.mass_mev or 0:g}": p.reason for p in result.failed}}
    # No posterior holds the profiles, from which the tables are written again.
    directory.finish_with(None, complete=complete, report=report, keep_points=True)


def _request(
    spec: ModelSpec, masses: Sequence[float | None], request: ProfileRequest
) -> dict[str, Any]:
    """Return everything that decides the outcome, as TOML values."""
    asked = {key: value for key, value in asdict(request).items() if value is not None}
    given = [mass for mass in masses if mass is not None]
    return {**spec_request(spec), "kind": CL, "masses_mev": given, **asked}
