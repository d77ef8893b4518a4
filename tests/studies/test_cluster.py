"""A dask cluster: the same folder, whoever dies, and refusals in one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from examples import example
from folders import differences

from bayes_cevns.cli import main
from bayes_cevns.errors import ArgumentError, WorkerError
from bayes_cevns.studies.execution import cluster
from bayes_cevns.studies.run import run

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

#: Each takes a while, so that a worker that is killed has one.
PROFILE: dict[str, Any] = {
    "masses_mev": [1.0, 3.0, 10.0, 30.0, 100.0, 300.0],
    "calibrate": "toys",
    "toys": 50,
}
WORKER = "from distributed.cli.dask_worker import main; main()"


class Machines:
    """A scheduler and workers in processes of their own.

    Of a point that a worker dies at, the scheduler despairs at once: dask does so at the fourth.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "scheduler.json"
        self.scheduler = self._start(
            "from distributed.cli.dask_scheduler import main; main()",
            *("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-jupyter"),
            *("--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(self.file)),
        )
        until(self.file.exists)
        self.address = str(json.loads(self.file.read_text())["address"])
        self.workers: list[subprocess.Popen[bytes]] = []

    def worker(self, before: str = "") -> None:
        """Add a worker that runs some Python first."""
        words = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        self.workers.append(self._start(before + WORKER, self.address, *words))
        number = len(self.workers)
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(number, timeout=120)

    def _start(self, text: str, *words: str) -> subprocess.Popen[bytes]:
        settings = {
            **os.environ,
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
            "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
        }
        with (self.folder / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", text, *words], env=settings, stdout=log, stderr=log
            )

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with ExitStack() as stack:
        folder = tmp_path / "machines"
        folder.mkdir()
        made = Machines(folder)
        stack.callback(made.close)
        yield made


def until(true: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)


def test_a_cluster_whose_worker_dies_writes_the_folder_of_a_serial_run(
    machines: Machines, tmp_path: Path
) -> None:
    machines.worker()
    machines.worker()
    killed: list[int] = []

    def kill(_: object) -> None:
        if not killed:
            killed.append(machines.workers[0].pid)
            machines.workers[0].send_signal(signal.SIGKILL)

    study = example("profile", **PROFILE)
    run(study, out=tmp_path / "out", executor=machines.address, on_point=kill)
    assert killed
    run(study, out=tmp_path / "serial")
    assert differences(tmp_path / "serial", tmp_path / "out") == []
    with distributed.Client(machines.address, set_as_default=False) as client:
        again = example("profile")
        run(again, out=tmp_path / "client", executor=client)
        assert client.status == "running"
        run(again, out=tmp_path / "alone")
    assert differences(tmp_path / "alone", tmp_path / "client") == []


def test_a_scheduler_that_is_lost(machines: Machines, tmp_path: Path) -> None:
    """What is finished is kept, and the same study goes on without it."""
    machines.worker()
    study = example("profile", **PROFILE)

    def kill(_: object) -> None:
        machines.scheduler.kill()

    soon = {"distributed.comm.timeouts.connect": "3s"}
    with (
        dask.config.set(soon),
        pytest.raises(WorkerError, match=r"the scheduler at tcp://\S+ is lost"),
    ):
        run(study, out=tmp_path / "out", executor=machines.address, on_point=kill)
    kept = list((tmp_path / "out" / "points").glob("[0-9]*.npz"))
    assert 1 <= len(kept) < len(PROFILE["masses_mev"])
    run(study, out=tmp_path / "out")
    run(study, out=tmp_path / "serial")
    assert differences(tmp_path / "serial", tmp_path / "out") == []


def test_a_worker_of_another_version_is_refused(machines: Machines, tmp_path: Path) -> None:
    machines.worker("import bayes_cevns; bayes_cevns.__version__ = '0.0.9'; ")
    says = r"worker at tcp://\S+ is refused.*bayes_cevns 0\.1\.0 here, 0\.0\.9 there"
    with pytest.raises(WorkerError, match=says):
        run(example("profile"), out=tmp_path / "out", executor=machines.address)
    assert not (tmp_path / "out").exists()


def test_nobody_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out, start = tmp_path / "out", time.monotonic()
    words = ["profile", "xenonnt_2024_s2", "--interaction", "scalar-universal", "--masses", "10"]
    words += ["--scheduler", "tcp://127.0.0.1:9", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("bayes-cevns: no dask scheduler answers at tcp://127.0.0.1:9")
    assert time.monotonic() - start < 60  # most of it are imports, on a busy machine
    assert not out.exists()


@pytest.mark.parametrize("address", ["tcp://", "a:b:c", "http://127.0.0.1:9", "127.0.0.1:99999"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises((WorkerError, ArgumentError)) as caught:
        cluster.at(address)
    assert "\n" not in str(caught.value)


def test_a_client_that_is_closed(machines: Machines) -> None:
    client = distributed.Client(machines.address, set_as_default=False)
    client.close()
    with pytest.raises(WorkerError, match="is not connected"):
        cluster.of(client)
