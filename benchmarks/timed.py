"""CPU time of a model's log-density and gradient, as nutpie calls them.

It knows nothing of the package, so that an earlier commit is timed with the same code.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any, Self

import numpy as np
from loops import model_loop

#: Calls in one measurement.
CALLS = 1_000

_LOGP = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)


class Timed:
    """A compiled model.

    Parameters
    ----------
    size
        Number of parameters.
    address, data
        Addresses of the compiled log-density and of what it gets as its data.
    kept
        What must live as long as this.
    """

    def __init__(self, size: int, address: int, data: int, *kept: Any) -> None:
        self._function, self._data, self._kept = _LOGP(address), data, kept
        self._buffers = np.full(size, 0.1), np.empty(size), np.empty(())

    @classmethod
    def of_graph(cls, model: Any) -> Self:
        """Compile a ``pm.Model`` from its graph with nutpie."""
        import nutpie

        found = nutpie.compile_pymc_model(model)
        address, data = found.compiled_logp_func.address, found.user_data.ctypes.data
        return cls(found.n_dim, address, data, found)

    def microseconds(self) -> float:
        """Return the CPU time of a call, from a loop over `CALLS` of them.

        Raises
        ------
        RuntimeError
            If the log-density was not computed.
        """
        addresses = (*(buffer.ctypes.data for buffer in self._buffers), self._data)
        point = self._buffers[0]
        start = time.thread_time()
        ends = model_loop(CALLS, self._function, point.size, point, addresses)
        seconds = time.thread_time() - start
        if not np.isfinite(ends):
            raise RuntimeError("a benchmark did not evaluate")
        return 1e6 * seconds / CALLS
