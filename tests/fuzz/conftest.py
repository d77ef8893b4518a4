"""Makes the helpers of this folder importable, and compiles before anything is timed."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import pytest

import bayes_cevns as bc
from bayes_cevns.inference.profile.likelihood import Likelihood

sys.path.append(str(Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """What the first of all fits compiles takes longer than anything that is tested."""
    from fuzzing import EnoughError, nothing_is_sampled

    small = "xenonnt_2024_s2"
    likelihood = Likelihood(bc.ModelSpec.of([small], interaction="scalar-universal"), 10.0)
    likelihood(likelihood.nominal)
    with nothing_is_sampled(), suppress(EnoughError):
        bc.sample_couplings(small, couplings=["ee_u", "ee_d"])
