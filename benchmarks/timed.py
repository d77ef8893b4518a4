"""CPU time of a model's log-density and gradient, as nutpie calls them.

It knows nothing of the package, so that an earlier commit is timed with the same code.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

import numpy as np
import nutpie
from loops import model_loop

#: Calls in one measurement.
CALLS = 1_000

_LOGP = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)


class Timed:
    """A compiled model.

    Parameters
    ----------
    model
        A ``pm.Model``.

    Attributes
    ----------
    compile_s
        Seconds that it took to compile.
    """

    def __init__(self, model: Any) -> None:
        start = time.perf_counter()
        self._compiled = nutpie.compile_pymc_model(model)
        self.compile_s = time.perf_counter() - start
        self._function = _LOGP(self._compiled.compiled_logp_func.address)
        size = self._compiled.n_dim
        self._buffers = np.full(size, 0.1), np.empty(size), np.empty(())

    def microseconds(self) -> float:
        """Return the CPU time of a call, from a loop over `CALLS` of them.

        Raises
        ------
        RuntimeError
            If the log-density was not computed.
        """
        buffers = (*self._buffers, self._compiled.user_data)
        addresses = tuple(buffer.ctypes.data for buffer in buffers)
        point = self._buffers[0]
        start = time.thread_time()
        ends = model_loop(CALLS, self._function, point.size, point, addresses)
        seconds = time.thread_time() - start
        if not np.isfinite(ends):
            raise RuntimeError("a benchmark did not evaluate")
        return 1e6 * seconds / CALLS
