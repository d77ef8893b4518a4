"""Expected counts at nominal nuisances."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import xarray as xr

from bayes_cevns.arguments import mapping
from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.experiment import Template
from bayes_cevns.cards.given import one_experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import coupling_tables
from bayes_cevns.couplings.values import coupling_values
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import finite, real
from bayes_cevns.physics.interactions import (
    COMPONENTS,
    STANDARD_MODEL,
    Interaction,
    interaction_or_none,
)
from bayes_cevns.physics.oscillation import Propagation
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory, theory_of
from bayes_cevns.specification.model_spec import check_action, checked_mass
from bayes_cevns.tables.shape_axes import ShapeAxis


def expected_counts(
    experiment: Experiment | str,
    *,
    interaction: str | Interaction = STANDARD_MODEL,
    mass_mev: float | None = None,
    coupling_product: float = 0.0,
    couplings: Mapping[str, complex] | None = None,
    propagation: Propagation | None = None,
    matter: bool = True,
    theory: Theory = STANDARD_THEORY,
) -> dict[str, dict[str, float]]:
    """Return the expected counts of each run, component by component.

    Parameters
    ----------
    experiment
        The experiment, or its name.
    interaction
        Name of an interaction, or ``"sm"``; or what `bayes_cevns.interaction` returns.
    mass_mev
        Mediator mass in MeV.
    coupling_product
        The amplitude x (`Interaction.coupling`).
    couplings
        Values of several couplings by name in place of an interaction, such as
        ``{"eps_mutau_u": -0.45}`` (`bayes_cevns.couplings.named`); those off the diagonal in
        flavour may be complex.
    propagation, matter
        How solar neutrinos arrive with them, and whether the couplings act on the way.
    theory
        What is assumed of nuclei, weak charges and atoms: a `bayes_cevns.Theory`.

    Returns
    -------
    dict
        run -> component -> counts: the signal components with their couplings put in (their
        names begin with that of the signal where there are several), then the backgrounds, all
        nuisances at their nominal values. With several couplings the signal has the components
        ``"sm"`` and ``"new_physics"``, which is all that they change.

    Raises
    ------
    UnknownNameError
        If an experiment, interaction or coupling does not exist.
    ArgumentError
        If the coupling is not one finite number within its range, the mass is missing or not
        positive, or the Standard Model is given one of them; or if there are an interaction and
        couplings.

    Examples
    --------
    >>> counts = expected_counts("xenonnt_cevns", couplings={"eps_ee_u": 0.1})
    >>> sorted(counts["sr0"])[:2]
    ['ac', 'er']
    """
    experiment = one_experiment(experiment)
    theory = theory_of(theory)
    if couplings is None:
        new = checked_interaction(interaction, mass_mev, coupling_product)
        binned = binned_counts(experiment, new, mass_mev, coupling_product, theory)
    else:
        is_standard = isinstance(interaction, str) and interaction == STANDARD_MODEL
        if not is_standard or real(coupling_product, what="a coupling") != 0.0:
            raise ArgumentError("either an interaction or couplings, got both")
        mapping(couplings, what="values by coupling, such as {'eps_ee_u': 0.1}")
        values = coupling_values(couplings)
        model = CouplingModel.of(values, mass_mev=mass_mev, propagation=propagation, matter=matter)
        binned = coupling_counts(experiment, model, model.values(values), theory)
    totals = {name: values.sum("bin") for name, values in binned.items()}
    return {
        run: {name: float(total.sel(run=run)) for name, total in totals.items()}
        for run in experiment.runs
    }


def coupling_counts(
    experiment: Experiment,
    model: CouplingModel,
    values: Array,
    theory: Theory,
) -> dict[str, xr.DataArray]:
    """Return the expected counts at nominal nuisances for some couplings.

    Parameters
    ----------
    experiment, model
        The experiment and the couplings.
    values
        Values of the couplings, shape (k,).
    theory
        What is assumed of nuclei, weak charges and atoms.

    Returns
    -------
    dict
        Component -> counts, dims (run, bin): of each signal that of the Standard Model, ``sm``,
        and what the couplings change, ``new_physics``; then the backgrounds.
    """
    (table,) = coupling_tables([experiment], model, theory=theory)
    nominal = _nominal(experiment)
    several = len(table.spectra) > 1
    found: dict[str, xr.DataArray] = {}
    for spectra in table.spectra:
        at = [
            _scale(spectra.signal, nominal)
            * _at(spectra.counts(theta), spectra.signal.all_axes, nominal)
            for theta in (model.standard_values, values)
        ]
        for name, counts in ((STANDARD_MODEL, at[0]), (COMPONENTS[-1], at[1] - at[0])):
            found[f"{spectra.signal.name}.{name}" if several else name] = counts
    return found | _backgrounds(experiment, nominal)


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
    theory: Theory = STANDARD_THEORY,
) -> dict[str, xr.DataArray]:
    """Return the expected counts at nominal nuisances, component by component.

    Returns
    -------
    dict
        Component -> counts, dims (run, bin): the signals with their couplings put in, those of
        several signals by the name of each, then the backgrounds.
    """
    coupling_product = real(coupling_product, what="a coupling")
    if new is not None:
        check_action([experiment], new)
    table = RateTable(experiment, new, theory)
    nominal = _nominal(experiment)
    several = len(table.signals) > 1
    found: dict[str, xr.DataArray] = {}
    for signal in table.signals:
        counts = _at(signal.counts(mass_mev), signal.signal.all_axes, nominal)
        for power, name in enumerate(COMPONENTS):
            if name == STANDARD_MODEL or signal.acts:
                key = f"{signal.signal.name}.{name}" if several else name
                scale = coupling_product**power * _scale(signal.signal, nominal)
                found[key] = scale * counts.sel(component=name, drop=True)
    return found | _backgrounds(experiment, nominal)


def _nominal(experiment: Experiment) -> dict[str, float]:
    return {name: entry.nominal for name, entry in experiment.card.nuisance.items()}


def _backgrounds(experiment: Experiment, nominal: Mapping[str, float]) -> dict[str, xr.DataArray]:
    return {
        part.name: _scale(part, nominal) * _at(part.values, part.axes, nominal)
        for part in experiment.backgrounds
    }


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
