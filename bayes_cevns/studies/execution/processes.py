"""Worker processes of this machine: fresh interpreters, each with a study that it has compiled."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import threading
import warnings
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, Any

from bayes_cevns.errors import WorkersWarning
from bayes_cevns.studies.execution.choice import cores_of_each, processors
from bayes_cevns.studies.execution.executor import Deaths, Pool
from bayes_cevns.studies.execution.frames import read_frame, write_frame
from bayes_cevns.studies.execution.task import Failure, Outcome, Task, Unit

#: A script of a user is not imported anew, as `multiprocessing` does: it needs no guard.
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from bayes_cevns.studies.execution.process import main; main()"
)


class Processes(Pool):
    """Worker processes; they start when the first point is asked for.

    Parameters
    ----------
    workers
        How many.

    Warns
    -----
    WorkersWarning
        If they are more than the processors.

    Notes
    -----
    Each worker has one point at a time, so that a worker that dies loses one, which another one
    computes again. Of the chains of a point a worker samples as many at once as there are
    processors for each worker; no draw depends on it.
    """

    pickles = True

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._there: list[_Worker] = []
        self._answers: SimpleQueue[tuple[_Worker, bytes | None]] = SimpleQueue()
        if workers > processors():
            warnings.warn(
                f"{workers} workers share {processors()} processors: they take turns",
                WorkersWarning,
                stacklevel=4,
            )

    @property
    def pids(self) -> list[int]:
        """Numbers of the processes that run."""
        return [worker.pid for worker in self._there]

    def cores(self) -> int:
        """Return how many chains a worker samples at the same time."""
        return cores_of_each(self.workers)

    def outcomes(self, task: Task, units: Iterator[Unit], number: int) -> Generator[Outcome]:
        """Compute points; see `Pool.outcomes`."""
        deaths, again = Deaths(), deque[Unit]()
        while len(self._there) < min(self.workers, number):
            self._there.append(_Worker(self._answers))
        busy: dict[_Worker, Unit] = {}
        try:
            while True:
                for worker in self._there:
                    if worker not in busy:
                        unit = again.popleft() if again else next(units, None)
                        if unit is None:
                            break
                        busy[worker] = unit
                        worker.give(task, unit)
                if not busy:
                    return
                worker, frame = self._answers.get()
                unit = busy.pop(worker, None)
                if frame is None and worker in self._there:
                    how = worker.end()
                    self._there[self._there.index(worker)] = _Worker(self._answers)
                    if unit is not None:
                        deaths.count(unit, how)
                        again.append(unit)
                if frame is None or unit is None:
                    continue  # the last words of one that has ended
                found = pickle.loads(frame)
                if isinstance(found, Failure):
                    found.raise_it()
                yield found
        finally:
            for worker in busy:  # what they compute is not wanted any more
                worker.end()
                self._there.remove(worker)

    def close(self) -> None:
        """End all workers at once."""
        for worker in self._there:
            worker.end()
        self._there.clear()


class _Worker:
    """One process, and a thread that listens to it."""

    def __init__(self, answers: SimpleQueue[tuple[_Worker, bytes | None]]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C in a terminal goes to the group of the main process, which ends the others.
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(answers,), daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def give(self, task: Task, unit: Unit) -> None:
        """Give it a point; if it is dead, the listener has said so or will."""
        with suppress(OSError):
            write_frame(self._pipe(self._process.stdin), pickle.dumps((task, unit)))

    def end(self) -> str:
        """End it, and return how it ended."""
        with suppress(OSError):
            self._process.kill()
        status = self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                self._pipe(pipe).close()
        return f"signal {-status}" if status < 0 else f"exit status {status}"

    def _listen(self, answers: SimpleQueue[tuple[_Worker, bytes | None]]) -> None:
        frame: bytes | None = b""
        while frame is not None:
            frame = read_frame(self._pipe(self._process.stdout))
            answers.put((self, frame))

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[Any]:
        assert pipe is not None, "both pipes are asked for"
        return pipe
