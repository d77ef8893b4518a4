"""What has moved in the committed limits since an earlier version, row by row.

    python validation/moved.py [COMMIT] [ROOT]

writes moved.csv and moved.md: `validation/limits.csv` beside that of COMMIT, a tag or a commit, by
default the one that moved.csv names. Every row that has changed is in the table, with the commits
that changed it. ``make moved`` runs it.
"""

from __future__ import annotations

import csv
import io
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from code_commit import DIGITS

ROOT = Path(__file__).parents[1]
LIMITS, TABLE, PAGE = "validation/limits.csv", "moved.csv", "moved.md"
KEYS = ("experiments", "interaction", "mass_mev", "side")

type Row = Mapping[str, str]
type Key = tuple[str, ...]

#: A limit whose change is within so many of its Monte-Carlo errors has fluctuated.
SIGMAS = 3.0

#: How many rows the page shows.
_SHOWN = 30


@dataclass(frozen=True)
class Moved:
    """A row that is not as it was.

    Attributes
    ----------
    experiments, interaction, mass_mev, side
        Which row.
    change
        ``moved``, ``within errors``, ``added``, ``removed``, ``failed now``, ``failed before``, or
        ``written anew`` where limit and reason are the same.
    before, after, ratio, pull
        Limits, empty where there is none; after over before; and their difference in Monte-Carlo
        errors of both.
    since, commits
        The commit that is compared with, and those that changed the row, the latest first, with
        their subjects.
    """

    experiments: str
    interaction: str
    mass_mev: str
    side: str
    change: str
    before: str
    after: str
    ratio: str
    pull: str
    since: str
    commits: str


def keyed(text: str) -> dict[Key, Row]:
    """Return the rows of a table of limits by what they are of."""
    return {tuple(row[k] for k in KEYS): row for row in csv.DictReader(io.StringIO(text))}


def changes(before: Mapping[Key, Row], after: Mapping[Key, Row]) -> dict[Key, list[str]]:
    """Return for each row that differs what has changed, and numbers: columns of `Moved`."""
    return {
        key: _change(before.get(key), after.get(key))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    }


def _change(before: Row | None, after: Row | None) -> list[str]:
    """Return change, before, after, ratio and pull."""
    old, new = (_number(row, "limit") for row in (before, after))
    shown = ["" if math.isnan(v) else f"{v:.4g}" for v in (old, new)]
    if before is None or after is None:
        return ["added" if before is None else "removed", *shown, "", ""]
    if math.isnan(new) or math.isnan(old):
        if math.isnan(new) and math.isnan(old):
            return ["written anew", *shown, "", ""]
        return ["failed now" if math.isnan(new) else "failed before", *shown, "", ""]
    error = math.hypot(_number(before, "mc_error"), _number(after, "mc_error"))
    pull = (new - old) / error if error > 0 else math.copysign(math.inf, new - old)
    if new == old:
        return ["written anew", *shown, "1", "0"]
    change = "within errors" if abs(pull) <= SIGMAS else "moved"
    return [change, *shown, f"{new / old:.4g}", f"{pull:.2g}"]


def _number(row: Row | None, name: str) -> float:
    try:
        return float("nan" if row is None else row[name])
    except ValueError:
        return math.nan


def git(root: Path, *words: str) -> str:
    """Return what git says.

    Raises
    ------
    SystemExit
        If it does not, with its own words.
    """
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"moved.py: git {words[0]} of {root}: {done.stderr.strip()}")
    return done.stdout


def compared(root: Path, since: str) -> list[Moved]:
    """Return all rows that differ from those of a commit, in the order of the table."""
    since = git(root, "rev-parse", f"--short={DIGITS}", f"{since}^{{commit}}").strip()
    first = git(root, "show", f"{since}:{LIMITS}")
    now = (root / LIMITS).read_text(encoding="utf-8")
    authors = _authors(root, since, now)
    return [
        Moved(*key, *found, since, "; ".join(authors.get(key, ())))
        for key, found in changes(keyed(first), keyed(now)).items()
    ]


def _authors(root: Path, since: str, now: str) -> dict[Key, list[str]]:
    """Return the commits that changed each row, the latest first; merges change none of their own.

    Then there is what is changed and not committed.
    """
    which = ("--no-merges", "--full-history", "--topo-order")
    words = (*which, f"--abbrev={DIGITS}", "--format=%h %s")
    found: dict[Key, list[str]] = {}
    for line in git(root, "log", *words, f"{since}..HEAD", "--", LIMITS).splitlines():
        commit = line.split()[0]
        before, after = (keyed(git(root, "show", f"{c}:{LIMITS}")) for c in (f"{commit}^", commit))
        for key in changes(before, after):
            found.setdefault(key, []).append(line)
    for key in changes(keyed(git(root, "show", f"HEAD:{LIMITS}")), keyed(now)):
        found.setdefault(key, []).insert(0, "not committed yet")
    return found


def since_of(folder: Path) -> str:
    """Return the commit that a table of what moved compares with.

    Raises
    ------
    SystemExit
        If there is no table, or none that names one.
    """
    table = folder / TABLE
    rows = read(table) if table.is_file() else []
    if not rows:
        sys.exit(f"moved.py: {table} names no commit: give one, or a tag")
    return rows[0].since


def read(table: Path) -> list[Moved]:
    """Return the rows of a table of what moved."""
    text = io.StringIO(table.read_text(encoding="utf-8"))
    return [Moved(**row) for row in csv.DictReader(text)]


def csv_of(moved: Iterable[Moved]) -> str:
    """Return the table."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [f.name for f in fields(Moved)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in moved)
    return text.getvalue()


def page_of(moved: list[Moved]) -> str:
    """Return the page: how many rows of each kind, by set of experiments, and the largest moves."""
    kinds = Counter(row.change for row in moved)
    sets = sorted({row.experiments for row in moved})
    counted = Counter((row.experiments, row.change) for row in moved)
    names = list(kinds)
    far = [row for row in moved if row.change == "moved"]
    far.sort(key=lambda row: -abs(math.log(float(row.ratio))))
    lines = [
        "# Limits that moved",
        "",
        "Written by `make moved`; do not edit. [limits.csv](limits.csv) beside that of commit "
        f"{moved[0].since}; `moved.csv` has every row, with the commits that changed it. A limit "
        f"has moved if it differs by more than {SIGMAS:g} Monte-Carlo errors of both.",
        "",
        _line(["experiments", *names]),
        _line([":--", *["--:"] * len(names)]),
        *(_line([one, *(str(counted[one, name] or "") for name in names)]) for one in sets),
        _line(["every set", *(str(kinds[name]) for name in names)]),
        "",
        f"The {min(_SHOWN, len(far))} that moved furthest, of {len(far)}:",
        "",
        _line([*KEYS, "before", "after", "ratio", "last changed by"]),
        _line([":--", ":--", "--:", ":--", "--:", "--:", "--:", ":--"]),
        *(_line(_shown(row)) for row in far[:_SHOWN]),
    ]
    return "\n".join(lines) + "\n"


def _shown(row: Moved) -> list[str]:
    which = [row.experiments, row.interaction, row.mass_mev, row.side]
    return [*which, row.before, row.after, row.ratio, row.commits.partition(";")[0]]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the table and the page."""
    given = dict(enumerate(sys.argv[1:]))
    root = Path(given.get(1, ROOT))
    folder = root / "validation"
    moved = compared(root, given.get(0) or since_of(folder))
    if not moved:
        sys.exit("moved.py: no limit has changed since then: name an earlier commit")
    (folder / TABLE).write_text(csv_of(moved), encoding="utf-8")
    (folder / PAGE).write_text(page_of(moved), encoding="utf-8")
    print(page_of(moved).split("The ", 1)[0])


if __name__ == "__main__":
    main()
