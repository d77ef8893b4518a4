"""The only place that assembles a ``pm.Model``."""

from bayes_cevns.model.build import (
    assemble,
    assemble_box,
    assemble_branch,
    build_model,
    expected_variable,
    model_of,
)

__all__ = [
    "assemble",
    "assemble_box",
    "assemble_branch",
    "build_model",
    "expected_variable",
    "model_of",
]
