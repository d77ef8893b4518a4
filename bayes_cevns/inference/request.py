"""What was asked for, as values that a TOML file can hold."""

from __future__ import annotations

from typing import Any

from bayes_cevns.model import ModelSpec
from bayes_cevns.physics.interactions import STANDARD_MODEL


def spec_request(spec: ModelSpec) -> dict[str, Any]:
    """Return everything of a model specification that decides the outcome of a run."""
    return {
        "experiments": {e.name: list(e.runs) for e in spec.experiments},
        "sources": {
            e.name: {"name": e.source.name, "total_per_cm2_s": e.source.total_per_cm2_s}
            for e in spec.experiments
        },
        "interaction": STANDARD_MODEL if spec.interaction is None else spec.interaction.name,
        "prior": spec.prior,
        "nuisance_priors": dict(spec.nuisance_priors),
        "form_factor": spec.form_factor,
    }
