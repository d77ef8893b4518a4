"""The expected signal of one experiment for one interaction, at any mediator mass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments.experiment import Experiment, Template
from bayes_cevns.physics.interactions import COMPONENTS, Interaction
from bayes_cevns.rates import Rate, build_rate
from bayes_cevns.tables.bins import merge_empty_bins
from bayes_cevns.tables.mass_axis import MassTable, recoil_weights
from bayes_cevns.tables.shape_axes import ShapeAxis, spline_coefficients
from bayes_cevns.tables.store import mass_table

type Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RateTable:
    """Expected signal counts of an experiment, split by powers of the coupling.

    Attributes
    ----------
    experiment
        The experiment; its runs and exposures are in the table.
    interaction
        The interaction, or ``None`` for the Standard Model, whose factors of x and x^2 are 0.
    form_factor
        Name of the nuclear form factor.
    merged
        Whether `coefficients` has the bins without events merged (`merge_empty_bins`).
    """

    experiment: Experiment
    interaction: Interaction | None
    form_factor: str = "helm"
    merged: bool = False

    @property
    def rate(self) -> Rate:
        """The recoil spectrum behind the table."""
        return build_rate(
            self.experiment.card.channel,
            source=self.experiment.source,
            target=self.experiment.target,
            interaction=self.interaction,
            form_factor=self.form_factor,
        )

    @cached_property
    def _mass_table(self) -> MassTable:
        return mass_table(self.rate, self.experiment.recoil_energy_kev)

    def _weights(self, mass_mev: float | None) -> Array:
        """Return recoil weights, shape (3, recoil_energy)."""
        if self.interaction is None:
            return self._weights_without_mass
        mass = self.interaction.check_masses(mass_mev)
        if not self.interaction.has_mass:
            return self._weights_without_mass
        if mass.ndim:
            raise ArgumentError(f"a rate table takes one mass at a time, got {mass_mev!r}")
        return self._mass_table.weights(mass)

    @cached_property
    def _weights_without_mass(self) -> Array:
        return recoil_weights(self.rate, self.experiment.recoil_energy_kev)

    def counts(self, mass_mev: float | None = None) -> xr.DataArray:
        """Return expected counts at the nodes of the shape axes.

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
        signal = self.experiment.signal.values
        values = np.tensordot(self._weights(mass_mev), signal.values, axes=1)
        coords = {k: v for k, v in signal.coords.items() if "recoil_energy" not in v.dims}
        return xr.DataArray(
            values,
            dims=("component", *signal.dims[1:]),
            coords={**coords, "component": list(COMPONENTS)},
            attrs={"units": "counts"},
        )

    @cached_property
    def _response_coefficients(self) -> Array:
        """B-spline coefficients of the response, shape (*axes, parts, recoil_energy, run x bin).

        One part, or one for each run, zero in the bins of the others, if the signal is scaled
        run by run.
        """
        signal = self.experiment.signal
        last = np.moveaxis(signal.values.values, 0, -3)
        flat = last.reshape(*last.shape[:-3], 1, last.shape[-3], -1)
        if self.experiment.per_run(signal.scaled_by):
            flat = flat * self._bins_of_runs[:, None, :]
        return self.merge(spline_coefficients(signal.axes, flat))

    @property
    def _bins_of_runs(self) -> Array:
        """Ones where a bin belongs to a run, shape (run, run x bin)."""
        runs, bins = self.experiment.observed.shape
        return np.repeat(np.eye(runs), bins, axis=1)

    def fold(self, weights: Array) -> Array:
        """Return recoil weights times response, shape (*axes, parts x components, bins).

        Parameters
        ----------
        weights
            Shape (components, recoil_energy).
        """
        counts = weights @ self._response_coefficients
        return counts.reshape(*counts.shape[:-3], -1, counts.shape[-1])

    def merge(self, values: Array) -> Array:
        """Return values over all bins, shape (..., run x bin), with empty ones merged or not."""
        return values @ self._merging if self.merged else values

    @cached_property
    def _merging(self) -> Array:
        return merge_empty_bins(self.experiment.observed.values)

    def coefficients(self, mass_mev: float | None = None) -> Array:
        """Return the input of `RateOp` at one mass, shape (*axes, components, bins).

        The three signal components (only the first in the Standard Model), as B-spline
        coefficients of `counts` (interpolation in the shape nuisances and integration over
        recoil energy commute), those of one run after the other if the signal is scaled run by
        run; then the `companions`.
        """
        weights = self._weights(mass_mev)[: 1 if self.interaction is None else None]
        return np.concatenate([self.fold(weights), self._companion_coefficients], axis=-2)

    @property
    def companions(self) -> tuple[Template, ...]:
        """Backgrounds with the shape axes of the signal, which share its table."""
        axes = self.experiment.signal.axes
        return tuple(b for b in self.experiment.backgrounds if b.axes == axes)

    @property
    def other_backgrounds(self) -> dict[tuple[ShapeAxis, ...], tuple[Template, ...]]:
        """The other backgrounds, grouped by their shape axes."""
        groups: dict[tuple[ShapeAxis, ...], tuple[Template, ...]] = {}
        for part in self.experiment.backgrounds:
            if part.axes != self.experiment.signal.axes:
                groups[part.axes] = (*groups.get(part.axes, ()), part)
        return groups

    @cached_property
    def _companion_coefficients(self) -> Array:
        if self.companions:
            return self.background_coefficients(self.companions)
        return self._response_coefficients[..., 0, :0, :]

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
                flat = flat * self._bins_of_runs[run]
            elif self.experiment.per_run(part.scaled_by):
                flat = flat * self._bins_of_runs
            tables.append(spline_coefficients(part.axes, flat))
        return np.ascontiguousarray(self.merge(np.concatenate(tables, axis=-2)))

    def nominal(self, mass_mev: float | None = None) -> Array:
        """Return total expected counts at the nodes nearest to nominal (zero), shape (3,)."""
        totals = self._totals(mass_mev)
        for axis in reversed(self.experiment.signal.axes):
            totals = totals[..., int(np.argmin(np.abs(axis.nodes)))]
        return totals

    def weakest(self, mass_mev: float | None = None) -> Array:
        """Return the least total counts over the nodes of the shape axes, shape (3,).

        Each component by itself, in absolute value: what is left of a signal when the
        nuisances hide as much of it as they can.
        """
        totals = np.abs(self._totals(mass_mev))
        return np.asarray(totals.min(axis=tuple(range(1, totals.ndim))))

    def _totals(self, mass_mev: float | None) -> Array:
        """Return counts summed over runs and bins, shape (3, *axes)."""
        return np.tensordot(self._weights(mass_mev), self._total_response, axes=1)

    @cached_property
    def _total_response(self) -> Array:
        return np.asarray(self.experiment.signal.values.sum(("run", "bin")).values)
