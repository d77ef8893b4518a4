"""A browser for pages of the site, and the modules that make them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXTENSIONS = ROOT / "docs" / "_ext"

#: A browser that loads a file and nothing else.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session", autouse=True)
def extensions() -> Iterator[None]:
    """Let tests import what makes pages."""
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(EXTENSIONS))
    yield
    patch.undo()
    assert str(EXTENSIONS) not in sys.path


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium of this machine; tests that need it are skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(names)} is installed")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()
