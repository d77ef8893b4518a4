"""Measure the speed of the package; writes RESULTS.md beside this file.

With the names of parts, as in ``run.py nsi``, only their sections are measured and written anew.
"""

from __future__ import annotations

import sys
from importlib import import_module

from page import HERE, header, replaced, write

PARTS = ("calls", "tables", "nsi", "startup", "spectra", "samplers")


def section_of(name: str) -> str:
    """Measure a part, and return its section."""
    part = import_module(name)
    found: str = part.report(part.measure())
    print(found, flush=True)
    return found


def main() -> None:
    if names := sys.argv[1:]:
        page = (HERE / "RESULTS.md").read_text(encoding="utf-8")
        for name in names:
            page = replaced(page, section_of(name))
        write("RESULTS.md", page)
        return
    sections = [header("Speed", "make bench"), *(section_of(name) for name in PARTS)]
    write("RESULTS.md", "\n".join(sections))


if __name__ == "__main__":
    main()
