"""LZ's efficiency for solar 8B: expected rates and projections, nothing to fit."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.errors import BayesCevnsError
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov

#: HEPData 167350, table t4: recoil energies in keV and efficiency.
POINTS = ((1.005, 0.008258), (1.508, 0.03509), (2.01, 0.08084), (2.513, 0.1236))


@pytest.fixture(scope="module")
def search() -> Experiment:
    return experiment("lz_8b")


def test_the_efficiency_is_the_released_one(search: Experiment) -> None:
    (signal,) = search.signals
    efficiency = signal.values.values.ravel() / 5.7
    energy = signal.recoil_energy_kev
    for at, expected in POINTS:
        assert np.interp(at, energy, efficiency) == pytest.approx(expected, rel=0.01)


def test_standard_model_events(search: Experiment) -> None:
    """19.6 in 5.7 t yr, with an efficiency continued between linearly (20.7) and as here (18.1)."""
    (run,) = expected_counts(search).values()
    assert run["sm"] == pytest.approx(18.06, abs=0.02)
    assert run["sm"] == pytest.approx(19.6, rel=0.10)


def test_there_is_nothing_to_fit(search: Experiment) -> None:
    assert search.data == "none"
    with pytest.raises(BayesCevnsError, match="lz_8b"):
        ModelSpec.of([search])
    assert ModelSpec.of([asimov(search)]).experiments[0].data == "asimov"
