"""How a grid runs: its studies one after the other, each in its folder, and one table of all."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bayes_cevns.arguments import callbacks, flag, out_folder
from bayes_cevns.errors import ArgumentError, BayesCevnsError
from bayes_cevns.progress import standing
from bayes_cevns.progress.choice import Progress, listeners_of
from bayes_cevns.progress.counter import Listener
from bayes_cevns.progress.file import ProgressFile
from bayes_cevns.shortage import in_one_line
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.storage.names import PLAN_FILE
from bayes_cevns.studies.execution.choice import Where, check_where, executor_of
from bayes_cevns.studies.execution.executor import Executor
from bayes_cevns.studies.grids.load import complete_in, incomplete_in
from bayes_cevns.studies.grids.plan import Plan, PlannedStudy, plan_of, read_plan
from bayes_cevns.studies.grids.result import Grid, GridStudy
from bayes_cevns.studies.grids.watch import GridWatch
from bayes_cevns.studies.run import run
from bayes_cevns.studies.study import Result

#: Seconds between two versions of the table while the grid runs.
_TABLE_SECONDS = 60.0

type Told = Callable[[GridStudy, Result | None], None]


def grid(
    asked: Mapping[str, Any] | Plan | Path | str,
    *,
    out: Path | str,
    yes: bool = False,
    on_study: Told | None = None,
    progress: Progress = None,
    executor: Where = None,
    workers: int | None = None,
) -> Grid:
    """Run all combinations of the lists of an analysis, or go on with them.

    Parameters
    ----------
    asked
        An analysis file with lists, its words as a dictionary, or what `bayes_cevns.read_plan`
        returns.
    out
        Folder for the results: a folder of each study, ``grid.csv`` with the tables of all of
        them, ``studies.csv`` with what became of each. The same grid goes on in it where it
        stopped; studies that are complete are read.
    yes
        Whether more than 10,000 points are meant.
    on_study
        Called after each study with what became of it, and its result; ``None`` for the result of
        one that failed or was complete already.
    progress
        Whether progress is shown, as in `bayes_cevns.run`.
    executor, workers
        Where the points of each study are computed, as in `bayes_cevns.run`. Workers stay for all
        studies.

    Returns
    -------
    Grid
        A study that failed is in it, with the reason; it does not stop the others.

    Raises
    ------
    ArgumentError, UnknownNameError
        If something asked for does not exist or cannot be, before anything is computed.
    OutputError
        If the folder cannot be written, or holds another grid or anything else.
    KeyboardInterrupt
        Passed on after what is finished has been written.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.grid(
    ...     {
    ...         "study": "preview",
    ...         "experiments": [["xenonnt_2024_s2"]],
    ...         "interaction": ["b-l", "scalar-universal"],
    ...         "masses_mev": [10.0],
    ...     },
    ...     out="grid-of-two",
    ... )
    >>> len(found.frame())
    2
    """
    check_where(executor, workers)
    yes = flag(yes, what="yes")
    callbacks(on_study=on_study)
    listeners = listeners_of(progress)
    folder = out_folder(out)
    if folder is None:
        raise ArgumentError("a grid keeps its studies in a folder: give out (--out)")
    plan = _plan(asked, yes=yes)
    plan.check_size(yes=yes)
    with executor_of(executor, workers) as where:
        return _run(plan, folder, where, listeners, on_study)


@in_one_line()
def _run(
    plan: Plan,
    folder: Path,
    executor: Executor,
    listeners: Sequence[Listener],
    on_study: Told | None,
) -> Grid:
    """Run the studies of a plan that are missing."""
    known = {one.name: complete_in(folder / one.name, one) for one in plan.studies}
    for one in plan.studies:
        if known[one.name] is None:
            _check(one)
    parts = {one.name: one.request for one in plan.studies}
    with RunFolder(folder, plan.request(), parts=parts) as claimed:
        missing = any(one is None for one in known.values())
        begin = claimed.begin_with if missing else claimed.write
        begin(PLAN_FILE, plan.to_toml())
        watch = GridWatch(plan.studies, (ProgressFile(folder), *listeners))
        running = _Running(plan, claimed, watch, known, executor)
        try:
            running.fill(on_study)
        except BaseException as error:
            ended = isinstance(error, Exception)
            watch.end(standing.FAILED if ended else standing.INTERRUPTED)
            raise
        finally:
            found = running.finish()
        watch.end(standing.FAILED if found.failures() else standing.COMPLETE)
    return found


def _plan(asked: Mapping[str, Any] | Plan | Path | str, *, yes: bool) -> Plan:
    if isinstance(asked, Plan):
        return asked
    return plan_of(asked, yes=yes) if isinstance(asked, Mapping) else read_plan(asked, yes=yes)


def _check(one: PlannedStudy) -> None:
    """Check that a study can be computed, before any is.

    Raises
    ------
    ArgumentError
        If it cannot.
    """
    try:
        study = one.study()
        study.check()
        study.references()
    except BayesCevnsError as error:
        raise ArgumentError(f"study {one.name}: {error}") from None


class _Running:
    """The studies of a grid that are over, and those still to run."""

    def __init__(
        self,
        plan: Plan,
        folder: RunFolder,
        watch: GridWatch,
        known: Mapping[str, GridStudy | None],
        executor: Executor,
    ) -> None:
        self.plan, self.folder, self.watch = plan, folder, watch
        self.executor = executor
        self.over = {name: one for name, one in known.items() if one is not None}
        self.written = time.monotonic()
        for place, planned in enumerate(plan.studies):
            if (one := self.over.get(planned.name)) is not None:
                watch.kept(place, points=one.points, failed=one.failed)

    def fill(self, on_study: Told | None) -> None:
        """Run the studies that are missing."""
        for place, planned in enumerate(self.plan.studies):
            result: Result | None = None
            if planned.name not in self.over:
                found, result = self._run(place, planned)
                self.over[planned.name] = found
                if time.monotonic() - self.written > _TABLE_SECONDS:
                    self.write()
            if on_study is not None:
                on_study(self.over[planned.name], result)

    def _run(self, place: int, planned: PlannedStudy) -> tuple[GridStudy, Result | None]:
        """Run one study; whatever goes wrong with it, it is said, and the others go on."""
        path = self.folder.path / planned.name
        try:
            listener = self.watch.of(place)
            result = run(
                planned.study(),
                out=path,
                judged=False,
                progress=listener,
                executor=self.executor,
            )
        except Exception as error:  # of a study, an error of any kind is its own
            own = isinstance(error, BayesCevnsError)
            reason = str(error) if own else f"{type(error).__name__}: {error}"
            return incomplete_in(path, planned, reason), None
        found = complete_in(path, planned)
        assert found is not None, "a run without an error has left a complete folder"
        return found, result

    def grid(self) -> Grid:
        """Return what there is."""
        studies = tuple(
            self.over.get(one.name) or incomplete_in(self.folder.path / one.name, one)
            for one in self.plan.studies
        )
        return Grid(self.folder.path, self.plan.varied, studies)

    def write(self) -> Grid:
        """Write the tables of what there is."""
        found = self.grid()
        for name, text in found.tables().items():
            self.folder.write(name, text)
        self.written = time.monotonic()
        return found

    def finish(self) -> Grid:
        """Write tables and the final record."""
        found = self.write()
        states = [one.status for one in found.studies]
        report = {
            "points": self.plan.points,
            "finished": sum(one.finished for one in found.studies),
            "studies": {status: states.count(status) for status in sorted(set(states))},
            "failures": found.failures(),
        }
        # One whose points have all failed has them nevertheless.
        complete = all(one.finished >= one.points for one in found.studies)
        self.folder.finish_with(None, complete=complete, report=report)
        return found
