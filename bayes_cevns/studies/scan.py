"""A scan: one fit for each mediator mass, with limits and allowed bands."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import xarray as xr
from numpy.typing import ArrayLike

from bayes_cevns.arguments import callbacks, out_folder
from bayes_cevns.bounds import SEED_END
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.at_draws import ModelAtDraws
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.marginal import prior_ratios
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.interactions import Interaction
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    labels,
    prior_label,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.references import bibtex, citations
from bayes_cevns.studies.fit_files import RunDirectory, join_fits, run_directory
from bayes_cevns.studies.identity import spec_request
from bayes_cevns.studies.masses import check_scan_masses
from bayes_cevns.summary.bands import Band, bands, bands_of_sides, excludes_zero
from bayes_cevns.summary.draws import check_level
from bayes_cevns.summary.limits import Limit, limits
from bayes_cevns.summary.zero import zero_at_masses_text

LIMIT_COLUMNS = (
    "experiment",
    "interaction",
    "mass_mev",
    *LABEL_COLUMNS,
    "prior",
    PRIOR_TEXT,
    "level",
    "side",
    "limit",
    "mc_error",
    "at_bound",
    "zero_excluded",
    "passed",
    *("ratio_flat", "ratio_flat_rate", "ratio_log"),
)
BAND_COLUMNS = (
    "experiment",
    "interaction",
    "mass_mev",
    *LABEL_COLUMNS,
    "prior",
    PRIOR_TEXT,
    "level",
    "band",
    "low",
    "high",
    "probability",
    "at_bound",
    "at_physical",
    "passed",
)


@dataclass(frozen=True, eq=False, repr=False)
class ScanPoint(Displayed):
    """What a scan has at one mass.

    Attributes
    ----------
    mass_mev, fit, limits, bands
        Mass, posterior, limits and allowed bands.
    regions
        Side of a limit -> the region of that sign by itself (`bands_of_sides`).
    prior_ratios
        Name of a prior -> each of `limits` with this prior, over itself; NaN if not known.
    """

    mass_mev: float
    fit: Fit
    limits: tuple[Limit, ...]
    bands: tuple[Band, ...]
    regions: Mapping[str, tuple[Band, ...]]
    prior_ratios: Mapping[str, tuple[float, ...]]

    def _title(self) -> str:
        found = ", ".join(f"{x.side} {x.value:.4g}" for x in self.limits)
        return f"ScanPoint at {self.mass_mev:g} MeV: {found or 'no limit'}"


@dataclass(eq=False, repr=False)
class Scan(Displayed):
    """Limits of one interaction over a range of mediator masses.

    Attributes
    ----------
    spec, level, seed, settings
        What was asked for.
    points
        One for each mass that is finished, in increasing order.
    """

    spec: ModelSpec
    level: float
    seed: int
    settings: SamplerSettings
    points: list[ScanPoint] = field(default_factory=list)

    def _rows(self) -> dict[str, object]:
        masses = [f"{point.mass_mev:g} MeV" for point in self.points]
        return {
            "experiment": self.experiment,
            "interaction": self.interaction,
            "prior": self.spec.prior,
            "level": self.level,
            "seed": self.seed,
            "points": len(self.points),
            "failed": len(self.failed),
            "masses": f"{masses[0]} to {masses[-1]}" if masses else "none",
            "strongest limit": _strongest(self.points),
        }

    @property
    def experiment(self) -> str:
        """Names of the experiments, joined with ``+``, with their runs where not all are used."""
        return "+".join(experiment_label(e) for e in self.spec.experiments)

    @property
    def interaction(self) -> str:
        """Name of the interaction."""
        return "sm" if self.spec.interaction is None else self.spec.interaction.name

    @property
    def failed(self) -> list[ScanPoint]:
        """The points whose fit did not pass its gate."""
        return [point for point in self.points if not point.fit.passed]

    def zero_texts(self) -> list[str]:
        """Return a sentence for each side: at which masses its region does not reach zero."""
        if self.spec.interaction is None or not self.points:
            return []
        region, found = f"{100 * self.level:.4g}% credible region", []
        for side in self.points[0].regions:
            masses = [
                p.mass_mev for p in self.points if p.fit.passed and excludes_zero(p.regions[side])
            ]
            if masses:
                coupling, total = self.spec.interaction.coupling, len(self.points)
                found.append(
                    zero_at_masses_text(side, masses, coupling, total=total, region=region)
                )
        return found

    def request(self, masses: list[float]) -> dict[str, Any]:
        """Return everything that decides the outcome of the scan, as TOML values."""
        return {
            **spec_request(self.spec),
            "masses_mev": masses,
            "level": self.level,
            "seed": self.seed,
            "sampler": self.settings.as_request(),
        }

    def limit_rows(self) -> list[dict[str, Any]]:
        """Return the limits as rows with the columns of ``limits.csv``."""
        return [
            {
                **self._row(point),
                "side": x.side,
                "limit": x.value,
                "mc_error": x.mc_error,
                "at_bound": x.ends.at_bound,
                "zero_excluded": excludes_zero(point.regions[x.side]),
                "passed": point.fit.passed,
                **{
                    f"ratio_{kind.replace('-', '_')}": ratios[side]
                    for kind, ratios in point.prior_ratios.items()
                },
            }
            for point in self.points
            for side, x in enumerate(point.limits)
        ]

    def band_rows(self) -> list[dict[str, Any]]:
        """Return the allowed bands as rows with the columns of ``bands.csv``."""
        return [
            {
                **self._row(point),
                "band": number,
                "low": band.low,
                "high": band.high,
                "probability": band.probability,
                "at_bound": band.ends.at_bound,
                "at_physical": band.ends.at_physical,
                "passed": point.fit.passed,
            }
            for point in self.points
            for number, band in enumerate(point.bands, start=1)
        ]

    def _row(self, point: ScanPoint) -> dict[str, Any]:
        return {
            "experiment": self.experiment,
            "interaction": self.interaction,
            "mass_mev": point.mass_mev,
            **labels(self.spec, CREDIBLE),
            "prior": self.spec.prior,
            **prior_label(self.spec),
            "level": self.level,
        }

    def to_datatree(self) -> xr.DataTree:
        """Return posteriors, statistics, fit quality and observed counts of all masses."""
        return join_fits(
            [p.mass_mev for p in self.points],
            [p.fit for p in self.points],
            self.spec.experiments,
        )


def _strongest(points: Sequence[ScanPoint]) -> str:
    """Return the least of the limits of fits that passed, in words."""
    found = [(x.value, x.side, p.mass_mev) for p in points if p.fit.passed for x in p.limits]
    if not found:
        return "none"
    value, side, mass = min(found)
    return f"{value:.4g} ({side}) at {mass:g} MeV"


def experiment_label(experiment: Experiment) -> str:
    """Return the name of an experiment, with its runs in brackets unless it has all of them.

    A disputed one is called so, in every table of limits.
    """
    word = " (disputed)" if experiment.card.disputed else ""
    if experiment.runs == experiment.card.runs:
        return experiment.name + word
    return f"{experiment.name}[{','.join(experiment.runs)}]{word}"


def scan(
    experiments: Sequence[Experiment],
    *,
    interaction: str | Interaction,
    masses_mev: ArrayLike,
    prior: str = "flat",
    level: float = 0.9,
    seed: int = 1,
    nuisance_priors: dict[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
    settings: SamplerSettings | None = None,
    out: Path | str | None = None,
    on_point: Callable[[ScanPoint], None] | None = None,
    on_compile: Callable[[], None] | None = None,
) -> Scan:
    """Sample the posterior of a coupling at every mass and find its limits.

    Parameters
    ----------
    experiments
        Experiments of the joint fit.
    interaction
        Name of the interaction, or what `bayes_cevns.interaction` returns.
    masses_mev
        Mediator masses in MeV, strictly increasing.
    prior
        ``"flat"``, ``"flat-rate"`` or ``"log"``.
    level
        Credible level in (0, 1).
    seed
        Seed of the first mass; every mass has its own, derived from it.
    nuisance_priors
        Alternative priors by nuisance.
    form_factor
        Name of the nuclear form factor.
    allow_overlap, allow_conflict
        Accept experiments that share exposure, as if their events were independent, and those
        whose cards say that they contradict each other.
    settings
        How to sample.
    out
        Folder for the results. Every finished mass is kept there at once; the same call
        goes on where an interrupted one stopped.
    on_point, on_compile
        Called after each mass and before the compilation, to show progress.

    Returns
    -------
    Scan
        Points that failed their gate are in it, marked as failed.

    Raises
    ------
    ArgumentError, UnknownNameError, TableError, OutputError
        If something asked for does not exist or cannot be, before anything is sampled.
    KeyboardInterrupt
        Passed on after what is finished has been written.
    """
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
        raise ArgumentError("a scan needs an interaction; the Standard Model has no mediator")
    if not spec.interaction.has_mass:
        raise ArgumentError(
            f"{spec.interaction.name!r} has no mediator mass to scan: use `sample`, without a mass"
        )
    level, seed, out = check_level(level), check_seed(seed), out_folder(out)
    callbacks(on_point=on_point, on_compile=on_compile)
    masses = check_scan_masses(masses_mev)
    settings = SamplerSettings.of(settings)
    engine = Engine(spec, settings)
    engine.check(masses, seed=seed)
    references = bibtex(citations(spec))
    model = ModelAtDraws(spec.merging_bins(), masses[0])
    result = Scan(spec, level, seed, settings)
    with run_directory(out, result.request(masses)) as directory:
        finished = directory.load_complete() if directory else None

        def kept(number: int) -> Fit | None:
            if finished is not None:
                return replace(finished[number], prior=engine.prior(masses[number]))
            return directory.load_point(number) if directory else None

        def sampled(number: int) -> Fit:
            fit = engine.fit(masses[number], seed=(seed + number) % SEED_END)
            if directory:
                directory.save_point(number, fit)
            return fit

        points = _Points(model, masses, level, kept)
        try:
            if finished is None:
                if on_compile:
                    on_compile()
                if len(points.found) < len(masses):
                    engine.compile(masses[0])
                points.fill(sampled, on_point)
        finally:
            points.look()  # a fit may have been saved just before the interrupt
            result.points += points.in_order()
            if directory:
                directory.write("citations.bib", references)
                _write(result, directory, len(masses), tree=finished is None)
    return result


class _Points:
    """The points of a scan that are known, by number: those on disk, and those just sampled."""

    def __init__(
        self,
        model: ModelAtDraws,
        masses: Sequence[float],
        level: float,
        kept: Callable[[int], Fit | None],
    ) -> None:
        self.model, self.masses, self.level, self.kept = model, masses, level, kept
        self.found: dict[int, ScanPoint] = {}
        self.look()

    def look(self) -> None:
        """Take the points that are on disk."""
        for number in range(len(self.masses)):
            if number not in self.found and (fit := self.kept(number)) is not None:
                self._add(number, fit)

    def fill(
        self, sampled: Callable[[int], Fit], on_point: Callable[[ScanPoint], None] | None
    ) -> None:
        """Sample the points that are missing."""
        for number in range(len(self.masses)):
            if number not in self.found:
                self._add(number, sampled(number))
            if on_point:
                on_point(self.found[number])

    def in_order(self) -> list[ScanPoint]:
        """Return the points by mass."""
        return [self.found[number] for number in sorted(self.found)]

    def _add(self, number: int, fit: Fit) -> None:
        mass = self.masses[number]
        self.model.move_to(mass)
        self.found[number] = ScanPoint(
            mass,
            fit,
            limits(fit, self.level),
            bands(fit, self.level),
            bands_of_sides(fit, self.level),
            prior_ratios(self.model, fit, mass, self.level),
        )


def _write(result: Scan, directory: RunDirectory, masses: int, *, tree: bool) -> None:
    """Write limits.csv, bands.csv and run.toml of a scan, and posterior.nc where asked."""
    directory.write("limits.csv", csv_text(LIMIT_COLUMNS, result.limit_rows()))
    directory.write("bands.csv", csv_text(BAND_COLUMNS, result.band_rows()))
    report = {
        "masses_finished": len(result.points),
        "masses_failed": [p.mass_mev for p in result.failed],
        "failures": {f"{p.mass_mev:g}": p.fit.reason for p in result.failed},
        "prior_range": {
            f"{p.mass_mev:g}": p.fit.prior.range_text for p in result.points if p.fit.prior
        },
    }
    directory.finish(
        result.to_datatree() if tree and result.points else None,
        complete=len(result.points) == masses,
        report=report,
    )


def csv_text(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as CSV with the given columns; numbers with ten digits, as `log_masses`."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {
                k: f"{v:.10g}"
                if isinstance(v, float)
                else str(v).lower()
                if isinstance(v, bool)
                else v
                for k, v in row.items()
            }
        )
    return stream.getvalue()
