"""The likelihood of `bare.py` written by hand in JAX, for samplers that need it there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from bare import AC, COORDINATE, ER, FLAT, FLUX, NEUTRON, PLAIN, SHAPED, TLY, TQY, Problem
from numpy.typing import NDArray

type Array = NDArray[np.float64]

jax.config.update("jax_enable_x64", True)  # single precision is JAX's default


def log_density_of(problem: Problem) -> Callable[[Any], Any]:
    """Return the log-density at a point in the sampler's coordinates, shape (DIMENSION,).

    Raises
    ------
    ValueError
        If the prior of the coupling is not flat in x >= 0.
    """
    if problem.kind != FLAT or problem.signed:
        raise ValueError("written for a flat prior of a coupling without an observable sign")
    p = Problem(*(jnp.asarray(v) if isinstance(v, np.ndarray) else v for v in problem))
    finite = np.isfinite(problem.upper)
    width = jnp.asarray(np.where(finite, problem.upper - problem.lower, 1.0))
    empty, bins = problem.observed == 0.0, problem.observed.size

    def splines(axis: int, at: Any) -> tuple[Any, Any]:
        piece = jnp.searchsorted(p.breaks[axis], at, side="right")
        powers = (at - p.ends[axis, piece]) ** jnp.arange(4)
        return p.pieces[axis, piece] @ powers, piece

    def log_density(point: Any) -> Any:
        log_sigmoid = jax.nn.log_sigmoid(point)
        sigmoid = jax.nn.sigmoid(point)
        natural = p.lower + jnp.where(finite, width * sigmoid, point - log_sigmoid)
        jacobian = jnp.where(finite, jnp.log(width) + 2.0 * log_sigmoid - point, log_sigmoid)
        prior = jnp.sum(jacobian - 0.5 * ((natural - p.mean) / p.sigma) ** 2)
        x = jnp.abs(p.centre + p.scale * natural[COORDINATE])
        v, i = splines(0, natural[TLY])
        w, j = splines(1, natural[TQY])
        block = jax.lax.dynamic_slice(p.table, (i, j, jnp.zeros_like(i)), (4, 4, SHAPED * bins))
        shaped = jnp.einsum("i,j,ijb->b", v, w, block).reshape(SHAPED, bins)
        flux = natural[FLUX]
        scales = jnp.stack([flux, flux * x, flux * x * x, natural[NEUTRON]])
        others = jnp.concatenate([natural[AC : AC + PLAIN - 1], natural[ER : ER + 1]])
        mean = scales @ shaped + others @ p.plain
        logs = jnp.log(jnp.where(empty, 1.0, mean))
        return p.constant + prior + jnp.sum(p.observed * logs - mean)

    return log_density


def evaluated(density: Callable[[Any], Any]) -> Callable[[Array], tuple[Array, Array]]:
    """Return the density and its gradient as a function of points, shape (n, DIMENSION)."""
    both = jax.jit(jax.vmap(jax.value_and_grad(density)))
    return lambda points: tuple(np.asarray(part) for part in both(points))  # type: ignore[return-value]
