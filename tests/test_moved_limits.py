"""What moved in the committed limits: every row that changed is in the table."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "validation"))
HEAD = "experiments,interaction,mass_mev,side,limit,mc_error,reason,version\n"


@pytest.fixture(scope="module")
def moved() -> ModuleType:
    return import_module("moved")


def has_commit(commit: str) -> bool:
    asked = ["git", "-C", str(ROOT), "cat-file", "-e", f"{commit}^{{commit}}"]
    try:
        return subprocess.run(asked, capture_output=True).returncode == 0
    except OSError:
        return False


def test_every_changed_row_is_in_the_table(moved):
    since = moved.since_of(ROOT / "validation")
    if not has_commit(since):
        pytest.skip(f"the history of this copy does not reach {since}")
    rows = moved.read(ROOT / "validation" / "moved.csv")
    found = {tuple(moved.asdict(row).values())[:-1] for row in rows}
    expected = {tuple(moved.asdict(row).values())[:-1] for row in moved.compared(ROOT, since)}
    assert len(expected) > 1000
    assert found == expected, "limits.csv has changed: make moved"


def test_the_page_is_that_of_the_table(moved):
    rows = moved.read(ROOT / "validation" / "moved.csv")
    page = (ROOT / "validation" / "moved.md").read_text(encoding="utf-8")
    assert moved.page_of(rows) == page
    assert moved.csv_of(rows) == (ROOT / "validation" / "moved.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("1.0,0.01,,1", "1.1,0.01,,1", ["moved", "1", "1.1", "1.1", "7.1"]),
        ("1.0,0.01,,1", "1.02,0.01,,1", ["within errors", "1", "1.02", "1.02", "1.4"]),
        ("1.0,0.01,,1", "1.0,0.01,,2", ["written anew", "1", "1", "1", "0"]),
        ("1.0,0.01,,1", "nan,nan,too few draws,1", ["failed now", "1", "", "", ""]),
        (",,too few draws,1", "1.0,0.01,,1", ["failed before", "", "1", "", ""]),
        (",,too few draws,1", ",,other,1", ["written anew", "", "", "", ""]),
        ("1.0,0,,1", "1.1,0,,1", ["moved", "1", "1.1", "1.1", "inf"]),
        (None, "1.1,0.01,,1", ["added", "", "1.1", "", ""]),
        ("1.1,0.01,,1", None, ["removed", "1.1", "", "", ""]),
        ("1.1,0.01,,1", "1.1,0.01,,1", None),
    ],
)
def test_changes_of_a_row(moved, before, after, change):
    tables = [
        moved.keyed(HEAD + ("" if row is None else f"xlzd,b-l,1,upper,{row}\n"))
        for row in (before, after)
    ]
    key = ("xlzd", "b-l", "1", "upper")
    assert moved.changes(*tables) == ({} if change is None else {key: change})


def test_commits_are_those_that_changed_the_row(moved, tmp_path):
    def git(*words: str) -> str:
        own = ["-c", "user.name=x", "-c", "user.email=x@y", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *own, *words], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(text: str, subject: str) -> str:
        (tmp_path / "validation" / "limits.csv").write_text(HEAD + text)
        git("add", "-A")
        git("commit", "--allow-empty", "-m", subject)
        return git("rev-parse", "--short", "HEAD")

    git("init", "-q")
    (tmp_path / "validation").mkdir()
    first = commit("a,b-l,1,upper,1.0,0.01,,1\nb,b-l,1,upper,1.0,0.01,,1\n", "First")
    commit("a,b-l,1,upper,2.0,0.01,,1\nb,b-l,1,upper,1.0,0.01,,1\n", "Double a")
    commit("a,b-l,1,upper,2.0,0.01,,1\nb,b-l,1,upper,3.0,0.01,,1\n", "Treble b")
    (row_a, row_b) = moved.compared(tmp_path, first)
    assert [r.commits.split(" ", 1)[1] for r in (row_a, row_b)] == ["Double a", "Treble b"]
    assert (row_a.ratio, row_b.ratio) == ("2", "3")
    # Git's own abbreviation is longer in a clone with more objects.
    git("config", "core.abbrev", "30")
    assert moved.compared(tmp_path, first) == [row_a, row_b]
    with pytest.raises(SystemExit, match="git rev-parse of"):
        moved.compared(tmp_path, "nothing")
    with pytest.raises(SystemExit, match="names no commit"):
        moved.since_of(tmp_path)
