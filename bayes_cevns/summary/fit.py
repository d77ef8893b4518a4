"""The result of sampling one model at one mass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Displayed):
    """The posterior of one model at one mass.

    Attributes
    ----------
    prior
        Prior of the coupling of an interaction; ``None`` for the Standard Model and for several
        couplings.
    posterior, sample_stats
        Draws and sampler statistics, dims (branch, chain, draw, ...).
    quality
        For each branch: weight (posterior probability), log_evidence with its error, gate
        figures and whether it passed.
    box
        Prior of several couplings.
    notes
        Plain values that belong to it, such as the ratios of its limits with other priors to its
        own.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> fit = bc.sample("xenonnt_2024_s2", interaction="b-l", mass_mev=10.0, seed=1)
    >>> fit.draws()["coupling_product"].dims
    ('chain', 'draw')
    """

    prior: CouplingPrior | None
    posterior: xr.Dataset
    sample_stats: xr.Dataset
    quality: xr.Dataset
    box: BoxPrior | None = field(default=None, kw_only=True)
    notes: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def _rows(self) -> dict[str, object]:
        prior = self.prior or self.box
        return {
            "draws": self.posterior,
            "variables": [str(name) for name in self.posterior.data_vars],
            "prior": "" if prior is None else prior.range_text,
            "gate": "passed" if self.passed else f"failed: {self.reason}",
        }

    @property
    def passed(self) -> bool:
        """Whether every branch passed its gate."""
        return bool(self.quality["passed"].all())

    @property
    def reason(self) -> str:
        """Why the fit failed; empty if it passed."""
        return "; ".join(str(r) for r in self.quality["reason"].values if r)

    def draws(self) -> xr.Dataset:
        """Return one posterior for arviz, dims (chain, draw, ...), with the coordinate ``branch``.

        Each chain of the result has draws of every branch in proportion to its weight. They are
        evenly thinned, and evenly spread over the chain, so that split R-hat sees no trend. Their
        order is not that of a Markov chain: judge convergence by `quality`, not by these draws.
        """
        size = self.posterior.sizes["draw"]
        share = np.floor(self.quality["weight"].values * size).astype(int)
        share[np.argmax(share)] += size - share.sum()
        branch = np.repeat(np.arange(share.size), share)
        draw = np.concatenate([np.linspace(0, size - 1, n).astype(int) for n in share])
        place = np.concatenate([(np.arange(n) + 0.5) / max(n, 1) for n in share])
        order = np.argsort(place, kind="stable")
        branch, draw = branch[order], draw[order]

        def mixed(variable: xr.Variable) -> xr.Variable:
            if "draw" not in variable.dims:
                return variable
            by_draw = variable.transpose("branch", "draw", ...)
            picked = xr.Variable(by_draw.dims[1:], by_draw.values[branch, draw], variable.attrs)
            return picked.transpose(*(dim for dim in variable.dims if dim != "branch"))

        own = self.posterior.drop_vars(["branch", "draw"], errors="ignore")
        coords = {name: own.variables[name] for name in own.coords}
        return xr.Dataset(
            {name: mixed(own.variables[name]) for name in own.data_vars},
            coords={**coords, "draw": np.arange(size), "branch": ("draw", branch)},
        )
