"""A finished run as everything that is said of it needs it: its study, result and record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_cevns.arguments import path_of
from bayes_cevns.cards import Experiment
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.reports.tables import Rows, rows_of
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.references import citations
from bayes_cevns.storage.names import PLAN_FILE
from bayes_cevns.storage.record import read_run
from bayes_cevns.studies.comparison.result import Comparison
from bayes_cevns.studies.coupling_fits import CouplingFits
from bayes_cevns.studies.load import load_study
from bayes_cevns.studies.prior_sensitivity import PriorSensitivity
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.studies.scan_result import Scan
from bayes_cevns.studies.sensitivity.result import Sensitivity
from bayes_cevns.studies.study import Result, Study
from bayes_cevns.summary.fit import Fit

if TYPE_CHECKING:
    from bayes_cevns.inference.gate import Gate


@dataclass(frozen=True, eq=False, repr=False)
class Account(Displayed):
    """A run that was read from its folder.

    Attributes
    ----------
    folder
        The folder.
    record
        What its ``run.toml`` says.
    study, result
        What was asked for, and what was found.
    """

    folder: Path
    record: Mapping[str, Any]
    study: Study[Any, Any, Any]
    result: Result

    @property
    def spec(self) -> ModelSpec:
        """The model; of a comparison the first one."""
        return self.study.spec

    @property
    def specs(self) -> tuple[ModelSpec, ...]:
        """The models: of a comparison all that were compared."""
        if isinstance(self.result, Comparison):
            return tuple(model.run.spec for model in self.result.models)
        return (self.spec,)

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The experiments with the data that were given, which those of toys replace."""
        if isinstance(self.result, Sensitivity):
            return self.result.experiments
        return self.spec.experiments

    @property
    def fits(self) -> Mapping[str, Fit]:
        """The fits that the result holds, by their names."""
        return fits_of(self.result)

    @property
    def failures(self) -> Mapping[str, str]:
        """Why points failed, by their names."""
        return dict(self.result.failures())

    @property
    def gate(self) -> Gate | None:
        """What every fit had to fulfil; ``None`` where nothing was sampled."""
        settings = getattr(self.study, "settings", None)
        return None if settings is None else settings.gate

    @property
    def rows(self) -> Mapping[str, Rows]:
        """The tables of the result by their names."""
        return rows_of(self.result)

    @property
    def keys(self) -> tuple[str, ...]:
        """What is to be cited."""
        return tuple(dict.fromkeys(key for spec in self.specs for key in citations(spec)))


def read_account(folder: Path | str) -> Account:
    """Read a run from its folder; nothing is computed.

    Raises
    ------
    ArgumentError
        If it is the folder of a grid, which holds many runs.
    DataError
        If there is no run, its files were altered, or its data, its cards or the package have
        changed since.

    Warns
    -----
    UnfinishedWarning
        If the run was interrupted.
    """
    path = path_of(folder, what="the folder of a run")
    if (path / PLAN_FILE).is_file():
        raise ArgumentError(
            f"{path} is the folder of a grid: name one of the folders of its studies, below it"
        )
    study, result = load_study(path)
    return Account(path, read_run(path), study, result)


def fits_of(result: Result) -> dict[str, Fit]:
    """Return the fits that a result holds, by their names; none of one that keeps no draws."""
    if isinstance(result, ModelRun):
        return {"the fit": result}
    if isinstance(result, PriorSensitivity):
        return {"the fit": result.fit}
    if isinstance(result, Comparison):
        return {model.run.label: model.run for model in result.models}
    if isinstance(result, CouplingFits):
        return dict(result.fits)
    if isinstance(result, Scan):
        return {point.place.rstrip(": ") or "the fit": point.fit for point in result.points}
    return {}
