"""CPU time of a model's log-density and gradient, as nutpie calls them.

It takes compiled models of this commit, and of earlier ones that had nutpie compile them.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

import numpy as np
from loops import model_loop

#: Calls in one measurement: as many as take about this long.
_SECONDS = 0.01

_LOGP = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)


class Timed:
    """A compiled model.

    Parameters
    ----------
    compiled
        A `CompiledModel`, or what ``nutpie.compile_pymc_model`` returns.
    """

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        if hasattr(compiled, "log_density_address"):
            address, size = compiled.log_density_address, compiled.size
        else:
            address, size = compiled.compiled_logp_func.address, compiled.n_dim
        self._function = _LOGP(address)
        self._buffers = np.full(size, 0.1), np.empty(size), np.empty(())
        self._loop(2)  # compiles the loop
        self._calls = max(10, int(_SECONDS / (1e-6 * self._microseconds(10))))

    def microseconds(self) -> float:
        """Return the CPU time of a call, from a loop over many of them.

        Raises
        ------
        RuntimeError
            If the log-density was not computed.
        """
        return self._microseconds(self._calls)

    def _microseconds(self, calls: int) -> float:
        start = time.thread_time()
        self._loop(calls)
        return 1e6 * (time.thread_time() - start) / calls

    def _loop(self, calls: int) -> None:
        buffers = (*self._buffers, self._compiled.user_data)
        addresses = tuple(buffer.ctypes.data for buffer in buffers)
        point = self._buffers[0]
        if not np.isfinite(model_loop(calls, self._function, point.size, point, addresses)):
            raise RuntimeError("a benchmark did not evaluate")
