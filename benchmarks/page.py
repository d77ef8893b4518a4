"""Tables in Markdown, under a header that says what they were measured with."""

from __future__ import annotations

import datetime
import os
import platform
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import bayes_cevns as bc

_PACKAGES = ("numpy", "numba", "pytensor", "pymc", "nutpie", "emcee", "dynesty")

HERE = Path(__file__).parent

#: A machine where a CPU second takes less has a core to spare.
QUIET = 1.1

#: How long is waited to find this out.
_SPIN_S = 0.3

_PART = re.compile(r"<!-- (\w+) -->\n(.*?)(?=<!-- |\Z)", re.DOTALL)


def header(title: str, command: str) -> str:
    """Return a title and what the numbers below it were measured with."""
    return "\n".join(
        [f"# {title}", "", f"Written by `{command}`; do not edit.", "", *_machine(), ""]
    )


def _machine() -> list[str]:
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return [
        f"- {datetime.datetime.now(tz=datetime.UTC).date()}, bayes_cevns {bc.__version__}",
        f"- Python {platform.python_version()}, {versions}",
        f"- {_processor()}, {os.cpu_count()} cores",
    ]


def measured_when() -> str:
    """Return when a part is measured, and how busy the machine is with other things."""
    wall, cpu = time.perf_counter(), time.process_time()
    while time.process_time() < cpu + _SPIN_S:
        pass
    wall = (time.perf_counter() - wall) / _SPIN_S
    day = datetime.datetime.now(tz=datetime.UTC).date()
    found = f"{day}, bayes_cevns {bc.__version__}; one CPU second took {wall:.2f} s before it began"
    busy = "" if wall < QUIET else ": **a busy machine, only ratios mean anything**"
    return f"*{found}{busy}.*"


def renew(
    name: str, title: str, command: str, parts: Mapping[str, str], order: Sequence[str]
) -> None:
    """Write parts of a page in place of those of these names, and keep the others.

    Parameters
    ----------
    name, title, command
        The page, and what writes it.
    parts
        Name -> text.
    order
        Names of all parts, as they stand on the page. Others are dropped.
    """
    path = HERE / name
    old = path.read_text(encoding="utf-8") if path.is_file() else ""
    known = dict(_PART.findall(old))
    known |= {part: text.strip() for part, text in parts.items()}
    texts = [f"<!-- {part} -->\n{known[part].strip()}\n" for part in order if part in known]
    write(name, "\n".join([header(title, command), *texts]))


def section(title: str, *paragraphs: str) -> str:
    """Return a section of a page."""
    return "\n\n".join([f"## {title}", *paragraphs]) + "\n"


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
