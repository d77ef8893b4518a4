"""Coverage of intervals and regions of several couplings, at truths that are kept fixed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from bayes_cevns.arguments import mapping, named
from bayes_cevns.arrays import Array
from bayes_cevns.couplings.named import full_name, known_names
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.studies import engines, words
from bayes_cevns.studies.calibration.counting_study import CountingStudy
from bayes_cevns.studies.calibration.coverage_result import CoverageResult, CoverageToy, Judged
from bayes_cevns.studies.calibration.held import held_couplings, kinds_of_couplings
from bayes_cevns.studies.calibration.simulated import LEVEL, that_passed
from bayes_cevns.studies.calibration.simulated_couplings import SimulatedCouplingsStudy
from bayes_cevns.studies.calibration.true_values import true_value, truths_by_name
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.options import Option, asked, checked
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.intervals import intervals

if TYPE_CHECKING:
    from bayes_cevns.inference.fitting import Fitting
    from bayes_cevns.studies.calibration.simulator import Simulator

_EXAMPLE = "such as {'zero': {}, 'limit': {'ee_u': 0.3}}"


def _truths(value: object) -> dict[str, dict[str, float]] | None:
    """Return true couplings by the names of truths; ``None`` for those that follow from data."""
    found = truths_by_name(value, _couplings, what=f"couplings of truths by name, {_EXAMPLE}")
    if value is not None and not found:
        raise ArgumentError(f"expected one truth or more, {_EXAMPLE}, got none")
    return found or None


def _couplings(value: object, what: str) -> dict[str, float]:
    given = mapping(value, what=f"the couplings of {what}, such as {{'ee_u': 0.3}}")
    return {str(name): true_value(x, f"{what}, {name},") for name, x in given.items()}


Truths = Annotated[
    dict[str, dict[str, float]] | None,
    checked(_truths),
    Option(
        read=words.truths_of_couplings, many=True, greedy=True, metavar="NAME:COUPLING=VALUE,..."
    ),
]


class CoverageCouplingsStudy(CountingStudy, SimulatedCouplingsStudy[CoverageToy, CoverageResult]):
    """Count how often intervals and regions hold couplings that are kept fixed.

    Data are drawn with these couplings, with nuisances drawn from their priors; each data set is
    fitted with all couplings free, as `bayes_cevns.sample_couplings` fits what was observed. What
    is judged is what is quoted and drawn: for each coupling its highest-density region and its
    central interval, for each pair the joint region of highest density, all others marginalised.

    Returns
    -------
    CoverageResult
        For each truth, coupling or pair, interval and level, with binomial errors.

    Raises
    ------
    ArgumentError, UnknownNameError, OutputError
        If the toys are too few for the precision, a truth lies outside the bounds, or something
        asked for does not exist or cannot be.
    ConvergenceError
        If no truths are named and the fit of the data at hand, that they follow from, fails.

    Notes
    -----
    A credible region holds the truth with its probability on average over the prior, which is what
    `bayes_cevns.calibrate_couplings` checks. At one fixed truth it need not: the region of a
    coupling with a mirror image, or marginalised along a degenerate direction, may hold it more
    often or less.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.coverage_couplings(
    ...     "conus_plus", couplings=["ee_u"], truths={"zero": {}}, toys=4, precision=0.3
    ... )
    >>> found.results[0].quantity, found.results[0].interval
    ('eps_ee_u', 'region')
    """

    kind = "coverage-couplings"

    truths: Truths = asked(
        "True couplings by name, in a command zero: limit:ee_u=0.3,ee_d=0; those that are left "
        "out are as in the Standard Model. By default zero, the farther end of the 90% region of "
        "the first coupling, alone free in a fit of the data, and twice as far.",
        None,
        validate_default=True,
    )

    def check_fields(self) -> None:
        """Check the names of the couplings of truths."""
        super().check_fields()
        _ = self.given

    def word_of(self, name: str) -> Any:
        """Return the word of a field, with every coupling of the truths."""
        return self.given if name == "truths" else super().word_of(name)

    @cached_property
    def standard(self) -> dict[str, float]:
        """Every coupling as in the Standard Model."""
        return dict(zip(self.model.names, self.model.standard_values.tolist(), strict=True))

    @cached_property
    def reference(self) -> Fit:
        """The fit of the data at hand in which the first coupling is free alone."""
        first, *others = self.model.names
        engine = self.engine
        if others:
            engine = engines.engine_for(self.spec, self.settings, monitored=True, free=1)
        return that_passed(engine.fit(seed=self.seed, free=[first]))

    @cached_property
    def source(self) -> Simulator:
        """Makes data."""
        from bayes_cevns.studies.calibration.simulator import Simulator

        return Simulator(self.spec, self.mediator(), self.engine.box)

    def prepare(self) -> None:
        """Compile the model, and find the truths."""
        self.engine.compile()
        _ = self.fixed, self.source

    def mediator(self) -> float | None:
        """Return the mediator mass."""
        return self.model.mass_mev

    @property
    def columns_of_truth(self) -> tuple[str, ...]:
        """Every coupling."""
        return self.model.names

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """What is quoted of every coupling, and drawn of every pair."""
        return kinds_of_couplings(self.model.names)

    @cached_property
    def given(self) -> dict[str, dict[str, float]] | None:
        """The truths that were named, with every coupling.

        Raises
        ------
        UnknownNameError
            If a coupling is not free.
        ArgumentError
            If one is given twice.
        """
        if self.truths is None:
            return None
        return {name: self.standard | self._full(name, own) for name, own in self.truths.items()}

    def _full(self, truth: str, couplings: Mapping[str, float]) -> dict[str, float]:
        """Return the couplings of a truth by their full names."""
        known = known_names(self.model.names)
        found: dict[str, float] = {}
        for key, value in couplings.items():
            name = full_name(named(key, f"coupling of truth {shown(truth)}", known))
            if name in found:
                raise ArgumentError(f"truth {shown(truth)}: {name} is given twice")
            found[name] = value
        return found

    def truth_at(self, factor: float) -> dict[str, float]:
        """Return the truth on the axis of the first coupling, so many times as far as its limit."""
        first = self.model.names[0]
        fit, zero = self.reference, self.standard[first]
        region = intervals(fit, first, LEVEL, self.engine.box.bounds[first])
        farthest = max((region[0].low, region[-1].high), key=lambda end: abs(end - zero))
        return self.standard | {first: zero + factor * (farthest - zero)}

    def check_truths(self, truths: Mapping[str, Mapping[str, float]]) -> None:
        """Check that truths lie within the bounds."""
        for truth, couplings in truths.items():
            for name, (low, high) in self.engine.box.bounds.items():
                if not low <= couplings[name] <= high:
                    raise ArgumentError(
                        f"truth {truth!r}: expected {name} within its bounds, {low:.4g} to "
                        f"{high:.4g}, got {couplings[name]:.4g}: name other truths (--truths), or "
                        "widen the bounds (--bounds)"
                    )

    def parameters_at(self, truth: Mapping[str, float]) -> Mapping[str, float]:
        """Return the couplings."""
        return truth

    def fitting(self, counts: Mapping[str, Array], seed: int, cores: int | None) -> Fitting:
        """Begin to fit some data, all couplings free."""
        return self.engine.begin(seed=seed, observed=counts, cores=cores)

    def held(self, fit: Fit, truth: Mapping[str, float]) -> dict[Judged, bool]:
        """Return which intervals and regions hold the couplings."""
        return held_couplings(fit, truth, self.levels)


coverage_couplings = function_of(CoverageCouplingsStudy)
