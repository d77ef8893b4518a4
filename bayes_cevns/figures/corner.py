"""The figure of all parameters of a fit: their posteriors, by pairs and alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from bayes_cevns.arguments import named, names, of_kind
from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError
from bayes_cevns.figures.captions import (
    coupling_of,
    data_text,
    interaction_title,
    mass_text,
    titled,
)
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.corner import corner
from bayes_cevns.plots.style import PAGE, Rc, applied
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import COORDINATE, COUPLING, PRODUCT
from bayes_cevns.studies.sample import ModelRun

#: Parameters that a figure has room for.
_MOST = 8


def corner_figure(
    fit: ModelRun,
    parameters: Sequence[str] | None = None,
    *,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw the posterior of the parameters of a fit, alone and by pairs.

    Parameters
    ----------
    fit
        What `bayes_cevns.sample` returns.
    parameters
        Names of its posterior, with the run in brackets where each run has its own, such as
        ``"xenonnt_cevns.ac[sr0]"``; by default the first eight, the coupling before nuisances.
        Where the sign of the amplitude is observable, the coupling has its sign.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one for each parameter and pair, row after row, in place of a new figure.
    style
        A style of matplotlib or parameters of it, over those of this package.

    Raises
    ------
    ArgumentError, UnknownNameError
        If it is no such fit or failed its gate, or a name is not known.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> fit = bc.sample("conus_plus", interaction="b-l", mass_mev=10.0, seed=1)
    >>> figure = bc.corner_figure(fit, ["coupling", "conus_plus.normalisation"])
    """
    run = of_kind(fit, ModelRun, what="what bayes_cevns.sample returns")
    if not run.passed:
        raise ArgumentError(f"the fit failed its gate: {run.reason}; sample longer")
    found = _columns(run.draws())
    if parameters is None:
        wanted = [name for name in found if name not in (PRODUCT, COORDINATE)]
        wanted = sorted(wanted, key=lambda name: name != COUPLING)[:_MOST]
    else:
        asked = names(parameters, what="a list of names of parameters")
        wanted = [named(name, "parameter", found) for name in asked]
    spec = run.spec
    with applied(style):
        return corner(
            {_label(name, spec): found[name] for name in wanted},
            title=titled(f"{interaction_title(spec)}{mass_text(run.mass_mev)}", spec.experiments),
            subtitle=data_text(spec.experiments),
            width_in=width_in,
            ax=ax,
        )


def _label(name: str, spec: ModelSpec) -> str:
    """Return the symbol of the coupling, or a name without that of the only experiment."""
    if name == COUPLING:
        coupling = coupling_of(spec)
        unit = coupling.unit or "1"
        return f"${coupling.latex}$" if unit == "1" else f"${coupling.latex}$ [{unit}]"
    only = spec.experiments[0].name
    return name.removeprefix(f"{only}.") if len(spec.experiments) == 1 else name


def _columns(draws: xr.Dataset) -> dict[str, Array]:
    """Return the draws of each number, shape (n,)."""
    found: dict[str, Array] = {}
    for name, values in draws.data_vars.items():
        stacked = values.transpose("chain", "draw", ...).values
        flat = stacked.reshape(stacked.shape[0] * stacked.shape[1], -1)
        if flat.shape[1] == 1 and values.ndim == 2:
            columns = [str(name)]
        else:
            last = values.dims[-1]
            columns = [f"{name}[{run}]" for run in values.coords[last].values]
        for column, one in zip(columns, flat.T, strict=False):
            if np.ptp(one) > 0:
                found[column] = np.asarray(one, dtype=float)
    if COUPLING in found and np.any(found[PRODUCT] < 0):
        found[COUPLING] = found[COUPLING] * np.sign(found[PRODUCT])
    return found
