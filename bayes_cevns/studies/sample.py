"""One posterior: a fit that passed its gate."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, override

from bayes_cevns.errors import ArgumentError, ConvergenceError, DisagreementWarning
from bayes_cevns.physics.interactions import STANDARD_MODEL
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.values import plain, rebuilt
from bayes_cevns.studies import engines
from bayes_cevns.studies.arviz_groups import groups_of, variable_attributes
from bayes_cevns.studies.fit_files import FitStore
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.options import Flag, LargestCoupling, LevelOfSummary, Mass, asked
from bayes_cevns.studies.study import Result, SampledStudy
from bayes_cevns.summary.agreement import Agreement, agreements
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import limits
from bayes_cevns.summary.table import summary_text

if TYPE_CHECKING:
    from bayes_cevns.inference.engine import Engine


@dataclass(frozen=True, eq=False, repr=False)
class ModelRun(Fit, Result):
    """A fit with the model that it is of.

    Attributes
    ----------
    spec
        The model.
    mass_mev
        Mediator mass, if it has one.
    seed
        Seed of the fit.
    level
        Credible level of the limits in its summary.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> run = bc.sample(
    ...     "xenonnt_2024_s2", interaction="b-l", mass_mev=10.0, seed=1, out="one-mass"
    ... )
    >>> again = bc.load("one-mass")
    >>> again.mass_mev, again.passed
    (10.0, True)
    """

    spec: ModelSpec = field(kw_only=True)
    mass_mev: float | None = field(kw_only=True)
    seed: int = field(kw_only=True)
    level: float = field(default=0.9, kw_only=True)

    @classmethod
    def of(
        cls, fit: Fit, spec: ModelSpec, mass_mev: float | None, *, seed: int, level: float = 0.9
    ) -> ModelRun:
        """Return a fit with its model."""
        own = {one.name: getattr(fit, one.name) for one in fields(Fit)}
        return cls(**own, spec=spec, mass_mev=mass_mev, seed=seed, level=level)

    def _title(self) -> str:
        return f"ModelRun {self.label}"

    def _rows(self) -> dict[str, object]:
        own = {"spec": self.spec, "mass_mev": self.mass_mev, "seed": self.seed}
        return {**own, **super()._rows()}

    @property
    def name(self) -> str:
        """Name of the interaction, ``"sm"`` for the Standard Model."""
        return STANDARD_MODEL if self.spec.interaction is None else self.spec.interaction.name

    @property
    def label(self) -> str:
        """Its name with the mass and the prior, which no two runs of a comparison share."""
        mass = "" if self.mass_mev is None else f" at {self.mass_mev:g} MeV"
        prior = "" if self.prior is None else f", {self.prior.range_text}"
        return f"{self.name}{mass}{prior}"

    def fit(self) -> Fit:
        """Return the fit without its model."""
        return Fit(**{one.name: getattr(self, one.name) for one in fields(Fit)})

    def digest(self) -> str:
        """Return a digest of the draws."""
        draws = self.posterior
        parts = [draws[name].values.tobytes() for name in sorted(map(str, draws.data_vars))]
        return hashlib.sha256(b"".join(parts)).hexdigest()

    @cached_property
    def agreements(self) -> tuple[Agreement, ...]:
        """How its limits compare with those of a preview; empty if they were not compared."""
        if "preview" not in self.notes:
            return ()
        from bayes_cevns.inference.preview.marginal_curve import MarginalCurve
        from bayes_cevns.inference.preview.posterior import limits_of

        curve = rebuilt(MarginalCurve, self.notes["preview"])
        return agreements(limits(self, self.level), limits_of(curve, self.level))

    def report(self) -> dict[str, Any]:
        """Return whether it passed its gate, and how its limits compare with their previews."""
        found = {"passed": self.passed, "reason": self.reason}
        if self.agreements:
            texts = [a.text for a in self.agreements if a.text]
            found |= {"previews": [a.preview for a in self.agreements], "disagreements": texts}
        return found

    def failures(self) -> dict[str, str]:
        """Return why it failed."""
        return {} if self.passed else {self.label: self.reason}

    def prior_ratios(self) -> Mapping[str, tuple[float, ...]]:
        """Return each limit with every named prior over itself; empty without a coupling."""
        if self.prior is None:
            return {}
        from bayes_cevns.inference.at_draws import ModelAtDraws
        from bayes_cevns.inference.marginal import prior_ratios

        model = ModelAtDraws(self.spec.merging_bins(), self.mass_mev)
        return prior_ratios(model, self, self.mass_mev, self.level)

    def lines(self) -> list[str]:
        """Return the summary, with limits with other priors."""
        return [
            *summary_text(self, self.level, self.prior_ratios()).splitlines(),
            *(a.said for a in self.agreements),
        ]


class SampleStudy(SampledStudy[Fit, Fit, ModelRun]):
    """Sample the posterior at one mass, of an interaction without one, or of the Standard Model.

    Returns
    -------
    ModelRun
        A `Fit` with its model. Its posterior has the dims (branch, chain, draw); `Fit.draws` puts
        the branches together for ArviZ.

    Raises
    ------
    ConvergenceError
        If the fit fails its gate after all retries; with `out`, it is written nevertheless.
    ArgumentError, UnknownNameError, TableError, OutputError
        If something asked for does not exist or cannot be.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> fit = bc.sample("xenonnt_2024_s2", interaction="b-l", mass_mev=10.0, seed=1)
    >>> fit.passed
    True
    """

    kind = "sample"

    mass_mev: Mass = asked("Mediator mass in MeV, if there is a mediator.", None)
    max_coupling: LargestCoupling = asked(
        "Upper end of the prior of the quoted coupling; by default far above what data allow.", None
    )
    level: LevelOfSummary = asked("Credible level of the limits in the summary.", 0.9)
    cross_check: Flag = asked("Compare every limit with its preview, which sees lost modes.", True)

    @cached_property
    def spec(self) -> ModelSpec:
        """The model that is fitted."""
        return self.spec_of(self.experiments, max_coupling=self.max_coupling)

    def check_fields(self) -> None:
        """Check that there is a mass if there is a mediator, and none without."""
        if self.interaction is None and self.mass_mev is not None:
            raise ArgumentError("--mass needs an --interaction")
        _ = self.spec, self.mass

    @cached_property
    def mass(self) -> float | None:
        """The mediator mass; ``None`` without a mediator."""
        return checked_mass(self.interaction, self.mass_mev)

    @cached_property
    def engine(self) -> Engine:
        """What samples."""
        return engines.engine_for(self.spec, self.settings)

    def check(self) -> None:
        """Check that the tables reach the mass, and that a prior can be made."""
        self.engine.check([self.mass], seed=self.seed)

    def size(self) -> int:
        """Return 1."""
        return 1

    def store(self, folder: KeptRun | None) -> FitStore:
        """Return where the fit is kept."""
        return FitStore(
            folder,
            self.spec.experiments,
            attributes=self.attributes,
            variables=variable_attributes(self.spec),
            more=lambda fits: groups_of(self.spec, fits[0], self.mass, seed=self.seed),
        )

    @override
    def compute(self, number: int) -> Fit:
        """Sample, and integrate for comparison."""
        fit = self.engine.fit(self.mass, seed=self.seed)
        if not self.cross_check or fit.prior is None:
            return fit
        from bayes_cevns.inference.preview.find import preview_at

        return replace(fit, notes={"preview": plain(preview_at(self.engine, self.mass))})

    @override
    def point(self, number: int, content: Fit) -> Fit:
        """Return the fit."""
        return content

    def has_failed(self, point: Fit) -> bool:
        """Return whether the fit did not pass its gate."""
        return not point.passed

    def result(self, points: Mapping[int, Fit]) -> ModelRun:
        """Return the fit with its model."""
        return ModelRun.of(points[0], self.spec, self.mass, seed=self.seed, level=self.level)

    def judge(self, result: ModelRun) -> None:
        """Raise the error of a fit that failed its gate; warn of limits unlike their previews."""
        for agreement in result.agreements:
            if agreement.text:
                warnings.warn(agreement.text, DisagreementWarning, stacklevel=2)
        if not result.passed:
            raise ConvergenceError(
                f"the fit failed its gate after {self.settings.retries} retries "
                f"({result.reason}): use more draws or warm-up"
            )


sample = function_of(SampleStudy)
