"""Sensitivity: the limits that are expected without a signal, beside the observed ones."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arguments import callbacks, named, out_folder
from bayes_cevns.arrays import Array
from bayes_cevns.bounds import within
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, PrecisionWarning
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.form_factors import FORM_FACTORS
from bayes_cevns.physics.interactions import Interaction
from bayes_cevns.specification.columns import (
    ASIMOV,
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    TOY,
    data_label,
    experiment_label,
    labels,
    prior_label,
    toy_label,
)
from bayes_cevns.specification.model_spec import ModelSpec, listed_experiments
from bayes_cevns.specification.references import bibtex, citations
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.fit_files import RunDirectory, run_directory
from bayes_cevns.studies.identity import content_digest, spec_request
from bayes_cevns.studies.masses import masses_of
from bayes_cevns.studies.sensitivity.limit_record import DataLimits, LimitRecord
from bayes_cevns.studies.sensitivity.standard_model_toys import ToyNuisances, standard_model_toys
from bayes_cevns.summary.bands import bands_of_sides, excludes_zero
from bayes_cevns.summary.draws import check_level
from bayes_cevns.summary.limits import Limit, limits
from bayes_cevns.summary.quantiles_of_limits import (
    SIGMAS,
    ExpectedLimit,
    expected_limits,
    least_toys,
)

OBSERVED = "observed"
FILE, TOYS = "sensitivity.csv", "toys.csv"

#: Standard deviations -> name of the quantile in ``sensitivity.csv``.
QUANTILES = dict(
    zip(
        SIGMAS,
        ("minus_2_sigma", "minus_1_sigma", "median", "plus_1_sigma", "plus_2_sigma"),
        strict=True,
    )
)
COLUMNS = (
    *("experiment", "interaction", "mass_mev", *LABEL_COLUMNS, "prior", PRIOR_TEXT),
    *("level", "side"),
    *(f"{name}{end}" for name in (OBSERVED, ASIMOV) for end in ("", "_error", "_at_bound")),
    *(f"{name}{end}" for name in QUANTILES.values() for end in ("", "_error")),
    *("zero_excluded", "toys", "toys_failed", "toy_nuisances"),
)


@dataclass(frozen=True, repr=False)
class SensitivityPoint(Displayed):
    """What is known of one side at one mass.

    Attributes
    ----------
    mass_mev, side
        Mediator mass, ``None`` without a mediator; ``"upper"``, ``"positive"`` or ``"negative"``.
    observed, asimov
        Limits of the observed counts and of the expected ones; ``None`` if there are none, or
        their fit has failed.
    expected
        Quantiles of the limits of toys.
    toys, toys_failed
        How many are in the quantiles; how many are not, since their fit failed its gate or had no
        draws on this side.
    zero_excluded
        Whether zero lies outside of the region of the observed counts; ``None`` without them.
    """

    mass_mev: float | None
    side: str
    observed: Limit | None
    asimov: Limit | None
    expected: tuple[ExpectedLimit, ...]
    toys: int
    toys_failed: int
    zero_excluded: bool | None = None


@dataclass(eq=False, repr=False)
class Sensitivity(Displayed):
    """Expected and observed limits of one interaction over a range of mediator masses.

    Attributes
    ----------
    spec
        What is fitted, with Asimov data.
    experiments
        The experiments as they were given.
    level, seed, toy_nuisances, settings
        What was asked for.
    record
        The limits of every data set at every mass.
    """

    spec: ModelSpec
    experiments: tuple[Experiment, ...]
    level: float
    seed: int
    toy_nuisances: ToyNuisances
    settings: SamplerSettings
    record: LimitRecord

    def _rows(self) -> dict[str, object]:
        return {
            "experiments": [experiment_label(e) for e in self.experiments],
            "interaction": "sm" if self.spec.interaction is None else self.spec.interaction.name,
            "prior": self.spec.prior,
            "level": self.level,
            "seed": self.seed,
            "masses": len(self.masses),
            "sides": self.sides,
            "data sets": len(self.record.data()),
            "failed fits": self.record.failed,
            "toy nuisances": self.toy_nuisances,
        }

    @property
    def masses(self) -> list[float | None]:
        """Mediator masses, ``[None]`` without a mediator."""
        return list(self.record.masses)

    @property
    def sides(self) -> tuple[str, ...]:
        """Which limits there are."""
        return self.record.sides

    @property
    def labels(self) -> dict[str, str]:
        """What every row says of coupling and data: those of the limit that is not of a toy."""
        data = data_label(self.experiments)
        return labels(self.spec, CREDIBLE, ASIMOV if "none" in data else data)

    def points(self) -> list[SensitivityPoint]:
        """Return what is known, mass by mass, for one side after the other."""
        return [self._point(m, number) for m in self.masses for number in range(len(self.sides))]

    def toy_limits(self, mass_mev: float | None) -> Array:
        """Return the limits of the toys at one mass, shape (toy, side).

        Not a number where a fit failed its gate, or had no draws on that side.
        """
        found = [self.record.get(mass_mev, data) for data in self.record.data() if _is_toy(data)]
        values = [
            [limit.value if fit.passed else np.nan for limit in fit.limits] for fit in found if fit
        ]
        return np.array(values, dtype=float).reshape(-1, len(self.sides))

    def rows(self) -> list[dict[str, Any]]:
        """Return rows with the columns of ``sensitivity.csv``."""
        return [self._row(point) for point in self.points()]

    def request(self) -> dict[str, Any]:
        """Return everything that decides the outcome, but the number of toys."""
        return {
            **spec_request(self.spec),
            "kind": "sensitivity",
            "given": {e.name: content_digest(e) for e in self.experiments},
            "masses_mev": [mass for mass in self.masses if mass is not None],
            "level": self.level,
            "seed": self.seed,
            "toy_nuisances": self.toy_nuisances,
            "sampler": self.settings.as_request(),
        }

    def _point(self, mass: float | None, number: int) -> SensitivityPoint:
        values = self.toy_limits(mass)[:, number]
        used = values[np.isfinite(values)]
        one, expected = (self._limit(mass, data, number) for data in (OBSERVED, ASIMOV))
        return SensitivityPoint(
            mass,
            self.sides[number],
            one,
            expected,
            expected_limits(used),
            used.size,
            values.size - used.size,
            self._zero_excluded(mass, number),
        )

    def _limit(self, mass: float | None, data: str, number: int) -> Limit | None:
        found = self.record.get(mass, data)
        return found.limits[number] if found is not None and found.passed else None

    def _zero_excluded(self, mass: float | None, number: int) -> bool | None:
        found = self.record.get(mass, OBSERVED)
        known = found is not None and found.passed and found.zero_excluded
        return found.zero_excluded[number] if found is not None and known else None

    def _row(self, point: SensitivityPoint) -> dict[str, Any]:
        row: dict[str, Any] = {
            "experiment": "+".join(experiment_label(e) for e in self.experiments),
            "interaction": "" if self.spec.interaction is None else self.spec.interaction.name,
            "mass_mev": "" if point.mass_mev is None else point.mass_mev,
            **self.labels,
            "prior": self.spec.prior,
            **prior_label(self.spec),
            "level": self.level,
            "side": point.side,
            "toys": point.toys,
            "toys_failed": point.toys_failed,
            "toy_nuisances": self.toy_nuisances,
        }
        if point.zero_excluded is not None:
            row["zero_excluded"] = point.zero_excluded
        for name, limit in ((OBSERVED, point.observed), (ASIMOV, point.asimov)):
            if limit is not None:
                row |= {
                    name: limit.value,
                    f"{name}_error": limit.mc_error,
                    f"{name}_at_bound": limit.ends.at_bound,
                }
        for quantile in point.expected:
            if np.isfinite(quantile.value):
                name = QUANTILES[quantile.sigma]
                row |= {name: quantile.value, f"{name}_error": quantile.mc_error}
        return row


def sensitivity(
    experiments: Sequence[Experiment],
    *,
    interaction: str | Interaction,
    masses_mev: ArrayLike | None = None,
    toys: int = 100,
    toy_nuisances: ToyNuisances = "prior",
    prior: str = "flat",
    level: float = 0.9,
    seed: int = 1,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
    settings: SamplerSettings | None = None,
    out: Path | str | None = None,
    on_fit: Callable[[int, int], None] | None = None,
    on_compile: Callable[[], None] | None = None,
) -> Sensitivity:
    """Find the limits that are expected without a signal, at every mass, with one compilation.

    Parameters
    ----------
    experiments
        Experiments of the joint fit. Where one of them has no observed counts, such as a
        projection (`bayes_cevns.scaled`, `bayes_cevns.with_threshold`), there is no observed
        limit.
    interaction
        Name of the interaction that is limited.
    masses_mev
        Mediator masses in MeV, strictly increasing; ``None`` without a mediator.
    toys
        How many data sets of the Standard Model are drawn and fitted, the same at all masses;
        with 0 there are Asimov limits alone.
    toy_nuisances
        ``"prior"``: every toy has nuisances of its own, drawn from their priors; ``"nominal"``:
        all have the nominal ones. A nuisance whose prior is wide for want of knowledge, such as a
        free background, makes toys unlike any data in sight: then ``"nominal"`` is the choice.
    prior, level, seed, nuisance_priors, form_factor, allow_overlap, allow_conflict, settings
        As in `bayes_cevns.scan`. The bound of the prior is that of the Asimov data for all.
    out
        Folder for sensitivity.csv, toys.csv, citations.bib and run.toml. Every limit is kept there
        at once; the same call goes on where an interrupted one stopped, and one with more toys
        adds them to those that are there, all of which are used.
    on_fit, on_compile
        Called after each fit with how many are done and how many there will be, and before the
        compilation, to show progress.

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
    """
    level, seed, out = check_level(level), check_seed(seed), out_folder(out)
    toys = within("toys", toys)
    named(toy_nuisances, "choice of toy nuisances", get_args(ToyNuisances.__value__))
    callbacks(on_fit=on_fit, on_compile=on_compile)
    named(form_factor, "form factor", FORM_FACTORS)
    given = listed_experiments(experiments)
    spec = ModelSpec.of(
        [asimov(e, form_factor=form_factor) for e in given],
        interaction=interaction,
        prior=prior,
        nuisance_priors=nuisance_priors,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
    )
    if spec.interaction is None:
        raise ArgumentError("a sensitivity needs an interaction: there is a coupling to limit")
    masses = masses_of(spec.interaction, masses_mev)
    settings = SamplerSettings.of(settings)
    engine = Engine(spec, settings, monitored=True)
    engine.check(masses, seed=seed, observed=_observed_counts(given))
    references = bibtex(citations(spec))
    sides, quoted = spec.sides, labels(spec, CREDIBLE)
    result = Sensitivity(
        spec, given, level, seed, toy_nuisances, settings, LimitRecord(masses, sides, quoted)
    )
    with run_directory(out, result.request()) as directory:
        result.record = LimitRecord(masses, sides, quoted, directory, TOYS)
        warn_of_few(max(toys, sum(map(_is_toy, result.record.data()))))
        wanted = _wanted(result, toys)
        if wanted and on_compile:
            on_compile()
        try:
            total = sum(map(len, wanted.values()))
            for done, (data, mass, counts) in enumerate(_data_sets(result, wanted), start=1):
                fit = engine.fit(mass, seed=_fit_seed(result, mass, data), observed=counts)
                zero: tuple[bool, ...] = ()
                if data == OBSERVED:
                    zero = tuple(map(excludes_zero, bands_of_sides(fit, level).values()))
                result.record.add(mass, data, DataLimits(limits(fit, level), fit.passed, zero))
                if on_fit:
                    on_fit(done, total)
        finally:
            if directory is not None:
                directory.write("citations.bib", references)
                _write_results(result, engine, directory, complete=not _wanted(result, toys))
    return result


def _observed_counts(experiments: Sequence[Experiment]) -> dict[str, Array]:
    """Return the counts whose limit is the observed one: experiment -> counts, or none at all."""
    if any(e.data in (ASIMOV, "none") for e in experiments):
        return {}
    return {e.name: e.observed.values.astype(float) for e in experiments}


def _wanted(result: Sensitivity, toys: int) -> dict[str, list[float | None]]:
    """Return what is still to be fitted: data set -> masses."""
    observed = [OBSERVED] if _observed_counts(result.experiments) else []
    names = [*observed, ASIMOV, *map(toy_label, range(toys))]
    missing = {
        data: [mass for mass in result.masses if result.record.get(mass, data) is None]
        for data in names
    }
    return {data: masses for data, masses in missing.items() if masses}


def _data_sets(
    result: Sensitivity, wanted: Mapping[str, list[float | None]]
) -> list[tuple[str, float | None, dict[str, Array]]]:
    """Return the data sets that are to be fitted: name, mass, and counts by experiment."""
    fixed = {OBSERVED: result.experiments, ASIMOV: result.spec.experiments}
    drawn = [_number(data) for data in wanted if _is_toy(data)]
    toys = {}
    if drawn:
        toys = standard_model_toys(
            result.spec, drawn, seed=result.seed, nuisances=result.toy_nuisances
        )
    sets = []
    for data, masses in wanted.items():
        if _is_toy(data):
            counts = toys[_number(data)]
        else:
            counts = {e.name: e.observed.values.astype(float) for e in fixed[data]}
        sets += [(data, mass, counts) for mass in masses]
    return sets


def _is_toy(data: str) -> bool:
    return data.partition(":")[0] == TOY


def _number(toy: str) -> int:
    """Return the number of a toy from its name."""
    return int(toy.partition(":")[2])


def _fit_seed(result: Sensitivity, mass: float | None, data: str) -> int:
    """Return the seed of one fit: its own, whatever was fitted before it."""
    number = 2 + _number(data) if _is_toy(data) else (OBSERVED, ASIMOV).index(data)
    words = [result.seed, result.masses.index(mass), number]
    return int(np.random.SeedSequence(words).generate_state(1)[0])


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
            stacklevel=3,
        )


def _write_results(
    result: Sensitivity, engine: Engine, directory: RunDirectory, *, complete: bool
) -> None:
    """Write sensitivity.csv and run.toml."""
    directory.write(FILE, csv_text(COLUMNS, result.rows()))
    priors = {mass: engine.prior(mass) for mass in result.masses}
    report = {
        "toys": sum(map(_is_toy, result.record.data())),
        "fits_failed": result.record.failed,
        "prior_range": {f"{mass or 0:g}": p.range_text for mass, p in priors.items() if p},
    }
    directory.finish(None, complete=complete, report=report)
