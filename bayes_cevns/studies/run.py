"""How any study runs: check, claim the folder, go on from what is kept, write what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bayes_cevns.arguments import callbacks, flag, of_kind, out_folder
from bayes_cevns.errors import ArgumentError
from bayes_cevns.progress.choice import Progress, listeners_of
from bayes_cevns.progress.counter import Counter, Listener
from bayes_cevns.progress.file import ProgressFile
from bayes_cevns.progress.standing import COMPLETE, FAILED, INTERRUPTED
from bayes_cevns.shortage import in_one_line
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.studies import costs
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, analysis_files
from bayes_cevns.studies.execution.choice import Where, check_where, executor_of
from bayes_cevns.studies.execution.executor import Executor
from bayes_cevns.studies.execution.shards import Shard
from bayes_cevns.studies.stores import Store
from bayes_cevns.studies.study import Result, Study


def run[Content, Point, Found: Result](
    study: Study[Content, Point, Found],
    *,
    out: Path | str | None = None,
    on_point: Callable[[Point], None] | None = None,
    on_compile: Callable[[], None] | None = None,
    judged: bool = True,
    progress: Progress = None,
    executor: Where = None,
    workers: int | None = None,
) -> Found:
    """Run a study, or go on with one that was interrupted.

    Parameters
    ----------
    study
        What is asked for.
    out
        Folder for the results. Every finished point is kept there at once; the same study goes on
        where an interrupted one stopped, and one that is complete is read.
    on_point, on_compile
        Called with what is quoted of each point when it is known, and before what takes time
        until the first one. Points that are kept come first; the others come in their order, or
        with workers as they finish.
    judged
        Whether a result that may not be quoted is an error (`Study.judge`).
    progress
        Whether progress is shown, by default in notebooks and at a prompt alone; or a function
        that is told instead (`bayes_cevns.progress.choice.listeners_of`). It changes no result.
    executor, workers
        Where the points are computed, see `bayes_cevns.executor`; one after the other in this
        process by default. No number depends on it.

    Returns
    -------
    Result
        Points that failed their gate are in it, marked as failed.

    Raises
    ------
    ArgumentError, UnknownNameError, TableError
        If something asked for does not exist or cannot be, before anything is computed.
    OutputError
        If the folder cannot be written, or holds anything else.
    WorkerError
        If workers cannot be reached, are of another version, or die at the same point again and
        again.
    ResourceError
        If there is too little memory, or too few files may be open; what is finished is kept.
    ConvergenceError
        If a result may not be quoted; it is written nevertheless.
    KeyboardInterrupt
        Passed on after what is finished has been written.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> kept = bc.preview("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], out="first")
    >>> again = bc.run(bc.read_analysis("first/analysis.toml"), out="again")
    >>> again.points[0].limits[0].value == kept.points[0].limits[0].value
    True
    """
    judged = flag(judged, what="judged")
    folder = out_folder(out)
    check_where(executor, workers)
    calls = _Calls(on_point, on_compile, listeners_of(progress))
    _check(study)
    numbers = range(study.size())
    with executor_of(executor, workers) as own:
        result = _run(study, folder, numbers, own, calls)
    assert result is not None, "a study without an error has all of its points"
    if judged:
        study.judge(result)
    return result


def run_shard(
    study: Study[Any, Any, Any],
    shard: str | Shard,
    *,
    out: Path | str | None,
    on_point: Callable[[Any], None] | None = None,
    on_compile: Callable[[], None] | None = None,
    progress: Progress = None,
    executor: Where = None,
    workers: int | None = None,
) -> ShardRun:
    """Compute a share of the points of a study, as one job of many; `bayes_cevns.merge` joins them.

    Parameters
    ----------
    study
        What is asked for.
    shard
        Which share: ``"3/20"`` is the third of twenty. Every twentieth point is in it.
    out
        Folder of all shards, or of this one. The points are kept in ``shard-3-of-20`` below it.
    on_point, on_compile, progress, executor, workers
        As in `run`.

    Returns
    -------
    ShardRun
        Its folder, and what failed.

    Raises
    ------
    ArgumentError
        If there is no such shard, or it has no point.
    OutputError
        If the folder has shards of another study, or of another number of shards.
    ArgumentError, UnknownNameError, TableError, OutputError, WorkerError, KeyboardInterrupt
        As `run`.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> kept = bc.preview("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], out="first")
    >>> study = bc.read_analysis("first/analysis.toml")
    >>> for shard in ("1/2", "2/2"):
    ...     part = bc.run_shard(study, shard, out="parts")
    >>> joined = bc.merge("parts", out="joined")
    >>> [point.mass_mev for point in joined.points]
    [1.0, 10.0]
    """
    check_where(executor, workers)
    parent = out_folder(out)
    if parent is None:
        raise ArgumentError("a shard needs a folder, to be merged with the others: name an --out")
    calls = _Calls(on_point, on_compile, listeners_of(progress))
    own = Shard.of(shard)
    _check(study)
    numbers = own.numbers(study.size())
    folder = own.folder_in(parent, study)
    with executor_of(executor, workers) as where:
        result = _run(study, folder, numbers, where, calls)
    failures = {} if result is None else dict(result.failures())
    return ShardRun(own, folder, len(numbers), study.size(), failures)


@dataclass(frozen=True)
class ShardRun:
    """A shard that is finished.

    Attributes
    ----------
    shard, folder
        Which one, and where its points are.
    points, total
        How many points it has, and the study.
    failures
        Why points failed, by their names.
    """

    shard: Shard
    folder: Path
    points: int
    total: int
    failures: dict[str, str]


@in_one_line()
def _check(study: Study[Any, Any, Any]) -> None:
    """Raise the errors of what is asked for, before time is spent."""
    what = "a study, such as bayes_cevns.read_analysis returns"
    of_kind(study, Study, what=what)  # type: ignore[type-abstract]  # of any study
    study.check()
    study.references()  # what is cited without an entry is an error now, not at the end


@in_one_line()
def _run[Found: Result](
    study: Study[Any, Any, Found],
    folder: Path | None,
    numbers: Sequence[int],
    executor: Executor,
    calls: _Calls,
) -> Found | None:
    """Compute some points of a study, or read those that are kept."""
    request, parts = study.request(), study.parts()
    with nullcontext() if folder is None else RunFolder(folder, request, parts=parts) as claimed:
        running = _Running(study, study.store(claimed), numbers)
        running.begin(claimed)
        counter = running.counter(calls.listeners, folder)
        try:
            running.fill(executor, calls, counter)
        except BaseException as error:
            counter.end(FAILED if isinstance(error, Exception) else INTERRUPTED)
            raise
        finally:
            result = running.finish(claimed)
        counter.end(COMPLETE)
    if executor.computes:
        costs.keep(study, counter)
    return result


@dataclass(frozen=True)
class _Calls:
    """What is called while points are computed."""

    on_point: Callable[[Any], None] | None
    on_compile: Callable[[], None] | None
    listeners: tuple[Listener, ...]

    def __post_init__(self) -> None:
        callbacks(on_point=self.on_point, on_compile=self.on_compile)

    def compiling(self) -> None:
        if self.on_compile:
            self.on_compile()

    def point(self, point: Any) -> None:
        if self.on_point:
            self.on_point(point)


class _Running[Content, Point, Found: Result]:
    """The points of a study that are known, and those still to compute."""

    def __init__(
        self, study: Study[Content, Point, Found], store: Store[Content], numbers: Sequence[int]
    ) -> None:
        self.study, self.store, self.numbers = study, store, numbers
        self.total = study.size()
        self.points: dict[int, Point] = {}
        self.look()

    def look(self) -> None:
        """Take the points that are kept."""
        self.store.look(self.total)
        for number, content in sorted(self.store.contents.items()):
            if number not in self.points:
                self.points[number] = self.study.point(number, content)

    def begin(self, folder: RunFolder | None) -> None:
        """Write what is asked for into the folder, unless all of it is there."""
        if folder is not None and not set(self.numbers) <= set(self.points):
            files = analysis_files(self.study.with_all(self.points))
            text = str(files.pop(ANALYSIS_FILE))
            for name, own in files.items():
                folder.write(name, own)
            folder.begin_with(ANALYSIS_FILE, text)

    def counter(self, listeners: Sequence[Listener], folder: Path | None) -> Counter:
        """Return what counts the points, for those who listen and for the folder."""
        known = [self.points[number] for number in self.numbers if number in self.points]
        return Counter(
            self.study.kind,
            len(self.numbers),
            kept=len(known),
            failed=sum(map(self.study.has_failed, known)),
            listeners=listeners if folder is None else (ProgressFile(folder), *listeners),
        )

    def fill(self, executor: Executor, calls: _Calls, counter: Counter) -> None:
        """Compute the points that are missing; each is kept before the next is looked at."""
        missing = [number for number in self.numbers if number not in self.points]
        for number in self.numbers:
            if number in self.points:
                calls.point(self.points[number])
        if not missing:
            return
        counter.preparing()
        calls.compiling()
        with closing(executor.contents(self.study, counter.announcing(missing))) as found:
            for number, content in found:
                self.store.keep(number, content)
                point = self.points[number] = self.study.point(number, content)
                failed = self.study.has_failed(point)
                counter.finished(number, self.study.said(point), failed=failed)
                calls.point(point)

    def finish(self, folder: RunFolder | None) -> Found | None:
        """Return the result of what there is, if there is any, and write it into the folder."""
        self.look()  # a point may have been kept just before an interrupt
        points = self.study.usable(self.points)
        result = self.study.result(points) if points else None
        if folder is not None:
            folder.write("citations.bib", self.study.references())
            whole = self.study.with_all(points)  # an earlier run may have asked for more
            for name, own in analysis_files(whole).items():
                folder.write(name, own)
            report: dict[str, Any] = {"points": whole.size(), "finished": len(points)}
            if result is not None:
                report |= {"failures": dict(result.failures()), **result.report()}
                for name, text in result.tables().items():
                    folder.write(name, text)
            # Of more that an earlier run has asked for, some may be missing.
            complete = set(range(self.total)) <= set(points) and len(points) >= whole.size()
            self.store.finish(complete=complete, report=report)
        return result
