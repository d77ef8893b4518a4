"""Files of a user beside an analysis: the folder of a run holds what it needs to run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.own_files import OwnFiles
from bayes_cevns.sources.flux_file import is_flux_file, parsed_flux, with_name

#: What the name of a copy begins with: no table of results does.
PREFIX = "flux-"


def with_copies(
    words: Mapping[str, Any], experiments: tuple[Experiment, ...]
) -> tuple[dict[str, Any], dict[str, str | bytes]]:
    """Return the words of a study with the files of a user beside them, and these files.

    Parameters
    ----------
    words
        The words, in which ``source`` may be the path of a flux.
    experiments
        The experiments, which know what was in the files of cards, tables and fluxes when they
        were read.

    Returns
    -------
    tuple
        The words with names of files in place of paths, and name of a file -> content.
    """
    texts = fluxes_of(experiments)
    copies: dict[str, str] = {}
    names: dict[str, str] = {}
    for path, text in texts.items():
        stem = Path(path).stem.removeprefix(PREFIX)
        name, number = f"{PREFIX}{stem}.csv", 1
        while copies.get(name, text) != text:
            number += 1
            name = f"{PREFIX}{stem}-{number}.csv"
        names[path] = name
        copies[name] = text
    changed = _with_sources(words, lambda source: names.get(source, source))
    used = set(_sources(changed))
    cards = cards_of(experiments)
    found: dict[str, str | bytes] = {}
    for own in cards.values():
        found |= own.copies()
    found |= {name: text for name, text in copies.items() if name in used}
    return _with_cards(changed, {path: own.card_name for path, own in cards.items()}), found


def cards_of(experiments: tuple[Experiment, ...]) -> dict[str, OwnFiles]:
    """Return the files of experiments of a user, by what their words call them."""
    return {str(one.origin.get("name")): one.own for one in experiments if one.own is not None}


def _with_cards(words: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return words with other names of experiments."""
    listed = words.get("experiments")
    if not isinstance(listed, list):
        return dict(words)

    def renamed(one: Any) -> Any:
        if isinstance(one, Mapping):
            return {**one, "name": names.get(str(one.get("name")), one.get("name"))}
        return names.get(one, one) if isinstance(one, str) else one

    return {**words, "experiments": [renamed(one) for one in listed]}


def fluxes_of(experiments: tuple[Experiment, ...]) -> dict[str, str]:
    """Return the fluxes of a user among the sources of experiments: path -> what was read there."""
    sources = [signal.source for e in experiments for signal in e.signals]
    return {str(s.file.path): with_name(s.file.text, s.name) for s in sources if s.file}


def with_texts(words: Mapping[str, Any], fluxes: Mapping[str, str]) -> dict[str, Any]:
    """Return the words of a study with its fluxes in place of the paths of their files.

    Parameters
    ----------
    words
        The words, in which ``source`` may be the path of a flux.
    fluxes
        Path of a flux -> its text.
    """

    def found(source: str) -> Any:
        return parsed_flux(Path(source), fluxes[source]) if source in fluxes else source

    return _with_sources(words, found)


def from_folder(words: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the words of a study whose fluxes and cards lie in a folder, with their paths."""

    def found(source: str) -> str:
        there = folder / source
        return str(there) if is_flux_file(source) and there.is_file() else source

    changed = _with_sources(words, found)
    listed = words.get("experiments")
    names = [one.get("name") if isinstance(one, Mapping) else one for one in _listed(listed)]
    cards = {n: str(folder / n) for n in names if isinstance(n, str) and _is_card(folder, n)}
    return _with_cards(changed, cards)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_card(folder: Path, name: str) -> bool:
    return name.endswith(".toml") and (folder / name).is_file()


def _with_sources(words: Mapping[str, Any], change: Callable[[str], Any]) -> dict[str, Any]:
    """Return words with other sources, for all experiments or in the tables of single ones."""
    changed = dict(words)
    if isinstance(words.get("source"), str):
        changed["source"] = change(words["source"])
    listed = words.get("experiments")
    if isinstance(listed, list):
        changed["experiments"] = [
            _with_sources(one, change) if isinstance(one, Mapping) else one for one in listed
        ]
    return changed


def _sources(words: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(words.get("source"), str):
        yield words["source"]
    for one in words.get("experiments", ()):
        if isinstance(one, Mapping):
            yield from _sources(one)
