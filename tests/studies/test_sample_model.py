"""A model that was extended by hand is sampled from its graph, and says so."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytest

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.errors import ArgumentError, ConvergenceError, GraphWarning
from bayes_cevns.inference.gate import Gate

SETTINGS = bc.SamplerSettings(draws=1000, tune=300, chains=2)


def test_what_was_added_counts(xenonnt: Experiment) -> None:
    """A second measurement of the flux, as narrow as the prior is wide, moves and narrows it."""
    model = bc.build_model([xenonnt])
    with model:
        pm.Normal("second", model["flux_8b"], 0.01, observed=1.1)
    with pytest.warns(GraphWarning, match="compiled from its graph"):
        tree = bc.sample_model(model, seed=3, settings=SETTINGS)
    flux = tree["posterior"]["flux_8b"]
    assert float(flux.mean()) == pytest.approx(1.1, abs=0.003)
    assert float(flux.std()) == pytest.approx(0.01, rel=0.2)
    assert tree["posterior"]["xenonnt_cevns.ac"].dims == ("chain", "draw", "xenonnt_cevns.run")
    assert tree.attrs["compiled_from"] == "graph"


def test_without_additions_it_is_the_fit_of_the_arrays(xenonnt: Experiment) -> None:
    with pytest.warns(GraphWarning):
        tree = bc.sample_model(bc.build_model([xenonnt]), seed=3, settings=SETTINGS)
    fit = bc.Engine(bc.ModelSpec.of([xenonnt]), SETTINGS).fit(seed=3)
    for name in ("flux_8b", "xenonnt_cevns.tly"):
        ours, theirs = fit.draws()[name].values, tree["posterior"][name].values
        error = np.hypot(ours.std(), theirs.std()) / np.sqrt(400)
        assert abs(ours.mean() - theirs.mean()) < 4 * error


def test_wrong_input(xenonnt: Experiment) -> None:
    with pytest.raises(ArgumentError, match=r"expected a pm.Model, .* got 'xenonnt_cevns'"):
        bc.sample_model("xenonnt_cevns")
    strict = bc.SamplerSettings(draws=50, tune=50, chains=2, retries=0, gate=Gate(ess_min=1e6))
    with (
        pytest.warns(GraphWarning),
        pytest.raises(ConvergenceError, match="do not pass their gate"),
    ):
        bc.sample_model(bc.build_model([xenonnt]), settings=strict)
