"""Model cards: what an experiment consists of, as TOML without code."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from bayes_cevns.cards.densities import Counted
from bayes_cevns.cards.prior_keys import Number, Strict, as_tuple
from bayes_cevns.cards.priors import Prior
from bayes_cevns.errors import shown
from bayes_cevns.physics.theory import PARAMETERS

#: Reserved names: they are variables of a model, or components of expected counts.
_TAKEN = {
    "nuisance": (
        *("run", "bin", "merged_bin", "observed", "counts", "rate_table"),
        *("coupling", "coupling_product", "coupling_coordinate", "coupling_map"),
    ),
    "background": ("sm", "interference", "new_physics"),
}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Alternative(Strict):
    """Another prior for the same nuisance, chosen by name."""

    prior: Prior
    origin: str


class NuisanceCard(Strict):
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
    theory
        For a nuisance of `bayes_cevns.physics.theory.PARAMETERS`, an axis of the recoil spectrum on
        which the response does not depend: four or more values at which rates are computed.
    per_run
        Whether every run has its own value, as a scale or on the axis.
    at
        The value at which counts are quoted; by default the centre of an axis, 1 as a scale
        (always that of a signal).
    shared
        Whether it is one parameter for all experiments with a nuisance of this name.
    """

    title: str
    prior: Prior
    origin: str
    alternatives: dict[str, Alternative] = Field(default_factory=dict)
    axis: bool = False
    theory: Annotated[tuple[Number, ...], BeforeValidator(as_tuple)] = ()
    per_run: bool = False
    at: Number | None = None
    shared: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> NuisanceCard:
        if self.theory and not self.axis:
            raise ValueError("theory: values of a shape nuisance need axis = true")
        if self.per_run and self.shared:
            raise ValueError("a nuisance per run cannot be shared")
        for key, prior in self.priors.items():
            if prior.widths_by_run is not None and not self.per_run:
                raise ValueError(f"{key}: standard deviations by run need per_run = true")
            if isinstance(prior.density, Counted) and (self.axis or self.per_run or self.shared):
                raise ValueError(
                    f"{key}: counted is for the scale of a background, one for all runs of this "
                    "experiment: not for an axis, nor per_run, nor shared"
                )
        low, high = self.prior.support
        if not low <= self.nominal <= high:
            raise ValueError(
                f"prior: counts are quoted at {self.nominal:g}, which is not within {low:g} to "
                f"{high:g}: give a value of the prior with at = ..., or scale the table"
            )
        return self

    @property
    def priors(self) -> dict[str, Prior]:
        """The prior and its alternatives, by their keys in the card."""
        others = {f"alternatives.{key}.prior": a.prior for key, a in self.alternatives.items()}
        return {"prior": self.prior, **others}

    @property
    def nominal(self) -> float:
        """The value at which counts are quoted."""
        if self.at is not None:
            return self.at
        return self.prior.centre if self.axis else 1.0


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else as_tuple(value)


type Names = Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(min_length=1)]
type Scales = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Field(min_length=1)]


def _check_name(key: str) -> None:
    """Check the name of a component or nuisance, such as that of ``"background.ac"``."""
    kind, _, name = key.partition(".")
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{key}: a name has letters, digits, - and _, 60 at most, got {shown(name)}"
        )
    if name in _TAKEN.get(kind, ()):
        raise ValueError(f"{key}: {name!r} means something else: choose another name")


def _check_theory(name: str, values: tuple[float, ...]) -> None:
    """Check the values of a theory axis."""
    if values and name not in PARAMETERS:
        raise ValueError(
            f"nuisance.{name}.theory: expected a parameter of the rates "
            f"({', '.join(PARAMETERS)}); axes of the table take no values here"
        )
    if not all(PARAMETERS[name].is_allowed(value) for value in values):
        raise ValueError(f"nuisance.{name}.theory: expected values > {PARAMETERS[name].above:g}")


class TemplateCard(Strict):
    """A component of the expected counts.

    Attributes
    ----------
    template
        Its variable in the table.
    scaled_by
        Nuisance that multiplies it, or a list of them.
    factor
        Constant that multiplies it, such as the published expectation over the computed one.
    """

    template: str
    scaled_by: Scales
    factor: Annotated[Number, Field(gt=0)] = 1.0


class SignalCard(TemplateCard):
    """A signal: neutrinos of one source, seen through one channel.

    Attributes
    ----------
    channel
        Name of the channel, such as ``"cevns"``.
    source
        Name of their source.
    template
        Its variable in the table: the response to recoils.
    recoil_range_kev
        First and last recoil energy of the response, if it ends there on purpose although recoils
        beyond would be seen: by a cut of the analysis, or since no more was published. Without it,
        a warning says how much a table loses at its ends (`bayes_cevns.cards.ends`).
    """

    channel: Literal["cevns", "electron", "migdal"]
    source: str
    recoil_range_kev: Annotated[tuple[Number, Number], BeforeValidator(as_tuple)] | None = None


class Card(Strict):
    """An experiment as a model card; see ``models/xenonnt_cevns.toml`` for an example.

    Attributes
    ----------
    title, target, table, runs, cite
        Name on figures, target material, table in the data folder, runs of the table that are
        used, and citation keys.
    overlaps
        Experiments that have events of the same exposure.
    latitude_deg
        Latitude of the detector in degrees north, for the effect of the Earth on solar neutrinos;
        that of Gran Sasso by default.
    disputed
        Why its result is disputed, if it is; printed with its limits.
    conflicts
        Experiments that contradict it for that reason. A joint fit with them must be asked for
        explicitly.
    likelihood
        ``"poisson"`` of the counts in every bin; ``"normal"`` with the errors of the table:
        ``sigma``, ``sigma_minus`` and ``sigma_plus``, or ``covariance``; ``"none"`` where no counts
        are public: expected rates and projections alone.
    template_errors
        Whether templates of backgrounds have statistical errors, ``<template>_error`` in the table,
        where they are known (`bayes_cevns.cards.likelihoods.TemplateErrors`).
    second_hand
        From where its numbers are, if not from the collaboration itself; printed with its limits.
    shared
        Nuisances that are not defined here but in ``models/shared/nuisances.toml``, for all
        experiments alike.
    signal, background, nuisance
        Components of the expected counts, and what they depend on.
    """

    title: str
    target: str
    table: str
    runs: Names
    cite: Names
    overlaps: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()
    latitude_deg: Annotated[Number, Field(ge=-90.0, le=90.0)] | None = None
    disputed: str = ""
    conflicts: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()
    likelihood: Literal["poisson", "normal", "none"] = "poisson"
    template_errors: bool = False
    second_hand: str = ""
    shared: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()
    signal: Annotated[dict[str, SignalCard], Field(min_length=1)]
    background: dict[str, TemplateCard] = Field(default_factory=dict)
    nuisance: dict[str, NuisanceCard] = Field(default_factory=dict)

    def __repr__(self) -> str:
        parts = f"{len(self.signal)} signals, {len(self.background)} backgrounds"
        return f"Card({self.title!r}, {parts}, {len(self.nuisance)} nuisances)"

    __str__ = __repr__

    @property
    def heading(self) -> str:
        """The title, with its `marks`."""
        return f"{self.title}{self.marks}"

    @property
    def marks(self) -> str:
        """What is to be said with every limit, in brackets: that it is disputed or second-hand."""
        return "".join(f" ({word})" for word in self.reasons)

    @property
    def reasons(self) -> dict[str, str]:
        """Why it has its marks, by the word of each."""
        words = {"disputed": self.disputed, "second-hand": self.second_hand}
        return {word: reason for word, reason in words.items() if reason}

    @property
    def components(self) -> dict[str, TemplateCard]:
        """Signals and backgrounds by their keys in the card, such as ``"background.ac"``."""
        signals = {f"signal.{name}": part for name, part in self.signal.items()}
        return {**signals, **{f"background.{name}": p for name, p in self.background.items()}}

    @model_validator(mode="after")
    def _consistent(self) -> Card:
        # Errors of a whole card name the key first: "key: what is wrong".
        if len(set(self.runs)) < len(self.runs):
            raise ValueError(f"runs: a run is named twice: {', '.join(self.runs)}")
        if self.template_errors and self.likelihood == "normal":
            raise ValueError(
                'template_errors: for events, likelihood = "poisson"; measured numbers have the '
                "errors of the table"
            )
        if self.conflicts and not self.disputed:
            raise ValueError('conflicts: say why they contradict it, with disputed = "..."')
        for key in (*self.components, *(f"nuisance.{name}" for name in self.nuisance)):
            _check_name(key)
        both = set(self.signal) & set(self.background)
        if both:
            raise ValueError(f"background.{both.pop()}: a signal has this name")
        for key, part in self.components.items():
            if len(set(part.scaled_by)) < len(part.scaled_by):
                raise ValueError(f"{key}.scaled_by: a nuisance is named twice")
            for name in part.scaled_by:
                self._check_scale(key, name)
        for name, nuisance in self.nuisance.items():
            _check_theory(name, nuisance.theory)
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
        if scale.at is not None and key.startswith("signal."):
            raise ValueError(f"nuisance.{name}.at: it scales {key}, which is quoted at 1")
        for which, prior in scale.priors.items():
            if isinstance(prior.density, Counted) and key.startswith("signal."):
                raise ValueError(
                    f"nuisance.{name}.{which}: counted is for backgrounds, and it scales {key}"
                )
            if prior.support[0] < 0:
                raise ValueError(
                    f"nuisance.{name}.{which}: it scales {key}, and counts cannot "
                    "be negative: give lower = 0.0"
                )
