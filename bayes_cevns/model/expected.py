"""The expected counts of one experiment as an expression of couplings and nuisances.

Every component of the counts has a number that multiplies it, and places on shape axes at which its
table is interpolated. The signals, with the backgrounds on the same axes, are one `RateOp`; the
other backgrounds follow, one op for each further set of axes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import add

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.arrays import Array
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.model import Way
from bayes_cevns.couplings.ops import QuadraticOp, TraceOp
from bayes_cevns.model.nuisances import Nuisances
from bayes_cevns.specification.variables import arriving_name, form_name, table_name
from bayes_cevns.tables.rate_op import RateOp
from bayes_cevns.tables.shape_axes import ShapeAxis


class ExpectedCounts:
    """The expected counts of one experiment.

    Parameters
    ----------
    table
        Its rate table.
    data
        Values of the ``pm.Data``, among them those of the table.
    nuisances
        The nuisances of the joint model.
    """

    def __init__(self, table: RateTable, data: Mapping[str, Array], nuisances: Nuisances) -> None:
        self._table, self._nuisances = table, nuisances
        self._experiment = table.experiment
        name = table_name(self._experiment)
        self._rates = pm.Data(name, data[name])
        self._data = data

    def counts(
        self, couplings: TensorVariable, states: Mapping[Way, TensorVariable]
    ) -> tuple[TensorVariable, TensorVariable]:
        """Return the expected counts of the signals alone, and of everything, flat.

        Parameters
        ----------
        couplings
            The couplings, shape (k,).
        states
            States of the solar components that depend on them, each shape (nodes, 9).
        """
        axes = self._experiment.signal_axes
        signals = self._signals(couplings, states)
        backgrounds = self._companions()
        mean = self._fold(axes, self._rates, signals + backgrounds)
        return self._fold(axes, self._rates, signals), self._others(mean)

    def _signals(
        self, couplings: TensorVariable, states: Mapping[Way, TensorVariable]
    ) -> TensorVariable:
        """Return what multiplies the components of the signals; zero for the companions."""
        form = pm.Data(form_name(self._experiment), self._data[form_name(self._experiment)])
        found = QuadraticOp()(form, couplings)
        for number, (way, _, mixing) in enumerate(self._table.arriving):
            name = arriving_name(self._experiment, number)
            products = QuadraticOp()(pm.Data(name, self._data[name]), couplings)
            pairs = products.reshape((mixing.shape[1], -1))
            found = found + TraceOp()(states[way], pairs, pt.constant(mixing))
        return found * _sum(
            factor * pt.constant(self._table.in_signal(signal, run))
            for signal, table in enumerate(self._table.signals)
            for run, factor in enumerate(self._nuisances.factors(self._experiment, table.signal))
        )

    def _companions(self) -> TensorVariable:
        """Return what multiplies the backgrounds on the axes of the signals; zero for these."""
        factors = [
            factor
            for part in self._table.companions
            for factor in self._nuisances.factors(self._experiment, part)
        ]
        size = self._table.size
        unit = np.eye(size)[size - len(factors) :]
        return _sum(
            [pt.zeros(size), *(f * pt.constant(u) for f, u in zip(factors, unit, strict=True))]
        )

    def _others(self, mean: TensorVariable) -> TensorVariable:
        """Add the backgrounds on other axes; run by run where a place on them is a run's own."""
        experiment, nuisances = self._experiment, self._nuisances
        for axes, parts in self._table.other_backgrounds.items():
            if experiment.per_run(axis.name for axis in axes):
                for run in range(len(experiment.runs)):
                    rates = pt.constant(self._table.background_coefficients(parts, run))
                    factors = [nuisances.factor(experiment, part, run) for part in parts]
                    mean = mean + self._fold(axes, rates, pt.stack(factors), run)
            else:
                rates = pt.constant(self._table.background_coefficients(parts))
                factors = [f for part in parts for f in nuisances.factors(experiment, part)]
                mean = mean + self._fold(axes, rates, pt.stack(factors))
        return mean

    def _fold(
        self,
        axes: Sequence[ShapeAxis],
        rates: TensorVariable,
        factors: TensorVariable,
        run: int = 0,
    ) -> TensorVariable:
        """Interpolate a table on its shape axes and add its components up."""
        places = [self._nuisances.value(self._experiment, axis.name, run) for axis in axes]
        return RateOp(axes)(rates, factors, pt.stack(places) if axes else pt.zeros(0))


def table_data(table: RateTable, mass_mev: float | None = None) -> dict[str, Array]:
    """Return the data of an experiment's expected counts: its rate table and its forms."""
    experiment = table.experiment
    data = {
        table_name(experiment): table.coefficients(mass_mev),
        form_name(experiment): table.form,
    }
    for number, (_, products, _) in enumerate(table.arriving):
        data[arriving_name(experiment, number)] = products
    return data


def _sum(terms: Iterable[TensorVariable]) -> TensorVariable:
    """Add vectors up; to join vectors would take seconds to compile."""
    return reduce(add, terms)
