"""Experiments as the words of an analysis file, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bayes_cevns.arguments import names, of_kind
from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.projections import scaled, with_threshold
from bayes_cevns.errors import ArgumentError, BayesCevnsError, shown
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory
from bayes_cevns.sources import Source, source
from bayes_cevns.sources.flux_file import parsed_flux
from bayes_cevns.specification.simulation import asimov, toy
from bayes_cevns.studies.identity import content_digest

#: What is said of an experiment besides its name, in the order in which it is done.
CHANGES = ("runs", "source", "threshold_kev", "exposure_scale", "data")


def from_words(
    words: Mapping[str, Any], theory: Theory = STANDARD_THEORY
) -> tuple[Experiment, ...]:
    """Return the experiments of an analysis.

    Parameters
    ----------
    words
        ``experiments``, a list of names, of paths of cards, or of tables with a ``name`` and any
        of `CHANGES`; and any of these for all of them.
    theory
        Of the Standard Model that makes data that are simulated.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is no such experiment, or it cannot be changed like this.
    """
    common = {key: words[key] for key in CHANGES if words.get(key) is not None}
    listed = words.get("experiments")
    if isinstance(listed, str | Mapping):
        listed = [listed]
    if not isinstance(listed, Sequence) or not listed:
        raise ArgumentError(f"experiments: expected a list of names, got {shown(listed)}")
    if "runs" in common and len(listed) != 1:
        raise ArgumentError("--runs goes with one experiment only")
    tables = [one if isinstance(one, Mapping) else {"name": one} for one in listed]
    return tuple(_changed({**common, **table}, theory) for table in tables)


def _changed(words: Mapping[str, Any], theory: Theory) -> Experiment:
    for key in words:
        if key not in ("name", *CHANGES):
            raise ArgumentError(
                f"experiments: unknown key {shown(key)} (known: name, {', '.join(CHANGES)})"
            )
    return _with_changes(experiment(words.get("name", "")), words, theory)


def _with_changes(found: Experiment, words: Mapping[str, Any], theory: Theory) -> Experiment:
    """Return an experiment with the changes that words ask for."""
    for key in CHANGES:
        if key in words:
            found = _CHANGE[key](found, words[key], theory)
    return found


def _with_data(found: Experiment, data: object, theory: Theory) -> Experiment:
    """Return an experiment with data of the Standard Model in place of those observed."""
    kind, _, seed = str(data).partition(":")
    if data == "observed":
        return found
    if data == "asimov":
        return asimov(found, theory=theory)
    if kind == "toy" and seed.isascii() and seed.isdecimal():
        return toy(found, seed=int(seed), theory=theory)
    raise ArgumentError(f"--data: expected observed, asimov or toy:SEED, got {shown(data)}")


def _source(given: object) -> Source:
    return given if isinstance(given, Source) else source(of_kind(given, str, what="a source"))


_CHANGE = {
    "runs": lambda e, runs, _: e.select_runs(names(runs, what="a list of runs")),
    "source": lambda e, given, _: e.with_source(_source(given)),
    "threshold_kev": lambda e, kev, _: with_threshold(e, kev),
    "exposure_scale": lambda e, factor, _: scaled(e, exposure=factor),
    "data": _with_data,
}


def to_words(
    experiments: Sequence[Experiment], theory: Theory = STANDARD_THEORY
) -> tuple[dict[str, Any], list[str]]:
    """Return the words of experiments, and the names of those that words cannot make again.

    An experiment that was changed in Python in any other way than by the functions of this package
    is one of the latter.
    """
    changed = [e.name for e in experiments if not _is_made_by(e, theory)]
    tables = [{"name": e.name, **dict(e.origin)} for e in experiments]
    rest = [{key: table[key] for key in CHANGES if key in table} for table in tables]
    if all(each == rest[0] for each in rest) and not ("runs" in rest[0] and len(rest) > 1):
        return {"experiments": [table["name"] for table in tables], **rest[0]}, changed
    return {"experiments": tables}, changed


def _is_made_by(one: Experiment, theory: Theory) -> bool:
    """Return whether the words of an experiment make it again."""
    if not one.origin:
        return False
    words = dict(one.origin)
    for file in (signal.source.file for signal in one.signals):
        if file is not None and words.get("source") == str(file.path):
            # What was read counts: a run keeps a copy of it, whatever became of the file.
            words["source"] = parsed_flux(file.path, file.text)
    try:
        if one.own is None:
            again = _changed(words, theory)
        else:  # what was read counts, whatever became of the files
            again = _with_changes(one.own.loaded, words, theory)
    except BayesCevnsError:
        return False
    return again.name == one.name and content_digest(again) == content_digest(one)
