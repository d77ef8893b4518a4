"""All studies by their names; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bayes_cevns.studies.study import Study

#: Name -> module, class, and what ``--help`` says of it beside the other commands.
STUDIES: dict[str, tuple[str, str, str]] = {
    "sample": ("sample", "SampleStudy", "Sample one posterior and summarise it."),
    "scan": ("scan", "ScanStudy", "Limits over mediator masses, and the exclusion figure."),
    "preview": ("preview", "PreviewStudy", "Approximate limits over masses, without sampling."),
    "couplings": ("couplings", "CouplingsStudy", "Intervals and regions of several couplings."),
    "profile": ("profile", "ProfileStudy", "Profile likelihood: best fits and CL; no priors."),
    "sensitivity": (
        "sensitivity.sensitivity",
        "SensitivityStudy",
        "Expected limits, from toys.",
    ),
    "compare": (
        "comparison.compare",
        "CompareStudy",
        "Compare models of the same data.",
    ),
    "prior-sensitivity": (
        "prior_sensitivity",
        "PriorSensitivityStudy",
        "What a limit owes to its prior.",
    ),
    "calibrate": ("calibration.ranking", "CalibrateStudy", "Rank truths in posteriors of toys."),
    "calibrate-couplings": (
        "calibration.ranking_couplings",
        "CalibrateCouplingsStudy",
        "Rank truths of several couplings.",
    ),
    "coverage": ("calibration.coverage", "CoverageStudy", "How often intervals hold a truth."),
    "coverage-couplings": (
        "calibration.coverage_couplings",
        "CoverageCouplingsStudy",
        "How often intervals and regions of several couplings hold a truth.",
    ),
}


def study_class(kind: str) -> type[Study[Any, Any, Any]]:
    """Return the class of a study by its name."""
    module, name, _ = STUDIES[kind]
    found: type[Study[Any, Any, Any]] = getattr(
        import_module(f"bayes_cevns.studies.{module}"), name
    )
    return found
