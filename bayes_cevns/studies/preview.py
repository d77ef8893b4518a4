"""A preview of a scan: the same limits and bands by Laplace's approximation, without sampling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from bayes_cevns.couplings.priors import PRIORS
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.preview.marginal_curve import MarginalCurve
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.studies import engines
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.masses import masses_of
from bayes_cevns.studies.options import LargestCoupling, Level, Masses, PriorName, asked
from bayes_cevns.studies.scan_result import BAND_COLUMNS, LIMIT_COLUMNS, Scan, ScanPoint
from bayes_cevns.studies.stores import ValueStore
from bayes_cevns.studies.study import ModelStudy
from bayes_cevns.summary.agreement import ACCURACY
from bayes_cevns.summary.draws import check_level
from bayes_cevns.summary.limits import Limit

if TYPE_CHECKING:
    from bayes_cevns.inference.engine import Engine

#: What tables say of how their numbers were found.
METHOD = "preview (approximate)"

_NOT_OF_PREVIEWS = ("mc_error", "preview", "agrees")
LIMITS = (*(c for c in LIMIT_COLUMNS if c not in _NOT_OF_PREVIEWS), "method")
BANDS = (*BAND_COLUMNS, "method")


class PreviewPoint(ScanPoint):
    """What a preview has at one mass: as of a scan, without draws."""

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        """Its limits; they have no Monte-Carlo error."""
        return tuple(replace(limit, mc_error=float("nan")) for limit in super().limits)


@dataclass(eq=False, repr=False)
class Preview(Scan):
    """Approximate limits of one interaction over a range of mediator masses.

    The same attributes as of a `Scan`; where there is no mediator, it has one point.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.preview("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0])
    >>> [point.mass_mev for point in found.points]
    [1.0, 10.0]
    """

    @property
    def method(self) -> str:
        """How it was found, for figures and tables."""
        return METHOD

    def limit_rows(self) -> list[dict[str, Any]]:
        """Return the limits as rows with the columns of ``limits.csv``."""
        return [
            {name: value for name, value in row.items() if name not in _NOT_OF_PREVIEWS}
            for row in super().limit_rows()
        ]

    def _row(self, point: ScanPoint) -> dict[str, Any]:
        return {**super()._row(point), "method": METHOD}

    def tables(self) -> dict[str, str]:
        """Return limits.csv and bands.csv."""
        return {
            "limits.csv": csv_text(LIMITS, self.limit_rows()),
            "bands.csv": csv_text(BANDS, self.band_rows()),
        }

    def report(self) -> dict[str, Any]:
        """Return the ranges of the priors, and that the results are approximate."""
        return {"method": METHOD, "accuracy": ACCURACY, **super().report()}

    def lines(self) -> list[str]:
        """Return the limits by mass, with the word that they are approximate."""
        note = (
            f"preview: approximate, within {100 * ACCURACY:.2g}% of sampled limits of the models "
            "on which it was measured; quote limits of `scan` or `sample`"
        )
        return [note, *super().lines()]

    def _error_text(self, limit: Limit) -> str:  # noqa: ARG002  # it has none
        return ""

    def at_level(self, level: float) -> Preview:
        """Return the same preview at another credible level.

        Limits with other priors are known at the level that was asked for alone.
        """
        level = check_level(level)
        points = [PreviewPoint(p.mass_mev, p.fit, level, {}) for p in self.points]
        return Preview(self.spec, level, self.seed, list(points))


class PreviewStudy(ModelStudy[MarginalCurve, ScanPoint, Preview]):
    """Approximate limits over mediator masses in milliseconds each, without sampling.

    Returns
    -------
    Preview
        As `bayes_cevns.scan` returns it, marked as approximate.

    Raises
    ------
    ArgumentError, UnknownNameError, TableError, OutputError
        If something asked for does not exist or cannot be.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.preview("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0])
    >>> found.points[0].limits[0].value < found.points[1].limits[0].value
    True
    """

    kind = "preview"

    masses_mev: Masses = asked(
        "Mediator masses in MeV, if there is a mediator; low:high:number or a list.", None
    )
    prior: PriorName = asked("Prior of the coupling: flat, flat-rate or log.", "flat")
    max_coupling: LargestCoupling = asked(
        "Upper end of the prior of the quoted coupling; by default far above what data allow.", None
    )
    level: Level = asked("Credible level in (0, 1).", 0.9)

    @classmethod
    def from_words(cls, words: Mapping[str, Any], **more: Any) -> Self:
        """Return the preview that words ask for; those of a scan that say how to sample are left.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a word is unknown, or what it asks for cannot be.
        """
        return super().from_words({k: v for k, v in words.items() if k not in _OF_SCANS}, **more)

    @cached_property
    def spec(self) -> ModelSpec:
        """The model that is integrated."""
        return self.spec_of(self.experiments, prior=self.prior, max_coupling=self.max_coupling)

    def check_fields(self) -> None:
        """Check that there is a coupling, and its masses."""
        if self.interaction is None:
            raise ArgumentError(
                "a preview follows the posterior along one coupling; the Standard Model has none: "
                "name an interaction, or use `sample`"
            )
        _ = self.spec, self.masses

    @cached_property
    def masses(self) -> list[float | None]:
        """Mediator masses in MeV; ``[None]`` without a mediator."""
        return masses_of(self.interaction, self.masses_mev)

    @cached_property
    def engine(self) -> Engine:
        """What has the density."""
        return engines.engine_for(self.spec, SamplerSettings())

    def check(self) -> None:
        """Check that the tables reach the masses, and that priors can be made."""
        self.engine.check(self.masses, seed=self.seed)

    def size(self) -> int:
        """Return the number of masses."""
        return len(self.masses)

    def store(self, folder: KeptRun | None) -> ValueStore[MarginalCurve]:
        """Return where marginal likelihoods are kept."""
        return ValueStore(folder, MarginalCurve)

    def prepare(self) -> None:
        """Compile the model."""
        self.engine.compile(self.masses[0])

    def compute(self, number: int) -> MarginalCurve:
        """Integrate the posterior at one mass."""
        from bayes_cevns.inference.preview.find import preview_at

        return preview_at(self.engine, self.masses[number])

    def point(self, number: int, content: MarginalCurve) -> ScanPoint:
        """Return limits and bands at one mass."""
        from bayes_cevns.density.data import prior_at
        from bayes_cevns.inference.preview.posterior import likelihood_of, posterior_of

        mass = self.masses[number]
        likelihood = likelihood_of(content)
        own = likelihood.limit_values(content.prior, self.level)
        ratios = {}
        for kind in PRIORS:
            other = prior_at(replace(self.spec, prior=kind), self.engine.tables, mass)
            values = likelihood.limit_values(other, self.level)
            ratios[kind] = tuple(new / old for new, old in zip(values, own, strict=True))
        found = float("nan") if mass is None else mass
        return PreviewPoint(found, posterior_of(content), self.level, ratios)

    def has_failed(self, point: ScanPoint) -> bool:
        """Return whether there is no posterior: never, since nothing is sampled."""
        del point
        return False

    def said(self, point: ScanPoint) -> str:
        """Return the limits at a mass."""
        values = ", ".join(f"{x.value:.3g}" for x in point.limits)
        return f"{point.place}about {values}"

    def result(self, points: Mapping[int, ScanPoint]) -> Preview:
        """Return the preview."""
        return Preview(self.spec, self.level, self.seed, list(points.values()))


#: Words of a scan that say how to sample, and whether.
_OF_SCANS = ("preview", "settings", "cross_check")

preview = function_of(PreviewStudy)
