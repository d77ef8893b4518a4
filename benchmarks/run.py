"""Measure the speed of the package; writes RESULTS.md beside this file."""

from __future__ import annotations

import calls
import nsi
import samplers
import spectra
import startup
import tables
from page import header, write


def main() -> None:
    page = [header("Speed", "make bench")]
    for part in (calls, tables, nsi, startup, spectra, samplers):
        page.append(part.report(part.measure()))
        print(page[-1], flush=True)
    write("RESULTS.md", "\n".join(page))


if __name__ == "__main__":
    main()
