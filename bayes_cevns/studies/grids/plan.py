"""A plan: the studies of a grid, made and checked, with the time that they will take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import tomlkit

from bayes_cevns import __version__
from bayes_cevns.arguments import flag, mapping, path_of
from bayes_cevns.bounds import MOST_POINTS
from bayes_cevns.cards import Experiment
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, BayesCevnsError
from bayes_cevns.physics.theory import THEORY_WORDS, Theory
from bayes_cevns.progress.standing import duration_text
from bayes_cevns.storage.names import PLAN_FILE
from bayes_cevns.storage.record import DATA_USED, identity
from bayes_cevns.storage.values import plain
from bayes_cevns.studies import experiment_words
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, AnalysisFile, read_words, study_of
from bayes_cevns.studies.costs import Cost, Estimate, estimate, measurements
from bayes_cevns.studies.grids.expansion import (
    Combination,
    Family,
    combinations,
    families,
    is_grid,
)
from bayes_cevns.studies.study import Study

#: The name of a grid among studies, in ``run.toml``.
GRID = "grid"

#: Studies that are listed one by one.
_LISTED = 40


@dataclass(frozen=True, repr=False)
class PlannedStudy(Displayed):
    """One study of a plan.

    Attributes
    ----------
    combination
        Its name, its kind, and what it is asked for.
    experiments
        Its experiments, which studies with the same words have in common.
    points
        How many points it has.
    request
        The identity of its run.
    cost
        What it will take.
    """

    combination: Combination
    experiments: tuple[Experiment, ...]
    points: int
    request: Mapping[str, Any]
    cost: Estimate

    @property
    def name(self) -> str:
        """Its folder below that of the grid."""
        return self.combination.name

    @property
    def seconds(self) -> float:
        """The seconds that it will take, one point after the other."""
        return self.cost.preparing_seconds + self.points * self.cost.point_seconds

    def study(self) -> Study[Any, Any, Any]:
        """Return the study, made anew: what one has compiled goes with it."""
        return study_of(self.combination.words, experiments=self.experiments)

    def text(self) -> str:
        """Return it in a line."""
        points = "1 point" if self.points == 1 else f"{self.points:,} points"
        kind = self.combination.kind
        return f"{self.name}: {kind}, {points}, about {duration_text(self.seconds)}"


@dataclass(frozen=True, repr=False)
class Plan(Displayed):
    """What an analysis file asks for: one study, or the product of its lists.

    Attributes
    ----------
    words
        The words of the file.
    families
        Its studies by kind, with what is varied.
    studies
        All of them, in the order in which they run.
    """

    words: Mapping[str, Any]
    families: tuple[Family, ...]
    studies: tuple[PlannedStudy, ...]

    def _title(self) -> str:
        return f"Plan: {len(self.studies):,} studies, {self.points:,} points"

    def _rows(self) -> dict[str, object]:
        return {
            "lists": "; ".join(family.text for family in self.families),
            "time": self.time_text,
            "studies": [one.name for one in self.studies],
        }

    @property
    def is_grid(self) -> bool:
        """Whether it is more than an analysis that stands in its file as it is."""
        return is_grid(self.words, self.families)

    @property
    def points(self) -> int:
        """The number of points of all studies."""
        return sum(one.points for one in self.studies)

    @cached_property
    def varied(self) -> tuple[str, ...]:
        """The options that differ between studies."""
        every = [name for family in self.families for name in family.varied]
        return tuple(dict.fromkeys(every))

    @property
    def time_text(self) -> str:
        """How long it will take, and where that is known from."""
        seconds = sum(one.seconds for one in self.studies)
        origins = Counter(one.cost.origin for one in self.studies)
        known = ", ".join(f"{number} {origin}" for origin, number in origins.items())
        return f"about {duration_text(seconds)}, one point after the other (studies: {known})"

    def only(self) -> Study[Any, Any, Any]:
        """Return the study of a plan that has one.

        Raises
        ------
        ArgumentError
            If it is a grid.
        """
        if self.is_grid:
            raise ArgumentError(
                f"a shard is of one study, this is a grid of {_studies(len(self.studies))}: use "
                "--workers or --scheduler, or give each study a file of its own"
            )
        return self.studies[0].study()

    def lines(self) -> list[str]:
        """Return the plan as it is printed before anything starts."""
        studies = _studies(len(self.studies))
        listed = [f"  {one.text()}" for one in self.studies[:_LISTED]]
        rest = len(self.studies) - len(listed)
        more = [f"  and {rest:,} more"] if rest else []
        found = [f"plan: {studies}, {self.points:,} points"]
        found += [f"  {family.text}" for family in self.families if family.varied]
        return [*found, *listed, *more, f"time: {self.time_text}"]

    def request(self) -> dict[str, Any]:
        """Return the identity of the plan: its lists, and the identity of each study."""
        lists = {
            f"{family.label}.{name}".strip("."): [one.label for one in each]
            for family in self.families
            for name, each in family.varied.items()
        }
        return {
            "study": GRID,
            "lists": lists,
            "studies": {one.name: identity(one.request) for one in self.studies},
            DATA_USED: sorted({file for one in self.studies for file in one.request[DATA_USED]}),
        }

    def to_toml(self) -> str:
        """Return the text of ``plan.toml``, which asks for the plan again."""
        document = tomlkit.document()
        document.add(tomlkit.comment(f"bayes_cevns {__version__}; goes on with: bayes-cevns run"))
        for key, value in plain(self.words).items():
            document.add(key, _in_place(value))
        return tomlkit.dumps(document)

    def check_size(self, *, yes: bool) -> None:
        """Check that there are not more points than anybody means by accident.

        Raises
        ------
        ArgumentError
            If there are, and nobody said yes.
        """
        if not yes:
            _refuse_more(self.points, f"{self.points:,} points in {_studies(len(self.studies))}")


def _in_place(value: Any) -> Any:
    """Return a value whose tables stand where they are: the order of lists is that of studies."""
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(map(_in_place, value))
        return array
    if not isinstance(value, Mapping):
        return value
    table = tomlkit.inline_table()
    table.update({key: _in_place(each) for key, each in value.items()})
    return table


def read_plan(path: Path | str, *, yes: bool = True) -> Plan:
    r"""Return what an analysis file asks for.

    Parameters
    ----------
    path
        A TOML file, or a folder with a ``plan.toml`` or an ``analysis.toml``. Its keys are those of
        a study, by their names in Python; where an option takes one value a list has alternatives,
        and where it takes a list or a table, a list of these. All combinations are studies.
    yes
        Whether there may be any number of studies.

    Raises
    ------
    ArgumentError, UnknownNameError
        If it cannot be read, or asks for what does not exist or cannot be; the message names the
        file, and the line and the key where it can.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> from pathlib import Path
    >>> text = 'study = "preview"\nexperiments = [["xenonnt_2024_s2"]]\nmasses_mev = [10.0]\n'
    >>> written = Path("plan.toml").write_text(text + 'interaction = ["b-l", "scalar-universal"]\n')
    >>> len(bc.read_plan("plan.toml").studies)
    2
    """
    yes, folder = flag(yes, what="yes"), path_of(path, what="an analysis file")
    default = PLAN_FILE if (folder / PLAN_FILE).is_file() else ANALYSIS_FILE
    file = read_words(path, default=default)
    with file.located(families):
        found = families(file.words)
    return _plan(file.words, found, file, yes=yes)


def plan_of(words: Mapping[str, Any], *, yes: bool = True) -> Plan:
    """Return the plan of some words, as `read_plan` of a file with them."""
    given = mapping(words, what="words of an analysis, such as {'study': 'scan', ...}")
    plain_words = {str(key): plain(value) for key, value in given.items()}
    return _plan(plain_words, families(plain_words), None, yes=yes)


def _plan(
    words: Mapping[str, Any], found: tuple[Family, ...], file: AnalysisFile | None, *, yes: bool
) -> Plan:
    number = sum(family.size for family in found)
    if not yes:
        _refuse_more(number, _studies(number))
    costs, experiments = measurements(), _Experiments()
    studies = []
    for one in combinations(found):
        try:
            studies.append(_planned(one, experiments, costs))
        except BayesCevnsError as error:
            where = f"study {one.name}: " if is_grid(words, found) else ""
            if file is None:
                raise ArgumentError(f"{where}{error}") from None
            with AnalysisFile(file.path, file.text, dict(one.words)).located(study_of):
                raise ArgumentError(f"{where}{error}") from None
    return Plan(words, found, tuple(studies))


def _planned(one: Combination, experiments: _Experiments, costs: Sequence[Cost]) -> PlannedStudy:
    known = experiments.of(one.words)
    study = study_of(one.words, experiments=known)
    request = plain(study.request())
    return PlannedStudy(one, study.experiments, study.size(), request, estimate(study, costs))


class _Experiments:
    """Experiments by their words, each loaded once for all studies."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Experiment, ...]] = {}

    def of(self, words: Mapping[str, Any]) -> tuple[Experiment, ...] | None:
        """Return the experiments of a study; ``None`` where it does not name them itself."""
        if "experiments" not in words or "changed" in words:
            return None
        names = ("experiments", *experiment_words.CHANGES)
        own = {name: words[name] for name in (*names, *THEORY_WORDS) if name in words}
        key = repr(sorted(own.items(), key=lambda pair: pair[0]))
        if key not in self._known:
            theory = Theory(**{word: own[word] for word in THEORY_WORDS if word in own})
            self._known[key] = experiment_words.from_words(own, theory)
        return self._known[key]


def _studies(number: int) -> str:
    return "1 study" if number == 1 else f"{number:,} studies"


def _refuse_more(points: int, what: str) -> None:
    if points > MOST_POINTS:
        raise ArgumentError(
            f"this plan has {what}, more than {MOST_POINTS:,} points: say --yes (yes=True) if that "
            "is meant, or shorten its lists"
        )
