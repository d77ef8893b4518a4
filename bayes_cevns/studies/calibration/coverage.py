"""Coverage: how often an interval holds a truth that is kept fixed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bayes_cevns.arguments import callbacks, mapping, out_folder
from bayes_cevns.bounds import within
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.checks import between, real
from bayes_cevns.physics.interactions import Interaction
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    TOY,
    labels,
    prior_label,
    toy_label,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.storage.folder import RunFolder, ledger_in
from bayes_cevns.storage.ledger import Row
from bayes_cevns.studies.calibration.simulated import Study, farthest_limit, own_prior
from bayes_cevns.studies.calibration.simulator import Predictive
from bayes_cevns.studies.fit_files import run_directory
from bayes_cevns.summary.bands import bands
from bayes_cevns.summary.draws import WeightedDraws, check_levels
from bayes_cevns.summary.limits import limits

TOYS_FILE = "toys.csv"
COVERAGE_FILE = "coverage.csv"
COVERAGE_COLUMNS = (
    *("truth", "coupling_product", "true_coupling", *LABEL_COLUMNS, "prior", PRIOR_TEXT),
    "interval",
    "level",
    "toys",
    "coverage",
    "error",
)

#: What is quoted: limits, the central interval of x (or |x|), and the highest-density region.
INTERVALS = ("limit", "central", "region")
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


@dataclass(frozen=True)
class Coverage:
    """How often an interval held a truth.

    Attributes
    ----------
    truth, coupling_product, coupling
        Name of the truth, its x, and as the coupling that is quoted.
    interval
        ``"limit"``, ``"central"`` or ``"region"``.
    level
        Credible level.
    toys
        Fits that passed their gate.
    inside
        How many of their intervals held the truth.
    """

    truth: str
    coupling_product: float
    coupling: float
    interval: str
    level: float
    toys: int
    inside: int

    @property
    def coverage(self) -> float:
        """The fraction of intervals that held the truth; not a number without toys."""
        return self.inside / self.toys if self.toys else math.nan

    @property
    def error(self) -> float:
        """Its binomial standard error, with one more toy to either side so as not to vanish."""
        rate = (self.inside + 1) / (self.toys + 2)
        return math.sqrt(rate * (1 - rate) / (self.toys + 2))

    def row(self) -> dict[str, Any]:
        """Return what ``coverage.csv`` says of this truth, interval and level alone."""
        return {
            "truth": self.truth,
            "coupling_product": f"{self.coupling_product:.4g}",
            "true_coupling": f"{self.coupling:.4g}",
            "interval": self.interval,
            "level": self.level,
            "toys": self.toys,
            "coverage": f"{self.coverage:.4f}",
            "error": f"{self.error:.4f}",
        }


@dataclass(frozen=True, eq=False, repr=False)
class CoverageStudy(Displayed):
    """Coverage of all intervals at all truths.

    Attributes
    ----------
    spec, mass_mev
        The model.
    results
        One for each truth, interval and level.
    reasons
        Why fits failed.
    seconds
        Time of all fits together.
    """

    spec: ModelSpec
    mass_mev: float | None
    results: tuple[Coverage, ...]
    reasons: tuple[str, ...]
    seconds: float


def coverage(
    experiments: Sequence[Experiment],
    *,
    interaction: str | Interaction,
    mass_mev: float | None = None,
    prior: str = "flat",
    truths: Mapping[str, float] | None = None,
    levels: Sequence[float] = LEVELS,
    toys: int = 600,
    precision: float = 0.02,
    seed: int = 1,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
    settings: SamplerSettings | None = None,
    out: Path | str | None = None,
    on_fit: Callable[[int], None] | None = None,
) -> CoverageStudy:
    """Count how often credible intervals hold a coupling that is kept fixed.

    Data are drawn with this coupling, with nuisances drawn from their priors; each data set is
    fitted as if it had been observed, with the prior that is quoted, whose bound is kept.

    Parameters
    ----------
    experiments
        Experiments of the joint fit.
    interaction, mass_mev
        Name of an interaction, and its mediator mass.
    prior
        Prior of the coupling.
    truths
        Name -> x. By default zero, the 90% credible limit from the data at hand (the weaker
        one, of two signs) and twice this x, above.
    levels
        Credible levels.
    toys
        Data sets for each truth.
    precision
        Largest standard error that is wanted of a coverage that is as its level says.
    seed
        Seed of all random numbers; each toy has its own, whatever their number.
    nuisance_priors, form_factor, allow_overlap, allow_conflict
        As in `bayes_cevns.sample`.
    settings
        How to sample; by default as `bayes_cevns.calibrate`.
    out
        Folder for toys.csv, which grows fit by fit, coverage.csv and run.toml. The same request
        goes on where it stopped; with more toys, it adds those, with fewer, all that are
        there count.
    on_fit
        Called after each fit with their number, to show progress.

    Returns
    -------
    CoverageStudy
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
    what `bayes_cevns.calibrate` checks. At one fixed truth it need not: an upper limit on |x|
    covers x = 0 always, a central interval never.
    """
    levels, toys = check_levels(levels), within("toys", toys, least=1)
    precision = between(precision, 0.0, 1.0, what="a precision", example="0.02")
    _check_toys(levels, toys, precision)
    truths, seed, out = _checked_truths(truths), check_seed(seed), out_folder(out)
    callbacks(on_fit=on_fit)
    spec = ModelSpec.of(
        experiments,
        interaction=interaction,
        prior=prior,
        nuisance_priors=nuisance_priors,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
    )
    if spec.interaction is None:
        raise ArgumentError("a coverage study is one of a coupling: name an interaction")
    study = Study.of(spec, mass_mev, seed=seed, settings=settings)
    _check_truths(own_prior(study.engine.prior(mass_mev)), truths or {})
    request = study.request("coverage", levels=list(levels), truths=dict(truths or {}))
    with run_directory(out, request) as directory:
        result = coverage_study(
            study, truths=truths, levels=levels, toys=toys, folder=directory, on_fit=on_fit
        )
        if directory is not None:
            quoted = {**labels(spec, CREDIBLE, TOY), "prior": spec.prior, **prior_label(spec)}
            rows = [{**found.row(), **quoted} for found in result.results]
            directory.write(COVERAGE_FILE, csv_text(COVERAGE_COLUMNS, rows))
            made = sum({r.truth: r.toys for r in result.results}.values()) + len(result.reasons)
            report = {"fits": made, "failed": len(result.reasons), "seconds": result.seconds}
            directory.finish(None, complete=True, report=report)
    return result


def coverage_study(
    study: Study,
    *,
    truths: Mapping[str, float] | None = None,
    levels: Sequence[float] = LEVELS,
    toys: int,
    folder: RunFolder | None = None,
    on_fit: Callable[[int], None] | None = None,
) -> CoverageStudy:
    """Count how often the intervals of a model hold its truths; see `coverage`.

    Parameters
    ----------
    study
        The model.
    truths, levels, toys, on_fit
        As in `coverage`.
    folder
        Where the toys are kept. All that are there count, also those beyond `toys`.
    """
    columns = (*_FIXED, *(_column(i, p) for i in INTERVALS for p in levels))
    ledger = ledger_in(folder, TOYS_FILE, columns, key=_KEY)
    prior = own_prior(study.engine.prior(study.mass_mev))
    # Truths that were fitted already stay where they were, to the last digit. Their order is that
    # of the request, whatever is left on disk: it is part of the seeds of the toys.
    known = {row["truth"]: float(row["coupling_product"]) for row in ledger.rows}
    fixed = dict(truths or dict.fromkeys(TRUTHS, 0.0)) | known
    if not truths and not set(TRUTHS) <= set(known):
        scale = farthest_limit(study.reference())
        fixed |= {name: factor * scale for name, factor in TRUTHS.items() if name not in known}
    _check_truths(prior, fixed)
    source = Predictive(study.spec, study.mass_mev, prior)
    done = {(row["truth"], int(row["toy"])) for row in ledger.rows}
    made = 0
    for place, (name, x) in enumerate(fixed.items()):
        for toy in range(toys):
            if (name, toy) not in done:
                start = time.perf_counter()
                random = np.random.default_rng([study.seed, place, toy])
                _, counts = source.draw(random, coordinate=float(prior.coordinate(x)))
                fit = study.engine.fit(
                    study.mass_mev, seed=int(random.integers(2**31)), prior=prior, observed=counts
                )
                seconds = time.perf_counter() - start
                row = {"truth": name, "coupling_product": repr(x), "toy": toy}
                row |= labels(study.spec, CREDIBLE, toy_label(toy))
                ledger.append(row | _judged(fit, x, levels) | {"seconds": f"{seconds:.2f}"})
            made += 1
            if on_fit is not None:
                on_fit(made)
    rows = ledger.rows
    found = [
        _counted(rows, name, x, float(np.abs(prior.quoted(x))), interval, level)
        for name, x in fixed.items()
        for interval in INTERVALS
        for level in levels
    ]
    failed = [row for row in rows if row["passed"] != "True"]
    return CoverageStudy(
        study.spec,
        study.mass_mev,
        tuple(found),
        tuple(row["reason"] for row in failed),
        sum(float(row["seconds"]) for row in rows),
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
            found |= {_column(name, level): int(inside) for name, inside in held.items()}
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


def _counted(
    rows: Sequence[Row], name: str, x: float, coupling: float, interval: str, level: float
) -> Coverage:
    column = _column(interval, level)
    judged = [row for row in rows if row["truth"] == name and row["passed"] == "True"]
    inside = sum(row[column] == "1" for row in judged)
    return Coverage(name, x, coupling, interval, level, len(judged), inside)


def _column(interval: str, level: float) -> str:
    return f"{interval}_{level:g}"


def _checked_truths(truths: Mapping[str, float] | None) -> dict[str, float] | None:
    """Return truths by their names; ``None`` for those that follow from the data."""
    given = mapping(truths, what="truths by name, such as {'zero': 0.0}")
    within("truths", max(len(given), 1))
    found: dict[str, float] = {}
    for name, value in given.items():
        if not isinstance(name, str) or not name:
            raise ArgumentError(f"expected the name of a truth, got {shown(name)}")
        x = real(value, what=f"truth {shown(name)}")
        if not math.isfinite(x):
            raise ArgumentError(f"truth {shown(name)} must be finite, got {x:g}")
        found[name] = x
    return found or None


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
