"""Executors: the same folder to the last digit, whoever computes, and whoever dies."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from examples import EXPERIMENT, example
from folders import differences

import bayes_cevns as bc
from bayes_cevns.cards import experiment
from bayes_cevns.errors import ArgumentError, WorkerError, WorkersWarning
from bayes_cevns.storage.record import identity
from bayes_cevns.studies.execution import processes
from bayes_cevns.studies.execution.environment import Environment
from bayes_cevns.studies.execution.processes import Processes
from bayes_cevns.studies.execution.task import Task
from bayes_cevns.studies.run import run

pytestmark = pytest.mark.filterwarnings("ignore::bayes_cevns.errors.PrecisionWarning")

#: Quick to compute: minima, and toys beside them.
MASSES = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0]
PROFILE: dict[str, Any] = {"masses_mev": MASSES, "calibrate": "toys", "toys": 50}


@pytest.fixture(scope="module")
def two() -> Iterator[Processes]:
    """Two workers for the whole module: they take one study after the other."""
    with Processes(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return the folder of an example that was computed serially."""
    parent = tmp_path_factory.mktemp("serial")

    def of(kind: str, **asked: Any) -> Path:
        out = parent / f"{kind}-{len(asked)}"
        if not out.exists():
            run(example(kind, **asked), out=out, judged=False)
        return out

    return of


@pytest.mark.parametrize(
    "kind",
    ["scan", "couplings", "compare", "calibrate", "calibrate-couplings", "coverage-couplings"],
)
def test_workers_write_the_folder_of_a_serial_run(
    kind: str, serial: Callable[..., Path], two: Processes, tmp_path: Path
) -> None:
    """One study of each kind of store; `make executors` compares all of them."""
    run(example(kind), out=tmp_path / "two", judged=False, executor=two)
    assert differences(serial(kind), tmp_path / "two") == []


def test_toys_beside_the_points_are_those_of_a_serial_run(
    serial: Callable[..., Path], two: Processes, tmp_path: Path
) -> None:
    run(example("profile", **PROFILE), out=tmp_path / "two", executor=two)
    assert differences(serial("profile", **PROFILE), tmp_path / "two") == []


def test_a_study_may_be_run_in_two_folders(tmp_path: Path) -> None:
    """What it remembers of the first folder is not missing in the second."""
    study = example("profile", masses_mev=[10.0], calibrate="toys", toys=50)
    for name in ("one", "two"):
        run(study, out=tmp_path / name)
    assert differences(tmp_path / "one", tmp_path / "two") == []
    assert len((tmp_path / "two" / "toys.csv").read_text().splitlines()) > 1


def test_a_worker_that_dies_loses_nothing(
    serial: Callable[..., Path], two: Processes, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill(_: object) -> None:
        if len(killed) < 2:
            killed.append(two.pids[len(killed)])
            os.kill(killed[-1], signal.SIGKILL)

    study = example("profile", **PROFILE)
    run(study, out=tmp_path / "out", executor=two, on_point=kill)
    assert len(killed) == 2
    assert not set(killed) & set(two.pids)
    assert differences(serial("profile", **PROFILE), tmp_path / "out") == []


def test_workers_that_always_die(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(processes, "_BOOT", "import os; os._exit(7)")
    with pytest.raises(WorkerError, match=r"3 workers died .* at point 0 \(exit status 7\)"):
        run(example("profile"), out=tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()


OTHERS = {
    "import bayes_cevns; bayes_cevns.__version__ = '0.0.9'": (
        r"bayes_cevns 0\.1\.0 where the study was started, 0\.0\.9 in the worker"
    ),
    "import importlib.metadata as m; v = m.version; "
    "m.version = lambda name: '1.0' if name == 'numpy' else v(name)": (
        r"numpy [\d.]+ where the study was started, 1\.0 in the worker"
    ),
    "from bayes_cevns.storage import record; record.used_checksums = dict; "
    "from bayes_cevns.studies.execution import environment; environment.used_checksums = dict": (
        r"the tables \w+ where the study was started, \w+ in the worker"
    ),
}


@pytest.mark.parametrize("change", OTHERS)
def test_a_worker_of_another_version_is_refused(
    change: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before, after = processes._BOOT.split("; from bayes_cevns", 1)
    monkeypatch.setattr(processes, "_BOOT", f"{before}\n{change}\nfrom bayes_cevns{after}")
    with pytest.raises(WorkerError, match=OTHERS[change]):
        run(example("profile"), out=tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()


def test_a_worker_whose_words_mean_something_else_is_refused() -> None:
    study = example("profile")
    study.store(None)
    task = Task.of(study, cores=None, pickles=False)
    object.__setattr__(task, "request", {**task.request, "level": 0.95})
    with pytest.raises(WorkerError, match=r"level: 0\.9 there, 0\.95 asked for"):
        task.study()


def test_a_copy_with_edited_code_is_another_version() -> None:
    here = Environment.here()
    other = Environment(here.versions, "0123456789ab", here.data, here.processor)
    assert "with the code" in here.difference(other)
    assert here.difference(here) == ""


def test_what_was_made_in_python_goes_to_workers_and_not_to_a_cluster(
    two: Processes, tmp_path: Path
) -> None:
    found = experiment(EXPERIMENT)
    louder = replace(found, observed=found.observed + 1.0)
    study = example("profile", experiments=[louder])
    study.store(None)
    with pytest.raises(ArgumentError, match=f"made in Python with the experiment {EXPERIMENT}"):
        Task.of(study, cores=None, pickles=False)
    run(study, out=tmp_path / "serial")
    run(study, out=tmp_path / "two", executor=two)
    assert differences(tmp_path / "serial", tmp_path / "two") == []


FLUX = """# energy_unit = MeV
# flux_unit = 1/(cm2 s MeV)
# name = my-8b
energy,nu_e
1.0,2e5
15.0,1e5
"""


def test_a_flux_of_a_user_goes_with_the_words(tmp_path: Path) -> None:
    file = tmp_path / "my_flux.csv"
    file.write_text(FLUX)
    changed = experiment(EXPERIMENT).with_source(bc.source(str(file)))
    study = example("profile", experiments=[changed])
    study.store(None)
    task = Task.of(study, cores=None, pickles=False)
    file.unlink()
    assert task.words["source"] == str(file)
    assert identity(task.study().request()) == identity(study.request())


def test_each_worker_samples_as_many_chains_as_there_are_processors_for_it() -> None:
    study = example("scan")
    study.store(None)
    assert Task.of(study, cores=1, pickles=False).study().settings.cores == 1
    assert Task.of(study, cores=64, pickles=False).study().settings.cores == study.settings.cores


def test_more_workers_than_processors_are_said() -> None:
    with pytest.warns(WorkersWarning, match="10000 workers share"):
        Processes(10_000).close()


COMPUTE = "from bayes_cevns.studies.profile import ProfileStudy; ProfileStudy.compute = "


@pytest.mark.parametrize(
    ("compute", "kind", "note"),
    [
        ("lambda self, number: 1 / 0", ZeroDivisionError, "in a worker:\nTraceback"),
        ("lambda self, number: self.masses_of_the_moon", AttributeError, "in a worker:"),
        ("lambda self, number: self.option('x')", KeyError, "in a worker:"),
    ],
)
def test_errors_come_back_from_a_worker(
    compute: str,
    kind: type[Exception],
    note: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    before, after = processes._BOOT.split("; from bayes_cevns", 1)
    text = f"{before}\n{COMPUTE}{compute}\nfrom bayes_cevns{after}"
    monkeypatch.setattr(processes, "_BOOT", text)
    with pytest.raises(kind) as caught:
        run(example("profile"), out=tmp_path / "out", workers=1)
    assert note in caught.value.__notes__[0]


def test_an_error_of_the_main_process_ends_what_workers_compute(
    two: Processes, tmp_path: Path
) -> None:
    study = example("profile")
    with pytest.raises(ZeroDivisionError):
        run(study, out=tmp_path / "out", executor=two, on_point=lambda _: 1 / 0)
    run(study, out=tmp_path / "out", executor=two)
    run(study, out=tmp_path / "serial")
    assert differences(tmp_path / "serial", tmp_path / "out") == []


BAD = {
    "no worker": ({"workers": 0}, "expected 1 <= a number of workers|workers"),
    "a word": ({"executor": "cloud"}, "expected one of serial, processes, dask"),
    "serial with workers": ({"executor": "serial", "workers": 2}, "'serial' has none, got 2"),
    "an address with workers": ({"executor": "tcp://a:1", "workers": 2}, "workers of its own"),
}


@pytest.mark.parametrize("case", BAD)
def test_executors_that_cannot_be(case: str, tmp_path: Path) -> None:
    asked, says = BAD[case]
    with pytest.raises(ArgumentError, match=says):
        run(example("profile"), out=tmp_path / "out", **asked)
    assert not (tmp_path / "out").exists()


def command(out: Path, *words: str) -> list[str]:
    main = "from bayes_cevns.cli import main; main()"
    masses = ",".join(map(str, MASSES))
    asked = ["profile", EXPERIMENT, "--interaction", "scalar-universal", "--masses", masses]
    asked += ["--calibrate", "toys", "--toys", "50", "--out", str(out)]
    return [sys.executable, "-c", main, *asked, *words]


def children(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False
    )
    return [int(word) for word in found.stdout.split()]


def running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes of Linux")
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL])
def test_a_main_process_that_is_stopped_takes_its_workers_along(
    kill: signal.Signals, tmp_path: Path
) -> None:
    """What is finished is kept, nobody computes on, and the same command goes on."""
    out = tmp_path / "out"
    with subprocess.Popen(command(out, "--workers", "2"), stderr=subprocess.PIPE) as main:
        until(lambda: len(children(main.pid)) == 2)
        workers = children(main.pid)
        until(lambda: list((out / "points").glob("[0-9]*.npz")))  # not what is being written
        main.send_signal(kill)  # at once: the other points take a second
        start = time.monotonic()
        _, said = main.communicate(timeout=30)
        assert time.monotonic() - start < 10
    assert main.returncode == (130 if kill == signal.SIGINT else -kill)
    if kill == signal.SIGINT:
        *_, interrupted, kept_in = said.decode().splitlines()
        assert re.search(r"points, .*interrupted after ", interrupted)
        assert kept_in.startswith("what is finished is kept in ")
    until(lambda: not any(map(running, workers)))
    kept = len(list((out / "points").glob("[0-9]*.npz")))
    assert 1 <= kept < len(MASSES)
    subprocess.run(command(out, "--workers", "2"), check=True, capture_output=True)
    subprocess.run(command(tmp_path / "serial"), check=True, capture_output=True)
    assert differences(tmp_path / "serial", out) == []


def until(true: Callable[[], Any], seconds: float = 120) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.01)
