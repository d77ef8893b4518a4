"""The result of a comparison: one row for each model, and its tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bayes_cevns.physics.interactions import STANDARD_MODEL
from bayes_cevns.specification.columns import (
    LABEL_COLUMNS,
    PRIOR_TEXT,
    experiments_label,
    labels,
    prior_label,
)
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.comparison.assessment import Assessment, checked_against, prior_ends
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.studies.study import Result

COMPARE_COLUMNS = (
    *("experiment", "model", "mass_mev", *LABEL_COLUMNS, "prior", PRIOR_TEXT),
    *("coupling_low", "coupling_high"),
    *("log_evidence", "log_evidence_error", "log_bayes_factor", "log_bayes_factor_error"),
    *("log_dickey_ratio", "log_dickey_ratio_error"),
    *("elpd_loo", "elpd_loo_se", "elpd_difference", "elpd_difference_se", "p_loo", "pareto_k"),
    *("ppc_p_value", "ppc_worst", "passed"),
)
CHECK_COLUMNS = (
    *("model", "mass_mev", *LABEL_COLUMNS, "experiment", "run", "observable", "statistic"),
    *("observed", "low", "median", "high", "p_value"),
)
FACTOR_COLUMNS = (
    *("model", "mass_mev", *LABEL_COLUMNS, "prior", PRIOR_TEXT, "max_coupling"),
    *("log_bayes_factor", "log_bayes_factor_error"),
)


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """Models of the same data side by side.

    Attributes
    ----------
    models
        One for each model; Bayes factors and differences are to the first one.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> compared = bc.compare_models(
    ...     "xenonnt_2024_s2", interactions=["scalar-universal"], mass_mev=10.0, seed=1
    ... )
    >>> [model.run.name for model in compared.models]
    ['sm', 'scalar-universal']
    """

    models: tuple[Assessment, ...]

    @classmethod
    def of(cls, models: Iterable[Assessment]) -> Comparison:
        """Return models side by side; their factors to the Standard Model are found in two ways.

        Parameters
        ----------
        models
            What is said of each, beginning with the one that the others are compared with.
        """
        first, *others = models
        if first.run.name == STANDARD_MODEL:
            others = [
                m if m.run.name == STANDARD_MODEL else checked_against(m, first) for m in others
            ]
        return cls((first, *others))

    def _rows(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for model in self.models:
            factor, error = self.log_bayes_factor(model)
            wrong = f"; failed: {model.reason}" if model.reason else ""
            found[model.run.label] = f"ln B {factor:.3f} +- {error:.2g}{wrong}"
        return found

    @property
    def reference(self) -> Assessment:
        """The model that the others are compared with."""
        return self.models[0]

    def log_bayes_factor(self, model: Assessment) -> tuple[float, float]:
        """Return log(evidence / evidence of the reference) and its standard error."""
        if model is self.reference:
            return 0.0, 0.0
        difference = model.log_evidence - self.reference.log_evidence
        error = np.hypot(model.log_evidence_error, self.reference.log_evidence_error)
        return float(difference), float(error)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each model, with the columns of ``compare.csv``."""
        found = []
        for model in self.models:
            run, spec, prior = model.run, model.run.spec, model.run.prior
            ends = prior_ends(prior)
            factor, factor_error = self.log_bayes_factor(model)
            elpd, elpd_error = model.loo.difference(self.reference.loo)
            worst = model.predictive.worst
            found.append(
                {
                    "experiment": experiments_label(spec.experiments),
                    "model": run.name,
                    "mass_mev": "" if run.mass_mev is None else run.mass_mev,
                    **labels(spec, "evidence"),
                    "prior": "" if prior is None else prior.kind,
                    **prior_label(spec),
                    "coupling_low": ends[0],
                    "coupling_high": ends[1],
                    "log_evidence": model.log_evidence,
                    "log_evidence_error": model.log_evidence_error,
                    "log_bayes_factor": factor,
                    "log_bayes_factor_error": factor_error,
                    "log_dickey_ratio": model.log_dickey_ratio,
                    "log_dickey_ratio_error": model.log_dickey_ratio_error,
                    "elpd_loo": model.loo.total,
                    "elpd_loo_se": model.loo.error,
                    "elpd_difference": elpd,
                    "elpd_difference_se": elpd_error,
                    "p_loo": float(model.loo.effective_parameters.sum()),
                    "pareto_k": float(model.loo.pareto_k.max()),
                    "ppc_p_value": worst.p_value,
                    "ppc_worst": " ".join((worst.experiment, worst.run, worst.observable)),
                    "passed": not model.reason,
                }
            )
        return found

    def check_rows(self) -> list[dict[str, Any]]:
        """Return the predictive checks of all models, with the columns of ``checks.csv``."""
        return [
            {**_model_columns(model.run), **labels(model.run.spec, "predictive"), **asdict(check)}
            for model in self.models
            for check in model.predictive.checks
        ]

    def factor_rows(self) -> list[dict[str, Any]]:
        """Return Bayes factors to the Standard Model against the end of the prior."""
        return [
            {
                **_model_columns(model.run),
                **labels(model.run.spec, "evidence"),
                "prior": model.run.spec.prior,
                **prior_label(model.run.spec),
                "max_coupling": float(end),
                "log_bayes_factor": float(value),
                "log_bayes_factor_error": float(error),
            }
            for model in self.models
            if (factors := model.bayes_factors) is not None
            for end, value, error in zip(
                factors.max_coupling, factors.log_bayes_factor, factors.error, strict=True
            )
        ]

    def tables(self) -> dict[str, str]:
        """Return compare.csv, checks.csv and bayes_factors.csv."""
        return {
            "compare.csv": csv_text(COMPARE_COLUMNS, self.rows()),
            "checks.csv": csv_text(CHECK_COLUMNS, self.check_rows()),
            "bayes_factors.csv": csv_text(FACTOR_COLUMNS, self.factor_rows()),
        }

    def report(self) -> dict[str, Any]:
        """Return the Bayes factors to the first model."""
        factors = {m.run.label: self.log_bayes_factor(m)[0] for m in self.models[1:]}
        return {"reference": self.reference.run.label, "log_bayes_factors": factors}

    def failures(self) -> dict[str, str]:
        """Return what is wrong with models."""
        return {model.run.label: model.reason for model in self.models if model.reason}

    def lines(self) -> list[str]:
        """Return what is said of each model, and what the others are to the first one."""
        found = [model.line() for model in self.models]
        for model in self.models[1:]:
            factor, error = self.log_bayes_factor(model)
            elpd, elpd_error = model.loo.difference(self.reference.loo)
            found.append(
                f"{model.run.name} to {self.reference.run.name}: ln B {factor:.3f} +- {error:.2g}, "
                f"elpd {elpd:+.2f} +- {elpd_error:.2g}"
            )
            if model.run.prior is not None:
                found.append(f"  prior: {model.run.prior.range_text}")
        if len(self.models) > 1:
            found.append("a Bayes factor depends on the width of the prior: see bayes_factors.csv")
        return found


def _model_columns(run: ModelRun) -> dict[str, Any]:
    return {"model": run.name, "mass_mev": "" if run.mass_mev is None else run.mass_mev}
