"""Where the posterior of some couplings falls apart: the branches that are sampled one by one.

A coupling turns the total weak charge of a nucleus round, so that the expected signal has a least
value between two that are alike. On the way across, from the Standard Model along the direction in
which the signal curves most, the log-likelihood is looked at on a fine grid: planes through its
local minima cut the box. Where the planes lie decides how well NUTS gets on, not what comes out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.couplings.slab import Slab
from bayes_cevns.couplings.valleys import deep_minima
from bayes_cevns.display import Displayed
from bayes_cevns.nsi.specification import NsiSpec
from bayes_cevns.nsi.table import NsiTable
from bayes_cevns.physics.oscillation import (
    NO_NSI,
    NsiCouplings,
    charge_traces,
    density_matrices,
    mean_cos_2theta,
    nucleon_charges,
)

type Array = NDArray[np.float64]

#: Points of the grid on which minima of the log-likelihood are looked for.
GRID = 801

#: A minimum is a border between branches if the log-likelihood is lower by this than on both
#: sides; over less NUTS walks as if it were not there.
DEPTH = 0.1

#: Step of second derivatives, in units of the box.
_STEP = 2e-3


@dataclass(frozen=True, eq=False, repr=False)
class NominalSignal(Displayed):
    """Expected signal of all experiments at nominal nuisances, as a function of the couplings.

    The readable twin of what the model computes, without gradient and without bins.

    Attributes
    ----------
    spec
        What the couplings act on.
    tables
        Its tables.
    """

    spec: NsiSpec
    tables: tuple[NsiTable, ...]

    @cached_property
    def _weights(self) -> tuple[Array, ...]:
        """Counts of unit charges for each experiment, shape (1 + nodes, 3)."""
        found = []
        for table in self.tables:
            values = table.signal.values.values.sum(axis=(-2, -1))
            for axis in table.signal.axes:
                nominal = table.experiment.card.nuisance[axis.name].nominal
                values = np.tensordot(values, axis.weights_at(nominal), axes=(1, 0))
            found.append(table.recoil_weights @ values)
        return tuple(found)

    def __call__(self, couplings: ArrayLike) -> float:
        """Return expected counts for values of the free couplings, shape (k,)."""
        spec = self.spec
        named = dict(zip(spec.parameters, np.asarray(couplings, float), strict=True))
        nsi = NsiCouplings.of(named)
        mean = mean_cos_2theta(
            spec.zone,
            self.tables[0].nodes.energy_mev,
            parameters=spec.mixing,
            couplings=nsi if spec.propagation else NO_NSI,
        )
        charges = nucleon_charges(nsi)
        constant, slope = (
            charge_traces(rho, *charges) for rho in density_matrices(spec.mixing, spec.detection)
        )
        return float(sum(w[0] @ constant + mean @ (w[1:] @ slope) for w in self._weights))


def find_branches(
    signal: NominalSignal, log_likelihood: Callable[[Array], Array]
) -> tuple[Slab, ...]:
    """Return the branches of a posterior, one if it does not fall apart.

    Parameters
    ----------
    signal
        Expected signal.
    log_likelihood
        Log-likelihood at nominal nuisances of couplings, from shape (n, k) to (n,).

    Returns
    -------
    tuple of Slab
        They fill the box without overlap, in increasing order along their common normal.
    """
    box = signal.spec.box
    span = box.upper - box.lower
    middle = np.clip(np.zeros(span.size), box.lower + 0.01 * span, box.upper - 0.01 * span)
    direction = steepest(signal, middle, span)
    step = direction * span
    with np.errstate(divide="ignore"):
        to_walls = np.stack([(box.lower - middle) / step, (box.upper - middle) / step])
    # From wall to wall through the Standard Model, the walls left out.
    line = np.linspace(to_walls.min(axis=0).max(), to_walls.max(axis=0).min(), GRID + 2)[1:-1]
    points = middle + line[:, None] * step
    borders = deep_minima(log_likelihood(points), DEPTH)
    normal = direction / span
    return box.cut(normal, points[borders] @ normal)


def steepest(signal: Callable[[Array], float], point: Array, span: Array) -> Array:
    """Return the direction in which a signal curves up most, in units of a span.

    Parameters
    ----------
    signal
        Function of couplings, shape (k,).
    point
        Where the second derivatives are taken.
    span
        The unit of each coupling.

    Returns
    -------
    ndarray
        Eigenvector of the largest eigenvalue, of unit length; its largest component is positive.
    """
    steps = _STEP * np.diag(span)
    signs = [(s, t) for s in (1, -1) for t in (1, -1)]
    hessian = np.empty((span.size, span.size))
    for i, one in enumerate(steps):
        for j, two in enumerate(steps[: i + 1]):
            corners = [s * t * signal(point + s * one + t * two) for s, t in signs]
            hessian[i, j] = hessian[j, i] = sum(corners) / (4.0 * _STEP**2)
    direction = np.asarray(np.linalg.eigh(hessian)[1][:, -1])
    return np.asarray(direction * np.sign(direction[np.argmax(np.abs(direction))]))
