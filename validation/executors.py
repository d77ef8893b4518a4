"""The same numbers from every executor, whoever dies: `make executors` writes executors.md.

Options: ``--workers-killed N``, ``--mains-killed N`` (how many moments), and names of studies.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import distributed  # noqa: F401  # before copies are made of this process, which need it
import numpy as np
from code_commit import code_commit

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests" / "studies"))

from examples import EXAMPLES, LENIENT, example  # noqa: E402
from folders import differences  # noqa: E402

import bayes_cevns as bc  # noqa: E402
from bayes_cevns.inference.settings import SamplerSettings  # noqa: E402
from bayes_cevns.studies.execution.choice import processors  # noqa: E402
from bayes_cevns.studies.execution.executor import Executor  # noqa: E402
from bayes_cevns.studies.run import run  # noqa: E402
from bayes_cevns.studies.scan import ScanStudy  # noqa: E402
from bayes_cevns.studies.study import Study  # noqa: E402

OUT = HERE / "executors.md"
HEAD = """# Executors

Written by `make executors`; do not edit. Code: {commit}, {processors} processors.

Folders are compared file by file with those of a serial run: tables, posterior, record, analysis
and citations, to the last digit, but for when and how long something was computed (`written`,
`seconds`).
"""
KILLS = """
## Killed

A scan of {masses} masses of xenonnt_cevns ({draws}): undisturbed {seconds}. *Hit*: it was not
finished when the SIGKILL came, at moments that are spread evenly over an undisturbed run. *Equal*:
the folder in the end is that of a serial run; where the main process was killed, the same call has
gone on.

| what is killed | moments | hit | points kept when hit | equal | other |
| -- | -- | -- | -- | -- | -- |
"""
STUDIES = """
## All studies

Their examples of `tests/studies/examples.py`, computed by two processes, by two workers of a dask
cluster on this machine, and in two shards that are merged. A study of one point has no shards.

| study | points | serial | 2 processes | dask, 2 workers | 2 shards, merged |
| -- | -- | -- | -- | -- | -- |
"""

SETTINGS = SamplerSettings(draws=100, tune=100, retries=0, gate=LENIENT)
MASSES = [float(f"{10 ** (place / 2):.4g}") for place in range(8)]


def small_scan() -> ScanStudy:
    """Return the scan that is disturbed."""
    return ScanStudy(
        experiments=["xenonnt_cevns"],
        interaction="scalar-universal",
        masses_mev=MASSES,
        settings=SETTINGS,
    )


@dataclass
class Tally:
    """What came of kills.

    Attributes
    ----------
    moments, equal
        How many, and after how many of them the folder was that of a serial run.
    kept
        Of those that came before the end: points that were kept then.
    other
        What was wrong with the rest.
    """

    moments: int = 0
    equal: int = 0
    kept: list[int] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    def count(self, serial: Path, out: Path, wrong: str) -> None:
        """Count one, and forget its folder."""
        self.moments += 1
        wrong = wrong or ", ".join(differences(serial, out))
        self.equal += not wrong
        print(self.moments, wrong or "equal", flush=True)
        if wrong:
            self.other.append(wrong)
        shutil.rmtree(out, ignore_errors=True)

    def row(self, name: str) -> str:
        """Return its line of the table."""
        spread = f"{min(self.kept)} to {max(self.kept)}" if self.kept else "none"
        wrong = "; ".join(self.other) or "none"
        return f"| {name} | {self.moments} | {len(self.kept)} | {spread} | {self.equal} | {wrong} |"


def kept_in(out: Path) -> int:
    """Return how many points a folder keeps."""
    return len(list((out / "points").glob("*.npz")))


class Machines:
    """A dask scheduler and two workers, in processes of their own with nannies."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self._log = (folder / "dask.log").open("wb")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard")
        while not self.file.exists():
            time.sleep(0.1)
        self._start("dask_worker", "--nworkers", "2", "--nthreads", "1", "--no-dashboard")

    def _start(self, name: str, *words: str) -> None:
        text = f"from distributed.cli.{name} import main; main()"
        call = [sys.executable, "-c", text, *words, "--scheduler-file", str(self.file)]
        environment = {**os.environ, "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error"}
        self._processes.append(
            subprocess.Popen(call, env=environment, stdout=self._log, stderr=self._log)
        )

    @property
    def address(self) -> str:
        """The address of the scheduler."""
        return str(json.loads(self.file.read_text())["address"])

    def pids(self) -> list[int]:
        """Return the numbers of the processes that compute."""
        from distributed import Client

        found: list[int] = []
        with Client(self.address, set_as_default=False) as client:
            while len(found) < 2:  # one that was killed may be on the list still
                client.wait_for_workers(2, timeout=120)
                said = client.run(os.getpid, on_error="return").values()
                found = [pid for pid in said if isinstance(pid, int)]
        return found

    def close(self) -> None:
        """End all of them."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait()
        self._log.close()


def started(work: Callable[[], object]) -> int:
    """Start a copy of this process that does some work; it has imported everything already."""
    number = os.fork()
    if number:
        return number
    try:
        work()
    except BaseException as error:  # it is looked at what the folder holds then
        print(f"{type(error).__name__}: {error}", flush=True)
        os._exit(1)
    os._exit(0)


def ended(number: int, seconds: float | None = None) -> int:
    """Wait for a copy to end, at most for so long; return its exit status, negative if killed."""
    end = time.monotonic() + (np.inf if seconds is None else seconds)
    while time.monotonic() < end:
        found, status = os.waitpid(number, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(number, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def scanning(out: Path, **how: Any) -> Callable[[], object]:
    """Return what runs the scan."""
    return lambda: run(small_scan(), out=out, **how)


def duration(folder: Path, **how: Any) -> float:
    """Return how long the scan takes undisturbed, when the workers are warm."""
    for name in ("cold", "warm"):
        start = time.monotonic()
        assert ended(started(scanning(folder / name, **how))) == 0
        shutil.rmtree(folder / name)
    return time.monotonic() - start


def workers_killed(folder: Path, serial: Path, machines: Machines, moments: int) -> Tally:
    """Kill one of two workers at moments that are spread over the run."""
    tally, seconds = Tally(), duration(folder, executor=machines.address)
    for number in range(moments):
        out, pids = folder / f"worker-{number}", machines.pids()
        main = started(scanning(out, executor=machines.address))
        time.sleep(seconds * number / moments)
        kept = kept_in(out)
        os.kill(pids[number % len(pids)], signal.SIGKILL)
        if not (out / "posterior.nc").exists():
            tally.kept.append(kept)
        status = ended(main)
        tally.count(serial, out, f"exit status {status}" if status else "")
    return tally


def mains_killed(
    folder: Path, serial: Path, machines: Machines, moments: int, **how: Any
) -> tuple[Tally, float]:
    """Kill the main process at moments that are spread over the run, and go on."""
    tally, seconds = Tally(), duration(folder, **how)
    for number in range(moments):
        out = folder / f"main-{number}"
        status = ended(started(scanning(out, **how)), seconds * (number + 0.5) / moments)
        if status == -signal.SIGKILL:
            tally.kept.append(kept_in(out))
        status = ended(started(scanning(out, executor=machines.address)))
        tally.count(serial, out, f"exit status {status}" if status else "")
    return tally, seconds


def tried(work: Callable[[], object]) -> str:
    """Do some work, and return what went wrong."""
    try:
        work()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def every_study(folder: Path, kinds: list[str], two: Executor, cluster: Executor) -> Iterator[str]:
    """Yield a line for each study: how long it took, and whether the folders are equal."""
    for kind in kinds:
        study = example(kind)
        serial, seconds = folder / kind / "serial", time.monotonic()
        run(study, out=serial, judged=False)
        cells = [f"{time.monotonic() - seconds:.1f} s"]
        ways: dict[str, Callable[[Study[Any, Any, Any], Path], object]] = {
            "two": lambda own, out: run(own, out=out, judged=False, executor=two),
            "dask": lambda own, out: run(own, out=out, judged=False, executor=cluster),
            "shards": sharded,
        }
        for name, work in ways.items():
            if name == "shards" and study.size() < 2:
                cells.append("one point")
                continue
            out, start = folder / kind / name, time.monotonic()
            wrong = tried(lambda work=work, kind=kind, out=out: work(example(kind), out))
            wrong = wrong or ", ".join(differences(serial, out))
            cells.append(wrong or f"equal, {time.monotonic() - start:.1f} s")
        yield f"| {kind} | {study.size()} | {' | '.join(cells)} |"


def sharded(study: Study[Any, Any, Any], out: Path) -> None:
    """Compute an example in two shards, and merge them."""
    parent = out.with_name("shards-of-it")
    for place in (1, 2):
        bc.run_shard(study, f"{place}/2", out=parent)
    bc.merge(parent, out=out)


def main() -> None:
    """Kill, compute everything in every way, and write the page as it grows."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--workers-killed", type=int, default=20)
    asked.add_argument("--mains-killed", type=int, default=50)
    asked.add_argument("studies", nargs="*", default=list(EXAMPLES))
    given = asked.parse_args()
    warnings.simplefilter("ignore")
    text = HEAD.format(commit=code_commit(), processors=processors())
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        serial = folder / "serial"
        run(small_scan(), out=serial)
        machines = Machines(folder)
        stack.callback(machines.close)
        for row in kills(folder, serial, machines, given):
            text += row
            OUT.write_text(text)
        text += STUDIES
        two = stack.enter_context(bc.executor(workers=2))
        cluster = stack.enter_context(bc.executor(machines.address))
        for row in every_study(folder, given.studies, two, cluster):
            print(row, flush=True)
            text += f"{row}\n"
            OUT.write_text(text)


def kills(
    folder: Path, serial: Path, machines: Machines, given: argparse.Namespace
) -> Iterator[str]:
    """Yield the lines about kills."""
    on_dask = given.mains_killed - given.mains_killed // 5
    ways = {
        "the main process, with dask": (on_dask, {"executor": machines.address}),
        "the main process, with two processes": (given.mains_killed - on_dask, {"workers": 2}),
    }
    workers = workers_killed(folder, serial, machines, given.workers_killed)
    rows = [workers.row("one of two workers of dask")]
    print(rows[0], flush=True)
    times = []
    for name, (moments, how) in ways.items():
        tally, seconds = mains_killed(folder, serial, machines, moments, **how)
        rows.append(tally.row(name))
        times.append(f"{seconds:.1f} s {name.partition(', ')[2]}")
        print(rows[-1], flush=True)
    yield KILLS.format(
        masses=len(MASSES),
        draws=f"{SETTINGS.chains} x {SETTINGS.draws} draws",
        seconds=", ".join(times),
    )
    yield "".join(f"{row}\n" for row in rows)


if __name__ == "__main__":
    main()
