"""How any study runs: check, claim the folder, go on from what is kept, write what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from bayes_cevns.arguments import callbacks, flag, of_kind, out_folder
from bayes_cevns.progress.choice import Progress, listeners_of
from bayes_cevns.progress.counter import Counter, Listener
from bayes_cevns.progress.file import ProgressFile
from bayes_cevns.progress.standing import COMPLETE, FAILED, INTERRUPTED
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.studies import costs
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, analysis_files
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
        until the first one.
    judged
        Whether a result that may not be quoted is an error (`Study.judge`).
    progress
        Whether progress is shown, by default in notebooks and at a prompt alone; or a function
        that is told instead (`bayes_cevns.progress.choice.listeners_of`). It changes no result.

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
    ConvergenceError
        If a result may not be quoted; it is written nevertheless.
    KeyboardInterrupt
        Passed on after what is finished has been written.
    """
    what = "a study, such as bayes_cevns.read_analysis returns"
    of_kind(study, Study, what=what)  # type: ignore[type-abstract]  # of any study
    judged = flag(judged, what="judged")
    folder = out_folder(out)
    callbacks(on_point=on_point, on_compile=on_compile)
    listeners = listeners_of(progress)
    study.check()
    study.references()  # what is cited without an entry is an error now, not at the end
    request, parts = study.request(), study.parts()
    with nullcontext() if folder is None else RunFolder(folder, request, parts=parts) as claimed:
        running = _Running(study, study.store(claimed))
        running.begin(claimed)
        counter = running.counter(listeners, folder)
        try:
            running.fill(on_point, on_compile, counter)
        except BaseException as error:
            counter.end(FAILED if isinstance(error, Exception) else INTERRUPTED)
            raise
        finally:
            result = running.finish(claimed)
        counter.end(COMPLETE)
    costs.keep(study, counter)
    assert result is not None, "a study without an error has all of its points"
    if judged:
        study.judge(result)
    return result


class _Running[Content, Point, Found: Result]:
    """The points of a study that are known, and those still to compute."""

    def __init__(self, study: Study[Content, Point, Found], store: Store[Content]) -> None:
        self.study, self.store = study, store
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
        if folder is not None and not set(range(self.total)) <= set(self.points):
            files = analysis_files(self.study.with_all(self.points))
            text = files.pop(ANALYSIS_FILE)
            for name, flux in files.items():
                folder.write(name, flux)
            folder.begin_with(ANALYSIS_FILE, text)

    def counter(self, listeners: Sequence[Listener], folder: Path | None) -> Counter:
        """Return what counts the points, for those who listen and for the folder."""
        known = [self.points[number] for number in range(self.total) if number in self.points]
        return Counter(
            self.study.kind,
            self.total,
            kept=len(known),
            failed=sum(map(self.study.has_failed, known)),
            listeners=listeners if folder is None else (ProgressFile(folder), *listeners),
        )

    def fill(
        self,
        on_point: Callable[[Point], None] | None,
        on_compile: Callable[[], None] | None,
        counter: Counter,
    ) -> None:
        """Compute the points that are missing."""
        missing = [number for number in range(self.total) if number not in self.points]
        if missing:
            counter.preparing()
            if on_compile:
                on_compile()
            self.study.prepare()
        for number in range(self.total):
            if number not in self.points:
                counter.begins(number)
                content = self.study.compute(number)
                self.store.keep(number, content)
                point = self.points[number] = self.study.point(number, content)
                failed = self.study.has_failed(point)
                counter.finished(number, self.study.said(point), failed=failed)
            if on_point:
                on_point(self.points[number])

    def finish(self, folder: RunFolder | None) -> Found | None:
        """Return the result of what there is, if there is any, and write it into the folder."""
        self.look()  # a point may have been kept just before an interrupt
        points = {number: self.points[number] for number in sorted(self.points)}
        result = self.study.result(points) if points else None
        if folder is not None:
            folder.write("citations.bib", self.study.references())
            whole = self.study.with_all(points)  # an earlier run may have asked for more
            for name, text in analysis_files(whole).items():
                folder.write(name, text)
            report: dict[str, Any] = {"points": whole.size(), "finished": len(points)}
            if result is not None:
                report |= {"failures": dict(result.failures()), **result.report()}
                for name, text in result.tables().items():
                    folder.write(name, text)
            # Of more that an earlier run has asked for, some may be missing.
            complete = set(range(self.total)) <= set(points) and len(points) >= whole.size()
            self.store.finish(complete=complete, report=report)
        return result
