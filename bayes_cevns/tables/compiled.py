"""How the package's own kernels are compiled."""

from __future__ import annotations

from functools import partial

from numba import njit

#: The decorator of kernels that other kernels call; a call from Python would end the interpreter.
#: Without fast mathematics: what may be reordered would depend on how a kernel is inlined.
kernel = partial(njit, error_model="numpy", fastmath=False, no_cpython_wrapper=True)

#: Of small ones with many arguments, which take longer to be called than to run.
inlined_kernel = partial(kernel, forceinline=True)

#: Of kernels that Python may call.
open_kernel = partial(njit, error_model="numpy", fastmath=False)

#: Of contractions of rate tables: long sums, which are a third faster if they may be reordered.
sum_kernel = partial(
    njit,
    error_model="numpy",
    fastmath={"arcp", "contract", "afn", "reassoc", "nsz"},
    no_cpython_wrapper=True,
)
