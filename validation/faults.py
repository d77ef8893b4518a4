"""Every study under accidents: `make faults` writes faults.md.

Options: ``--kills N`` (of each signal, of each study), ``--every N`` (one in N of the damages),
``--jobs N`` (studies at once), and names of studies.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import re
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from code_commit import code_commit

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests" / "studies"))

from accidents import MOMENTS, Accidents, Tally  # noqa: E402
from damages import DAMAGES  # noqa: E402
from examples import EXAMPLES, RUN, perform  # noqa: E402
from fault_starts import KINDS, started  # noqa: E402
from shared_cache import damaged, small_work, study_work, two_on_one  # noqa: E402
from shortages import causes, on_full_disks, on_read_only_disks, without  # noqa: E402

OUT = HERE / "faults.md"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
HEAD = """# Studies under accidents

Written by `make faults`; do not edit. Code: {commit}. {minutes}

A small example of each study (`tests/studies/examples.py`), and a grid of two as `bayes-cevns run`
makes it (*run*), is run once undisturbed. After each accident the folder is read, the same study
is run again in it, and it is read once more. *Survived*: all tables are those of the undisturbed
run, to the last digit (but for `seconds`), no file is left or missing, and what was read before the
second run was these numbers, fewer of them with a warning, or a line that refuses them. *Refused*:
the second run ends with one line of the package. *Lost*: anything else, such as other numbers,
fewer of them without a word, or a traceback. Each accident happens in a process of its own, which
computes everything itself.

- *SIGKILL*, *SIGTERM*, *SIGINT*, *before a call*: before one of the calls {moments} of the run,
  spread evenly; *at any time*: after a part of the time of an undisturbed run, drawn at random.
- *two at once*: two processes in one folder. *interrupted when finished*: no file is touched.
- *damaged*: every file of a finished folder, or of one whose run was killed in its middle, is
  {damages}; one in {every} of them.
- *no long files*, *few handles*, *low memory*, *writes fail* (ENOSPC, EROFS, EIO), *a full disk*,
  *a read-only disk* (mounted in memory, where a superuser asks), *no home*, *a clock* that is wrong
  or jumps by 5 or 30 hours: it lasts while the study is run, which is a new one or goes on with one
  that was killed. That run ends with its numbers or with one line; *survived* is as above, when it
  is over.

{workers} has what becomes of dask workers that are killed.

## Found and mended

{found}
## By accident

{sums}
## By study

| study | accident | tried | survived | refused with one line | lost |
| -- | -- | -- | -- | -- | -- |
{rows}"""
CACHES = """
## Ways of starting

The studies {kinds}, in each way: their tables are those of the undisturbed run.

| way | tried | survived | lost |
| -- | -- | -- | -- |
{starts}
## Caches of tables and compiled code

*Two cold*: two processes on one empty cache, of which one is killed before a random call that
changes files; the other one and a third that finds what was left have the right numbers. *Damaged*:
every file of a cache is as above, or has one flipped bit, and who finds it has the right numbers.

| cache | tried | survived | lost |
| -- | -- | -- | -- |
{caches}"""
FOUND = """- Compiled code of the cache was loaded as it was found: of 300 files of a small function
  with one flipped bit, 41 ended the process with a signal and 6 computed other numbers. Files now
  begin with a digest (`tests/density/test_compiled_code.py`).
- A study with a posterior could not be written in a process with a dask client or worker
  (`tests/storage/test_netcdf.py`).
- Too little memory, or too few files that may be open, was a traceback. It is one line now
  (`tests/test_shortage.py`); Python itself, OpenBLAS and LLVM may still end the process where there
  is no memory to load them.
- A grid whose study could not be finished, on a full disk say, was read without a warning
  (`tests/studies/test_grid_runs.py`).
- The table of a study in a grid that was edited, or another one where it was missing, was read as
  it was, without a word (`tests/studies/test_grid_runs.py`).
- A grid that was run again left the lock of a killed process in the folder of a study that is
  complete, and did not make a point again that was removed there
  (`tests/studies/test_grid_runs.py`).
- A study of a grid whose record had another name for a table, by one flipped bit, was never
  complete again and ended the grid with a traceback; other names made the grid read another table
  of it as its first one (`tests/studies/test_grid_runs.py`).
- A `reweight` that was killed left a part of its folder, which the same command then refused
  (`tests/studies/test_reweight.py`).
- Temporary files of killed processes stayed in the cache folder
  (`tests/storage/test_kept_arrays.py`).
"""


@dataclass
class Page:
    """The page as it grows.

    Attributes
    ----------
    given
        Options.
    commit
        Of the code.
    rows
        What came of each kind of accident, by study.
    starts, caches
        The same of ways of starting, and of caches.
    """

    given: argparse.Namespace
    commit: str
    rows: list[tuple[str, str, Tally]] = field(default_factory=list)
    starts: list[tuple[str, Tally]] = field(default_factory=list)
    caches: list[tuple[str, Tally]] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def write(self) -> None:
        """Write what there is."""
        OUT.write_text(self.text())

    def text(self) -> str:
        """Return the text of faults.md."""
        times = os.times()
        cpu = (times.user + times.system + times.children_user + times.children_system) / 60
        passed = (time.monotonic() - self.begun) / 60
        jobs = f"with {self.given.jobs} studies at once"
        minutes = f"It took {passed:.0f} minutes {jobs}, {cpu:.0f} of a processor."
        text = HEAD.format(
            commit=self.commit,
            minutes=minutes,
            moments=", ".join(MOMENTS),
            damages=", ".join(DAMAGES),
            every=self.given.every,
            workers="[executors.md](executors.md)",
            found=FOUND,
            sums=self.sums(),
            rows="".join(f"| {kind} | {_cells(what, t)}\n" for kind, what, t in self.rows),
        )
        text += CACHES.format(
            kinds=", ".join(KINDS),
            starts="".join(_short(*row) for row in self.starts),
            caches="".join(_short(*row) for row in self.caches),
        )
        tallies = [t for _, _, t in self.rows] + [t for _, t in (*self.starts, *self.caches)]
        for title in ("refused", "lost"):
            lines = [of_any_machine(one) for tally in tallies for one in getattr(tally, title)]
            if lines:
                text += f"\n## {title.capitalize()}\n\n" + "".join(f"- {one}\n" for one in lines)
        return text

    def sums(self) -> str:
        """Return the table of all studies together."""
        kinds = dict.fromkeys(what for _, what, _ in self.rows)
        text = "| accident | tried | survived | refused with one line | lost |\n"
        text += "| -- | -- | -- | -- | -- |\n"
        for kind in [*kinds, "all"]:
            of_it = [tally for _, what, tally in self.rows if kind in (what, "all")]
            numbers = [sum(column) for column in zip(*map(_numbers, of_it), strict=True)]
            text += f"| {kind} | {' | '.join(map(str, numbers))} |\n"
        return text


def of_any_machine(words: str) -> str:
    """Return words in one line, the files of a traceback by their names alone."""
    return re.sub(r'File "[^"]*[/\\]', 'File "', " ".join(words.split()))


def _numbers(tally: Tally) -> tuple[int, int, int, int]:
    return tally.tried, tally.survived, len(tally.refused), len(tally.lost)


def _cells(what: str, tally: Tally) -> str:
    return f"{what} | {' | '.join(map(str, _numbers(tally)))} |"


def _short(what: str, tally: Tally) -> str:
    return f"| {what} | {tally.tried} | {tally.survived} | {len(tally.lost)} |\n"


def of_study(own: Accidents, kills: int, every: int) -> Iterator[tuple[str, Tally]]:
    """Yield what comes of each kind of accident of a study."""
    most, seconds = own.moments(), own.seconds()
    calls, times = kills // 2, kills - kills // 2
    for place, kill in enumerate(SIGNALS):
        moments = {1 + (3 * n + place) * most // (3 * calls) for n in range(calls)}
        yield f"{kill.name}, before a call", own.stop(kill, sorted(moments))
        draw = random.Random(f"{own.kind} {kill.name}")
        after = [seconds * draw.random() for _ in range(times + calls - len(moments))]
        yield f"{kill.name}, at any time", own.stop_after(kill, after)
    yield "two at once", own.two(3)
    yield "interrupted when finished", own.stop_a_finished_one()
    yield "damaged, finished", own.damage(own.whole, every)
    yield "damaged, killed", own.damage(own.stopped(), every, every // 2)
    for words, lacking in causes().items():
        yield words, without(own, lacking)
    yield "a full disk", on_full_disks(own)
    yield "a read-only disk", on_read_only_disks(own)


def of_caches(folder: Path) -> Iterator[tuple[str, Tally]]:
    """Yield what comes of accidents of caches; nothing may be compiled in this process before."""
    works = {"a small function and a table": small_work, "a study": study_work}
    for place, (words, work) in enumerate(works.items()):
        own = folder / str(place)
        for part in ("two", "damaged"):
            (own / part).mkdir(parents=True)
        yield f"{words}, two cold", two_on_one(own / "two", work, 3 if place else 50)
        yield f"{words}, damaged", damaged(own / "damaged", work, 0 if place else 20)


def main() -> None:
    """Let all accidents happen, and write the table."""
    # 25 before calls and 25 at any time, of each signal; every file with every damage.
    asked = argparse.ArgumentParser()
    asked.add_argument("--kills", type=int, default=50)
    asked.add_argument("--every", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=1)
    asked.add_argument("studies", nargs="*", default=[*EXAMPLES, RUN])
    given = asked.parse_args()
    warnings.simplefilter("ignore")
    page = Page(given, code_commit())
    # In memory, where the system has it: nothing here depends on when a disk is flushed.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        happen(page, Path(name), given.studies)
    page.write()


def happen(page: Page, folder: Path, kinds: Sequence[str]) -> None:
    """Let all accidents happen in a folder."""
    whole = folder / "whole"
    (folder / "caches").mkdir()
    copies = multiprocessing.get_context("fork")
    with copies.Pool(1) as one:  # a copy in which nothing is compiled
        caches = one.apply_async(_of_caches, (folder / "caches",))
        for kind in {*KINDS, *kinds}:
            perform(kind, whole / kind)
        each = [(kind, folder, page.given) for kind in kinds]
        with copies.Pool(page.given.jobs, maxtasksperchild=1) as pool:
            for kind, found in zip(kinds, pool.imap(_of_one, each), strict=True):
                page.rows += [(kind, what, tally) for what, tally in found]
                page.write()
        page.caches += caches.get()
    (folder / "starts").mkdir()
    for what, tally in started(folder / "starts", whole):
        page.starts.append((what, tally))
        _say("started", what, tally)


def _of_caches(folder: Path) -> list[tuple[str, Tally]]:
    """Return what comes of the accidents of caches."""
    found = []
    for what, tally in of_caches(folder):
        _say("caches", what, tally)
        found.append((what, tally))
    return found


def _of_one(asked: tuple[str, Path, argparse.Namespace]) -> list[tuple[str, Tally]]:
    """Return what comes of the accidents of one study."""
    kind, folder, given = asked
    (folder / kind).mkdir()
    found = []
    for what, tally in of_study(
        Accidents(kind, folder / "whole" / kind, folder / kind), given.kills, given.every
    ):
        _say(kind, what, tally)
        found.append((what, tally))
    return found


def _say(kind: str, what: str, tally: Tally) -> None:
    print(f"| {kind} | {_cells(what, tally)}", *tally.refused, *tally.lost, sep="\n", flush=True)


if __name__ == "__main__":
    main()
