"""Credible exclusions of new neutrino interactions from public CEvNS data.

>>> import bayes_cevns as bc
>>> xenonnt = bc.experiment("xenonnt_cevns")
>>> model = bc.build_model([xenonnt], interaction="vector-universal", mass_mev=10.0)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bayes_cevns.storage.caches import find_writable

__version__ = "0.1.0"

# Before anything imports PyTensor, which cannot be imported where its folder cannot be made.
find_writable()

if TYPE_CHECKING:
    from bayes_cevns.couplings.model import CouplingModel
    from bayes_cevns.experiments.loading import experiment, experiment_names
    from bayes_cevns.experiments.projections import scaled, with_threshold
    from bayes_cevns.figures.calibration import calibration_figure, coverage_figure
    from bayes_cevns.figures.coupling_regions import region_figure
    from bayes_cevns.figures.exclusion import exclusion_figure
    from bayes_cevns.figures.expected_limits import sensitivity_figure
    from bayes_cevns.figures.models import comparison_figure, predictive_figure
    from bayes_cevns.figures.prior_posterior import prior_sensitivity_figure
    from bayes_cevns.inference.engine import Engine
    from bayes_cevns.inference.profile.parameter import profile
    from bayes_cevns.inference.settings import SamplerSettings
    from bayes_cevns.model import build_model
    from bayes_cevns.physics.interactions import interaction, interactions
    from bayes_cevns.physics.nuclei import target
    from bayes_cevns.physics.oscillation import Propagation, nsi_in_convention
    from bayes_cevns.rates import rate
    from bayes_cevns.sources.catalogue import source
    from bayes_cevns.specification.expected_counts import expected_counts
    from bayes_cevns.specification.model_spec import ModelSpec
    from bayes_cevns.specification.references import bibtex, citations
    from bayes_cevns.specification.simulation import asimov, toy
    from bayes_cevns.studies.calibration.coverage import coverage
    from bayes_cevns.studies.calibration.ranking import calibrate
    from bayes_cevns.studies.comparison.compare import compare, compare_models
    from bayes_cevns.studies.couplings import sample_couplings
    from bayes_cevns.studies.masses import log_masses
    from bayes_cevns.studies.prior_sensitivity import prior_sensitivity
    from bayes_cevns.studies.profile import profile_scan
    from bayes_cevns.studies.sample import sample
    from bayes_cevns.studies.scan import scan
    from bayes_cevns.studies.sensitivity.sensitivity import sensitivity
    from bayes_cevns.summary.bands import bands
    from bayes_cevns.summary.limits import limits

# Public names and the modules that define them, imported at first use: `--help` and the
# physics alone should not wait for PyMC.
_PUBLIC = {
    "CouplingModel": "couplings.model",
    "Engine": "inference.engine",
    "ModelSpec": "specification",
    "Propagation": "physics.oscillation",
    "SamplerSettings": "inference.settings",
    "asimov": "simulation",
    "bands": "summary.bands",
    "bibtex": "references",
    "build_model": "model",
    "calibrate": "calibration.sbc",
    "calibration_figure": "report",
    "citations": "references",
    "coverage": "calibration.coverage",
    "coverage_figure": "report",
    "compare": "inference.comparison",
    "compare_models": "inference.comparison",
    "comparison_figure": "report",
    "exclusion_figure": "report",
    "expected_counts": "counts",
    "experiment": "experiments",
    "experiment_names": "experiments",
    "interaction": "physics.interactions",
    "interactions": "physics.interactions",
    "limits": "summary.limits",
    "log_masses": "inference.masses",
    "nsi_in_convention": "physics.oscillation",
    "predictive_figure": "report",
    "prior_sensitivity": "inference.prior_sensitivity",
    "prior_sensitivity_figure": "report",
    "profile": "inference.profile",
    "profile_scan": "inference.profile_scan",
    "rate": "rates",
    "region_figure": "report",
    "sample": "inference.sample",
    "scaled": "projections",
    "sample_couplings": "inference.sample_couplings",
    "scan": "inference.scan",
    "sensitivity": "expected.sensitivity",
    "sensitivity_figure": "report",
    "source": "sources",
    "target": "physics.nuclei",
    "toy": "simulation",
    "with_threshold": "projections",
}

__all__ = [
    "CouplingModel",
    "Engine",
    "ModelSpec",
    "Propagation",
    "SamplerSettings",
    "asimov",
    "bands",
    "bibtex",
    "build_model",
    "calibrate",
    "calibration_figure",
    "citations",
    "compare",
    "compare_models",
    "comparison_figure",
    "coverage",
    "coverage_figure",
    "exclusion_figure",
    "expected_counts",
    "experiment",
    "experiment_names",
    "interaction",
    "interactions",
    "limits",
    "log_masses",
    "nsi_in_convention",
    "predictive_figure",
    "prior_sensitivity",
    "prior_sensitivity_figure",
    "profile",
    "profile_scan",
    "rate",
    "region_figure",
    "sample",
    "sample_couplings",
    "scaled",
    "scan",
    "sensitivity",
    "sensitivity_figure",
    "source",
    "target",
    "toy",
    "with_threshold",
]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(f"bayes_cevns.{_PUBLIC[name]}"), name)
    raise AttributeError(f"module 'bayes_cevns' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
