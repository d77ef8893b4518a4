"""The only place that assembles a ``pm.Model``."""

from bayes_cevns.model.build import (
    assemble,
    assemble_box,
    assemble_branch,
    branch_data,
    build_model,
    data_at,
    expected_variable,
    prior_at,
)
from bayes_cevns.model.couplings import prior_data

__all__ = [
    "assemble",
    "assemble_box",
    "assemble_branch",
    "branch_data",
    "build_model",
    "data_at",
    "expected_variable",
    "prior_at",
    "prior_data",
]
