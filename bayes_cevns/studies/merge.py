"""Joining the shards of a study into the folder that a single run would have written."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bayes_cevns.arguments import path_of
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.given import several_experiments
from bayes_cevns.errors import ArgumentError, DataError, OutputError, shown
from bayes_cevns.progress.choice import Progress, checked_progress
from bayes_cevns.storage.digests import digest_of
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.record import RUN_FILE, difference, read_run
from bayes_cevns.storage.values import plain
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE
from bayes_cevns.studies.execution.executor import Executor
from bayes_cevns.studies.execution.shards import plan_of, shards_in
from bayes_cevns.studies.load import read_kept_study
from bayes_cevns.studies.run import run
from bayes_cevns.studies.study import Study

#: So many missing points are named.
_NAMED = 12


def merge(
    folders: Sequence[Path | str] | Path | str,
    *,
    out: Path | str,
    experiments: Sequence[Experiment] | None = None,
    on_point: Callable[[Any], None] | None = None,
    progress: Progress = None,
) -> Any:
    """Join the shards of a study into one folder, as a single run would have written it.

    Parameters
    ----------
    folders
        Folders of shards, or folders that hold nothing but shards. They stay as they are.
    out
        Folder for the results.
    experiments
        The experiments, where they were changed in Python.
    on_point
        Called with what is quoted of each point.
    progress
        Whether progress is shown, as in `bayes_cevns.run`.

    Returns
    -------
    Result
        What the function of the study returns.

    Raises
    ------
    ArgumentError
        If there is nothing to join, or a point is in none of the shards.
    DataError
        If a shard is of another study, of another version, or was altered.
    OutputError
        If the folder cannot be written, holds anything else, or is one of the shards.
    ConvergenceError
        If a result may not be quoted; it is written nevertheless.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> kept = bc.preview("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], out="first")
    >>> study = bc.read_analysis("first/analysis.toml")
    >>> for shard in ("1/2", "2/2"):
    ...     part = bc.run_shard(study, shard, out="shards")
    >>> len(bc.merge("shards", out="whole").points)
    2
    """
    progress = checked_progress(progress)
    study, executor = merged(folders, out=out, experiments=experiments)
    return run(study, out=out, on_point=on_point, executor=executor, progress=progress)


def merged(
    folders: Sequence[Path | str] | Path | str,
    *,
    out: Path | str,
    experiments: Sequence[Experiment] | None = None,
) -> tuple[Study[Any, Any, Any], Executor]:
    """Return the study of some shards, and what hands out their points; see `merge`."""
    places = _listed(folders)
    target = path_of(out, what="out (--out)").resolve()
    if any(place.resolve() in (target, *target.parents) for place in places):
        raise OutputError(f"{out} is, or is in, one of the folders to merge: choose another --out")
    if experiments is not None:
        experiments = several_experiments(experiments)
    records = {place: read_run(place) for place in places}
    _check_alike(records)
    study = read_kept_study(places[0], records[places[0]], experiments)
    shards = [_Kept.of(study, place) for place in places]
    _check_common(shards)
    known = {number: shard for shard in reversed(shards) for number in shard.contents}
    missing = [number for number in range(study.size()) if number not in known]
    if missing:
        raise ArgumentError(
            f"{len(missing)} of {study.size()} points are in none of the {len(shards)} folders: "
            f"{_numbers(missing)} (counted from 0); compute them first"
        )
    return study, _Shards(known, shards)


def _listed(folders: Sequence[Path | str] | Path | str) -> list[Path]:
    """Return the folders of all shards."""
    if not isinstance(folders, Path | str | Sequence):
        raise ArgumentError(f"expected the folders of shards, as a list, got {shown(folders)}")
    given = [folders] if isinstance(folders, Path | str) else list(folders)
    found: list[Path] = []
    for one in given:
        place = path_of(one, what="the folder of a shard")
        if (place / RUN_FILE).is_file():
            found.append(place)
            continue
        below = shards_in(place)
        if not below:
            raise ArgumentError(f"{place} holds no shard: give folders that --shard has written")
        found += below
    if not found:
        raise ArgumentError("nothing to merge: give the folders of shards")
    return list(dict.fromkeys(found))


def _check_alike(records: Mapping[Path, Mapping[str, Any]]) -> None:
    """Check that shards are of one study, one version of everything, and the same data."""
    first, *others = [(place, _said(place, record)) for place, record in records.items()]
    for place, said in others:
        for name, value in said.items():
            if value != first[1][name]:
                why = difference(first[1][name], value, first=f"in {first[0]}", second="in it")
                raise DataError(f"{place} cannot be merged with {first[0]}, it is of {name}: {why}")


def _said(place: Path, record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what shards must have in common, by what another one is of."""
    try:
        plan = plan_of((place / ANALYSIS_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{place / ANALYSIS_FILE} cannot be read: {error}") from None
    compared = {k: v for k, v in record.get("versions", {}).items() if k != "python"}
    return {
        "other versions": compared,
        "other data": record.get("data", {}),
        "another study": record.get("request", {}),
        "another plan": plan,
    }


@dataclass(frozen=True)
class _Kept:
    """A shard: its study, bound to its folder, and its points."""

    place: Path
    study: Study[Any, Any, Any]
    contents: Mapping[int, Any]

    @classmethod
    def of(cls, study: Study[Any, Any, Any], place: Path) -> _Kept:
        own = type(study)(**{name: getattr(study, name) for name in type(study).model_fields})
        kept = KeptRun(place, study.request())
        store = own.store(kept)
        store.look(own.size())
        return cls(place, own, dict(store.contents))


def _check_common(shards: Sequence[_Kept]) -> None:
    """Check that what all points have in common is the same in all shards."""
    first: dict[str, tuple[str, Path]] = {}
    for shard in shards:
        for name, value in shard.study.kept_common().items():
            digest = digest_of(plain(value))
            before, place = first.setdefault(name, (digest, shard.place))
            if before != digest:
                raise DataError(
                    f"{shard.place} and {place} were made with different {name}: were they "
                    "computed by processors of another kind?"
                )


class _Shards(Executor):
    """Hands out the points of shards."""

    computes = False

    def __init__(self, known: Mapping[int, _Kept], shards: Sequence[_Kept]) -> None:
        self.known, self.shards = known, shards

    def contents(
        self, study: Study[Any, Any, Any], numbers: Sequence[int]
    ) -> Generator[tuple[int, Any]]:
        """Return what is known; see `Executor.contents`."""
        common: dict[str, Any] = {}
        for shard in self.shards:
            common |= shard.study.kept_common()
        study.take_common(common)
        for number in numbers:
            shard = self.known[number]
            study.take_beside(number, shard.study.beside(number))
            yield number, shard.contents[number]


def _numbers(missing: Sequence[int]) -> str:
    named = ", ".join(map(str, missing[:_NAMED]))
    return named if len(missing) <= _NAMED else f"{named} and {len(missing) - _NAMED} more"
