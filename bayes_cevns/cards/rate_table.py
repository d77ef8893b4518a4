"""The expected counts of one experiment for one interaction, at any mediator mass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.cards.experiment import Experiment, Template
from bayes_cevns.cards.signal_table import SignalTable
from bayes_cevns.display import Displayed
from bayes_cevns.physics.interactions import COMPONENTS, STANDARD_MODEL, Interaction
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory
from bayes_cevns.tables.bins import add_bins, merge_empty_bins
from bayes_cevns.tables.separable import Separated
from bayes_cevns.tables.shape_axes import ShapeAxis, separated, spline_coefficients


@dataclass(frozen=True, eq=False, repr=False)
class RateTable(Displayed):
    """Expected counts of an experiment, the signals split by powers of the coupling.

    Attributes
    ----------
    experiment
        The experiment; its runs and exposures are in the table.
    interaction
        The interaction, or ``None`` for the Standard Model, whose factors of x and x^2 are 0.
    theory
        What is assumed of nuclei, weak charges and atoms.
    merged
        Whether `coefficients` has the bins without events merged (`merge_empty_bins`).
    """

    experiment: Experiment
    interaction: Interaction | None
    theory: Theory = STANDARD_THEORY
    merged: bool = False

    @property
    def model(self) -> str:
        """Name of the interaction, or of the Standard Model."""
        return STANDARD_MODEL if self.interaction is None else self.interaction.name

    @cached_property
    def signals(self) -> tuple[SignalTable, ...]:
        """One table for each signal."""
        return tuple(
            SignalTable(signal, self.experiment.target, self.interaction, self.theory)
            for signal in self.experiment.signals
        )

    def counts(self, mass_mev: float | None = None) -> xr.DataArray:
        """Return expected counts of all signals at the nodes of the shape axes.

        Parameters
        ----------
        mass_mev
            Mediator mass in MeV; not used by the Standard Model.

        Returns
        -------
        DataArray
            Dims (component, *axes, run, bin): counts of the Standard Model, and the factors
            of x and of x^2.

        Raises
        ------
        ArgumentError, TableError
            If the mass is missing, not positive, or outside the table.
        """
        total = reduce(add, [signal.counts(mass_mev) for signal in self.signals])
        order = ("component", *(axis.name for axis in self.experiment.signal_axes), "run", "bin")
        return total.transpose(*order).assign_attrs(units="counts")

    def coefficients(self, mass_mev: float | None = None) -> Array:
        """Return the input of `RateOp` at one mass, shape (*axes, components, bins).

        Signal after signal, its powers of the coupling (the first alone where the interaction
        does not act), as B-spline coefficients of `counts` (interpolation in the shape
        nuisances and integration over recoil energy commute); those of one run after the other
        if a signal is scaled run by run. Then the `companions`.
        """
        axes = self.experiment.signal_axes
        parts = [
            signal.fold(signal.weights(mass_mev)[..., : signal.count, :], response, axes)
            for signal, response in zip(self.signals, self.responses, strict=True)
        ]
        return np.concatenate([*parts, self.companion_coefficients], axis=-2)

    def reached(self, coefficients: Array) -> Array:
        """Return coefficients that are zero, up to rounding, in bins that no signal reaches."""
        return coefficients

    @cached_property
    def form(self) -> Array:
        """Factors of the components, by powers of all couplings, shape (powers, components).

        In the order of `coefficients`; zero for the companions.
        """
        placed = [
            signal.form @ unit
            for signal, units in zip(self.signals, self._units, strict=True)
            for unit in units
        ]
        return np.asarray(sum(placed))

    @cached_property
    def _units(self) -> tuple[tuple[Array, ...], ...]:
        """Where the components of each signal and run are, as matrices (components, size)."""
        runs = [self._number_of_parts(signal) for signal in self.signals]
        places, start = [], 0
        size = self.size
        for signal, several in zip(self.signals, runs, strict=True):
            row = []
            for _ in range(several):
                row.append(np.eye(signal.count, size, start))
                start += signal.count
            places.append(tuple(row))
        return tuple(places)

    @property
    def size(self) -> int:
        """Number of components of `coefficients`, the companions included."""
        own = sum(signal.count * self._number_of_parts(signal) for signal in self.signals)
        return int(own + self.companion_coefficients.shape[-2])

    @property
    def arriving(self) -> tuple[tuple[Any, Array, Array], ...]:
        """Parts that depend on states which couplings change; none here (see `CouplingTable`)."""
        return ()

    def in_signal(self, signal: int, run: int) -> Array:
        """Return ones for the components of a signal, and of a run if it is scaled by run."""
        return np.asarray(self._units[signal][run].sum(axis=0))

    @cached_property
    def separated(self) -> tuple[tuple[Separated, ...], ...]:
        """Coefficients of the response of each signal as products; by run if it is scaled so."""
        found = []
        for signal in (table.signal for table in self.signals):
            last = np.moveaxis(signal.values.values, 0, -3)
            flat = last.reshape(*last.shape[:-2], -1)
            parts = [flat * part for part in self.runs_of(signal)]
            found.append(tuple(separated(part, signal.axes, self.merged_bins) for part in parts))
        return tuple(found)

    @cached_property
    def responses(self) -> tuple[Array, ...]:
        """What `SignalTable.response_coefficients` returns for each signal."""
        return tuple(
            signal.response_coefficients(self.runs_of(signal.signal), self.merge)
            for signal in self.signals
        )

    def runs_of(self, part: Template) -> Array:
        """Return ones for the bins that are scaled together, shape (parts, run x bin).

        One part, or one for each run, zero in the bins of the others, if the component is
        scaled run by run.
        """
        if self.experiment.per_run(part.scaled_by):
            return self.bins_of_runs
        return np.ones((1, self.experiment.observed.size))

    def _number_of_parts(self, signal: SignalTable) -> int:
        per_run = self.experiment.per_run(signal.signal.scaled_by)
        return len(self.experiment.observed) if per_run else 1

    @property
    def bins_of_runs(self) -> Array:
        """Ones where a bin belongs to a run, shape (run, run x bin)."""
        runs, bins = self.experiment.observed.shape
        return np.repeat(np.eye(runs), bins, axis=1)

    @property
    def merges(self) -> bool:
        """Whether bins are merged, which is exact for some likelihoods alone."""
        return self.merged and self.experiment.likelihood.merges

    def merge(self, values: Array) -> Array:
        """Return values over all bins, shape (..., run x bin), with empty ones merged or not."""
        return add_bins(values, self.merged_bins) if self.merges else values

    def unmerged(self, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return a property of merged bins for each of the bins merged, shape (run x bin,)."""
        return values[self.merged_bins] if self.merges else values

    @cached_property
    def merged_bins(self) -> NDArray[np.int64]:
        """Number of the bin, merged or not, into which each bin goes, shape (run x bin,)."""
        observed = self.experiment.observed.values
        return merge_empty_bins(observed) if self.merges else np.arange(observed.size)

    @property
    def companions(self) -> tuple[Template, ...]:
        """Backgrounds with the shape axes of the signals, which share their table."""
        axes = self.experiment.signal_axes
        return tuple(b for b in self.experiment.backgrounds if b.axes == axes)

    @property
    def other_backgrounds(self) -> dict[tuple[ShapeAxis, ...], tuple[Template, ...]]:
        """The other backgrounds, grouped by their shape axes."""
        groups: dict[tuple[ShapeAxis, ...], tuple[Template, ...]] = {}
        for part in self.experiment.backgrounds:
            if part.axes != self.experiment.signal_axes:
                groups[part.axes] = (*groups.get(part.axes, ()), part)
        return groups

    @cached_property
    def companion_coefficients(self) -> Array:
        """What `background_coefficients` returns for the `companions`."""
        if self.companions:
            return self.background_coefficients(self.companions)
        nodes = [len(axis.nodes) for axis in self.experiment.signal_axes]
        return np.zeros((*nodes, 0, int(self.merged_bins.max()) + 1))

    def background_coefficients(self, parts: Sequence[Template], run: int | None = None) -> Array:
        """Return the table of backgrounds with the same axes, shape (*axes, components, bins).

        A background that is scaled run by run gives one component for each run, which is
        zero in the bins of the others. With the number of a `run`, one component for each
        background, in the bins of this run alone.
        """
        tables = []
        for part in parts:
            values = part.values.values
            flat = values.reshape(*values.shape[:-2], 1, -1)
            if run is not None:
                flat = flat * self.bins_of_runs[run]
            elif self.experiment.per_run(part.scaled_by):
                flat = flat * self.bins_of_runs
            tables.append(spline_coefficients(part.axes, flat))
        return np.ascontiguousarray(self.merge(np.concatenate(tables, axis=-2)))

    def nominal(self, mass_mev: float | None = None) -> Array:
        """Return total expected counts at the nominal values of the shape axes, shape (3,)."""
        total = np.zeros(len(COMPONENTS))
        for signal in self.signals:
            total += self.at_nominal(signal, signal.totals(mass_mev))
        return total

    def at_nominal(self, signal: SignalTable, totals: Array) -> Array:
        """Return `SignalTable.totals` at the nominal values of the shape axes, (components,)."""
        for axis in reversed(signal.signal.all_axes):
            totals = totals @ axis.weights_at(self.experiment.card.nuisance[axis.name].nominal)
        return totals

    def weakest(self, mass_mev: float | None = None) -> Array:
        """Return the least total counts over the nodes of the shape axes, shape (3,).

        For each component and signal separately, in absolute value: the signal at the shape
        nuisances for which it is least visible.
        """
        total = np.zeros(len(COMPONENTS))
        for signal in self.signals:
            counts = np.abs(signal.totals(mass_mev))
            total += counts.min(axis=tuple(range(1, counts.ndim)))
        return total
