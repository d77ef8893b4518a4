"""The lock of a folder: one process at a time, and none for ever."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bayes_cevns.errors import OutputError
from bayes_cevns.storage import atomic
from bayes_cevns.storage.lock import Lock
from bayes_cevns.storage.owner import Owner, is_running

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are looked up as in POSIX")

HOLD = """
import sys, time
from pathlib import Path
from bayes_cevns.storage.lock import Lock
Lock.acquire(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""

#: Takes the lock again and again; inside, makes a file that nobody else may have made.
CONTEST = """
import sys
from pathlib import Path
from bayes_cevns.errors import OutputError
from bayes_cevns.storage.lock import Lock
lock, inside, rounds = Path(sys.argv[1]), Path(sys.argv[2]), 0
while rounds < 30:
    try:
        with Lock.acquire(lock):
            inside.touch(exist_ok=False)
            inside.unlink()
            rounds += 1
    except OutputError:
        pass
"""


def start(script: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def killed_holder(path: Path) -> None:
    """Leave the lock of a process that was killed."""
    with start(HOLD, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(OutputError, match=f"in use by process {process.pid} on "):
            Lock.acquire(path)
        process.send_signal(signal.SIGKILL)
        # Ended, but not yet asked how: it runs no more.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not is_running(process.pid) or not Path("/proc").is_dir()
    assert path.exists()


def test_a_lock_says_who_has_it_since_when_and_how_to_remove_it(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    with Lock.acquire(path) as lock:
        expected = (
            f"{tmp_path} is in use by process {os.getpid()} (this one) on {lock.owner.host} since "
            f"{lock.owner.since}: wait for it or choose another --out; if you know that it has "
            f"ended, remove {path}"
        )
        with pytest.raises(OutputError, match=f"^{re.escape(expected)}$"):
            Lock.acquire(path)
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    killed_holder(path)
    with Lock.acquire(path) as lock:
        assert Owner.from_text(path.read_text()) == lock.owner
        assert [each.name for each in tmp_path.iterdir()] == ["run.lock"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        ({}, False),
        ({"pid": 2**22 + 1}, True),
        ({"pid": 10**30}, True),
        ({"started": "1"}, True),
        ({"host": "elsewhere", "pid": 2**22 + 1}, False),
        ({"boot": "before", "space": "other"}, True),
        ({"space": "pid:[1]", "pid": 2**22 + 1}, False),
    ],
    ids=["this", "no such", "no number", "number reused", "host", "restarted", "container"],
)
def test_who_is_known_to_be_gone(change: dict[str, object], gone: bool, tmp_path: Path) -> None:
    """Only a process of this host and container, or of this host before it was restarted."""
    if not Path("/proc/self/stat").exists() and {"started", "boot"} & set(change):
        pytest.skip("this system does not tell when a process started")
    owner = replace(Owner.this_process(), **change)  # type: ignore[arg-type]
    assert owner.is_gone() == gone
    path = tmp_path / "run.lock"
    path.write_text(owner.to_text())
    if gone:
        Lock.acquire(path).release()
        assert not path.exists()
    else:
        with pytest.raises(OutputError, match=f"in use by process {owner.pid}"):
            Lock.acquire(path)
        assert path.read_text() == owner.to_text()


@pytest.mark.parametrize("text", ["", "\0" * 20, "{}", "[1]", '{"host": "a"}', "7"])
def test_a_damaged_lock_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    path.write_text(text)
    with pytest.raises(OutputError, match=r"its lock is damaged.*remove .*run\.lock"):
        Lock.acquire(path)


def test_a_lock_that_is_not_ours_any_more_is_left(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    lock = Lock.acquire(path)
    path.write_text(Owner.this_process().to_text())  # removed by hand, and taken by another
    lock.release()
    assert path.exists()


def test_where_there_are_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "run.lock"
    with Lock.acquire(path), pytest.raises(OutputError, match="this one"):
        Lock.acquire(path)
    assert list(tmp_path.iterdir()) == []


def test_of_many_processes_one_at_a_time_has_a_lock_that_was_left(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    killed_holder(path)
    contestants = [start(CONTEST, path, tmp_path / "inside") for _ in range(4)]
    for process in contestants:
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr
    assert list(tmp_path.iterdir()) == []


def test_temporary_files_of_others_are_removed_when_they_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that writes its figures has let go of the folder, and needs its own."""
    ours = atomic.new_file(tmp_path / "exclusion.png")
    with start("import time; time.sleep(60)") as other:
        monkeypatch.setattr(os, "getpid", lambda: other.pid)
        theirs = atomic.new_file(tmp_path / "exclusion.png")
        monkeypatch.setattr("bayes_cevns.storage.atomic.host_name", lambda: "elsewhere.example")
        elsewhere = atomic.new_file(tmp_path / "run")
        monkeypatch.undo()
        atomic.remove_temporaries(tmp_path)
        assert {ours, theirs, elsewhere} == set(tmp_path.iterdir())
        other.kill()
    atomic.remove_temporaries(tmp_path)
    assert {ours, elsewhere} == set(tmp_path.iterdir())
    os.utime(elsewhere, (0, 0))
    atomic.remove_temporaries(tmp_path)
    assert {ours} == set(tmp_path.iterdir())
