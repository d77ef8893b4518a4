"""Expected counts at nominal nuisances."""

from __future__ import annotations

import numpy as np

from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments import Experiment
from bayes_cevns.experiments.rate_table import RateTable
from bayes_cevns.physics.checks import finite
from bayes_cevns.physics.interactions import COMPONENTS, STANDARD_MODEL
from bayes_cevns.physics.interactions import interaction as get_interaction


def expected_counts(
    experiment: Experiment,
    *,
    interaction: str = STANDARD_MODEL,
    mass_mev: float | None = None,
    coupling_product: float = 0.0,
    form_factor: str = "helm",
) -> dict[str, dict[str, float]]:
    """Return the expected counts of each run, component by component.

    Parameters
    ----------
    experiment
        The experiment.
    interaction
        Name of an interaction, or ``"sm"``.
    mass_mev
        Mediator mass in MeV.
    coupling_product
        x = g_nu g_q.
    form_factor
        Name of the nuclear form factor.

    Returns
    -------
    dict
        run -> component -> counts: the signal components with their couplings put in, then
        the backgrounds, all nuisances at their nominal values.

    Raises
    ------
    ArgumentError
        If the coupling is not one finite number within its range, the mass is missing or not
        positive, or the Standard Model is given one of them.
    """
    if finite(coupling_product, what="a coupling").ndim:
        raise ArgumentError("expected counts are for one coupling product, got several")
    new = None if interaction == STANDARD_MODEL else get_interaction(interaction)
    if new is not None:
        new.check_product(coupling_product)
    elif coupling_product != 0 or mass_mev is not None:
        raise ArgumentError("the Standard Model has no coupling and no mass: name an interaction")
    signal = RateTable(experiment, new, form_factor).counts(mass_mev).sum("bin")
    nominal = {axis.name: 0.0 for axis in experiment.signal.axes}
    signal = signal.sel(nominal)
    powers = coupling_product ** np.arange(len(COMPONENTS))
    counts: dict[str, dict[str, float]] = {}
    for run in experiment.runs:
        parts = {
            name: float(power * signal.sel(run=run, component=name))
            for name, power in zip(COMPONENTS, powers, strict=True)
            if new is not None or name == STANDARD_MODEL
        }
        for background in experiment.backgrounds:
            total = background.values.sel(run=run).sum("bin")
            axes = {axis.name: 0.0 for axis in background.axes}
            parts[background.name] = float(total.sel(axes))
        counts[run] = parts
    return counts
