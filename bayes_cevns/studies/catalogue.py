"""All studies by their names; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bayes_cevns.studies.study import Study

#: Name -> module and class, and what the command says of itself.
STUDIES: dict[str, tuple[str, str, str]] = {
    "couplings": (
        "couplings",
        "CouplingsStudy",
        "Sample several couplings, together or one at a time: intervals and credible regions.",
    ),
    "sample": (
        "sample",
        "SampleStudy",
        "Sample one posterior (at a mass, of a moment, of the Standard Model) and summarise it.",
    ),
    "scan": (
        "scan",
        "ScanStudy",
        "Scan mediator masses: posteriors, credible limits and the exclusion figure.",
    ),
    "profile": (
        "profile",
        "ProfileStudy",
        "Profile the likelihood: best fits, confidence limits (CL) and regions; no priors.",
    ),
    "compare": (
        "comparison.compare",
        "CompareStudy",
        "Compare models of the same data, or folders of 'sample' in place of experiments: "
        "evidences, leave-one-out and predictive checks.",
    ),
    "prior-sensitivity": (
        "prior_sensitivity",
        "PriorSensitivityStudy",
        "Find a limit with every named prior, and what it owes to prior and likelihood.",
    ),
    "sensitivity": (
        "sensitivity.sensitivity",
        "SensitivityStudy",
        "Find the limits that are expected without a signal, beside the observed ones.",
    ),
    "calibrate": (
        "calibration.ranking",
        "CalibrateStudy",
        "Calibrate by simulation: fit data made from the prior, and rank the truths.",
    ),
    "coverage": (
        "calibration.coverage",
        "CoverageStudy",
        "Count how often credible intervals hold a fixed coupling.",
    ),
}


def study_class(kind: str) -> type[Study[Any, Any, Any]]:
    """Return the class of a study by its name."""
    module, name, _ = STUDIES[kind]
    found: type[Study[Any, Any, Any]] = getattr(
        import_module(f"bayes_cevns.studies.{module}"), name
    )
    return found
