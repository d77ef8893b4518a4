"""Folders of runs among the words of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bayes_cevns.arguments import names
from bayes_cevns.cards import experiment_names
from bayes_cevns.errors import ArgumentError
from bayes_cevns.studies.options import flags_of
from bayes_cevns.studies.study import Study

FOLDERS = "folders"


def folders_in(words: Mapping[str, Any]) -> list[str]:
    """Return the folders that words name: ``folders``, or those among the experiments.

    The name of an experiment is no folder, even if there is one that is called so.
    """
    if FOLDERS in words:
        return list(names(words[FOLDERS], what="a list of folders of runs"))
    return [word for word in _experiments(words) if _is_folder(word)]


def _experiments(words: Mapping[str, Any]) -> Sequence[Any]:
    given = words.get("experiments") or []
    return given if isinstance(given, list | tuple) else [given]


def _is_folder(word: object) -> bool:
    return isinstance(word, str) and word not in experiment_names() and Path(word).is_dir()


def refuse_options(
    study: type[Study[Any, Any, Any]], words: Mapping[str, Any], folders: Sequence[str]
) -> None:
    """Check that there is nothing beside the folders: all was decided when they were sampled.

    Raises
    ------
    ArgumentError
        If there are experiments, or options of a study that samples.
    """
    others = [str(word) for word in _experiments(words) if word not in folders]
    for name, value in words.items():
        if name in ("experiments", FOLDERS, "changed") or value is None:
            continue
        if isinstance(value, Mapping) and name == "settings":
            others += [f"--{key}" for key in value]
        else:
            known = study.option(name) if name in study.model_fields else None
            others.append(flags_of(name, known)[0])
    if others:
        raise ArgumentError(
            "compare takes either folders of runs, with no option but --out, or experiments; "
            f"got {', '.join(map(repr, folders[:1])) or 'no folder'} with {', '.join(others)}"
        )
