"""Points on a dask cluster; the only module that imports dask."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from typing import Any

from bayes_cevns.errors import WorkerError, WorkersWarning, shown
from bayes_cevns.studies.execution.choice import cores_of_each
from bayes_cevns.studies.execution.environment import Environment
from bayes_cevns.studies.execution.executor import Deaths, Pool
from bayes_cevns.studies.execution.task import Failure, Outcome, Task, Unit
from bayes_cevns.studies.execution.worker import answer

#: Seconds to wait for a scheduler.
TIMEOUT_S = 5

#: Points that the scheduler has at the same time for each worker: one that it computes and one
#: that waits for it. Results are taken as they come, so that the cluster holds no more than these.
_WINDOW = 2


class Cluster(Pool):
    """Points on a dask cluster.

    Parameters
    ----------
    client
        What is connected to it, a `distributed.Client`.
    cores
        Chains that each worker samples at the same time; ``None`` for those of the settings.
    owned
        What is closed with it, in this order: the client, unless it was given, and the cluster.
    """

    def __init__(
        self, client: Any, *, cores: int | None = None, owned: tuple[Any, ...] = ()
    ) -> None:
        self.client = client
        self._cores, self._owned = cores, owned

    def cores(self) -> int | None:
        """Return how many chains a worker samples at the same time."""
        return self._cores

    def close(self) -> None:
        """Leave the cluster, or end it if it was made for this executor."""
        for one in self._owned:
            one.close()

    def outcomes(self, task: Task, units: Iterator[Unit], number: int) -> Generator[Outcome]:  # noqa: ARG002  # the scheduler knows its workers
        """Compute points; see `Pool.outcomes`."""
        from distributed import as_completed

        check_workers(self.client, task.environment)
        run, deaths = secrets.token_hex(4), Deaths()
        asked: dict[Any, Unit] = {}
        done = as_completed(loop=self.client.loop)

        def ask(unit: Unit, attempt: int = 0) -> None:
            # A key of its own: dask would take the result of an equal task that it knows.
            key = f"bayes-cevns-{run}-{unit.number}-{attempt}"
            future = self.client.submit(answer, task, unit, key=key, pure=False)
            asked[future] = unit
            done.add(future)

        try:
            attempts = 0
            while True:
                while len(asked) < self._window():
                    unit = next(units, None)
                    if unit is None:
                        break
                    ask(unit)
                if not asked:
                    return
                future = next(done)
                unit = asked.pop(future)
                found = self._result(future)
                if found is None:
                    attempts += 1
                    deaths.count(unit, "says the scheduler")
                    ask(unit, attempts)
                    continue
                if isinstance(found, Failure):
                    found.raise_it()
                yield found
        finally:
            self._forget(list(asked))

    def _window(self) -> int:
        """Return how many points the scheduler may have."""
        try:
            return max(1, _WINDOW * len(self.client.nthreads()))
        except Exception:  # whatever a connection that is gone raises
            raise self._lost() from None

    def _result(self, future: Any) -> Outcome | Failure | None:
        """Return what came of a point; ``None`` if the workers that had it died."""
        from distributed import KilledWorker

        try:
            found: Outcome | Failure = future.result()
        except KilledWorker:
            return None
        except BaseException as error:
            if future.cancelled():
                raise self._lost() from None
            if isinstance(error, Exception):
                raise WorkerError(f"a worker could not take its point ({shown(error)})") from error
            raise
        future.release()
        return found

    def _lost(self) -> WorkerError:
        address = getattr(self.client.scheduler, "address", "an address that is gone")
        return WorkerError(
            f"the scheduler at {address} is lost; what is finished is kept, the same call goes on"
        )

    def _forget(self, futures: list[Any]) -> None:
        """Cancel what is not wanted any more; a point that is being computed ends by itself."""
        if futures:
            with suppress(Exception):  # the scheduler may be gone
                self.client.cancel(futures, force=True)


def at(address: str) -> Cluster:
    """Return the executor of the scheduler at an address.

    Raises
    ------
    WorkerError
        If nothing answers there within five seconds, or dask is not installed.
    """
    client = _connected(address, f"no dask scheduler answers at {address} within {TIMEOUT_S} s")
    return Cluster(client, owned=(client,))


def local(workers: int) -> Cluster:
    """Return the executor of a dask cluster on this machine, which ends with it.

    Raises
    ------
    WorkerError
        If it does not start, or dask is not installed.
    """
    distributed = _distributed()
    made = distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL"
    )
    client = _connected(made, "the dask cluster of this machine does not answer")
    return Cluster(client, cores=cores_of_each(workers), owned=(client, made))


def of(client: Any) -> Cluster:
    """Return the executor of a client, which stays connected.

    Raises
    ------
    WorkerError
        If it is none, or is closed.
    """
    if not isinstance(client, _distributed().Client):
        raise WorkerError(f"expected a distributed.Client, got {shown(client)}")
    if client.status != "running":
        raise WorkerError(f"the client {shown(client)} is not connected: make a new one")
    return Cluster(client)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise WorkerError(
            "dask is not installed: pip install 'bayes-cevns[cluster]', or use workers of this "
            "machine, which need no dask"
        ) from None
    return distributed


def _connected(where: Any, otherwise: str) -> Any:
    try:
        return _distributed().Client(where, timeout=TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise WorkerError(f"{otherwise} ({why}): is it started, and the address right?") from None


def check_workers(client: Any, environment: Environment) -> None:
    """Check that all workers of a cluster compute the same numbers as this process.

    Raises
    ------
    WorkerError
        If one is of another version, with both versions.

    Warns
    -----
    WorkersWarning
        If there is no worker yet, or one has another processor.
    """
    found: Mapping[str, Any] = client.run(_looking(), on_error="return")
    if not found:
        warnings.warn(
            "the scheduler has no worker yet: points wait until one comes", WorkersWarning, 4
        )
    processors = set()
    for worker, said in found.items():
        if isinstance(said, OSError):
            continue  # it has just died; the one in its place is looked at with its first point
        there = said if isinstance(said, Environment) else None
        if there is None and isinstance(said, dict):
            there = Environment(said, "unknown", environment.data, environment.processor)
        why = str(said) if there is None else environment.difference(there)
        if why:
            raise WorkerError(
                f"the worker at {worker} is refused, its numbers would be others ({why}): give it "
                "the same environment"
            )
        assert there is not None, "a worker without a difference has said what it is"
        processors.add(there.processor)
    if processors - {environment.processor}:
        names = ", ".join(sorted(processors | {environment.processor}))
        warnings.warn(
            f"different processors ({names}): numbers may differ in the last digit",
            WorkersWarning,
            stacklevel=4,
        )


def _looking() -> Callable[[], Any]:
    """Return a function that tells of a worker what it is, also where this module is missing."""

    def look() -> Any:  # in a function, so that it is sent by value
        try:
            from bayes_cevns.studies.execution.environment import Environment

            return Environment.here()
        except ImportError:
            from importlib.metadata import PackageNotFoundError, version

            try:
                return {"bayes_cevns": version("bayes-cevns")}
            except PackageNotFoundError:
                return {}

    return look
