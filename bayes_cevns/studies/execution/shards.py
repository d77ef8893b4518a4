"""Shards: a study as many jobs that know nothing of each other, each with a share of its points."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bayes_cevns.bounds import within
from bayes_cevns.errors import ArgumentError, DataError, OutputError, shown
from bayes_cevns.storage.record import RUN_FILE, difference, identity, read_run
from bayes_cevns.storage.values import plain
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, to_toml
from bayes_cevns.studies.study import Study

_WORDS = re.compile(r"(\d+)/(\d+)", re.ASCII)
_NAME = re.compile(r"shard-(\d+)-of-(\d+)", re.ASCII)


@dataclass(frozen=True)
class Shard:
    """One of several shares of the points of a study.

    Attributes
    ----------
    place
        Which one, from 1 on.
    total
        How many there are.
    """

    place: int
    total: int

    @classmethod
    def of(cls, given: str | Shard) -> Self:
        """Return a shard of its words, such as ``"3/20"``.

        Raises
        ------
        ArgumentError
            If they are none, or there is no such shard.
        """
        if isinstance(given, cls):
            return given
        found = _WORDS.fullmatch(given) if isinstance(given, str) else None
        if found is None:
            raise ArgumentError(f"shard: expected words such as 3/20, got {shown(given)}")
        place, total = int(found[1]), within("shards", int(found[2]))
        if not 1 <= place <= total:
            raise ArgumentError(f"shard: expected 1/{total} to {total}/{total}, got {given}")
        return cls(place, total)

    def __str__(self) -> str:
        return f"{self.place}/{self.total}"

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"shard-{self.place}-of-{self.total}"

    def numbers(self, size: int) -> range:
        """Return the numbers of its points of so many: every one of `total`, from its place on.

        Neighbours, which take about as long as each other, are in different shards.

        Raises
        ------
        ArgumentError
            If it has none.
        """
        if self.total > size:
            raise ArgumentError(
                f"shard: {shown(str(self))} of a study of {size} points: ask for {size} shards at "
                "most"
            )
        return range(self.place - 1, size, self.total)

    def folder_in(self, parent: Path, study: Study[Any, Any, Any]) -> Path:
        """Return its folder.

        Raises
        ------
        OutputError
            If the folder above it is that of a run, or has shards of another study or of another
            number of shards.
        """
        if (parent / RUN_FILE).exists():
            raise OutputError(f"{parent} holds a run, and no shards: choose another --out")
        for other in shards_in(parent):
            found = _NAME.fullmatch(other.name)
            if found is not None and int(found[2]) != self.total:
                raise OutputError(
                    f"{parent} holds {other.name}, of {found[2]} shards and not {self.total}: "
                    "choose another --out"
                )
            _check_same(study, other, parent)
        return parent / self.name


def shards_in(parent: Path) -> list[Path]:
    """Return the folders of shards in a folder, in their order."""
    if not parent.is_dir():
        return []
    found = [(one, _NAME.fullmatch(one.name)) for one in parent.iterdir()]
    places = {one: (int(name[2]), int(name[1])) for one, name in found if name and one.is_dir()}
    return sorted(places, key=lambda one: places[one])


def _check_same(study: Study[Any, Any, Any], other: Path, parent: Path) -> None:
    """Check that another shard is of the same study; one that has just begun says nothing yet."""
    try:
        record = read_run(other)
        there = plan_of((other / ANALYSIS_FILE).read_text(encoding="utf-8"))
    except (DataError, OSError, ValueError):
        return
    why, asked = "", plan_of(to_toml(study))
    if record["identity"] != identity(study.request()):
        why = difference(record["request"], plain(study.request()))
    elif there != asked:
        why = difference(there, asked)
    if why:
        raise OutputError(
            f"{parent} holds {other.name} of another plan ({why}): choose another --out"
        )


def plan_of(analysis: str) -> dict[str, Any]:
    """Return what an analysis file asks for, but for the number of cores, which is of each job.

    Raises
    ------
    ValueError
        If it is no TOML.
    """
    words = tomllib.loads(analysis)
    words.get("settings", {}).pop("cores", None)
    return words
