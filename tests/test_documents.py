"""Files, links and tests that documents name are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    *(ROOT / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md")),
    # Folders that begin with an underscore have what a build of the site has written.
    *sorted(p for p in (ROOT / "docs").rglob("*.md") if "/_" not in p.as_posix()),
)

LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
#: A path in backticks, such as `inference/gate.py` or `tables/`, without a placeholder.
PATH = re.compile(r"`((?:[\w.-]+/)+(?:[\w.-]+\.(?:py|md|toml))?|[\w.-]+\.py)`")
TEST = re.compile(r"`(test_\w+)`")


def text_of(document: Path) -> str:
    """Return the text of a document without its blocks of code."""
    return re.sub(r"(?ms)^ *```.*?^ *```", "", document.read_text(encoding="utf-8"))


def missing(document: Path) -> list[str]:
    """Return what a document names that does not exist."""
    text = text_of(document)
    made = re.findall(r"(?m)^# ([\w.-]+)$", document.read_text(encoding="utf-8"))
    links = [
        link
        for link in LINK.findall(text)
        if "://" not in link
        and not (document.parent / link).exists()
        and not link.startswith("_generated/")  # made with the site, whose build checks them
    ]
    # Where a page speaks of one folder, its files have their names alone.
    paths = [
        path
        for path in PATH.findall(text)
        if path not in made  # by a block of code of the page
        and not any((folder / path).exists() for folder in (ROOT, ROOT / "bayes_cevns"))
        and not any((ROOT / "bayes_cevns").rglob(path.rstrip("/")))
    ]
    known = {name for file in (ROOT / "tests").rglob("*.py") for name in _tests(file)}
    return [*links, *paths, *(name for name in TEST.findall(text) if name not in known)]


def _tests(file: Path) -> list[str]:
    return re.findall(r"(?m)^def (test_\w+)", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_is_there(document: Path) -> None:
    found = missing(document)
    assert not found, f"{document.relative_to(ROOT)} names what is not there: {', '.join(found)}"


def test_a_wrong_name_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[a](b.md) `physics/none.py` `test_never_written` `gate.py` `<name>/x.py`\n")
    assert missing(page) == ["b.md", "physics/none.py", "test_never_written"]
