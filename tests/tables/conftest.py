"""One rate table for each interaction of the real experiment."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest

from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.physics.interactions import interaction

sys.path.append(str(Path(__file__).parent))


@pytest.fixture(scope="session")
def rate_table(xenonnt):
    @cache
    def build(name: str | None = None, *, merged: bool = False) -> RateTable:
        return RateTable(xenonnt, None if name is None else interaction(name), merged=merged)

    return build
