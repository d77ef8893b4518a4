"""Accidents of studies: killed, interrupted, started twice, and with files that are damaged.

Whoever uses this runs every study once, undisturbed, which is compiled and sampled; the fits are
remembered. Each accident happens in a copy of that process, made by fork, which takes the fits that
were made, and none besides: one that asks for a fit with another seed, say, ends with an error.
So nothing is sampled after a fork, and an accident takes a fraction of a second.
"""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from examples import Rows, example, tables, timeless

from bayes_cevns.errors import BayesCevnsError
from bayes_cevns.inference import at_draws
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.preview import find
from bayes_cevns.inference.profile import likelihood
from bayes_cevns.storage.digests import digest_of
from bayes_cevns.storage.names import PROGRESS_FILE
from bayes_cevns.studies import engines
from bayes_cevns.studies.calibration import simulator
from bayes_cevns.studies.load import load
from bayes_cevns.studies.run import run

#: What a process does to files; a process is killed before one of them.
MOMENTS = ("fsync", "replace", "link", "unlink", "mkdir", "rmdir")

#: Seconds after which a copy hangs.
PATIENCE = 120

FINISHED, REFUSED, STOPPED, BROKEN = "finished", "refused", "stopped", "broken"


@contextmanager
def remembering() -> Iterator[None]:
    """Context in which models are compiled once, and copies of this process take its fits."""
    made, owner = {}, os.getpid()
    engine_fit, engine_compile = Engine.fit, Engine.compile

    def compile_(self: Engine, mass_mev: float | None = None) -> Any:
        return engine_compile(self, mass_mev) if os.getpid() == owner else None

    def fit(self: Engine, mass_mev: float | None = None, **asked: Any) -> Any:
        mass = None if mass_mev is None else float(mass_mev)
        named = sorted((key, value) for key, value in asked.items() if value is not None)
        key = digest_of((self.spec, self.settings, self.monitored, self.free, mass, named))
        if os.getpid() == owner:
            made[key] = engine_fit(self, mass_mev, **asked)
        assert key in made, "a fit that the undisturbed run has not made"
        return made[key]

    def preview_at(engine: Engine, mass_mev: float | None) -> Any:
        key = digest_of(("preview", engine.spec, mass_mev))
        if os.getpid() == owner:
            made[key] = real_preview_at(engine, mass_mev)
        assert key in made, "a preview that the undisturbed run has not made"
        return made[key]

    real_preview_at = find.preview_at
    once = (
        (engines, "engine_for"),
        (likelihood, "Likelihood"),
        (simulator, "Simulator"),
        (at_draws, "ModelAtDraws"),
    )
    before = [getattr(module, name) for module, name in once]
    try:
        Engine.fit, Engine.compile, find.preview_at = fit, compile_, preview_at
        for module, name in once:
            setattr(module, name, cache(getattr(module, name)))
        yield
    finally:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        Engine.fit, Engine.compile = engine_fit, engine_compile
        find.preview_at = real_preview_at
        for (module, name), real in zip(once, before, strict=True):
            setattr(module, name, real)


@dataclass(frozen=True)
class End:
    """How a copy of this process has ended.

    Attributes
    ----------
    how
        `FINISHED`, `REFUSED` by an error of the package in one line, `STOPPED` by an interrupt,
        `BROKEN` by anything else, or the name of a signal.
    text
        The error.
    value
        What the work has returned.
    warned
        Categories of the warnings.
    """

    how: str
    text: str = ""
    value: Any = None
    warned: list[str] = field(default_factory=list)


def start(work: Callable[[], Any], note: Path) -> int:
    """Start a copy of this process that does some work, and notes how it ended."""
    gc.collect()
    gc.freeze()  # the next collection is of what is new, and copies share the pages
    with warnings.catch_warnings():
        # Of threads that wait for work; the copies do not use them.
        warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
        number = os.fork()
    if number:
        return number
    try:
        signal.alarm(PATIENCE)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        note.write_text(json.dumps(asdict(tried(work))))
    finally:
        os._exit(0)


def tried(work: Callable[[], Any]) -> End:
    """Do some work, and return how it ended."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            end = End(FINISHED, value=work())
        except BayesCevnsError as error:
            end = End(BROKEN if "\n" in str(error) or not str(error) else REFUSED, str(error))
        except KeyboardInterrupt:
            end = End(STOPPED)
        except BaseException:  # whatever it is, it is noted
            end = End(BROKEN, traceback.format_exc())
    return replace(end, warned=sorted({w.category.__name__ for w in caught}))


def ended(number: int, note: Path) -> End:
    """Wait for a copy to end."""
    status = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    if status < 0:
        return End(signal.Signals(-status).name)
    try:
        return End(**json.loads(note.read_text()))
    finally:
        note.unlink(missing_ok=True)


def done(work: Callable[[], Any], note: Path) -> End:
    """Do some work in a copy of this process."""
    return ended(start(work, note), note)


def running(kind: str, out: Path) -> Callable[[], None]:
    """Return the run of an example."""

    def work() -> None:
        run(example(kind), out=out, judged=False)

    return work


def reading(out: Path) -> Callable[[], dict[str, Rows]]:
    """Return what reads the tables of a run back."""
    return lambda: timeless(load(out).tables())


def stopped_at(out: Path, kind: str, moment: int, kill: signal.Signals) -> Callable[[], int]:
    """Return the run of an example that gets a signal at its nth moment; it counts them."""

    def work() -> int:
        count = 0

        def watched(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*given: Any, **named: Any) -> Any:
                nonlocal count
                count += 1
                if count == moment:
                    os.kill(os.getpid(), kill)
                    time.sleep(0.01)  # an interrupt arrives between two lines of Python
                return real(*given, **named)

            return call

        for name in MOMENTS:
            setattr(os, name, watched(getattr(os, name)))
        running(kind, out)()
        return count

    return work


@dataclass
class Tally:
    """What came of the accidents of one kind.

    Attributes
    ----------
    tried, survived
        Accidents, and those after which the numbers were those of the undisturbed run.
    refused
        Those that a line of the package has refused, with the line.
    lost
        All others: what was wrong.
    """

    tried: int = 0
    survived: int = 0
    refused: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def count(self, wrong: str, refusal: str = "") -> None:
        """Count one accident."""
        self.tried += 1
        if wrong:
            self.lost.append(wrong)
        elif refusal:
            self.refused.append(refusal)
        else:
            self.survived += 1


@dataclass(frozen=True)
class Accidents:
    """Accidents of the example of one study.

    Parameters
    ----------
    kind
        The study.
    whole
        The folder of its undisturbed run.
    folder
        Where the accidents happen.
    """

    kind: str
    whole: Path
    folder: Path

    @property
    def note(self) -> Path:
        """Where a copy notes how it ended."""
        return self.folder / f"{self.kind}.json"

    def moments(self) -> int:
        """Return at how many moments a run can be stopped."""
        out = self.folder / "counted"
        end = done(stopped_at(out, self.kind, 0, signal.SIGINT), self.note)
        assert end.how == FINISHED, end
        shutil.rmtree(out)
        return int(end.value)

    def stop(self, kill: signal.Signals, moments: range) -> Tally:
        """Stop a run at some moments, and go on with it."""
        tally = Tally()
        for moment in moments:
            out = self.folder / f"{self.kind}-{kill.name}-{moment}"
            end = done(stopped_at(out, self.kind, moment, kill), self.note)
            wrong = ""
            if end.how not in (kill.name, STOPPED, FINISHED):
                wrong = f"ended: {end.how} {end.text}"
            badly, refusal = self._afterwards(out)
            wrong = wrong or badly or refusal
            tally.count(wrong and f"{out.name}: {wrong}")
            self._remove(out, keep=bool(wrong))
        return tally

    def two(self, times: int) -> Tally:
        """Start two runs in one folder at once: one does the work, and the other may be refused."""
        tally = Tally()
        for time_ in range(times):
            out = self.folder / f"{self.kind}-two-{time_}"
            notes = [self.folder / f"{self.kind}-{n}.json" for n in range(2)]
            both = [start(running(self.kind, out), note) for note in notes]
            ends = [ended(*pair) for pair in zip(both, notes, strict=True)]
            wrong = ""
            if FINISHED not in (hows := sorted(end.how for end in ends)):
                wrong = f"ended {hows}"
            for end in ends:
                if end.how not in (FINISHED, REFUSED):
                    wrong = f"ended: {end.how} {end.text}"
                elif end.how == REFUSED and "is in use by process" not in end.text:
                    wrong = f"refused: {end.text}"
            wrong = wrong or self._not_whole(out, done(reading(out), self.note))
            tally.count(wrong and f"{out.name}: {wrong}")
            self._remove(out, keep=bool(wrong))
        return tally

    def stop_a_finished_one(self) -> Tally:
        """Interrupt a run that is finished already: no file is touched."""
        tally = Tally()
        out = self.folder / f"{self.kind}-again"
        shutil.copytree(self.whole, out)
        before = _content(out)

        def stop(_: object) -> None:
            raise KeyboardInterrupt

        end = done(lambda: run(example(self.kind), out=out, on_point=stop), self.note)
        wrong = "" if end.how == STOPPED else f"ended: {end.how} {end.text}"
        if _content(out) != before:
            wrong = wrong or "files were touched"
        tally.count(wrong and f"{out.name}: {wrong}")
        self._remove(out, keep=bool(wrong))
        return tally

    def damage(self, state: Path, every: int = 1, first: int = 0) -> Tally:
        """Damage every file of a folder, read it, run it again, and read it.

        Parameters
        ----------
        state
            The folder, of a run that is finished or was stopped.
        every, first
            Take only every so many of the accidents, from one on.
        """
        tally = Tally()
        expected = done(reading(state), self.note)
        files = sorted(path.relative_to(state) for path in state.rglob("*") if path.is_file())
        every_one = [(file, how) for file in files for how in DAMAGES]
        for file, how in every_one[first::every]:
            out = self.folder / f"{self.kind}-{state.name}"
            self._remove(out)
            shutil.copytree(state, out)
            DAMAGES[how](out / file)
            wrong, refusal = self._afterwards(out, expected)
            refusal = refusal.replace(str(out), "FOLDER")
            what = f"{self.kind}, {state.name}, {file} {how}"
            tally.count(wrong and f"{what}: {wrong}", refusal and f"{what}: {refusal}")
        self._remove(self.folder / f"{self.kind}-{state.name}")
        return tally

    def stopped(self) -> Path:
        """Return the folder of a run that was killed after its first point, or in its middle."""
        out = self.folder / "stopped"
        if not out.exists():
            middle = self.moments() // 2
            done(stopped_at(out, self.kind, middle, signal.SIGKILL), self.note)
        return out

    def _afterwards(self, out: Path, before: End | None = None) -> tuple[str, str]:
        """Read a folder, run it, and read it again; return what is wrong, and what was refused."""
        steps = (reading(out), running(self.kind, out), reading(out))
        end = done(lambda: [asdict(tried(step)) for step in steps], self.note)
        if end.how != FINISHED:
            return f"ended: {end.how} {end.text}", ""
        first, ran, last = (End(**one) for one in end.value)
        wrong = self._badly_read(first, before)
        if wrong or ran.how not in (FINISHED, REFUSED):
            return wrong or f"did not go on: {ran.how} {ran.text}", ""
        if ran.how == REFUSED:
            return self._badly_read(last, before), ran.text
        return self._not_whole(out, last), ""

    def _badly_read(self, end: End, before: End | None) -> str:
        """Return what is wrong with what is read from a folder: less, or others, in silence."""
        if end.how == REFUSED:
            return ""
        if end.how != FINISHED:
            return f"read: {end.how} {end.text}"
        if "UnfinishedWarning" not in end.warned and end.value != self._read_back():
            return "read without a word: less, or other numbers"
        if before is not None and before.how == FINISHED and end.value == before.value:
            return ""
        for name, rows in end.value.items():
            if name not in MADE_OF_ALL:
                whole = self._read_back()[name]
                if any(row not in whole for row in rows):
                    return f"read: other numbers in {name}"
        return ""

    def _not_whole(self, out: Path, end: End) -> str:
        """Return how a folder is not as that of the undisturbed run."""
        found, expected = tables(out), tables(self.whole)
        if found != expected:
            names = {*found, *expected}
            wrong = sorted(n for n in names if found.get(n) != expected.get(n))
            return f"other numbers in {', '.join(wrong)}"
        # What says how far a run is belongs to it while it goes on, and is not made anew.
        files, all_files = (
            {name for name in _content(path) if name.name != PROGRESS_FILE}
            for path in (out, self.whole)
        )
        if files != all_files:
            return f"left or missing: {sorted(map(str, files ^ all_files))}"
        for path in out.rglob("run.toml"):
            if 'status = "complete"' not in path.read_text():
                return f"{path.relative_to(out)} is not complete"
        if end.how != FINISHED or end.value != self._read_back() or end.warned:
            return f"not read back: {end.how} {end.text} {end.warned}"
        return ""

    def _read_back(self) -> dict[str, Rows]:
        return _read_back(self.whole, self.note)

    @staticmethod
    def _remove(out: Path, *, keep: bool = False) -> None:
        if not keep:
            shutil.rmtree(out, ignore_errors=True)


@cache
def _read_back(whole: Path, note: Path) -> dict[str, Rows]:
    """Return the tables of the undisturbed run."""
    end = done(reading(whole), note)
    assert end.how == FINISHED, end
    found: dict[str, Rows] = end.value
    return found


#: Tables whose rows are made of all points: an unfinished run has others.
MADE_OF_ALL = {"sensitivity.csv", "coverage.csv", "uniformity.csv", "compare.csv"}


def _content(folder: Path) -> dict[Path, tuple[int, bytes]]:
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _zero(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    if content:
        place = random.Random(str(file)).randrange(len(content))
        content[place] ^= 1 << random.Random(place).randrange(8)
    file.write_bytes(bytes(content))


def _remove(file: Path) -> None:
    with suppress(FileNotFoundError):
        file.unlink()


#: What befalls a file.
DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut to its half": _cut,
    "empty": _empty,
    "all zeros": _zero,
    "a flipped bit": _flip,
    "removed": _remove,
}
