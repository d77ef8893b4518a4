"""How the package's own kernels are compiled: to the same digits in every process."""

from __future__ import annotations

import itertools
import os
from functools import partial

from numba import njit
from numba.core.bytecode import FunctionIdentity


# Numba tells functions of one name apart, such as closures, by counting what is compiled, in every
# process from one. If compiled code of two processes is kept on disk and loaded into a third one,
# two functions may have one symbol, and the linker takes the first of them without a word (Numba
# 0.68). Each process therefore counts from a number of its own.
def _count_from_a_number_of_its_own() -> None:
    FunctionIdentity._unique_ids = itertools.count(int.from_bytes(os.urandom(6)))


_count_from_a_number_of_its_own()
if hasattr(os, "register_at_fork"):  # a fork would go on with the count of its parent
    os.register_at_fork(after_in_child=_count_from_a_number_of_its_own)

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
