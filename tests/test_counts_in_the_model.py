"""Counts as PyMC has them: beyond 2^31, and parts of events of Asimov data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytest
from scipy.stats import poisson

import bayes_cevns as bc
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.specification.model_spec import ModelSpec

LARGE = 3_000_000_000


def test_whole_numbers_have_32_bits_as_data_of_pymc() -> None:
    """What the model rests on: floats, which keep what whole numbers lose."""
    with pm.Model():
        assert pm.Data("whole", np.array([LARGE])).get_value()[0] == LARGE - 2**32
        assert pm.Data("real", np.array([float(LARGE)])).get_value()[0] == LARGE


def test_three_billion_events(invent: Any) -> None:
    """The likelihood is Poisson's, to rounding of a sum of 6e10."""
    one = invent("large", [LARGE, 2], background=[2.9e9, 1.0])
    likelihood = Likelihood(ModelSpec.of([one]))
    assert bc.build_model([one])["large.observed"].get_value().ravel().tolist() == [LARGE, 2]
    place = [p.name for p in likelihood.parameters].index("large.flat")
    low, high = likelihood.nominal, likelihood.nominal
    low[place], high[place] = 1.0, 1.03
    signal = bc.expected_counts(one)["all"]["sm"]
    assert signal < 1.0
    by_hand = -np.diff(
        [poisson.logpmf(LARGE, f * 2.9e9) - 0.5 * ((f - 1) / 0.1) ** 2 for f in (1.0, 1.03)]
    )
    assert likelihood(high)[0] - likelihood(low)[0] == pytest.approx(by_hand[0], rel=1e-4)


def test_parts_of_events_are_not_cut(invent: Any) -> None:
    """pm.Poisson cuts 0.9 events to none; Asimov data have a likelihood that does not."""
    asimov = bc.asimov(invent("few", [1, 0], background=[0.4, 0.5]))
    likelihood = Likelihood(ModelSpec.of([asimov]), free="few.flat")
    place = [p.name for p in likelihood.parameters].index("few.flat")
    point = likelihood.nominal
    # At the truth the slope along the background is nought: of cut counts it would not be.
    assert likelihood(point)[1][place] == pytest.approx(0.0, abs=1e-6)
    with pm.Model() as cut:
        pm.Poisson("counts", mu=0.9, observed=np.array([0.9]))
    assert float(cut.compile_logp()({})) == pytest.approx(-0.9)
