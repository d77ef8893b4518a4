"""What a joint model is made of, before it is a ``pm.Model`` or arrays.

Both are made from these parts, so that which nuisance scales which component, where a table is
interpolated and what is shared between experiments is decided once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bayes_cevns.arrays import Array
from bayes_cevns.cards.priors import Prior
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.model import Way
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.physics.oscillation.propagation import Propagation
from bayes_cevns.tables import fold as tables
from bayes_cevns.tables.shape_axes import ShapeAxis


@dataclass(frozen=True)
class Variable:
    """A nuisance, or one for each run of an experiment.

    Attributes
    ----------
    name
        In the model: that of the experiment is part of it unless it is shared.
    prior
        Its prior.
    runs
        Names of the runs that each have their own; ``None`` for one number.
    dims
        Name of their dimension.
    """

    name: str
    prior: Prior
    runs: tuple[str, ...] | None
    dims: str | None

    @property
    def size(self) -> int:
        """How many numbers it is."""
        return 1 if self.runs is None else len(self.runs)

    @property
    def priors(self) -> tuple[Prior, ...]:
        """The prior of each number."""
        runs = (None,) if self.runs is None else self.runs
        return tuple(self.prior.of_run(run) for run in runs)


@dataclass(frozen=True)
class Place:
    """One number of a variable."""

    name: str
    run: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class Fold(Displayed):
    """A rate table, interpolated on its axes, times a factor for each component, summed over these.

    Attributes
    ----------
    axes, places
        Its axes, and where on them.
    rates
        Coefficients, shape (*nodes, components, bins); ``None`` where they are data.
    factors
        For each component the nuisances whose product scales it.
    packed
        The same table as products (`bayes_cevns.cards.folds`), at one mass where it is data.
    """

    axes: tuple[ShapeAxis, ...]
    places: tuple[Place, ...]
    rates: Array | None
    factors: tuple[tuple[Place, ...], ...]
    packed: tables.Fold


@dataclass(frozen=True, eq=False, repr=False)
class Counts(Displayed):
    """The expected counts of one experiment.

    Attributes
    ----------
    table
        Its rate table.
    folds
        The first has the signals, with the backgrounds on their axes, and its rates are data.
    signals
        How many leading components of the first fold are signals, which couplings multiply.
    """

    table: RateTable
    folds: tuple[Fold, ...]
    signals: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the counts: (run, bin), or (merged bin,) where bins are merged."""
        if not self.table.merges:
            return tuple(self.table.experiment.observed.shape)
        return tuple(self.table.merge(self.table.experiment.observed.values.ravel()).shape)


@dataclass(frozen=True)
class NoCoupling:
    """The Standard Model."""

    size = 0


@dataclass(frozen=True)
class Amplitude:
    """One amplitude x, from its coordinate."""

    prior: CouplingPrior
    size = 1


@dataclass(frozen=True)
class InPart:
    """Several couplings, from the unit cube in a part of their box."""

    size: int


@dataclass(frozen=True)
class ByValue:
    """Several couplings, each a parameter of its own name."""

    box: BoxPrior

    @property
    def size(self) -> int:
        """How many."""
        return len(self.box.names)


type Couplings = NoCoupling | Amplitude | InPart | ByValue


@dataclass(frozen=True, eq=False, repr=False)
class SolarWay(Displayed):
    """How the neutrinos of a solar component come, and at which energies their states are needed.

    Attributes
    ----------
    way, propagation, energy_mev
        The way, its propagation, and energies, shape (n,).
    mixing
        The nuisances sin^2 theta_12 and dm21, by their names on cards, where they are free.
    """

    way: Way
    propagation: Propagation
    energy_mev: Array
    mixing: Mapping[str, Place]


@dataclass(frozen=True, eq=False, repr=False)
class Joint(Displayed):
    """A joint model.

    Attributes
    ----------
    couplings, variables, counts, ways
        Its parts.
    data
        The values of its data by name (`bayes_cevns.density.data`).
    """

    couplings: Couplings
    variables: tuple[Variable, ...]
    counts: tuple[Counts, ...]
    ways: tuple[SolarWay, ...]
    data: Mapping[str, Array]
