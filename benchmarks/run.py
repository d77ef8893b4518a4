"""Measure the speed of the package; writes RESULTS.md beside this file.

python benchmarks/run.py [--only PART ...]

Parts that are not measured stay as they are on the page.
"""

from __future__ import annotations

import argparse
import importlib

from page import measured_when, renew

#: The parts, as they stand on the page; each a module with `measure` and `report`.
PARTS = ("comparison", "densities", "calls", "tables", "nsi", "samplers", "startup", "spectra")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure speed; other parts are kept.")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    for name in parser.parse_args().only:
        module = importlib.import_module(name)
        when = measured_when()
        text = module.report(module.measure())
        heading, _, rest = text.partition("\n\n")
        text = f"{heading}\n\n{when}\n\n{rest}"
        print(text, flush=True)
        renew("RESULTS.md", "Speed", "make bench", {name: text}, PARTS)


if __name__ == "__main__":
    main()
