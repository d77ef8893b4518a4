"""The quality gate: a fit that did not converge is not quoted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import real, whole
from bayes_cevns.summary.diagnostics import convergence


@dataclass(frozen=True)
class Gate:
    """What every parameter of a fit must fulfil.

    Attributes
    ----------
    rhat_max
        Largest rank-normalised split R-hat.
    ess_min
        Least bulk and tail effective sample size.
    divergences_max
        Number of divergent transitions.

    References
    ----------
    Vehtari et al., Bayesian Analysis 16 (2021) 667.
    """

    rhat_max: float = 1.01
    ess_min: float = 400.0
    divergences_max: int = 0

    def __post_init__(self) -> None:
        rhat, least = (real(getattr(self, name), what=name) for name in ("rhat_max", "ess_min"))
        most = whole(self.divergences_max, what="divergences_max")
        for name, value in {"rhat_max": rhat, "ess_min": least, "divergences_max": most}.items():
            object.__setattr__(self, name, value)
        if not (rhat > 1 and least > 0):
            raise ArgumentError(
                f"a gate needs rhat_max > 1 and ess_min > 0, got {rhat:g} and {least:g}"
            )

    @property
    def text(self) -> str:
        """What it asks for, as the end of a sentence that begins with "A fit passes if"."""
        most = self.divergences_max
        diverging = "no step diverges" if most == 0 else f"at most {most} steps diverge"
        return (
            f"R-hat of all parameters is at most {self.rhat_max:g}, their bulk and tail effective "
            f"sample sizes are at least {self.ess_min:g}, and {diverging}"
        )

    def check(self, draws: xr.Dataset, *, divergences: int) -> GateReport:
        """Judge a fit.

        Parameters
        ----------
        draws
            Draws of the parameters to judge, with dims chain and draw.
        divergences
            Number of divergent transitions after warm-up.
        """
        names: list[str] = []
        values: list[Array] = []
        for name, variable in draws.data_vars.items():
            last = [variable.dims.index(dim) for dim in ("chain", "draw")]
            of_one = np.moveaxis(variable.values, last, (-2, -1))
            values.append(of_one.reshape(-1, *of_one.shape[-2:]))
            names += [str(name)] * len(values[-1])
        rhat, bulk, tail, worst = 0.0, np.inf, np.inf, ""
        if names:
            found = convergence(np.concatenate(values))
            # Constant chains give NaN, which must neither pass nor be forgotten: NumPy's extrema
            # keep it, Python's do not.
            rhat = float(np.max(found.rhat))
            bulk, tail = float(np.min(found.ess_bulk)), float(np.min(found.ess_tail))
            worst = names[int(np.argmax(found.rhat))]
        reasons = []
        if not rhat <= self.rhat_max:
            reasons.append(f"R-hat {rhat:.3f} of {worst} above {self.rhat_max:g}")
        if not np.minimum(bulk, tail) >= self.ess_min:
            reasons.append(f"ESS {bulk:.0f} (bulk), {tail:.0f} (tail) below {self.ess_min:g}")
        if divergences > self.divergences_max:
            reasons.append(f"{divergences} divergences")
        return GateReport(rhat, bulk, tail, divergences, "; ".join(reasons))


@dataclass(frozen=True)
class GateReport:
    """The figures of a fit that the gate judges.

    Attributes
    ----------
    rhat, ess_bulk, ess_tail
        Worst values over the parameters.
    divergences
        Divergent transitions after warm-up.
    reason
        Why it failed; empty if it passed.
    """

    rhat: float
    ess_bulk: float
    ess_tail: float
    divergences: int
    reason: str

    @property
    def passed(self) -> bool:
        """Whether the fit passed."""
        return not self.reason
