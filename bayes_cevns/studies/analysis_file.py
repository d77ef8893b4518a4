"""The file of an analysis, ``analysis.toml``: all that a study was asked for, to run it again."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from bayes_cevns import __version__
from bayes_cevns.arguments import named, path_of
from bayes_cevns.cards import Experiment
from bayes_cevns.errors import ArgumentError, BayesCevnsError, shown
from bayes_cevns.storage.toml_lines import place
from bayes_cevns.studies.catalogue import STUDIES, study_class
from bayes_cevns.studies.kept_fluxes import from_folder, with_copies
from bayes_cevns.studies.study import Study

ANALYSIS_FILE = "analysis.toml"


def analysis_files(study: Study[Any, Any, Any]) -> dict[str, str | bytes]:
    """Return the analysis file of a study, and the cards, tables and fluxes of a user in it.

    Every default is filled in. The analysis file is the last one, a text.
    """
    document = tomlkit.document()
    document.add(tomlkit.comment(f"bayes_cevns {__version__}; run again with: bayes-cevns run"))
    words, files = with_copies(study.to_words(), study.experiments)
    for key, value in words.items():
        document.add(key, value)
    return {**files, ANALYSIS_FILE: tomlkit.dumps(document)}


def to_toml(study: Study[Any, Any, Any]) -> str:
    """Return the text of the analysis file of a study, with every default filled in."""
    return str(analysis_files(study)[ANALYSIS_FILE])


def read_analysis(
    path: Path | str, *, experiments: Sequence[Experiment] | None = None
) -> Study[Any, Any, Any]:
    """Return the study that an analysis file asks for.

    Parameters
    ----------
    path
        A TOML file, or a folder with an ``analysis.toml``. It has ``study`` (the name of a
        command) and its options by their names in Python; all but the experiments, and what a
        study cannot do without, have defaults. A flux (``source = "my_flux.csv"``) may lie beside
        it.
    experiments
        Experiments in place of those that it names.

    Raises
    ------
    ArgumentError, UnknownNameError
        If it cannot be read, or asks for what does not exist or cannot be; the message names the
        file, and the line and the key where it can.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> kept = bc.preview("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], out="first")
    >>> bc.read_analysis("first/analysis.toml").level
    0.9
    """
    file = read_words(path, default=ANALYSIS_FILE)
    with file.located(lambda words: study_of(words, experiments=experiments)):
        return study_of(file.words, experiments=experiments)


@dataclass(frozen=True)
class AnalysisFile:
    """A file of an analysis: its path, its text, and the words that it holds."""

    path: Path
    text: str
    words: dict[str, Any]

    @contextmanager
    def located(self, make: Callable[[Mapping[str, Any]], object]) -> Iterator[None]:
        """Context in which an error of this package names the file, and line and key if it can.

        Parameters
        ----------
        make
            What is made of the words, or of fewer of them, to find which ones are wrong.
        """
        try:
            yield
        except BayesCevnsError as error:

            def goes(rest: Mapping[str, Any]) -> bool:
                try:
                    make(rest)
                except BayesCevnsError:
                    return False
                return True

            found = _culprit(str(error), self.words, goes)
            where = f", {place(found, self.text)}" if found else ""
            raise ArgumentError(f"{self.path}{where}: {error}") from None


def read_words(path: Path | str, *, default: str) -> AnalysisFile:
    """Return what a file of an analysis says.

    Parameters
    ----------
    path
        A TOML file, or a folder with one.
    default
        The name of the file in a folder.

    Raises
    ------
    ArgumentError
        If it cannot be read.
    """
    file = path_of(path, what="an analysis file")
    if file.is_dir():
        file = file / default
    try:
        text = file.read_text(encoding="utf-8")
        words = tomllib.loads(text)
    except OSError as error:
        raise ArgumentError(f"cannot read {file}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{file} is no TOML: {error}") from None
    return AnalysisFile(file, text, from_folder(words, file.parent))


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
    if "study" not in rest:
        raise ArgumentError(f'expected a line study = "NAME", one of {", ".join(STUDIES)}')
    kind = named(rest.pop("study"), "study", STUDIES)
    return study_class(kind).variant(rest).from_words(rest, experiments=experiments)


def _culprit(
    message: str, words: Mapping[str, Any], goes: Callable[[Mapping[str, Any]], bool]
) -> Sequence[str]:
    """Return the key that a message is about, with the tables that it is in; empty if unknown.

    It is the one that the message names, or whose value it shows; or else the only one without
    which the analysis goes.
    """
    said = re.split(r"[;,] did you mean|\(available:|\(has:", message)[0]
    entries = list(_entries(words))
    named_there = [path for path, _ in entries if _names(said, path[-1])]
    if named_there:
        return named_there[0]
    shown_there = [path for path, value in entries if any(_shows(said, v) for v in _parts(value))]
    if len(shown_there) == 1:
        return shown_there[0]
    apart = [key for key in words if key != "study" and goes(_without(words, key))]
    return apart if len(apart) == 1 else ()


def _entries(words: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every key of tables in tables, with its value."""
    for key, value in words.items():
        yield (key,), value
        if isinstance(value, Mapping):
            for path, inner in _entries(value):
                yield (key, *path), inner


def _parts(value: Any) -> Sequence[Any]:
    return [value, *value] if isinstance(value, list) else [value]


def _names(said: str, key: str) -> bool:
    """Return whether a message names a key."""
    plain = re.match(rf"(.* )?{re.escape(key)}(:| must | has )", said)
    return plain is not None or f"'{key}'" in said


def _shows(said: str, value: Any) -> bool:
    """Return whether a message shows a value."""
    texts = {shown(value)} | ({f"{value:g}"} if isinstance(value, float) else set())
    return any(re.search(rf"(got|unknown .*) {re.escape(text)}(?![\w.])", said) for text in texts)


def _without(words: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in words.items() if name != key}
