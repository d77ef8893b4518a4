"""The numbers of a model that change while it stays the same: by mass, couplings and branch.

Each has a name, that of the ``pm.Data`` of the same model in PyMC
(`bayes_cevns.specification.variables`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards.folds import signal_fold
from bayes_cevns.cards.possible import check_possible
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.priors import CouplingPrior, coupling_prior
from bayes_cevns.couplings.table import CouplingTable, of_couplings
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.variables import (
    BOX_ENDS,
    BOX_NUMBERS,
    BOX_PLANES,
    BOX_STANDARD,
    COUPLING_MAP,
    MATTER,
    OCTANT,
    arriving_name,
    fold_name,
    form_name,
    table_name,
)


def data_at(
    spec: ModelSpec, tables: Sequence[RateTable], mass_mev: float | None
) -> tuple[dict[str, Array], CouplingPrior | None]:
    """Return the data of a model that depend on mass and couplings, and the prior of an amplitude.

    Returns
    -------
    dict
        Name -> value: the rate tables and folds, the forms by which couplings multiply their
        components, and the numbers of the prior of an interaction.
    CouplingPrior or None
        The prior of the coupling of an interaction; ``None`` for the Standard Model, and for
        several couplings (`box_prior`).

    Raises
    ------
    ArgumentError
        If the Standard Model is given a mass.
    ImpossibleDataError
        If there are events where the model expects none at any of its parameters.
    """
    mass_mev = checked_mass(spec.interaction, mass_mev)
    data: dict[str, Array] = {}
    for table in tables:
        data |= table_data(table, mass_mev)
        check_possible(table, data[table_name(table.experiment)])
    if spec.interaction is None:
        return data | matter_data(spec, tables), None
    prior = prior_at(spec, tables, mass_mev)
    return data | prior_data(prior), prior


def table_data(table: RateTable, mass_mev: float | None = None) -> dict[str, Array]:
    """Return the data of an experiment's expected counts: its rate table and its forms.

    The rate table is there twice: whole, for the ``pm.Model``, and as the numbers of a fold.
    """
    experiment = table.experiment
    data = {
        table_name(experiment): table.coefficients(mass_mev),
        fold_name(experiment): signal_fold(table, mass_mev).real,
        form_name(experiment): table.form,
    }
    for number, (_, products, _) in enumerate(table.arriving):
        data[arriving_name(experiment, number)] = products
    return data


def prior_at(spec: ModelSpec, tables: Sequence[RateTable], mass_mev: float | None) -> CouplingPrior:
    """Return the prior of the coupling of an interaction at one mass."""
    return coupling_prior(spec.prior, tables, mass_mev=mass_mev, max_coupling=spec.max_coupling)


def prior_data(
    prior: CouplingPrior, interval: tuple[float, float] | None = None, *, length: float = 0.0
) -> dict[str, Array]:
    """Return the data of a coupling prior, on the whole coordinate or on one branch of it.

    `length` says how the sampler walks there (`bayes_cevns.couplings.stretched`), and changes
    nothing else.
    """
    lower, upper = interval or (prior.lower, prior.upper)
    return {COUPLING_MAP: np.array([lower, upper, prior.centre, prior.scale, length])}


def part_data(part: BoxPart, standard: Array) -> dict[str, Array]:
    """Return the data of a part of a box, for values of the Standard Model in their order."""
    slab = part.slab
    return {
        BOX_NUMBERS: slab.numbers,
        BOX_ENDS: slab.ends,
        BOX_PLANES: part.rows,
        BOX_STANDARD: standard,
    }


def matter_data(spec: ModelSpec, tables: Sequence[RateTable]) -> dict[str, Array]:
    """Return what the free couplings of some tables add to those in matter, shape (k, 27)."""
    model = spec.couplings
    if model is None:
        return {}
    if not any(table.arriving for table in tables):  # no neutrinos of the Sun
        return {}
    chosen = list(of_couplings(tables)[0].chosen)
    slopes = {MATTER: model.matter_slopes.reshape(len(model.couplings), -1)[chosen]}
    two = model.varies_mixing and model.octant != "lma"
    return slopes | ({OCTANT: np.zeros(())} if two else {})


def branch_data(
    spec: ModelSpec, tables: Sequence[CouplingTable], part: BoxPart, chosen: Sequence[int]
) -> dict[str, Array]:
    """Return the data by which chosen couplings are free, and sampled in a part of their box.

    One model serves all choices of as many couplings; the others are as in the Standard Model.

    Parameters
    ----------
    spec, tables
        With couplings, and their tables.
    part
        The part of the box of the chosen couplings.
    chosen
        Their numbers, in the order of the part's box.
    """
    assert spec.couplings is not None
    order = [chosen[place] for place in part.slab.order]
    ordered = [table.choose(order) for table in tables]
    data = part_data(part, spec.couplings.standard_values[order]) | matter_data(spec, ordered)
    for table in ordered:
        data |= table_data(table)
    return data
