"""The flux of SNO: with which interactions it stays what it is."""

from __future__ import annotations

import warnings

import pytest

import bayes_cevns as bc
from bayes_cevns.cards.card_file import shared_nuisances
from bayes_cevns.errors import FluxWarning
from bayes_cevns.physics.interactions import interactions

SNO = {"flux_8b": "sno"}


def spec(interaction: str, **options) -> bc.ModelSpec:
    return bc.ModelSpec.of([bc.experiment("xenonnt_cevns")], interaction=interaction, **options)


@pytest.mark.parametrize("name", ["axial", "tensor-spin", "pseudoscalar"])
def test_what_acts_on_spins_is_said(name):
    with pytest.warns(FluxWarning, match=f"{name}.* spins of quarks.*flux_8b=sno"):
        spec(name, nuisance_priors=SNO)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spec(name)


@pytest.mark.parametrize("name", ["vector-universal", "b-l", "scalar-universal", "magnetic-moment"])
def test_vector_and_scalar_interactions_leave_it(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spec(name, nuisance_priors=SNO)


def test_those_that_act_on_spins():
    """All whose name says axial, tensor or pseudoscalar, and no other of the catalogue."""
    spins = {name for name, each in interactions().items() if each.acts_on_spins}
    words = ("axial", "tensor", "pseudoscalar")
    assert spins == {name for name in interactions() if name.startswith(words)}


def test_the_card_says_why():
    origin = shared_nuisances(["flux_8b"])["flux_8b"].alternatives["sno"].origin
    assert "Gamow-Teller" in origin
    assert "vector couplings to quarks leave" in origin
