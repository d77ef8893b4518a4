"""Non-standard interactions of solar neutrinos in a differentiable model."""

from bayes_cevns.nsi.model import BOUNDS, nsi_model
from bayes_cevns.nsi.table import NsiTable, nsi_tables

__all__ = ["BOUNDS", "NsiTable", "nsi_model", "nsi_tables"]
