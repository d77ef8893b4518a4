"""What studies of ranks have in common: truths from a prior, and their ranks in posteriors."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self, override

import numpy as np
from pydantic import PrivateAttr

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.given import several_experiments
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import ArgumentError
from bayes_cevns.specification.columns import CREDIBLE, LABEL_COLUMNS, labels, toy_label
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.ledger import Row, row_of
from bayes_cevns.studies.ahead import overlapping
from bayes_cevns.studies.calibration.rank_result import RankedFit, RankResult
from bayes_cevns.studies.calibration.ranks import quantities_of, rank
from bayes_cevns.studies.calibration.toy import Toy
from bayes_cevns.studies.identity import content_digest
from bayes_cevns.studies.options import MoreOf, asked, checked, optional
from bayes_cevns.studies.stores import RowStore
from bayes_cevns.studies.study import Study
from bayes_cevns.summary.fit import Fit

if TYPE_CHECKING:
    from bayes_cevns.inference.fitting import Fitting
    from bayes_cevns.inference.settings import SamplerSettings
    from bayes_cevns.studies.calibration.simulator import Simulator

RANKS_FILE = "ranks.csv"
_KEY = ("fit",)
_FIXED = (*_KEY, *LABEL_COLUMNS, "passed", "attempts", "seconds", "reason")

#: Fewer ranks tell nothing: their band is wider than 0.3 to either side.
_LEAST_FITS = 20

#: What no file can hold of a calibration.
_FOREIGN = "experiments that make the data (generated_by)"


@dataclass(eq=False, repr=False)
class RankedToy(Toy):
    """Simulated data that are being fitted, and their truth.

    Attributes
    ----------
    truth
        What is ranked -> its true value, shape (1,).
    """

    truth: Mapping[str, Array]


class RankingStudy(Study[Row, RankedFit, RankResult]):
    """Draws truths from a prior, data from the likelihood, fits the data, and ranks the truths.

    A subclass has the model: what makes data (`source`), what evaluates the model that is fitted
    (`monitor`), and how data are fitted (`fitted`).
    """

    fits: MoreOf = asked(
        "How many data sets are made and fitted. More of them may be asked for later.", 1000
    )
    generated_by: Annotated[
        tuple[Experiment, ...] | None, checked(optional(several_experiments))
    ] = asked(
        "Experiments that make the data instead, the same with other responses or backgrounds: to "
        "see what a mistake in them does.",
        None,
    )

    if TYPE_CHECKING:  # a field of those that say what is fitted
        settings: SamplerSettings

    #: Where the rows are.
    _rows_kept: RowStore = PrivateAttr()

    # The model, of a subclass.

    @abstractmethod
    def truths(self) -> tuple[float | None, CouplingPrior | BoxPrior | None]:
        """Return the mediator mass, and the prior that the coupling is drawn from, or several."""

    @abstractmethod
    def fitting(self, counts: Mapping[str, Array], seed: int, cores: int | None) -> Fitting:
        """Begin to fit some data."""

    def fitted(self, toy: Toy) -> Fit:
        """Return the fit of some data."""
        return toy.result()

    @abstractmethod
    def drawn(
        self, fit: Fit, counts: Mapping[str, Array], random: np.random.Generator
    ) -> dict[str, Array]:
        """Return independent draws of what is ranked from the posterior of some data."""

    @cached_property
    def source(self) -> Simulator:
        """Makes truths and data."""
        from bayes_cevns.studies.calibration.simulator import Simulator

        return Simulator(self.generating, *self.truths())

    @cached_property
    def monitor(self) -> Simulator:
        """Evaluates what is ranked, in the model that is fitted."""
        from bayes_cevns.studies.calibration.simulator import Simulator

        return Simulator(self.spec, *self.truths())

    # What is asked for.

    @classmethod
    def from_words(
        cls, words: Mapping[str, Any], *, experiments: Sequence[Experiment] | None = None
    ) -> Self:
        """Return the study that some words ask for; none where other experiments make the data."""
        if experiments is not None and _FOREIGN in words.get("changed", ()):
            function = cls.kind.replace("-", "_")
            raise ArgumentError(
                f"this calibration has {_FOREIGN}, which no file can hold: call "
                f"bayes_cevns.{function} again with them, and with the same folder"
            )
        return super().from_words(words, experiments=experiments)

    def check_fields(self) -> None:
        """Check that there are fits enough, and that data are made for what is fitted."""
        if self.fits < _LEAST_FITS:
            raise ArgumentError(
                f"the ranks of {self.fits} fits tell nothing: ask for {_LEAST_FITS} or more, and "
                "for 1000 to see a posterior that is wrong by a tenth of its width"
            )
        super().check_fields()
        if self.generated_by is not None:
            _check_alike(self.spec.experiments, self.generated_by)

    def word_of(self, name: str) -> Any:
        """Return the word of a field; there is none for experiments that make the data."""
        return None if name == "generated_by" else super().word_of(name)

    def foreign(self) -> list[str]:
        """Return that other experiments make the data, if they do."""
        return [*super().foreign(), *([] if self.generated_by is None else [_FOREIGN])]

    def request(self) -> dict[str, Any]:
        """Return everything that decides the outcome, but the number of fits."""
        other = self.generated_by or ()
        digests = {"generated_by": {e.name: content_digest(e) for e in other}} if other else {}
        return {**super().request(), **digests}

    @cached_property
    def generating(self) -> ModelSpec:
        """The model that makes the data, with the same parameters."""
        if self.generated_by is None:
            return self.spec
        return replace(self.spec, experiments=self.generated_by)

    @cached_property
    def quantities(self) -> tuple[str, ...]:
        """What is ranked."""
        return quantities_of(self.spec)

    # The fits.

    def size(self) -> int:
        """Return the number of fits."""
        return self.fits

    def store(self, folder: KeptRun | None) -> RowStore:
        """Return where ranks are kept."""
        keys = [(str(number),) for number in range(self.fits)]
        self._rows_kept = RowStore(folder, RANKS_FILE, self._columns, key=_KEY, keys=keys)
        return self._rows_kept

    @property
    def _columns(self) -> tuple[str, ...]:
        return (*_FIXED, *self.quantities)

    def begin(self, number: int, cores: int | None = None) -> RankedToy:
        """Draw one truth, and begin to fit its data."""
        start = time.perf_counter()
        random = np.random.default_rng([self.seed, number])
        values, counts = self.source.draw(random)
        truth = self.monitor.quantities(values, counts)
        fitting = self.fitting(counts, int(random.integers(2**31)), cores)
        return RankedToy(counts, random, fitting, time.perf_counter() - start, truth)

    def finish(self, number: int, toy: RankedToy) -> Row:
        """Rank a truth in its fit."""
        fit = self.fitted(toy)
        start = time.perf_counter()
        ranks = {}
        if fit.passed:
            draws = self.drawn(fit, toy.counts, toy.random)
            ranks = {
                name: rank(float(true[0]), draws[name], toy.random)
                for name, true in toy.truth.items()
            }
        said = {
            "fit": number,
            **labels(self.spec, CREDIBLE, toy_label(number)),
            "passed": fit.passed,
            "attempts": int(fit.quality["attempts"].max()),
            "seconds": f"{toy.seconds + time.perf_counter() - start:.2f}",
            "reason": fit.reason,
        }
        return row_of(self._columns, {**said, **ranks})

    def compute(self, number: int) -> Row:
        """Draw one truth, fit its data and rank it."""
        return self.finish(number, self.begin(number))

    @override
    def computed(self, numbers: Sequence[int]) -> Generator[Row]:
        """Rank one truth after the other; the next are fitted while this one is ranked."""
        return overlapping(numbers, self.begin, self.finish, cores=self.settings.cores)

    @override
    def point(self, number: int, content: Row) -> RankedFit:
        """Return the ranks of one fit."""
        passed = content["passed"] == "True"
        ranks = {name: int(content[name]) for name in self.quantities} if passed else {}
        reason = "" if passed else content["reason"]
        return RankedFit(int(content["fit"]), ranks, reason, float(content["seconds"]))

    def has_failed(self, point: RankedFit) -> bool:
        """Return whether a fit failed."""
        return not point.ranks

    def said(self, point: RankedFit) -> str:
        """Return which fit is done."""
        return f"fit {point.number}{'' if point.ranks else ' failed'}"

    def with_all(self, points: Mapping[int, RankedFit]) -> Self:
        """Return the study that asks for all fits that are there."""
        return self.with_more("fits", max((one.number + 1 for one in points.values()), default=0))

    def result(self, points: Mapping[int, RankedFit]) -> RankResult:
        """Return the ranks."""
        every = sorted(points.values(), key=lambda one: one.number)
        ranks = [[one.ranks[name] for name in self.quantities] for one in every if one.ranks]
        return RankResult(
            self.spec,
            *self.truths(),
            self.quantities,
            np.array(ranks, dtype=np.int64).reshape(-1, len(self.quantities)),
            {one.number: one.reason for one in every if not one.ranks},
            sum(one.seconds for one in every),
        )


def _check_alike(fitted: Sequence[Experiment], generating: Sequence[Experiment]) -> None:
    """Check that two sets of experiments have the same bins and parameters."""

    def shape(experiments: Sequence[Experiment]) -> list[object]:
        return [(e.name, e.observed.shape, e.nuisances()) for e in experiments]

    if shape(fitted) != shape(generating):
        raise ArgumentError(
            "generated_by must name the same experiments as are fitted, with the same bins and "
            f"nuisances: {', '.join(e.name for e in fitted)}; got "
            f"{', '.join(e.name for e in generating)}"
        )
