"""What studies of coverage have in common: truths that are kept fixed, and what holds them."""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from collections.abc import Generator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Self, override

import numpy as np
from pydantic import PrivateAttr

from bayes_cevns.arrays import Array
from bayes_cevns.bounds import within
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import between
from bayes_cevns.specification.columns import CREDIBLE, LABEL_COLUMNS, labels, toy_label
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.ledger import Row, row_of
from bayes_cevns.studies.ahead import overlapping
from bayes_cevns.studies.calibration.coverage_result import (
    Coverage,
    CoverageResult,
    CoverageToy,
    Judged,
)
from bayes_cevns.studies.calibration.toy import Toy
from bayes_cevns.studies.options import Levels, Option, asked, checked
from bayes_cevns.studies.stores import RowStore
from bayes_cevns.studies.study import Study
from bayes_cevns.summary.fit import Fit

if TYPE_CHECKING:
    from bayes_cevns.inference.fitting import Fitting
    from bayes_cevns.inference.settings import SamplerSettings
    from bayes_cevns.studies.calibration.simulator import Simulator

TOYS_FILE = "toys.csv"
LEVELS = (0.68, 0.9, 0.95)

#: Truths that are taken where none are named: how far they are from the Standard Model, in units
#: of how far the 90% credible limit from the data at hand is.
TRUTHS = {"zero": 0.0, "limit": 1.0, "above": 2.0}
_KEY = ("truth", "toy")
_BEHIND = ("toy", *LABEL_COLUMNS, "passed", "attempts", "seconds", "reason")

ToysOfTruth = Annotated[
    int,
    checked(lambda value: within("toys", value, least=1)),
    Option(kind=int, decides=False),
]
Precision = Annotated[
    float,
    checked(lambda value: between(value, 0.0, 1.0, what="a precision", example="0.02")),
    Option(kind=float, decides=False),
]


class CountingStudy(Study[Row, CoverageToy, CoverageResult]):
    """Draws data at truths that are kept fixed, fits them, and counts what holds the truth.

    A truth is a mapping from the columns of ``toys.csv`` that it has to numbers. A subclass has
    the model: which truths there are, what makes data at one of them (`source`, `parameters_at`),
    how data are fitted (`fitted`), and which intervals and regions of a fit hold it (`held`).
    """

    levels: Levels = asked("Credible levels; 0.68, 0.9 and 0.95 by default.", LEVELS)
    toys: ToysOfTruth = asked("Data sets for each truth. More of them may be asked for later.", 600)
    precision: Precision = asked(
        "Largest standard error that is wanted of a coverage that is as its level says.", 0.02
    )

    if TYPE_CHECKING:  # a field of those that say what is fitted
        settings: SamplerSettings

    #: Where the rows are: truths that were fitted already stay as they are.
    _rows_kept: RowStore = PrivateAttr()

    # The model, of a subclass.

    @abstractmethod
    def mediator(self) -> float | None:
        """Return the mediator mass."""

    @property
    @abstractmethod
    def columns_of_truth(self) -> tuple[str, ...]:
        """The columns of ``toys.csv`` that say what the truth is."""

    @property
    @abstractmethod
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """What may hold a truth: of which quantity, and which kind of interval or region."""

    @property
    @abstractmethod
    def given(self) -> Mapping[str, Mapping[str, float]] | None:
        """The truths that were named; ``None`` for those that follow from the data."""

    @abstractmethod
    def truth_at(self, factor: float) -> dict[str, float]:
        """Return the truth so many times as far from the Standard Model as the limit is."""

    @abstractmethod
    def check_truths(self, truths: Mapping[str, Mapping[str, float]]) -> None:
        """Raise the error of a truth that the prior of the fits does not have."""

    @property
    @abstractmethod
    def source(self) -> Simulator:
        """What makes data."""

    @abstractmethod
    def parameters_at(self, truth: Mapping[str, float]) -> Mapping[str, float]:
        """Return the parameters of the model that a truth fixes."""

    @abstractmethod
    def fitting(self, counts: Mapping[str, Array], seed: int, cores: int | None) -> Fitting:
        """Begin to fit some data."""

    def fitted(self, toy: Toy) -> Fit:
        """Return the fit of some data."""
        return toy.result()

    @abstractmethod
    def held(self, fit: Fit, truth: Mapping[str, float]) -> Mapping[Judged, bool]:
        """Return whether each interval and region of a fit that has passed holds a truth."""

    # The truths.

    def check_fields(self) -> None:
        """Check that toys are enough for the precision."""
        _check_toys(self.levels, self.toys, self.precision)
        super().check_fields()

    @cached_property
    def names(self) -> list[str]:
        """Names of the truths. Their order is part of the seeds of the toys."""
        return list(TRUTHS if self.given is None else self.given)

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """Everything that is looked at in a fit, in the order of the columns."""
        return tuple(Judged(*kind, level) for kind in self.kinds for level in self.levels)

    @cached_property
    def fixed(self) -> dict[str, Mapping[str, float]]:
        """Truths by their names. Those that were fitted already stay, to the last digit."""
        found = self.kept_common()
        for name in self.names:
            if name not in found:
                given = self.given
                found[name] = self.truth_at(TRUTHS[name]) if given is None else given[name]
        self.check_truths(found)
        return found

    @override
    def common(self) -> Mapping[str, Mapping[str, float]]:
        """Return the truths."""
        return self.fixed

    @override
    def kept_common(self) -> dict[str, Mapping[str, float]]:
        """Return the truths that were fitted already."""
        return {row["truth"]: self._truth_of(row) for row in self._rows_kept.ledger.rows}

    @override
    def take_common(self, values: Mapping[str, Mapping[str, float]]) -> None:
        """Take the truths."""
        self.__dict__["fixed"] = dict(values)  # as its `cached_property` does

    def _truth_of(self, row: Row) -> dict[str, float]:
        return {column: float(row[column]) for column in self.columns_of_truth}

    def check(self) -> None:
        """Check also that the truths that were named lie in the range of the prior."""
        super().check()
        self.check_truths(self.given or {})

    # The fits.

    def size(self) -> int:
        """Return the number of fits."""
        return len(self.names) * self.toys

    def store(self, folder: KeptRun | None) -> RowStore:
        """Return where toys are kept."""
        keys = [(name, str(toy)) for name in self.names for toy in range(self.toys)]
        self._rows_kept = RowStore(folder, TOYS_FILE, self._columns, key=_KEY, keys=keys)
        self.__dict__.pop("fixed", None)  # truths that a folder has stay as they are
        return self._rows_kept

    @property
    def _columns(self) -> tuple[str, ...]:
        columns = (one.column for one in self.judged)
        return ("truth", *self.columns_of_truth, *_BEHIND, *columns)

    def begin(self, number: int, cores: int | None = None) -> Toy:
        """Draw the data of one truth, and begin to fit them."""
        start = time.perf_counter()
        place, toy = divmod(number, self.toys)
        random = np.random.default_rng([self.seed, place, toy])
        truth = self.fixed[self.names[place]]
        _, counts = self.source.draw(random, fixed=self.parameters_at(truth))
        fitting = self.fitting(counts, int(random.integers(2**31)), cores)
        return Toy(counts, random, fitting, time.perf_counter() - start)

    def finish(self, number: int, toy: Toy) -> Row:
        """Look what of a fit holds its truth."""
        place, which = divmod(number, self.toys)
        name = self.names[place]
        truth, fit = self.fixed[name], self.fitted(toy)
        start = time.perf_counter()
        held = self.held(fit, truth) if fit.passed else {}
        said = {
            "truth": name,
            **{column: repr(truth[column]) for column in self.columns_of_truth},
            "toy": which,
            **labels(self.spec, CREDIBLE, toy_label(which)),
            "passed": fit.passed,
            "attempts": int(fit.quality["attempts"].max()),
            "seconds": f"{toy.seconds + time.perf_counter() - start:.2f}",
            "reason": fit.reason,
            **{one.column: int(inside) for one, inside in held.items()},
        }
        return row_of(self._columns, said)

    def compute(self, number: int) -> Row:
        """Draw the data of one truth, fit them, and look what of the fit holds it."""
        return self.finish(number, self.begin(number))

    @override
    def computed(self, numbers: Sequence[int]) -> Generator[Row]:
        """Fit one data set after the other; the next are fitted while this one is looked at."""
        return overlapping(numbers, self.begin, self.finish, cores=self.settings.cores)

    @override
    def point(self, number: int, content: Row) -> CoverageToy:
        """Return what of the fit of a toy holds its truth."""
        passed = content["passed"] == "True"
        return CoverageToy(
            content["truth"],
            self._truth_of(content),
            int(content["toy"]),
            {one: content[one.column] == "1" for one in self.judged} if passed else {},
            "" if passed else content["reason"],
            float(content["seconds"]),
        )

    def has_failed(self, point: CoverageToy) -> bool:
        """Return whether a fit failed."""
        return not point.inside

    def said(self, point: CoverageToy) -> str:
        """Return which fit is done."""
        return f"{point.name}{'' if point.inside else ' failed'}"

    def with_all(self, points: Mapping[int, CoverageToy]) -> Self:
        """Return the study that asks for all toys that are there."""
        return self.with_more("toys", max((one.toy + 1 for one in points.values()), default=0))

    def counted(self, points: Mapping[int, CoverageToy]) -> tuple[Coverage, ...]:
        """Return how often the truths that have toys were held."""
        found = []
        for name in self.names:
            own = [one for one in points.values() if one.truth == name]
            passed = [one.inside for one in own if one.inside]
            for judged in self.judged if own else ():
                inside = sum(held[judged] for held in passed)
                found.append(Coverage(name, own[0].values, *judged, len(passed), inside))
        return tuple(found)

    def result(self, points: Mapping[int, CoverageToy]) -> CoverageResult:
        """Return the coverage at the truths that have toys."""
        every = points.values()
        return CoverageResult(
            self.spec,
            self.mediator(),
            self.counted(points),
            {one.name: one.reason for one in every if not one.inside},
            sum(one.seconds for one in every),
        )


def _check_toys(levels: Sequence[float], toys: int, precision: float) -> None:
    """Check that a coverage is known as well as is asked for."""
    worst = min(levels, key=lambda level: abs(level - 0.5))
    variance = worst * (1 - worst)
    if variance / toys > precision**2:
        needed = math.ceil(variance / precision**2 - 1e-9)
        raise ArgumentError(
            f"the coverage of {100 * worst:g}% intervals has an error of "
            f"{math.sqrt(variance / toys):.2g} with {toys} toys: ask for {needed} toys or more, "
            f"or be content with a precision of {math.sqrt(variance / toys):.2g}"
        )
