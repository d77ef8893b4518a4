"""Figures of one posterior: the coupling comes first, with its sign where that is observable."""

from __future__ import annotations

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.figures.catalogue import save_figures
from bayes_cevns.inference.gate import Gate
from bayes_cevns.studies.sample import ModelRun

QUICK = bc.SamplerSettings(draws=300, retries=0, gate=Gate(rhat_max=1.1, ess_min=50.0))


@pytest.fixture(scope="module")
def run() -> ModelRun:
    return bc.sample(
        "conus_plus", interaction="vector-universal", mass_mev=10.0, seed=1, settings=QUICK
    )


def test_the_coupling_is_drawn_first_and_with_its_sign(run: ModelRun) -> None:
    figure = bc.corner_figure(run)
    first = figure.axes[0]
    drawn = first.get_xlim()
    signed = (np.sign(run.draws()["coupling_product"]) * run.draws()["coupling"]).values
    assert signed.min() < 0 < signed.max()
    # The axis is in units of the power of ten that its label has.
    assert drawn == pytest.approx((signed.min() / 1e-5, signed.max() / 1e-5))
    assert any("10^{-5}" in axes.get_xlabel() for axes in figure.axes)


def test_a_posterior_has_figures_when_asked_for(run: ModelRun, tmp_path) -> None:
    assert set(bc.plot(run)) == {"posterior"}  # it counts and has no spectrum
    assert save_figures(run, tmp_path) == []
    assert not list(tmp_path.iterdir())
