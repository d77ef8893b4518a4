"""The prior of a nuisance as a card has it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bayes_cevns.cards.densities import (
    Counted,
    Density,
    LogNormal,
    Normal,
    SplitNormal,
    Uniform,
)
from bayes_cevns.cards.priors import Prior
from bayes_cevns.errors import ArgumentError

#: A number; no text and no boolean that pydantic would convert to one.
type Number = Annotated[float, Field(strict=True)]


class Strict(BaseModel):
    """A part of a card: unknown keys are refused, numbers must be finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def as_tuple(value: object) -> object:
    """Return a list as a tuple, anything else as it is."""
    return tuple(value) if isinstance(value, list) else value


class CountedKeys(Strict):
    """The keys of a `Counted` density.

    Attributes
    ----------
    n_off, tau
        Events counted elsewhere, and the expected ones there over those in the region of interest.
    expected
        Counts that are expected in the region of interest at 1; those of the table by default.
    """

    n_off: Number
    tau: Number
    expected: Number | None = None


class PriorKeys(Strict):
    """The keys of a prior: one of the kinds, and where it is cut.

    Attributes
    ----------
    normal
        Mean and standard deviation; the latter may be given run by run.
    uniform
        Lower and upper bound.
    asymmetric
        Mode and the standard deviations below and above it.
    lognormal
        Median, and standard deviation of the logarithm.
    counted
        Events counted elsewhere.
    lower, upper
        Where the density is cut.
    """

    normal: tuple[Number, Number | dict[str, Number]] | None = None
    uniform: tuple[Number, Number] | None = None
    asymmetric: Annotated[tuple[Number, Number, Number], BeforeValidator(as_tuple)] | None = None
    lognormal: Annotated[tuple[Number, Number], BeforeValidator(as_tuple)] | None = None
    counted: CountedKeys | None = None
    lower: Number | None = None
    upper: Number | None = None

    @model_validator(mode="after")
    def _consistent(self) -> PriorKeys:
        try:
            _made(self)
        except ArgumentError as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def prior(self) -> Prior:
        """The prior."""
        return _made(self)


def _made(keys: PriorKeys) -> Prior:
    given: list[Density] = []
    if keys.normal is not None:
        given.append(Normal(*keys.normal))
    if keys.uniform is not None:
        given.append(Uniform(*keys.uniform))
    if keys.asymmetric is not None:
        given.append(SplitNormal(*keys.asymmetric))
    if keys.lognormal is not None:
        given.append(LogNormal(*keys.lognormal))
    if keys.counted is not None:
        given.append(Counted(**keys.counted.model_dump()))
    if len(given) != 1:
        kinds = (Normal, Uniform, SplitNormal, LogNormal, Counted)
        forms = ", ".join(kind.form for kind in kinds[:-1])
        raise ValueError(f"give one of {forms} and {kinds[-1].form}, got {len(given)} of them")
    return Prior(given[0], keys.lower, keys.upper)
