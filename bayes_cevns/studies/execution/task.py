"""A task: the words of a study, to be made and computed in another process, and what comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, Self

from bayes_cevns.errors import ArgumentError, WorkerError
from bayes_cevns.storage.digests import digest_of
from bayes_cevns.storage.record import difference, identity
from bayes_cevns.storage.values import plain
from bayes_cevns.studies.analysis_file import study_of
from bayes_cevns.studies.execution.environment import Environment
from bayes_cevns.studies.kept_fluxes import fluxes_of, with_texts
from bayes_cevns.studies.study import Study


@dataclass(frozen=True)
class Task:
    """A study as another process needs it: a few kilobytes of names and numbers.

    Attributes
    ----------
    words
        The words of the study; empty if it has none.
    fluxes
        Path of a flux of a user -> its text, which the other process cannot read.
    pickled
        The study itself where no words make it: what was made in Python.
    request
        What the words ask for in this process.
    common
        What all points have in common (`bayes_cevns.studies.apart`).
    environment
        What the numbers of this process depend on.
    key
        A digest of the task: a worker that has made its study does not make it again.
    """

    words: Mapping[str, Any]
    fluxes: Mapping[str, str]
    pickled: bytes
    request: Mapping[str, Any]
    common: Mapping[str, Any]
    environment: Environment
    key: str = field(init=False)

    def __post_init__(self) -> None:
        shared = digest_of(plain(dict(self.common)))
        said = json.dumps([identity(self.request), shared, self.words], sort_keys=True, default=str)
        object.__setattr__(self, "key", hashlib.sha256(said.encode()).hexdigest())

    @classmethod
    def of(cls, study: Study[Any, Any, Any], *, cores: int | None, pickles: bool) -> Self:
        """Return the task of a study.

        Parameters
        ----------
        study
            The study, whose store is there.
        cores
            Chains that each worker samples at the same time, in place of those of its settings: no
            draw depends on it.
        pickles
            Whether a study without words may be sent as it is, to processes of the same machine.

        Raises
        ------
        ArgumentError
            If it has no words, and may not.
        """
        words = study.to_words()
        own = getattr(study, "settings", None)
        if own is not None and cores is not None:
            words["settings"] = {**words["settings"], "cores": min(cores, own.cores)}
        pickled = b""
        if words.get("changed"):
            if not pickles:
                raise ArgumentError(
                    f"this study was made in Python with {', '.join(words['changed'])} of its own, "
                    "which a cluster cannot make from names: run it without a scheduler, or with "
                    "workers on this machine"
                )
            pickled, words = _pickled(study, words.get("settings")), {}
        request = plain(study.request())
        fluxes = fluxes_of(study.experiments)
        return cls(words, fluxes, pickled, request, study.common(), Environment.here())

    def study(self) -> Study[Any, Any, Any]:
        """Make the study in this process.

        Raises
        ------
        WorkerError
            If this process is of another version, or its study is another one.
        """
        wrong = self.environment.difference(
            Environment.here(), one="where the study was started", two="in the worker"
        )
        if wrong:
            raise WorkerError(
                f"a worker is refused, its numbers would be others ({wrong}): give it the same "
                "environment"
            )
        if self.pickled:
            import cloudpickle

            found: Study[Any, Any, Any] = cloudpickle.loads(self.pickled)
        else:
            found = study_of(with_texts(self.words, self.fluxes))
        request = plain(found.request())
        if identity(request) != identity(self.request):
            raise WorkerError(
                "a worker is refused, the same words ask for something else there "
                f"({difference(request, self.request)}): give it the same cards and plug-ins"
            )
        return found


def _pickled(study: Study[Any, Any, Any], settings: Any) -> bytes:
    """Return a study without what it has computed, as bytes."""
    import cloudpickle

    given = {name: getattr(study, name) for name in type(study).model_fields}
    if settings is not None:
        given["settings"] = replace(given["settings"], cores=settings["cores"])
    return bytes(cloudpickle.dumps(type(study)(**given)))


@dataclass(frozen=True)
class Unit:
    """One point of a task.

    Attributes
    ----------
    number
        Number of the point.
    beside
        What is kept of it already besides its content.
    """

    number: int
    beside: Any = None


@dataclass(frozen=True)
class Outcome:
    """A point that was computed.

    Attributes
    ----------
    number
        Number of the point.
    content, beside
        What is kept of it.
    warned
        Warnings of this package: class and text.
    """

    number: int
    content: Any
    beside: Any
    warned: tuple[tuple[type[Warning], str], ...]


@dataclass(frozen=True)
class Failure:
    """An error in place of a point, with the text of where it was raised."""

    error: BaseException
    text: str

    def raise_it(self) -> NoReturn:
        """Raise the error in this process."""
        if self.text:
            self.error.add_note(f"in a worker:\n{self.text}")
        raise self.error
