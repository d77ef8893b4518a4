"""The expected counts of one experiment as an expression of couplings and nuisances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import add

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.model import Way
from bayes_cevns.couplings.ops import QuadraticOp, TraceOp
from bayes_cevns.density.parts import Counts, Fold, Place
from bayes_cevns.model.nuisances import Nuisances
from bayes_cevns.specification.variables import arriving_name, form_name, table_name
from bayes_cevns.tables.rate_op import RateOp


class ExpectedCounts:
    """The expected counts of one experiment.

    Parameters
    ----------
    counts
        Their parts.
    data
        Values of the ``pm.Data``, among them those of the rate table.
    nuisances
        The nuisances of the joint model.
    """

    def __init__(self, counts: Counts, data: Mapping[str, Array], nuisances: Nuisances) -> None:
        self._parts, self._nuisances, self._data = counts, nuisances, data
        self._experiment = counts.table.experiment
        name = table_name(self._experiment)
        self._rates = pm.Data(name, data[name])

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
        first, *others = self._parts.folds
        size = self._parts.signals
        signals = self._by_couplings(couplings, states) * self._scaled(first.factors[:size], 0)
        backgrounds = self._scaled(first.factors[size:], size)
        mean = self._fold(first, self._rates, signals + backgrounds)
        for fold in others:
            factors = pt.stack([self._nuisances.factor(places) for places in fold.factors])
            mean = mean + self._fold(fold, pt.constant(fold.rates), factors)
        return self._fold(first, self._rates, signals), mean

    def _by_couplings(
        self, couplings: TensorVariable, states: Mapping[Way, TensorVariable]
    ) -> TensorVariable:
        """Return what couplings and states multiply the components by; zero for backgrounds."""
        form = pm.Data(form_name(self._experiment), self._data[form_name(self._experiment)])
        found = QuadraticOp()(form, couplings)
        for number, (way, _, mixing) in enumerate(self._parts.table.arriving):
            name = arriving_name(self._experiment, number)
            products = QuadraticOp()(pm.Data(name, self._data[name]), couplings)
            pairs = products.reshape((mixing.shape[1], -1))
            found = found + TraceOp()(states[way], pairs, pt.constant(mixing))
        return found

    def _scaled(self, factors: Sequence[tuple[Place, ...]], first: int) -> TensorVariable:
        """Return the nuisances that scale some components of the first fold, zero for the others.

        Components with the same nuisances are taken together; to join vectors would take seconds to
        compile.
        """
        size = len(self._parts.folds[0].factors)
        masks: dict[tuple[Place, ...], Array] = {}
        for number, places in enumerate(factors):
            masks.setdefault(places, np.zeros(size))[first + number] = 1.0
        terms = [self._nuisances.factor(places) * pt.constant(m) for places, m in masks.items()]
        return _sum([pt.zeros(size), *terms])

    def _fold(self, fold: Fold, rates: TensorVariable, factors: TensorVariable) -> TensorVariable:
        """Interpolate a table on its shape axes and add its components up."""
        places = [self._nuisances.at(place) for place in fold.places]
        return RateOp(fold.axes)(rates, factors, pt.stack(places) if places else pt.zeros(0))


def _sum(terms: Iterable[TensorVariable]) -> TensorVariable:
    """Add vectors up."""
    return reduce(add, terms)
