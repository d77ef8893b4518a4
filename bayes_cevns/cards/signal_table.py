"""The expected counts of one signal for one interaction, at any mediator mass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.cards.experiment import RECOIL_ENERGY, Experiment, Signal
from bayes_cevns.cards.mixing import source_at
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.interactions import COMPONENTS, Interaction
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.physics.theory import PARAMETERS, Theory
from bayes_cevns.rates import SCATTERER, Rate, build_rate
from bayes_cevns.sources import Source
from bayes_cevns.tables.mass_axis import MassTable, recoil_weights, weights_at
from bayes_cevns.tables.shape_axes import ShapeAxis, spline_coefficients
from bayes_cevns.tables.store import mass_table


@dataclass(frozen=True, eq=False, repr=False)
class SignalTable(Displayed):
    """Expected counts of a signal, split by powers of the coupling.

    Attributes
    ----------
    signal
        The signal: source, channel and response.
    target
        What the neutrinos scatter on.
    interaction
        The interaction, or ``None`` for the Standard Model, whose factors of x and x^2 are 0.
    theory
        What is assumed of nuclei, weak charges and atoms; parameters on axes are those of the axes.
    """

    signal: Signal
    target: Target
    interaction: Interaction | None
    theory: Theory

    @property
    def acts(self) -> bool:
        """Whether the interaction changes this signal."""
        return self._interaction is not None

    @property
    def count(self) -> int:
        """Number of components: powers of the coupling, or one where it does not act."""
        return len(COMPONENTS) if self.acts else 1

    @property
    def form(self) -> Array:
        """Factors of the components, by powers of all couplings, shape (powers, components).

        Here 1, x and x^2; in the Standard Model 1 alone.
        """
        powers = 1 if self.interaction is None else len(COMPONENTS)
        return np.eye(powers, self.count)

    @property
    def _interaction(self) -> Interaction | None:
        """The interaction, if it acts on what the neutrinos of this channel scatter on."""
        found = self.interaction
        if found is None or SCATTERER[self.signal.channel] not in found.scatters_on:
            return None
        return found

    @cached_property
    def rates(self) -> tuple[Rate, ...]:
        """The recoil spectra behind the table, one for each node of the theory axes."""
        return tuple(
            build_rate(
                self.signal.channel,
                source=source,
                target=self.target,
                interaction=self._interaction,
                theory=theory,
            )
            for source, theory in places(self.signal, self.theory)
        )

    @cached_property
    def _mass_tables(self) -> tuple[MassTable, ...]:
        return tuple(mass_table(rate, self.signal.recoil_energy_kev) for rate in self.rates)

    def weights(self, mass_mev: float | None) -> Array:
        """Return recoil weights, shape (*theory_axes, 3, recoil_energy), in 1/(t yr).

        Raises
        ------
        ArgumentError, TableError
            If the mass is missing, not positive, or outside the table.
        """
        if self.interaction is None:
            return self._weights_without_mass
        mass = self.interaction.check_masses(mass_mev)
        if not self.interaction.has_mass:
            return self._weights_without_mass
        if mass.ndim:
            raise ArgumentError(f"a rate table takes one mass at a time, got {mass_mev!r}")
        if not self.acts:
            return self._weights_without_mass
        if self.interaction.axis.moves_flux:
            energies = self.signal.recoil_energy_kev
            return self._on_theory_axes([weights_at(r, energies, float(mass)) for r in self.rates])
        return self._on_theory_axes([table.weights(mass) for table in self._mass_tables])

    @cached_property
    def _weights_without_mass(self) -> Array:
        energies = self.signal.recoil_energy_kev
        return self._on_theory_axes([recoil_weights(rate, energies) for rate in self.rates])

    def _on_theory_axes(self, weights: list[Array]) -> Array:
        nodes = (len(axis.nodes) for axis in self.signal.theory_axes)
        return np.asarray(weights).reshape(*nodes, *weights[0].shape)

    def counts(self, mass_mev: float | None = None) -> xr.DataArray:
        """Return expected counts at the nodes, dims (component, *all_axes, run, bin)."""
        response = self.signal.values
        axes = self.signal.theory_axes
        weights = xr.DataArray(
            self.weights(mass_mev),
            dims=(*(axis.name for axis in axes), "component", RECOIL_ENERGY),
            coords={"component": list(COMPONENTS), **{a.name: list(a.nodes) for a in axes}},
        )
        folded: xr.DataArray = xr.dot(weights, response.drop_vars(RECOIL_ENERGY))
        order = ("component", *(axis.name for axis in self.signal.all_axes), "run", "bin")
        return folded.transpose(*order).assign_attrs(units="counts")

    def totals(self, mass_mev: float | None) -> Array:
        """Return counts summed over runs and bins, shape (components, *all_axes)."""
        return self.totals_of(self.weights(mass_mev))

    def totals_of(self, weights: Array) -> Array:
        """Return the same for recoil weights, shape (*theory_axes, components, recoil_energy)."""
        folded = np.tensordot(weights, self._total_response, axes=1)  # (*theory, 3, *axes)
        theory = len(self.signal.theory_axes)
        return np.moveaxis(folded, range(theory), range(-theory, 0)) if theory else folded

    @cached_property
    def _total_response(self) -> Array:
        return np.asarray(self.signal.values.sum(("run", "bin")).values)

    def response_coefficients(self, parts: Array, merge: Callable[[Array], Array]) -> Array:
        """Return B-spline coefficients, shape (*axes, parts, recoil_energy, bins).

        Parameters
        ----------
        parts
            Ones for the bins of each part, shape (parts, run x bin).
        merge
            Adds up bins, from shape (..., run x bin) to (..., bins).
        """
        last = np.moveaxis(self.signal.values.values, 0, -3)
        flat = last.reshape(*last.shape[:-2], -1)
        merged = np.stack([merge(flat * part) for part in parts], axis=-3)
        return spline_coefficients(self.signal.axes, merged)

    def fold(self, weights: Array, response: Array, axes: tuple[ShapeAxis, ...]) -> Array:
        """Return weights times response on the axes of the experiment.

        Parameters
        ----------
        weights
            Recoil weights, shape (*theory_axes, components, recoil_energy).
        response
            What `response_coefficients` returned.
        axes
            Shape axes of the result, among them those of the signal. The result does not depend on
            the other axes: B-splines sum to one, so that equal coefficients are a constant.

        Returns
        -------
        ndarray
            B-spline coefficients, shape (*axes, parts x components, bins).
        """
        theory = len(self.signal.theory_axes)
        coefficients = spline_coefficients(self.signal.theory_axes, weights)
        own = len(self.signal.axes)
        counts = coefficients.reshape(
            *[1] * own, *coefficients.shape[:theory], 1, *coefficients.shape[-2:]
        ) @ response.reshape(*response.shape[:own], *[1] * theory, *response.shape[own:])
        flat = counts.reshape(*counts.shape[: own + theory], -1, counts.shape[-1])
        return _on_axes(flat, self.signal.all_axes, axes)


def places(signal: Signal, theory: Theory) -> tuple[tuple[Source, Theory], ...]:
    """Return source and theory at the nodes of the theory axes, the last axis fastest.

    Parameters
    ----------
    signal
        The signal.
    theory
        What is assumed besides the parameters of the axes.
    """
    names = [axis.name for axis in signal.theory_axes]
    found = []
    for place in product(*(axis.nodes for axis in signal.theory_axes)):
        values = dict(zip(names, place, strict=True))
        of_theory = {name: value for name, value in values.items() if name in PARAMETERS}
        found.append((source_at(signal.source, values), theory.at(of_theory)))
    return tuple(found)


def scatterers(experiments: Iterable[Experiment]) -> set[str]:
    """Return what neutrinos scatter on in the channels of some experiments."""
    return {SCATTERER[signal.channel] for e in experiments for signal in e.signals}


def _on_axes(values: Array, own: tuple[ShapeAxis, ...], axes: tuple[ShapeAxis, ...]) -> Array:
    """Return values on more axes, in another order, shape (*axes, ...)."""
    order = sorted(range(len(own)), key=lambda i: axes.index(own[i]))
    moved = np.moveaxis(values, order, range(len(own)))
    rest = values.shape[len(own) :]
    shape = [len(axis.nodes) if axis in own else 1 for axis in axes]
    full = [len(axis.nodes) for axis in axes]
    return np.ascontiguousarray(np.broadcast_to(moved.reshape(*shape, *rest), (*full, *rest)))
