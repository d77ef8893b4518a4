"""How the package's own kernels are compiled: to the same digits in every process."""

from __future__ import annotations

from functools import partial

from pytensor.link.numba.dispatch.basic import numba_njit

#: The decorator of kernels. With PyTensor's default, fast mathematics, the last digits of the
#: propagation through the Sun depend on what is in Numba's cache (`bayes_cevns.model.compiling`).
kernel = partial(numba_njit, fastmath=False)

#: Of contractions of rate tables: long sums, which are a third faster if they may be reordered, and
#: have the same digits with an empty cache and a full one.
sum_kernel = partial(numba_njit, fastmath={"arcp", "contract", "afn", "reassoc", "nsz"})
