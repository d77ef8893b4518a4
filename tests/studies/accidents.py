"""Accidents of studies: killed, interrupted, started twice, and with files that are damaged.

Each accident happens in a copy of this process, made by fork, in which everything is compiled
already: it takes a fraction of a second.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from copies import FINISHED, REFUSED, STOPPED, End, done, ended, killed_after, start
from damages import DAMAGES
from examples import perform
from verdict import Undisturbed, content_of, reading, running

#: What a process does to files; a process is killed before one of them.
MOMENTS = ("fsync", "replace", "link", "unlink", "mkdir", "rmdir")


def stopped_at(work: Callable[[], object], moment: int, kill: signal.Signals) -> Callable[[], int]:
    """Return some work that gets a signal before its nth call of `MOMENTS`; it counts them."""

    def stopped() -> int:
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
        work()
        return count

    return stopped


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

    @property
    def undisturbed(self) -> Undisturbed:
        """What folders are compared with."""
        return Undisturbed(self.kind, self.whole, self.note)

    def moments(self) -> int:
        """Return at how many moments a run can be stopped."""
        out = self.folder / "counted"
        end = done(stopped_at(running(self.kind, out), 0, signal.SIGINT), self.note)
        assert end.how == FINISHED, end
        shutil.rmtree(out)
        return int(end.value)

    def seconds(self) -> float:
        """Return how long an undisturbed run takes in a copy."""
        out, begin = self.folder / "timed", time.monotonic()
        end = done(running(self.kind, out), self.note)
        assert end.how == FINISHED, end
        shutil.rmtree(out)
        return time.monotonic() - begin

    def stop(self, kill: signal.Signals, moments: Iterable[int]) -> Tally:
        """Stop a run before some of its calls that change files, and go on with it."""
        tally = Tally()
        for moment in moments:
            out = self.folder / f"{self.kind}-{kill.name}-call-{moment}"
            end = done(stopped_at(running(self.kind, out), moment, kill), self.note)
            self.count(tally, out, end, kill.name, STOPPED, FINISHED)
        return tally

    def stop_after(self, kill: signal.Signals, seconds: Iterable[float]) -> Tally:
        """Stop a run some times after its beginning, wherever it is then, and go on with it."""
        tally = Tally()
        for time_ in seconds:
            out = self.folder / f"{self.kind}-{kill.name}-after-{time_:.4f}"
            number = start(running(self.kind, out), self.note)
            end = killed_after(time_, number, self.note, kill)
            self.count(tally, out, end, kill.name, STOPPED, FINISHED)
        return tally

    def count(self, tally: Tally, out: Path, end: End, *ends: str) -> None:
        """Count an accident that ended in some way, after its run has gone on.

        Parameters
        ----------
        tally
            What it is counted in.
        out
            The folder.
        end, ends
            How the run ended, and how it might.
        """
        wrong = "" if end.how in ends else f"ended: {end.how} {end.text}"
        badly, refusal = self.undisturbed.afterwards(out)
        wrong = wrong or badly or refusal
        tally.count(wrong and f"{out.name}: {wrong}")
        self._remove(out, keep=bool(wrong))

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
            wrong = wrong or self.undisturbed.not_whole(out, done(reading(out), self.note))
            tally.count(wrong and f"{out.name}: {wrong}")
            self._remove(out, keep=bool(wrong))
        return tally

    def stop_a_finished_one(self) -> Tally:
        """Interrupt a run that is finished already: no file is touched."""
        tally = Tally()
        out = self.folder / f"{self.kind}-again"
        shutil.copytree(self.whole, out)
        before = content_of(out)

        def stop(_: object) -> None:
            raise KeyboardInterrupt

        end = done(lambda: perform(self.kind, out, stop), self.note)
        wrong = "" if end.how == STOPPED else f"ended: {end.how} {end.text}"
        if content_of(out) != before:
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
            wrong, refusal = self.undisturbed.afterwards(out, expected)
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
            done(stopped_at(running(self.kind, out), middle, signal.SIGKILL), self.note)
        return out

    @staticmethod
    def _remove(out: Path, *, keep: bool = False) -> None:
        if not keep:
            shutil.rmtree(out, ignore_errors=True)
