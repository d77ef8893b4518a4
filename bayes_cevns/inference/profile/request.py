"""Options of a profile besides the model: level, critical value, toys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from bayes_cevns.arguments import named
from bayes_cevns.bounds import within
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.inference.settings import check_seed
from bayes_cevns.physics.checks import real
from bayes_cevns.specification.columns import LABEL_COLUMNS
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.summary.draws import check_level

CALIBRATIONS = ("wilks", "toys")

#: Columns of the ledger of toys, which has one row for each truth.
TOY_KEY = ("mass_mev", "coupling_product", "toys", "seed")
TOY_COLUMNS = (*TOY_KEY, *LABEL_COLUMNS, "statistic")

#: At least so many toys must lie beyond a critical value; the tail then has an error of 45%.
_BEYOND = 5


@dataclass(frozen=True)
class ProfileRequest:
    """Options of a profile besides the model (`bayes_cevns.studies.profile`)."""

    level: float
    critical_value: float | None
    calibrate: str
    toys: int
    seed: int

    def __post_init__(self) -> None:
        level = check_level(self.level, what="a confidence level")
        object.__setattr__(self, "level", level)
        if self.critical_value is not None:
            given = real(self.critical_value, what="a critical value")
            if not 0.0 < given < np.inf:
                raise ArgumentError(f"a critical value must be positive and finite, got {given:g}")
            object.__setattr__(self, "critical_value", given)
        if not isinstance(self.calibrate, str) or self.calibrate not in CALIBRATIONS:
            raise ArgumentError(
                f"calibrate: expected {' or '.join(CALIBRATIONS)}, got {shown(self.calibrate)}"
            )
        object.__setattr__(self, "toys", within("toys", self.toys))
        object.__setattr__(self, "seed", check_seed(self.seed))

    def check(self, spec: ModelSpec, parameter: str | None) -> None:
        """Raise the error of options that do not fit the model, before anything is compiled.

        Raises
        ------
        UnknownNameError, ArgumentError
            If there is no such parameter, or the options contradict each other or the model.
        """
        given = self.critical_value
        if spec.interaction is None and parameter is None:
            raise ArgumentError(
                "the Standard Model has no coupling: name an interaction, or a nuisance with "
                "parameter= (--parameter)"
            )
        if parameter is not None:
            own = [] if spec.interaction is None else [PRODUCT]
            from bayes_cevns.inference.profile.parameters import nuisance_parameters

            parts = nuisance_parameters(spec).values()
            named(parameter, "parameter", [*own, *(p.name for part in parts for p in part)])
        if self.calibrate == "toys":
            if parameter not in (None, PRODUCT):
                raise ArgumentError(f"toys calibrate limits on a coupling, not {parameter!r}")
            if given is not None:
                raise ArgumentError("give a critical value, or have toys find it, not both")
            check_toys(self.level, self.toys)

    @property
    def wilks(self) -> float:
        """The critical value of -2 ln L above its minimum, without toys."""
        given = self.critical_value
        return 2.0 * float(gammaincinv(0.5, self.level)) if given is None else given


def check_toys(level: float, toys: int) -> None:
    """Check that there are enough toys for a critical value.

    Raises
    ------
    ArgumentError
        If they are too few for the level.
    """
    least = int(np.ceil(_BEYOND / (1 - level) - 1e-9))
    if toys < least:
        raise ArgumentError(
            f"a critical value at {100 * level:g}% CL needs {least} toys or more, got {toys}"
        )
