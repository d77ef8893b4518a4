"""Tables in Markdown, under a header that says what they were measured with."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import bayes_cevns as bc

_PACKAGES = ("numpy", "numba", "pytensor", "pymc", "nutpie", "emcee", "dynesty")

HERE = Path(__file__).parent


def header(title: str, command: str) -> str:
    """Return a title and what the numbers below it were measured with."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return "\n".join(
        [
            f"# {title}",
            "",
            f"Written by `{command}`; do not edit.",
            "",
            f"- {datetime.datetime.now(tz=datetime.UTC).date()}, bayes_cevns {bc.__version__}",
            f"- Python {platform.python_version()}, {versions}",
            f"- {_processor()}, {os.cpu_count()} cores",
            "",
        ]
    )


def section(title: str, *paragraphs: str) -> str:
    """Return a section of a page."""
    return "\n\n".join([f"## {title}", *paragraphs]) + "\n"


def replaced(page: str, found: str) -> str:
    """Return a page with another text for the section of the same title."""
    title = found.splitlines()[0]
    start = page.index(f"{title}\n")
    end = page.find("\n## ", start)
    return page[:start] + found + (page[end:] if end >= 0 else "")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; columns whose title starts with a space are text, the others numbers."""
    rule = [":--" if title.startswith(" ") else "--:" for title in columns]
    lines = [[title.strip() for title in columns], rule, *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def write(name: str, text: str) -> None:
    """Write a page beside this file, whole or not at all."""
    path = HERE / name
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
