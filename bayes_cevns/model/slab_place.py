"""The couplings of a slab (`slab`) for their places in the unit cube, as PyTensor has them."""

from __future__ import annotations

import pytensor.tensor as pt
from pytensor.tensor.variable import TensorVariable


def place(
    coordinates: TensorVariable, numbers: TensorVariable, ends: TensorVariable, count: int
) -> tuple[TensorVariable, TensorVariable]:
    """Return couplings for coordinates in the unit cube, and the log of the Jacobian.

    Parameters
    ----------
    coordinates
        Shape (k,), each in (0, 1).
    numbers, ends
        `Slab.numbers` and `Slab.ends`.
    count
        Number of couplings, k.

    Returns
    -------
    tuple of TensorVariable
        Couplings in the order of the numbers, shape (k,), and a scalar.
    """
    reached = pt.constant(0.0)
    log_width = pt.constant(0.0)
    couplings = []
    for i in range(count):
        slope = numbers[2, i]
        rest = sum((numbers[2, j] for j in range(i + 1, count)), start=pt.constant(0.0))
        low = pt.maximum(0.0, (ends[0] - reached - rest) / slope)
        high = pt.minimum(1.0, (ends[1] - reached) / slope)
        width = high - low
        share = low + coordinates[i] * width
        couplings.append(numbers[0, i] + numbers[1, i] * share)
        log_width = log_width + pt.log(width)
        reached = reached + slope * share
    return pt.stack(couplings), log_width
