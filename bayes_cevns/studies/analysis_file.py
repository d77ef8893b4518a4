"""The file of an analysis, ``analysis.toml``: all that a study was asked for, to run it again."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit

from bayes_cevns import __version__
from bayes_cevns.arguments import named, path_of
from bayes_cevns.cards import Experiment
from bayes_cevns.errors import ArgumentError, BayesCevnsError
from bayes_cevns.storage.toml_lines import place
from bayes_cevns.studies.catalogue import STUDIES, study_class
from bayes_cevns.studies.study import Study

ANALYSIS_FILE = "analysis.toml"


def to_toml(study: Study[Any, Any, Any]) -> str:
    """Return the text of the analysis file of a study, with every default filled in."""
    document = tomlkit.document()
    document.add(tomlkit.comment(f"bayes_cevns {__version__}; run again with: bayes-cevns run"))
    for key, value in study.to_words().items():
        document.add(key, value)
    return tomlkit.dumps(document)


def read_analysis(
    path: Path | str, *, experiments: Sequence[Experiment] | None = None
) -> Study[Any, Any, Any]:
    """Return the study that an analysis file asks for.

    Parameters
    ----------
    path
        A TOML file, or a folder with an ``analysis.toml``. It has ``study`` (the name of a
        command) and its options by their names in Python; all but the experiments, and what a
        study cannot do without, have defaults.
    experiments
        Experiments in place of those that it names.

    Raises
    ------
    ArgumentError, UnknownNameError
        If it cannot be read, or asks for what does not exist or cannot be; the message names the
        file, and the line and the key where it can.
    """
    file = path_of(path, what="an analysis file")
    if file.is_dir():
        file = file / ANALYSIS_FILE
    try:
        text = file.read_text(encoding="utf-8")
        words = tomllib.loads(text)
    except OSError as error:
        raise ArgumentError(f"cannot read {file}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{file} is no TOML: {error}") from None
    try:
        return study_of(words, experiments=experiments)
    except BayesCevnsError as error:
        raise ArgumentError(f"{file}{_where(str(error), words, text)}: {error}") from None


def study_of(
    words: Mapping[str, Any], *, experiments: Sequence[Experiment] | None = None
) -> Study[Any, Any, Any]:
    """Return the study that some words ask for, as `Study.to_words` gives them.

    Raises
    ------
    ArgumentError, UnknownNameError
        If they ask for what does not exist or cannot be.
    """
    rest = dict(words)
    kind = named(rest.pop("study", None), "study", STUDIES)
    return study_class(kind).variant(rest).from_words(rest, experiments=experiments)


def _where(message: str, words: Mapping[str, Any], text: str) -> str:
    """Return on which line the key stands that a message speaks of; nothing if it names none."""
    for key in words:
        if f"'{key}'" in message or message.startswith(f"{key}:"):
            return f", {place([key], text)}"
    return ""
