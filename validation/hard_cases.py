"""Posteriors that are hard to sample, by the package, nested sampling and quadrature.

    python validation/hard_cases.py [--renew] [--only WORD ...]

Writes hard_cases.csv, a row for each case, hard_cases_numbers.csv, a row for each number, and the
page hard_cases.md. Every case is kept as it finishes. Those that the tables have of this seed are
not run again, whatever code they are of; with --renew those of other code are.
"""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Sequence

import hard_page
from code_commit import is_of_this_code
from hard_case import CASES, NUMBERS, Case, Number
from hard_comparison import compare
from hard_couplings import COUPLINGS, Couplings
from hard_mediators import MEDIATORS, Mediator
from hard_settings import seed_of
from row_tables import read, write

PROBLEMS: tuple[Mediator | Couplings, ...] = (*MEDIATORS, *COUPLINGS)


def main() -> None:
    """Run what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--renew", action="store_true", help="rows of other code as well")
    parser.add_argument("--only", nargs="+", default=(), help="cases that have one of these words")
    asked = parser.parse_args()
    for problem in PROBLEMS:
        named = ", ".join(problem.key)
        wanted = not asked.only or any(word in named for word in asked.only)
        if wanted and not _is_known(problem.key, renew=asked.renew):
            _run(problem)
    hard_page.PAGE.write_text(hard_page.page(_in_order(read(Case, CASES)), read(Number, NUMBERS)))


def _is_known(key: tuple[str, str], *, renew: bool) -> bool:
    """Return whether the table has a case."""
    for case in read(Case, CASES):
        if (case.experiment, case.model) == key and case.seed == seed_of(key):
            return not renew or is_of_this_code(case.commit)
    return False


def _run(problem: Mediator | Couplings) -> None:
    """Run a case and put it into the tables; say why, if it cannot be run."""
    try:
        case, numbers = compare(problem.task())
    except Exception:
        print(*problem.key, traceback.format_exc(), flush=True)
        return
    print(case, flush=True)
    for text in filter(None, [case.outside, *(number.outside for number in numbers)]):
        print("  outside:", text, flush=True)
    cases, old = read(Case, CASES), read(Number, NUMBERS)
    others = [number for number in old if (number.experiment, number.model) != problem.key]
    write([*others, *numbers], Number, NUMBERS)
    rest = [other for other in cases if (other.experiment, other.model) != problem.key]
    write(_in_order([*rest, case]), Case, CASES)


def _in_order(cases: Sequence[Case]) -> list[Case]:
    """Return the cases of `PROBLEMS` in their order."""
    by_key = {(case.experiment, case.model): case for case in cases}
    return [by_key[problem.key] for problem in PROBLEMS if problem.key in by_key]


if __name__ == "__main__":
    main()
