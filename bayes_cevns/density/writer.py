"""From the parts of a joint model to its two arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.cards.likelihoods import CorrelatedErrors
from bayes_cevns.cards.mixing import DELTA_M21, DELTA_M21_UNIT_EV2, SIN2_THETA12
from bayes_cevns.cards.priors import Prior
from bayes_cevns.couplings.box_part import MOST_PLANES
from bayes_cevns.couplings.propagation_tables import mixing_of, tables
from bayes_cevns.couplings.state_sizes import KEPT_OF_MATTER, PARTS_OF_THREE, parts, state_size
from bayes_cevns.density import kinds, layout
from bayes_cevns.density.forms import write_form
from bayes_cevns.density.model_arrays import ModelArrays, Slot, constant_of
from bayes_cevns.density.parts import (
    Amplitude,
    ByValue,
    Counts,
    Fold,
    InPart,
    Joint,
    NoCoupling,
    Place,
    SolarWay,
)
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
    observed_name,
    table_name,
)

type Indices = NDArray[np.int64]

#: Work space for each pair of charges: products, their traces with parts, and cotangents.
_ROOM_OF_PAIR = 9 + 2 * PARTS_OF_THREE

#: Blocks of numbers begin at multiples of a cache line.
_LINE = 8


def arrays_of(joint: Joint, *, natural: bool = False) -> ModelArrays:
    """Return the arrays of a model.

    Parameters
    ----------
    joint
        The parts of the model.
    natural
        Without priors, and with the parameters themselves as coordinates: the likelihood.
    """
    return _Writer(joint, natural=natural).write()


class _Writer:
    def __init__(self, joint: Joint, *, natural: bool) -> None:
        self.joint, self.natural = joint, natural
        self.ints: list[int] = [0] * layout.HEAD
        self.blocks: list[Array] = []
        self.used = 0
        self.slots: dict[str, Slot] = {}
        couplings = joint.couplings
        self.first = 0 if isinstance(couplings, NoCoupling) else couplings.size
        self.starts: dict[str, int] = {}
        at = self.first
        for variable in joint.variables:
            self.starts[variable.name] = at
            at += variable.size
        self.size = at

    def write(self) -> ModelArrays:
        head, joint = self.ints, self.joint
        head[layout.SIZE], head[layout.COUPLINGS] = self.size, self.first
        head[layout.CHART_AT] = -1
        self._couplings()
        self._parameters()
        self._ways()
        experiments = [self._experiment(counts) for counts in joint.counts]
        head[layout.EXPERIMENTS] = len(experiments)
        head[layout.EXPERIMENTS_AT] = self._place([n for record in experiments for n in record])
        head[layout.NODES] = max(_work(counts)[0] for counts in joint.counts)
        head[layout.BINS_OF_ALL] = sum(_bins(counts) for counts in joint.counts)
        head[layout.WORK] = self._work()
        ints = np.array(self.ints, dtype=np.int64)
        floats = np.concatenate([*self.blocks, np.zeros(_LINE)])
        for name, slot in self.slots.items():
            if slot.form_at:
                write_form(ints, floats, slot.form_at, joint.data[name], self.first)
        unused = frozenset(table_name(counts.table.experiment) for counts in joint.counts)
        return ModelArrays(ints, floats, self.slots, unused)

    # Integers and numbers.

    def _place(self, record: Sequence[int]) -> int:
        """Append integers; return where they begin."""
        at = len(self.ints)
        self.ints += [int(n) for n in record]
        return at

    def _put(self, values: Any) -> int:
        """Append numbers at the beginning of a cache line; return where they begin."""
        at = -(-self.used // _LINE) * _LINE
        block = np.asarray(values, dtype=float).ravel()
        self.blocks += [np.zeros(at - self.used), block]
        self.used = at + block.size
        return at

    def _data(self, name: str) -> int:
        """Append the value of some data; return where it begins."""
        value = np.asarray(self.joint.data[name], dtype=float)
        at = self._put(value)
        self.slots[name] = Slot(at, value.shape)
        return at

    def _form(self, name: str) -> int:
        """Append a quadratic form, with room for all coefficients; return where it begins."""
        rows, columns = self.joint.data[name].shape
        values_at = self._put(np.zeros(rows * columns))
        columns_at = self._place([0] * (rows * columns))
        at = self._place([values_at, columns_at, 0, *[0] * (3 * rows)])
        self._data(name)
        self.slots[name] = replace(self.slots[name], form_at=at)
        return at

    def _joined(self, names: Sequence[str]) -> int:
        """Append the values of several data without space between them."""
        values = [np.asarray(self.joint.data[name], dtype=float) for name in names]
        first = at = self._put(np.concatenate([value.ravel() for value in values]))
        for name, value in zip(names, values, strict=True):
            self.slots[name] = Slot(at, value.shape)
            at += value.size
        return first

    def _at(self, place: Place) -> int:
        """Return the number of a parameter."""
        return self.starts[place.name] + place.run

    # The parts.

    def _couplings(self) -> None:
        head, couplings = self.ints, self.joint.couplings
        if isinstance(couplings, Amplitude):
            head[layout.COUPLING_KIND] = kinds.AMPLITUDE
            head[layout.COUPLING_NUMBERS_AT] = self._data(COUPLING_MAP)
            head[layout.PRIOR_MAP] = kinds.MAP_KINDS[couplings.prior.kind]
            head[layout.SIGNED] = int(couplings.prior.signed)
            head[layout.POWER_AT] = self._put([couplings.prior.coupling.power])
        elif isinstance(couplings, InPart):
            head[layout.COUPLING_KIND] = kinds.IN_PART
            head[layout.PLANES] = MOST_PLANES
            names = (BOX_NUMBERS, BOX_ENDS, BOX_PLANES, BOX_STANDARD)
            head[layout.COUPLING_NUMBERS_AT] = self._joined(names)
        elif isinstance(couplings, ByValue):
            head[layout.COUPLING_KIND] = kinds.BY_VALUE
            head[layout.COUPLING_NUMBERS_AT] = self._put(couplings.box.standard)
        else:
            head[layout.COUPLING_KIND] = kinds.NO_COUPLING

    def _parameters(self) -> None:
        records = []
        couplings = self.joint.couplings
        if isinstance(couplings, Amplitude):
            at = self.ints[layout.COUPLING_NUMBERS_AT]
            records.append(self._record(kinds.STRETCHED, at, kinds.RANGE, at))
        elif isinstance(couplings, InPart | ByValue):
            bounds = [(0.0, 1.0)] * couplings.size
            if isinstance(couplings, ByValue):
                bounds = list(couplings.box.bounds.values())
            records += [self._of_prior(Prior.uniform(low, high)) for low, high in bounds]
        for variable in self.joint.variables:
            records += [self._of_prior(prior) for prior in variable.priors]
        flat = [n for record in records for n in record]
        self.ints[layout.PARAMETERS_AT] = self._place(flat)

    def _record(self, transform: int, at: int, prior: int, prior_at: int) -> list[int]:
        if self.natural:
            return [kinds.AS_IT_IS, at, kinds.NOTHING, prior_at]
        return [transform, at, prior, prior_at]

    def _of_prior(self, prior: Prior) -> list[int]:
        low, high = prior.support
        numbers = [*prior.density.numbers, 0.0, 0.0, 0.0][:3]
        return self._record(
            transform_of(prior),
            self._put([low, high]),
            kinds.DENSITIES[type(prior.density)],
            self._put([*numbers, prior.log_norm]),
        )

    def _ways(self) -> None:
        head, ways = self.ints, self.joint.ways
        if not ways:
            return
        head[layout.WAYS] = len(ways)
        head[layout.MATTER_AT] = self._data(MATTER)
        octant = self._data(OCTANT) if OCTANT in self.joint.data else -1
        records = [self._way(way, octant) for way in ways]
        head[layout.WAYS_AT] = self._place([n for record in records for n in record])
        head[layout.STATES] = sum((way.energy_mev.size + 9) * _parts(way) for way in ways)
        head[layout.KEPT] = KEPT_OF_MATTER + sum(_kept(way) for way in ways)

    def _way(self, way: SolarWay, octant: int) -> list[int]:
        mixing = {name: self._at(place) for name, place in way.mixing.items()}
        places = []
        for array in tables(way.propagation, way.energy_mev):
            shape = (*array.shape, 1, 1, 1)[:4]
            places += [self._put(array), *shape]
        return [
            kinds.TWO if way.propagation.flavours == "two" else kinds.THREE,
            way.energy_mev.size,
            mixing.get(SIN2_THETA12, -1),
            mixing.get(DELTA_M21, -1),
            self._put([*mixing_of(way.propagation), DELTA_M21_UNIT_EV2]),
            octant if mixing else -1,
            self._place(places),
            _parts(way),
            _kept(way),
        ]

    def _experiment(self, counts: Counts) -> list[int]:
        table, experiment = counts.table, counts.table.experiment
        kind = kinds.LIKELIHOODS[type(experiment.likelihood)]
        folds = [self._fold(fold, counts) for fold in counts.folds]
        observed = table.merge(experiment.observed.values.ravel().astype(float))
        observed_at = self._put(observed)
        constant_at = self._put([constant_of(counts, observed)])
        slot = Slot(observed_at, counts.shape, counts, constant_at)
        self.slots[observed_name(experiment)] = slot
        likelihood = experiment.likelihood
        numbers = (
            (likelihood.whitening,)
            if isinstance(likelihood, CorrelatedErrors)
            else likelihood.numbers
        )
        form_at = self._form(form_name(experiment))
        parts = []
        for number, (way, _, mixing) in enumerate(table.arriving):
            ways = [each.way for each in self.joint.ways]
            name = arriving_name(experiment, number)
            parts += [
                ways.index(way),
                self._form(name),
                mixing.shape[1],
                self._put(mixing),
            ]
        return [
            len(folds),
            self._place([n for fold in folds for n in fold]),
            observed.size,
            kind,
            observed_at,
            self._put(np.concatenate([np.ravel(n) for n in (*numbers, np.zeros(1))])),
            constant_at,
            form_at,
            len(table.arriving),
            self._place(parts),
            counts.signals,
            len(counts.folds[0].factors),
        ]

    def _fold(self, fold: Fold, counts: Counts) -> list[int]:
        packed, name = fold.packed, fold_name(counts.table.experiment)
        at = self._data(name) if fold.rates is None else self._put(packed.real)
        flat = [[self._at(place) for place in factor] for factor in fold.factors]
        ends = np.cumsum([0, *map(len, flat)])
        begin = len(self.ints) + len(ends)
        factors_at = self._place([*(begin + ends), *(n for each in flat for n in each)])
        return [
            len(fold.axes),
            len(fold.factors),
            self._place(packed.whole.tolist()),
            packed.whole.size,
            at,
            packed.real.size,
            packed.nodes,
            packed.work,
            self._place([self._at(place) for place in fold.places]),
            factors_at,
        ]

    def _work(self) -> int:
        """Return how many numbers of work space `walk.log_density` divides up."""
        head = self.ints
        of_counts = [
            2 * _bins(counts)
            + 2 * len(counts.folds[0].factors)
            + 2 * sum(len(fold.factors) for fold in counts.folds)
            + _work(counts)[1]
            + max(
                (mixing.shape[1] * _ROOM_OF_PAIR for _, _, mixing in counts.table.arriving),
                default=0,
            )
            for counts in self.joint.counts
        ]
        shared = 5 * self.size + 2 * self.first + 2 * head[layout.STATES] + head[layout.KEPT]
        return shared + max(*of_counts, layout.ROOM_OF_COUPLING * self.first)


def transform_of(prior: Prior) -> int:
    """Return how the sampler's coordinate of a nuisance is mapped to it.

    A scale that may vanish has the softplus instead of the exponential function: half the steps.
    """
    low, high = prior.support
    if (low, high) == (0.0, math.inf):
        return kinds.POSITIVE
    if math.isfinite(low) and math.isfinite(high):
        return kinds.BETWEEN
    if math.isfinite(low):
        return kinds.ABOVE
    return kinds.BELOW if math.isfinite(high) else kinds.AS_IT_IS


def _bins(counts: Counts) -> int:
    return math.prod(counts.shape)


def _work(counts: Counts) -> tuple[int, int]:
    """Return how many integers and numbers the folds of an experiment need for themselves."""
    packed = [fold.packed for fold in counts.folds]
    axes = sum(len(fold.axes) for fold in counts.folds)
    return sum(each.nodes for each in packed), sum(each.work for each in packed) + axes


def _parts(way: SolarWay) -> int:
    return parts(way.propagation.flavours)


def _kept(way: SolarWay) -> int:
    return state_size(way.propagation.flavours, way.energy_mev.size)
