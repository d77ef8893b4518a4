"""The modules that make pages of the site."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXTENSIONS = ROOT / "docs" / "_ext"


@pytest.fixture(scope="session", autouse=True)
def extensions() -> Iterator[None]:
    """Let tests import what makes pages."""
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(EXTENSIONS))
    yield
    patch.undo()
    assert str(EXTENSIONS) not in sys.path
