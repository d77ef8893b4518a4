"""Products of hermitian matrices in flavour space, stored as nine real numbers each.

For their layout see `bayes_cevns.physics.oscillation.hermitian`.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.physics.oscillation.hermitian import SIZE, to_matrix, to_vector

#: The number of nu_e, nu_mu and nu_tau as matrices, shape (3, 9).
FLAVOUR_NUMBERS: Final = np.eye(3, SIZE)
FLAVOUR_NUMBERS.flags.writeable = False

#: The same for all flavours together: the unit matrix.
UNIT: Final = FLAVOUR_NUMBERS.sum(axis=0)
UNIT.flags.writeable = False


@cache
def symmetric_products() -> Array:
    """Return the tensor J of (A B + B A)/2 = sum_ij a_i b_j J_ij, shape (9, 9, 9).

    In the entries of all three; symmetric in i and j.
    """
    unit = to_matrix(np.eye(SIZE))
    products = np.einsum("iab,jbc->ijac", unit, unit)
    return to_vector(0.5 * (products + products.swapaxes(0, 1)))
