"""The prior of several couplings: uniform in a box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.coupling import NamedCoupling
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.named import MIXING_ANGLE
from bayes_cevns.couplings.slab import Slab
from bayes_cevns.couplings.table import CouplingTable
from bayes_cevns.display import Displayed
from bayes_cevns.ends import End, Ends
from bayes_cevns.errors import ArgumentError

#: Bounds of couplings that have a natural scale.
EPSILON_BOUNDS = (-1.0, 1.0)
MIXING_ANGLE_BOUNDS = (0.0, 1.0)

#: Beginnings of the names of magnetic moments.
MOMENTS = ("mu_nu", "lambda_nu")

#: Physical ends of couplings: a moment ends at zero, sin^2 theta_W at zero and one.
_NATURAL = {"moment": (0.0,), MIXING_ANGLE: MIXING_ANGLE_BOUNDS}

#: Bounds of the others: the coupling alone makes this many times the observed counts (plus ten).
_COUNTS_AT_BOUND = 10.0
_EXTRA_COUNTS = 10.0


@dataclass(frozen=True, eq=False, repr=False)
class BoxPrior(Displayed):
    """A prior of several couplings, uniform between two bounds of each.

    Attributes
    ----------
    names
        Names of the couplings.
    lower, upper
        Their bounds, shape (k,).
    standard
        Their values in the Standard Model, shape (k,).
    """

    names: tuple[str, ...]
    lower: Array
    upper: Array
    standard: Array

    @property
    def box(self) -> Slab:
        """The support of the prior."""
        return Slab.box(self.lower, self.upper)

    @property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """Bounds by name."""
        ends = zip(self.lower.tolist(), self.upper.tolist(), strict=True)
        return dict(zip(self.names, ends, strict=True))

    def ends(self, name: str) -> Ends:
        """Return of which kind the bounds of a coupling are: of the prior, or physical.

        A moment ends at zero, sin^2 theta_W at zero and one.
        """
        lower, upper = self.bounds[name]
        natural = _NATURAL.get("moment" if name.startswith(MOMENTS) else name, ())

        def end(bound: float) -> End:
            return End("physical" if bound in natural else "range", name, bound)

        return Ends(end(lower), end(upper))

    def some(self, chosen: Sequence[int]) -> BoxPrior:
        """Return the prior of some of the couplings, by their numbers."""
        places = list(chosen)
        names = tuple(self.names[place] for place in places)
        return BoxPrior(names, self.lower[places], self.upper[places], self.standard[places])

    @property
    def range_text(self) -> str:
        """The prior in words, with its bounds."""
        ranges = (f"{name} from {a:.3g} to {b:.3g}" for name, (a, b) in self.bounds.items())
        return f"uniform in {', '.join(ranges)}"


def box_prior(
    model: CouplingModel,
    tables: Sequence[CouplingTable],
    bounds: Mapping[str, tuple[float, float]],
) -> BoxPrior:
    """Return the prior of some couplings.

    Parameters
    ----------
    model
        The couplings.
    tables
        Their tables.
    bounds
        Bounds by name. By default they are -1 and 1 for eps, and 0 and 1 for the mixing angle; any
        other coupling ends where its square alone makes far more counts than one experiment has. A
        moment begins at zero, for its sign has no say; where moments mix flavours they interfere,
        and only the first of them does.

    Raises
    ------
    ArgumentError
        If a coupling without bounds changes no experiment.
    """
    signed = _signed_moments(model)
    ends = [
        bounds.get(coupling.name) or _default(tables, place, coupling, positive=place not in signed)
        for place, coupling in enumerate(model.couplings)
    ]
    lower, upper = np.array(ends, dtype=float).T
    return BoxPrior(model.names, lower, upper, model.standard_values)


def _default(
    tables: Sequence[CouplingTable], place: int, coupling: NamedCoupling, *, positive: bool
) -> tuple[float, float]:
    if coupling.name == MIXING_ANGLE:
        return MIXING_ANGLE_BOUNDS
    if coupling.name.startswith("eps"):
        return EPSILON_BOUNDS
    largest = []
    for table in tables:
        counts = table.counts_of_square(place)
        if counts > 0:
            beside = np.abs(table.experiment.observed.values).sum() + _EXTRA_COUNTS
            largest.append(np.sqrt(_COUNTS_AT_BOUND * beside / counts))
    if not largest:
        names = " + ".join(table.experiment.name for table in tables)
        raise ArgumentError(
            f"{coupling.name} changes no signal of {names}: leave it out, or choose other "
            "experiments"
        )
    bound = float(min(largest))
    return (0.0 if coupling.is_moment and positive else -bound), bound


def _signed_moments(model: CouplingModel) -> list[int]:
    """Return the numbers of moments whose sign matters beside that of the first moment."""
    moments = [place for place, coupling in enumerate(model.couplings) if coupling.is_moment]
    mixing = any(not model.couplings[place].is_diagonal for place in moments)
    return moments[1:] if mixing else []
