"""A profile scan that is killed, again and again: run by `test_killed_studies.py`.

    python killed_study.py FOLDER

The likelihood is compiled once; each scan is a process of its own, a copy of this one. It prints
what went wrong, a line each.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

from bayes_cevns.cards import experiment
from bayes_cevns.errors import OutputError
from bayes_cevns.inference.profile import likelihood
from bayes_cevns.studies import profile as module

SMALL = "xenonnt_2024_s2"
OPTIONS = {"interaction": "scalar-universal", "masses_mev": [1.0, 10.0, 100.0]}
TEXTS = ("limits_cl.csv", "intervals_cl.csv", "citations.bib")

FINISHED, REFUSED, STOPPED = 0, 7, 8


def scan(out: Path) -> module.ProfileScan:
    """Profile at three masses."""
    return module.profile_scan([experiment(SMALL)], out=out, **OPTIONS)


def child(work: Callable[[], object]) -> int:
    """Start a copy of this process that does some work and ends; return its number."""
    number = os.fork()
    if number:
        return number
    status = 1
    try:
        work()
        status = FINISHED
    except OutputError as error:
        status = REFUSED if "is in use by process" in str(error) else 1
    except KeyboardInterrupt:
        status = STOPPED
    finally:
        os._exit(status)


def ended(number: int) -> int:
    """Return the status of a process that has ended; that of a signal is negative."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def dying(out: Path, moment: int, kill: signal.Signals) -> Callable[[], object]:
    """Return a scan that is killed before it flushes a file or a folder for the nth time."""

    def work() -> object:
        real, calls = os.fsync, []

        def fsync(handle: int) -> None:
            calls.append(handle)
            if len(calls) == moment:
                os.kill(os.getpid(), kill)
                time.sleep(0.2)  # an interrupt arrives between two lines of Python
            real(handle)

        os.fsync = fsync
        return scan(out)

    return work


def check_kills(folder: Path, whole: Path) -> list[str]:
    """Kill a scan at every moment at which it writes, and go on with it."""
    wrong = []
    for kill in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        for moment in range(1, 40, 1 if kill == signal.SIGKILL else 4):
            out = folder / f"{kill.name}-{moment}"
            status = ended(child(dying(out, moment, kill)))
            if status == FINISHED and kill != signal.SIGINT:
                break  # so many times it does not write
            if status not in (-kill, STOPPED, FINISHED):
                wrong.append(f"{out.name}: ended with {status}")
            if ended(child(lambda out=out: scan(out))) != FINISHED:
                wrong.append(f"{out.name}: did not go on")
            wrong += differences(out, whole)
        else:
            moment = 0
        if kill == signal.SIGKILL and moment < 10:
            wrong.append(f"it was killed at {moment} moments only")
    return wrong


def check_two(folder: Path, whole: Path) -> list[str]:
    """Start two scans in one folder at once: one does the work, the other is refused."""
    out = folder / "two"
    both = [child(lambda: scan(out)) for _ in range(2)]
    statuses = sorted(map(ended, both))
    wrong = differences(out, whole)
    if statuses != [FINISHED, REFUSED]:
        wrong.append(f"two at once ended with {statuses}")
    return wrong


def check_a_finished_one(folder: Path, whole: Path) -> list[str]:
    """Interrupt a scan that is finished already: it stays finished."""
    out = folder / "again"
    scan(out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    def work() -> object:
        return module.profile_scan([experiment(SMALL)], out=out, on_point=stop, **OPTIONS)

    status = ended(child(work))
    wrong = differences(out, whole)
    after = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    if status != STOPPED or after != before:
        wrong.append(f"interrupted again: {status}, {sorted(set(after) ^ set(before))}")
    return wrong


def differences(out: Path, whole: Path) -> list[str]:
    """Return what is not as in the folder of a scan that nothing disturbed."""
    wrong = [
        f"{out.name}: {name} differs"
        for name in TEXTS
        if (out / name).read_bytes() != (whole / name).read_bytes()
    ]
    found, expected = ({p.name for p in path.rglob("*")} for path in (out, whole))
    if found != expected:
        wrong.append(f"{out.name}: {sorted(found ^ expected)} are left or missing")
    if 'status = "complete"' not in (out / "run.toml").read_text():
        wrong.append(f"{out.name}: is not complete")
    return wrong


def main() -> None:
    """Do all of it in a folder."""
    folder = Path(sys.argv[1])
    # Of threads that wait for work; the copies do not use them.
    warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
    likelihood.Likelihood = cache(likelihood.Likelihood)  # it compiles once
    whole = folder / "whole"
    scan(whole)
    for check in (check_kills, check_two, check_a_finished_one):
        print(*check(folder, whole), sep="\n", end="")


if __name__ == "__main__":
    main()
