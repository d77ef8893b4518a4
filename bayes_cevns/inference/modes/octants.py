"""The octants of theta_12 in which the branches of a posterior are looked for.

Reactors measure sin^2 2 theta_12, so that theta_12 and 90 degrees - theta_12 are equally likely
before the data: each octant has the same prior, and its branches are weighed by their evidences. A
model is compiled once, for both; the octant is data. Above 45 degrees (the LMA-D) the variable
sin2_theta12 of the sampler is cos^2 theta_12, which is turned back in the draws. With the octant of
the data at zero, the model is that of the turned draws.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.specification.variables import MATTER, OCTANT

#: What a branch is called, by the octant of theta_12.
LIGHT, DARK = "LMA", "LMA-D"


def octants_of(model: CouplingModel, data: Mapping[str, Array]) -> tuple[str, ...]:
    """Return the octants to look at; an empty word where the model has no states of theta_12."""
    if MATTER not in data:
        return ("",)
    return {"lma": (LIGHT,), "lma-d": (DARK,), "both": (LIGHT, DARK)}[model.octant]


def is_dark(model: CouplingModel, number: int) -> NDArray[np.bool_]:
    """Return which of some draws of the prior have theta_12 above 45 degrees: every other of both.

    Shape (number,).
    """
    every = {"lma": 0, "lma-d": 1, "both": 2}[model.octant]
    return np.arange(number) % every == 0 if every else np.zeros(number, dtype=bool)


def octant_data(octant: str, data: Mapping[str, Array]) -> dict[str, Array]:
    """Return the data that put theta_12 in an octant, if a model has the choice."""
    return {OCTANT: np.array(float(octant == DARK))} if OCTANT in data else {}
