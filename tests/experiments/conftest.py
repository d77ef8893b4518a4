"""The small invented experiment whose numbers tests make impossible or implausible."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def invented(invent: Any) -> Callable[..., Path]:
    """Write the card of one bin above 0.3 keV, with 40 events and as much background."""
    return partial(
        invent.card,
        name="invented",
        observed=40.0,
        background=40.0,
        edges_kev=(0.3, 20.0),
        recoils_kev=np.geomspace(0.05, 6.0, 200),
    )
