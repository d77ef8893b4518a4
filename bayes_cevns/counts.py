"""Expected counts at nominal nuisances."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import xarray as xr

from bayes_cevns.arguments import named
from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments import Experiment
from bayes_cevns.experiments.experiment import Template, checked_experiment
from bayes_cevns.experiments.rate_table import RateTable
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.checks import finite, real
from bayes_cevns.physics.form_factors import FORM_FACTORS
from bayes_cevns.physics.interactions import (
    COMPONENTS,
    STANDARD_MODEL,
    Interaction,
    interaction_or_none,
)
from bayes_cevns.specification import check_action, checked_mass
from bayes_cevns.tables.shape_axes import ShapeAxis


def expected_counts(
    experiment: Experiment,
    *,
    interaction: str | Interaction = STANDARD_MODEL,
    mass_mev: float | None = None,
    coupling_product: float = 0.0,
    form_factor: str = DEFAULT_FORM_FACTOR,
) -> dict[str, dict[str, float]]:
    """Return the expected counts of each run, component by component.

    Parameters
    ----------
    experiment
        The experiment.
    interaction
        Name of an interaction, or ``"sm"``; or what `bayes_cevns.interaction` returns.
    mass_mev
        Mediator mass in MeV.
    coupling_product
        The amplitude x (`Interaction.coupling`).
    form_factor
        Name of the nuclear form factor.

    Returns
    -------
    dict
        run -> component -> counts: the signal components with their couplings put in (their
        names begin with that of the signal where there are several), then the backgrounds, all
        nuisances at their nominal values.

    Raises
    ------
    ArgumentError
        If the coupling is not one finite number within its range, the mass is missing or not
        positive, or the Standard Model is given one of them.
    """
    checked_experiment(experiment)
    named(form_factor, "form factor", FORM_FACTORS)
    new = checked_interaction(interaction, mass_mev, coupling_product)
    binned = binned_counts(experiment, new, mass_mev, coupling_product, form_factor=form_factor)
    totals = {name: values.sum("bin") for name, values in binned.items()}
    return {
        run: {name: float(total.sel(run=run)) for name, total in totals.items()}
        for run in experiment.runs
    }


def checked_interaction(
    name: str | Interaction, mass_mev: float | None, coupling_product: float
) -> Interaction | None:
    """Return an interaction by its name, ``None`` for the Standard Model, after checking x.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    ArgumentError
        If the coupling is not one finite number within its range, or the Standard Model is
        given one or a mass.
    """
    if finite(coupling_product, what="a coupling").ndim:
        raise ArgumentError("expected counts are for one coupling product, got several")
    new = interaction_or_none(name)
    if new is not None:
        new.check_product(coupling_product)
        checked_mass(new, mass_mev)
    elif coupling_product != 0 or mass_mev is not None:
        raise ArgumentError("the Standard Model has no coupling and no mass: name an interaction")
    return new


def binned_counts(
    experiment: Experiment,
    new: Interaction | None,
    mass_mev: float | None = None,
    coupling_product: float = 0.0,
    *,
    form_factor: str = DEFAULT_FORM_FACTOR,
) -> dict[str, xr.DataArray]:
    """Return the expected counts at nominal nuisances, component by component.

    Returns
    -------
    dict
        Component -> counts, dims (run, bin): the signals with their couplings put in, those of
        several signals by the name of each, then the backgrounds.
    """
    checked_experiment(experiment)
    coupling_product = real(coupling_product, what="a coupling")
    if new is not None:
        check_action([experiment], new)
    table = RateTable(experiment, new, form_factor)
    nominal = {name: entry.nominal for name, entry in experiment.card.nuisance.items()}
    several = len(table.signals) > 1
    found: dict[str, xr.DataArray] = {}
    for signal in table.signals:
        counts = _at(signal.counts(mass_mev), signal.signal.all_axes, nominal)
        for power, name in enumerate(COMPONENTS):
            if name == STANDARD_MODEL or signal.acts:
                key = f"{signal.signal.name}.{name}" if several else name
                scale = coupling_product**power * _scale(signal.signal, nominal)
                found[key] = scale * counts.sel(component=name, drop=True)
    for part in experiment.backgrounds:
        found[part.name] = _scale(part, nominal) * _at(part.values, part.axes, nominal)
    return found


def _scale(part: Template, nominal: Mapping[str, float]) -> float:
    return prod(nominal[name] for name in part.scaled_by)


def _at(
    values: xr.DataArray, axes: tuple[ShapeAxis, ...], nominal: Mapping[str, float]
) -> xr.DataArray:
    """Return values at the nominal places on their shape axes."""
    for axis in axes:
        weights = xr.DataArray(axis.weights_at(nominal[axis.name]), dims=axis.name)
        values = xr.dot(values.drop_vars(axis.name, errors="ignore"), weights, dim=axis.name)
    return values
