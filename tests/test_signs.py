"""Limits of either sign where a channel of the chosen experiments sees the sign."""

from __future__ import annotations

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.density.data import prior_at
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import COORDINATE, PRODUCT
from bayes_cevns.studies.profile import ProfileScan


@pytest.fixture(scope="module")
def electrons() -> Experiment:
    return bc.experiment("xenonnt_er")


@pytest.mark.parametrize(
    ("name", "on_nuclei", "on_electrons"),
    [
        ("axial", False, True),
        ("vector-universal", True, True),
        ("charge-radius", True, True),
        ("b-l", False, False),
        ("l_mu-l_tau", False, False),
        ("scalar-universal", False, False),
        ("magnetic-moment", False, False),
    ],
)
def test_the_channels_of_the_experiments_decide(
    xenonnt: Experiment, electrons: Experiment, name: str, on_nuclei: bool, on_electrons: bool
) -> None:
    chosen = {
        (xenonnt,): on_nuclei,
        (electrons,): on_electrons,
        (xenonnt, electrons): on_nuclei or on_electrons,
    }
    for experiments, signed in chosen.items():
        spec = ModelSpec.of(experiments, interaction=name)
        assert spec.signed is signed
        assert spec.sides == (("positive", "negative") if signed else ("upper",))
        scan = ProfileScan(spec, 0.9)
        assert scan.sides == spec.sides


def test_the_prior_of_axial_has_both_signs_on_electrons(
    xenonnt: Experiment, electrons: Experiment
) -> None:
    on_electrons = ModelSpec.of([electrons], interaction="axial")
    prior = prior_at(on_electrons, on_electrons.tables(), 0.1)
    assert prior.signed
    assert prior.product(prior.lower) == -prior.product(prior.upper)
    assert "g_nu g_f from -" in prior.range_text
    on_nuclei = ModelSpec.of([xenonnt], interaction="axial")
    assert not prior_at(on_nuclei, on_nuclei.tables(), 0.1).signed


def test_the_model_of_axial_on_electrons_has_negative_x(electrons: Experiment) -> None:
    model = bc.build_model([electrons], interaction="axial", mass_mev=0.1)
    x = model[PRODUCT].eval({model[COORDINATE]: -0.5})
    assert x < 0


def test_counts_of_axial_on_electrons_depend_on_the_sign(electrons: Experiment) -> None:
    """At 100 MeV, where x^2 is as large as x: by more than an event."""
    totals = [
        sum(
            expected_counts(electrons, interaction="axial", mass_mev=100.0, coupling_product=x)[
                "sr0"
            ].values()
        )
        for x in (1e-7, -1e-7)
    ]
    assert abs(totals[0] - totals[1]) > 1.0
    assert np.all(np.isfinite(totals))
