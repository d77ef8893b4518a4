"""At which momentum transfers an experiment sees neutrinos scatter."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.cards.signal_table import SignalTable
from bayes_cevns.cards.table_file import at_nominal_nodes
from bayes_cevns.physics import constants as const

#: Shares of the events below the lower end, the middle and the upper end.
_SHARES = (0.16, 0.5, 0.84)


def momentum_transfers_mev(experiments: Iterable[Experiment]) -> tuple[float, float, float]:
    """Return the momentum transfers of the events that the Standard Model makes.

    Parameters
    ----------
    experiments
        One or several experiments, whose events are taken together.

    Returns
    -------
    tuple of float
        Q = sqrt(2 m T) in MeV below which there are 16%, half and 84% of the events that are
        expected at nominal nuisances, of all signals and bins.
    """
    found = [
        of_signal
        for experiment in experiments
        for signal in RateTable(experiment, None).signals
        for of_signal in [_events(experiment, signal)]
    ]
    transfers = np.concatenate([q for q, _ in found])
    events = np.concatenate([counts for _, counts in found])
    order = np.argsort(transfers)
    below = np.cumsum(events[order]) - 0.5 * events[order]
    low, middle, high = np.interp(_SHARES, below / events.sum(), transfers[order])
    return float(low), float(middle), float(high)


def _events(experiment: Experiment, table: SignalTable) -> tuple[Array, Array]:
    """Return momentum transfers in MeV and expected events at the recoil energies of a signal."""
    energies = table.signal.recoil_energy_kev
    axes = [axis.name for axis in table.signal.theory_axes]
    weights = xr.DataArray(
        table.weights(None)[..., 0, :],
        dims=(*axes, "energy"),
        coords={axis.name: list(axis.nodes) for axis in table.signal.theory_axes},
    )
    seen = at_nominal_nodes(experiment.card, table.signal.values.sum(("run", "bin")))
    events = at_nominal_nodes(experiment.card, weights).values * seen.values
    mass_mev = table.rates[0].recoil_mass_mev
    return np.sqrt(2.0 * mass_mev * energies / const.KEV_PER_MEV), np.asarray(events)
