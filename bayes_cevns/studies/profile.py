"""Profile likelihoods over mediator masses: limits and regions at a confidence level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from inspect import Parameter
from typing import TYPE_CHECKING, Any, override

from pydantic import PrivateAttr

from bayes_cevns.errors import ArgumentError, ConvergenceError
from bayes_cevns.inference.profile.request import ProfileRequest
from bayes_cevns.inference.profile.result import ProfileResult, result_text
from bayes_cevns.physics.checks import real
from bayes_cevns.signatures import with_signature
from bayes_cevns.specification.columns import CL, LABEL_COLUMNS, experiments_label, labels
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.ledger import Row
from bayes_cevns.studies.functions import OF_RUNS, function_of, signature_of
from bayes_cevns.studies.masses import masses_of
from bayes_cevns.studies.neutron_radius import neutron_radius_text
from bayes_cevns.studies.options import Flag, Fraction, Masses, Number, Text, Whole, asked
from bayes_cevns.studies.profile_points import ProfilePoint, ProfileStore
from bayes_cevns.studies.run import run
from bayes_cevns.studies.study import ModelStudy, Result

if TYPE_CHECKING:
    from bayes_cevns.inference.profile.likelihood import Likelihood
    from bayes_cevns.inference.profile.toys import Calibrator

_POINT_COLUMNS = ("experiment", "interaction", "mass_mev", *LABEL_COLUMNS, "level")
_LAST = ("at_bound", "passed")
_VALUES = ("limit", "best_fit", "critical_value", "zero_excluded")
LIMIT_COLUMNS = (*_POINT_COLUMNS, "side", *_VALUES, *_LAST)
INTERVAL_COLUMNS = (*_POINT_COLUMNS, "interval", "low", "high", "at_physical", *_LAST)


@dataclass(eq=False, repr=False)
class ProfileScan(Result):
    """Confidence limits of one interaction over a range of mediator masses.

    Attributes
    ----------
    spec, level
        The model, and the confidence level.
    points
        One for each mass, in increasing order.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.profile_scan("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0])
    >>> found.level
    0.9
    """

    spec: ModelSpec
    level: float
    points: list[ProfilePoint] = field(default_factory=list)

    def _rows(self) -> dict[str, object]:
        masses = ["no mass" if p.mass_mev is None else f"{p.mass_mev:g} MeV" for p in self.points]
        return {
            "experiments": experiments_label(self.spec.experiments),
            "interaction": "sm" if self.spec.interaction is None else self.spec.interaction.name,
            "level": f"{self.level:g} CL",
            "points": len(self.points),
            "failed": len(self.failed),
            "masses": f"{masses[0]} to {masses[-1]}" if masses else "none",
        }

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
        quoted = labels(self.spec, CL)
        if point.result is not None and point.result.parameter != PRODUCT:
            quoted |= {"coupling": point.result.parameter, "unit": ""}
        return {
            "experiment": experiments_label(self.spec.experiments),
            "interaction": "" if self.spec.interaction is None else self.spec.interaction.name,
            "mass_mev": "" if point.mass_mev is None else point.mass_mev,
            **quoted,
            "level": self.level,
        }

    def tables(self) -> dict[str, str]:
        """Return limits_cl.csv and intervals_cl.csv."""
        return {
            "limits_cl.csv": csv_text(LIMIT_COLUMNS, self.limit_rows()),
            "intervals_cl.csv": csv_text(INTERVAL_COLUMNS, self.interval_rows()),
        }

    def failures(self) -> dict[str, str]:
        """Return why fits did not converge, by mass."""
        return {_place(p): p.reason for p in self.failed}

    def lines(self) -> list[str]:
        """Return best fits, limits and regions, and measured radii."""
        found = []
        for point in self.points:
            if point.result is not None:
                found += result_text(point.result).splitlines()
                radii = neutron_radius_text(point.result, self.spec.experiments, self.spec.theory)
                found += radii.splitlines()
        return found


def _place(point: ProfilePoint) -> str:
    return "the fit" if point.mass_mev is None else f"{point.mass_mev:g} MeV"


class ProfileStudy(ModelStudy[ProfilePoint, ProfilePoint, ProfileScan]):
    """Profile a coupling, or a nuisance, at every mass, with one compilation.

    Returns
    -------
    ProfileScan
        Points at which a fit did not converge are in it, marked as failed. A region holds all
        values with -2 ln L at most the critical value above the best fit. Where the range of the
        parameter ends first, the interval ends there and says so (`Interval.ends`); a wider range
        would extend it. The limit ``"upper"`` is the upper end of the region. The limits
        ``"positive"`` and ``"negative"`` are for models that fix the sign of x: -2 ln L is compared
        with the best fit of this sign. (Critical values from toys are those of the region of both
        signs.)

    Raises
    ------
    ArgumentError, UnknownNameError, TableError, OutputError
        If something asked for does not exist or cannot be, before anything is compiled.

    Notes
    -----
    The likelihood is that of the model (`Likelihood`): counts and constraints, nothing of the prior
    of the coupling. By Wilks's theorem, -2 ln L at the truth above its minimum follows chi^2 with
    one degree of freedom. If the truth is at an end of the range, such as g = 0 without
    interference, it is zero with probability one half, and follows chi^2 otherwise (Chernoff, Ann.
    Math. Stat. 25 (1954) 573), so that 2.706 covers more than 90% near zero. For few events, or
    where a sign gives two minima, neither is exact; toys give the right critical value (Feldman and
    Cousins, Phys. Rev. D 57 (1998) 3873).

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.profile_scan("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0])
    >>> len(found.points)
    2
    """

    kind = "profile"

    masses_mev: Masses = asked(
        "Mediator masses in MeV, increasing; low:high:number or a list. None without a mediator.",
        None,
    )
    parameter: Text = asked(
        "A nuisance, such as flux_8b or xenonnt_cevns.ac[sr0], instead of the coupling.", None
    )
    free: Flag = asked("Leave out the constraint of this nuisance: measure it instead.", False)
    level: Fraction = asked("Confidence level in (0, 1).", 0.9)
    critical_value: Number = asked(
        "How far -2 ln L may lie above its least; by default the quantile of chi^2 with one degree "
        "of freedom, 2.706 for 90%. A paper may have used another: 1.642 for a one-sided limit, or "
        "4.605 for two parameters, at 90%.",
        None,
    )
    calibrate: Text = asked(
        "wilks, or toys: critical values of a coupling from simulated data (Feldman and Cousins), "
        "at the ends of the region that Wilks's theorem gives.",
        "wilks",
    )
    toys: Whole = asked("Toys for each of these ends.", 500)

    #: Where profiles and their toys are kept.
    _store: ProfileStore = PrivateAttr()

    @cached_property
    def profile_request(self) -> ProfileRequest:
        """What a profile is asked for."""
        return ProfileRequest(self.level, self.critical_value, self.calibrate, self.toys, self.seed)

    def check_fields(self) -> None:
        """Check that there is such a parameter, and that it can be profiled like this."""
        self.profile_request.check(self.spec, self.parameter)
        _ = self.masses
        if self.free and self.parameter in (None, PRODUCT):
            raise ArgumentError(
                "--free needs a --parameter: name the nuisance whose constraint is to be left out"
            )

    @cached_property
    def masses(self) -> list[float | None]:
        """Mediator masses in MeV; ``[None]`` without a mediator."""
        if self.interaction is None:
            return [checked_mass(None, self.masses_mev)]
        return masses_of(self.interaction, self.masses_mev)

    def check(self) -> None:
        """Check that the tables reach the masses."""
        from bayes_cevns.density.data import data_at

        spec = self.spec.merging_bins()
        tables = spec.tables()
        for mass in {self.masses[0], self.masses[-1]}:
            data_at(spec, tables, mass)

    def size(self) -> int:
        """Return the number of masses."""
        return len(self.masses)

    def store(self, folder: KeptRun | None) -> ProfileStore:
        """Return where profiles are kept, and their toys."""
        self._store = ProfileStore(folder, self.masses, toys=self.calibrate == "toys")
        self.__dict__.pop("calibrator", None)  # its toys are those of an earlier run
        return self._store

    @override
    def beside(self, number: int) -> list[Row]:
        """Return the toys that a point was made of."""
        return self._store.toys_at(number)

    @override
    def take_beside(self, number: int, made: Sequence[Row] | None) -> None:
        """Keep toys of a point."""
        self._store.take_toys(made or ())

    @cached_property
    def likelihood(self) -> Likelihood:
        """The likelihood, compiled for all masses."""
        from bayes_cevns.inference.profile.likelihood import Likelihood

        free = self.parameter if self.free else None
        return Likelihood(self.spec.merging_bins(), self.masses[0], free=free)

    @cached_property
    def calibrator(self) -> Calibrator | None:
        """What makes critical values from toys, if it is to."""
        if self.calibrate != "toys":
            return None
        from bayes_cevns.inference.profile.toys import Calibrator

        return Calibrator(self.spec, self.masses[0], self._store.toys)

    def prepare(self) -> None:
        """Compile the likelihood."""
        _ = self.likelihood

    def compute(self, number: int) -> ProfilePoint:
        """Return the profile at one mass; one that failed says why."""
        from bayes_cevns.inference.profile.parameter import profiled

        mass, likelihood, calibrator = self.masses[number], self.likelihood, self.calibrator
        likelihood.move_to(mass)
        if calibrator is not None:
            calibrator.move_to(mass)
        own = replace(self.profile_request, seed=self.profile_request.seed + number)
        try:
            found = profiled(likelihood, own, mass, parameter=self.parameter, calibrator=calibrator)
        except ConvergenceError as failure:
            return ProfilePoint(mass, None, str(failure))
        return ProfilePoint(mass, found)

    @override
    def point(self, number: int, content: ProfilePoint) -> ProfilePoint:
        """Return the point."""
        return content

    def has_failed(self, point: ProfilePoint) -> bool:
        """Return whether a fit did not converge."""
        return point.result is None

    def said(self, point: ProfilePoint) -> str:
        """Return the limits at a mass."""
        if point.result is None:
            return f"{_place(point)}: failed"
        found = ", ".join(f"{limit.value:.3g}" for limit in point.result.limits)
        return f"{_place(point)}: {found or f'{point.result.best:.4g}'}"

    def result(self, points: Mapping[int, ProfilePoint]) -> ProfileScan:
        """Return the profiles."""
        return ProfileScan(self.spec, self.profile_request.level, list(points.values()))


profile_scan = function_of(ProfileStudy)


def profile(experiments: Any, *, mass_mev: float | None = None, **asked_for: Any) -> ProfileResult:
    """Return best fit, confidence region and limits of a coupling or of a nuisance.

    Parameters
    ----------
    experiments
        Experiments of the joint fit, by name or as objects.
    mass_mev
        Mediator mass in MeV; ``None`` without a mediator.
    asked_for
        As in `bayes_cevns.profile_scan`.

    Raises
    ------
    ArgumentError, UnknownNameError, TableError
        If something asked for does not exist or cannot be.
    ConvergenceError
        If a fit does not converge.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.profile(["xenonnt_cevns"], interaction="scalar-universal", mass_mev=10.0)
    >>> [limit.side for limit in found.limits]
    ['upper']
    """
    mass = None if mass_mev is None else real(mass_mev, what="a mediator mass, in MeV,")
    study = ProfileStudy(experiments=experiments, masses_mev=mass, **asked_for)
    (point,) = run(study, progress=False).points
    if point.result is None:
        raise ConvergenceError(point.reason)
    return point.result


with_signature(
    profile,
    signature_of(
        ProfileStudy,
        masses_mev=Parameter("mass_mev", Parameter.KEYWORD_ONLY, default=None),
        **dict.fromkeys(OF_RUNS),
    ),
)
