"""Model cards: what an experiment consists of, as TOML without code."""

from __future__ import annotations

import difflib
import re
import tomllib
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
        Whether every run has its own.
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
        if self.per_run and (self.axis or self.shared):
            raise ValueError("a nuisance per run can be neither an axis of the table nor shared")
        width = None if self.prior.normal is None else self.prior.normal[1]
        if isinstance(width, dict) and not self.per_run:
            raise ValueError("standard deviations by run need per_run = true")
        return self


class TemplateCard(_Strict):
    """A component of the expected counts: a variable of the table and what scales it."""

    template: str
    scaled_by: str


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


type Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]


class Card(_Strict):
    """An experiment as a model card; see ``models/xenonnt_cevns.toml`` for an example."""

    title: str
    source: str
    target: str
    channels: tuple[Literal["cevns"], ...]
    table: str
    runs: Names
    cite: Names
    signal: TemplateCard
    background: dict[str, TemplateCard]
    nuisance: dict[str, NuisanceCard]

    @model_validator(mode="after")
    def _consistent(self) -> Card:
        for name, part in {"signal": self.signal, **self.background}.items():
            scale = self.nuisance.get(part.scaled_by)
            if scale is None:
                known = ", ".join(sorted(self.nuisance))
                raise ValueError(
                    f"{name} is scaled by {part.scaled_by!r}, which is no nuisance (has {known})"
                )
            if scale.axis:
                raise ValueError(f"{name} is scaled by {part.scaled_by!r}, an axis of the table")
        if self.nuisance[self.signal.scaled_by].per_run:
            raise ValueError("the signal cannot be scaled run by run")
        for name, nuisance in self.nuisance.items():
            width = None if nuisance.prior.normal is None else nuisance.prior.normal[1]
            if isinstance(width, dict) and set(width) != set(self.runs):
                raise ValueError(
                    f"nuisance {name!r} needs a standard deviation for each run "
                    f"({', '.join(self.runs)}), got {', '.join(width)}"
                )
        return self


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
    first = error.errors()[0]
    location = [str(part) for part in first["loc"]]
    key = ".".join(location) or "card"
    message = first["msg"].removeprefix("Value error, ")
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


def _line_of(location: list[str], text: str) -> int | None:
    """Return the line on which the innermost key of a location that is in the text stands."""
    lines = text.splitlines()
    start = 0
    found = None
    for key in location:
        pattern = re.compile(rf"(^\s*|[\[.{{,]\s*)['\"]?{re.escape(key)}['\"]?\s*([=\].]|$)")
        for number in range(start, len(lines)):
            if pattern.search(lines[number]):
                start, found = number, number + 1
                break
    return found
