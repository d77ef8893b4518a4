"""Whether a folder is that of an undisturbed run, before and after its run goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from copies import FINISHED, REFUSED, End, done, tried
from examples import Rows, perform, tables, timeless

from bayes_cevns.storage.names import PROGRESS_FILE
from bayes_cevns.studies.load import load

#: Tables whose rows are made of all points: an unfinished run has others.
MADE_OF_ALL = {"sensitivity.csv", "coverage.csv", "uniformity.csv", "compare.csv", "studies.csv"}


def running(kind: str, out: Path) -> Callable[[], None]:
    """Return the run of an example."""
    return lambda: perform(kind, out)


def reading(out: Path) -> Callable[[], dict[str, Rows]]:
    """Return what reads the tables of a run back."""
    return lambda: timeless(load(out).tables())


def content_of(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """Return when each file of a folder was written, and what is in it."""
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


@dataclass(frozen=True)
class Undisturbed:
    """An undisturbed run, with which others are compared.

    Parameters
    ----------
    kind
        The study.
    folder
        Where it is.
    note
        Where a copy of this process notes how it ended.
    """

    kind: str
    folder: Path
    note: Path

    def afterwards(self, out: Path, before: End | None = None) -> tuple[str, str]:
        """Read a folder, run it, and read it again; return what is wrong, and what was refused.

        Parameters
        ----------
        out
            The folder.
        before
            What was read from it before a file of it was damaged.
        """
        steps = (reading(out), running(self.kind, out), reading(out))
        end = done(lambda: [asdict(tried(step)) for step in steps], self.note)
        if end.how != FINISHED:
            return f"ended: {end.how} {end.text}", ""
        first, ran, last = (End(**one) for one in end.value)
        wrong = self.badly_read(first, before)
        if wrong or ran.how not in (FINISHED, REFUSED):
            return wrong or f"did not go on: {ran.how} {ran.text}", ""
        if ran.how == REFUSED:
            return self.badly_read(last, before), ran.text
        return self.not_whole(out, last), ""

    def badly_read(self, end: End, before: End | None = None) -> str:
        """Return what is wrong with what is read from a folder: less, or others, in silence."""
        if end.how == REFUSED:
            return ""
        if end.how != FINISHED:
            return f"read: {end.how} {end.text}"
        if "UnfinishedWarning" not in end.warned and end.value != self.read_back():
            return "read without a word: less, or other numbers"
        if before is not None and before.how == FINISHED and end.value == before.value:
            return ""
        for name, rows in end.value.items():
            if name not in MADE_OF_ALL:
                whole = self.read_back()[name]
                if any(row not in whole for row in rows):
                    return f"read: other numbers in {name}"
        return ""

    def not_whole(self, out: Path, end: End) -> str:
        """Return how a folder is not as that of the undisturbed run."""
        found, expected = tables(out), tables(self.folder)
        if found != expected:
            names = {*found, *expected}
            wrong = sorted(n for n in names if found.get(n) != expected.get(n))
            return f"other numbers in {', '.join(wrong)}"
        # What says how far a run is belongs to it while it goes on, and is not made anew.
        files, all_files = (
            {name for name in content_of(path) if name.name != PROGRESS_FILE}
            for path in (out, self.folder)
        )
        if files != all_files:
            return f"left or missing: {sorted(map(str, files ^ all_files))}"
        for path in out.rglob("run.toml"):
            if 'status = "complete"' not in path.read_text():
                return f"{path.relative_to(out)} is not complete"
        if end.how != FINISHED or end.value != self.read_back() or end.warned:
            return f"not read back: {end.how} {end.text} {end.warned}"
        return ""

    def read_back(self) -> dict[str, Rows]:
        """Return the tables that are read from its folder."""
        return _read_back(self.folder, self.note)


@cache
def _read_back(whole: Path, note: Path) -> dict[str, Rows]:
    """Return the tables of the undisturbed run."""
    end = done(reading(whole), note)
    assert end.how == FINISHED, end
    found: dict[str, Rows] = end.value
    return found
