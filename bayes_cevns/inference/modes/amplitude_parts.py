"""The parts of a posterior of one amplitude that are sampled separately."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.density.data import prior_data
from bayes_cevns.inference.modes.branch import Part
from bayes_cevns.inference.modes.coupling_branches import coupling_branches

if TYPE_CHECKING:
    from bayes_cevns.density.compiled import CompiledModel
    from bayes_cevns.inference.sampler import Sampler


def amplitude_parts(
    sampler: Sampler[CompiledModel], data: Mapping[str, Array], prior: CouplingPrior
) -> tuple[Part, ...]:
    """Return the parts of a posterior of one amplitude that are sampled separately."""
    every = {**data, **prior_data(prior)}
    branches = coupling_branches(sampler.density(every), prior, sampler.starts)
    return tuple(
        Part(
            prior_data(prior, (branch.low, branch.high), length=branch.length),
            branch.start[None],
            float(np.log(branch.high - branch.low)),
            {"low": branch.low, "high": branch.high},
            chart=branch.chart,
        )
        for branch in branches
    )
