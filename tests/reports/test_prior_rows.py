"""Priors in words: bounds of couplings are said also where a study keeps no fits."""

from __future__ import annotations

from bayes_cevns.cards import experiment
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.reports.priors import prior_rows
from bayes_cevns.specification.model_spec import ModelSpec


def test_bounds_of_couplings_without_fits() -> None:
    """Ranks of truths keep none; bounds that were not given are those by default."""
    model = CouplingModel.of(["ee_u", "ee_d"])
    bounds = {"eps_ee_u": (-0.2, 0.6)}
    spec = ModelSpec.of([experiment("conus_plus")], couplings=model, bounds=bounds)
    words = {row.parameter: row.words for row in prior_rows(spec, {})}
    assert words["eps_ee_u"] == "uniform from -0.2 to 0.6"
    assert words["eps_ee_d"] == "uniform in the bounds by default"
