"""Runs of `sample` that another study is made of, in folders below its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bayes_cevns.errors import DataError
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.record import COMPLETE, read_run
from bayes_cevns.studies.execution.executor import Executor, Known
from bayes_cevns.studies.run import run
from bayes_cevns.studies.sample import ModelRun, SampleStudy
from bayes_cevns.summary.fit import Fit


class SampledParts:
    """Fits by their relative paths; each is sampled, or read where it is kept, when it is needed.

    Parameters
    ----------
    folder
        The folder of the study that they are parts of; ``None`` to keep them in memory.
    studies
        What is sampled in each folder below.
    """

    def __init__(self, folder: KeptRun | None, studies: Mapping[str, SampleStudy]) -> None:
        self._folder, self._studies = folder, studies
        self._known: dict[str, ModelRun] = {}

    def __getitem__(self, place: str) -> ModelRun:
        """Return a fit, which may have failed its gate.

        Raises
        ------
        DataError, OutputError
            If the folder is only read, and the fit is not there as it was written.
        """
        if place not in self._known:
            self._known[place] = self._run(place)
        return self._known[place]

    def known(self, places: Iterable[str]) -> dict[str, Fit]:
        """Return those of some fits that are there, without sampling any."""
        return {place: self[place].fit() for place in places if self._is_there(place)}

    def take(self, fits: Mapping[str, Fit]) -> None:
        """Keep fits that were sampled elsewhere, unless they are there."""
        for place, fit in fits.items():
            if place not in self._known:
                self._known[place] = self._run(place, Known({0: fit}))

    def _is_there(self, place: str) -> bool:
        if place in self._known or self._folder is None:
            return place in self._known
        try:
            kept = KeptRun(self._folder.path / place, self._studies[place].request())
            return read_run(kept.path)["identity"] == kept.identity and kept.status == COMPLETE
        except DataError:
            return False

    def _run(self, place: str, executor: Executor | None = None) -> ModelRun:
        study = self._studies[place]
        if self._folder is None:
            return run(study, judged=False, executor=executor, progress=False)
        path = self._folder.path / place
        if not self._folder.read_only:
            return run(study, out=path, judged=False, executor=executor, progress=False)
        kept, record = KeptRun(path, study.request()), read_run(path)
        contents = {}
        if record["identity"] == kept.identity and record["status"] == COMPLETE:
            contents = study.store(kept).contents
        if not contents:
            raise DataError(
                f"{path} does not hold the fit that {self._folder.path} was made of: give the "
                "command of the run again, which samples it anew, or restore it"
            )
        return study.result(contents)
