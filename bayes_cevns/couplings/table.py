"""The expected counts of an experiment for some couplings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.cards.experiment import Experiment, Signal
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.arrival import Nodes, nodes_of
from bayes_cevns.couplings.channels import monomials_of
from bayes_cevns.couplings.model import CouplingModel, Way
from bayes_cevns.couplings.signal import CouplingSignal
from bayes_cevns.couplings.spectra import SignalSpectra
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.interactions import ELECTRON
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory
from bayes_cevns.rates import SCATTERER
from bayes_cevns.sources.components import split_by_component
from bayes_cevns.sources.solar import COMPONENTS

#: Energy nodes of the solar components with a spectrum: the least number, and how many for a factor
#: e of energy (lines need none). The error of the interpolation is measured in `coupling_tables`.
ENERGY_NODES = {name: [12, 6] if name in ("8b", "hep") else [8, 2] for name in COMPONENTS}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CouplingTable(RateTable):
    """Expected counts of an experiment for chosen couplings, each signal as a sum of components.

    Attributes
    ----------
    spectra
        Recoil spectra of each signal for all couplings.
    chosen
        Indices of the free couplings, in the order in which they were named.
    """

    spectra: tuple[SignalSpectra, ...]
    chosen: tuple[int, ...]

    @property
    def nodes(self) -> Mapping[str, Nodes]:
        """Solar component -> where its state is evaluated."""
        return self.spectra[0].nodes

    @property
    def model(self) -> str:
        """The free couplings."""
        names = self.spectra[0].model.names
        return ", ".join(names[place] for place in self.chosen)

    @cached_property
    def signals(self) -> tuple[CouplingSignal, ...]:
        """One table for each signal."""
        return tuple(
            CouplingSignal(
                each.signal, each.target, None, self.theory, spectra=each, chosen=self.chosen
            )
            for each in self.spectra
        )

    def choose(self, chosen: Sequence[int]) -> CouplingTable:
        """Return the table for another choice of free couplings, by their indices."""
        return replace(self, chosen=tuple(chosen))

    def reached(self, coefficients: Array) -> Array:
        """Return those of the Standard Model: couplings do not change which recoil energies occur.

        A component alone is no test: it may be rounding where the others are far larger.
        """
        del coefficients
        return RateTable(self.experiment, None, self.theory, self.merged).coefficients()

    @cached_property
    def arriving(self) -> tuple[tuple[Way, Array, Array], ...]:
        """The parts of all signals that depend on states which couplings change.

        As `CouplingSignal.arriving`, with the components of the table, separately for each run.
        """
        return tuple(
            (way, products, mixing @ np.sum(units, axis=0))
            for signal, units in zip(self.signals, self._units, strict=True)
            for way, products, mixing in signal.arriving
        )

    @cached_property
    def _nominal(self) -> tuple[Array, ...]:
        """Nominal counts of the components of the spectra of each signal."""
        return tuple(self.at_nominal(s, s.spectra_totals) for s in self.signals)

    def counts_of_square(self, coupling: int) -> float:
        """Return the nominal counts from the square of one coupling, given by its index.

        With neutrinos in the states of the Standard Model.
        """
        row = monomials_of(len(self.spectra[0].model.couplings), (coupling,))[-1]
        parts = (
            spectra.standard_form[row] @ counts
            for spectra, counts in zip(self.spectra, self._nominal, strict=True)
        )
        return float(sum(parts))

    def nominal_counts(self, couplings: ArrayLike) -> Array:
        """Return nominal signal counts at values of all couplings, from shape (..., k) to (...)."""
        parts = (
            spectra.scales(couplings) @ counts
            for spectra, counts in zip(self.spectra, self._nominal, strict=True)
        )
        return np.asarray(sum(parts))


def of_couplings(tables: Sequence[RateTable]) -> tuple[CouplingTable, ...]:
    """Return tables after checking that they are of named couplings.

    Raises
    ------
    ArgumentError
        If one is of an interaction.
    """
    found = tuple(table for table in tables if isinstance(table, CouplingTable))
    if len(found) < len(tables):
        raise ArgumentError("expected tables of named couplings, got those of an interaction")
    return found


def coupling_tables(
    experiments: Sequence[Experiment],
    model: CouplingModel,
    *,
    theory: Theory = STANDARD_THEORY,
    merged: bool = False,
    energy_nodes: int | None = None,
) -> tuple[CouplingTable, ...]:
    """Return the tables of some experiments, all couplings free, on energy nodes that they share.

    Parameters
    ----------
    experiments
        The experiments.
    model
        The couplings.
    theory, merged
        As of `RateTable`.
    energy_nodes
        Number of energy nodes of each solar component with a spectrum; by default as in
        `ENERGY_NODES`.

    Raises
    ------
    ArgumentError
        If couplings by name do not act in a channel.

    Notes
    -----
    The error of the nodes, relative to 96 of them, in counts for 1000 random points of all
    couplings to u, d, eL and eR in [-1, 1] (half of them of one to three couplings):

    - electronic recoils of pp, 7Be, pep and CNO (XENONnT, LZ, PandaX-4T): at most 4e-5, nearly all
      of it from CNO; with 8B and hep (XENON1T): at most 1.3e-4, and 1e-5 in 99% of the points;
    - CEvNS of 8B: in 99% of the points 6e-6 with thresholds of 1 keV, 5e-5 with 0.2 keV (XLZD). In
      the others the couplings cancel the vacuum mixing where 8B is made, so that levels cross
      there: the state changes abruptly with energy, and counts are off by up to 1e-3 with any
      number of nodes.
    """
    seen = [(signal, e.target) for e in experiments for signal in e.signals]
    nodes = nodes_above(seen, energy_nodes)
    every = tuple(range(len(model.couplings)))
    tables = []
    for e in experiments:
        spectra = tuple(
            SignalSpectra(
                signal=signal,
                target=e.target,
                theory=theory,
                model=model,
                nodes=nodes,
                latitude_deg=latitude_of(e, model),
            )
            for signal in e.signals
        )
        tables.append(CouplingTable(e, None, theory, merged, spectra=spectra, chosen=every))
    return tuple(tables)


def latitude_of(experiment: Experiment, model: CouplingModel) -> float:
    """Return the latitude of an experiment; that of the propagation if its card has none."""
    own = experiment.card.latitude_deg
    return model.propagation.latitude_deg if own is None else float(own)


def nodes_above(
    signals: Iterable[tuple[Signal, Target]], count: int | None = None
) -> dict[str, Nodes]:
    """Return energy nodes for every solar component that some signals on targets see.

    `count` nodes for each, or as many as `ENERGY_NODES` says.
    """
    least: dict[str, float] = {}
    sources = {}
    for signal, target in signals:
        mass = const.ELECTRON_MASS_MEV
        if SCATTERER[signal.channel] != ELECTRON:
            mass = min(isotope.mass_mev for isotope in target.isotopes)
        threshold = signal.recoil_energy_kev.min() / const.KEV_PER_MEV
        energy = float(minimum_neutrino_energy_mev(threshold, mass))
        components, _ = split_by_component(signal.source)
        for name, source in components.items():
            least[name] = min(energy, least.get(name, np.inf))
            sources[name] = source
    found = (
        nodes_of(name, sources[name], energy, (count, 0) if count else ENERGY_NODES[name])
        for name, energy in least.items()
    )
    return {nodes.component: nodes for nodes in found if nodes is not None}
