"""Sampling a ``pm.Model`` that was extended by hand."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import xarray as xr

from bayes_cevns.arguments import of_kind
from bayes_cevns.errors import ConvergenceError, GraphWarning
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.storage.record import versions

if TYPE_CHECKING:
    import pymc as pm


def sample_model(
    model: pm.Model, *, seed: int = 1, settings: SamplerSettings | None = None
) -> xr.DataTree:
    """Sample a ``pm.Model``, such as one of `build_model` to which something was added.

    Parameters
    ----------
    model
        The model.
    seed
        Seed of the random numbers.
    settings
        How to sample, with the gate.

    Returns
    -------
    DataTree
        Groups ``posterior`` and ``sample_stats``, dims (chain, draw, ...), as ArviZ takes them.

    Raises
    ------
    ArgumentError
        If it is no ``pm.Model``.
    ConvergenceError
        If the draws do not pass the gate.

    Warns
    -----
    GraphWarning
        The models of this package are arrays that one function evaluates, compiled once on a
        machine; what was added to a model is in its graph alone, which takes seconds to compile in
        every process.

    Notes
    -----
    It is one run of NUTS. The modes of a posterior of couplings are not looked for, as
    `bayes_cevns.sample` does.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> import pymc as pm
    >>> import warnings
    >>> model = bc.build_model("xenonnt_2024_s2", interaction="b-l", mass_mev=10.0)
    >>> with model:
    ...     other = pm.Normal("other", mu=model["flux_8b"], sigma=0.04, observed=0.96)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # it is compiled from its graph
    ...     tree = bc.sample_model(model, seed=1)
    >>> tree["posterior"].sizes["chain"]
    4
    """
    import pymc as pm

    from bayes_cevns.inference.graph_target import GraphTarget
    from bayes_cevns.inference.sampler import Sampler

    of_kind(model, pm.Model, what="a pm.Model, such as bayes_cevns.build_model returns")
    seed, settings = check_seed(seed), SamplerSettings.of(settings)
    warnings.warn(
        "the model is compiled from its graph, which takes seconds: what was added to it is not "
        "in the arrays of this package; modes of its posterior are not looked for",
        GraphWarning,
        stacklevel=2,
    )
    branch = Sampler(GraphTarget(model)).begin({}, settings, seed=seed).result()
    if not branch.report.passed:
        raise ConvergenceError(f"the draws do not pass their gate: {branch.report.reason}")
    tree = xr.DataTree.from_dict({"posterior": branch.draws, "sample_stats": branch.stats})
    tree.attrs = {"seed": seed, "compiled_from": "graph", **versions()}
    return tree
