"""Types of arrays, defined once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]
type ComplexArray = NDArray[np.complex128]
