"""An experiment with quick fits, and engines that are compiled once a module."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.studies import engines

sys.path.append(str(Path(__file__).parent))


@pytest.fixture(scope="module")
def conus() -> Experiment:
    return experiment("conus_plus")


@pytest.fixture(scope="module")
def compiled_once() -> Iterator[None]:
    """Share an engine among the studies of one model with the same settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "engine_for", cache(engines.engine_for))
        yield
