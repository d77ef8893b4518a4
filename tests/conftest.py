"""Fixtures shared by all tests: the experiment, and a cache of tables of its own."""

from __future__ import annotations

import pytest

from bayes_cevns.experiments import Experiment, experiment


@pytest.fixture(autouse=True, scope="session")
def _own_table_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    patch = pytest.MonkeyPatch()
    patch.setenv("BAYES_CEVNS_CACHE", str(tmp_path_factory.mktemp("tables")))


@pytest.fixture(scope="session")
def xenonnt() -> Experiment:
    return experiment("xenonnt_cevns")
