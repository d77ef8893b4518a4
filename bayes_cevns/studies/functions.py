"""Studies as functions: ``bayes_cevns.scan([...], interaction=..., masses_mev=...)``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from textwrap import fill
from typing import Any, Protocol

from pydantic_core import PydanticUndefined

from bayes_cevns.progress.choice import Progress
from bayes_cevns.signatures import with_signature
from bayes_cevns.studies.execution.choice import Where
from bayes_cevns.studies.run import run
from bayes_cevns.studies.study import Result, Study

#: A heading of a section of a docstring; what is before the first one describes the study.
_SECTION = re.compile(r"^[A-Z][\w ]*\n---+$", flags=re.MULTILINE)

#: Parameters that say how a study is run, and nothing of what is asked for.
OF_RUNS: tuple[str, ...] = (
    "out",
    "on_point",
    "on_compile",
    "progress",
    "executor",
    "workers",
)


class StudyFunction[Found](Protocol):
    """Runs a study of the options that it is called with."""

    def __call__(
        self,
        experiments: Any,
        *,
        out: Path | str | None = None,
        on_point: Callable[[Any], None] | None = None,
        on_compile: Callable[[], None] | None = None,
        progress: Progress = None,
        executor: Where = None,
        workers: int | None = None,
        **asked: Any,
    ) -> Found:
        """Run it."""
        ...


def function_of[Found: Result](
    study: type[Study[Any, Any, Found]], *, name: str | None = None
) -> StudyFunction[Found]:
    """Return the function of a study: its parameters are the fields, its text is that of the class.

    Defaults, checks and descriptions are those of the fields, as on the command line and in an
    analysis file. It is called like the study, unless another name is given.
    """

    def function(
        experiments: Any,
        *,
        out: Path | str | None = None,
        on_point: Callable[[Any], None] | None = None,
        on_compile: Callable[[], None] | None = None,
        progress: Progress = None,
        executor: Where = None,
        workers: int | None = None,
        **asked: Any,
    ) -> Found:
        from bayes_cevns.density.machine_code import load_ahead

        load_ahead()
        asked_for = study(experiments=experiments, **asked)
        return run(
            asked_for,
            out=out,
            on_point=on_point,
            on_compile=on_compile,
            progress=progress,
            executor=executor,
            workers=workers,
        )

    function.__name__ = function.__qualname__ = name or study.kind.replace("-", "_")
    function.__module__ = study.__module__
    function.__doc__ = _docstring(study)
    return with_signature(function, signature_of(study))


def signature_of(
    study: type[Study[Any, Any, Any]], **others: inspect.Parameter | None
) -> inspect.Signature:
    """Return the signature of the function of a study.

    Parameters
    ----------
    study
        The study.
    others
        Parameters in place of those of these names; ``None`` for those that the function lacks.
    """
    kinds = inspect.Parameter
    parameters = [kinds("experiments", kinds.POSITIONAL_OR_KEYWORD)]
    for name, field in study.model_fields.items():
        if name != "experiments":
            default = kinds.empty if field.default is PydanticUndefined else field.default
            parameters.append(kinds(name, kinds.KEYWORD_ONLY, default=default))
    parameters += [kinds(name, kinds.KEYWORD_ONLY, default=None) for name in OF_RUNS]
    parameters = [p for each in parameters if (p := others.get(each.name, each)) is not None]
    required = [p for p in parameters if p.default is kinds.empty]
    return inspect.Signature([*required, *(p for p in parameters if p not in required)])


def _docstring(study: type[Study[Any, Any, Any]]) -> str:
    """Return the text of a study with its parameters, as NumPy writes them."""
    text = inspect.cleandoc(study.__doc__ or "")
    section = _SECTION.search(text)
    start = section.start() if section else len(text)
    summary, sections = text[:start].strip(), text[start:]
    described = {name: field.description or "" for name, field in study.model_fields.items()}
    described |= {
        "out": "Folder for the results. Every finished point is kept there at once; the same call "
        "goes on where an interrupted one stopped, and one that is complete is read.",
        "on_point, on_compile": "Called with what is quoted of each point when it is known, and "
        "before what takes time until the first one. Points that are kept come first, the others "
        "in their order, or with workers as they finish.",
        "progress": "Whether progress is shown; by default in notebooks and at a prompt alone. "
        "Or a function that is called with how far the run is.",
        "executor, workers": "Where the points are computed: so many processes of this machine, or "
        "what `bayes_cevns.executor` takes. No number depends on it.",
    }
    lines = [*summary.splitlines(), "", "Parameters", "----------"]
    for name, text in described.items():
        lines += [name, fill(text, 96, initial_indent="    ", subsequent_indent="    ")]
    return "\n".join([*lines, "", *sections.splitlines()])
