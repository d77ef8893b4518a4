"""Model cards: what an experiment consists of, as TOML without code."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from bayes_cevns.errors import CardError


class _Strict(BaseModel):
    """A part of a card: unknown keys are refused, numbers must be finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


#: A standard deviation: one number, or one for each run.
type Width = float | dict[str, float]


class Prior(_Strict):
    """The prior of one nuisance: a (truncated) normal or a uniform density.

    Attributes
    ----------
    normal
        Mean and standard deviation; the latter may be given run by run.
    uniform
        Lower and upper bound.
    lower, upper
        Truncation of the normal.
    """

    normal: tuple[float, Width] | None = None
    uniform: tuple[float, float] | None = None
    lower: float | None = None
    upper: float | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Prior:
        if (self.normal is None) == (self.uniform is None):
            raise ValueError("give either normal = [mean, sd] or uniform = [low, high]")
        if self.uniform is not None:
            if self.lower is not None or self.upper is not None:
                raise ValueError("a uniform prior takes no lower or upper")
            if self.uniform[0] >= self.uniform[1]:
                raise ValueError(f"uniform bounds must increase, got {list(self.uniform)}")
        if self.normal is not None:
            widths = self.normal[1]
            for width in widths.values() if isinstance(widths, dict) else [widths]:
                if width <= 0:
                    raise ValueError(f"a standard deviation must be > 0, got {width}")
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ValueError(f"lower {self.lower} must be below upper {self.upper}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value that the nuisance may take."""
        if self.uniform is not None:
            return self.uniform
        low, high = self.lower, self.upper
        return -math.inf if low is None else low, math.inf if high is None else high

    @property
    def widths_by_run(self) -> Mapping[str, float] | None:
        """Standard deviation of each run, if they are given run by run."""
        width = None if self.normal is None else self.normal[1]
        return width if isinstance(width, dict) else None


class Alternative(_Strict):
    """Another prior for the same nuisance, chosen by name."""

    prior: Prior
    origin: str


class NuisanceCard(_Strict):
    """One nuisance parameter.

    Attributes
    ----------
    title
        What it is, for tables and figures.
    prior, origin
        Its prior and where the numbers come from.
    alternatives
        Other priors by name.
    axis
        Whether it is an axis of the table (a shape nuisance).
    per_run
        Whether every run has its own: a scale, or a place on the axis.
    shared
        Whether all experiments with a nuisance of this name have it in common.
    """

    title: str
    prior: Prior
    origin: str
    alternatives: dict[str, Alternative] = Field(default_factory=dict)
    axis: bool = False
    per_run: bool = False
    shared: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> NuisanceCard:
        if self.per_run and self.shared:
            raise ValueError("a nuisance per run cannot be shared")
        for key, prior in self.priors.items():
            if prior.widths_by_run is not None and not self.per_run:
                raise ValueError(f"{key}: standard deviations by run need per_run = true")
        return self

    @property
    def priors(self) -> dict[str, Prior]:
        """The prior and its alternatives, by their keys in the card."""
        others = {f"alternatives.{key}.prior": a.prior for key, a in self.alternatives.items()}
        return {"prior": self.prior, **others}


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else _as_tuple(value)


type Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
type Scales = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Field(min_length=1)]


class TemplateCard(_Strict):
    """A component of the expected counts.

    Attributes
    ----------
    template
        Its variable in the table.
    scaled_by
        Nuisance that multiplies it, or a list of them.
    """

    template: str
    scaled_by: Scales


class Card(_Strict):
    """An experiment as a model card; see ``models/xenonnt_cevns.toml`` for an example.

    ``overlaps`` names the experiments that have events of the same exposure.
    """

    title: str
    source: str
    target: str
    channel: Literal["cevns", "electron", "migdal"]
    table: str
    runs: Names
    cite: Names
    overlaps: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    signal: TemplateCard
    background: dict[str, TemplateCard]
    nuisance: dict[str, NuisanceCard]

    @model_validator(mode="after")
    def _consistent(self) -> Card:
        # Errors of a whole card name the key first: "key: what is wrong".
        if len(set(self.runs)) < len(self.runs):
            raise ValueError(f"runs: a run is named twice: {', '.join(self.runs)}")
        background = {f"background.{name}": part for name, part in self.background.items()}
        for key, part in {"signal": self.signal, **background}.items():
            if len(set(part.scaled_by)) < len(part.scaled_by):
                raise ValueError(f"{key}.scaled_by: a nuisance is named twice")
            for name in part.scaled_by:
                self._check_scale(key, name)
        for name, nuisance in self.nuisance.items():
            for which, prior in nuisance.priors.items():
                widths = prior.widths_by_run
                if widths is not None and set(widths) != set(self.runs):
                    raise ValueError(
                        f"nuisance.{name}.{which}: expected a standard deviation for each run "
                        f"({', '.join(self.runs)}), got {', '.join(widths)}"
                    )
        return self

    def _check_scale(self, key: str, name: str) -> None:
        scale = self.nuisance.get(name)
        if scale is None:
            known = ", ".join(sorted(self.nuisance))
            raise ValueError(f"{key}.scaled_by: {name!r} is no nuisance (has {known})")
        if scale.axis:
            raise ValueError(f"{key}.scaled_by: {name!r} is an axis of the table")
        for which, prior in scale.priors.items():
            if prior.support[0] < 0:
                raise ValueError(
                    f"nuisance.{name}.{which}: it scales {key}, and counts cannot "
                    "be negative: give lower = 0.0"
                )


def read_card(path: Path) -> Card:
    """Read and check a model card.

    Parameters
    ----------
    path
        A TOML file.

    Raises
    ------
    CardError
        If the file is missing, is not TOML, or has an unknown, missing or contradictory
        key; the message names the file, the line and the key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(f"model card {path} cannot be read: {error}") from None
    try:
        return Card.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise CardError(f"model card {path} is not valid TOML: {error}") from None
    except ValidationError as error:
        raise CardError(f"model card {path}: {_describe(error, text)}") from None


def _describe(error: ValidationError, text: str) -> str:
    """Say in one line where a card is wrong, and what key was perhaps meant."""
    # A mistyped key is also a missing one: the former says more.
    first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    location = [str(part) for part in first["loc"] if part not in _BRANCHES]
    message = first["msg"].removeprefix("Value error, ")
    if not location:  # from the card as a whole, see `Card`
        key, _, message = message.partition(": ")
        location = key.split(".")
    key = ".".join(location)
    if first["type"] == "extra_forbidden":
        message = "unknown key"
        close = difflib.get_close_matches(location[-1], _known_keys(), n=1)
        if close:
            message += f", did you mean {close[0]!r}?"
    elif first["type"] == "missing":
        message = "required key is missing"
    line = _line_of(location, text)
    where = f"line {line}, " if line else ""
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{where}{key}: {message}{more}"


def _known_keys() -> set[str]:
    parts: tuple[type[BaseModel], ...] = (Card, TemplateCard, NuisanceCard, Alternative, Prior)
    return {key for part in parts for key in part.model_fields}


#: What pydantic puts into a location for the members of a union; no key of a card.
_BRANCHES = ("float", "dict[str,float]")
_HEADER = re.compile(r"^\s*\[([^\[\]]+)\]\s*(#.*)?$")
_KEY = re.compile(r"^\s*([\w.\"'-]+)\s*=")


def _line_of(location: list[str], text: str) -> int | None:
    """Return the line on which the longest part of a location that is in the text stands."""
    found, depth, table = None, 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            path = table = _parts(header[1])
        elif key := _KEY.match(line):
            path = [*table, *_parts(key[1])]
        else:
            continue
        if len(path) > depth and location[: len(path)] == path:
            found, depth = number, len(path)
    return found


def _parts(key: str) -> list[str]:
    return [part.strip().strip("\"'") for part in key.split(".")]
