"""Makes the helpers of this folder importable."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import bayes_cevns as bc
from bayes_cevns.inference.profile.likelihood import Likelihood

sys.path.append(str(Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """What the first of all likelihoods compiles takes longer than anything that is tested."""
    couplings = bc.CouplingModel.of(["ee_u"])
    for likelihood in (
        Likelihood(bc.ModelSpec.of(["xenonnt_2024_s2"], interaction="scalar-universal"), 10.0),
        Likelihood(bc.ModelSpec.of(["xenonnt_2024_s2"], couplings=couplings)),
    ):
        likelihood(likelihood.nominal)
