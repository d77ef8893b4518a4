"""Sensitivity: the limits that are expected without a signal, beside the observed ones."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self, get_args

import numpy as np

from bayes_cevns.arguments import named
from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.errors import ArgumentError, PrecisionWarning
from bayes_cevns.specification.columns import ASIMOV, CREDIBLE, labels, toy_label
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.ledger import Row
from bayes_cevns.studies import engines
from bayes_cevns.studies.ahead import overlapping
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.identity import content_digest
from bayes_cevns.studies.masses import masses_of
from bayes_cevns.studies.options import Level, Masses, MoreOf, Option, asked, checked
from bayes_cevns.studies.sensitivity.limit_record import (
    KEY,
    DataLimits,
    LimitRecord,
    columns_of,
    key_of,
    limits_of_row,
    row_of_limits,
)
from bayes_cevns.studies.sensitivity.result import (
    OBSERVED,
    Sensitivity,
    is_toy,
    place_of,
    toy_number,
)
from bayes_cevns.studies.sensitivity.standard_model_toys import StandardModelToys, ToyNuisances
from bayes_cevns.studies.stores import RowStore
from bayes_cevns.studies.study import SampledStudy
from bayes_cevns.summary.bands import bands_of_sides, excludes_zero
from bayes_cevns.summary.limits import limits
from bayes_cevns.summary.quantiles_of_limits import least_toys

if TYPE_CHECKING:
    from bayes_cevns.inference.engine import Engine
    from bayes_cevns.inference.fitting import Fitting

TOYS_FILE = "toys.csv"
_KINDS = get_args(ToyNuisances.__value__)

Nuisances = Annotated[
    ToyNuisances,
    checked(lambda value: named(value, "choice of toy nuisances", _KINDS)),
    Option(),
]


class SensitivityStudy(SampledStudy[Row, DataLimits, Sensitivity]):
    """Find the limits that are expected without a signal, at every mass, with one compilation.

    Data sets of the Standard Model are drawn and fitted, the same at all masses, beside the
    observed counts and the expected ones (Asimov data). Where an experiment has no observed counts,
    such as a projection (`bayes_cevns.scaled`, `bayes_cevns.with_threshold`), there is no observed
    limit. The bound of the prior is that of the Asimov data for all. A nuisance whose prior is wide
    for want of knowledge, such as a free background, makes toys unlike any data in sight: then
    nominal nuisances are the choice.

    Returns
    -------
    Sensitivity
        Fits that failed their gate are in its record, and not in its quantiles.

    Raises
    ------
    ArgumentError, UnknownNameError, TableError, OutputError
        If something asked for does not exist or cannot be, before anything is sampled.
    KeyboardInterrupt
        Passed on after what is finished has been written.

    Warns
    -----
    PrecisionWarning
        If the toys are too few for the bands, which are then left out.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.sensitivity("xenonnt_2024_s2", interaction="b-l", masses_mev=[10.0], toys=0)
    """

    kind = "sensitivity"
    experiment_changes = ("runs", "source", "exposure_scale", "threshold_kev")

    masses_mev: Masses = asked(
        "Mediator masses in MeV, increasing; low:high:number or a list. None without a mediator.",
        None,
    )
    toys: MoreOf = asked(
        "Data sets without a signal; 0: Asimov limits alone. More of them may be asked for later.",
        100,
    )
    toy_nuisances: Nuisances = asked(
        "Nuisances of toys: prior (drawn for every toy) or nominal.", "prior"
    )
    level: Level = asked("Credible level in (0, 1).", 0.9)

    def check_fields(self) -> None:
        """Check that there is a coupling to limit, and its masses."""
        if self.interaction is None:
            raise ArgumentError("a sensitivity needs an interaction: there is a coupling to limit")
        _ = self.spec, self.masses

    @cached_property
    def spec(self) -> ModelSpec:
        """What is fitted, with Asimov data."""
        expected = tuple(asimov(e, theory=self.theory) for e in self.experiments)
        return self.spec_of(expected)

    @cached_property
    def masses(self) -> list[float | None]:
        """Mediator masses in MeV, ``[None]`` without a mediator."""
        return masses_of(self.spec.interaction, self.masses_mev)

    @cached_property
    def engine(self) -> Engine:
        """What samples."""
        return engines.engine_for(self.spec, self.settings, monitored=True)

    @cached_property
    def drawn(self) -> StandardModelToys:
        """The toys."""
        return StandardModelToys(self.spec, seed=self.seed, nuisances=self.toy_nuisances)

    @cached_property
    def data_sets(self) -> list[str]:
        """Names of the data sets that are fitted."""
        observed = [OBSERVED] if _observed_counts(self.experiments) else []
        return [*observed, ASIMOV, *map(toy_label, range(self.toys))]

    def request(self) -> dict[str, Any]:
        """Return everything that decides the outcome, but the number of toys."""
        given = {e.name: content_digest(e) for e in self.experiments}
        return {**super().request(), "given": given}

    def check(self) -> None:
        """Check that the tables reach the masses, and that priors can be made."""
        observed = _observed_counts(self.experiments)
        self.engine.check(self.masses, seed=self.seed, observed=observed)

    def size(self) -> int:
        """Return the number of fits: data sets times masses."""
        return len(self.data_sets) * len(self.masses)

    def store(self, folder: KeptRun | None) -> RowStore:
        """Return where limits are kept; warn of few toys if there will be more of them."""
        keys = [key_of(mass, data) for data in self.data_sets for mass in self.masses]
        kept = RowStore(folder, TOYS_FILE, columns_of(self.spec.sides), key=KEY, keys=keys)
        if folder is None or not folder.read_only:
            there = {row["data"] for row in kept.ledger.rows if is_toy(row["data"])}
            warn_of_few(max(self.toys, len(there)))
        return kept

    def prepare(self) -> None:
        """Compile the model."""
        self.engine.compile(self.masses[0])

    def begin(self, number: int, cores: int | None = None) -> Fitting:
        """Begin to fit one data set at one mass."""
        data, at = self._fitted(number)
        seed, counts = self._fit_seed(data, at), self._counts(data)
        return self.engine.begin(self.masses[at], seed=seed, observed=counts, cores=cores)

    def finish(self, number: int, fitting: Fitting) -> Row:
        """Return the limits of a data set at a mass."""
        data, at = self._fitted(number)
        fit, mass = fitting.result(), self.masses[at]
        zero: tuple[bool, ...] = ()
        if data == OBSERVED:
            zero = tuple(map(excludes_zero, bands_of_sides(fit, self.level).values()))
        found = DataLimits(mass, data, limits(fit, self.level), fit.passed, zero)
        return row_of_limits(found, labels(self.spec, CREDIBLE))

    def compute(self, number: int) -> Row:
        """Fit one data set at one mass."""
        return self.finish(number, self.begin(number))

    def computed(self, numbers: Sequence[int]) -> Generator[Row]:
        """Fit one data set after the other; the next are sampled while this one is finished."""
        return overlapping(numbers, self.begin, self.finish, cores=self.settings.cores)

    def _fitted(self, number: int) -> tuple[str, int]:
        """Return the data set of a fit, and the place of its mass."""
        place, at = divmod(number, len(self.masses))
        return self.data_sets[place], at

    def _counts(self, data: str) -> dict[str, Array]:
        """Return the counts of a data set by experiment, shape (run, bin)."""
        if is_toy(data):
            return self.drawn.counts(toy_number(data))
        return _counts_of(self.experiments if data == OBSERVED else self.spec.experiments)

    def _fit_seed(self, data: str, at: int) -> int:
        """Return the seed of one fit: its own, whatever was fitted before it."""
        number = 2 + toy_number(data) if is_toy(data) else (OBSERVED, ASIMOV).index(data)
        return int(np.random.SeedSequence([self.seed, at, number]).generate_state(1)[0])

    def point(self, number: int, content: Row) -> DataLimits:  # noqa: ARG002  # the row says it
        """Return the limits of a data set at a mass."""
        return limits_of_row(content, self.spec.sides)

    def has_failed(self, point: DataLimits) -> bool:
        """Return whether a fit did not pass its gate."""
        return not point.passed

    def said(self, point: DataLimits) -> str:
        """Return which fit is done."""
        return f"{place_of(point)}{'' if point.passed else ' failed'}"

    def with_all(self, points: Mapping[int, DataLimits]) -> Self:
        """Return the study that asks for all toys that are there."""
        there = [toy_number(one.data) + 1 for one in points.values() if is_toy(one.data)]
        return self.with_more("toys", max(there, default=0))

    def result(self, points: Mapping[int, DataLimits]) -> Sensitivity:
        """Return the limits with their quantiles."""
        record = LimitRecord(self.masses, self.spec.sides, points.values())
        return Sensitivity(
            self.spec, self.experiments, self.level, self.seed, self.toy_nuisances, record
        )


def _observed_counts(experiments: Sequence[Experiment]) -> dict[str, Array]:
    """Return the counts whose limit is the observed one: experiment -> counts, or none at all."""
    if any(e.data in (ASIMOV, "none") for e in experiments):
        return {}
    return _counts_of(experiments)


def _counts_of(experiments: Sequence[Experiment]) -> dict[str, Array]:
    return {e.name: e.observed.values.astype(float) for e in experiments}


def warn_of_few(toys: int) -> None:
    """Warn of quantiles for which there are too few toys; none at all are asked for on purpose."""
    blank = [sigma for sigma in (1, 2) if 0 < toys < least_toys(sigma)]
    if blank:
        least = least_toys(2)
        warnings.warn(
            f"{toys} toys are too few for the {' and '.join(map(str, blank))} sigma bands, which "
            f"are left out: ask for {least} toys or more (2 sigma; 1 sigma: {least_toys(1)}), the "
            "same call with the same folder adds them",
            PrecisionWarning,
            stacklevel=5,
        )


sensitivity = function_of(SensitivityStudy)
