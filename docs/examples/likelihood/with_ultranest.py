"""Integrate a likelihood of bayes_cevns with UltraNest: its draws and its evidence."""

import numpy as np
import ultranest

from bayes_cevns import JointLikelihood


def draws(like: JointLikelihood, *, live_points: int) -> tuple[np.ndarray, float]:
    """Return draws of the posterior, shape (n, parameters), and the logarithm of the evidence."""
    sampler = ultranest.ReactiveNestedSampler(
        list(like.names), like, like.from_unit_cube, vectorized=True
    )
    found = sampler.run(min_num_live_points=live_points, show_status=False, viz_callback=False)
    return found["samples"], found["logz"]
