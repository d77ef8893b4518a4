"""The only place that assembles a ``pm.Model``."""

from bayes_cevns.model.build import (
    assemble,
    assemble_branch,
    branch_data,
    build_model,
    data_at,
    expected_variable,
    prior_at,
)
from bayes_cevns.model.couplings import prior_data
from bayes_cevns.model.names import (
    COORDINATE,
    COORDINATES,
    COUPLING,
    COUPLING_MAP,
    EXPECTED_SIGNAL,
    LOG_LIKELIHOOD,
    PRODUCT,
    VALUES,
    nuisance_name,
    table_name,
)

__all__ = [
    "COORDINATE",
    "COORDINATES",
    "COUPLING",
    "COUPLING_MAP",
    "EXPECTED_SIGNAL",
    "LOG_LIKELIHOOD",
    "PRODUCT",
    "VALUES",
    "assemble",
    "assemble_branch",
    "branch_data",
    "build_model",
    "data_at",
    "expected_variable",
    "nuisance_name",
    "prior_at",
    "prior_data",
    "table_name",
]
