"""Posteriors of several couplings: what is asked for, and what one fit computes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any

from bayes_cevns.arguments import named, names
from bayes_cevns.bounds import SEED_END
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.couplings.visible import check_visible
from bayes_cevns.errors import ArgumentError, ConvergenceError, shown
from bayes_cevns.specification.columns import experiments_label
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.record import versions
from bayes_cevns.studies import engines, words
from bayes_cevns.studies.arviz_groups import groups_of, variable_attributes
from bayes_cevns.studies.coupling_fits import JOINT, PRIOR, CouplingFits, NamedFit, nuisances_of
from bayes_cevns.studies.fit_files import FitStore
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.options import Flag, Levels, Option, Settings, asked, checked
from bayes_cevns.studies.several_couplings import SeveralCouplingsStudy
from bayes_cevns.summary.fit import Fit

if TYPE_CHECKING:
    import xarray as xr

    from bayes_cevns.inference.engine import Engine

LEVELS = (0.68, 0.9, 0.95)

type Pair = tuple[str, str]

_PAIRS = "pairs of parameters, such as [('eps_ee_u', 'eps_ee_d')]"


def _pairs(value: object) -> tuple[Pair, ...] | None:
    if value is None:
        return None
    listed = words.pairs(value)
    if not isinstance(listed, list | tuple):
        raise ArgumentError(f"expected {_PAIRS}, got {shown(value)}")
    found = [names(pair, what=_PAIRS) for pair in listed]
    for pair in found:
        if len(pair) != 2:
            raise ArgumentError(f"expected {_PAIRS}, got {shown(pair)} in it")
    return tuple((one, two) for one, two in found)


Pairs = Annotated[
    tuple[Pair, ...] | None,
    checked(_pairs),
    Option(read=words.pairs, many=True, greedy=True, decides=False, metavar="ONE:OTHER..."),
]


class CouplingsStudy(SeveralCouplingsStudy[Fit, NamedFit, CouplingFits]):
    """Sample the posterior of several couplings, all modes with the weight that they have.

    Returns
    -------
    CouplingFits
        With its fits, intervals and regions.

    Raises
    ------
    ConvergenceError
        If a fit fails its gate after all retries; with `out`, what there is, is written.
    ArgumentError, UnknownNameError, OutputError
        If something asked for does not exist or cannot be, among them a coupling that no
        experiment sees, before anything is sampled.
    ImpossibleDataError
        If there are events where the model expects none at any of its parameters.

    Notes
    -----
    The box of the couplings is cut where the posterior has a least value between two modes, along
    each principal direction of the signal (`bayes_cevns.inference.modes.box_branches`); NUTS
    samples each part, bridge sampling weighs it, and points all over it tell whether the chains
    missed anything.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> fits = bc.sample_couplings("conus_plus", couplings=["eps_ee_u"], seed=1)
    >>> len(fits.intervals("eps_ee_u", 0.9))  # around the Standard Model, and its mirror image
    2
    """

    kind = "couplings"

    one_at_a_time: Flag = asked(
        "Fit each coupling alone, the others as in the Standard Model, not all together.", False
    )
    levels: Levels = asked("Credible levels of intervals and regions; 0.68 0.9 0.95.", LEVELS)
    pairs: Pairs = asked(
        "Pairs to draw, such as ee_u:ee_d or ee_u:flux_8b, or none; by default all couplings that "
        "are free together.",
        None,
    )
    settings: Settings = asked("How to sample.", None, validate_default=True)

    def check_fields(self) -> None:
        """Check couplings, bounds and pairs."""
        _ = self.spec, self.drawn

    @cached_property
    def drawn(self) -> tuple[Pair, ...]:
        """The pairs to draw, by their full names."""
        if self.pairs is not None:
            return tuple(self._drawn(pair) for pair in self.pairs)
        return () if self.one_at_a_time else tuple(combinations(self.model.names, 2))

    def _drawn(self, pair: Pair) -> Pair:
        known = self.model.names
        one, two = (f"eps_{name}" if f"eps_{name}" in known else name for name in pair)
        if self.one_at_a_time or not {one, two} & set(known):
            raise ArgumentError(
                f"--pairs: {one} and {two} are not free together: one of each pair is a "
                f"coupling ({', '.join(known)})"
            )
        for name in (one, two):
            named(name, "coupling or nuisance", (*known, *nuisances_of(self.spec.experiments)))
        if one == two:
            raise ArgumentError(f"--pairs: a region needs two parameters, got {one} twice")
        return one, two

    def word_of(self, name: str) -> Any:
        """Return the word of a field, with full names."""
        if name == "pairs":
            return None if self.pairs is None else [":".join(pair) for pair in self.drawn]
        return super().word_of(name)

    # The fits.

    @cached_property
    def jobs(self) -> dict[str, tuple[str, ...]]:
        """Names of the fits, with the couplings that are free in each."""
        free = self.model.names
        return {name: (name,) for name in free} if self.one_at_a_time else {JOINT: free}

    @cached_property
    def engine(self) -> Engine:
        """What samples."""
        return engines.engine_for(self.spec, self.settings, free=1 if self.one_at_a_time else None)

    def check(self) -> None:
        """Check that priors can be made, and that the experiments see every coupling."""
        self.engine.check([None], seed=self.seed)
        check_visible(of_couplings(self.engine.tables), self.engine.box, apart=self.one_at_a_time)

    def size(self) -> int:
        """Return the number of fits."""
        return len(self.jobs)

    def store(self, folder: KeptRun | None) -> FitStore:
        """Return where fits are kept: all together at the root of the tree, or each by its name."""
        places = ["" if name == JOINT else name for name in self.jobs]
        return FitStore(
            folder,
            self.spec.experiments,
            names=places,
            attributes=self.attributes,
            variables=variable_attributes(self.spec),
            more=self.more_groups,
        )

    def more_groups(self, fits: Mapping[int, Fit]) -> Mapping[str, xr.Dataset]:
        """Return the log-likelihood and draws of the prior of one joint fit; none of several."""
        if self.one_at_a_time:
            return {}
        return groups_of(self.spec, fits[0], None, seed=self.seed)

    def attributes(self) -> dict[str, Any]:
        """Return what ``posterior.nc`` says of itself."""
        return {
            "study": self.kind,
            "experiments": experiments_label(self.experiments),
            "couplings": ", ".join(self.model.names),
            "prior": PRIOR,
            "levels": list(self.levels),
            "seed": self.seed,
            **self.theory.words,
            "versions": json.dumps(versions()),
        }

    def prepare(self) -> None:
        """Compile the model."""
        self.engine.compile()

    def compute(self, number: int) -> Fit:
        """Sample one posterior."""
        free = list(self.jobs.values())[number]
        return self.engine.fit(free=free, seed=(self.seed + number) % SEED_END)

    def point(self, number: int, content: Fit) -> NamedFit:
        """Return the fit with its name."""
        return NamedFit(list(self.jobs)[number], content)

    def has_failed(self, point: NamedFit) -> bool:
        """Return whether a fit did not pass its gate."""
        return not point.fit.passed

    def said(self, point: NamedFit) -> str:
        """Return the weights of the branches."""
        weights = ", ".join(f"{w:.3f}" for w in point.fit.quality["weight"].values)
        verdict = "" if point.fit.passed else "; failed"
        return f"{point.name}: branch weights {weights}{verdict}"

    def result(self, points: Mapping[int, NamedFit]) -> CouplingFits:
        """Return the fits."""
        fits = {point.name: point.fit for point in points.values()}
        return CouplingFits(self.spec, self.levels, self.seed, self.one_at_a_time, fits, self.drawn)

    def judge(self, result: CouplingFits) -> None:
        """Raise the error of fits that failed their gate."""
        failed = result.failures()
        if failed:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in failed.items())
            raise ConvergenceError(
                f"{len(failed)} of {self.size()} fits failed their gate after "
                f"{self.settings.retries} retries ({reasons}): use more draws or warm-up"
            )


sample_couplings = function_of(CouplingsStudy, name="sample_couplings")
