"""How models are compiled: to the same numbers on a machine that has compiled them before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytensor


@contextmanager
def same_digits() -> Iterator[None]:
    """Compile without reordering sums, so that a model has the same digits in every process.

    By default PyTensor lets Numba reorder floating-point operations (``numba__fastmath``). What is
    inlined then depends on which functions are in Numba's cache, and a density with propagation
    through the Sun differs in its last digits between the first process that compiles it and all
    later ones (PyTensor 3.3.7, Numba 0.68). A chain that begins there soon differs altogether: by
    2% in the weights of two branches.
    """
    with pytensor.config.change_flags(numba__fastmath=False):
        yield
