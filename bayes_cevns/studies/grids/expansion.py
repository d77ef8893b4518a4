"""An analysis with lists as the words of many: the product of its lists, in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from bayes_cevns.arguments import named
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.studies.catalogue import STUDIES, study_class
from bayes_cevns.studies.grids.alternatives import EXPERIMENTS, Alternative, alternatives, slug

#: Between the parts of the name of a folder, and the characters that it has at most.
_BETWEEN, _MOST = "__", 120


@dataclass(frozen=True)
class Combination:
    """One study of a grid.

    Attributes
    ----------
    name
        Its folder.
    kind
        The name of the study.
    varied
        What it has of the options that have alternatives, in a word or a number each.
    words
        All that it is asked for, as `Study.to_words` gives it.
    """

    name: str
    kind: str
    varied: Mapping[str, str | float | int | bool]
    words: Mapping[str, Any]


@dataclass(frozen=True)
class Family:
    """Studies of one kind that are asked for together.

    Attributes
    ----------
    kind, label
        The name of the study, and that of the family; empty if there is only one.
    fixed, varied
        Options with one value, and those with alternatives.
    """

    kind: str
    label: str
    fixed: Mapping[str, Any]
    varied: Mapping[str, tuple[Alternative, ...]]

    @property
    def size(self) -> int:
        """The number of studies."""
        return prod(map(len, self.varied.values()))

    @property
    def text(self) -> str:
        """The lists and their lengths."""
        lists = " x ".join(f"{name} ({len(each)})" for name, each in self.varied.items())
        return f"{self.kind}: {lists}" if lists else self.kind

    def combinations(self) -> Iterator[Combination]:
        """Yield its studies."""
        for chosen in product(*self.varied.values()):
            own = dict(zip(self.varied, chosen, strict=True))
            parts = [self.label, *(one.label for one in chosen)]
            yield Combination(
                _shortened(_BETWEEN.join(filter(None, parts)) or self.kind),
                self.kind,
                {name: one.shown for name, one in own.items()},
                {"study": self.kind, **self.fixed, **{n: one.value for n, one in own.items()}},
            )


def families(words: Mapping[str, Any]) -> tuple[Family, ...]:
    """Return what an analysis asks for.

    Parameters
    ----------
    words
        As of an analysis file. ``study`` is a name, or a list of tables with options of their own
        beside those that are common to all.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is no such study, a list is empty, or an option is given twice.
    """
    asked = words.get("study")
    if not isinstance(asked, list):
        return (_family(words, ""),)
    common = {key: value for key, value in words.items() if key != "study"}
    if not asked or not all(isinstance(table, Mapping) for table in asked):
        raise ArgumentError(
            f"study: expected one name, or a table [[study]] for each study, got {shown(asked)}"
        )
    found = []
    for number, table in enumerate(asked, start=1):
        twice = next((key for key in table if key in common), None)
        if twice is not None:
            raise ArgumentError(
                f"{twice} is given for all studies and again in the [[study]] number {number}: "
                "give it in one of the two places"
            )
        label = table.get("name", table.get("study", ""))
        if not isinstance(label, str) or not label or slug(label) != label:
            raise ArgumentError(f"name: expected a word for a folder, got {shown(label)}")
        own = {key: value for key, value in table.items() if key != "name"}
        found.append(_family({**common, **own}, label if len(asked) > 1 else ""))
    labels = [family.label for family in found]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise ArgumentError(f'two of [[study]] are called {twice!r}: give each a name = "..."')
    return tuple(found)


def is_grid(words: Mapping[str, Any], found: tuple[Family, ...]) -> bool:
    """Return whether these are more than one analysis that stands in its file as it is."""
    return isinstance(words.get("study"), list) or any(family.varied for family in found)


def _family(words: Mapping[str, Any], label: str) -> Family:
    if "study" not in words:
        raise ArgumentError(f'expected a line study = "NAME", one of {", ".join(STUDIES)}')
    kind = named(words["study"], "study", STUDIES)
    fixed: dict[str, Any] = {}
    varied: dict[str, tuple[Alternative, ...]] = {}
    # Experiments come first wherever they are: as a table they can only stand at the end.
    for name, value in sorted(words.items(), key=lambda pair: pair[0] != EXPERIMENTS):
        if name == "study":
            continue
        found = alternatives(study_class(kind), name, value)
        if found is None:
            fixed[name] = value
        else:
            varied[name] = found
    return Family(kind, label, fixed, varied)


def combinations(found: tuple[Family, ...]) -> list[Combination]:
    """Return all studies, each with a name of its own."""
    every = [one for family in found for one in family.combinations()]
    taken: set[str] = set()
    for place, one in enumerate(every):
        tried = (one.name, *(f"{one.name}-{number}" for number in range(2, len(every) + 2)))
        name = next(each for each in tried if each.casefold() not in taken)
        taken.add(name.casefold())  # some file systems take upper and lower case for the same
        every[place] = replace(one, name=name)
    return every


def _shortened(name: str) -> str:
    """Return a name that every file system takes, with a digest of what it lacks."""
    if len(name) <= _MOST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _MOST - 9]}-{digest}"
