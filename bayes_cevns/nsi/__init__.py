"""Non-standard interactions of solar neutrinos in a differentiable model."""

from bayes_cevns.nsi.model import nsi_model
from bayes_cevns.nsi.specification import BOUNDS, NsiSpec
from bayes_cevns.nsi.table import NsiTable, nsi_tables

__all__ = ["BOUNDS", "NsiSpec", "NsiTable", "nsi_model", "nsi_tables"]
