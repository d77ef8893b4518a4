"""Names of the compiled functions of C, of what they call, and what they return."""

from __future__ import annotations

from typing import Final

LOG_DENSITY: Final = "log_density"

#: With states of solar neutrinos that couplings change.
LOG_DENSITY_WITH_STATES: Final = "log_density_with_states"

COPY: Final = "copy"

ALL: Final = (LOG_DENSITY, LOG_DENSITY_WITH_STATES, COPY)

#: What they may call. LLVM's own functions become some of these, or instructions.
C_LIBRARY: Final = (
    *("malloc", "free", "memcpy", "memmove", "memset"),
    *("exp", "expm1", "log", "log1p", "log10", "pow", "sqrt", "tanh", "fmod", "lgamma"),
)

# What they return.
DONE: Final = 0
NO_MEMORY: Final = 2
NOT_FINITE: Final = 3
