"""A cache of its own for the tests, and one table for each interaction of the real experiment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from bayes_cevns.experiments import experiment
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.tables.rate_table import RateTable


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAYES_CEVNS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def xenonnt():
    return experiment("xenonnt_cevns")


@pytest.fixture(scope="session")
def rate_table(xenonnt, own_cache):  # noqa: ARG001 - the cache must be there first
    @cache
    def build(name: str | None = None, *, merged: bool = False) -> RateTable:
        return RateTable(xenonnt, None if name is None else interaction(name), merged=merged)

    return build
