"""How the package's own kernels are compiled: as PyTensor's, but without reordering sums."""

from __future__ import annotations

from functools import partial

from pytensor.link.numba.dispatch.basic import numba_njit

#: The decorator of kernels. With PyTensor's default, fast mathematics, the last digit of a result
#: depends on what is in Numba's cache (`bayes_cevns.model.compiling`).
kernel = partial(numba_njit, fastmath=False)
