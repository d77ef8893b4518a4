"""Blocks of Python in README and in pages that no build executes: they run, on less data."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import pytest

ROOT = Path(__file__).parents[2]

#: What stands in a page -> what takes less time. Names and numbers alone: calls stay as they are.
SMALLER = {
    "xenonnt_cevns": "xenonnt_2024_s2",
    "0.1, 1e3, 61": "0.1, 1e3, 3",
    "coherent_csi": "conus_plus",
    "docs/grid.toml": str(ROOT / "docs" / "grid.toml"),
}

#: Pages that other tests run (`tests/experiments`) are not here.
PAGES = ("README.md", "docs/grids.md", "docs/cluster.md")


def blocks() -> list[tuple[str, str]]:
    """Return the blocks of Python by page."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        found += [(page, block) for block in re.findall(r"(?ms)^```python\n(.*?)^```$", text)]
    return found


def smaller(text: str) -> str:
    for old, new in SMALLER.items():
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("page", PAGES)
def test_blocks_of_a_page_run_one_after_the_other(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mpl.use("agg")
    own = [block for where, block in blocks() if where == page]
    assert own
    names: dict[str, object] = {}
    exec("import bayes_cevns as bc", names)
    for block in own:
        exec(compile(smaller(block), page, "exec"), names)
