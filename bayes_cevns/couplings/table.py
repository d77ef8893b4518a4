"""The expected counts of an experiment for some couplings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.couplings.arrival import Nodes, nodes_of, split_by_component
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.signal import CouplingSignal
from bayes_cevns.experiments.experiment import Experiment
from bayes_cevns.experiments.rate_table import RateTable
from bayes_cevns.experiments.signal_table import SCATTERER
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.interactions import ELECTRON
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev

type Array = NDArray[np.float64]

#: Energy nodes of a solar component with a spectrum.
ENERGY_NODES = 16


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CouplingTable(RateTable):
    """Expected counts of an experiment, the signals by components of some couplings.

    Attributes
    ----------
    model
        The couplings.
    nodes
        Solar component -> where its state is evaluated.
    """

    model: CouplingModel
    nodes: Mapping[str, Nodes]

    @cached_property
    def signals(self) -> tuple[CouplingSignal, ...]:
        """One table for each signal."""
        return tuple(
            CouplingSignal(
                signal,
                self.experiment.target,
                None,
                self.form_factor,
                model=self.model,
                nodes=self.nodes,
            )
            for signal in self.experiment.signals
        )


def coupling_tables(
    experiments: Sequence[Experiment],
    model: CouplingModel,
    *,
    form_factor: str = DEFAULT_FORM_FACTOR,
    merged: bool = False,
    energy_nodes: int = ENERGY_NODES,
) -> tuple[CouplingTable, ...]:
    """Return the tables of some experiments, on energy nodes that they share."""
    nodes = shared_nodes(experiments, energy_nodes)
    return tuple(
        CouplingTable(e, None, form_factor, merged, model=model, nodes=nodes) for e in experiments
    )


def shared_nodes(experiments: Sequence[Experiment], count: int) -> dict[str, Nodes]:
    """Return energy nodes for every solar component that some experiments see.

    Raises
    ------
    ArgumentError
        If the spectrum of a component ends below the threshold of all signals that have it.
    """
    least: dict[str, float] = {}
    sources = {}
    for experiment in experiments:
        for signal in experiment.signals:
            if SCATTERER[signal.channel] == ELECTRON:
                mass = const.ELECTRON_MASS_MEV
            else:
                mass = min(isotope.mass_mev for isotope in experiment.target.isotopes)
            threshold = signal.recoil_energy_kev.min() / const.KEV_PER_MEV
            energy = float(minimum_neutrino_energy_mev(threshold, mass))
            components, _ = split_by_component(signal.source)
            for name, source in components.items():
                least[name] = min(energy, least.get(name, np.inf))
                sources[name] = source
    return {name: nodes_of(name, sources[name], least[name], count) for name in least}
