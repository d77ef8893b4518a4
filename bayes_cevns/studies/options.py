"""The options of studies: what each is called in words, how it is checked, what it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo

from bayes_cevns.arguments import flag, mapping, named
from bayes_cevns.bounds import within
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.given import several_experiments
from bayes_cevns.cards.priors import Prior
from bayes_cevns.couplings.priors import check_max_coupling
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.names import ATOMS_TEXTS, MIXING_TEXTS, PRIOR_TEXTS, WEAK_CHARGES_TEXTS
from bayes_cevns.physics.form_factors import FORM_FACTORS
from bayes_cevns.physics.interactions import Interaction, interaction_or_none
from bayes_cevns.studies import words
from bayes_cevns.summary.draws import check_level, check_levels


@dataclass(frozen=True)
class Option:
    """What a field of a study is on the command line.

    Attributes
    ----------
    flags
        Its names there, such as ``("--masses", "--mass")``; ``--field-name`` by default.
    kind
        The type of its word: `str`, `float`, `int` or `bool`.
    read
        What makes its value of a text, where the text is not the value already.
    many
        Whether it may be repeated.
    greedy
        Whether it takes all words up to the next option: ``--free ee_u ee_d``.
    metavar
        What stands for its word in the help; its type by default.
    decides
        Whether the outcome depends on it; if not, another value goes with a run that is there.
    """

    flags: tuple[str, ...] = ()
    kind: type = str
    read: Callable[[Any], Any] | None = None
    many: bool = False
    greedy: bool = False
    metavar: str | None = None
    decides: bool = True


def asked(text: str, default: Any = ..., **more: Any) -> Any:
    """Return a field of a study: what it is for, and its default."""
    return Field(default, description=text, **more)


def checked(check: Callable[..., Any]) -> PlainValidator:
    """Return the validator of a field whose check takes its value alone."""
    return PlainValidator(lambda value: check(value))


def _flag(value: object, info: ValidationInfo) -> bool:
    return flag(value, what=str(info.field_name))


def _whole(value: object, info: ValidationInfo) -> int:
    return within(str(info.field_name), value)


def _alternatives(value: object) -> dict[Any, Any]:
    """Return priors by nuisance, those of a user as words: text stays as it is."""
    given = mapping(value, what="priors by nuisance, such as {'flux_8b': 'sno'}")
    return {name: p.text if isinstance(p, Prior) else p for name, p in given.items()}


def _settings(value: Any) -> SamplerSettings:
    if isinstance(value, Mapping):
        return words.sampler_settings(value)
    return SamplerSettings.of(value)


def new_interaction(value: Any) -> Interaction | None:
    """Return an interaction by its name, or as it is given; ``None`` for the Standard Model."""
    return interaction_or_none(value)


def optional(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a check that lets ``None`` pass."""
    return lambda value: None if value is None else check(value)


def text_of(value: object) -> str:
    """Return a text.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    if not isinstance(value, str):
        raise ArgumentError(f"expected a word, got {shown(value)}")
    return value


Experiments = Annotated[tuple[Experiment, ...], checked(several_experiments)]
New = Annotated[Interaction | None, checked(new_interaction), Option()]
PriorName = Annotated[str, checked(lambda value: named(value, "prior", PRIOR_TEXTS)), Option()]
Level = Annotated[float, checked(check_level), Option(kind=float)]
#: Checked by what it is for.
Fraction = Annotated[float, checked(lambda value: value), Option(kind=float)]
Number = Annotated[float | None, checked(lambda value: value), Option(kind=float)]
Text = Annotated[Any, checked(lambda value: value), Option()]
LevelOfSummary = Annotated[
    float, checked(check_level), Option(("--level",), kind=float, decides=False)
]
Levels = Annotated[
    tuple[float, ...],
    checked(check_levels),
    Option(read=words.levels, many=True, greedy=True, metavar="LEVEL..."),
]
Seed = Annotated[int, checked(check_seed), Option(kind=int)]
Alternatives = Annotated[
    dict[str, Any],
    checked(_alternatives),
    Option(("--nuisance",), read=words.alternatives, many=True, metavar="NAME=PRIOR"),
]
FormFactor = Annotated[
    str, checked(lambda value: named(value, "form factor", FORM_FACTORS)), Option()
]
WeakChargesName = Annotated[
    str, checked(lambda value: named(value, "weak charges", WEAK_CHARGES_TEXTS)), Option()
]
Atoms = Annotated[
    str, checked(lambda value: named(value, "response of atoms", ATOMS_TEXTS)), Option()
]
Mixing = Annotated[str, checked(lambda value: named(value, "mixing", MIXING_TEXTS)), Option()]
Flag = Annotated[bool, PlainValidator(_flag), Option(kind=bool)]
Whole = Annotated[int, PlainValidator(_whole), Option(kind=int)]
MoreOf = Annotated[int, PlainValidator(_whole), Option(kind=int, decides=False)]
LargestCoupling = Annotated[float | None, checked(check_max_coupling), Option(kind=float)]
Settings = Annotated[SamplerSettings, checked(_settings)]
#: Checked with the interaction, which says whether there may be one.
Mass = Annotated[
    float | None,
    checked(lambda value: value),
    Option(("--mass",), read=words.mass, metavar="MASS"),
]
Masses = Annotated[
    Any,
    checked(lambda value: value),
    Option(("--masses", "--mass"), read=words.masses, metavar="MASSES"),
]


def flags_of(name: str, option: Option | None) -> tuple[str, ...]:
    """Return the names of an option on the command line."""
    own = option.flags if option is not None else ()
    return own or (f"--{name.replace('_', '-')}",)
