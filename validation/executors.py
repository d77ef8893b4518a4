"""The same numbers from every executor, whoever dies: `make executors` writes executors.md.

Options: ``--workers-killed N``, ``--mains-killed N`` (how many moments), and names of studies.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from code_commit import code_commit

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests" / "studies"))

from examples import EXAMPLES, LENIENT, example  # noqa: E402
from folders import differences  # noqa: E402

import bayes_cevns as bc  # noqa: E402
from bayes_cevns.inference.settings import SamplerSettings  # noqa: E402
from bayes_cevns.studies.analysis_file import to_toml  # noqa: E402
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

## All studies

Their examples of `tests/studies/examples.py`, computed by two processes, by two workers of a dask
cluster on this machine, and in two shards that are merged. A study of one point has no shards.

| study | points | serial | 2 processes | dask, 2 workers | 2 shards, merged |
| -- | -- | -- | -- | -- | -- |
"""
KILLS = """
## Killed

A scan of {masses} masses of {experiment} ({draws}), {seconds:.1f} s with two processes. *Hit*: it
was not finished when the signal came. *Equal*: the folder in the end is that of a serial run.

| what is killed (SIGKILL) | moments | hit | points kept when hit | equal | other |
| -- | -- | -- | -- | -- | -- |
"""

COMMAND = "from bayes_cevns.cli import main; main()"
SETTINGS = SamplerSettings(draws=100, tune=100, retries=0, gate=LENIENT)
MASSES = [float(f"{10 ** (place / 4):.4g}") for place in range(12)]


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


def workers_killed(
    folder: Path, serial: Path, cluster: Executor, pids: Callable[[], list[int]], moments: int
) -> Tally:
    """Kill one of two workers at moments that are spread over the run."""
    tally = Tally()
    start = time.monotonic()
    run(small_scan(), out=folder / "warm", executor=cluster)
    run(small_scan(), out=folder / "again", executor=cluster)
    seconds = (time.monotonic() - start) / 2
    for number in range(moments):
        out, killed = folder / f"worker-{number}", list[int]()

        def kill(out: Path = out, number: int = number, killed: list[int] = killed) -> None:
            found = pids()
            os.kill(found[number % len(found)], signal.SIGKILL)
            killed.append(kept_in(out))

        timer = threading.Timer(seconds * number / moments, kill)
        timer.start()
        wrong = tried(lambda out=out: run(small_scan(), out=out, executor=cluster))
        timer.cancel()
        timer.join()
        tally.kept += [kept for kept in killed if kept < len(MASSES)]
        tally.count(serial, out, wrong)
    return tally


def mains_killed(
    folder: Path, serial: Path, executor: Executor, moments: int
) -> tuple[Tally, float]:
    """Kill the main process at moments that are spread over the run, and go on."""
    analysis = folder / "analysis.toml"
    analysis.write_text(to_toml(small_scan()))
    tally, seconds = Tally(), 0.0
    for number in range(-2, moments):  # the first two say how long it takes, when it is warm
        out = folder / f"main-{number}"
        start = time.monotonic()
        main = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "run", analysis, "--out", out, "--workers", "2"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            main.wait(None if number < 0 else seconds * (number + 0.5) / moments)
        except subprocess.TimeoutExpired:
            main.kill()
            main.wait()
        if number < 0:
            seconds = time.monotonic() - start
            continue
        if main.returncode == -signal.SIGKILL:
            tally.kept.append(kept_in(out))
        for figure in out.glob("exclusion*"):
            figure.unlink()  # the command draws it, and what goes on here does not
        wrong = tried(lambda out=out: run(small_scan(), out=out, executor=executor))
        tally.count(serial, out, wrong)
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
    """Compute everything in every way, kill, and write the page."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--workers-killed", type=int, default=20)
    asked.add_argument("--mains-killed", type=int, default=50)
    asked.add_argument("studies", nargs="*", default=list(EXAMPLES))
    given = asked.parse_args()
    warnings.simplefilter("ignore")
    from bayes_cevns.studies.execution.choice import processors

    commit = code_commit()
    text = HEAD.format(commit=commit, processors=processors())
    with (
        tempfile.TemporaryDirectory() as name,
        bc.executor(workers=2) as two,
        bc.executor("dask", workers=2) as cluster,
    ):
        folder = Path(name)
        for row in every_study(folder, given.studies, two, cluster):
            print(row, flush=True)
            text += f"{row}\n"
        serial = folder / "serial"
        run(small_scan(), out=serial)

        def pids() -> list[int]:
            return list(cluster.client.run(os.getpid).values())  # type: ignore[attr-defined]

        workers = workers_killed(folder, serial, cluster, pids, given.workers_killed)
        print(workers.row("workers"), flush=True)
        mains, seconds = mains_killed(folder, serial, two, given.mains_killed)
        print(mains.row("mains"), flush=True)
        text += KILLS.format(
            masses=len(MASSES),
            experiment="xenonnt_cevns",
            draws=f"{SETTINGS.chains} x {SETTINGS.draws} draws",
            seconds=seconds,
        )
        text += f"{workers.row('one of two workers of dask')}\n"
        text += f"{mains.row('the main process, with two processes; the same call goes on')}\n"
        OUT.write_text(text)


if __name__ == "__main__":
    main()
