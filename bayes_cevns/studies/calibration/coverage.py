"""Coverage: how often an interval holds a truth that is kept fixed."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self, override

import numpy as np

from bayes_cevns.arguments import mapping
from bayes_cevns.bounds import within
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.checks import between, real
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    labels,
    toy_label,
)
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.ledger import Row, row_of
from bayes_cevns.studies import words
from bayes_cevns.studies.calibration.coverage_result import (
    INTERVALS,
    CoverageResult,
    CoverageToy,
    column_of,
    counted,
)
from bayes_cevns.studies.calibration.simulated import SimulatedStudy, farthest_limit, own_prior
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.options import Levels, Option, asked, checked
from bayes_cevns.studies.stores import RowStore
from bayes_cevns.summary.bands import bands
from bayes_cevns.summary.draws import WeightedDraws
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import limits

if TYPE_CHECKING:
    from bayes_cevns.studies.calibration.simulator import Simulator

TOYS_FILE = "toys.csv"
LEVELS = (0.68, 0.9, 0.95)

#: Truths, in units of the 90% credible limit on x from the data at hand.
TRUTHS = {"zero": 0.0, "limit": 1.0, "above": 2.0}
_KEY = ("truth", "toy")
_FIXED = (
    "truth",
    "coupling_product",
    "toy",
    *LABEL_COLUMNS,
    "passed",
    "attempts",
    "seconds",
    "reason",
)


def _truths(value: object) -> dict[str, float] | None:
    """Return truths by their names; ``None`` for those that follow from the data."""
    given = mapping(value, what="truths by name, such as {'zero': 0.0}")
    within("truths", max(len(given), 1))
    found: dict[str, float] = {}
    for name, each in given.items():
        if not isinstance(name, str) or not name:
            raise ArgumentError(f"expected the name of a truth, got {shown(name)}")
        x = real(each, what=f"truth {shown(name)}")
        if not math.isfinite(x):
            raise ArgumentError(f"truth {shown(name)} must be finite, got {x:g}")
        found[name] = x
    return found or None


Truths = Annotated[dict[str, float] | None, checked(_truths), Option(read=words.truths)]
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


class CoverageStudy(SimulatedStudy[CoverageToy, CoverageResult]):
    """Count how often credible intervals hold a coupling that is kept fixed.

    Data are drawn with this coupling, with nuisances drawn from their priors; each data set is
    fitted as if it had been observed, with the prior that is quoted, whose bound is kept.

    Returns
    -------
    CoverageResult
        With binomial errors.

    Raises
    ------
    ArgumentError
        If the toys are too few for the precision; or if something asked for cannot be.
    UnknownNameError, TableError, OutputError, ConvergenceError
        As `bayes_cevns.calibrate`.

    Notes
    -----
    A credible interval holds the truth with its probability on average over the prior, which is
    what `bayes_cevns.calibrate` checks. At one fixed truth it need not: an upper limit on the
    size of x covers x = 0 always, a central interval never.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.coverage(
    ...     "xenonnt_2024_s2", interaction="scalar-universal", mass_mev=10.0, toys=4, precision=0.3
    ... )
    """

    kind = "coverage"

    truths: Truths = asked(
        "True x by name, in a command a comma list; by default zero, the 90% limit from the data "
        "(the weaker one, of two signs) and twice this x.",
        None,
        validate_default=True,
    )
    levels: Levels = asked("Credible levels; 0.68, 0.9 and 0.95 by default.", LEVELS)
    toys: ToysOfTruth = asked("Data sets for each truth. More of them may be asked for later.", 600)
    precision: Precision = asked(
        "Largest standard error that is wanted of a coverage that is as its level says.", 0.02
    )

    def check_fields(self) -> None:
        """Check that there is a coupling, and that toys are enough for the precision."""
        _check_toys(self.levels, self.toys, self.precision)
        if self.interaction is None:
            raise ArgumentError("a coverage study is one of a coupling: name an interaction")
        super().check_fields()

    @cached_property
    def names(self) -> list[str]:
        """Names of the truths. Their order is part of the seeds of the toys."""
        return list(self.truths or TRUTHS)

    @cached_property
    def quoted_prior(self) -> CouplingPrior:
        """The prior that is quoted."""
        return own_prior(self.engine.prior(self.mass))

    @cached_property
    def fixed(self) -> dict[str, float]:
        """Name of a truth -> x. Those that were fitted already stay, to the last digit."""
        known = self.kept_common()
        found = dict.fromkeys(self.names, 0.0) | (self.truths or {}) | known
        if self.truths is None and not set(TRUTHS) <= set(known):
            scale = farthest_limit(self.reference)
            found |= {name: factor * scale for name, factor in TRUTHS.items() if name not in known}
        _check_truths(self.quoted_prior, found)
        return found

    @override
    def common(self) -> dict[str, float]:
        """Return the truths."""
        return self.fixed

    @override
    def kept_common(self) -> dict[str, float]:
        """Return the truths that were fitted already."""
        rows = self._rows_kept.ledger.rows
        return {row["truth"]: float(row["coupling_product"]) for row in rows}

    @override
    def take_common(self, values: Mapping[str, float]) -> None:
        """Take the truths."""
        self.__dict__["fixed"] = dict(values)  # as its `cached_property` does

    @cached_property
    def source(self) -> Simulator:
        """Makes data."""
        from bayes_cevns.studies.calibration.simulator import Simulator

        return Simulator(self.spec, self.mass, self.quoted_prior)

    def check(self) -> None:
        """Check also that the truths lie in the range of the prior."""
        super().check()
        _check_truths(self.quoted_prior, self.truths or {})

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
        return (*_FIXED, *(column_of(i, p) for i in INTERVALS for p in self.levels))

    def prepare(self) -> None:
        """Compile the model, and find the truths."""
        self.engine.compile(self.mass)
        _ = self.fixed, self.source

    def compute(self, number: int) -> Row:
        """Draw the data of one truth, fit them, and look which intervals hold it."""
        place, toy = divmod(number, self.toys)
        name = self.names[place]
        x, prior = self.fixed[name], self.quoted_prior
        start = time.perf_counter()
        random = np.random.default_rng([self.seed, place, toy])
        _, counts = self.source.draw(random, coordinate=float(prior.coordinate(x)))
        fit = self.engine.fit(
            self.mass, seed=int(random.integers(2**31)), prior=prior, observed=counts
        )
        seconds = time.perf_counter() - start
        said = {"truth": name, "coupling_product": repr(x), "toy": toy}
        said |= labels(self.spec, CREDIBLE, toy_label(toy))
        said |= _judged(fit, x, self.levels)
        return row_of(self._columns, said | {"seconds": f"{seconds:.2f}"})

    @override
    def point(self, number: int, content: Row) -> CoverageToy:
        """Return which intervals of a toy hold its truth."""
        passed = content["passed"] == "True"
        columns = [column_of(i, p) for i in INTERVALS for p in self.levels] if passed else []
        return CoverageToy(
            content["truth"],
            float(content["coupling_product"]),
            int(content["toy"]),
            {column: content[column] == "1" for column in columns},
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

    def result(self, points: Mapping[int, CoverageToy]) -> CoverageResult:
        """Return the coverage at the truths that have toys."""
        every = list(points.values())
        known = {one.truth: one.coupling_product for one in every}
        results = [
            counted([one for one in every if one.truth == name], self.spec, interval, level)
            for name in self.names
            if name in known
            for interval in INTERVALS
            for level in self.levels
        ]
        return CoverageResult(
            self.spec,
            self.mass,
            tuple(results),
            {one.name: one.reason for one in every if not one.inside},
            sum(one.seconds for one in every),
        )


def _check_truths(prior: CouplingPrior, truths: Mapping[str, float]) -> None:
    """Check that truths lie in the range of the prior."""
    inside = prior.product([prior.lowest, prior.upper])
    for name, x in truths.items():
        if not inside.min() <= x <= inside.max():
            raise ArgumentError(
                f"truth {name!r}: expected x from {inside.min():.3g} to {inside.max():.3g}, the "
                f"range of the prior, got {x:.3g}"
            )


def _judged(fit: Fit, x: float, levels: Sequence[float]) -> dict[str, Any]:
    """Return how a fit went, and which of its intervals hold x, as 0 or 1."""
    found: dict[str, Any] = {
        "passed": fit.passed,
        "attempts": int(fit.quality["attempts"].max()),
        "reason": fit.reason,
    }
    if fit.passed:
        for level in levels:
            held = {
                "limit": _limit_holds(fit, x, level),
                "central": _central_holds(fit, x, level),
                "region": _region_holds(fit, x, level),
            }
            found |= {column_of(name, level): int(inside) for name, inside in held.items()}
    return found


def _limit_holds(fit: Fit, x: float, level: float) -> bool:
    """Return whether no limit excludes x, of those that speak of its sign."""
    quoted = float(own_prior(fit.prior).quoted(x))
    sign = {"upper": 0.0, "positive": 1.0, "negative": -1.0}
    return all(
        abs(quoted) <= limit.value or sign[limit.side] * quoted < 0 for limit in limits(fit, level)
    )


def _central_holds(fit: Fit, x: float, level: float) -> bool:
    draws = WeightedDraws.of(PRODUCT, fit.posterior, fit.quality)
    values, weights = draws.flat()
    below = float(weights[values < x].sum())
    return 0.5 * (1 - level) <= below <= 0.5 * (1 + level)


def _region_holds(fit: Fit, x: float, level: float) -> bool:
    quoted = float(own_prior(fit.prior).quoted(x))
    return any(band.low <= quoted <= band.high for band in bands(fit, level))


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


coverage = function_of(CoverageStudy)
