"""A study: what is asked for, in which points it is computed, and what comes of them.

One class a study. Its fields are its options: in Python, on the command line and in an analysis
file alike, with their defaults and descriptions here and nowhere else. What a study has of its own
is what one point computes, what is quoted of it, and the tables; `bayes_cevns.studies.run` does the
rest, the same for all.
"""

from __future__ import annotations

import difflib
import json
from abc import abstractmethod
from collections.abc import Generator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bayes_cevns.arguments import names
from bayes_cevns.cards import Experiment
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, BayesCevnsError
from bayes_cevns.names import DEFAULT_ATOMS, DEFAULT_FORM_FACTOR, DEFAULT_WEAK_CHARGES
from bayes_cevns.physics.interactions import STANDARD_MODEL, Interaction, interaction
from bayes_cevns.physics.theory import THEORY_WORDS, Theory
from bayes_cevns.specification.columns import experiments_label
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.references import bibtex, citations
from bayes_cevns.storage.digests import digest_of
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.record import versions
from bayes_cevns.storage.values import plain
from bayes_cevns.studies import experiment_words
from bayes_cevns.studies.apart import Apart
from bayes_cevns.studies.identity import spec_request
from bayes_cevns.studies.options import (
    Alternatives,
    Atoms,
    Experiments,
    Flag,
    FormFactor,
    Mixing,
    New,
    Option,
    PriorName,
    Seed,
    Settings,
    WeakChargesName,
    asked,
    flags_of,
)
from bayes_cevns.studies.stores import Store


class Result(Displayed):
    """What a study has found: its tables, its words and, in `bayes_cevns.figures`, its figures."""

    def tables(self) -> Mapping[str, str]:
        """Return the texts of its CSV files by their names."""
        return {}

    def report(self) -> Mapping[str, Any]:
        """Return what ``run.toml`` says of it."""
        return {}

    def lines(self) -> Sequence[str]:
        """Return what the command prints of it."""
        return ()

    def failures(self) -> Mapping[str, str]:
        """Return why points failed, by their names."""
        return {}


class Study[Content, Point, Found](BaseModel, Displayed, Apart):
    """What a study is asked for; see the module.

    Type parameters: what is kept of a point, what is quoted of it, and the result.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> kept = bc.preview("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], out="first")
    >>> study = bc.read_analysis("first/analysis.toml")
    >>> study.kind, study.size()
    ('preview', 2)
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        ignored_types=(cached_property,),
    )

    #: Its name: of the command, in analysis files, and in ``run.toml``.
    kind: ClassVar[str]
    #: What a command line may say of its experiments besides `experiment_words.CHANGES`.
    experiment_changes: ClassVar[tuple[str, ...]] = ("runs", "source", "data")

    experiments: Experiments = asked("Experiments of the joint fit, by name or as objects.")
    nuisance_priors: Alternatives = asked(
        "Other priors by nuisance: flux_8b=sno of its card, or flux_8b=1.0+-0.05, uniform:0:2.",
        None,
        validate_default=True,
    )
    form_factor: FormFactor = asked("Nuclear form factor.", DEFAULT_FORM_FACTOR)
    weak_charges: WeakChargesName = asked(
        "Charges of the Standard Model: tree or radiative.", DEFAULT_WEAK_CHARGES
    )
    atoms: Atoms = asked("Response of atoms: see 'list atoms'.", DEFAULT_ATOMS)
    mixing: Mixing = asked("Mixing of solar neutrinos: fixed, or free as nuisances.", "fixed")
    allow_overlap: Flag = asked(
        "Accept experiments that share exposure, as if their events were independent.", False
    )
    allow_conflict: Flag = asked("Accept experiments that contradict each other.", False)
    seed: Seed = asked("Seed of the random numbers.", 1)

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise ArgumentError(self._wrong(error)) from None

    @classmethod
    def _wrong(cls, error: ValidationError) -> str:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "missing":
            return f"{cls.kind} needs {name} ({flags_of(name, cls.option(name))[0]})"
        if first["type"] == "extra_forbidden":
            close = difflib.get_close_matches(name, cls.model_fields, n=1)
            hint = f", did you mean {close[0]!r}?" if close else ""
            return f"{cls.kind} has no option {name!r}{hint} (has: {', '.join(cls.model_fields)})"
        return f"{cls.kind}: {name}: {first['msg']}"

    def model_post_init(self, _: Any) -> None:
        """Check what fields say of each other."""
        self.check_fields()

    def check_fields(self) -> None:
        """Raise the error of what cannot be asked for; nothing is computed for it."""
        _ = self.spec

    @classmethod
    def variant(cls, words: Mapping[str, Any]) -> type[Study[Any, Any, Any]]:  # noqa: ARG003
        """Return the class of what words ask for, where there are several of one name."""
        return cls

    @classmethod
    def option(cls, name: str) -> Option | None:
        """Return what a field is on the command line; ``None`` if it is nothing there."""
        found = [m for m in cls.model_fields[name].metadata if isinstance(m, Option)]
        return found[0] if found else None

    @classmethod
    def from_words(
        cls, words: Mapping[str, Any], *, experiments: Sequence[Experiment] | None = None
    ) -> Self:
        """Return the study that some words ask for, as `to_words` gives them.

        Parameters
        ----------
        words
            Options by their names, and what `experiment_words.from_words` takes.
        experiments
            Experiments in place of those that the words name.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a word is unknown, or what it asks for cannot be.
        """
        given = {key: value for key, value in words.items() if value is not None}
        changed = given.pop("changed", None)
        if changed is not None:
            changed = names(changed, what="changed, a list of what was made in Python")
        if changed and experiments is None:
            raise ArgumentError(
                f"this analysis was made in Python with {', '.join(changed)} of its own, which no "
                "file can hold: run it there, or give its experiments"
            )
        loading = {
            key: given.pop(key)
            for key in ("experiments", *experiment_words.CHANGES)
            if key in given
        }
        values = {name: cls._read(name, value) for name, value in given.items()}
        if experiments is None:
            theory = Theory(**{word: values[word] for word in THEORY_WORDS if word in values})
            experiments = experiment_words.from_words(loading, theory)
        return cls(experiments=experiments, **values)

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:
        option = cls.option(name) if name in cls.model_fields else None
        listed = value if isinstance(value, list) and value else [value]
        if option is not None and isinstance(value, list) and not option.many:
            return value  # a list already, such as that of masses
        if option is None or option.read is None or not all(isinstance(v, str) for v in listed):
            return value
        return option.read(value)

    def to_words(self) -> dict[str, Any]:
        """Return the words that ask for this study, every default filled in.

        What words cannot make again is named under ``changed``.
        """
        found, changed = experiment_words.to_words(self.experiments, self.theory)
        found = {"study": self.kind, **found}
        for name in type(self).model_fields:
            if name != "experiments":
                value = self.word_of(name)
                if value is not None:
                    found[name] = value
        changed = [f"the experiment {name}" for name in changed] + self.foreign()
        return found | ({"changed": changed} if changed else {})

    def word_of(self, name: str) -> Any:
        """Return the word of a field, as TOML has it; ``None`` where it says nothing.

        A number has one word, whichever way it was given: 10 is 10.0, and one mass a list of one.
        """
        value = getattr(self, name)
        if name in _MASSES and hasattr(self, _MASSES[name]):
            value = getattr(self, _MASSES[name])
            if isinstance(value, list):
                return [mass for mass in value if mass is not None] or None
        option = self.option(name)
        if option is not None and option.kind is float and isinstance(value, int):
            return float(value)
        if isinstance(value, Interaction):
            return value.name
        if value is None and name == "interaction":
            return STANDARD_MODEL
        return plain(value)

    def foreign(self) -> list[str]:
        """Return what the words of this study cannot make again, besides its experiments."""
        return []

    @property
    def theory(self) -> Theory:
        """What is assumed of nuclei, weak charges and atoms."""
        return Theory(**{word: getattr(self, word) for word in THEORY_WORDS})

    # What decides the outcome, and what is checked before time is spent.

    @cached_property
    @abstractmethod
    def spec(self) -> ModelSpec:
        """The model that is fitted."""

    def request(self) -> dict[str, Any]:
        """Return everything that decides the outcome, as TOML values: the identity of a run."""
        known = spec_request(self.spec)
        own = {
            name: self.word_of(name)
            for name in type(self).model_fields
            if name not in known and name != "experiments" and self._decides(name)
        }
        if "settings" in own:
            own["settings"] = getattr(self, "settings").as_request()  # noqa: B009  # not of all
        return {
            "study": self.kind,
            **known,
            **{name: value for name, value in own.items() if value is not None},
        }

    def _decides(self, name: str) -> bool:
        option = self.option(name)
        return option is None or option.decides

    def check(self) -> None:
        """Raise whatever error the study would raise later, before time is spent."""

    def references(self) -> str:
        """Return the BibTeX entries of what is used."""
        return bibtex(citations(self.spec))

    # The points, and what comes of them.

    @abstractmethod
    def size(self) -> int:
        """Return how many points there are."""

    @abstractmethod
    def store(self, folder: KeptRun | None) -> Store[Content]:
        """Return where points are kept."""

    def prepare(self) -> None:
        """Do what takes time before the first point that is computed, such as to compile."""

    @abstractmethod
    def compute(self, number: int) -> Content:
        """Compute one point."""

    def computed(self, numbers: Sequence[int]) -> Generator[Content]:
        """Compute points one after the other in this process, and yield each in its turn."""
        for number in numbers:
            yield self.compute(number)

    @abstractmethod
    def point(self, number: int, content: Content) -> Point:
        """Return what is quoted of a point, without computing it again."""

    @abstractmethod
    def result(self, points: Mapping[int, Point]) -> Found:
        """Return the result of the points that are known, by their numbers."""

    @abstractmethod
    def has_failed(self, point: Point) -> bool:
        """Return whether a point failed, such as a fit that did not pass its gate."""

    def said(self, point: Point) -> str:  # noqa: ARG002  # of those that have more to say
        """Return what is said of a point while the study goes on, in a few words."""
        return ""

    def with_more(self, name: str, number: int) -> Self:
        """Return the study that asks for so many at least, of what a field says how many."""
        if getattr(self, name) >= number:
            return self
        given = {field: getattr(self, field) for field in type(self).model_fields}
        return type(self)(**{**given, name: number})

    def with_all(self, points: Mapping[int, Point]) -> Self:  # noqa: ARG002  # of those that may
        """Return the study that asks for all points that are there, where it may ask for more."""
        return self

    def parts(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the requests of runs in folders below, by their relative paths."""
        return {}

    def judge(self, result: Found) -> None:
        """Raise the error of a result that may not be quoted, after it has been written."""


class ModelStudy[Content, Point, Found](Study[Content, Point, Found]):
    """A study of one model: the Standard Model, or an interaction."""

    interaction: New = asked(
        "Interaction, by name (see 'list interactions'), or sm.",
        STANDARD_MODEL,
        validate_default=True,
    )

    @cached_property
    def spec(self) -> ModelSpec:
        """The model that is fitted."""
        return self.spec_of(self.experiments)

    def spec_of(self, experiments: Experiments, **changes: Any) -> ModelSpec:
        """Return the model of this study with some experiments."""
        asked_for: dict[str, Any] = {
            "interaction": STANDARD_MODEL if self.interaction is None else self.interaction,
            "nuisance_priors": self.nuisance_priors,
            "theory": self.theory,
            "mixing": self.mixing,
            "allow_overlap": self.allow_overlap,
            "allow_conflict": self.allow_conflict,
        }
        return ModelSpec.of(experiments, **{**asked_for, **changes})

    def foreign(self) -> list[str]:
        """Return the interaction, if its name does not stand for it."""
        own = self.interaction
        if own is None:
            return []
        try:
            same = digest_of(interaction(own.name)) == digest_of(own)
        except BayesCevnsError:
            same = False
        return [] if same else [f"an interaction {own.name}"]


class SampledStudy[Content, Point, Found](ModelStudy[Content, Point, Found]):
    """A study that samples, with a prior of the coupling."""

    prior: PriorName = asked("Prior of the coupling: flat, flat-rate or log.", "flat")
    settings: Settings = asked("How to sample.", None, validate_default=True)

    def spec_of(self, experiments: Experiments, **changes: Any) -> ModelSpec:
        """Return the model of this study with some experiments."""
        return super().spec_of(experiments, **{"prior": self.prior, **changes})

    def attributes(self) -> dict[str, Any]:
        """Return what ``posterior.nc`` says of itself."""
        coupling = {} if self.interaction is None else self.interaction.coupling.__dict__
        asked_for: dict[str, Any] = {
            name: self.word_of(name)
            for name in ("mass_mev", "level", "seed", "prior", "mixing", *THEORY_WORDS)
            if getattr(self, name, None) is not None
        }
        return {
            "study": self.kind,
            "experiments": experiments_label(self.experiments),
            "interaction": str(self.word_of("interaction")),
            **{f"coupling_{key}": str(coupling[key]) for key in _COUPLING if key in coupling},
            **asked_for,
            "versions": json.dumps(versions()),
        }


#: Field -> the property that has its masses after they were checked.
_MASSES = {"mass_mev": "mass", "masses_mev": "masses"}

#: What of a coupling ``posterior.nc`` says.
_COUPLING = ("symbol", "unit", "definition")
