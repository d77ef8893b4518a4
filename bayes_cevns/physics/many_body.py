"""Atoms as many-body systems: the rate of neutrinos on their electrons over the step function's.

Electrons of xenon are neither free nor at rest above their binding energies. Many-body theory
(relativistic random-phase approximation, RRPA) finds 10 to 30% fewer events of solar neutrinos.
"""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics.atoms import orbitals
from bayes_cevns.physics.checks import numbers
from bayes_cevns.storage.resources import data_file

#: Elements with a table.
MANY_BODY_ELEMENTS = ("Xe",)

#: Words of `Theory.atoms` that have it, and its citation.
MANY_BODY = ("standard", "rrpa")
MANY_BODY_CITE = ("Chen:2016eab",)

_EV_PER_KEV = 1e3


def many_body_ratio(recoil_energy_kev: ArrayLike, element: str) -> Array:
    """Return the rate of many-body theory over that of the step function.

    Parameters
    ----------
    recoil_energy_kev
        Energy T given to the electron, in keV, any shape.
    element
        One of `MANY_BODY_ELEMENTS`; of all others nothing is known, and the ratio is one.

    Returns
    -------
    ndarray
        Shape of `recoil_energy_kev`.

    Notes
    -----
    It was calculated for pp and 7Be neutrinos in the Standard Model, from 0.25 to 27 keV, and is
    taken for other neutrinos as well, whose spectra are as flat at these energies. Beyond the table
    it is a choice. Below, the first value is kept. Above, the last one is kept up to the K edge
    (34.6 keV), where the same shells take part; from there on its distance from one falls as 1/T,
    since electrons are free where their binding does not count.

    References
    ----------
    Chen, Chi, Liu and Wu, Phys. Lett. B 774 (2017) 656, arXiv:1610.04177; see
    ``data/many_body/REFERENCE``.
    """
    energy = numbers(recoil_energy_kev, what="an electron recoil energy")
    if element not in MANY_BODY_ELEMENTS:
        return np.ones_like(energy)
    nodes, ratio = _table()
    edge = orbitals(element)[0].binding_ev["experiment"] / _EV_PER_KEV
    within = np.interp(np.log(np.maximum(energy, nodes[0])), np.log(nodes), ratio)
    return np.asarray(1.0 - (1.0 - within) * np.minimum(1.0, edge / np.maximum(energy, edge)))


@cache
def _table() -> tuple[Array, Array]:
    """Return energies in keV and the ratio of xenon."""
    with data_file("many_body/xenon.csv").open() as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    energy, ratio = ([float(row[name]) for row in rows] for name in ("energy_kev", "ratio"))
    return np.array(energy), np.array(ratio)
