"""A scan: one fit for each mediator mass, with limits and allowed bands."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bayes_cevns.bounds import SEED_END
from bayes_cevns.errors import ArgumentError, DisagreementWarning
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.studies import engines
from bayes_cevns.studies.ahead import overlapping
from bayes_cevns.studies.arviz_groups import variable_attributes
from bayes_cevns.studies.fit_files import FitStore
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.masses import check_scan_masses
from bayes_cevns.studies.options import Flag, Level, Masses, asked
from bayes_cevns.studies.scan_result import Scan, ScanPoint
from bayes_cevns.studies.study import SampledStudy, Study
from bayes_cevns.summary.fit import Fit

if TYPE_CHECKING:
    from bayes_cevns.inference.at_draws import ModelAtDraws
    from bayes_cevns.inference.engine import Engine
    from bayes_cevns.inference.fitting import Fitting


class ScanStudy(SampledStudy[Fit, ScanPoint, Scan]):
    """Sample the posterior of a coupling at every mass and find its limits.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> scan = bc.scan("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], seed=1)
    >>> [limit.side for limit in scan.points[0].limits]
    ['upper']
    """

    kind = "scan"

    masses_mev: Masses = asked("Mediator masses in MeV, increasing; low:high:number or a list.")
    level: Level = asked("Credible level in (0, 1).", 0.9)
    cross_check: Flag = asked("Compare every limit with its preview, which sees lost modes.", True)
    preview: Flag = asked("Do not sample: the command `preview` with the same options.", False)

    @classmethod
    def variant(cls, words: Mapping[str, Any]) -> type[Study[Any, Any, Any]]:
        """Return the preview where words ask for one."""
        if not words.get("preview"):
            return cls
        from bayes_cevns.studies.preview import PreviewStudy

        return PreviewStudy

    def check_fields(self) -> None:
        """Check that there is a mediator, and its masses."""
        if self.preview:
            raise ArgumentError("a scan samples: call bayes_cevns.preview with the same options")
        if self.interaction is None:
            raise ArgumentError("a scan needs an interaction; the Standard Model has no mediator")
        if not self.interaction.has_mass:
            raise ArgumentError(
                f"{self.interaction.name!r} has no mediator mass to scan: use `sample`, without a "
                "mass"
            )
        _ = self.spec, self.masses

    @cached_property
    def masses(self) -> list[float]:
        """Mediator masses in MeV."""
        return check_scan_masses(self.masses_mev)

    @cached_property
    def engine(self) -> Engine:
        """What samples."""
        return engines.engine_for(self.spec, self.settings)

    def check(self) -> None:
        """Check that the tables reach the masses, and that priors can be made."""
        self.engine.check(self.masses, seed=self.seed)

    def size(self) -> int:
        """Return the number of masses."""
        return len(self.masses)

    def store(self, folder: KeptRun | None) -> FitStore:
        """Return where fits are kept."""
        return FitStore(
            folder,
            self.spec.experiments,
            masses_mev=self.masses,
            attributes=self.attributes,
            variables=variable_attributes(self.spec),
        )

    def prepare(self) -> None:
        """Compile the model."""
        self.engine.compile(self.masses[0])

    @cached_property
    def at_draws(self) -> ModelAtDraws:
        """The model at draws of its posterior."""
        from bayes_cevns.inference.at_draws import ModelAtDraws

        return ModelAtDraws(self.engine.spec, self.masses[0], tables=self.engine.tables)

    def begin(self, number: int, cores: int | None = None) -> Fitting:
        """Begin to fit one mass."""
        mass, seed = self.masses[number], (self.seed + number) % SEED_END
        return self.engine.begin(mass, seed=seed, cores=cores)

    def finish(self, number: int, fitting: Fitting) -> Fit:
        """Return the fit of one mass, with what is to be known of it besides."""
        from bayes_cevns.inference.marginal import prior_ratios

        mass, fit = self.masses[number], fitting.result()
        self.at_draws.take(fitting.data, fitting.prior)
        notes: dict[str, Any] = {"ratios": prior_ratios(self.at_draws, fit, mass, self.level)}
        if self.cross_check:
            notes["preview"] = self._previewed(mass)
        return replace(fit, notes=notes)

    def compute(self, number: int) -> Fit:
        """Fit one mass."""
        return self.finish(number, self.begin(number))

    def computed(self, numbers: Sequence[int]) -> Generator[Fit]:
        """Fit masses one after the other; the next are sampled while this one is finished."""
        return overlapping(numbers, self.begin, self.finish, cores=self.settings.cores)

    def _previewed(self, mass_mev: float) -> tuple[float, ...]:
        """Return the limits of a preview at a mass; NaN if it must not be used."""
        from bayes_cevns.inference.preview.find import preview_at
        from bayes_cevns.inference.preview.posterior import limits_of

        return limits_of(preview_at(self.engine, mass_mev), self.level)

    def point(self, number: int, content: Fit) -> ScanPoint:
        """Return limits and bands at one mass."""
        ratios = {kind: tuple(found) for kind, found in content.notes["ratios"].items()}
        previews = tuple(map(float, content.notes.get("preview", ())))
        return ScanPoint(self.masses[number], content, self.level, ratios, previews)

    def has_failed(self, point: ScanPoint) -> bool:
        """Return whether a fit did not pass its gate."""
        return not point.fit.passed

    def said(self, point: ScanPoint) -> str:
        """Return the limits at a mass."""
        found = ", ".join(f"{x.value:.3g}" for x in point.limits)
        symbol = point.fit.prior.coupling.symbol if point.fit.prior else ""
        verdict = "" if point.fit.passed else " failed"
        return f"{point.mass_mev:.4g} MeV: {symbol} < {found}{verdict}"

    def result(self, points: Mapping[int, ScanPoint]) -> Scan:
        """Return the scan."""
        return Scan(self.spec, self.level, self.seed, list(points.values()))

    def judge(self, result: Scan) -> None:
        """Warn of limits that do not agree with their previews."""
        for mass, text in result.disagreements().items():
            warnings.warn(f"at {mass} {text}", DisagreementWarning, stacklevel=2)


scan = function_of(ScanStudy)
